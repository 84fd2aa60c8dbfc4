//! The only caller of `now`. Every rule about time takes an instant; a request takes it from here once.
//!
//! Processes over one PostgreSQL go by its clock, not by their machines': what one of them decides holds for all, so a machine whose clock
//! is two hours fast must not publish what is due in two hours. Between two answers of the database time goes on with the machine's
//! monotonic clock, which nobody sets. SQLite has no clock of its own; its processes are on one machine anyway.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};

use crate::store::{Store, StoreError};

/// How often the database is asked.
const ASK_EVERY: Duration = Duration::from_mins(1);
/// An answer that took longer says too little.
const SLOWEST_ANSWER: Duration = Duration::from_secs(2);
/// How far the machine's clock may be off before that is told.
pub const TOLERANCE: TimeDelta = TimeDelta::seconds(3);

/// Where instants come from.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// The clock that the processes over one database share; the machine's until the database told it.
    Shared(Arc<Shared>),
    /// A clock that stands until a test sets it: milliseconds since 1970.
    Fixed(Arc<AtomicI64>),
}

/// A machine's clock, and what the database said about it.
#[derive(Debug, Default)]
pub struct Shared {
    told: RwLock<Option<Told>>,
    /// By how much a test has set the machine's clock wrong, in milliseconds.
    wrong_by: AtomicI64,
}

/// What the database's clock showed, and when that was.
#[derive(Clone, Copy, Debug)]
struct Told {
    at: DateTime<Utc>,
    since: Instant,
}

impl Shared {
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    fn machine(&self) -> DateTime<Utc> {
        Utc::now() + TimeDelta::milliseconds(self.wrong_by.load(Ordering::Relaxed))
    }

    fn now(&self) -> DateTime<Utc> {
        let told = *self.told.read().unwrap_or_else(PoisonError::into_inner);
        let passed = |told: Told| TimeDelta::from_std(told.since.elapsed()).unwrap_or_default();
        told.map_or_else(|| self.machine(), |told| told.at + passed(told))
    }
}

impl Clock {
    /// A clock that stands at `instant`.
    pub fn fixed(instant: DateTime<Utc>) -> Self {
        Self::Fixed(Arc::new(AtomicI64::new(instant.timestamp_millis())))
    }

    /// A clock to be shared, see [`Clock::ask`].
    pub fn shared() -> Self {
        Self::Shared(Arc::default())
    }

    /// The instant now.
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    pub fn now(&self) -> DateTime<Utc> {
        match self {
            Self::System => Utc::now(),
            Self::Shared(shared) => shared.now(),
            Self::Fixed(millis) => DateTime::from_timestamp_millis(millis.load(Ordering::Relaxed)).unwrap_or(DateTime::UNIX_EPOCH),
        }
    }

    /// Sets a fixed clock, or what a shared one takes for the machine's; does nothing to the machine itself.
    pub fn set(&self, instant: DateTime<Utc>) {
        match self {
            Self::System => {}
            Self::Shared(shared) => {
                shared.wrong_by.fetch_add((instant - shared.machine()).num_milliseconds(), Ordering::Relaxed);
            }
            Self::Fixed(millis) => millis.store(instant.timestamp_millis(), Ordering::Relaxed),
        }
    }

    /// By how much the machine's clock is ahead of the shared one; negative when it is behind, zero while nothing is known.
    pub fn ahead(&self) -> TimeDelta {
        match self {
            Self::Shared(shared) => shared.machine() - shared.now(),
            Self::System | Self::Fixed(_) => TimeDelta::zero(),
        }
    }

    /// Whether the machine's clock is further off than [`TOLERANCE`].
    pub fn is_off(&self) -> bool {
        self.ahead().abs() > TOLERANCE
    }

    /// Asks the database what time it is, and goes by that from now on; nothing changes where the database has no clock.
    pub async fn ask(&self, store: &Store) -> Result<(), StoreError> {
        let Self::Shared(shared) = self else { return Ok(()) };
        let asked = Instant::now();
        let Some(at) = store.time().await? else { return Ok(()) };
        let took = asked.elapsed();
        let mut told = shared.told.write().unwrap_or_else(PoisonError::into_inner);
        if took <= SLOWEST_ANSWER || told.is_none() {
            *told = Some(Told { at, since: asked + took / 2 });
        }
        Ok(())
    }

    /// Asks again and again, for ever, and says when the machine's clock goes wrong and when it is right again.
    pub async fn follow(&self, store: &Store) {
        let mut was_off = false;
        loop {
            let is_off = self.is_off();
            let seconds = self.ahead().as_seconds_f64();
            if is_off && !was_off {
                tracing::warn!(ahead_seconds = seconds, "this machine's clock is wrong; the database's is gone by");
            } else if was_off && !is_off {
                tracing::info!(ahead_seconds = seconds, "this machine's clock is right again");
            }
            was_off = is_off;
            tokio::time::sleep(ASK_EVERY).await;
            if let Err(error) = self.ask(store).await {
                tracing::debug!(
                    error = &error as &dyn std::error::Error,
                    "the database does not tell the time; going on from its last answer"
                );
            }
        }
    }
}
