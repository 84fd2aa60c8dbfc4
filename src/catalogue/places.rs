//! Lists of places: by distance, name, relevance or progress along a line, a page at a time, without touching more
//! places than the page needs where the order allows it.

use std::cmp::Ordering;
use std::collections::{BinaryHeap, HashMap};

use super::collation::fold;
use super::error::CatalogueError;
use super::filter::{Fit, PlaceFilter, Resolved};
use super::page::{Page, SortKey, Taken};
use super::records::Record;
use super::shard::CityShard;
use super::snapshot::Snapshot;
use super::spatial::{ByChord, DistanceFrom};
use crate::domain::geo::Position;
use crate::domain::ids::RecordId;
use crate::domain::point_of_interest::PointOfInterest;
use crate::domain::work_budget::{Meter, Spent, WorkBudget};

/// Largest radius in metres: across the state in any direction.
const MAX_RADIUS_METRES: f64 = 2_500_000.0;

/// Around where to look.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Near {
    /// The centre.
    pub centre: Position,
    /// At most this far, metres; no limit when absent.
    pub radius: Option<f64>,
}

impl Near {
    /// Checks the radius.
    pub fn new(centre: Position, radius: Option<f64>) -> Result<Self, CatalogueError> {
        if radius.is_some_and(|metres| !(metres > 0.0 && metres <= MAX_RADIUS_METRES)) {
            return Err(CatalogueError::Radius);
        }
        Ok(Self { centre, radius })
    }

    /// The question bit by bit, for cursors that must not be used with another.
    pub fn bits(&self) -> (u64, u64, Option<u64>) {
        (self.centre.latitude().to_bits(), self.centre.longitude().to_bits(), self.radius.map(f64::to_bits))
    }
}

/// How a list is ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PlaceOrder {
    /// Nearest first; needs a centre.
    Distance,
    /// By Portuguese name, accents and case aside.
    Name,
    /// Best fit to the text first; needs a text.
    Relevance,
    /// In the order one passes them; needs a line.
    Progress,
}

/// A question for places.
pub struct PlaceQuery<'a> {
    /// Which.
    pub filter: &'a PlaceFilter,
    /// Around where.
    pub near: Option<Near>,
    /// In which order; by what the question gives when absent.
    pub order: Option<PlaceOrder>,
}

/// A place of a list.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PlaceEntry {
    /// Which shard.
    pub shard: usize,
    /// Its number there.
    pub number: u32,
    /// Geodesic metres from the centre or, without one, from the line.
    pub distance: Option<f64>,
    /// Metres along the line.
    pub progress: Option<f64>,
}

/// A question resolved against a snapshot, to be asked for a page or a count.
pub struct PlaceList<'a> {
    snapshot: &'a Snapshot,
    resolved: Resolved<'a>,
    near: Option<(Near, DistanceFrom)>,
    order: PlaceOrder,
}

impl<'a> PlaceList<'a> {
    /// Resolves the question. What is looked at for an answer draws from the budget.
    pub fn new(query: &PlaceQuery<'a>, snapshot: &'a Snapshot, budget: &'a WorkBudget) -> Result<Self, CatalogueError> {
        let filter = query.filter;
        let order = query.order.unwrap_or(if filter.along.is_some() {
            PlaceOrder::Progress
        } else if query.near.is_some() {
            PlaceOrder::Distance
        } else if filter.text.is_some() {
            PlaceOrder::Relevance
        } else {
            PlaceOrder::Name
        });
        match order {
            PlaceOrder::Distance if query.near.is_none() => return Err(CatalogueError::Order("orderBy DISTANCE needs `near`")),
            PlaceOrder::Relevance if filter.text.is_none() => return Err(CatalogueError::Order("orderBy RELEVANCE needs `where.text`")),
            PlaceOrder::Progress if filter.along.is_none() => {
                return Err(CatalogueError::Order("orderBy PROGRESS needs `where.alongRoute`"));
            }
            _ => {}
        }
        let near = query.near.map(|near| (near, DistanceFrom::new(near.centre)));
        Ok(Self { snapshot, resolved: Resolved::new(filter, snapshot, budget)?, near, order })
    }

    /// A page of the list.
    pub fn page(&self, page: &Page) -> Result<Taken<PlaceEntry>, Spent> {
        match self.order {
            PlaceOrder::Distance if !page.backward => self.streamed(page, |group, page| self.nearest(group, page)),
            PlaceOrder::Name if !page.backward => self.streamed(page, |group, page| self.by_name(group, page)),
            PlaceOrder::Distance | PlaceOrder::Name | PlaceOrder::Relevance | PlaceOrder::Progress => Ok(page.take(self.all()?)),
        }
    }

    /// How many places the list has, one that is left out aside.
    pub fn count(&self, except: Option<RecordId>) -> Result<usize, Spent> {
        let mut count = 0;
        self.each_fitting(1, |fitting| count += usize::from(except != Some(fitting.place.id) && self.radius_admits(fitting.place)))?;
        Ok(count)
    }

    /// Gives every place that fits to `take`, in the order of the shards. `beside` is what `take` costs, in units of work.
    pub fn each_fitting(&self, beside: u64, mut take: impl FnMut(Fitting<'a>)) -> Result<(), Spent> {
        let mut meter = self.resolved.meter(beside);
        for (index, shard) in self.resolved.shards() {
            for number in self.candidates(shard) {
                meter.step()?;
                let Some(place) = shard.places.get(number as usize) else { continue };
                let fit = self.resolved.fit(index, number, place)?;
                if fit != Fit::No {
                    take(Fitting { shard: index, number, place, fit });
                }
            }
        }
        Ok(())
    }

    /// Numbers of the places of a shard that can fit: those within the radius when there is one, else all.
    fn candidates(&self, shard: &'a CityShard) -> Box<dyn Iterator<Item = u32> + '_> {
        match &self.near {
            // A chord is never longer than the geodesic, so nothing within the radius is missed.
            Some((Near { centre, radius: Some(radius) }, _)) => Box::new(shard.spatial.within_chord(centre.earth_centred(), *radius)),
            _ => Box::new(shard.places.by_name().iter().copied()),
        }
    }

    fn radius_admits(&self, place: &PointOfInterest) -> bool {
        self.near.as_ref().is_none_or(|(near, distance)| near.radius.is_none_or(|radius| distance.to(place.position) <= radius))
    }

    /// First those that are known to fit, then those of which it is unknown.
    fn streamed(
        &self,
        page: &Page,
        stream: impl Fn(u8, &Page) -> Result<Vec<(SortKey, PlaceEntry)>, Spent>,
    ) -> Result<Taken<PlaceEntry>, Spent> {
        let begins_last = page.after.as_ref().is_some_and(|after| after.group > 0);
        let mut entries = if begins_last { Vec::new() } else { stream(0, page)? };
        if entries.len() <= page.limit && self.resolved.has_last() {
            entries.extend(stream(1, page)?);
        }
        let more = entries.len() > page.limit;
        entries.truncate(page.limit);
        Ok(page.taken(entries, more))
    }

    fn group(fit: Fit) -> u8 {
        u8::from(fit == Fit::Last)
    }

    /// The nearest of a group after the cursor: one more than the page holds.
    fn nearest(&self, group: u8, page: &Page) -> Result<Vec<(SortKey, PlaceEntry)>, Spent> {
        let Some((near, distance)) = &self.near else { return Ok(Vec::new()) };
        // A step of the walk, the geodesic and the place in the heap.
        let mut meter = self.resolved.meter(4);
        let mut entries = Vec::with_capacity(page.limit + 1);
        let mut held: BinaryHeap<Nearest> = BinaryHeap::new();
        let radius = near.radius.unwrap_or(f64::INFINITY);
        let mut walk = ByChord::new(near.centre, self.resolved.shards().map(|(index, shard)| (index, &shard.spatial))).peekable();
        loop {
            // No geodesic still to come is shorter than the next chord.
            let reached = walk.peek().map_or(f64::INFINITY, |nearby| nearby.chord);
            while held.peek().is_some_and(|nearest| nearest.0.number < reached) {
                let Some(Nearest(key, entry)) = held.pop() else { break };
                if page.admits(&key) {
                    entries.push((key, entry));
                    if entries.len() > page.limit {
                        return Ok(entries);
                    }
                }
            }
            let Some(nearby) = walk.next().filter(|nearby| nearby.chord <= radius) else {
                if held.is_empty() {
                    return Ok(entries);
                }
                walk = ByChord::new(near.centre, std::iter::empty()).peekable();
                continue;
            };
            meter.step()?;
            let Some(place) = self.place(nearby.shard, nearby.number) else { continue };
            let fit = self.resolved.fit(nearby.shard, nearby.number, place)?;
            if fit == Fit::No || Self::group(fit) != group {
                continue;
            }
            let metres = distance.with_chord(place.position, nearby.chord);
            if metres <= radius {
                let entry = self.entry(nearby.shard, nearby.number, Some(metres));
                held.push(Nearest(SortKey::number(group, metres, place.id), entry));
            }
        }
    }

    /// The places of a group by name after the cursor: one more than the page holds. Shards are sorted by name, so this
    /// merges them.
    fn by_name(&self, group: u8, page: &Page) -> Result<Vec<(SortKey, PlaceEntry)>, Spent> {
        let mut meter = self.resolved.meter(0);
        let mut heads: Vec<(SortKey, NameWalk<'a>)> = Vec::new();
        for (index, shard) in self.resolved.shards() {
            let start = page.after.as_ref().filter(|after| after.group == group).map_or(0, |after| {
                shard.places.by_name().partition_point(|number| {
                    let place = &shard.places[*number as usize];
                    (fold(place.name()).as_str(), place.id) <= (&*after.word, after.id)
                })
            });
            let mut walk = NameWalk { shard, index, number: 0, next: start };
            if let Some(key) = walk.advance(self, group, &mut meter)? {
                heads.push((key, walk));
            }
        }
        let mut entries = Vec::with_capacity(page.limit + 1);
        while entries.len() <= page.limit {
            let Some(first) = heads.iter().enumerate().min_by(|one, other| one.1.0.cmp(&other.1.0)).map(|(index, _)| index) else { break };
            let (key, walk) = &mut heads[first];
            let (index, number) = (walk.index, walk.number);
            let found = std::mem::replace(key, SortKey::word(0, "", walk.shard.city.id));
            match walk.advance(self, group, &mut meter)? {
                Some(next) => *key = next,
                None => drop(heads.swap_remove(first)),
            }
            if page.admits(&found) {
                entries.push((found, self.entry(index, number, None)));
            }
        }
        Ok(entries)
    }

    /// Every entry with its key, for orders that cannot be streamed and for pages from the end.
    fn all(&self) -> Result<Vec<(SortKey, PlaceEntry)>, Spent> {
        let scores = match (&self.order, &self.resolved.text) {
            (PlaceOrder::Relevance, Some(hits)) => hits.scores(self.snapshot, self.resolved.budget())?,
            _ => HashMap::new(),
        };
        let keyed = |Fitting { shard, number, place, fit }| {
            let entry = self.entry(shard, number, None);
            let radius = self.near.as_ref().and_then(|(near, _)| near.radius);
            if radius.is_some_and(|radius| entry.distance.is_none_or(|metres| metres > radius)) {
                return None;
            }
            let group = Self::group(fit);
            let key = match self.order {
                PlaceOrder::Distance => SortKey::number(group, entry.distance?, place.id),
                PlaceOrder::Name => SortKey::word(group, fold(place.name()), place.id),
                PlaceOrder::Relevance => SortKey::number(group, -f64::from(*scores.get(&(shard, number))?), place.id),
                PlaceOrder::Progress => SortKey::number(group, entry.progress?, place.id),
            };
            Some((key, entry))
        };
        let mut all = Vec::new();
        // Its distance or folded name, and its turn when all are sorted.
        self.each_fitting(8, |fitting| all.extend(keyed(fitting)))?;
        Ok(all)
    }

    fn place(&self, shard: usize, number: u32) -> Option<&'a PointOfInterest> {
        self.snapshot.shards.get(shard)?.places.get(number as usize)
    }

    fn entry(&self, shard: usize, number: u32, distance: Option<f64>) -> PlaceEntry {
        let along = self.resolved.corridor.as_ref().and_then(|corridor| corridor.along(shard, number));
        let from_centre = || {
            let (_, distance) = self.near.as_ref()?;
            Some(distance.to(self.place(shard, number)?.position))
        };
        let distance = distance.or_else(from_centre).or_else(|| along.map(|along| along.distance));
        PlaceEntry { shard, number, distance, progress: along.map(|along| along.progress) }
    }
}

/// A place that fits.
pub struct Fitting<'a> {
    /// Which shard.
    pub shard: usize,
    /// Its number there.
    pub number: u32,
    /// The place.
    pub place: &'a PointOfInterest,
    /// How it fits.
    pub fit: Fit,
}

/// A place held back until nothing nearer can come; the heap gives the nearest first.
struct Nearest(SortKey, PlaceEntry);

impl PartialEq for Nearest {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl Eq for Nearest {}
impl PartialOrd for Nearest {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Nearest {
    fn cmp(&self, other: &Self) -> Ordering {
        other.0.cmp(&self.0)
    }
}

/// The places of one shard by name.
struct NameWalk<'a> {
    shard: &'a CityShard,
    index: usize,
    /// Number of the place last given.
    number: u32,
    /// Its successor in the order of names.
    next: usize,
}

impl NameWalk<'_> {
    /// Goes on to the next place of the group that fits and gives its key.
    fn advance(&mut self, list: &PlaceList<'_>, group: u8, meter: &mut Meter<'_>) -> Result<Option<SortKey>, Spent> {
        while let Some(&number) = self.shard.places.by_name().get(self.next) {
            let place = &self.shard.places[number as usize];
            (self.number, self.next) = (number, self.next + 1);
            meter.step()?;
            let fit = list.resolved.fit(self.index, number, place)?;
            if fit != Fit::No && PlaceList::group(fit) == group && list.radius_admits(place) {
                return Ok(Some(SortKey::word(group, fold(place.name()), place.id)));
            }
        }
        Ok(None)
    }
}
