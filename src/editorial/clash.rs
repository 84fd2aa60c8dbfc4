//! Festivals of two cities on one weekend: who plans the second one wants to know before the posters are printed.

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike, Days, NaiveDate, TimeDelta, Utc, Weekday};
use chrono_tz::Tz;

use super::content::at;
use crate::catalogue::snapshot::Snapshot;
use crate::domain::event::EventStatus;
use crate::domain::ids::RecordId;
use crate::domain::record::Record;
use crate::domain::schedule::{Occurrence, Schedule};
use crate::domain::work_budget::{Spent, WorkBudget};

/// schema.org type of the categories whose events compete for visitors.
const FESTIVAL: &str = "Festival";
/// How far ahead is looked.
const AHEAD: TimeDelta = TimeDelta::days(2 * 366);
/// Most clashes that are told.
pub const MOST: usize = 10;
/// An event that takes place more often is no festival: a weekly fair competes with nobody.
const MOST_WEEKENDS: usize = 6;

/// A festival of another city on the same weekend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clash {
    /// The festival.
    pub event: RecordId,
    /// The Saturday of the weekend.
    pub saturday: NaiveDate,
}

/// Festivals that other cities have published for the weekends of this one, in order of time.
pub fn clashes(
    record: &Record,
    city: RecordId,
    (snapshot, now): (&Snapshot, DateTime<Utc>),
    budget: &WorkBudget,
) -> Result<Vec<Clash>, Spent> {
    let Record::Event(event) = record else { return Ok(Vec::new()) };
    let tree = &snapshot.reference.categories;
    let is_festival = |key| tree.get(key).is_some_and(|category| &*category.schema_org_type == FESTIVAL);
    let Ok(schedule) = Schedule::parse(event.schedule.clone(), event.time_zone) else { return Ok(Vec::new()) };
    if !tree.find(&event.category).is_some_and(is_festival) || !takes_place(event.status) {
        return Ok(Vec::new());
    }
    let mine = weekends(&schedule.occurrences(now, now + AHEAD, budget)?, event.time_zone);
    if mine.len() > MOST_WEEKENDS {
        return Ok(Vec::new());
    }
    let others = snapshot.shards.iter().filter(|shard| shard.city.id != city).flat_map(|shard| shard.events.iter());
    let mut found: Vec<Clash> = Vec::new();
    for other in others.filter(|other| other.id != event.id && is_festival(other.category) && takes_place(other.status)) {
        budget.draw(1)?;
        let theirs = weekends(&other.schedule.occurrences(now, now + AHEAD, budget)?, other.time_zone);
        if theirs.len() <= MOST_WEEKENDS {
            found.extend(mine.intersection(&theirs).map(|saturday| Clash { event: other.id, saturday: *saturday }));
        }
    }
    found.sort_by_key(|clash| (clash.saturday, clash.event));
    found.truncate(MOST);
    Ok(found)
}

const fn takes_place(status: EventStatus) -> bool {
    matches!(status, EventStatus::Scheduled | EventStatus::Rescheduled)
}

/// The Saturdays of the weekends, from Friday to Sunday, on which something takes place.
fn weekends(occurrences: &[Occurrence], zone: Tz) -> BTreeSet<NaiveDate> {
    let mut found = BTreeSet::new();
    for occurrence in occurrences {
        let first = occurrence.start.with_timezone(&zone).date_naive();
        // The end is exclusive: what ends at midnight does not take place on the next day.
        let last = occurrence.end.map_or(first, |end| (end - TimeDelta::seconds(1)).with_timezone(&zone).date_naive()).max(first);
        for day in first.iter_days().take_while(|day| *day <= last).take(62) {
            match day.weekday() {
                Weekday::Fri => found.extend(day.checked_add_days(Days::new(1))),
                Weekday::Sat => drop(found.insert(day)),
                Weekday::Sun => found.extend(day.pred_opt()),
                _ => {}
            }
        }
    }
    found
}

/// Whether a content has dates at all: without any there is nothing to clash.
pub fn has_dates(content: &serde_json::Value) -> bool {
    at(content, "dtstart").is_some()
}
