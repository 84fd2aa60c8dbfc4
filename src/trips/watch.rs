//! What became of a saved trip since it was planned: what was published may break it. Nothing of this is kept: it follows from the plan
//! and the snapshot alone, so it is never out of date.

use chrono::{DateTime, Duration, Utc};
use chrono_tz::Tz;
use serde::Serialize;

use super::plan::answer::{DropReason, Subject, TripDay, TripPlan, TripStop, Warning};
use super::plan::candidates::refusal;
use super::plan::hours::{DaySpan, at, daylight, opening};
use super::plan::request::{PlanRequest, Unknown};
use super::plan::visits::VisitKinds;
use crate::catalogue::happenings::position_of;
use crate::catalogue::snapshot::Snapshot;
use crate::domain::event::{Event, EventStatus};
use crate::domain::geo::Position;
use crate::domain::point_of_interest::PointOfInterest;
use crate::domain::work_budget::WorkBudget;

/// How far a place may be from where it was planned before the ways to it are wrong, in metres.
const MOVED_METRES: f64 = 500.0;
/// How far on the next date of an event that was moved is looked for.
const LOOK_AHEAD: Duration = Duration::days(366);

/// What is wrong with a stop.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum Trouble {
    /// It is not in the catalogue any more.
    Withdrawn,
    /// It is closed at some time of the visit.
    Closed,
    /// Its hours were known and are not any more.
    HoursUnconfirmed,
    /// The event does not take place.
    Cancelled,
    /// The event takes place later; nobody knows when.
    Postponed,
    /// The event takes place at another time: the next one, when there is one within a year.
    Rescheduled(Option<DateTime<Utc>>),
    /// It lies elsewhere now, so many metres away.
    Relocated(u32),
    /// It cannot be visited any more, for this reason.
    NotPossible(DropReason),
}

/// An issue of a saved trip.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Issue {
    /// Number of the day, from 0.
    pub day: usize,
    /// Number of the stop on that day, from 0.
    pub stop: usize,
    /// What is visited there.
    pub subject: Subject,
    /// When the visit was to start.
    pub start: DateTime<Utc>,
    /// When it was to end.
    pub end: DateTime<Utc>,
    /// What is wrong.
    pub trouble: Trouble,
}

/// The issues of a plan for a request, in the order of its stops.
pub fn issues(plan: &TripPlan, request: &PlanRequest, snapshot: &Snapshot, kinds: &VisitKinds) -> Vec<Issue> {
    let watch = Watch { request, snapshot, kinds };
    let mut issues = Vec::new();
    for (number, day) in plan.days.iter().enumerate() {
        for (index, stop) in day.stops.iter().enumerate() {
            let planned_at = day.legs.get(index).map(|leg| leg.to);
            if let Some(trouble) = watch.trouble(day, stop, planned_at) {
                let TripStop { subject, start, depart: end, .. } = *stop;
                issues.push(Issue { day: number, stop: index, subject, start, end, trouble });
            }
        }
    }
    issues
}

struct Watch<'a> {
    request: &'a PlanRequest,
    snapshot: &'a Snapshot,
    kinds: &'a VisitKinds,
}

impl Watch<'_> {
    fn trouble(&self, day: &TripDay, stop: &TripStop, planned_at: Option<Position>) -> Option<Trouble> {
        match stop.subject {
            Subject::PointOfInterest(id) => {
                let Some(found) = self.snapshot.place(id) else { return Some(Trouble::Withdrawn) };
                self.trouble_at_place(found.record, day, stop).or_else(|| relocated(planned_at, Some(found.record.position)))
            }
            Subject::Event(id, start) => {
                let Some(found) = self.snapshot.find_event(|event| event.id == id) else { return Some(Trouble::Withdrawn) };
                let trouble = trouble_with_event(found.record, start, stop);
                trouble.or_else(|| relocated(planned_at, position_of(found.record, self.snapshot)))
            }
        }
    }

    fn trouble_at_place(&self, place: &PointOfInterest, day: &TripDay, stop: &TripStop) -> Option<Trouble> {
        let span = whole_day(day);
        if let Some(reason) = refusal(self.request, &[span], self.snapshot, self.kinds, place) {
            return Some(Trouble::NotPossible(reason));
        }
        let seconds = (stop.depart - stop.start).num_seconds().clamp(0, i64::from(planner::MAX_TIME)) as u32;
        let kind = self.kinds.of(&self.snapshot.reference.categories, place.category);
        let daylight = if kind.daylight { daylight(place, &self.snapshot.reference.holidays) } else { None };
        let opening = opening(place, &span, seconds, daylight.as_ref(), Unknown::AllowWithWarning);
        if !opening.is_known {
            // Who planned with assumed hours was told so then.
            return (!stop.warnings.contains(&Warning::UnknownHours)).then_some(Trouble::HoursUnconfirmed);
        }
        let start = span.seconds(stop.start);
        let is_open = opening.windows.iter().any(|window| (window.open..=window.close).contains(&start));
        (!is_open).then_some(Trouble::Closed)
    }
}

fn trouble_with_event(event: &Event, start: DateTime<Utc>, stop: &TripStop) -> Option<Trouble> {
    match event.status {
        EventStatus::Cancelled => return Some(Trouble::Cancelled),
        EventStatus::Postponed | EventStatus::ToBeAnnounced => return Some(Trouble::Postponed),
        EventStatus::Scheduled | EventStatus::Rescheduled => {}
    }
    let is_on = event.schedule.occurrence_at(start).is_some_and(|occurrence| occurrence.end.is_none_or(|end| stop.depart <= end));
    if is_on {
        return None;
    }
    let next = event.schedule.first_occurrences(start - Duration::days(1), start + LOOK_AHEAD, 1, &WorkBudget::unlimited());
    Some(Trouble::Rescheduled(next.ok().and_then(|next| Some(next.first()?.start))))
}

fn relocated(planned_at: Option<Position>, now: Option<Position>) -> Option<Trouble> {
    let metres = planned_at?.distance_metres(now?);
    (metres > MOVED_METRES).then_some(Trouble::Relocated(metres as u32))
}

/// The local date of a planned day, from midnight to midnight: the visit was planned, so the visitor's own hours matter no more.
fn whole_day(day: &TripDay) -> DaySpan {
    // The name was written by us from a zone.
    let zone: Tz = day.zone.parse().unwrap_or(chrono_tz::America::Cuiaba);
    let date = day.date;
    let midnight = |date| at(date, chrono::NaiveTime::MIN, zone);
    DaySpan { date, zone, origin: midnight(date), begin: midnight(date), end: midnight(date.succ_opt().unwrap_or(date)) }
}
