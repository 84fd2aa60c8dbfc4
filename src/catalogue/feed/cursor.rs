//! Where a reader of the feed stands. A cursor holds a place in the log, which cities are followed, and enough about the log to
//! tell it from another, and from itself before a backup was restored.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::list::Place;
use super::moments::Moments;
use crate::catalogue::error::CatalogueError;
use crate::catalogue::page::{Fingerprint, checksum};
use crate::domain::ids::RecordId;

/// Version of the cursor's form; other than that of a list's cursor.
const FORM: u8 = 130;
/// Bytes of a cursor.
const LENGTH: usize = 73;

/// Where a reader stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeedCursor {
    /// Of the cities that are followed.
    pub cities: Fingerprint,
    /// Which log.
    pub log: i64,
    /// All up to here was told.
    pub place: Place,
    /// The number up to which the reader had everything, when it last had everything; 0 during the first load.
    pub complete: i64,
    /// The number at which a first load began: what was gone then is not told. 0 after it.
    pub begun: i64,
    /// When it was given out, in seconds since 1970: who looked at the log later knows every change it speaks of.
    pub given: i64,
    /// When the last change it speaks of was written, in seconds since 1970; 0 when it speaks of none. After a backup was restored
    /// the log gives the same number to another change.
    pub moment: u32,
}

impl FeedCursor {
    /// At the beginning of a first load, of a feed that stands at `version`.
    pub const fn start(cities: Fingerprint, log: i64, version: i64) -> Self {
        Self { cities, log, place: (-1, RecordId(Uuid::nil())), complete: 0, begun: version, given: 0, moment: 0 }
    }

    /// The same, given out at `now` by whoever knows these moments of the log.
    #[must_use]
    pub fn given_at(self, now: DateTime<Utc>, moments: &Moments) -> Self {
        Self { given: now.timestamp(), moment: moments.of(self.reach()), ..self }
    }

    /// The last change it speaks of.
    pub fn reach(&self) -> i64 {
        self.place.0.max(self.begun)
    }

    /// As clients keep it: base64url of its parts and a checksum. It guards against mistakes, not against malice: it holds nothing
    /// secret.
    pub fn encode(&self) -> String {
        let mut bytes = Vec::with_capacity(LENGTH);
        bytes.push(FORM);
        bytes.extend(self.cities.to_bytes());
        bytes.extend(self.log.to_le_bytes());
        bytes.extend(self.place.0.to_le_bytes());
        bytes.extend(self.place.1.0.as_bytes());
        for number in [self.complete, self.begun, self.given] {
            bytes.extend(number.to_le_bytes());
        }
        bytes.extend(self.moment.to_le_bytes());
        let sum = checksum(&bytes);
        bytes.extend(sum);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads a cursor that was given out for these cities.
    pub fn decode(text: &str, cities: Fingerprint) -> Result<Self, CatalogueError> {
        Self::read(text).filter(|cursor| cursor.cities == cities).ok_or(CatalogueError::Cursor)
    }

    fn read(text: &str) -> Option<Self> {
        if text.len() > 200 {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (body, sum) = bytes.split_last_chunk::<4>()?;
        let (form, mut rest) = body.split_first()?;
        (checksum(body) == *sum && *form == FORM).then_some(())?;
        let mut eight = || {
            let (number, after) = rest.split_first_chunk::<8>()?;
            rest = after;
            Some(*number)
        };
        let (cities, log, number) = (Fingerprint::from_bytes(eight()?), i64::from_le_bytes(eight()?), i64::from_le_bytes(eight()?));
        let (one, other) = (eight()?, eight()?);
        let record = RecordId(Uuid::from_slice(&[one, other].concat()).ok()?);
        let [complete, begun, given] = [eight()?, eight()?, eight()?].map(i64::from_le_bytes);
        let moment = u32::from_le_bytes(rest.try_into().ok()?);
        Some(Self { cities, log, place: (number, record), complete, begun, given, moment })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_cursor_comes_back_as_it_went_and_a_bent_one_does_not(
            numbers in any::<[i64; 5]>(), moment: u32, record: u128, print: [u8; 8], at in any::<prop::sample::Index>(),
        ) {
            let cities = Fingerprint::from_bytes(print);
            let [log, number, complete, begun, given] = numbers;
            let place = (number, RecordId(Uuid::from_u128(record)));
            let cursor = FeedCursor { cities, log, place, complete, begun, given, moment };
            let text = cursor.encode();
            prop_assert_eq!(text.len(), (LENGTH * 4).div_ceil(3));
            prop_assert_eq!(FeedCursor::decode(&text, cities), Ok(cursor));
            prop_assert!(FeedCursor::decode(&text, Fingerprint::of("another", &0)).is_err());
            let mut bent = text.into_bytes();
            let place = at.index(bent.len() - 1);
            bent[place] = if bent[place] == b'A' { b'B' } else { b'A' };
            prop_assert!(FeedCursor::decode(std::str::from_utf8(&bent).unwrap(), cities).is_err());
        }

        #[test]
        fn whatever_a_client_sends_is_answered(text: String) {
            let _ = FeedCursor::decode(&text, Fingerprint::of("cities", &0));
        }
    }
}
