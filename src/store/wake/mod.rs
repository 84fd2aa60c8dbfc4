//! How a process learns that the change log grew: it looks from time to time, and with Redis it is also told. A lost
//! message costs the polling interval and nothing else.

mod redis;

pub use self::redis::{RedisWake, WakeError};

use std::time::Duration;

/// How often the log is looked at without Redis.
pub const POLL_INTERVAL: Duration = Duration::from_millis(500);

/// Wakes followers and sleeps until woken.
pub enum Wake {
    /// By the clock alone.
    Poll,
    /// By Redis messages, and by the clock.
    Redis(RedisWake),
}

impl Wake {
    /// With Redis when an address is given. A Redis that does not answer now is tried again later; only an address that
    /// cannot be read is an error.
    pub fn new(redis_url: Option<&str>) -> Result<Self, WakeError> {
        redis_url.map_or(Ok(Self::Poll), |url| RedisWake::new(url).map(Self::Redis))
    }

    /// Sleeps until it is time to look at the log.
    pub async fn wait(&mut self) {
        match self {
            Self::Poll => tokio::time::sleep(POLL_INTERVAL).await,
            Self::Redis(redis) => {
                // A timeout is the net below lost messages.
                let _ = tokio::time::timeout(POLL_INTERVAL, redis.next()).await;
            }
        }
    }

    /// Tells the other processes that the log grew. Failing is not an error: they look by themselves.
    pub async fn announce(&self) {
        if let Self::Redis(redis) = self {
            redis.publish().await;
        }
    }
}
