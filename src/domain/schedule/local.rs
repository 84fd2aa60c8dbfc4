//! A DATE or a local DATE-TIME of iCalendar, and the instant it names in a zone.

use chrono::{DateTime, Duration, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeZone, Utc};
use chrono_tz::Tz;

use super::ScheduleError;
use crate::domain::calendar::{self, DateError};

/// An iCalendar value (RFC 5545 §3.3.4, §3.3.5 form #3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Local {
    /// A whole day.
    Date(NaiveDate),
    /// A time as local clocks show it.
    Time(NaiveDateTime),
}

impl Local {
    /// Reads the value of a field.
    pub(super) fn parse(field: &'static str, value: &str) -> Result<Self, ScheduleError> {
        let parsed = match value.contains('T') {
            false => calendar::parse_date(value).map(Self::Date),
            true => calendar::parse_local_time(value).map(Self::Time),
        };
        let shown = || value.chars().take(40).collect();
        parsed.map_err(|error| match error {
            DateError::Form => ScheduleError::Instant { field, value: shown() },
            DateError::Year => ScheduleError::Year { field, value: shown() },
        })
    }

    pub(super) const fn is_date(self) -> bool {
        matches!(self, Self::Date(_))
    }

    /// The local time, midnight of a date.
    pub(super) const fn time(self) -> NaiveDateTime {
        match self {
            Self::Date(date) => date.and_time(NaiveTime::MIN),
            Self::Time(time) => time,
        }
    }

    pub(super) fn instant(self, zone: Tz) -> DateTime<Utc> {
        instant(self.time(), zone)
    }
}

/// The instant a local time names. One that happens twice is the first; one that a clock change skips is read with the offset before
/// the change (RFC 5545 §3.3.5).
pub(super) fn instant(local: NaiveDateTime, zone: Tz) -> DateTime<Utc> {
    let utc = |offset: FixedOffset| (local - Duration::seconds(i64::from(offset.local_minus_utc()))).and_utc();
    let at = |time: &NaiveDateTime| zone.from_local_datetime(time);
    if let Some(found) = at(&local).earliest() {
        return found.to_utc();
    }
    // No zone skips more than a day.
    let before = (1..=26 * 4).find_map(|quarters| at(&(local - Duration::minutes(15 * quarters))).latest());
    before.map_or_else(|| local.and_utc(), |before| utc(before.offset().fix()))
}
