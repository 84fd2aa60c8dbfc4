//! What a visitor asks of a plan, and its way into a request of the room.

use async_graphql::{Enum, ID, InputObject, OneofObject};
use chrono::NaiveTime;

use crate::catalogue::snapshot::Snapshot;
use crate::domain::geo::Position;
use crate::domain::ids::RecordId;
use crate::graphql::failure::{Code, Failure};
use crate::graphql::model::enums::{AccessibilityProfile, TravelMode};
use crate::graphql::node::GlobalId;
use crate::graphql::scalars::{Date, Instant, Latitude, LocalTime, Longitude};
use crate::trips::plan::replan::Here;
use crate::trips::plan::request::{self, DayRequest, PlanRequest};

/// Seconds of the day at which a day starts and ends where nobody says: 08:30 and 18:30.
const USUAL_DAY: (u32, u32) = (30_600, 66_600);
/// Begin of lunch where nobody says: 11:30 to 14:00.
const USUAL_LUNCH: (u32, u32) = (41_400, 50_400);

/// A position in WGS84.
#[derive(InputObject, Clone)]
pub struct LocationInput {
    /// Degrees north.
    latitude: Latitude,
    /// Degrees east.
    longitude: Longitude,
}

/// Where something starts or ends, in one of two ways.
#[derive(OneofObject, Clone)]
pub enum StopInput {
    /// A position.
    Location(LocationInput),
    /// A place of the catalogue, by its id.
    PointOfInterest(ID),
}

impl StopInput {
    /// The place.
    pub fn resolve(&self, snapshot: &Snapshot) -> Result<request::Place, Failure> {
        match self {
            Self::Location(location) => {
                let position = Position::new(location.latitude.0, location.longitude.0);
                let position = position.map_err(|error| Failure::new(Code::BadUserInput, error.to_string()))?;
                Ok(request::Place { position, record: None })
            }
            Self::PointOfInterest(id) => {
                let record = place(id)?;
                let found = snapshot.place(record).ok_or_else(|| Failure::new(Code::BadId, "no place has this id"))?;
                Ok(request::Place { position: found.record.position, record: Some(record) })
            }
        }
    }
}

fn place(id: &ID) -> Result<RecordId, Failure> {
    match GlobalId::decode(id)? {
        GlobalId::PointOfInterest(id) => Ok(id),
        other => Err(other.not_a("PointOfInterest")),
    }
}

/// Of a place, an event, or an occurrence of one.
fn subject(id: &ID) -> Result<RecordId, Failure> {
    match GlobalId::decode(id)? {
        GlobalId::PointOfInterest(id) | GlobalId::Event(id) | GlobalId::EventOccurrence(id, _) => Ok(id),
        other => Err(other.not_a("PointOfInterest or an Event")),
    }
}

/// A day of the trip.
#[derive(InputObject, Clone)]
pub struct TripDayInput {
    /// Its local date.
    date: Date,
    /// Local time at which the start may be left; 08:30 when absent.
    start_time: Option<LocalTime>,
    /// Local time by which the end is reached; 18:30 when absent.
    end_time: Option<LocalTime>,
    /// Where it starts.
    start: StopInput,
    /// Where it ends; where it starts, when absent.
    end: Option<StopInput>,
    /// How one moves: on foot, by bicycle or by car.
    #[graphql(default_with = "TravelMode::Car")]
    mode: TravelMode,
}

/// How much a category is liked.
#[derive(InputObject, Clone)]
pub struct InterestInput {
    /// Slug; what is below it is meant too, unless it has a weight of its own.
    category: String,
    /// From 0, not at all, to 10.
    #[graphql(default = 8)]
    weight: u8,
}

/// Numbers of visits to a category and all below it, each at most 1,000. What cannot be met at the least is told in a warning.
#[derive(InputObject, Clone)]
pub struct CategoryLimitInput {
    /// Slug.
    category: String,
    /// At least so many a day.
    #[graphql(default)]
    at_least_per_day: u32,
    /// At most so many a day.
    at_most_per_day: Option<u32>,
    /// At least so many in all.
    #[graphql(default)]
    at_least_per_trip: u32,
    /// At most so many in all.
    at_most_per_trip: Option<u32>,
}

/// Lunch at a food place each day.
#[derive(InputObject, Clone)]
pub struct LunchInput {
    /// It begins at this local time at the earliest; 11:30 when absent.
    from: Option<LocalTime>,
    /// It begins at this local time at the latest; 14:00 when absent.
    to: Option<LocalTime>,
}

/// How much is put into a day.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum TripPace {
    /// At most 4 stops a day, 20 minutes of rest after each.
    Relaxed,
    /// At most 6 stops a day, 10 minutes of rest after each.
    Moderate,
    /// As many as fit.
    Intense,
}

impl From<TripPace> for request::Pace {
    fn from(pace: TripPace) -> Self {
        match pace {
            TripPace::Relaxed => Self::Relaxed,
            TripPace::Moderate => Self::Moderate,
            TripPace::Intense => Self::Intense,
        }
    }
}

/// What becomes of places of which something is not known.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum UnknownHoursPolicy {
    /// They may be planned and carry a warning: nature by daylight, the rest from 09:00 to 17:00.
    AllowWithWarning,
    /// They are left out.
    Exclude,
}

impl From<UnknownHoursPolicy> for request::Unknown {
    fn from(policy: UnknownHoursPolicy) -> Self {
        match policy {
            UnknownHoursPolicy::AllowWithWarning => Self::AllowWithWarning,
            UnknownHoursPolicy::Exclude => Self::Exclude,
        }
    }
}

/// What a trip shall be. The same wishes in another order are the same request.
#[derive(InputObject, Clone)]
pub struct TripPlanRequest {
    /// Slugs of the cities whose places and events may be chosen, from 1 to 10.
    cities: Vec<String>,
    /// The days, rising, from 1 to 14.
    days: Vec<TripDayInput>,
    /// What is liked; everything alike, when absent.
    #[graphql(default)]
    interests: Vec<InterestInput>,
    /// Places and events to be seen in any case, at most 50. What cannot be kept is told with the reason.
    #[graphql(default)]
    must_see: Vec<ID>,
    /// Places and events to be left out, at most 100.
    #[graphql(default)]
    avoid: Vec<ID>,
    /// Numbers of visits by category.
    #[graphql(default)]
    limits: Vec<CategoryLimitInput>,
    /// Lunch each day; not planned, when absent.
    lunch: Option<LunchInput>,
    /// Profiles of visitors who must be able to visit everything.
    #[graphql(default)]
    accessible_for: Vec<AccessibilityProfile>,
    /// What becomes of places of which that is not known.
    #[graphql(default_with = "UnknownHoursPolicy::AllowWithWarning")]
    accessibility_unknown: UnknownHoursPolicy,
    /// What becomes of places without known hours.
    #[graphql(default_with = "UnknownHoursPolicy::AllowWithWarning")]
    unknown_hours: UnknownHoursPolicy,
    /// Years of the youngest; decides minimum ages.
    youngest_age: Option<u32>,
    /// Whether there is a four-wheel drive.
    #[graphql(default)]
    four_wheel_drive: bool,
    /// When bookings can be made: decides what can still be booked ahead. Without it, what must be booked carries a warning only.
    booked_at: Option<Instant>,
    /// Reais for all entrances of all people together, such as `150.00`.
    budget: Option<String>,
    /// How many people, from 1 to 100.
    #[graphql(default = 1)]
    people: u32,
    /// Metres a day on foot between the stops, at most.
    walking_limit_meters: Option<u32>,
    /// How much is put into a day.
    #[graphql(default_with = "TripPace::Moderate")]
    pace: TripPace,
    /// Seed of the search: another one may give another plan as good.
    #[graphql(default)]
    seed: u32,
}

impl TripPlanRequest {
    /// The request.
    pub fn resolve(self, snapshot: &Snapshot) -> Result<PlanRequest, Failure> {
        let ids = |ids: &[ID]| ids.iter().map(subject).collect::<Result<Vec<_>, _>>();
        Ok(PlanRequest {
            must_see: ids(&self.must_see)?,
            avoid: ids(&self.avoid)?,
            days: self.days.iter().map(|day| resolve_day(day, snapshot)).collect::<Result<_, _>>()?,
            cities: self.cities.into_iter().map(Into::into).collect(),
            interests: self
                .interests
                .into_iter()
                .map(|interest| request::Interest { category: interest.category.into(), weight: interest.weight })
                .collect(),
            limits: self
                .limits
                .into_iter()
                .map(|limit| request::Limit {
                    category: limit.category.into(),
                    at_least_a_day: limit.at_least_per_day,
                    at_most_a_day: limit.at_most_per_day,
                    at_least: limit.at_least_per_trip,
                    at_most: limit.at_most_per_trip,
                })
                .collect(),
            lunch: self.lunch.map(|lunch| request::Lunch {
                from: lunch.from.map_or_else(|| time(USUAL_LUNCH.0), |time| time.0),
                to: lunch.to.map_or_else(|| time(USUAL_LUNCH.1), |time| time.0),
            }),
            accessible_for: self.accessible_for.into_iter().map(Into::into).collect(),
            accessible_unknown: self.accessibility_unknown.into(),
            unknown_hours: self.unknown_hours.into(),
            youngest_age: self.youngest_age,
            four_wheel_drive: self.four_wheel_drive,
            booked_at: self.booked_at.map(Instant::utc),
            budget_cents: self.budget.as_deref().map(cents).transpose()?,
            people: self.people,
            walking_limit_metres: self.walking_limit_meters,
            pace: self.pace.into(),
            seed: u64::from(self.seed),
            done: Vec::new(),
            keep: Vec::new(),
        })
    }
}

fn resolve_day(day: &TripDayInput, snapshot: &Snapshot) -> Result<DayRequest, Failure> {
    let start = day.start.resolve(snapshot)?;
    Ok(DayRequest {
        date: day.date.0,
        start_time: day.start_time.map_or_else(|| time(USUAL_DAY.0), |time| time.0),
        end_time: day.end_time.map_or_else(|| time(USUAL_DAY.1), |time| time.0),
        end: day.end.as_ref().map_or(Ok(start), |end| end.resolve(snapshot))?,
        start,
        mode: day.mode.into(),
    })
}

fn time(seconds: u32) -> NaiveTime {
    NaiveTime::from_num_seconds_from_midnight_opt(seconds, 0).unwrap_or(NaiveTime::MIN)
}

/// Reais as a decimal into cents.
fn cents(text: &str) -> Result<u64, Failure> {
    let bad = || Failure::new(Code::BadUserInput, "a budget looks like 150 or 150.00, in reais");
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "00"));
    let digits = |part: &str, length: std::ops::RangeInclusive<usize>| {
        length.contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    if !digits(whole, 1..=9) || !digits(fraction, 2..=2) {
        return Err(bad());
    }
    let (whole, fraction): (u64, u64) = (whole.parse().map_err(|_| bad())?, fraction.parse().map_err(|_| bad())?);
    Ok(whole * 100 + fraction)
}

/// From where and when a trip goes on.
#[derive(InputObject)]
pub struct ReplanInput {
    /// The instant.
    at: Instant,
    /// Where the visitor is.
    location: StopInput,
    /// Places and events that are done, or no longer wanted; at most 1,000.
    #[graphql(default)]
    done: Vec<ID>,
}

impl ReplanInput {
    /// From where and when.
    pub fn resolve(&self, snapshot: &Snapshot) -> Result<Here, Failure> {
        let done = self.done.iter().map(subject).collect::<Result<Vec<_>, _>>()?;
        Ok(Here { at: self.at.utc(), place: self.location.resolve(snapshot)?, done })
    }
}

/// A saved trip, in one of two ways.
#[derive(OneofObject)]
pub enum TripLookup {
    /// A trip of yours, by its id.
    Id(ID),
    /// Anybody's, by the token of a link to it.
    ShareToken(String),
}

impl From<request::Pace> for TripPace {
    fn from(source: request::Pace) -> Self {
        match source {
            request::Pace::Relaxed => Self::Relaxed,
            request::Pace::Moderate => Self::Moderate,
            request::Pace::Intense => Self::Intense,
        }
    }
}

impl From<request::Unknown> for UnknownHoursPolicy {
    fn from(source: request::Unknown) -> Self {
        match source {
            request::Unknown::AllowWithWarning => Self::AllowWithWarning,
            request::Unknown::Exclude => Self::Exclude,
        }
    }
}
