//! The only caller of `now`. Every rule about time takes an instant; a request takes it from here once.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};

/// Where instants come from.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// A clock that stands until a test sets it: milliseconds since 1970.
    Fixed(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stands at `instant`.
    pub fn fixed(instant: DateTime<Utc>) -> Self {
        Self::Fixed(Arc::new(AtomicI64::new(instant.timestamp_millis())))
    }

    /// The instant now.
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    pub fn now(&self) -> DateTime<Utc> {
        match self {
            Self::System => Utc::now(),
            Self::Fixed(millis) => DateTime::from_timestamp_millis(millis.load(Ordering::Relaxed)).unwrap_or(DateTime::UNIX_EPOCH),
        }
    }

    /// Time that only goes forward, for measuring how much has passed; since when it counts means nothing.
    pub fn steady(&self) -> Duration {
        static BEGUN: LazyLock<Instant> = LazyLock::new(Instant::now);
        self.set_to().unwrap_or_else(|| BEGUN.elapsed())
    }

    /// What a clock shows that a test has set, since 1970; `None` for the machine's.
    pub fn set_to(&self) -> Option<Duration> {
        match self {
            Self::System => None,
            Self::Fixed(millis) => Some(Duration::from_millis(u64::try_from(millis.load(Ordering::Relaxed)).unwrap_or(0))),
        }
    }

    /// Sets a fixed clock; does nothing to the machine's.
    pub fn set(&self, instant: DateTime<Utc>) {
        if let Self::Fixed(millis) = self {
            millis.store(instant.timestamp_millis(), Ordering::Relaxed);
        }
    }
}
