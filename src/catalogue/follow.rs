//! Following the change log: read what is new, build the changed cities, swap the snapshot. A follower that fails keeps
//! the old snapshot, says so, and tries again; it never stops.

use std::sync::Arc;
use std::time::Duration;

use super::changed::by_city;
use super::fold::Folder;
use super::holder::Holder;
use super::reference::Tables;
use super::snapshot::{Snapshot, SnapshotError};
use crate::clock::Clock;
use crate::domain::ids::RecordId;
use crate::store::Store;
use crate::store::wake::Wake;

/// Changes read at once.
const BATCH: u64 = 10_000;
/// Pause after a failure.
const RETRY_PAUSE: Duration = Duration::from_secs(1);

/// Follows the log for ever.
pub async fn follow(holder: Arc<Holder>, store: Store, tables: Tables, mut wake: Wake, clock: Clock) {
    let mut folder = Folder::default();
    loop {
        let done = tokio::select! {
            () = wake.wait() => step(&holder, &store, &tables).await.map(|()| holder.seen(clock.now())),
            city = folder.next() => city.put_under(&holder).await,
        };
        match done {
            Ok(()) => folder.begin(&holder.current()),
            Err(error) => {
                if holder.freshness().failure.is_none() {
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        "the change log cannot be followed; reads go on from the last snapshot"
                    );
                }
                holder.failed(error.to_string());
                tokio::time::sleep(RETRY_PAUSE).await;
            }
        }
    }
}

/// Reads the log once and, when it grew, swaps the snapshot.
pub async fn step(holder: &Holder, store: &Store, tables: &Tables) -> Result<(), SnapshotError> {
    let current = holder.current();
    let changes = store.changes_after(current.version, BATCH).await?;
    let Some(version) = changes.last().map(|last| last.number) else { return Ok(()) };
    let is_known = |city: &RecordId| current.shard_by_id(*city).is_some();
    let next = match by_city(&changes).filter(|cities| cities.keys().all(is_known)) {
        Some(cities) => current.with_cities(store, version, &cities).await?.with_changes_told(store, &changes).await?,
        None => Snapshot::load(store, tables).await?,
    };
    tracing::info!(version = next.version, changes = changes.len(), "the catalogue changed");
    drop(current);
    holder.swap(next);
    Ok(())
}
