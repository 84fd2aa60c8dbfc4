//! Images that nobody uses go. What was published once stays for good, for its address may be in a copy out there; what a draft or any
//! revision names stays as long as they do. Of the others the row goes first and the bytes after it, each under a lock that whoever sends
//! the same image holds too, so that it can be sent at any moment and is kept.

use chrono::{DateTime, TimeDelta, Utc};

use super::error::MediaError;
use super::storage::MediaStorage;
use crate::causes;
use crate::clock::Clock;
use crate::domain::media::{Digest, MediaAsset};
use crate::store::jobs::Job;
use crate::store::{Store, to_its_end};
use crate::supervise::Stop;

/// Once a day; whoever began it has an hour.
const DAILY: Job = Job { name: "media_sweep", every: TimeDelta::days(1), patience: TimeDelta::hours(1) };
/// How often each process asks whether it is its turn.
const LOOK: std::time::Duration = std::time::Duration::from_mins(1);
/// How long it is known what was removed: far longer than anybody takes to send an image.
const REMEMBERED: TimeDelta = TimeDelta::days(1);

/// Removes images that nobody uses.
#[derive(Clone)]
pub struct Sweep {
    store: Store,
    storage: MediaStorage,
    unused_for: TimeDelta,
}

/// What a sweep removed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// The images.
    pub images: Vec<MediaAsset>,
    /// How many files they and images before them were kept in, and nothing else is.
    pub files: usize,
}

impl Sweep {
    /// Over a store and a storage; what was sent longer ago than `unused_for` may go.
    pub const fn new(store: Store, storage: MediaStorage, unused_for: TimeDelta) -> Self {
        Self { store, storage, unused_for }
    }

    /// What would be removed now.
    pub async fn unused(&self, now: DateTime<Utc>) -> Result<Vec<MediaAsset>, MediaError> {
        Ok(self.store.unused_media(now - self.unused_for).await?)
    }

    /// Removes it.
    pub async fn run(&self, now: DateTime<Utc>) -> Result<Swept, MediaError> {
        self.run_until(now, &Stop::never()).await
    }

    /// The same; when it is asked to stop it leaves the files that remain to the next sweep, which finds them noted.
    async fn run_until(&self, now: DateTime<Utc>, stop: &Stop) -> Result<Swept, MediaError> {
        self.store.forget_media_removals(now - REMEMBERED).await?;
        let images = self.store.remove_unused_media(self.unused(now).await?, now - self.unused_for, now).await?;
        let mut files = 0;
        for digest in self.store.media_removals().await? {
            if stop.is_asked() {
                break;
            }
            files += usize::from(self.remove(digest, now).await?);
        }
        Ok(Swept { images, files })
    }

    /// Removes what is kept under a digest, unless somebody has it again. Gives whether it is gone.
    async fn remove(&self, digest: Digest, now: DateTime<Utc>) -> Result<bool, MediaError> {
        let (store, storage) = (self.store.clone(), self.storage.clone());
        to_its_end(async move {
            let transaction = store.begin(now).await?;
            let may_go = transaction.may_remove_media(digest).await?;
            if may_go {
                storage.remove(digest).await?;
                transaction.note_media_removed(digest).await?;
            }
            transaction.commit().await?;
            Ok::<_, MediaError>(may_go)
        })
        .await
    }

    /// Removes it when nobody did within a day. Gives what was removed; `None` when it is another's turn, or nobody's. A sweep that is
    /// stopped in its midst falls to the next process that looks.
    pub async fn when_due(&self, clock: &Clock, stop: &Stop) -> Result<Option<Swept>, MediaError> {
        let now = clock.now();
        // While the database is away nothing is due; the follower says that it is.
        if !self.store.begin_job(DAILY, now).await.unwrap_or(false) {
            return Ok(None);
        }
        let swept = self.run_until(now, stop).await?;
        if stop.is_asked() {
            self.store.leave_job(DAILY, now, clock.now()).await?;
        } else {
            self.store.end_job(DAILY, now, clock.now()).await?;
        }
        Ok(Some(swept))
    }
}

/// Removes once a day what nobody uses, until it is asked to stop. A sweep that fails is tried again when its hour is over.
pub async fn daily(sweep: Sweep, clock: Clock, stop: Stop) {
    loop {
        match sweep.when_due(&clock, &stop).await {
            Ok(Some(swept)) => tracing::info!(images = swept.images.len(), files = swept.files, "images that nobody uses were removed"),
            Ok(None) => {}
            Err(error) => tracing::error!(cause = causes::chain(&error), "images that nobody uses cannot be removed"),
        }
        if !stop.pause(LOOK).await {
            return;
        }
    }
}
