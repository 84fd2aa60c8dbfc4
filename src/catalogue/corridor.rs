//! Places along a line: how far off it each lies and how far along. The line is cut into pieces of at most 10 km, whose
//! chord stays within 2 m of the earth's surface. Runs of pieces ask the spatial index for places, each place asks an index of the
//! pieces for the nearest: a line that goes to and fro in a small area is looked at once, not once a piece.

use std::cell::Cell;
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use geo::{Geodesic, InterpolatePoint};
use rstar::{AABB, PointDistance, RTree, RTreeObject};

use super::error::CatalogueError;
use super::snapshot::Snapshot;
use crate::domain::geo::Position;
use crate::domain::work_budget::WorkBudget;

/// Longest piece in metres; its chord lies at most `L² / 8R` = 2 m below the surface.
const PIECE_METRES: f64 = 10_000.0;
/// Most points a line may have.
const MAX_POINTS: usize = 2_000;
/// Widest run of pieces in metres that is asked for at once, unless the corridor is wider.
const RUN_METRES: f64 = 10_000.0;
/// Units of work of a point of the line: its geodesic, its pieces, its place in the index.
const POINT_EFFORT: u64 = 40;
/// Longest line in metres: across the state and back.
const MAX_LENGTH_METRES: f64 = 3_000_000.0;
/// Widest corridor in metres to either side.
const MAX_DISTANCE_METRES: f64 = 100_000.0;

/// A line and how far off it a place may lie, comparable by its bits.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CorridorLine {
    points: Vec<(u64, u64)>,
    max_distance: u64,
}

impl CorridorLine {
    /// A line through these points, geodesic between them, and the greatest distance from it in metres.
    pub fn new(points: &[Position], max_distance_metres: f64) -> Result<Self, CatalogueError> {
        if !(2..=MAX_POINTS).contains(&points.len()) {
            return Err(CatalogueError::Corridor("a corridor has from 2 to 2000 points"));
        }
        if !(max_distance_metres > 0.0 && max_distance_metres <= MAX_DISTANCE_METRES) {
            return Err(CatalogueError::Corridor("maxDistanceMeters is more than 0 and at most 100000"));
        }
        let length: f64 = points.windows(2).map(|pair| pair[0].distance_metres(pair[1])).sum();
        if length > MAX_LENGTH_METRES {
            return Err(CatalogueError::Corridor("a corridor is at most 3000 km long"));
        }
        let points = points.iter().map(|point| (point.latitude().to_bits(), point.longitude().to_bits())).collect();
        Ok(Self { points, max_distance: max_distance_metres.to_bits() })
    }

    /// Decodes an encoded polyline (Google's algorithm, five decimals) into positions.
    pub fn decode(encoded: &str) -> Result<Vec<Position>, CatalogueError> {
        const BROKEN: CatalogueError = CatalogueError::Corridor("the polyline is not encoded with five decimals");
        if encoded.len() > MAX_POINTS * 12 {
            return Err(CatalogueError::Corridor("a corridor has from 2 to 2000 points"));
        }
        let line = polyline::decode_polyline(encoded, 5).map_err(|_| BROKEN)?;
        line.0.iter().map(|point| Position::new(point.y, point.x).map_err(|_| BROKEN)).collect()
    }

    fn positions(&self) -> impl Iterator<Item = Result<Position, CatalogueError>> {
        self.points.iter().map(|(latitude, longitude)| Ok(Position::new(f64::from_bits(*latitude), f64::from_bits(*longitude))?))
    }
}

/// Where a place lies by the line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Along {
    /// Metres from the line at its nearest point.
    pub distance: f64,
    /// Metres along the line to that point.
    pub progress: f64,
}

/// The places along a line.
pub struct Corridor {
    found: HashMap<(usize, u32), Along>,
}

#[derive(Clone, Copy, Debug)]
struct Piece {
    start: [f64; 3],
    end: [f64; 3],
    /// Metres along the line at `start`.
    offset: f64,
    /// Geodesic length in metres.
    length: f64,
}

impl Corridor {
    /// Finds the places of the snapshot within the corridor. O(p log p + n log p) for p pieces and n places near the line.
    pub fn build(line: &CorridorLine, snapshot: &Snapshot, budget: &WorkBudget) -> Result<Self, CatalogueError> {
        let max_distance = f64::from_bits(line.max_distance);
        budget.draw(line.points.len() as u64 * POINT_EFFORT)?;
        let pieces = pieces(&line.positions().collect::<Result<Vec<_>, _>>()?);
        budget.draw(pieces.len() as u64 * POINT_EFFORT)?;
        let steps = Cell::new(0);
        let index = RTree::bulk_load(pieces.iter().map(|piece| Counted { piece, steps: &steps }).collect());
        let mut seen: HashMap<(usize, u32), Option<Along>> = HashMap::new();
        let mut visits = budget.meter(1);
        for run in runs(&pieces, max_distance.max(RUN_METRES)) {
            for (shard_number, shard) in snapshot.shards.iter().enumerate() {
                for number in shard.spatial.within_chord(run.centre(), run.radius() + max_distance + 5.0) {
                    visits.step()?;
                    let Entry::Vacant(place) = seen.entry((shard_number, number)) else { continue };
                    let along = nearest(&index, shard.places[number as usize].position.earth_centred());
                    budget.draw(steps.take())?;
                    place.insert(along.filter(|along| along.distance <= max_distance));
                }
            }
        }
        Ok(Self { found: seen.into_iter().filter_map(|(place, along)| Some((place, along?))).collect() })
    }

    /// Where the place lies; `None` when it is outside the corridor.
    pub fn along(&self, shard: usize, number: u32) -> Option<Along> {
        self.found.get(&(shard, number)).copied()
    }

    /// Shard and number of every place inside, in no particular order.
    pub fn places(&self) -> impl Iterator<Item = (usize, u32)> {
        self.found.keys().copied()
    }
}

/// A piece that counts how often its distance is taken.
struct Counted<'a> {
    piece: &'a Piece,
    steps: &'a Cell<u64>,
}

impl RTreeObject for Counted<'_> {
    type Envelope = AABB<[f64; 3]>;

    fn envelope(&self) -> Self::Envelope {
        AABB::from_corners(self.piece.start, self.piece.end)
    }
}

impl PointDistance for Counted<'_> {
    fn distance_2(&self, point: &[f64; 3]) -> f64 {
        self.steps.set(self.steps.get() + 1);
        self.piece.nearest(*point).distance.powi(2)
    }
}

/// Where the point, earth-centred in metres, lies by the pieces: by the nearest, and of several the one that is passed first.
fn nearest(index: &RTree<Counted<'_>>, point: [f64; 3]) -> Option<Along> {
    let mut by_distance = index.nearest_neighbor_iter_with_distance_2(&point);
    let (first, least) = by_distance.next()?;
    let alike = by_distance.take_while(|(_, distance_2)| *distance_2 <= least).map(|(counted, _)| counted.piece);
    let piece = alike.fold(first.piece, |one, other| if other.offset < one.offset { other } else { one });
    Some(piece.nearest(point))
}

/// The box around a run of pieces, earth-centred in metres.
#[derive(Clone, Copy, Debug)]
struct Run {
    least: [f64; 3],
    greatest: [f64; 3],
}

impl Run {
    fn of(piece: &Piece) -> Self {
        let (start, end) = (piece.start, piece.end);
        Self {
            least: std::array::from_fn(|axis| start[axis].min(end[axis])),
            greatest: std::array::from_fn(|axis| start[axis].max(end[axis])),
        }
    }

    fn with(&self, other: &Self) -> Self {
        Self {
            least: std::array::from_fn(|axis| self.least[axis].min(other.least[axis])),
            greatest: std::array::from_fn(|axis| self.greatest[axis].max(other.greatest[axis])),
        }
    }

    fn centre(&self) -> [f64; 3] {
        std::array::from_fn(|axis| f64::midpoint(self.least[axis], self.greatest[axis]))
    }

    fn radius(&self) -> f64 {
        self.least.iter().zip(self.greatest).map(|(least, greatest)| (greatest - least).powi(2)).sum::<f64>().sqrt() / 2.0
    }
}

/// Pieces that follow each other and lie in a box no wider than `metres`, together.
fn runs(pieces: &[Piece], metres: f64) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for piece in pieces.iter().map(Run::of) {
        match runs.last_mut() {
            Some(run) if run.with(&piece).radius() * 2.0 <= metres => *run = run.with(&piece),
            _ => runs.push(piece),
        }
    }
    runs
}

/// The line in pieces; where it goes the same way again, the first time counts.
fn pieces(line: &[Position]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut passed = HashSet::new();
    let mut offset = 0.0;
    for pair in line.windows(2) {
        let length = pair[0].distance_metres(pair[1]);
        let count = (length / PIECE_METRES).ceil().max(1.0);
        let mut start = pair[0].earth_centred();
        for step in 1..=count as u32 {
            let end = if f64::from(step) < count {
                let point = Geodesic.point_at_ratio_between(pair[0].point(), pair[1].point(), f64::from(step) / count);
                Position::new(point.y(), point.x()).unwrap_or(pair[1]).earth_centred()
            } else {
                pair[1].earth_centred()
            };
            let length = length / count;
            let (one, other) = (start.map(f64::to_bits), end.map(f64::to_bits));
            if passed.insert((one.min(other), one.max(other))) {
                pieces.push(Piece { start, end, offset, length });
            }
            offset += length;
            start = end;
        }
    }
    pieces
}

impl Piece {
    /// The nearest point of the chord to a point, both earth-centred in metres.
    fn nearest(&self, point: [f64; 3]) -> Along {
        let side: [f64; 3] = std::array::from_fn(|axis| self.end[axis] - self.start[axis]);
        let from_start: [f64; 3] = std::array::from_fn(|axis| point[axis] - self.start[axis]);
        let dot = |one: [f64; 3], other: [f64; 3]| one.iter().zip(other).map(|(one, other)| one * other).sum::<f64>();
        let square = dot(side, side);
        let ratio = if square > 0.0 { (dot(from_start, side) / square).clamp(0.0, 1.0) } else { 0.0 };
        let distance_2: f64 = from_start.iter().zip(side).map(|(offset, side)| (offset - ratio * side).powi(2)).sum();
        Along { distance: distance_2.sqrt(), progress: self.offset + ratio * self.length }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn somewhere() -> impl Strategy<Value = Position> {
        // On a coarse grid, so that lines pass the same way twice and distances are equal.
        ((-160..-150_i32), (-570..-550_i32))
            .prop_map(|(north, east)| Position::new(f64::from(north) / 10.0, f64::from(east) / 10.0).unwrap())
    }

    proptest! {
        #[test]
        fn the_index_finds_the_nearest_piece(line in prop::collection::vec(somewhere(), 2..12), places in prop::collection::vec(somewhere(), 1..30)) {
            let pieces = pieces(&line);
            let steps = Cell::new(0);
            let index = RTree::bulk_load(pieces.iter().map(|piece| Counted { piece, steps: &steps }).collect());
            for place in places.into_iter().map(Position::earth_centred) {
                let found = nearest(&index, place).unwrap();
                let least = pieces.iter().map(|piece| piece.nearest(place)).min_by(|one, other| one.distance.total_cmp(&other.distance)).unwrap();
                prop_assert!((found.distance - least.distance).abs() < 1e-6);
                prop_assert!(found.progress <= least.progress + 1e-6);
                prop_assert!(steps.take() > 0);
            }
        }

        #[test]
        fn runs_hold_every_piece(line in prop::collection::vec(somewhere(), 2..12), metres in 10_000.0..100_000.0_f64) {
            let pieces = pieces(&line);
            let runs = runs(&pieces, metres);
            for end in pieces.iter().flat_map(|piece| [piece.start, piece.end]) {
                let distance = |run: &Run| run.centre().iter().zip(end).map(|(one, other)| (one - other).powi(2)).sum::<f64>().sqrt();
                prop_assert!(runs.iter().any(|run| distance(run) <= run.radius() + 1e-6));
            }
            prop_assert!(runs.len() <= pieces.len());
        }
    }

    #[test]
    fn a_line_that_goes_to_and_fro_is_looked_at_once() {
        let ends = [Position::new(-15.6, -56.0).unwrap(), Position::new(-15.595, -56.0).unwrap()];
        let line: Vec<Position> = (0..2_000).map(|number| ends[number % 2]).collect();
        assert_eq!(pieces(&line).len(), 1);
        let zigzag: Vec<Position> = (0..2_000)
            .map(|number| Position::new(if number % 2 == 0 { -15.6 } else { -15.595 }, -56.0 + f64::from(number) * 0.0001).unwrap())
            .collect();
        let pieces = pieces(&zigzag);
        assert_eq!((pieces.len(), runs(&pieces, 100_000.0).len()), (1_999, 1));
    }
}
