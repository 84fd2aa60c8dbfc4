//! Opening hours of a place at an instant, with their evidence.

use async_graphql::{Context, Object, SimpleObject};
use chrono::{DateTime, Utc};

use super::enums::OpenState;
use super::point_of_interest::PointOfInterest;
use crate::catalogue::filter::check_year;
use crate::domain::opening_hours::{self, DayRangeError, Opening};
use crate::domain::point_of_interest::{Hours, HoursEvidence};
use crate::domain::work_budget::WorkBudget;
use crate::graphql::context;
use crate::graphql::directives::{Cost, List};
use crate::graphql::failure::{Code, Failure};
use crate::graphql::scalars::{Date, Instant, ReducedDate};

/// Most days of one answer.
const MAX_DAYS: i64 = 62;

/// Whether a place is open at an instant, until when, and who says so.
pub struct OpeningHours {
    place: PointOfInterest,
    at: DateTime<Utc>,
    opening: Option<Opening>,
}

impl OpeningHours {
    /// Evaluates the hours of the place.
    pub fn of(place: PointOfInterest, at: DateTime<Utc>, budget: &WorkBudget) -> Result<Self, Failure> {
        check_year(chrono::Datelike::year(&at))?;
        let opening = match &place.record().hours {
            Hours::Known(hours) => Some(hours.state_within(at, budget)?),
            Hours::Unknown | Hours::Unreadable { .. } => None,
        };
        Ok(Self { place, at, opening })
    }

    fn local(&self, instant: DateTime<Utc>) -> Instant {
        Instant::in_zone(instant, self.place.record().time_zone)
    }

    fn evidence(&self) -> Option<&HoursEvidence> {
        self.place.particulars().hours_evidence.as_ref()
    }
}

/// Whether a place is open at an instant, until when, and who says so.
#[Object]
impl OpeningHours {
    /// The instant this speaks of.
    async fn at(&self) -> Instant {
        self.local(self.at)
    }

    /// Open, closed, or unknown; unknown is never open.
    async fn state(&self) -> OpenState {
        self.opening.as_ref().map_or(OpenState::Unknown, |opening| opening.state.into())
    }

    /// Until when this state lasts; null when unknown or when no end is in sight.
    async fn until(&self) -> Option<Instant> {
        self.opening.as_ref().and_then(|opening| opening.until).map(|until| self.local(until))
    }

    /// When the state changes next; null when unknown or when no change is in sight.
    async fn next_change(&self) -> Option<Instant> {
        self.opening.as_ref().and_then(|opening| opening.next_change).map(|change| self.local(change.at))
    }

    /// What the rule that applies says in words, such as that one must book.
    async fn comment(&self) -> Option<String> {
        self.opening.as_ref().and_then(|opening| opening.comment.as_ref()).map(ToString::to_string)
    }

    /// The value as written, in OSM's `opening_hours` syntax; null when nobody said any hours.
    async fn raw(&self) -> Option<String> {
        match &self.place.record().hours {
            Hours::Unknown => None,
            Hours::Unreadable { raw, .. } => Some(raw.to_string()),
            Hours::Known(hours) => Some(hours.raw().to_owned()),
        }
    }

    /// What the hours do not say, in Portuguese.
    async fn note(&self) -> Option<&str> {
        self.evidence().and_then(|evidence| evidence.note.as_deref())
    }

    /// Where they come from.
    async fn source(&self) -> Option<&str> {
        self.evidence().and_then(|evidence| evidence.source.as_deref())
    }

    /// Date of the source.
    async fn verified_at(&self) -> Option<ReducedDate> {
        self.evidence().and_then(|evidence| evidence.verified_on.clone()).map(ReducedDate)
    }

    /// The hours day by day from `from` to `to`, both included: a week from the instant when absent, 62 days at most.
    #[graphql(directive = Cost::apply(20), directive = List::apply(14))]
    async fn days(&self, context: &Context<'_>, from: Option<Date>, to: Option<Date>) -> Result<Option<Vec<OpeningDay>>, Failure> {
        let zone = self.place.record().time_zone;
        let from = from.map_or_else(|| self.at.with_timezone(&zone).date_naive(), |from| from.0);
        let to = to.map_or_else(|| from + chrono::Days::new(6), |to| to.0);
        check_year(chrono::Datelike::year(&from))?;
        check_year(chrono::Datelike::year(&to))?;
        let Hours::Known(hours) = &self.place.record().hours else { return Ok(Some(Vec::new())) };
        if to < from || (to - from).num_days() >= MAX_DAYS {
            return Err(Failure::new(Code::TimeOutOfRange, format!("`to` is on or after `from`, and at most {MAX_DAYS} days are given")));
        }
        let days = hours.days_within(from, to, &context::budget(context)).map_err(|error| match error {
            DayRangeError::Spent(spent) => spent.into(),
            error => Failure::new(Code::TimeOutOfRange, error.to_string()),
        })?;
        Ok(Some(days.into_iter().map(OpeningDay::from).collect()))
    }
}

/// One day of opening hours.
#[derive(SimpleObject)]
pub struct OpeningDay {
    /// The day.
    date: Date,
    /// Name of the holiday, Portuguese; null on other days.
    holiday: Option<String>,
    /// When the place is open or may be, ascending. Whatever is in no interval is closed.
    #[graphql(directive = List::apply(3))]
    intervals: Vec<OpeningInterval>,
}

/// A stretch of a day in which a place is open or may be.
#[derive(SimpleObject)]
pub struct OpeningInterval {
    /// Begin.
    opens: Instant,
    /// End, exclusive; it may lie on the next day.
    closes: Instant,
    /// Open, or unknown where the rule does not decide.
    state: OpenState,
    /// What the rule says in words.
    comment: Option<String>,
}

impl From<opening_hours::DaySchedule> for OpeningDay {
    fn from(day: opening_hours::DaySchedule) -> Self {
        let intervals = day.intervals.into_iter().map(|interval| OpeningInterval {
            opens: Instant(interval.start.fixed_offset()),
            closes: Instant(interval.end.fixed_offset()),
            state: interval.state.into(),
            comment: interval.comment.map(|comment| comment.to_string()),
        });
        Self { date: Date(day.date), holiday: day.holiday.map(|name| name.to_string()), intervals: intervals.collect() }
    }
}
