//! One city of the snapshot: its records, their indexes. Immutable; shared by all snapshots until the city changes. What follows
//! from a change stands on the same base, and answers as one built from nothing.

use std::collections::HashSet;
use std::sync::Arc;

use super::admit::{self, Shared};
use super::documents::{Document, Documents, Texts};
use super::images::PublishedImages;
use super::records::{Difference, Record, Records};
use super::reference::ReferenceData;
use super::spatial::SpatialIndex;
use super::text::{BuildError, Segment};
use super::withheld;
use crate::domain::category::CategoryTree;
use crate::domain::city::City;
use crate::domain::event::Event;
use crate::domain::ids::{RecordId, RecordType};
use crate::domain::point_of_interest::PointOfInterest;
use crate::domain::route::Route;
use crate::store::Quarantined;
use crate::store::records::CityRecords;

/// Everything published in one city.
pub struct CityShard {
    /// The city.
    pub city: City,
    /// The category tree its records point into.
    pub categories: Arc<CategoryTree>,
    /// Places.
    pub places: Records<PointOfInterest>,
    /// Events.
    pub events: Records<Event>,
    /// Routes.
    pub routes: Records<Route>,
    /// Records that were kept out, with the reason.
    pub quarantined: Vec<Quarantined>,
    /// Fields that were left out of records, with the reason.
    pub withheld: Vec<Quarantined>,
    /// Places by position.
    pub spatial: SpatialIndex,
    /// Images of our keeping that its records show.
    pub images: PublishedImages,
    documents: Documents,
}

/// What happens to a city: what leaves and comes of each type.
struct Differences {
    places: Difference<PointOfInterest>,
    events: Difference<Event>,
    routes: Difference<Route>,
}

/// What is told of a city by `roteiro check`.
struct Told {
    quarantined: Vec<Quarantined>,
    withheld: Vec<Quarantined>,
}

impl CityShard {
    /// Builds a city from its records. O(n log n); runs on a thread of its own.
    pub fn build(city: City, records: CityRecords, reference: &ReferenceData) -> Result<Self, BuildError> {
        let admitted = Admitted::new(records, &city, reference);
        Self::lay_down(city, Arc::clone(&reference.categories), admitted)
    }

    /// The city after some of its records changed, which are here as far as they are still published in it. Shares its base with
    /// this one. O(n) in numbers, O(changed) in records and texts.
    pub fn next(
        &self,
        changed: &HashSet<(RecordType, RecordId)>,
        records: CityRecords,
        reference: &ReferenceData,
    ) -> Result<Self, BuildError> {
        let Admitted { places, events, routes, quarantined, withheld } = Admitted::new(records, &self.city, reference);
        let is_changed = |kept: &&Quarantined| kept.record.is_some_and(|record| changed.contains(&(kept.record_type, record)));
        let still = |kept: &[Quarantined], new: Vec<Quarantined>| {
            let unchanged = kept.iter().filter(|kept| !is_changed(kept)).cloned();
            in_order(unchanged.chain(new).collect())
        };
        let told = Told { quarantined: still(&self.quarantined, quarantined), withheld: still(&self.withheld, withheld) };
        let leaves = |record_type| changed.iter().filter(move |(of, _)| *of == record_type).map(|(_, record)| *record).collect();
        let differences = Differences {
            places: Difference { leaves: leaves(RecordType::PointOfInterest), comes: shared(places) },
            events: Difference { leaves: leaves(RecordType::Event), comes: shared(events) },
            routes: Difference { leaves: leaves(RecordType::Route), comes: shared(routes) },
        };
        self.after(&differences, told)
    }

    /// The same city on a base of its own. O(n log n); runs on a thread of its own.
    pub fn folded(&self) -> Result<Self, BuildError> {
        let admitted = Admitted {
            places: self.places.iter().cloned().collect(),
            events: self.events.iter().cloned().collect(),
            routes: self.routes.iter().cloned().collect(),
            quarantined: self.quarantined.clone(),
            withheld: self.withheld.clone(),
        };
        Self::lay_down(self.city.clone(), Arc::clone(&self.categories), admitted)
    }

    /// This city on the base of `folded`, which `earlier` was folded into; nothing when this one stands on another base than
    /// `earlier`.
    pub fn onto(&self, folded: &Self, earlier: &Self) -> Result<Option<Self>, BuildError> {
        if !self.documents.shares_base(&earlier.documents) {
            return Ok(None);
        }
        let differences = Differences {
            places: self.places.since(&earlier.places),
            events: self.events.since(&earlier.events),
            routes: self.routes.since(&earlier.routes),
        };
        let told = Told { quarantined: self.quarantined.clone(), withheld: self.withheld.clone() };
        folded.after(&differences, told).map(Some)
    }

    /// How many records came or went since the base was laid down.
    pub fn changed(&self) -> usize {
        self.places.changed() + self.events.changed() + self.routes.changed()
    }

    /// The indexes of its texts, when it is the `shard`th of those searched.
    pub fn text(&self, shard: usize) -> impl Iterator<Item = Segment<'_>> {
        self.documents.segments(shard)
    }

    /// What a document of the text index is.
    pub fn document(&self, number: u32) -> Document {
        self.documents.get(number)
    }

    /// Bytes of the Portuguese name of a document, or of the first there is; at most 65,535.
    pub fn name_length(&self, number: u32) -> u16 {
        self.documents.name_length(number)
    }

    /// Identity of a document.
    pub fn document_id(&self, number: u32) -> RecordId {
        match self.document(number) {
            Document::Place(number) => self.places[number as usize].id,
            Document::Event(number) => self.events[number as usize].id,
            Document::Route(number) => self.routes[number as usize].id,
            Document::City => self.city.id,
        }
    }

    fn lay_down(city: City, categories: Arc<CategoryTree>, admitted: Admitted) -> Result<Self, BuildError> {
        let (places, events, routes) = (Records::build(admitted.places), Records::build(admitted.events), Records::build(admitted.routes));
        let texts = Texts { city: &city, categories: &categories, places: &places, events: &events, routes: &routes };
        let documents = Documents::build(texts)?;
        let spatial = SpatialIndex::build(places.iter().map(|place| place.position));
        let images = (places.iter().flat_map(Record::images))
            .chain(events.iter().flat_map(Record::images))
            .chain(routes.iter().flat_map(Record::images));
        let images = PublishedImages::default().next(std::iter::empty(), images);
        let (quarantined, withheld) = (in_order(admitted.quarantined), in_order(admitted.withheld));
        Ok(Self { city, categories, places, events, routes, quarantined, withheld, spatial, images, documents })
    }

    fn after(&self, differences: &Differences, told: Told) -> Result<Self, BuildError> {
        let (city, categories) = (self.city.clone(), Arc::clone(&self.categories));
        let places = self.places.next(&differences.places);
        let events = self.events.next(&differences.events);
        let routes = self.routes.next(&differences.routes);
        let texts = Texts { city: &city, categories: &categories, places: &places, events: &events, routes: &routes };
        let documents = self.documents.next(texts)?;
        let recent = places.recent_numbers().map(|number| (number, places[number as usize].position));
        let spatial = self.spatial.next(recent, Arc::clone(places.gone()));
        let gone = (self.places.images_that_leave(&differences.places))
            .chain(self.events.images_that_leave(&differences.events))
            .chain(self.routes.images_that_leave(&differences.routes));
        let come = differences.places.images().chain(differences.events.images()).chain(differences.routes.images());
        let images = self.images.next(gone, come);
        let Told { quarantined, withheld } = told;
        Ok(Self { city, categories, places, events, routes, quarantined, withheld, spatial, images, documents })
    }
}

/// Records of a city that can be shown, and what cannot.
struct Admitted {
    places: Vec<PointOfInterest>,
    events: Vec<Event>,
    routes: Vec<Route>,
    quarantined: Vec<Quarantined>,
    withheld: Vec<Quarantined>,
}

impl Admitted {
    fn new(records: CityRecords, city: &City, reference: &ReferenceData) -> Self {
        let (mut quarantined, mut withheld, mut records) = (Vec::new(), Vec::new(), records);
        quarantined.append(&mut records.quarantined);
        records.places.iter_mut().for_each(|place| withheld::of_place(place, &mut withheld));
        records.events.iter_mut().for_each(|event| withheld::of_event(event, &mut withheld));
        records.routes.iter_mut().for_each(|route| withheld::of_route(route, &mut withheld));
        let mut alike = Shared::default();
        let places = records
            .places
            .into_iter()
            .filter_map(|record| alike.place(record, city, reference).map_err(|error| quarantined.push(error)).ok())
            .collect();
        let events = records
            .events
            .into_iter()
            .filter_map(|record| admit::event(record, reference).map_err(|error| quarantined.push(error)).ok())
            .collect();
        Self { places, events, routes: records.routes, quarantined, withheld }
    }
}

fn in_order(mut quarantined: Vec<Quarantined>) -> Vec<Quarantined> {
    quarantined.sort_by(|one, other| (one.record_type, &one.slug).cmp(&(other.record_type, &other.slug)));
    quarantined
}

fn shared<T>(records: Vec<T>) -> Vec<Arc<T>> {
    records.into_iter().map(Arc::new).collect()
}
