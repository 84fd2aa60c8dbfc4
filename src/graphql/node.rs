//! Global ids (Relay's Node): opaque to clients, one letter for the type before the record's own id.

use async_graphql::ID;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::failure::{Code, Failure};
use crate::domain::ids::{RecordId, RecordType, TripId};

/// What a global id names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GlobalId {
    /// A city.
    City(RecordId),
    /// A category by slug.
    Category(String),
    /// A place.
    PointOfInterest(RecordId),
    /// An event.
    Event(RecordId),
    /// An occurrence: event and start.
    EventOccurrence(RecordId, DateTime<Utc>),
    /// A route.
    Route(RecordId),
    /// A saved trip.
    Trip(TripId),
    /// All of a type together, as the feed of changes names them.
    Whole(RecordType),
}

impl GlobalId {
    /// The id as clients see it. That of an occurrence is its event's, `@`, and its start in UTC.
    pub fn encode(&self) -> ID {
        let record = |letter: u8, id: &RecordId| {
            let mut bytes = [letter; 17];
            bytes[1..].copy_from_slice(id.0.as_bytes());
            ID(URL_SAFE_NO_PAD.encode(bytes))
        };
        match self {
            Self::City(id) => record(b'C', id),
            Self::PointOfInterest(id) => record(b'P', id),
            Self::Event(id) => record(b'E', id),
            Self::Route(id) => record(b'R', id),
            Self::Trip(id) => record(b'T', &RecordId(id.0)),
            Self::Whole(record_type) => ID(URL_SAFE_NO_PAD.encode(format!("A{}", record_type.as_str()))),
            Self::Category(slug) => ID(URL_SAFE_NO_PAD.encode(format!("K{slug}"))),
            Self::EventOccurrence(id, start) => {
                ID(format!("{}@{}", record(b'E', id).0, start.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)))
            }
        }
    }

    /// Reads an id; anything we never gave out is refused.
    pub fn decode(id: &ID) -> Result<Self, Failure> {
        Self::read(id).ok_or_else(|| Failure::new(Code::BadId, "this is not an id of this catalogue"))
    }

    fn read(id: &ID) -> Option<Self> {
        if id.len() > 200 {
            return None;
        }
        if let Some((event, start)) = id.split_once('@') {
            let Self::Event(event) = Self::read(&ID(event.to_owned()))? else { return None };
            return Some(Self::EventOccurrence(event, DateTime::parse_from_rfc3339(start).ok()?.to_utc()));
        }
        let bytes = URL_SAFE_NO_PAD.decode(id.as_bytes()).ok()?;
        let (letter, rest) = bytes.split_first()?;
        if *letter == b'K' {
            return Some(Self::Category(String::from_utf8(rest.to_vec()).ok()?));
        }
        if *letter == b'A' {
            return Some(Self::Whole(RecordType::parse(std::str::from_utf8(rest).ok()?)?));
        }
        let record = RecordId(Uuid::from_slice(rest).ok()?);
        match letter {
            b'C' => Some(Self::City(record)),
            b'P' => Some(Self::PointOfInterest(record)),
            b'E' => Some(Self::Event(record)),
            b'R' => Some(Self::Route(record)),
            b'T' => Some(Self::Trip(TripId(record.0))),
            _ => None,
        }
    }

    /// The name of its type in the schema.
    pub const fn type_name(&self) -> &'static str {
        match self {
            Self::City(_) => "City",
            Self::Category(_) => "Category",
            Self::PointOfInterest(_) => "PointOfInterest",
            Self::Event(_) => "Event",
            Self::EventOccurrence(..) => "EventOccurrence",
            Self::Route(_) => "Route",
            Self::Trip(_) => "Trip",
            Self::Whole(_) => "list",
        }
    }

    /// The failure of giving this id where `wanted` is meant.
    pub fn not_a(&self, wanted: &str) -> Failure {
        Failure::new(Code::BadId, format!("this is the id of a {}, not of a {wanted}", self.type_name()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn ids_come_back_as_they_went(number: u128, slug in "[a-z-]{1,30}", seconds in 0..4_000_000_000_i64) {
            let record = RecordId(Uuid::from_u128(number));
            let start = DateTime::from_timestamp(seconds, 0).unwrap();
            for id in [
                GlobalId::City(record), GlobalId::PointOfInterest(record), GlobalId::Event(record), GlobalId::Route(record),
                GlobalId::Category(slug), GlobalId::EventOccurrence(record, start), GlobalId::Trip(TripId(record.0)),
                GlobalId::Whole(RecordType::Category),
            ] {
                prop_assert_eq!(GlobalId::read(&id.encode()), Some(id));
            }
        }

        #[test]
        fn whatever_a_client_sends_is_answered(text: String) {
            let _ = GlobalId::decode(&ID(text));
        }
    }
}
