//! What a visitor asks for, in canonical form: the same wishes in another order, or the same instant in another spelling, are
//! one request, and so one key in the cache.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use serde::{Deserialize, Serialize};

use super::error::PlanError;
use crate::domain::accessibility::AccessibilityProfile;
use crate::domain::geo::Position;
use crate::domain::ids::RecordId;
use crate::travel::TravelMode;

/// Most days of a plan.
pub const MAX_DAYS: usize = 14;
/// Most places insisted on.
pub const MAX_MUST_SEE: usize = 50;
/// Most wishes, limits and avoided places, each.
pub const MAX_WISHES: usize = 100;
/// Most places done on an earlier part of the trip.
pub const MAX_DONE: usize = 1_000;
/// Most visits a limit speaks of, be it at least or at most.
const MAX_VISITS: u32 = 1_000;

/// How much is put into a day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Pace {
    /// At most 4 stops a day, 20 minutes of rest after each.
    Relaxed,
    /// At most 6 stops a day, 10 minutes of rest after each.
    #[default]
    Moderate,
    /// As many as fit.
    Intense,
}

impl Pace {
    /// Most stops of a day.
    pub const fn max_stops(self) -> Option<u32> {
        match self {
            Self::Relaxed => Some(4),
            Self::Moderate => Some(6),
            Self::Intense => None,
        }
    }

    /// Seconds of rest after each visit.
    pub const fn rest_seconds(self) -> u32 {
        match self {
            Self::Relaxed => 1_200,
            Self::Moderate => 600,
            Self::Intense => 0,
        }
    }
}

/// What becomes of places of which something is not known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Unknown {
    /// They may be planned and carry a warning.
    #[default]
    AllowWithWarning,
    /// They are left out.
    Exclude,
}

/// How much somebody likes a category and all below it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interest {
    /// Slug.
    pub category: Box<str>,
    /// From 0, not at all, to 10.
    pub weight: u8,
}

/// Least and greatest numbers of visits to a category and all below it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Limit {
    /// Slug.
    pub category: Box<str>,
    /// At least so many a day.
    #[serde(rename = "atLeastPerDay")]
    pub at_least_a_day: u32,
    /// At most so many a day.
    #[serde(rename = "atMostPerDay")]
    pub at_most_a_day: Option<u32>,
    /// At least so many in all.
    #[serde(rename = "atLeastPerTrip")]
    pub at_least: u32,
    /// At most so many in all.
    #[serde(rename = "atMostPerTrip")]
    pub at_most: Option<u32>,
}

/// A meal at a food place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lunch {
    /// It begins at this hour at the earliest.
    pub from: NaiveTime,
    /// It begins at this hour at the latest.
    pub to: NaiveTime,
}

/// Where a day starts or ends.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Place {
    /// Where.
    #[serde(rename = "location")]
    pub position: Position,
    /// The place of the catalogue that was named, if one was.
    #[serde(rename = "pointOfInterest")]
    pub record: Option<RecordId>,
}

/// One day.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DayRequest {
    /// Local date.
    pub date: NaiveDate,
    /// Local time at which the start may be left.
    pub start_time: NaiveTime,
    /// Local time by which the end is reached.
    pub end_time: NaiveTime,
    /// Where it starts.
    pub start: Place,
    /// Where it ends.
    pub end: Place,
    /// How one moves.
    pub mode: TravelMode,
}

/// A request. Written as JSON it has the names of the contract; saved trips are kept so.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PlanRequest {
    /// Slugs of the cities whose places and events may be chosen, one at least.
    pub cities: Vec<Box<str>>,
    /// The days, rising.
    pub days: Vec<DayRequest>,
    /// What is liked; when empty, everything alike.
    pub interests: Vec<Interest>,
    /// Places and events to be seen in any case.
    pub must_see: Vec<RecordId>,
    /// Places and events to be left out.
    pub avoid: Vec<RecordId>,
    /// Numbers by category.
    pub limits: Vec<Limit>,
    /// Lunch each day, when wanted.
    pub lunch: Option<Lunch>,
    /// Profiles that must be able to visit everything.
    pub accessible_for: Vec<AccessibilityProfile>,
    /// What becomes of places of which that is not known.
    #[serde(rename = "accessibilityUnknown")]
    pub accessible_unknown: Unknown,
    /// What becomes of places without known hours.
    pub unknown_hours: Unknown,
    /// Years of the youngest.
    pub youngest_age: Option<u32>,
    /// Whether they have a four-wheel drive.
    pub four_wheel_drive: bool,
    /// When bookings can be made: decides what can still be booked ahead.
    pub booked_at: Option<DateTime<Utc>>,
    /// Cents of BRL for all entrances of all people together.
    #[serde(rename = "budget")]
    pub budget_cents: Option<u64>,
    /// How many people.
    pub people: u32,
    /// Metres a day on foot, at most.
    #[serde(rename = "walkingLimitMeters")]
    pub walking_limit_metres: Option<u32>,
    /// How much is put into a day.
    pub pace: Pace,
    /// Seed of the search.
    pub seed: u64,
    /// What was done on an earlier part of the trip, or is no longer wanted: left out, be it still there or not. Never of a saved trip.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub done: Vec<RecordId>,
    /// What an earlier plan held and is kept before others alike: its interest counts half as much again.
    pub keep: Vec<RecordId>,
}

impl PlanRequest {
    /// Checks what can be checked without a catalogue, and puts it in canonical form.
    pub fn canonical(mut self) -> Result<Self, PlanError> {
        within("the number of days", 1, MAX_DAYS as i64, self.days.len() as i64)?;
        within("the number of cities", 1, 10, self.cities.len() as i64)?;
        within("the number of places insisted on", 0, MAX_MUST_SEE as i64, self.must_see.len() as i64)?;
        for (what, count) in [
            ("the number of places avoided", self.avoid.len()),
            ("the number of interests", self.interests.len()),
            ("the number of limits", self.limits.len()),
        ] {
            within(what, 0, MAX_WISHES as i64, count as i64)?;
        }
        within("the number of places done", 0, MAX_DONE as i64, self.done.len() as i64)?;
        within("the number of people", 1, 100, i64::from(self.people))?;
        for interest in &self.interests {
            within("the weight of an interest", 0, 10, i64::from(interest.weight))?;
        }
        for (index, day) in self.days.iter().enumerate() {
            let number = index + 1;
            if !(2000..=2100).contains(&chrono::Datelike::year(&day.date)) {
                return Err(PlanError::OutsideYears { day: number });
            }
            if day.end_time <= day.start_time {
                return Err(PlanError::EndBeforeStart { day: number });
            }
            if index > 0 && day.date <= self.days[index - 1].date {
                return Err(PlanError::DaysNotRising { day: number });
            }
            if day.mode == TravelMode::Boat {
                return Err(PlanError::Mode(day.mode));
            }
        }
        if let Some(lunch) = self.lunch.filter(|lunch| lunch.to < lunch.from) {
            return Err(PlanError::OutOfRange {
                what: "the end of lunch, in minutes of the day,",
                least: minutes(lunch.from),
                most: 1_439,
                found: minutes(lunch.to),
            });
        }
        sort(&mut self.cities);
        sort(&mut self.must_see);
        sort(&mut self.avoid);
        sort(&mut self.done);
        sort(&mut self.keep);
        self.accessible_for.sort_unstable_by_key(|profile| format!("{profile:?}"));
        self.accessible_for.dedup();
        self.interests.sort_by(|one, other| (&one.category, other.weight).cmp(&(&other.category, one.weight)));
        // The greater of two weights of one category counts.
        self.interests.dedup_by(|next, kept| next.category == kept.category);
        self.limits = one_a_category(self.limits)?;
        Ok(self)
    }
}

/// Limits by category, those of the same one made one that asks for as much as both and allows no more than either.
fn one_a_category(mut limits: Vec<Limit>) -> Result<Vec<Limit>, PlanError> {
    limits.sort_by(|one, other| one.category.cmp(&other.category));
    let least = |one: Option<u32>, other: Option<u32>| one.into_iter().chain(other).min();
    limits.dedup_by(|next, kept| {
        let is_same = next.category == kept.category;
        if is_same {
            kept.at_least_a_day = kept.at_least_a_day.max(next.at_least_a_day);
            kept.at_most_a_day = least(kept.at_most_a_day, next.at_most_a_day);
            kept.at_least = kept.at_least.max(next.at_least);
            kept.at_most = least(kept.at_most, next.at_most);
        }
        is_same
    });
    for limit in &limits {
        for (least, most) in [(limit.at_least_a_day, limit.at_most_a_day), (limit.at_least, limit.at_most)] {
            within("the number of visits of a limit", 0, i64::from(MAX_VISITS), i64::from(least.max(most.unwrap_or(0))))?;
            if most.is_some_and(|most| most < least) {
                return Err(PlanError::Limits(limit.category.clone()));
            }
        }
    }
    Ok(limits)
}

fn sort<T: Ord>(list: &mut Vec<T>) {
    list.sort_unstable();
    list.dedup();
}

fn minutes(time: NaiveTime) -> i64 {
    i64::from(chrono::Timelike::num_seconds_from_midnight(&time)) / 60
}

fn within(what: &'static str, least: i64, most: i64, found: i64) -> Result<(), PlanError> {
    if (least..=most).contains(&found) { Ok(()) } else { Err(PlanError::OutOfRange { what, least, most, found }) }
}
