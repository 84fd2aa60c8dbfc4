//! Identities of records. An id is derived once from the dataset and the record's key there, never reused, and the same
//! in every store that loads the same file.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Namespace of Roteiro's ids (RFC 9562 §5.5 asks for one per name space; drawn once at random).
const NAMESPACE: Uuid = Uuid::from_u128(0x6f2a_1c58_3d0b_4e7a_9c41_75d8_20b1_e6f3);

/// What kind of record an id names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RecordType {
    /// A pilot destination.
    City,
    /// A place.
    PointOfInterest,
    /// An event.
    Event,
    /// A curated tour.
    Route,
    /// A node of the category tree.
    Category,
    /// A municipality.
    Municipality,
}

impl RecordType {
    /// Every type.
    pub const ALL: [Self; 6] = [Self::City, Self::PointOfInterest, Self::Event, Self::Route, Self::Category, Self::Municipality];

    /// The type of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == name)
    }

    /// The name used in the change log.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::City => "CITY",
            Self::PointOfInterest => "POINT_OF_INTEREST",
            Self::Event => "EVENT",
            Self::Route => "ROUTE",
            Self::Category => "CATEGORY",
            Self::Municipality => "MUNICIPALITY",
        }
    }
}

/// Identity of a city, place, event or route.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RecordId(pub Uuid);

impl RecordId {
    /// The id of the record that `dataset` calls `key`: UUID version 5 (RFC 9562 §5.5) of both and the type.
    pub fn derive(record_type: RecordType, dataset: &str, key: &str) -> Self {
        Self(Uuid::new_v5(&NAMESPACE, format!("{}/{dataset}/{key}", record_type.as_str()).as_bytes()))
    }
}

/// Identity of a visitor: a number drawn at random, and nothing else is known of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct VisitorId(pub Uuid);

/// Identity of a saved trip, drawn at random.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TripId(pub Uuid);

/// Identity of an image in our keeping, drawn at random.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct MediaAssetId(pub Uuid);

/// Identity of somebody who works on the catalogue, drawn at random.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AccountId(pub Uuid);
