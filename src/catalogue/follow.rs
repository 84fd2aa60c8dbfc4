//! Following the change log: read what is new, build the changed cities, swap the snapshot. A follower that fails keeps
//! the old snapshot, says so, and tries again; it never stops.

use std::sync::Arc;
use std::time::Duration;

use super::changed::by_city;
use super::feed::moments::seconds;
use super::fold::Folder;
use super::holder::Holder;
use super::reference::Tables;
use super::snapshot::{Snapshot, SnapshotError};
use crate::causes;
use crate::clock::Clock;
use crate::domain::ids::RecordId;
use crate::store::Store;
use crate::store::read::Change;
use crate::store::wake::Wake;
use crate::supervise::Stop;

/// Changes read at once.
const BATCH: u64 = 10_000;
/// Pause after a failure.
const RETRY_PAUSE: Duration = Duration::from_secs(1);

/// Who follows the log.
pub struct Follower {
    /// Where the snapshots go.
    pub holder: Arc<Holder>,
    /// Where they come from.
    pub store: Store,
    /// What their records refer to.
    pub tables: Tables,
    /// What tells that the log grew.
    pub wake: Wake,
    /// When it was last looked at.
    pub clock: Clock,
}

impl Follower {
    /// The same, to begin anew.
    #[must_use]
    pub fn again(&self) -> Self {
        Self {
            holder: Arc::clone(&self.holder),
            store: self.store.clone(),
            tables: self.tables.clone(),
            wake: self.wake.again(),
            clock: self.clock.clone(),
        }
    }

    /// Follows the log until it is asked to stop.
    pub async fn run(self, stop: Stop) {
        let Self { holder, store, tables, mut wake, clock } = self;
        let mut folder = Folder::default();
        let _following = holder.is_followed();
        loop {
            let done = tokio::select! {
                biased;
                () = stop.asked() => return,
                () = wake.wait() => step(&holder, &store, &tables).await.map(|()| holder.seen(clock.now())),
                city = folder.next() => city.put_under(&holder).await,
            };
            match done {
                Ok(()) => folder.begin(&holder.current()),
                Err(error) => {
                    if holder.freshness().failure.is_none() {
                        tracing::error!(
                            cause = causes::chain(&error),
                            "the change log cannot be followed; reads go on from the last snapshot"
                        );
                    }
                    holder.failed(error.to_string());
                    stop.pause(RETRY_PAUSE).await;
                }
            }
        }
    }
}

/// Reads the log once and, when it grew, swaps the snapshot. A log that is not the one this snapshot came from, because a backup was
/// restored, is read from nothing.
pub async fn step(holder: &Holder, store: &Store, tables: &Tables) -> Result<(), SnapshotError> {
    let current = holder.current();
    // The last change that is known is read along: it tells whether this is still the same log.
    let read = store.changes_after(current.version - 1, BATCH).await?;
    let changes = read.get(usize::from(current.version > 0)..).unwrap_or_default();
    let next = if is_another_log(&current, &read) {
        tracing::warn!(version = current.version, "the change log was taken back: the catalogue is read anew");
        Snapshot::load(store, tables).await?
    } else {
        let Some(version) = changes.last().map(|last| last.number) else { return Ok(()) };
        let is_known = |city: &RecordId| current.shard_by_id(*city).is_some();
        match by_city(changes).filter(|cities| cities.keys().all(is_known)) {
            Some(cities) => current.with_cities(store, version, &cities).await?.with_changes_told(store, changes).await?,
            None => Snapshot::load(store, tables).await?,
        }
    };
    tracing::info!(version = next.version, changes = changes.len(), "the catalogue changed");
    drop(current);
    holder.swap(next);
    Ok(())
}

/// Whether the log whose changes from the snapshot's last on were read does not hold that last change.
fn is_another_log(current: &Snapshot, read: &[Change]) -> bool {
    let is_last = |first: &Change| first.number == current.version && current.feed.moments.agree(first.number, seconds(first.at));
    current.version > 0 && !read.first().is_some_and(is_last)
}
