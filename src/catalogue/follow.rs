//! Following the change log: read what is new, build the changed cities, swap the snapshot. A follower that fails keeps
//! the old snapshot, says so, and tries again; it never stops.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

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
    loop {
        wake.wait().await;
        match step(&holder, &store, &tables).await {
            Ok(()) => holder.seen(clock.now()),
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
    let Some(last) = changes.last() else { return Ok(()) };
    // Changes rise, so that the last number of each city stays.
    let cities: HashMap<RecordId, i64> = changes.iter().filter_map(|change| Some((change.city?, change.number))).collect();
    let known = |city: &RecordId| current.shard_by_id(*city).is_some();
    let next = if changes.iter().any(|change| change.city.is_none()) || !cities.keys().all(known) {
        Snapshot::load(store, tables).await?
    } else {
        current.with_cities(store, last.number, &cities).await?
    };
    tracing::info!(version = next.version, cities = cities.len(), "the catalogue changed");
    let old = holder.replace(next);
    drop(current);
    // Dropping a city of a hundred thousand places takes tens of milliseconds.
    tokio::task::spawn_blocking(move || drop(old));
    Ok(())
}
