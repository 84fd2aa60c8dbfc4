//! Changes of the catalogue, and pages of them.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object, SimpleObject};
use chrono::DateTime;

use super::city::City;
use super::enums::RecordType;
use super::event::Event;
use super::node::Node;
use super::point_of_interest::PointOfInterest;
use super::route::Route;
use crate::catalogue::documents::Document;
use crate::catalogue::feed::page::{self, FeedPage, FeedRequest, Looked, State, Told};
use crate::catalogue::snapshot::Snapshot;
use crate::domain::ids::{self, RecordId};
use crate::graphql::context;
use crate::graphql::failure::Failure;
use crate::graphql::flat::FlatList;
use crate::graphql::node::GlobalId;
use crate::graphql::scalars::{Cursor, Instant};

/// What a change means to those who follow.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(name = "CatalogueChangeKind")]
pub enum ChangeKind {
    /// The record is there, and came into the city after you last had everything (after the page whose `hasMore` was false).
    /// A record that came, was changed and reached you in between may be told so twice; keep what comes last.
    Created,
    /// The record is there, and has changed; or the list as a whole has.
    Updated,
    /// The record is no longer there, or no longer in the cities you follow. It may be one you never had.
    Deleted,
    /// The record was merged into another: `replacedBy`.
    Redirected,
}

/// A change of the catalogue, with the record as it is now.
pub struct CatalogueChange {
    snapshot: Arc<Snapshot>,
    told: Told,
}

impl CatalogueChange {
    /// Its number in the log.
    pub fn change_number(&self) -> String {
        self.told.entry.number.to_string()
    }

    /// What it means.
    pub const fn change_kind(&self) -> ChangeKind {
        match self.told.state {
            State::There(..) if self.told.is_new => ChangeKind::Created,
            State::There(..) | State::Shared => ChangeKind::Updated,
            State::Gone => ChangeKind::Deleted,
            State::Merged(_) => ChangeKind::Redirected,
        }
    }

    /// When it was made.
    pub fn made_at(&self) -> Instant {
        let at = DateTime::from_timestamp(i64::from(self.told.entry.at), 0).unwrap_or(DateTime::UNIX_EPOCH);
        Instant(at.fixed_offset())
    }

    /// What changed.
    pub fn record_type(&self) -> RecordType {
        self.told.entry.record_type.into()
    }

    /// The id of the record.
    pub fn global_id(&self) -> ID {
        self.id_of(self.told.entry.record)
    }

    /// The id of the record it was merged into.
    pub fn replacement(&self) -> Option<ID> {
        match self.told.state {
            State::Merged(target) => Some(self.id_of(target)),
            _ => None,
        }
    }

    /// The city it is told of.
    pub fn told_of(&self) -> Option<City> {
        self.snapshot.shards.get(self.told.shard?).map(|shard| City(Arc::clone(shard)))
    }

    /// The record, while it is there.
    pub fn record(&self) -> Option<Node> {
        let State::There(shard, document) = self.told.state else { return None };
        let snapshot = &self.snapshot;
        Some(match document {
            Document::Place(number) => Node::PointOfInterest(PointOfInterest::of(snapshot, shard, number)?),
            Document::Event(number) => Node::Event(Event::of(snapshot, shard, number)?),
            Document::Route(number) => Node::Route(Route::of(snapshot, shard, number)?),
            Document::City => Node::City(City(Arc::clone(snapshot.shards.get(shard)?))),
        })
    }

    fn id_of(&self, record: RecordId) -> ID {
        let id = match self.told.entry.record_type {
            ids::RecordType::City => GlobalId::City(record),
            ids::RecordType::PointOfInterest => GlobalId::PointOfInterest(record),
            ids::RecordType::Event => GlobalId::Event(record),
            ids::RecordType::Route => GlobalId::Route(record),
            shared @ (ids::RecordType::Category | ids::RecordType::Municipality) => GlobalId::Whole(shared),
        };
        id.encode()
    }
}

/// A change of the catalogue, with the record as it is now.
#[Object]
impl CatalogueChange {
    /// Its number; numbers grow, and many records may have come by one.
    async fn number(&self) -> String {
        self.change_number()
    }

    /// What it means to you.
    async fn kind(&self) -> ChangeKind {
        self.change_kind()
    }

    /// When it was made.
    async fn at(&self) -> Instant {
        self.made_at()
    }

    /// What changed. For CATEGORY and MUNICIPALITY it is the list as a whole: fetch `categories` again.
    async fn r#type(&self) -> RecordType {
        self.record_type()
    }

    /// Global id of the record, also when it is gone. A list as a whole has one too, which names no node.
    async fn id(&self) -> ID {
        self.global_id()
    }

    /// The city it is told of. A record that moved from one city you follow to another is told of the new one only. Null for a list
    /// as a whole.
    async fn city(&self) -> Option<City> {
        self.told_of()
    }

    /// The record this one was merged into, at the end of all mergers (schema.org `replacedBy`); null when it was not.
    async fn replaced_by(&self) -> Option<ID> {
        self.replacement()
    }

    /// The record as it is now; null when it is gone, and for a list as a whole.
    async fn node(&self) -> Option<Node> {
        self.record()
    }
}

/// Why you have to load everything anew.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResyncReason {
    /// The cursor was given out by another catalogue.
    CursorOfAnotherCatalogue,
    /// The cursor speaks of changes this catalogue no longer knows: its database was restored from a backup.
    CursorAhead,
}

/// You have to load everything anew: forget all you have of the catalogue, and go on with the `cursor` of this page, which is
/// that of a first load.
#[derive(SimpleObject, Clone)]
pub struct Resync {
    /// Why.
    reason: ResyncReason,
    /// The same in words.
    message: &'static str,
}

impl From<page::Resync> for Resync {
    fn from(resync: page::Resync) -> Self {
        match resync {
            page::Resync::AnotherCatalogue => Self {
                reason: ResyncReason::CursorOfAnotherCatalogue,
                message: "the cursor is of another catalogue: forget what you have and go on with this page's cursor",
            },
            page::Resync::Restored => Self {
                reason: ResyncReason::CursorAhead,
                message: "the catalogue was restored from a backup: forget what you have and go on with this page's cursor",
            },
        }
    }
}

/// A page of changes, in their order.
#[derive(SimpleObject)]
pub struct ChangePage {
    /// The changes.
    entries: FlatList<CatalogueChange>,
    /// Where you stand after them; also when there are none. Keep it beside what you store, written together with it.
    cursor: Cursor,
    /// Whether more changes follow now: ask for them at once.
    has_more: bool,
    /// Present when the cursor you gave leads nowhere and you have to load everything anew; null otherwise.
    resync: Option<Resync>,
}

impl ChangePage {
    /// The page asked for, of the snapshot of this request.
    pub fn of(context: &Context<'_>, asked: &FeedRequest) -> Result<Self, Failure> {
        let request = context::of(context);
        let looked = Looked { as_of: request.freshness.as_of, now: request.now };
        Ok(Self::told(&request.snapshot, page::page(&request.snapshot, asked, looked, &context::budget(context))?))
    }

    /// The empty page of a reader who wants to hear what changes from now on in these cities.
    pub fn present(context: &Context<'_>, cities: &[String]) -> Result<Self, Failure> {
        let request = context::of(context);
        Ok(Self::told(&request.snapshot, page::present(&request.snapshot, cities, request.now)?))
    }

    fn told(snapshot: &Arc<Snapshot>, page: FeedPage) -> Self {
        let change = |told| CatalogueChange { snapshot: Arc::clone(snapshot), told };
        Self {
            entries: FlatList(page.changes.into_iter().map(change).collect()),
            cursor: Cursor(page.cursor.encode()),
            has_more: page.has_more,
            resync: page.resync.map(Into::into),
        }
    }

    /// Where its reader stands.
    pub fn position(&self) -> &str {
        &self.cursor.0
    }

    /// Whether more follow at once.
    pub const fn goes_on(&self) -> bool {
        self.has_more
    }

    /// Whether there is anything to tell but where the reader stands.
    pub const fn is_news(&self) -> bool {
        !self.entries.0.is_empty() || self.resync.is_some()
    }
}
