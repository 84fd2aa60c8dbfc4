//! Opening hours: an OSM `opening_hours` value (<https://wiki.openstreetmap.org/wiki/Key:opening_hours/specification>)
//! evaluated in a place's zone with its municipality's holidays. What is not known is answered `Unknown`, never open.
//!
//! A value is parsed once (some 100 µs) and shared; a question takes tens of nanoseconds. Only a value that names sun
//! events depends on the position ([`mentions_sun`]), so places with the same value, zone and holidays can share one.

mod day;
mod engine;
mod rules;
mod spelling;

use std::sync::Arc;

use chrono::{DateTime, Datelike, Days, MappedLocalTime, NaiveDate, NaiveDateTime, TimeDelta, TimeZone, Timelike, Utc};
use chrono_tz::Tz;

use self::{day::Stretch, engine::Engine};
use super::holidays::{Holidays, YEARS};

/// The longest value taken, in characters. OSM itself caps a tag at 255; editors get some room.
pub const MAX_LENGTH: usize = 1_000;

/// The most rules of a value. One day costs as many looks as there are rules, and the next change may be 400 days away; a tag of OSM has
/// room for some 60 of the shortest.
pub const MAX_RULES: usize = 60;

/// The most days [`OpeningHours::days`] gives at once.
pub const MAX_DAYS: usize = 366;

/// An `opening_hours` value made ready to be asked. Cheap to ask from many threads at once; share it in an `Arc`.
#[derive(Debug)]
pub struct OpeningHours {
    raw: Box<str>,
    zone: Tz,
    holidays: Arc<Holidays>,
    engine: Engine,
}

/// Whether a place can be visited at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OpenState {
    /// The value says open.
    Open,
    /// The value says closed.
    Closed,
    /// The value leaves it open (`unknown`, a bare comment, an open end), or the instant is beyond the years we know.
    Unknown,
}

/// The answer for one instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
    /// The state at the instant.
    pub state: OpenState,
    /// When an open or closed state ends. `None` when the state is unknown, or does not end within about 13 months.
    pub until: Option<DateTime<Utc>>,
    /// The next instant with another state and that state, also from an unknown one; `None` when there is none within
    /// about 13 months.
    pub next_change: Option<Change>,
    /// The comment the value gives for this time, such as "by appointment".
    pub comment: Option<Arc<str>>,
}

/// A change of state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// When.
    pub at: DateTime<Utc>,
    /// The state from then on.
    pub state: OpenState,
}

/// One local calendar day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DaySchedule {
    /// The local date.
    pub date: NaiveDate,
    /// The times that are not simply closed, ascending and disjoint. What goes on past midnight is two intervals in two
    /// days that touch at 00:00.
    pub intervals: Vec<Interval>,
    /// The holiday's name in Brazilian Portuguese, if the day is one.
    pub holiday: Option<Box<str>>,
}

/// A part of a day in one state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interval {
    /// The beginning, in the place's zone.
    pub start: DateTime<Tz>,
    /// The end, exclusive, in the place's zone.
    pub end: DateTime<Tz>,
    /// The state; `Closed` only where the value has a comment on it.
    pub state: OpenState,
    /// The comment the value gives for this time.
    pub comment: Option<Arc<str>>,
}

/// Why a value cannot be evaluated. The record keeps its text and answers unknown.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum OpeningHoursError {
    /// Nothing but blanks.
    #[error("the opening hours are empty")]
    Empty,
    /// More than [`MAX_LENGTH`] characters.
    #[error("the opening hours have {characters} characters, at most {MAX_LENGTH} are read")]
    TooLong {
        /// How many there are.
        characters: usize,
    },
    /// More than [`MAX_RULES`] rules.
    #[error("the opening hours have {rules} rules, at most {MAX_RULES} are read")]
    TooManyRules {
        /// How many there are.
        rules: usize,
    },
    /// Not the syntax of the OSM specification; the message shows where.
    #[error("the opening hours are not in OSM syntax: {0}")]
    Syntax(String),
    /// Of the syntax, but with times that no day has.
    #[error("the opening hours have times that cannot be worked out")]
    Unworkable,
    /// A latitude or longitude outside the globe.
    #[error("latitude {latitude}, longitude {longitude} is not a position")]
    Position {
        /// Degrees north.
        latitude: f64,
        /// Degrees east.
        longitude: f64,
    },
}

/// Why no days are given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DayRangeError {
    /// The last day is before the first.
    #[error("the last day, {to}, is before the first, {from}")]
    Reversed {
        /// The first day asked for.
        from: NaiveDate,
        /// The last day asked for.
        to: NaiveDate,
    },
    /// More than [`MAX_DAYS`].
    #[error("{days} days were asked for, at most {MAX_DAYS} are given at once")]
    TooMany {
        /// How many.
        days: i64,
    },
    /// A day beyond [`YEARS`].
    #[error("{date} is outside the years {} to {}", YEARS.start(), YEARS.end())]
    OutsideYears {
        /// The first such day.
        date: NaiveDate,
    },
}

/// Whether a value names sun events, so that its meaning depends on the position as well as on zone and holidays.
pub fn mentions_sun(raw: &str) -> bool {
    let lower = raw.to_ascii_lowercase();
    ["dawn", "sunrise", "sunset", "dusk"].iter().any(|event| lower.contains(event))
}

impl OpeningHours {
    /// Parses a value. `position` is (latitude, longitude) in degrees and serves sunrise, sunset, dawn and dusk; without
    /// one they are 07:00, 19:00, 06:00 and 20:00.
    pub fn parse(raw: &str, zone: Tz, holidays: Arc<Holidays>, position: Option<(f64, f64)>) -> Result<Self, OpeningHoursError> {
        let characters = raw.chars().count();
        if characters > MAX_LENGTH {
            return Err(OpeningHoursError::TooLong { characters });
        }
        if raw.trim().is_empty() {
            return Err(OpeningHoursError::Empty);
        }
        let engine = Engine::new(raw.trim(), zone, &holidays, position)?;
        Ok(Self { raw: raw.into(), zone, holidays, engine })
    }

    /// The value as it was written.
    pub fn raw(&self) -> &str {
        &self.raw
    }

    /// The zone it is evaluated in.
    pub fn zone(&self) -> Tz {
        self.zone
    }

    /// Only the state: the fast path of the `openAt` filter, 30 to 100 ns when the day was asked for before.
    pub fn is_open_at(&self, at: DateTime<Utc>) -> OpenState {
        let Some(local) = self.local(at) else {
            return OpenState::Unknown;
        };
        self.engine.state(local.date(), minute_of_day(local))
    }

    /// The state with its end and comment. Outside [`YEARS`] it is unknown without an end.
    pub fn state(&self, at: DateTime<Utc>) -> Opening {
        let Some(local) = self.local(at) else {
            return Opening { state: OpenState::Unknown, until: None, next_change: None, comment: None };
        };
        let (stretch, change) = self.engine.stretch_and_change(local.date(), minute_of_day(local));
        let next_change = change.and_then(|(local, state)| Some(Change { at: self.instant(local, at)?.with_timezone(&Utc), state }));
        // Beyond the years everything is unknown, so nobody says what becomes of it there.
        let next_change = next_change.filter(|change| self.local(change.at).is_some());
        let until = next_change.filter(|_| stretch.state != OpenState::Unknown).map(|change| change.at);
        Opening { state: stretch.state, until, next_change, comment: stretch.comment }
    }

    /// The schedule of each local date from `from` to `to`, both included.
    pub fn days(&self, from: NaiveDate, to: NaiveDate) -> Result<Vec<DaySchedule>, DayRangeError> {
        if to < from {
            return Err(DayRangeError::Reversed { from, to });
        }
        if let Some(date) = [from, to].into_iter().find(|date| !YEARS.contains(&date.year())) {
            return Err(DayRangeError::OutsideYears { date });
        }
        let days = (to - from).num_days() + 1;
        if days > MAX_DAYS as i64 {
            return Err(DayRangeError::TooMany { days });
        }
        Ok(from.iter_days().take(days as usize).map(|date| self.day(date)).collect())
    }

    /// What the place's clocks show, within [`YEARS`].
    fn local(&self, at: DateTime<Utc>) -> Option<NaiveDateTime> {
        // The year is looked at first: chrono panics where the local time of an extreme instant has no year.
        let near = YEARS.start() - 1..=YEARS.end() + 1;
        let local = near.contains(&at.year()).then(|| at.with_timezone(&self.zone).naive_local())?;
        YEARS.contains(&local.year()).then_some(local)
    }

    fn day(&self, date: NaiveDate) -> DaySchedule {
        let stretches = self.engine.stretches(date);
        let starts = std::iter::once(0).chain(stretches.iter().map(|stretch| stretch.until));
        let intervals = starts
            .zip(stretches.iter())
            .filter(|(_, stretch)| stretch.state != OpenState::Closed || stretch.comment.is_some())
            .filter_map(|(start, stretch)| self.interval(date, start, stretch))
            .collect();
        DaySchedule { date, intervals, holiday: self.holidays.name_on(date).map(Into::into) }
    }

    /// `None` where the clocks skip the whole of it.
    fn interval(&self, date: NaiveDate, start: u16, stretch: &Stretch) -> Option<Interval> {
        let start = self.instant(at_minute(date, start)?, DateTime::<Utc>::MIN_UTC)?;
        let end = self.instant(at_minute(date, stretch.until)?, start.to_utc())?;
        (start < end).then(|| Interval { start, end, state: stretch.state, comment: stretch.comment.clone() })
    }

    /// The instant at which local clocks show `local`: of two, the first after `after`; of none, as the clocks are put
    /// forward, the first instant after the gap (no zone skips more than a day).
    fn instant(&self, local: NaiveDateTime, after: DateTime<Utc>) -> Option<DateTime<Tz>> {
        (0..=96).find_map(|quarters| match self.zone.from_local_datetime(&local.checked_add_signed(TimeDelta::minutes(15 * quarters))?) {
            MappedLocalTime::Single(instant) => Some(instant),
            MappedLocalTime::Ambiguous(first, second) => Some(if first > after { first } else { second }),
            MappedLocalTime::None => None,
        })
    }
}

fn minute_of_day(local: NaiveDateTime) -> u16 {
    (local.hour() * 60 + local.minute()) as u16
}

/// A minute of a day, 1440 being the next midnight.
fn at_minute(date: NaiveDate, minute: u16) -> Option<NaiveDateTime> {
    let date = date.checked_add_days(Days::new(u64::from(minute / 1440)))?;
    date.and_hms_opt(u32::from(minute % 1440) / 60, u32::from(minute) % 60, 0)
}
