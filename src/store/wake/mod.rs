//! How a process learns that the change log grew: it is told, by itself at once and by others over Redis, and it looks from time
//! to time. A lost message costs the polling interval and nothing else.

mod redis;

pub use self::redis::{RedisAnnouncer, RedisWake, WakeError};

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;

/// How often the log is looked at when nobody tells.
pub const POLL_INTERVAL: Duration = Duration::from_millis(500);

/// Tells followers that the log grew: that of this process at once, those of the others over Redis. Clones speak to the same.
#[derive(Clone, Default)]
pub struct Announcer {
    own: Arc<Notify>,
    redis: Option<RedisAnnouncer>,
}

impl Announcer {
    /// With Redis when an address is given; it is connected to at the first announcement. Only an address that cannot be read is
    /// an error. Must be called inside a runtime.
    pub fn new(redis_url: Option<&str>) -> Result<Self, WakeError> {
        Ok(Self { own: Arc::default(), redis: redis_url.map(RedisAnnouncer::new).transpose()? })
    }

    /// Tells that the log grew. Failing is not an error: followers look by themselves.
    pub async fn announce(&self) {
        self.own.notify_one();
        if let Some(redis) = &self.redis {
            redis.publish().await;
        }
    }
}

/// Sleeps until it is time to look at the log. One follower a process.
pub struct Wake {
    own: Arc<Notify>,
    redis: Option<RedisWake>,
}

impl Wake {
    /// Woken by this announcer and, when an address is given, by Redis. A Redis that does not answer now is tried again later;
    /// only an address that cannot be read is an error.
    pub fn new(redis_url: Option<&str>, announcer: &Announcer) -> Result<Self, WakeError> {
        Ok(Self { own: Arc::clone(&announcer.own), redis: redis_url.map(RedisWake::new).transpose()? })
    }

    /// Woken by the same, for a follower that begins again in place of the one before.
    #[must_use]
    pub fn again(&self) -> Self {
        Self { own: Arc::clone(&self.own), redis: self.redis.as_ref().map(RedisWake::again) }
    }

    /// By the clock alone.
    pub fn by_the_clock() -> Self {
        Self { own: Arc::default(), redis: None }
    }

    /// Sleeps until it is time to look at the log. An announcement of this process that nobody waited for is not lost.
    pub async fn wait(&mut self) {
        let told = async {
            match &mut self.redis {
                Some(redis) => redis.next().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = self.own.notified() => {}
            // The timeout is the net below lost messages.
            _ = tokio::time::timeout(POLL_INTERVAL, told) => {}
        }
    }
}
