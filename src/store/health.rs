//! Whether the database takes writes: noted when one failed for a reason that is the database's, and tried from then on until one is
//! taken again, so that it is known also while nobody writes.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use entity::job;
use sea_orm::{EntityTrait, IntoActiveModel};
use tokio::sync::Notify;

use super::connect::{Store, StoreError};
use super::write::to_its_end;
use crate::causes::{self, Trouble};
use crate::clock::Clock;
use crate::supervise::Stop;

/// From one try to the next, while writes fail.
const PAUSE: Duration = Duration::from_secs(1);
/// What is written on a try, in bytes: more than a page of either database, so that a full one cannot put it in a corner.
const TRIAL: usize = 12_000;
/// What the row of a try is called.
const NAME: &str = "write_trial";

/// Whether writes fail. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct WriteHealth(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    failing: Mutex<Option<Failing>>,
    noted: Notify,
}

/// That writes fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failing {
    /// Why, as far as the last one tells.
    pub trouble: Trouble,
    /// Since when.
    pub since: DateTime<Utc>,
}

impl WriteHealth {
    /// What is wrong; `None` when nothing is known to be.
    pub fn failing(&self) -> Option<Failing> {
        *self.0.failing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that a write failed for this reason.
    pub fn note(&self, trouble: Trouble, now: DateTime<Utc>) {
        let mut failing = self.0.failing.lock().unwrap_or_else(PoisonError::into_inner);
        let since = failing.map_or(now, |failing| failing.since);
        *failing = Some(Failing { trouble, since });
        self.0.noted.notify_one();
    }

    pub(super) fn recovered(&self) {
        *self.0.failing.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

impl Store {
    /// Whether the database takes writes.
    pub const fn writes(&self) -> &WriteHealth {
        &self.health
    }

    /// Once a write has failed, tries again and again until one is taken, and notes it. Runs until it is asked to stop.
    pub async fn watch_writes(&self, clock: &Clock, stop: Stop) {
        loop {
            tokio::select! {
                () = stop.asked() => return,
                () = self.health.0.noted.notified() => {}
            }
            while let Some(Failing { since, .. }) = self.health.failing() {
                if !stop.pause(PAUSE).await {
                    return;
                }
                match self.try_to_write(clock.now()).await {
                    Ok(()) => {
                        self.health.recovered();
                        tracing::info!(%since, "the database takes writes again");
                    }
                    Err(error) => self.health.note(causes::trouble(&error).unwrap_or(Trouble::Failed), clock.now()),
                }
            }
        }
    }

    /// Writes a row and takes it away again.
    async fn try_to_write(&self, now: DateTime<Utc>) -> Result<(), StoreError> {
        let store = self.clone();
        to_its_end(async move {
            // PostgreSQL's index takes no keys so long, and there a small row says as much.
            let length = if store.is_sqlite() { TRIAL } else { 0 };
            let name = format!("{NAME}{}", "-".repeat(length));
            let transaction = store.begin(now).await?;
            transaction.hold(NAME).await?;
            job::Entity::delete_by_id(name.clone()).exec(transaction.connection()).await?;
            let row = job::Model { name: name.clone(), begun_at: now, done_at: Some(now) };
            job::Entity::insert(row.into_active_model()).exec_without_returning(transaction.connection()).await?;
            job::Entity::delete_by_id(name).exec(transaction.connection()).await?;
            transaction.commit_unlogged().await
        })
        .await
    }
}
