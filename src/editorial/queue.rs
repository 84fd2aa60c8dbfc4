//! What there is to do in a city: every published record that lacks or has outlived something, and every draft that waits for somebody,
//! the most pressing first.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};

use crate::catalogue::happenings::EXPANSION_EFFORT;
use crate::catalogue::records::Record as _;
use crate::catalogue::shard::CityShard;
use crate::domain::draft::{DraftRecord, DraftState};
use crate::domain::event::{Event, EventStatus};
use crate::domain::ids::{RecordId, RecordType};
use crate::domain::point_of_interest::{Hours, NO_PARTICULARS, PointOfInterest};
use crate::domain::provenance::PartialDate;
use crate::domain::route::Route;
use crate::domain::text::{Text, TextState};
use crate::domain::work_budget::{Spent, WorkBudget};

/// How long verified hours are believed.
pub const HOURS_HOLD: TimeDelta = TimeDelta::days(180);
/// How long a record is believed to be as its source says.
pub const RECORD_HOLDS: TimeDelta = TimeDelta::days(730);
/// How long a draft may wait for a reviewer.
const REVIEW_WAITS: TimeDelta = TimeDelta::days(7);

/// Units of work of looking at a record: what it lacks, its folded name, its turn when all are sorted.
const TASK_EFFORT: u64 = 16;

/// Why a record is in the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reason {
    /// A draft waits for a reviewer.
    WaitsForReview,
    /// A draft has waited for a reviewer for more than a week.
    WaitsLong,
    /// A draft was sent back.
    ChangesRequested,
    /// A draft was approved and is not published.
    WaitsForPublication,
    /// A visitor has said that something is wrong.
    Suggestion,
    /// A link leads nowhere.
    BrokenLink,
    /// The opening hours cannot be read, so nobody learns them.
    HoursUnreadable,
    /// Nobody said the opening hours.
    HoursUnknown,
    /// The opening hours were verified more than 180 days ago, or nobody knows when.
    HoursNotVerified,
    /// An event that is to come has no dates.
    DatesUnknown,
    /// Nobody has looked at the record for two years, or nobody knows when.
    NotVerified,
    /// The Portuguese words were changed since a translation was made.
    TranslationOutdated,
    /// There are no words in English or in Spanish.
    TranslationMissing,
    /// A machine made a translation, and nobody has read it yet.
    TranslationUnread,
    /// There is no image.
    NoImage,
    /// There is no description in Portuguese.
    NoDescription,
}

impl Reason {
    /// How pressing it is. What misleads a visitor today comes before what somebody waits for, and that before what is merely missing.
    const fn weight(self) -> u32 {
        match self {
            Self::Suggestion | Self::WaitsLong => 100,
            Self::HoursUnreadable => 90,
            Self::WaitsForReview => 80,
            Self::WaitsForPublication | Self::ChangesRequested => 60,
            Self::HoursNotVerified => 50,
            Self::BrokenLink => 45,
            Self::DatesUnknown => 40,
            Self::TranslationOutdated => 35,
            Self::HoursUnknown => 30,
            Self::NotVerified => 20,
            Self::TranslationMissing | Self::TranslationUnread | Self::NoDescription => 10,
            Self::NoImage => 5,
        }
    }
}

/// A record with something to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// What kind of record.
    pub record_type: RecordType,
    /// The record.
    pub id: RecordId,
    /// Its Portuguese name; absent of a draft without one.
    pub name: Option<String>,
    /// What there is to do, the most pressing first.
    pub reasons: Vec<Reason>,
    /// How pressing it is in all.
    pub weight: u32,
    /// The draft that waits; absent when nobody works on the record.
    pub state: Option<DraftState>,
}

/// What is known of a city beside its shard.
pub struct Known<'a> {
    /// Drafts of the city.
    pub drafts: &'a [DraftRecord],
    /// Records that visitors said something about.
    pub suggested: &'a HashSet<RecordId>,
    /// Records with a link that leads nowhere.
    pub broken: &'a HashSet<RecordId>,
    /// Today.
    pub now: DateTime<Utc>,
}

/// What there is to do in a city, the most pressing first. O(n log n) in the records of the city.
pub fn tasks(shard: &CityShard, known: &Known<'_>, budget: &WorkBudget) -> Result<Vec<Task>, Spent> {
    let records = shard.places.len() + shard.routes.len() + known.drafts.len();
    budget.draw(records as u64 * TASK_EFFORT + shard.events.len() as u64 * (TASK_EFFORT + EXPANSION_EFFORT))?;
    let mut tasks: Vec<Task> = Vec::new();
    let mut add = |record_type, id, name: &str, reasons: Vec<Reason>| {
        tasks.push(Task { record_type, id, name: Some(name.to_owned()), reasons, weight: 0, state: None });
    };
    let today = known.now.with_timezone(&shard.city.time_zone).date_naive();
    for place in shard.places.iter() {
        add(RecordType::PointOfInterest, place.id, place.name(), place_reasons(place, today));
    }
    for event in shard.events.iter() {
        add(RecordType::Event, event.id, event.name(), event_reasons(event, known.now, budget)?);
    }
    for route in shard.routes.iter() {
        add(RecordType::Route, route.id, route.name(), route_reasons(route));
    }
    let places: HashMap<RecordId, usize> = tasks.iter().enumerate().map(|(place, task)| (task.id, place)).collect();
    for draft in known.drafts {
        let waiting = draft_reason(draft, known.now);
        match places.get(&draft.id).and_then(|place| tasks.get_mut(*place)) {
            Some(task) => {
                task.state = Some(draft.state);
                task.reasons.extend(waiting);
            }
            None => tasks.extend(waiting.map(|reason| Task {
                record_type: draft.record_type,
                id: draft.id,
                name: draft.name.clone(),
                reasons: vec![reason],
                weight: 0,
                state: Some(draft.state),
            })),
        }
    }
    for task in &mut tasks {
        task.reasons.extend(known.suggested.contains(&task.id).then_some(Reason::Suggestion));
        task.reasons.extend(known.broken.contains(&task.id).then_some(Reason::BrokenLink));
        task.reasons.sort_by_key(|reason| (std::cmp::Reverse(reason.weight()), *reason));
        task.weight = task.reasons.iter().map(|reason| reason.weight()).sum();
    }
    tasks.retain(|task| !task.reasons.is_empty());
    tasks.sort_by(|one, other| other.weight.cmp(&one.weight).then(one.id.cmp(&other.id)));
    Ok(tasks)
}

fn place_reasons(place: &PointOfInterest, today: NaiveDate) -> Vec<Reason> {
    let particulars = place.particulars.as_deref().unwrap_or(&NO_PARTICULARS);
    let verified = particulars.hours_evidence.as_ref().and_then(|evidence| evidence.verified_on.as_ref());
    let hours = match &place.hours {
        Hours::Unknown => Some(Reason::HoursUnknown),
        Hours::Unreadable { .. } => Some(Reason::HoursUnreadable),
        Hours::Known(_) => is_older(verified, HOURS_HOLD, today).then_some(Reason::HoursNotVerified),
    };
    let is_stale = is_older(place.provenance.last_verified_on.as_ref(), RECORD_HOLDS, today);
    let no_image = particulars.images.is_empty().then_some(Reason::NoImage);
    hours.into_iter().chain(is_stale.then_some(Reason::NotVerified)).chain(words(&place.texts)).chain(no_image).collect()
}

fn event_reasons(event: &Event, now: DateTime<Utc>, budget: &WorkBudget) -> Result<Vec<Reason>, Spent> {
    // One date is enough, and a year of a series is looked at at a time.
    let next = event.schedule.first_occurrences(now, now + TimeDelta::days(20 * 366), 1, budget)?;
    let is_over = event.schedule.is_dated() && next.is_empty();
    if is_over || event.status == EventStatus::Cancelled {
        // What is over is history; nobody has to do anything about it.
        return Ok(Vec::new());
    }
    let undated = (!event.schedule.is_dated()).then_some(Reason::DatesUnknown);
    Ok(undated.into_iter().chain(words(&event.texts)).collect())
}

fn route_reasons(route: &Route) -> Vec<Reason> {
    words(&route.texts).collect()
}

fn words(texts: &[Text]) -> impl Iterator<Item = Reason> {
    let has = |language: &str| texts.iter().any(|text| text.language.as_str() == language);
    let untranslated = (!has("en") || !has("es")).then_some(Reason::TranslationMissing);
    let is_described = texts.iter().any(|text| text.language.is_default() && (text.description.is_some() || text.summary.is_some()));
    let is = |state| texts.iter().any(|text| text.state == state);
    let outdated = is(TextState::Outdated).then_some(Reason::TranslationOutdated);
    let unread = is(TextState::MachineTranslated).then_some(Reason::TranslationUnread);
    [outdated, untranslated, unread, (!is_described).then_some(Reason::NoDescription)].into_iter().flatten()
}

/// Whether a date, read as late as it may be, is older than that; no date is older than any.
fn is_older(date: Option<&PartialDate>, than: TimeDelta, today: NaiveDate) -> bool {
    date.and_then(latest).is_none_or(|date| today - date > than)
}

/// The last day of a date that may stop at the year or the month.
fn latest(date: &PartialDate) -> Option<NaiveDate> {
    let text = date.as_str();
    let mut parts = text.split('-').map(|part| part.parse::<u32>().ok());
    let (year, month, day) = (parts.next()??, parts.next().flatten(), parts.next().flatten());
    let year = i32::try_from(year).ok()?;
    match (month, day) {
        (Some(month), Some(day)) => NaiveDate::from_ymd_opt(year, month, day),
        (Some(12) | None, None) => NaiveDate::from_ymd_opt(year, 12, 31),
        (Some(month), None) => NaiveDate::from_ymd_opt(year, month + 1, 1)?.checked_sub_days(Days::new(1)),
        (None, Some(_)) => None,
    }
}

fn draft_reason(draft: &DraftRecord, now: DateTime<Utc>) -> Option<Reason> {
    match draft.state {
        DraftState::InReview if now - draft.updated_at > REVIEW_WAITS => Some(Reason::WaitsLong),
        DraftState::InReview => Some(Reason::WaitsForReview),
        DraftState::ChangesRequested => Some(Reason::ChangesRequested),
        DraftState::Approved => Some(Reason::WaitsForPublication),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_read_as_late_as_it_may_be() {
        let today = NaiveDate::from_ymd_opt(2026, 11, 23).unwrap();
        let older = |text: &str| is_older(PartialDate::try_from(text.to_owned()).ok().as_ref(), HOURS_HOLD, today);
        assert!(older("2026-05-26") && !older("2026-05-27"));
        assert!(older("2026-04") && !older("2026-05"));
        assert!(older("2025") && !older("2026"));
        assert!(is_older(None, HOURS_HOLD, today));
    }
}
