//! Nearest places by the true distance. Positions are indexed as earth-centred points in metres; the straight line
//! between two of them (the chord) is never longer than the geodesic, so walking by chord and holding each place back
//! until no chord still to come can be shorter than its geodesic gives the exact order.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::sync::Arc;

use rstar::primitives::GeomWithData;
use rstar::{AABB, ParentNode, RTree};

use super::number_set::NumberSet;
use crate::domain::geo::Position;

/// Up to this chord the geodesic is computed from the chord, beyond it by Karney's algorithm.
const SHORT_CHORD_METRES: f64 = 50_000.0;

type Entry = GeomWithData<[f64; 3], u32>;

/// The entries of one index outwards, with the squares of their chords.
type Walk<'a> = Box<dyn Iterator<Item = (&'a Entry, f64)> + 'a>;

/// The places of one city by position: a tree that many shards share, and one of what came since.
#[derive(Debug)]
pub struct SpatialIndex {
    base: Arc<RTree<Entry>>,
    recent: RTree<Entry>,
    /// Numbers of the base that are gone.
    gone: Arc<NumberSet>,
}

impl SpatialIndex {
    /// Indexes positions; the number of each is its place in the order given. O(n log n).
    pub fn build(positions: impl Iterator<Item = Position>) -> Self {
        Self { base: Arc::new(tree((0..).zip(positions))), recent: RTree::new(), gone: Arc::default() }
    }

    /// The same base without what is gone, and with what came since. O(recent).
    #[must_use]
    pub fn next(&self, recent: impl Iterator<Item = (u32, Position)>, gone: Arc<NumberSet>) -> Self {
        Self { base: Arc::clone(&self.base), recent: tree(recent), gone }
    }

    /// Numbers of the positions whose chord to `centre` (earth-centred, metres) is at most `metres`.
    pub fn within_chord(&self, centre: [f64; 3], metres: f64) -> impl Iterator<Item = u32> {
        let base = self.base.locate_within_distance(centre, metres * metres).filter(|entry| !self.gone.contains(entry.data));
        base.chain(self.recent.locate_within_distance(centre, metres * metres)).map(|entry| entry.data)
    }

    /// Its trees, each with the numbers in it that are gone.
    fn trees(&self) -> [(&RTree<Entry>, Option<&NumberSet>); 2] {
        [(&self.base, (!self.gone.is_empty()).then_some(&*self.gone)), (&self.recent, None)]
    }
}

fn tree(positions: impl Iterator<Item = (u32, Position)>) -> RTree<Entry> {
    RTree::bulk_load(positions.map(|(number, position)| Entry::new(position.earth_centred(), number)).collect())
}

/// Square of the shortest chord anything in the tree can have to `centre`.
fn nearest_possible(tree: &RTree<Entry>, centre: &[f64; 3]) -> f64 {
    let envelope: AABB<[f64; 3]> = ParentNode::envelope(tree.root());
    envelope.distance_2(centre)
}

/// A place on the way outwards.
#[derive(Clone, Copy, Debug)]
pub struct Nearby {
    /// Which of the indexes it is in.
    pub shard: usize,
    /// Its number there.
    pub number: u32,
    /// Length of the chord in metres.
    pub chord: f64,
}

/// All places of several indexes by ascending chord, opened only when their turn comes.
pub struct ByChord<'a> {
    centre: [f64; 3],
    unopened: Vec<Unopened<'a>>,
    open: Vec<(usize, Walk<'a>)>,
    heads: BinaryHeap<Head>,
}

/// A tree whose turn has not come.
struct Unopened<'a> {
    /// Square of the shortest chord anything in it can have.
    possible: f64,
    shard: usize,
    tree: &'a RTree<Entry>,
    gone: Option<&'a NumberSet>,
}

struct Head {
    chord_2: f64,
    number: u32,
    /// Place in `open`.
    source: usize,
}

impl PartialEq for Head {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Head {}
impl PartialOrd for Head {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Head {
    /// Reversed: the heap gives the shortest first.
    fn cmp(&self, other: &Self) -> Ordering {
        other.chord_2.total_cmp(&self.chord_2).then_with(|| (other.source, other.number).cmp(&(self.source, self.number)))
    }
}

impl<'a> ByChord<'a> {
    /// Walks outwards from `centre` over `(shard, index)` pairs.
    pub fn new(centre: Position, indexes: impl Iterator<Item = (usize, &'a SpatialIndex)>) -> Self {
        let centre = centre.earth_centred();
        let trees = indexes.flat_map(|(shard, index)| index.trees().map(|(tree, gone)| (shard, tree, gone)));
        let mut unopened: Vec<Unopened<'_>> = trees
            .filter(|(_, tree, _)| tree.size() > 0)
            .map(|(shard, tree, gone)| Unopened { possible: nearest_possible(tree, &centre), shard, tree, gone })
            .collect();
        unopened.sort_by(|one, other| other.possible.total_cmp(&one.possible));
        Self { centre, unopened, open: Vec::new(), heads: BinaryHeap::new() }
    }

    fn advance(&mut self, source: usize) {
        if let Some((entry, chord_2)) = self.open.get_mut(source).and_then(|(_, walk)| walk.next()) {
            self.heads.push(Head { chord_2, number: entry.data, source });
        }
    }
}

impl Iterator for ByChord<'_> {
    type Item = Nearby;

    fn next(&mut self) -> Option<Nearby> {
        while let Some(Unopened { possible, .. }) = self.unopened.last() {
            if self.heads.peek().is_some_and(|head| head.chord_2 < *possible) {
                break;
            }
            let Unopened { shard, tree, gone, .. } = self.unopened.pop()?;
            let walk = tree.nearest_neighbor_iter_with_distance_2(&self.centre);
            self.open.push((
                shard,
                match gone {
                    None => Box::new(walk),
                    Some(gone) => Box::new(walk.filter(|(entry, _)| !gone.contains(entry.data))),
                },
            ));
            self.advance(self.open.len() - 1);
        }
        let head = self.heads.pop()?;
        self.advance(head.source);
        let shard = self.open.get(head.source)?.0;
        Some(Nearby { shard, number: head.number, chord: head.chord_2.sqrt() })
    }
}

/// Turns chords from one centre into geodesic distances.
#[derive(Clone, Copy, Debug)]
pub struct DistanceFrom {
    centre: Position,
    centre_point: [f64; 3],
    diameter: f64,
}

impl DistanceFrom {
    /// Prepares for `centre`.
    pub fn new(centre: Position) -> Self {
        // Gaussian mean radius sqrt(M N) at the latitude (Snyder 1987, p. 25), WGS84 axes. For a chord c the arc is
        // 2 R asin(c / 2R); with R off by the 0.35 % that azimuth makes, 50 km are right to 1 mm.
        let sine_2 = centre.latitude().to_radians().sin().powi(2);
        let (semi_major, eccentricity_2) = (6_378_137.0_f64, 6.694_379_990_14e-3_f64);
        let radius = semi_major * (1.0 - eccentricity_2).sqrt() / (1.0 - eccentricity_2 * sine_2);
        Self { centre, centre_point: centre.earth_centred(), diameter: 2.0 * radius }
    }

    /// Geodesic metres to a position whose chord is known.
    pub fn with_chord(&self, position: Position, chord: f64) -> f64 {
        if chord <= SHORT_CHORD_METRES { self.diameter * (chord / self.diameter).asin() } else { self.centre.distance_metres(position) }
    }

    /// Geodesic metres to a position.
    pub fn to(&self, position: Position) -> f64 {
        let point = position.earth_centred();
        let chord = self.centre_point.iter().zip(point).map(|(one, other)| (one - other).powi(2)).sum::<f64>().sqrt();
        self.with_chord(position, chord)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn anywhere() -> impl Strategy<Value = Position> {
        (-18.0..-7.0_f64, -62.0..-50.0_f64).prop_map(|(latitude, longitude)| Position::new(latitude, longitude).unwrap())
    }

    proptest! {
        #[test]
        fn a_chord_is_never_longer_than_the_geodesic(one in anywhere(), other in anywhere()) {
            let chord: f64 = one.earth_centred().iter().zip(other.earth_centred()).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt();
            prop_assert!(chord <= one.distance_metres(other) + 1e-6);
        }

        #[test]
        fn short_distances_agree_with_karney_to_two_millimetres(one in anywhere(), north in -0.4..0.4_f64, east in -0.4..0.4_f64) {
            let other = Position::new(one.latitude() + north, one.longitude() + east).unwrap();
            prop_assert!((DistanceFrom::new(one).to(other) - one.distance_metres(other)).abs() < 0.002);
        }

        #[test]
        fn several_indexes_are_walked_as_one(points in prop::collection::vec(anywhere(), 0..60), centre in anywhere(), parts in 1..5_usize) {
            let shards: Vec<Vec<Position>> = (0..parts).map(|part| points.iter().copied().skip(part).step_by(parts).collect()).collect();
            let indexes: Vec<_> = shards.iter().map(|shard| SpatialIndex::build(shard.iter().copied())).collect();
            let walked: Vec<f64> = ByChord::new(centre, indexes.iter().enumerate()).map(|nearby| nearby.chord).collect();
            prop_assert_eq!(walked.len(), points.len());
            prop_assert!(walked.is_sorted());
        }

        #[test]
        fn what_came_is_met_and_what_is_gone_is_not(
            points in prop::collection::vec((anywhere(), any::<bool>()), 0..40),
            come in prop::collection::vec(anywhere(), 0..10),
            centre in anywhere(),
            metres in 0.0..800_000.0_f64,
        ) {
            let base = SpatialIndex::build(points.iter().map(|(point, _)| *point));
            let mut gone = NumberSet::new();
            points.iter().zip(0..).filter(|((_, is_gone), _)| *is_gone).for_each(|(_, number)| gone.insert(number));
            let index = base.next((points.len() as u32..).zip(come.iter().copied()), Arc::new(gone));
            let mut there: Vec<u32> = points.iter().zip(0..).filter(|((_, is_gone), _)| !is_gone).map(|(_, number)| number).collect();
            there.extend((points.len() as u32..).take(come.len()));
            let walked: Vec<Nearby> = ByChord::new(centre, std::iter::once((0, &index))).collect();
            prop_assert!(walked.is_sorted_by(|one, other| one.chord <= other.chord));
            let mut within: Vec<u32> = walked.iter().filter(|nearby| nearby.chord <= metres).map(|nearby| nearby.number).collect();
            within.sort_unstable();
            let mut numbers: Vec<u32> = walked.iter().map(|nearby| nearby.number).collect();
            numbers.sort_unstable();
            prop_assert_eq!(numbers, there);
            let mut found: Vec<u32> = index.within_chord(centre.earth_centred(), metres).collect();
            found.sort_unstable();
            prop_assert_eq!(found, within);
        }
    }
}
