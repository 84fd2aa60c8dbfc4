//! Lists of events: every taking place in a window of time, ordered by start, and events whose dates are to be announced.

use chrono::{DateTime, Duration, Utc};

use super::collation::fold;
use super::error::CatalogueError;
use super::page::SortKey;
use super::places::Near;
use super::records::name_of;
use super::snapshot::Snapshot;
use super::spatial::DistanceFrom;
use crate::domain::calendar;
use crate::domain::event::{Event, EventStatus};
use crate::domain::geo::Position;
use crate::domain::ids::RecordId;
use crate::domain::schedule::Occurrence;
use crate::domain::work_budget::WorkBudget;

/// Longest window of one question.
const MAX_WINDOW_DAYS: i64 = 5 * 366;
/// Window when only its start is given.
const DEFAULT_WINDOW_DAYS: i64 = 366;

/// A window of time, `from` inclusive, `to` exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Window {
    /// Begin.
    pub from: DateTime<Utc>,
    /// End.
    pub to: DateTime<Utc>,
}

impl Window {
    /// All the time that schedules know.
    pub const ALL: Self = Self { from: DateTime::<Utc>::MIN_UTC, to: DateTime::<Utc>::MAX_UTC };

    /// From `from` (now, when absent) to `to` (a year later, when absent); five years at most.
    pub fn new(from: Option<DateTime<Utc>>, to: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Result<Self, CatalogueError> {
        let year_before = |instant: DateTime<Utc>| {
            let before = instant.checked_sub_signed(Duration::days(DEFAULT_WINDOW_DAYS)).unwrap_or(instant);
            before.max(calendar::first_instant())
        };
        let from = from.unwrap_or_else(|| to.filter(|to| *to < now).map_or(now, year_before));
        check_known(from)?;
        let to = to.unwrap_or_else(|| calendar::end().min(from + Duration::days(DEFAULT_WINDOW_DAYS)));
        check_known(to)?;
        if to <= from {
            return Err(CatalogueError::Window("`to` is after `from`"));
        }
        if to - from > Duration::days(MAX_WINDOW_DAYS) {
            return Err(CatalogueError::Window("a window is at most five years long"));
        }
        Ok(Self { from, to })
    }
}

/// Refuses instants outside the years that schedules know.
fn check_known(instant: DateTime<Utc>) -> Result<(), CatalogueError> {
    let is_known = (calendar::first_instant()..=calendar::end()).contains(&instant);
    if is_known { Ok(()) } else { Err(CatalogueError::Window("events are known between the years 1970 and 2100")) }
}

/// What events are asked for; everything left empty admits all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct EventFilter {
    /// Slugs of cities, any of them.
    pub cities: Option<Vec<String>>,
    /// Slugs of categories, any of them or of their descendants.
    pub categories: Option<Vec<String>>,
    /// Free, or not free; unknown is neither.
    pub is_free: Option<bool>,
    /// Any of these.
    pub status: Option<Vec<EventStatus>>,
    /// Going on at this instant.
    pub ongoing_at: Option<DateTime<Utc>>,
    /// At this place.
    pub venue: Option<RecordId>,
}

/// An occurrence of a list.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HappeningEntry {
    /// Which shard.
    pub shard: usize,
    /// Number of the event there.
    pub number: u32,
    /// When.
    pub occurrence: Occurrence,
    /// Geodesic metres from the centre, when one was given and the venue is known.
    pub distance: Option<f64>,
}

/// Where an event takes place: its venue when that is a place of the catalogue; else unknown.
pub fn position_of(event: &Event, snapshot: &Snapshot) -> Option<Position> {
    let venue = event.venue.as_ref()?.point_of_interest?;
    snapshot.place(venue).map(|found| found.record.position)
}

/// Events that pass the filter, wherever and whenever they are.
fn events<'a>(filter: &'a EventFilter, snapshot: &'a Snapshot) -> Result<impl Iterator<Item = (usize, u32, &'a Event)>, CatalogueError> {
    let cities = filter.cities.as_ref().map(|slugs| snapshot.city_mask(slugs)).transpose()?;
    let categories = filter.categories.as_ref().map(|slugs| snapshot.category_mask(slugs)).transpose()?;
    if let Some(at) = filter.ongoing_at {
        check_known(at)?;
    }
    let all = snapshot
        .shards
        .iter()
        .enumerate()
        .flat_map(|(index, shard)| shard.events.numbered().map(move |(number, event)| (index, number, event)));
    Ok(all.filter(move |(shard, _, event)| {
        cities.as_ref().is_none_or(|mask| mask.get(*shard).copied().unwrap_or(false))
            && categories.as_ref().is_none_or(|mask| mask.get(event.category.0 as usize).copied().unwrap_or(false))
            && filter.is_free.is_none_or(|free| event.is_accessible_for_free == Some(free))
            && filter.status.as_ref().is_none_or(|wanted| wanted.contains(&event.status))
            && filter.venue.is_none_or(|venue| event.venue.as_ref().and_then(|known| known.point_of_interest) == Some(venue))
    }))
}

/// Occurrences in the window with their keys (start, then event), unordered. With a radius, events without a known
/// position are judged by the centre of their city.
pub fn occurrences(
    filter: &EventFilter,
    window: Window,
    near: Option<Near>,
    (snapshot, budget): (&Snapshot, &WorkBudget),
) -> Result<Vec<(SortKey, HappeningEntry)>, CatalogueError> {
    let from_centre = near.map(|near| DistanceFrom::new(near.centre));
    let mut found = Vec::new();
    for (shard, number, event) in events(filter, snapshot)? {
        let position = position_of(event, snapshot);
        let distance = from_centre.as_ref().zip(position).map(|(from, position)| from.to(position));
        if let Some(radius) = near.and_then(|near| near.radius) {
            let judged = distance.or_else(|| Some(from_centre.as_ref()?.to(snapshot.shards.get(shard)?.city.position)));
            if judged.is_none_or(|metres| metres > radius) {
                continue;
            }
        }
        budget.draw(1)?;
        for occurrence in event.schedule.occurrences(window.from, window.to, budget)? {
            let ongoing = |at: DateTime<Utc>| occurrence.start <= at && occurrence.end.map_or(occurrence.start == at, |end| at < end);
            if filter.ongoing_at.is_none_or(ongoing) {
                let key = SortKey::number(0, occurrence.start.timestamp() as f64, event.id);
                found.push((key, HappeningEntry { shard, number, occurrence, distance }));
            }
        }
    }
    Ok(found)
}

/// Key of an event, its shard and its number there.
pub type Unannounced = (SortKey, (usize, u32));

/// Events whose dates are to be announced, with their keys (name, then id), unordered.
pub fn unannounced(filter: &EventFilter, snapshot: &Snapshot) -> Result<Vec<Unannounced>, CatalogueError> {
    Ok(events(filter, snapshot)?
        .filter(|(_, _, event)| !event.schedule.is_dated())
        .map(|(shard, number, event)| (SortKey::word(0, fold(name_of(&event.texts)), event.id), (shard, number)))
        .collect())
}
