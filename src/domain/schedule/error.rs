//! Why a schedule is refused.

use super::{LONGEST_DAYS, MOST_A_DAY, MOST_DATES};
use crate::domain::calendar::YEARS;

/// Why a schedule was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    /// Neither a date nor a local date and time.
    #[error("{field}: `{value}` is neither a date (2026-06-18) nor a local date and time (2026-06-18T19:30:00)")]
    Instant {
        /// Which field.
        field: &'static str,
        /// What it holds.
        value: String,
    },
    /// A date outside the years that are known.
    #[error("{field}: `{value}` is not between the years {} and {}", YEARS.start(), YEARS.end())]
    Year {
        /// Which field.
        field: &'static str,
        /// What it holds.
        value: String,
    },
    /// DTEND, RDATE or EXDATE of another kind than DTSTART (RFC 5545 §3.8.2.2).
    #[error("{0} must be a date when dtstart is one, and a date and time when dtstart is one")]
    Kind(&'static str),
    /// DTEND not after DTSTART.
    #[error("dtend is not after dtstart")]
    EndBeforeStart,
    /// An occurrence of a series that is too long.
    #[error("what takes place several times lasts at most {LONGEST_DAYS} days each time")]
    TooLong,
    /// The rule does not parse, or repeats more often than daily.
    #[error("rrule: {0}")]
    Rule(String),
    /// The rule never comes true, or not on DTSTART.
    #[error("rrule: dtstart is not its first occurrence")]
    StartNotOnRule,
    /// More occurrences on one day than are taken.
    #[error("{field}: an event takes place at most {MOST_A_DAY} times a day")]
    TooManyADay {
        /// Which field.
        field: &'static str,
    },
    /// More dates than are taken.
    #[error("{field}: a series that ends has at most {MOST_DATES} dates")]
    TooManyDates {
        /// Which field.
        field: &'static str,
    },
    /// DTEND, RDATE or EXDATE without DTSTART.
    #[error("{0} needs dtstart")]
    NoStart(&'static str),
}

impl ScheduleError {
    /// The field that is at fault.
    pub const fn field(&self) -> &'static str {
        match self {
            Self::Instant { field, .. }
            | Self::Year { field, .. }
            | Self::TooManyADay { field }
            | Self::TooManyDates { field }
            | Self::Kind(field)
            | Self::NoStart(field) => field,
            Self::EndBeforeStart | Self::TooLong => "dtend",
            Self::Rule(_) | Self::StartNotOnRule => "rrule",
        }
    }
}
