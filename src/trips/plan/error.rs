//! Why there is no plan at all. What a plan could not do is in the plan.

use crate::domain::ids::RecordId;
use crate::domain::work_budget::Spent;
use crate::travel::TravelMode;

/// A request that cannot be planned.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlanError {
    /// A number is outside of its bounds.
    #[error("{what} is from {least} to {most}, not {found}")]
    OutOfRange {
        /// Which.
        what: &'static str,
        /// At least.
        least: i64,
        /// At most.
        most: i64,
        /// Asked.
        found: i64,
    },
    /// A day ends before it starts.
    #[error("day {day} ends before it starts")]
    EndBeforeStart {
        /// Number of the day, from 1.
        day: usize,
    },
    /// The days do not follow each other.
    #[error("day {day} is not after the day before it")]
    DaysNotRising {
        /// Number of the day, from 1.
        day: usize,
    },
    /// Nothing of the trip lies after the instant it shall go on from.
    #[error("the trip is over by then")]
    Over,
    /// A day outside of the years that are planned.
    #[error("day {day} is outside of the years 2000 to 2100")]
    OutsideYears {
        /// Number of the day, from 1.
        day: usize,
    },
    /// Nobody plans with this mode.
    #[error("trips are planned on foot, by bicycle and by car, not by {0:?}")]
    Mode(TravelMode),
    /// A start or end far from all the cities.
    #[error("the {what} of day {day} is {kilometres} km from the nearest of the cities; at most {most} km are planned")]
    FarAway {
        /// Start or end.
        what: &'static str,
        /// Number of the day, from 1.
        day: usize,
        /// How far.
        kilometres: u64,
        /// At most.
        most: u64,
    },
    /// There is no such city.
    #[error("there is no city `{0}`")]
    UnknownCity(Box<str>),
    /// There is no such category.
    #[error("there is no category `{0}`")]
    UnknownCategory(Box<str>),
    /// There is no such place or event.
    #[error("there is no place or event {0:?} in the catalogue")]
    UnknownRecord(RecordId),
    /// A place of another city than those asked for.
    #[error("`{slug}` belongs to {city}, which is none of the cities of the trip")]
    OtherCity {
        /// The place.
        slug: Box<str>,
        /// Its city.
        city: Box<str>,
    },
    /// Insisted on and avoided.
    #[error("`{0}` is both insisted on and avoided")]
    Contradiction(Box<str>),
    /// Least above greatest number.
    #[error("of `{0}` more is asked for than is allowed")]
    Limits(Box<str>),
    /// The planner refused the problem: a fault of ours.
    #[error("the plan cannot be posed")]
    Problem(#[from] planner::ProblemError),
    /// Too many plans are being made.
    #[error("too many plans are being made; ask again in {retry_after_seconds} s")]
    Busy {
        /// Seconds to wait.
        retry_after_seconds: u32,
    },
    /// The cities have more on these days than a plan may look through.
    #[error("the plan asks for more work than one plan may have: fewer cities, or fewer days")]
    Spent(#[from] Spent),
    /// The thread that searched died.
    #[error("the plan could not be made")]
    Thread,
}
