//! The only caller of `now`. Every rule about time takes an instant; a request takes it from here once.
//!
//! Processes over one PostgreSQL go by its clock, not by their machines': what one of them decides holds for all, so a machine whose clock
//! is two hours fast must not publish what is due in two hours. Between two answers of the database time goes on with the machine's
//! monotonic clock, which nobody sets. SQLite has no clock of its own; its processes are on one machine anyway.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, LazyLock, PoisonError, RwLock};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};

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

    fn told(&self) -> Option<Told> {
        *self.told.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> DateTime<Utc> {
        self.told().map_or_else(|| self.machine(), Told::now)
    }
}

impl Told {
    /// What the database's clock shows now.
    fn now(self) -> DateTime<Utc> {
        self.at + TimeDelta::from_std(self.since.elapsed()).unwrap_or_default()
    }
}

impl Clock {
    /// A clock that stands at `instant`.
    pub fn fixed(instant: DateTime<Utc>) -> Self {
        Self::Fixed(Arc::new(AtomicI64::new(instant.timestamp_millis())))
    }

    /// A clock to be shared, see [`Clock::learn`].
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

    /// Time that only goes forward, for measuring how much has passed; since when it counts means nothing.
    pub fn steady(&self) -> Duration {
        static BEGUN: LazyLock<Instant> = LazyLock::new(Instant::now);
        self.set_to().unwrap_or_else(|| BEGUN.elapsed())
    }

    /// What a clock shows that a test has set, since 1970; `None` for the machine's.
    pub fn set_to(&self) -> Option<Duration> {
        match self {
            Self::System | Self::Shared(_) => None,
            Self::Fixed(millis) => Some(Duration::from_millis(u64::try_from(millis.load(Ordering::Relaxed)).unwrap_or(0))),
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
            Self::Shared(shared) => shared.told().map_or_else(TimeDelta::zero, |told| shared.machine() - told.now()),
            Self::System | Self::Fixed(_) => TimeDelta::zero(),
        }
    }

    /// Whether the machine's clock is further off than [`TOLERANCE`].
    pub fn is_off(&self) -> bool {
        self.ahead().abs() > TOLERANCE
    }

    /// Goes on from what the database's clock showed when it was asked at `asked`; only a shared clock does.
    pub fn learn(&self, at: DateTime<Utc>, asked: Instant) {
        let Self::Shared(shared) = self else { return };
        let took = asked.elapsed();
        let mut told = shared.told.write().unwrap_or_else(PoisonError::into_inner);
        if took <= SLOWEST_ANSWER || told.is_none() {
            *told = Some(Told { at, since: asked + took / 2 });
        }
    }
}
