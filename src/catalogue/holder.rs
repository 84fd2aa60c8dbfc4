//! The one pointer to the current snapshot. Replacing it is the only mutation of the read side; a reader that holds a
//! snapshot keeps it whole for as long as it needs.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock, Weak};
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::watch;

use super::snapshot::Snapshot;

/// How fresh the snapshot is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Freshness {
    /// When the change log was last seen to hold nothing newer.
    pub as_of: DateTime<Utc>,
    /// Why following failed last time; absent while all is well.
    pub failure: Option<String>,
}

/// Holds the current snapshot. At one read a request a lock costs 0.3 µs under contention.
pub struct Holder {
    current: RwLock<Arc<Snapshot>>,
    freshness: RwLock<Freshness>,
    /// Snapshots before the current one that somebody may still hold.
    old: Mutex<Vec<Weak<Snapshot>>>,
    /// The version of the current one.
    changed: watch::Sender<i64>,
    /// How many follow the log for it: one, or none.
    followers: AtomicUsize,
}

/// That somebody follows the log, until this is dropped.
pub struct Following<'a>(&'a Holder);

impl Drop for Following<'_> {
    fn drop(&mut self) {
        self.0.followers.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Holder {
    /// Begins with this snapshot.
    pub fn new(snapshot: Snapshot, as_of: DateTime<Utc>) -> Self {
        Self {
            changed: watch::Sender::new(snapshot.version),
            current: RwLock::new(Arc::new(snapshot)),
            freshness: RwLock::new(Freshness { as_of, failure: None }),
            old: Mutex::default(),
            followers: AtomicUsize::new(0),
        }
    }

    /// The current snapshot.
    pub fn current(&self) -> Arc<Snapshot> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Swaps the snapshot. The old one is dropped by the caller.
    pub fn replace(&self, next: Snapshot) -> Arc<Snapshot> {
        let version = next.version;
        let old = std::mem::replace(&mut *self.current.write().unwrap_or_else(PoisonError::into_inner), Arc::new(next));
        self.old.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::downgrade(&old));
        // Another base under the same state is no news.
        self.changed.send_if_modified(|known| std::mem::replace(known, version) != version);
        old
    }

    /// Swaps the snapshot, and drops the old one on a thread of its own once nobody reads it: dropping a city of a hundred thousand
    /// places takes tens of milliseconds.
    pub fn swap(&self, next: Snapshot) {
        let old = self.replace(next);
        tokio::task::spawn_blocking(move || drop(old));
    }

    /// Told the version of each snapshot that becomes the current one.
    pub fn changes(&self) -> watch::Receiver<i64> {
        self.changed.subscribe()
    }

    /// Notes that the log is followed while the mark is held.
    pub fn is_followed(&self) -> Following<'_> {
        self.followers.fetch_add(1, Ordering::SeqCst);
        Following(self)
    }

    /// Waits until the current snapshot holds the change of this number, `patience` at most, and tells whether it does. While nobody
    /// follows the log it is not waited for.
    pub async fn reach(&self, number: i64, patience: Duration) -> bool {
        let mut changes = self.changes();
        if self.followers.load(Ordering::SeqCst) > 0 {
            // The sender lives in here, so the only error is that of the clock.
            let _ = tokio::time::timeout(patience, changes.wait_for(|version| *version >= number)).await;
        }
        self.current().version >= number
    }

    /// How many snapshots are in memory: 1, and those before it that a request still holds.
    pub fn generations(&self) -> usize {
        let mut old = self.old.lock().unwrap_or_else(PoisonError::into_inner);
        old.retain(|snapshot| snapshot.strong_count() > 0);
        1 + old.len()
    }

    /// How fresh it is.
    pub fn freshness(&self) -> Freshness {
        self.freshness.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Notes that the log was seen at `instant`.
    pub fn seen(&self, instant: DateTime<Utc>) {
        *self.freshness.write().unwrap_or_else(PoisonError::into_inner) = Freshness { as_of: instant, failure: None };
    }

    /// Notes that following failed; the snapshot and its time stay.
    pub fn failed(&self, reason: String) {
        self.freshness.write().unwrap_or_else(PoisonError::into_inner).failure = Some(reason);
    }
}
