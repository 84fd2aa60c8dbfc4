//! How a snapshot comes by its feed and its redirects: from nothing, or with what is new in the log.

use std::sync::Arc;

use super::Feed;
use crate::catalogue::redirects::Redirects;
use crate::catalogue::snapshot::{Snapshot, SnapshotError};
use crate::store::Store;
use crate::store::read::Change;
use crate::store::write::ChangeKind;

impl Snapshot {
    /// The same with its feed, read from the log.
    pub(in crate::catalogue) async fn with_feed_loaded(mut self, store: &Store) -> Result<Self, SnapshotError> {
        let (rows, log) = (store.last_changes(self.version).await?, store.change_moments(self.version).await?);
        self.redirects = Arc::new(Redirects::new(&store.redirects().await?));
        let shards = self.shards.clone();
        self.feed = Arc::new(tokio::task::spawn_blocking(move || Feed::load(rows, &log, &shards)).await?);
        Ok(self)
    }

    /// The same with these changes told. What is merged is withdrawn in the same transaction, so redirects are read again only
    /// then.
    pub(in crate::catalogue) async fn with_changes_told(mut self, store: &Store, changes: &[Change]) -> Result<Self, SnapshotError> {
        if changes.iter().any(|change| change.kind == ChangeKind::Withdraw) {
            self.redirects = Arc::new(Redirects::new(&store.redirects().await?));
        }
        let (feed, shards, changes) = (Arc::clone(&self.feed), self.shards.clone(), changes.to_vec());
        self.feed = Arc::new(tokio::task::spawn_blocking(move || feed.with(&changes, &shards)).await?);
        Ok(self)
    }
}
