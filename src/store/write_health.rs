//! Whether writes reach the database: what `/readyz` tells, and the log.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};

use super::connect::Store;

/// Since when writes fail, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WriteFailure {
    /// When the first of them failed.
    pub since: DateTime<Utc>,
    /// The last error with its causes, for the operator: it may hold words of the database, so no client may see it.
    pub error: String,
}

/// The last outcome of a write; shared by the clones of a store.
#[derive(Clone, Debug, Default)]
pub(super) struct WriteHealth(Arc<Mutex<Option<WriteFailure>>>);

impl WriteHealth {
    pub(super) fn succeeded(&self) {
        if let Some(failure) = self.lock().take() {
            tracing::info!(since = %failure.since, "writes reach the database again");
        }
    }

    pub(super) fn failed(&self, error: &(dyn std::error::Error + 'static), at: DateTime<Utc>) {
        let text = with_causes(error);
        tracing::error!(error = text, "a write failed");
        let mut failure = self.lock();
        let since = failure.as_ref().map_or(at, |failure| failure.since);
        *failure = Some(WriteFailure { since, error: text });
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<WriteFailure>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store {
    /// Since when writes fail; nothing when the last one reached the database, or none was tried yet.
    pub fn write_failure(&self) -> Option<WriteFailure> {
        self.writes.lock().clone()
    }
}

fn with_causes(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
