//! A page of the feed: what changed after a cursor, in the order of the log, told from one snapshot. What changes while a reader
//! pages moves to the end and is told there: nothing is lost, and nothing is told as it no longer is.

use std::iter::Peekable;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::cursor::FeedCursor;
use super::list::{ChangeList, Entry};
use crate::catalogue::documents::Document;
use crate::catalogue::error::CatalogueError;
use crate::catalogue::page::Fingerprint;
use crate::catalogue::shard::CityShard;
use crate::catalogue::snapshot::Snapshot;
use crate::domain::ids::{RecordId, RecordType};
use crate::domain::work_budget::{Spent, WorkBudget};

/// Most changes of a page.
pub const MAX_PAGE: usize = 500;
/// Changes of a page when nothing is asked.
pub const DEFAULT_PAGE: usize = 100;
/// How far the clocks of two processes may differ.
const SKEW: TimeDelta = TimeDelta::minutes(1);

/// What is asked of the feed.
#[derive(Clone, Debug, Default)]
pub struct FeedRequest {
    /// Slugs of the cities to follow; none for all.
    pub cities: Vec<String>,
    /// Where the reader stands; absent for a first load.
    pub after: Option<String>,
    /// Most changes to give, 1 to [`MAX_PAGE`].
    pub first: Option<i64>,
}

/// What a record is now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// There, in this shard.
    There(usize, Document),
    /// Gone.
    Gone,
    /// Gone, and another answers for it.
    Merged(RecordId),
    /// No record: a list that all cities share.
    Shared,
}

/// A change as it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    /// The change.
    pub entry: Entry,
    /// Shard of the city it is told of; absent for what all share, and for a city that cannot be read.
    pub shard: Option<usize>,
    /// What the record is now.
    pub state: State,
    /// Whether the record came after the reader last had everything.
    pub is_new: bool,
}

/// Why a reader has to begin anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resync {
    /// The cursor is of another catalogue.
    AnotherCatalogue,
    /// The cursor speaks of changes that the log no longer holds: a backup was restored.
    Restored,
}

/// A page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedPage {
    /// The changes, in the order of the log.
    pub changes: Vec<Told>,
    /// Where the reader stands after them.
    pub cursor: FeedCursor,
    /// Whether more follow now.
    pub has_more: bool,
    /// Why the reader has to forget what it has, if it has to; the cursor is then the one to begin with.
    pub resync: Option<Resync>,
}

/// When a reader asks, and of when what it reads is.
#[derive(Clone, Copy, Debug)]
pub struct Looked {
    /// When the snapshot was known to be complete.
    pub as_of: DateTime<Utc>,
    /// Now.
    pub now: DateTime<Utc>,
}

/// The page asked for, of a snapshot that was known to be complete at `as_of`. O(page · log n), and what is gone and passed over
/// by a first load.
pub fn page(snapshot: &Snapshot, request: &FeedRequest, looked: Looked, budget: &WorkBudget) -> Result<FeedPage, CatalogueError> {
    let Looked { as_of, now } = looked;
    let limit = match request.first {
        None => DEFAULT_PAGE,
        Some(count @ 1..=500) => count as usize,
        Some(_) => return Err(CatalogueError::Page("`first` is from 1 to 500")),
    };
    let followed = Followed::new(snapshot, &request.cities)?;
    let moments = &snapshot.feed.moments;
    let start = FeedCursor::start(followed.fingerprint, snapshot.feed.log, snapshot.version).given_at(now, moments);
    let cursor = request.after.as_deref().map_or(Ok(start), |after| FeedCursor::decode(after, followed.fingerprint))?;
    let anew = |why| FeedPage { changes: Vec::new(), cursor: start, has_more: true, resync: Some(why) };
    if cursor.log != snapshot.feed.log {
        return Ok(anew(Resync::AnotherCatalogue));
    }
    if !moments.agree(cursor.reach(), cursor.moment) {
        return Ok(anew(Resync::Restored));
    }
    if cursor.reach() > snapshot.version {
        // Another process knew more when it gave the cursor out; who has looked at the log since then has to know it too.
        let looked_later = as_of.timestamp() > cursor.given + SKEW.num_seconds();
        return Ok(if looked_later {
            anew(Resync::Restored)
        } else {
            FeedPage { changes: Vec::new(), cursor, has_more: false, resync: None }
        });
    }
    let mut changes = followed.changes(&cursor, limit + 1, budget)?;
    let has_more = changes.len() > limit;
    changes.truncate(limit);
    let cursor = match changes.last() {
        Some(last) if has_more => FeedCursor { place: last.entry.place(), ..cursor },
        _ => complete(cursor, snapshot),
    };
    Ok(FeedPage { changes, cursor: cursor.given_at(now, moments), has_more, resync: None })
}

/// The empty page of a reader who begins with what changes from now on.
pub fn present(snapshot: &Snapshot, cities: &[String], now: DateTime<Utc>) -> Result<FeedPage, CatalogueError> {
    let start = FeedCursor::start(Followed::new(snapshot, cities)?.fingerprint, snapshot.feed.log, snapshot.version);
    Ok(FeedPage {
        changes: Vec::new(),
        cursor: complete(start, snapshot).given_at(now, &snapshot.feed.moments),
        has_more: false,
        resync: None,
    })
}

/// Where a reader stands who has everything there is.
const fn complete(cursor: FeedCursor, snapshot: &Snapshot) -> FeedCursor {
    FeedCursor { place: (snapshot.version, RecordId(Uuid::max())), complete: snapshot.version, begun: 0, ..cursor }
}

/// The lists a reader follows.
struct Followed<'a> {
    snapshot: &'a Snapshot,
    /// Each city's, with its shard.
    lists: Vec<(&'a ChangeList, Option<usize>)>,
    fingerprint: Fingerprint,
}

impl<'a> Followed<'a> {
    fn new(snapshot: &'a Snapshot, slugs: &[String]) -> Result<Self, CatalogueError> {
        let mask = snapshot.city_mask(slugs)?;
        let shard_of = |city: RecordId| snapshot.shard_by_id(city);
        let is_followed = |shard: Option<usize>| slugs.is_empty() || shard.is_some_and(|shard| mask[shard]);
        let lists = snapshot.feed.cities.iter().map(|(city, list)| (Arc::as_ref(list), shard_of(*city)));
        let lists = lists.filter(|(_, shard)| is_followed(*shard)).collect();
        let mut slugs: Vec<&str> = slugs.iter().map(String::as_str).collect();
        slugs.sort_unstable();
        slugs.dedup();
        Ok(Self { snapshot, lists, fingerprint: Fingerprint::of("changes", &slugs) })
    }

    /// What there is to tell after the cursor.
    fn changes(&self, cursor: &FeedCursor, limit: usize, budget: &WorkBudget) -> Result<Vec<Told>, Spent> {
        // Every list is asked for its next entry, and the record looked up.
        let mut meter = budget.meter(4 + 2 * self.lists.len() as u64);
        let of_all = self.snapshot.feed.shared.iter().filter(|entry| entry.place() > cursor.place);
        let mut of_all = of_all.filter(|entry| entry.number > cursor.begun).peekable();
        let mut lists: Vec<_> = self.lists.iter().map(|(list, shard)| (list.after(cursor.place).peekable(), *list, *shard)).collect();
        let mut told = Vec::with_capacity(limit.min(64));
        while told.len() < limit {
            meter.step()?;
            let next = lists.iter_mut().enumerate().filter_map(|(index, (entries, ..))| Some((entries.peek()?.place(), index))).min();
            let before = next.map(|(place, _)| place);
            if let Some(entry) = next_before(&mut of_all, before) {
                told.push(Told { entry: *entry, shard: None, state: State::Shared, is_new: false });
                continue;
            }
            let Some((_, index)) = next else { break };
            let (entries, list, shard) = &mut lists[index];
            let Some(entry) = entries.next() else { break };
            told.extend(self.told(entry, list, *shard, cursor));
        }
        Ok(told)
    }

    /// The change as this reader is told it, if it is.
    fn told(&self, entry: &Entry, list: &ChangeList, shard: Option<usize>, cursor: &FeedCursor) -> Option<Told> {
        let was_gone = entry.number <= cursor.begun;
        if was_gone && entry.came.is_none() && !list.is_of_many(entry) {
            return None;
        }
        let document = |shard: usize| find(&self.snapshot.shards[shard], entry.record_type, entry.record);
        let state = match shard.and_then(|shard| Some((shard, document(shard)?))) {
            Some((shard, found)) => State::There(shard, found),
            None if was_gone => return None,
            // It moved to another city that is followed too, and is told there.
            None if self.lists.iter().any(|(_, other)| *other != shard && other.and_then(document).is_some()) => return None,
            None => self.snapshot.redirects.target(entry.record).map_or(State::Gone, State::Merged),
        };
        let came = entry.came.map_or(entry.number, Into::into);
        Some(Told { entry: *entry, shard, state, is_new: came > cursor.complete })
    }
}

/// The next entry, when it stands before that place.
fn next_before<'a>(entries: &mut Peekable<impl Iterator<Item = &'a Entry>>, place: Option<super::list::Place>) -> Option<&'a Entry> {
    entries.next_if(|entry| place.is_none_or(|place| entry.place() < place))
}

/// The record in the shard, when it is there. O(log n).
fn find(shard: &CityShard, record_type: RecordType, record: RecordId) -> Option<Document> {
    match record_type {
        RecordType::PointOfInterest => shard.places.by_id(record).map(Document::Place),
        RecordType::Event => shard.events.by_id(record).map(Document::Event),
        RecordType::Route => shard.routes.by_id(record).map(Document::Route),
        RecordType::City => (shard.city.id == record).then_some(Document::City),
        RecordType::Category | RecordType::Municipality => None,
    }
}
