//! Events, their occurrences, and lists of them.

use std::sync::Arc;

use async_graphql::{Context, ID, Object, SimpleObject};
use chrono::{DateTime, Utc};

use super::category::Category;
use super::city::City;
use super::enums::EventStatus;
use super::facts::{self, Image, Location, Provenance};
use super::point_of_interest::PointOfInterest;
use super::text::{self, LocalizedText};
use crate::catalogue::happenings::Window;
use crate::catalogue::page::{Fingerprint, PageRequest};
use crate::catalogue::shard::CityShard;
use crate::catalogue::snapshot::Snapshot;
use crate::domain::event as domain;
use crate::domain::schedule::Occurrence;
use crate::graphql::context;
use crate::graphql::failure::Failure;
use crate::graphql::node::GlobalId;
use crate::graphql::scalars::{Instant, Language};

/// One edition of an event. Past editions stay as history; an edition whose dates are not announced is `TO_BE_ANNOUNCED`
/// and has no occurrences.
#[derive(Clone)]
pub struct Event {
    shard: Arc<CityShard>,
    number: usize,
}

impl Event {
    /// The event of that number in that shard of the snapshot; `None` when there is none.
    pub fn of(snapshot: &Snapshot, shard: usize, number: u32) -> Option<Self> {
        let shard = Arc::clone(snapshot.shards.get(shard)?);
        let number = number as usize;
        shard.events.get(number)?;
        Some(Self { shard, number })
    }

    /// The record.
    pub fn record(&self) -> &domain::Event {
        // `of` checked the number, and a shard never changes.
        &self.shard.events[self.number]
    }

    /// The destination that offers it.
    pub fn destination(&self) -> City {
        City(Arc::clone(&self.shard))
    }

    /// What kind of event it is.
    pub fn kind(&self) -> Category {
        Category::new(Arc::clone(&self.shard.categories), self.record().category)
    }

    fn local(&self, instant: DateTime<Utc>) -> Instant {
        Instant::in_zone(instant, self.record().time_zone)
    }
}

/// One edition of an event. Past editions stay as history; an edition whose dates are not announced is `TO_BE_ANNOUNCED` and
/// has no occurrences.
#[Object]
impl Event {
    /// Opaque global id; never reused.
    pub async fn id(&self) -> ID {
        GlobalId::Event(self.record().id).encode()
    }

    /// Address in links, unique among events.
    async fn slug(&self) -> &str {
        &self.record().slug
    }

    /// The destination that offers it.
    async fn city(&self) -> City {
        self.destination()
    }

    /// What kind of event it is.
    async fn category(&self) -> Category {
        self.kind()
    }

    /// Name.
    async fn name(&self, context: &Context<'_>, language: Option<Language>) -> LocalizedText {
        text::name(&self.record().texts, &context::languages(context, language))
    }

    /// One sentence.
    async fn summary(&self, context: &Context<'_>, language: Option<Language>) -> Option<LocalizedText> {
        text::summary(&self.record().texts, &context::languages(context, language))
    }

    /// A few sentences.
    async fn description(&self, context: &Context<'_>, language: Option<Language>) -> Option<LocalizedText> {
        text::description(&self.record().texts, &context::languages(context, language))
    }

    /// What to know about the dates.
    async fn note(&self, context: &Context<'_>, language: Option<Language>) -> Option<LocalizedText> {
        let notes = self.record().notes.iter().map(|(tag, note)| (tag, &**note));
        text::by_tag(&notes, &context::languages(context, language))
    }

    /// Where it takes place; null when unknown.
    async fn venue(&self, context: &Context<'_>) -> Option<Venue> {
        let venue = self.record().venue.as_ref()?;
        let snapshot = &context::of(context).snapshot;
        let found = venue.point_of_interest.and_then(|id| snapshot.place(id));
        let point_of_interest = found.and_then(|found| PointOfInterest::of(snapshot, found.shard, found.number));
        let location = point_of_interest.as_ref().map(|place| place.record().position.into());
        Some(Venue { name: facts::owned(venue.name.as_ref()), location, point_of_interest })
    }

    /// Status of the edition.
    async fn status(&self) -> EventStatus {
        self.record().status.into()
    }

    /// The start before it was rescheduled; null for any other status.
    async fn previous_start(&self) -> Option<Instant> {
        self.record().previous_start.map(|start| self.local(start))
    }

    /// When, as stored: iCalendar values.
    async fn schedule(&self) -> Schedule {
        Schedule::of(self.record())
    }

    /// Key shared by the editions of one festival; null for a single event.
    async fn series(&self) -> Option<&str> {
        self.record().series.as_deref()
    }

    /// Number of this edition; null when unknown.
    async fn edition(&self) -> Option<u32> {
        self.record().edition
    }

    /// The other editions of the same festival, oldest first, those to be announced last.
    async fn other_editions(&self) -> Vec<Event> {
        let Some(series) = &self.record().series else { return Vec::new() };
        let others = self.shard.events.numbered().filter(|(_, other)| other.series.as_ref() == Some(series));
        let mut others: Vec<usize> = others.map(|(number, _)| number as usize).filter(|number| *number != self.number).collect();
        others.sort_by_key(|number| {
            let start = self.shard.events[*number].schedule.record().dtstart.clone();
            (start.is_none(), start)
        });
        others.into_iter().map(|number| Self { shard: Arc::clone(&self.shard), number }).collect()
    }

    /// Whether one enters without paying; null when unknown.
    async fn is_accessible_for_free(&self) -> Option<bool> {
        self.record().is_accessible_for_free
    }

    /// When it takes place from `from` to `to`; without both, from its first date on. `first` is from 1 to 100.
    async fn occurrences(
        &self,
        context: &Context<'_>,
        from: Option<Instant>,
        to: Option<Instant>,
        #[graphql(default = 20)] first: i32,
    ) -> Result<Vec<EventOccurrence>, Failure> {
        let limit =
            PageRequest { first: Some(i64::from(first)), ..PageRequest::default() }.resolve(Fingerprint::of("occurrences", &()))?.limit;
        let window = match (from, to) {
            (None, None) => Window::ALL,
            (from, to) => Window::new(from.map(Instant::utc), to.map(Instant::utc), context::of(context).now)?,
        };
        let found = self.record().schedule.first_occurrences(window.from, window.to, limit, &context::budget(context))?;
        Ok(found.into_iter().map(|occurrence| EventOccurrence { event: self.clone(), occurrence }).collect())
    }

    /// Images in order, at most 20.
    async fn images(&self) -> Vec<Image> {
        self.record().images.iter().cloned().map(Image).collect()
    }

    /// The line to show beside the event: whom to credit, under which licence.
    async fn attribution_text(&self, context: &Context<'_>, language: Option<Language>) -> String {
        let provenance = &self.record().provenance;
        let table = &context::of(context).snapshot.reference.licences;
        provenance.rights.attribution(&provenance.source, table, &context::languages(context, language))
    }

    /// Where the facts come from and how sure they are.
    async fn provenance(&self, context: &Context<'_>) -> Provenance {
        Provenance::of(&self.record().provenance, &context::of(context).snapshot.reference.licences)
    }
}

/// Where an event takes place.
#[derive(SimpleObject)]
pub struct Venue {
    /// Name; null when it has none of its own.
    name: Option<String>,
    /// Where it is; null unless the venue is a place of the catalogue.
    location: Option<Location>,
    /// The place; null unless it is in the catalogue.
    point_of_interest: Option<PointOfInterest>,
}

/// A schedule as stored, in iCalendar values (RFC 5545); local to `timeZone`.
#[derive(SimpleObject)]
pub struct Schedule {
    /// DTSTART: a date or a local date and time; null when not announced.
    dtstart: Option<String>,
    /// DTEND, exclusive; null when not announced or one day.
    dtend: Option<String>,
    /// RRULE; null when it does not recur.
    rrule: Option<String>,
    /// RDATE values.
    rdate: Vec<String>,
    /// EXDATE values.
    exdate: Vec<String>,
    /// IANA zone.
    time_zone: String,
    /// Whether it has days and no hours.
    all_day: bool,
}

impl Schedule {
    fn of(event: &domain::Event) -> Self {
        let record = event.schedule.record().clone();
        Self {
            dtstart: record.dtstart,
            dtend: record.dtend,
            rrule: record.rrule,
            rdate: record.rdate,
            exdate: record.exdate,
            time_zone: event.time_zone.name().to_owned(),
            all_day: event.schedule.is_all_day(),
        }
    }
}

/// One taking place of an event.
#[derive(Clone)]
pub struct EventOccurrence {
    /// The event.
    pub event: Event,
    /// When.
    pub occurrence: Occurrence,
}

impl EventOccurrence {
    /// The occurrence that starts at that instant of the event of that number; `None` when there is none.
    pub fn starting(snapshot: &Snapshot, shard: usize, number: u32, start: DateTime<Utc>) -> Option<Self> {
        let event = Event::of(snapshot, shard, number)?;
        let occurrence = event.record().schedule.occurrence_at(start)?;
        Some(Self { event, occurrence })
    }
}

/// One taking place of an event.
#[Object]
impl EventOccurrence {
    /// Opaque global id: that of the event, `@`, and the start.
    pub async fn id(&self) -> ID {
        GlobalId::EventOccurrence(self.event.record().id, self.occurrence.start).encode()
    }

    /// The event.
    async fn event(&self) -> &Event {
        &self.event
    }

    /// When it starts; midnight for an event of whole days.
    async fn start(&self) -> Instant {
        self.event.local(self.occurrence.start)
    }

    /// When it ends, exclusive; null when not announced.
    async fn end(&self) -> Option<Instant> {
        self.occurrence.end.map(|end| self.event.local(end))
    }

    /// Its status.
    async fn status(&self) -> EventStatus {
        self.event.record().status.into()
    }
}
