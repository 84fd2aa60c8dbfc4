//! Folding: what came to a city since its base was laid down is laid down with the rest as a new base, in the background. So a
//! city that changes for ever stays quick to ask and to change, and no change waits for it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::{JoinError, JoinHandle};
use tokio::time::Instant;

use super::holder::Holder;
use super::shard::CityShard;
use super::snapshot::{Snapshot, SnapshotError};
use super::text::BuildError;
use crate::domain::ids::RecordId;

/// When a city is folded.
#[derive(Clone, Copy, Debug)]
pub struct FoldPolicy {
    /// When so many records came or went: their texts are indexed again at each change, some 25 µs a record.
    pub full: usize,
    /// When any did, and then none for so long.
    pub quiet: Duration,
}

impl Default for FoldPolicy {
    fn default() -> Self {
        Self { full: 128, quiet: Duration::from_mins(1) }
    }
}

/// Folds one city at a time.
#[derive(Default)]
pub struct Folder {
    policy: FoldPolicy,
    /// By city, its version when last looked at, and since when it has that version.
    seen: HashMap<RecordId, (i64, Instant)>,
    under_way: Option<Folding>,
}

struct Folding {
    city: Arc<CityShard>,
    work: JoinHandle<Result<CityShard, BuildError>>,
}

/// A city and the same on a new base.
pub struct Folded {
    city: Arc<CityShard>,
    outcome: Result<Result<CityShard, BuildError>, JoinError>,
}

impl Folder {
    /// Folds by this policy.
    pub fn new(policy: FoldPolicy) -> Self {
        Self { policy, ..Self::default() }
    }

    /// Begins to fold the city that has changed most of those it is time for, when none is under way.
    pub fn begin(&mut self, snapshot: &Snapshot) {
        let now = Instant::now();
        let mut ready: Option<&Arc<CityShard>> = None;
        for shard in &snapshot.shards {
            let (id, version, changed) = (shard.city.id, snapshot.city_version(shard.city.id), shard.changed());
            let seen = self.seen.entry(id).or_insert((version, now));
            if seen.0 != version {
                *seen = (version, now);
            }
            let is_due = changed >= self.policy.full.max(1) || (changed > 0 && now - seen.1 >= self.policy.quiet);
            if is_due && ready.is_none_or(|other| other.changed() < changed) {
                ready = Some(shard);
            }
        }
        if let (None, Some(city)) = (&self.under_way, ready) {
            let shard = Arc::clone(city);
            let work = tokio::task::spawn_blocking(move || shard.folded());
            self.under_way = Some(Folding { city: Arc::clone(city), work });
        }
    }

    /// Waits for the city under way; for ever when there is none. Nothing is lost when it is not waited for to the end.
    pub async fn next(&mut self) -> Folded {
        let Some(folding) = &mut self.under_way else { return std::future::pending().await };
        let outcome = (&mut folding.work).await;
        let city = Arc::clone(&folding.city);
        self.under_way = None;
        Folded { city, outcome }
    }
}

impl Folded {
    /// Puts the new base under the city as it is by now. A city that was read whole in the meantime has one already.
    pub async fn put_under(self, holder: &Holder) -> Result<(), SnapshotError> {
        let (folded, current, earlier) = (self.outcome??, holder.current(), self.city);
        let next = tokio::task::spawn_blocking(move || current.with_base(&folded, &earlier)).await??;
        if let Some(next) = next {
            tracing::debug!(version = next.version, "a city was folded");
            holder.swap(next);
        }
        Ok(())
    }
}
