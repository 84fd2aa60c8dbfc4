//! A record of one of the three types that editors work on.

use super::event::EventRecord;
use super::ids::{RecordId, RecordType};
use super::point_of_interest::PointOfInterestRecord;
use super::provenance::Provenance;
use super::route::Route;
use super::text::Text;

/// A record.
#[derive(Clone, Debug, PartialEq)]
pub enum Record {
    /// A place.
    Place(Box<PointOfInterestRecord>),
    /// An event.
    Event(Box<EventRecord>),
    /// A route.
    Route(Box<Route>),
}

impl Record {
    /// Its type.
    pub const fn record_type(&self) -> RecordType {
        match self {
            Self::Place(_) => RecordType::PointOfInterest,
            Self::Event(_) => RecordType::Event,
            Self::Route(_) => RecordType::Route,
        }
    }

    /// Its slug.
    pub fn slug(&self) -> &str {
        match self {
            Self::Place(place) => &place.slug,
            Self::Event(event) => &event.slug,
            Self::Route(route) => &route.slug,
        }
    }

    /// Its source and rights.
    pub const fn provenance(&self) -> &Provenance {
        match self {
            Self::Place(place) => &place.provenance,
            Self::Event(event) => &event.provenance,
            Self::Route(route) => &route.provenance,
        }
    }

    /// Its texts.
    pub fn texts_mut(&mut self) -> &mut [Text] {
        match self {
            Self::Place(place) => &mut place.texts,
            Self::Event(event) => &mut event.texts,
            Self::Route(route) => &mut route.texts,
        }
    }

    /// The same record under another identity, owned by a dataset.
    #[must_use]
    pub fn owned(mut self, id: RecordId, dataset: std::sync::Arc<str>) -> Self {
        let (known, provenance) = match &mut self {
            Self::Place(place) => (&mut place.id, &mut place.provenance),
            Self::Event(event) => (&mut event.id, &mut event.provenance),
            Self::Route(route) => (&mut route.id, &mut route.provenance),
        };
        (*known, provenance.dataset) = (id, dataset);
        self
    }
}
