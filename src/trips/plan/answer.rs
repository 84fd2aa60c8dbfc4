//! A plan as it is kept and shown. Ids and codes only, no words: one kept plan serves every language.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::geo::Position;
use crate::domain::ids::RecordId;
use crate::travel::{Confidence, TravelMode};

/// A plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TripPlan {
    /// The days, as asked for.
    pub days: Vec<TripDay>,
    /// Sum of the interest of all stops.
    pub score: u64,
    /// No plan of this request has a greater one.
    #[serde(default)]
    pub bound: Option<u64>,
    /// What was considered and left out: what was insisted on first, then by interest.
    pub dropped: Vec<Dropped>,
    /// What the visitor should know of the plan as a whole.
    pub warnings: Vec<Warning>,
    /// Number of the last change of the catalogue the plan saw.
    pub catalogue_version: i64,
    /// Iterations of the search.
    pub iterations: u64,
    /// Milliseconds it took to make.
    pub milliseconds: u64,
}

/// A day.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TripDay {
    /// Local date.
    pub date: NaiveDate,
    /// IANA zone of the day.
    pub zone: Box<str>,
    /// When the start is left.
    pub depart: DateTime<Utc>,
    /// When the end is reached.
    pub arrive: DateTime<Utc>,
    /// The stops in order.
    pub stops: Vec<TripStop>,
    /// The legs: to each stop, and from the last one to the end.
    pub legs: Vec<TripLeg>,
    /// Metres on foot.
    pub walked_metres: u64,
}

/// What is visited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Subject {
    /// A place.
    PointOfInterest(RecordId),
    /// An occurrence of an event.
    Event(RecordId, DateTime<Utc>),
}

impl Subject {
    /// The record.
    pub const fn record(&self) -> RecordId {
        match self {
            Self::PointOfInterest(id) | Self::Event(id, _) => *id,
        }
    }
}

/// A stop.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TripStop {
    /// What is visited.
    pub subject: Subject,
    /// When one arrives.
    pub arrive: DateTime<Utc>,
    /// When the visit starts.
    pub start: DateTime<Utc>,
    /// When one leaves.
    pub depart: DateTime<Utc>,
    /// How many seconds later one may arrive before the plan breaks.
    pub slack_seconds: u32,
    /// Why it was chosen.
    pub reasons: Vec<Reason>,
    /// What to know of this stop.
    pub warnings: Vec<Warning>,
    /// Places that would fit in its stead, best first.
    pub alternatives: Vec<RecordId>,
    /// Interest of the stop.
    pub score: u32,
}

/// A leg.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TripLeg {
    /// How one moves.
    pub mode: TravelMode,
    /// When.
    pub depart: DateTime<Utc>,
    /// Until when.
    pub arrive: DateTime<Utc>,
    /// Metres along the way.
    pub metres: u32,
    /// From where.
    pub from: Position,
    /// To where.
    pub to: Position,
    /// How sure.
    pub confidence: Confidence,
}

/// Why a stop was chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Reason {
    /// The visitor insisted.
    MustSee,
    /// It is of a category that was wished for: its slug.
    MatchesInterest(Box<str>),
    /// It is lunch.
    Lunch,
    /// So many curated routes stop there.
    OnCuratedRoutes(u32),
    /// It takes place on just that day.
    TakesPlaceThen,
    /// It is near the stop before: metres.
    CloseToPrevious(u32),
    /// It was among the best that fit.
    FitsBest,
}

/// Why a candidate is not in the plan.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DropReason {
    /// Closed on all days of the trip.
    ClosedAllDays,
    /// Nobody knows its hours, and such places were not wanted.
    UnknownHours,
    /// Not in season.
    OutOfSeason,
    /// Reached by four-wheel drive only.
    FourWheelDriveRequired,
    /// Somebody is too young: years needed.
    MinimumAge(u32),
    /// Too late to book: hours needed.
    BookingTooLate(u32),
    /// Not accessible for one of the profiles.
    NotAccessible,
    /// Nobody knows whether it is accessible, and such places were not wanted.
    AccessibilityUnknown,
    /// The way is longer than the day.
    TooFar,
    /// Not open when one could be there.
    NotOpenWhenThere,
    /// More walking than wanted.
    OverWalking,
    /// More than the budget.
    OverBudget,
    /// It clashes with something insisted on.
    ClashesWith(RecordId),
    /// Enough of its kind.
    EnoughOfItsKind(Box<str>),
    /// The day has its stops.
    DayIsFull,
    /// No time between what is planned.
    NoTime,
    /// Others are of more interest.
    LessInterest,
    /// The place of the event is not known.
    UnknownPosition,
}

/// Something left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dropped {
    /// What.
    pub subject: Subject,
    /// Whether the visitor insisted on it.
    pub must_see: bool,
    /// Why.
    pub reason: DropReason,
}

/// What to know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Warning {
    /// Nobody knows the hours; daylight or 09:00 to 17:00 is assumed.
    UnknownHours,
    /// No source says how long a visit takes: minutes assumed.
    AssumedDuration(u32),
    /// A guide must come along.
    GuideRequired,
    /// Only with a voucher of a local agency.
    VoucherOnly,
    /// To be booked ahead; hours, when known.
    BookAhead(Option<u32>),
    /// At most so many people, when known.
    LimitedCapacity(Option<u32>),
    /// Reached by four-wheel drive only.
    FourWheelDriveRequired,
    /// Nobody knows whether it is accessible.
    AccessibilityUnknown,
    /// No source says the price, so the budget does not hold it.
    UnknownPrice,
    /// Insisted on and not in the plan; the drops say why.
    MustSeeDropped(RecordId),
    /// No lunch could be planned on that day.
    NoLunch(NaiveDate),
    /// Less than asked for of a category; on that day, or in all.
    TooFew(Box<str>, Option<NaiveDate>),
    /// Travel times come from straight lines.
    EstimatedTravel,
    /// The day cannot even be travelled from its start to its end.
    DayCannotBeTravelled(NaiveDate),
    /// Nothing could be planned on that day.
    EmptyDay(NaiveDate),
    /// Only the most interesting were considered: so many.
    ManyCandidates(u32),
}
