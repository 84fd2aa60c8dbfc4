//! The last change of every record a city ever had, in the order of the log: an immutable base that is shared, and what changed
//! since. A record that changes again is told at its new place only.

use std::collections::HashMap;
use std::num::NonZeroI64;
use std::sync::Arc;

use crate::domain::ids::{RecordId, RecordType};

/// Changes gathered beside the base before both become a new base.
const MOST_RECENT: usize = 1_024;

/// Where a change stands: by number, then by record, as one change may be of many.
pub type Place = (i64, RecordId);

/// The last change of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its number in the log.
    pub number: i64,
    /// The record.
    pub record: RecordId,
    /// The change of its own with which it came and since which it was not taken out. None for a record that was taken out, and
    /// for one that only ever came among many.
    pub came: Option<NonZeroI64>,
    /// When, in seconds since 1970.
    pub at: u32,
    /// What it is.
    pub record_type: RecordType,
}

impl Entry {
    /// Where it stands.
    pub const fn place(&self) -> Place {
        (self.number, self.record)
    }
}

/// Last changes. 44 bytes a record.
#[derive(Clone, Debug, Default)]
pub struct ChangeList {
    /// By place.
    base: Arc<[Entry]>,
    /// Numbers of the base by record.
    by_record: Arc<[u32]>,
    /// What came since, by place; every number is greater than any of the base.
    recent: Vec<Entry>,
    /// For each record among those, the number that holds.
    latest: HashMap<RecordId, i64>,
    /// The last change of many together, by type.
    bulks: Vec<(RecordType, i64)>,
}

impl PartialEq for ChangeList {
    /// Whether they tell the same, however they came about.
    fn eq(&self, other: &Self) -> bool {
        self.after((i64::MIN, RecordId(uuid::Uuid::nil()))).eq(other.after((i64::MIN, RecordId(uuid::Uuid::nil()))))
    }
}

impl ChangeList {
    /// Of entries in any order, one a record.
    pub fn new(mut entries: Vec<Entry>, bulks: Vec<(RecordType, i64)>) -> Self {
        entries.sort_unstable_by_key(Entry::place);
        let mut by_record: Vec<u32> = (0..entries.len() as u32).collect();
        by_record.sort_unstable_by_key(|index| entries[*index as usize].record);
        Self { base: entries.into(), by_record: by_record.into(), bulks, ..Self::default() }
    }

    /// Entries after this place, in their order. O(log n) to the first.
    pub fn after(&self, place: Place) -> impl Iterator<Item = &Entry> {
        let begin = self.base.partition_point(|entry| entry.place() <= place);
        let old = self.base[begin..].iter().filter(|entry| !self.latest.contains_key(&entry.record));
        let begin = self.recent.partition_point(|entry| entry.place() <= place);
        let new = self.recent[begin..].iter().filter(|entry| self.latest.get(&entry.record) == Some(&entry.number));
        old.chain(new)
    }

    /// Whether the entry stands where a change of many put it, so that the log does not say whether the record is there.
    pub fn is_of_many(&self, entry: &Entry) -> bool {
        self.bulks.contains(&(entry.record_type, entry.number))
    }

    fn get(&self, record: RecordId) -> Option<&Entry> {
        if let Some(number) = self.latest.get(&record) {
            return self.recent.iter().rev().find(|entry| entry.number == *number && entry.record == record);
        }
        let found = self.by_record.binary_search_by_key(&record, |index| self.base[*index as usize].record).ok()?;
        self.base.get(self.by_record[found] as usize)
    }

    /// Notes that the record changed; numbers rise from call to call.
    pub fn change(&mut self, record_type: RecordType, record: RecordId, (number, at): (i64, u32), is_taken_out: bool) {
        let before = self.get(record).and_then(|entry| entry.came);
        let came = if is_taken_out { None } else { before.or(NonZeroI64::new(number)) };
        self.recent.push(Entry { number, record, came, at, record_type });
        self.latest.insert(record, number);
        if self.recent.len() >= MOST_RECENT {
            *self = Self::new(self.all(), std::mem::take(&mut self.bulks));
        }
    }

    /// Notes that many of the type changed together: all that are known, and those that are there now.
    pub fn change_of_many(&mut self, record_type: RecordType, (number, at): (i64, u32), there: impl Iterator<Item = RecordId>) {
        let mut entries = self.all();
        let unknown = there.filter(|record| self.get(*record).is_none());
        entries.extend(unknown.map(|record| Entry { number, record, came: None, at, record_type }));
        for entry in entries.iter_mut().filter(|entry| entry.record_type == record_type) {
            (entry.number, entry.at) = (number, at);
        }
        let mut bulks = std::mem::take(&mut self.bulks);
        bulks.retain(|(known, _)| *known != record_type);
        bulks.push((record_type, number));
        *self = Self::new(entries, bulks);
    }

    fn all(&self) -> Vec<Entry> {
        self.after((i64::MIN, RecordId(uuid::Uuid::nil()))).copied().collect()
    }
}
