//! Lists of events and of their occurrences (Relay).

use std::sync::Arc;

use async_graphql::{Context, Object, SimpleObject};
use chrono::{DateTime, Utc};

use super::event::{Event, EventOccurrence};
use super::page::PageInfo;
use crate::catalogue::happenings::{self, EventFilter, HappeningEntry, Window};
use crate::catalogue::page::{Fingerprint, PageRequest, SortKey, Taken, encode};
use crate::catalogue::places::Near;
use crate::catalogue::snapshot::Snapshot;
use crate::graphql::context;
use crate::graphql::failure::Failure;

/// A page of occurrences by start.
pub struct EventOccurrenceConnection {
    snapshot: Arc<Snapshot>,
    total: usize,
    taken: Taken<HappeningEntry>,
    fingerprint: Fingerprint,
}

/// What a list of occurrences was asked for.
pub struct EventQuestion {
    filter: EventFilter,
    near: Option<Near>,
    window: Window,
    /// The window as it was asked for: what was left out moves with the clock and is no part of a cursor.
    asked: (Option<DateTime<Utc>>, Option<DateTime<Utc>>),
}

impl EventQuestion {
    /// From `from` (now) to `to` (a year later).
    pub fn new(
        filter: EventFilter,
        near: Option<Near>,
        asked: (Option<DateTime<Utc>>, Option<DateTime<Utc>>),
        now: DateTime<Utc>,
    ) -> Result<Self, Failure> {
        Ok(Self { filter, near, window: Window::new(asked.0, asked.1, now)?, asked })
    }
}

impl EventOccurrenceConnection {
    /// A page of the list.
    pub fn list(context: &Context<'_>, question: &EventQuestion, request: &PageRequest) -> Result<Self, Failure> {
        let snapshot = Arc::clone(&context::of(context).snapshot);
        let fingerprint = Fingerprint::of("events", &(&question.filter, question.near.map(|near| near.bits()), question.asked));
        let page = request.resolve(fingerprint)?;
        let entries = happenings::occurrences(&question.filter, question.window, question.near, (&snapshot, &context::budget(context)))?;
        Ok(Self { total: entries.len(), taken: page.take(entries), snapshot, fingerprint })
    }
}

/// A page of occurrences by start (Relay).
#[Object]
impl EventOccurrenceConnection {
    /// The occurrences with what the list knows of each.
    async fn edges(&self) -> Vec<EventOccurrenceEdge> {
        let edge = |(key, entry): &(SortKey, HappeningEntry)| {
            let event = Event::of(&self.snapshot, entry.shard, entry.number)?;
            let node = EventOccurrence { event, occurrence: entry.occurrence };
            Some(EventOccurrenceEdge { node, cursor: encode(key, self.fingerprint), distance_meters: entry.distance })
        };
        self.taken.entries.iter().filter_map(edge).collect()
    }

    /// The occurrences alone.
    async fn nodes(&self) -> Vec<EventOccurrence> {
        let node = |(_, entry): &(SortKey, HappeningEntry)| {
            Some(EventOccurrence { event: Event::of(&self.snapshot, entry.shard, entry.number)?, occurrence: entry.occurrence })
        };
        self.taken.entries.iter().filter_map(node).collect()
    }

    /// Where the page stands in the list.
    async fn page_info(&self) -> PageInfo {
        PageInfo::of(&self.taken, self.fingerprint)
    }

    /// How many occurrences the whole list has.
    async fn total_count(&self) -> usize {
        self.total
    }
}

/// An occurrence in a list (Relay).
#[derive(SimpleObject)]
pub struct EventOccurrenceEdge {
    /// The occurrence.
    node: EventOccurrence,
    /// Its cursor.
    cursor: String,
    /// Geodesic metres from `near` to the venue; null without either.
    distance_meters: Option<f64>,
}

/// A page of events.
pub struct EventConnection {
    snapshot: Arc<Snapshot>,
    total: usize,
    taken: Taken<(usize, u32)>,
    fingerprint: Fingerprint,
}

impl EventConnection {
    /// A page of the events whose dates are to be announced, by name.
    pub fn unannounced(context: &Context<'_>, filter: &EventFilter, request: &PageRequest) -> Result<Self, Failure> {
        let snapshot = Arc::clone(&context::of(context).snapshot);
        let fingerprint = Fingerprint::of("unannouncedEvents", filter);
        let page = request.resolve(fingerprint)?;
        let entries = happenings::unannounced(filter, &snapshot)?;
        Ok(Self { total: entries.len(), taken: page.take(entries), snapshot, fingerprint })
    }
}

/// A page of events (Relay).
#[Object]
impl EventConnection {
    /// The events with their cursors.
    async fn edges(&self) -> Vec<EventEdge> {
        let edge = |(key, (shard, number)): &(SortKey, (usize, u32))| {
            Some(EventEdge { node: Event::of(&self.snapshot, *shard, *number)?, cursor: encode(key, self.fingerprint) })
        };
        self.taken.entries.iter().filter_map(edge).collect()
    }

    /// The events alone.
    async fn nodes(&self) -> Vec<Event> {
        self.taken.entries.iter().filter_map(|(_, (shard, number))| Event::of(&self.snapshot, *shard, *number)).collect()
    }

    /// Where the page stands in the list.
    async fn page_info(&self) -> PageInfo {
        PageInfo::of(&self.taken, self.fingerprint)
    }

    /// How many events the whole list has.
    async fn total_count(&self) -> usize {
        self.total
    }
}

/// An event in a list (Relay).
#[derive(SimpleObject)]
pub struct EventEdge {
    /// The event.
    node: Event,
    /// Its cursor.
    cursor: String,
}
