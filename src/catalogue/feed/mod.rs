//! The feed of changes that apps and partners follow: for each city the last change of every record it ever had, and the last
//! change of each list that all cities share. It is part of the snapshot: told without a database, from the state it speaks of.
//!
//! A change is told with what the record is *now*, so a record that changed a hundred times is told once, at its last number;
//! what is gone is told for ever. However the feed was built, from nothing or change by change, it tells the same.

mod build;
pub mod cursor;
pub mod list;
pub mod moments;
pub mod page;

use std::collections::HashMap;
use std::num::NonZeroI64;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use self::list::{ChangeList, Entry};
use self::moments::{Moments, seconds};
use super::shard::CityShard;
use crate::domain::ids::{RecordId, RecordType};
use crate::store::feed::LastChange;
use crate::store::read::Change;
use crate::store::write::ChangeKind;

/// The last change of everything.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Feed {
    /// Which log it tells: when it was begun, in microseconds since 1970; 0 while it is empty.
    log: i64,
    /// By city. A record that moved is in two: gone from one, there in the other.
    cities: HashMap<RecordId, Arc<ChangeList>>,
    /// Of what all cities share, by number; at most one of a type.
    shared: Vec<Entry>,
    /// When each change was written.
    pub moments: Moments,
}

/// A change of all records of a type in a city together: its number, and when it was, in seconds.
type Bulk = (RecordType, (i64, u32));

impl Feed {
    /// From nothing: `rows` ascend, as does the log, and the shards tell which records only ever came among many. O(n log n).
    pub fn load(rows: Vec<LastChange>, log: &[(i64, DateTime<Utc>)], shards: &[Arc<CityShard>]) -> Self {
        let begun = log.first().map_or(0, |(_, at)| at.timestamp_micros());
        let mut feed = Self { log: begun, moments: Moments::new(log.iter().copied()), ..Self::default() };
        let mut entries: HashMap<RecordId, Vec<Entry>> = HashMap::new();
        let mut bulks: HashMap<RecordId, Vec<Bulk>> = HashMap::new();
        for row in rows {
            let stamp = (row.number, seconds(row.at));
            match list_of(row.city, Some(row.record_type), row.record) {
                List::Shared(record_type) => feed.share(record_type, stamp),
                List::Many(city, record_type) => bulks.entry(city).or_default().push((record_type, stamp)),
                List::Record(city, record_type, record) => entries.entry(city).or_default().push(Entry {
                    number: stamp.0,
                    record,
                    came: row.came.and_then(NonZeroI64::new),
                    at: stamp.1,
                    record_type,
                }),
                List::None => {}
            }
        }
        for city in shards.iter().map(|shard| shard.city.id) {
            entries.entry(city).or_default();
        }
        for (city, entries) in entries {
            let shard = shards.iter().find(|shard| shard.city.id == city);
            let list = loaded(entries, &bulks.remove(&city).unwrap_or_default(), shard.map(Arc::as_ref));
            feed.cities.insert(city, Arc::new(list));
        }
        feed
    }

    /// With these changes, which rise and follow the last. Lists of other cities are shared.
    #[must_use]
    pub fn with(&self, changes: &[Change], shards: &[Arc<CityShard>]) -> Self {
        let mut feed = self.clone();
        for change in changes {
            let stamp = (change.number, seconds(change.at));
            feed.moments.push(change.number, change.at);
            if feed.log == 0 {
                feed.log = change.at.timestamp_micros();
            }
            match list_of(change.city, change.record_type, change.record) {
                List::Shared(record_type) => feed.share(record_type, stamp),
                List::Many(city, record_type) => {
                    let shard = shards.iter().find(|shard| shard.city.id == city);
                    let there = shard.into_iter().flat_map(|shard| records(shard)).filter(|(known, _)| *known == record_type);
                    feed.list(city).change_of_many(record_type, stamp, there.map(|(_, record)| record));
                }
                List::Record(city, record_type, record) => {
                    feed.list(city).change(record_type, record, stamp, change.kind == ChangeKind::Withdraw);
                }
                List::None => {}
            }
        }
        feed
    }

    fn list(&mut self, city: RecordId) -> &mut ChangeList {
        Arc::make_mut(self.cities.entry(city).or_default())
    }

    fn share(&mut self, record_type: RecordType, (number, at): (i64, u32)) {
        self.shared.retain(|entry| entry.record_type != record_type);
        self.shared.push(Entry { number, record: RecordId(Uuid::nil()), came: None, at, record_type });
    }
}

/// Which list a change belongs to.
enum List {
    /// A list that all cities share changed.
    Shared(RecordType),
    /// Many records of a city changed together.
    Many(RecordId, RecordType),
    /// A record changed in a city.
    Record(RecordId, RecordType, RecordId),
    /// It is told nowhere: an older or a newer program wrote it.
    None,
}

fn list_of(city: Option<RecordId>, record_type: Option<RecordType>, record: Option<RecordId>) -> List {
    use RecordType::{Category, City, Event, Municipality, PointOfInterest, Route};
    match (record_type, city, record) {
        // A city is told among its own records.
        (Some(City), _, Some(record)) => List::Record(record, City, record),
        (Some(shared @ (Category | Municipality)), _, _) => List::Shared(shared),
        (Some(own @ (PointOfInterest | Event | Route)), Some(city), Some(record)) => List::Record(city, own, record),
        (Some(own @ (PointOfInterest | Event | Route)), Some(city), None) => List::Many(city, own),
        _ => List::None,
    }
}

/// The list of a city whose records have these last changes of their own, and of many together.
fn loaded(mut entries: Vec<Entry>, bulks: &[(RecordType, (i64, u32))], shard: Option<&CityShard>) -> ChangeList {
    let bulk = |record_type| bulks.iter().find(|(known, _)| *known == record_type).map_or((0, 0), |(_, stamp)| *stamp);
    for entry in &mut entries {
        let (number, at) = bulk(entry.record_type);
        if number > entry.number {
            (entry.number, entry.at) = (number, at);
        }
    }
    let known: std::collections::HashSet<RecordId> = entries.iter().map(|entry| entry.record).collect();
    let unknown = shard.into_iter().flat_map(records).filter(|(_, record)| !known.contains(record));
    let unknown: Vec<Entry> = unknown
        .map(|(record_type, record)| {
            let (number, at) = bulk(record_type);
            Entry { number, record, came: None, at, record_type }
        })
        .collect();
    entries.extend(unknown);
    ChangeList::new(entries, bulks.iter().map(|(record_type, (number, _))| (*record_type, *number)).collect())
}

/// What is there in a city, without the city.
fn records(shard: &CityShard) -> impl Iterator<Item = (RecordType, RecordId)> {
    let places = shard.places.iter().map(|place| (RecordType::PointOfInterest, place.id));
    let events = shard.events.iter().map(|event| (RecordType::Event, event.id));
    let routes = shard.routes.iter().map(|route| (RecordType::Route, route.id));
    places.chain(events).chain(routes)
}
