//! Buckets that all processes take from, in Redis.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use sha2::Sha256;

use super::buckets::{Rate, RateLimited};
use crate::domain::client::Client;

/// How long Redis may take.
const PATIENCE: Duration = Duration::from_millis(150);
/// How long it is not asked after it failed.
const PAUSE: Duration = Duration::from_secs(1);
/// How much longer than it takes to fill it a bucket is kept, in microseconds.
const KEPT: u64 = 60_000_000;

/// All keys are buckets; arguments: now or nothing, from one token to the next, how long an empty bucket takes to fill, how many tokens,
/// how long to keep what is written: all in microseconds. Gives how long to wait; with 0 the tokens were taken. A bucket holds the
/// instant at which it will be full; one that lies further ahead than an empty one's was written before the clock was set back.
const SCRIPT: &str = "
local now = tonumber(ARGV[1])
if not now then
    local time = redis.call('TIME')
    now = time[1] * 1000000 + time[2]
end
local interval, refill, count, kept = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local wait, full = 0, {}
for index, key in ipairs(KEYS) do
    local before = tonumber(redis.call('GET', key) or now)
    full[index] = math.min(math.max(before, now), now + refill) + count * interval
    wait = math.max(wait, full[index] - now - refill)
end
if wait > 0 then
    return math.ceil(wait)
end
for index, key in ipairs(KEYS) do
    redis.call('SET', key, string.format('%.0f', full[index]), 'PX', math.ceil(kept / 1000))
end
return 0
";

/// The address of Redis cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("the Redis address cannot be read: it must look like redis://127.0.0.1:6379")]
pub struct AddressError;

/// Buckets in Redis.
#[derive(Clone)]
pub struct SharedBuckets {
    connection: ConnectionManager,
    name: &'static str,
    /// Clients are known by keyed marks: no address stands in Redis.
    key: Arc<[u8]>,
    begun: Instant,
    /// Until when it is not asked, in milliseconds since the beginning.
    away_until: Arc<AtomicU64>,
}

impl SharedBuckets {
    /// Under this name, in the Redis of this address, which is connected to at the first question. Must be called inside a runtime.
    pub fn new(url: &str, name: &'static str, key: &[u8]) -> Result<Self, AddressError> {
        let client = redis::Client::open(url).map_err(|_| AddressError)?;
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(PATIENCE))
            .set_response_timeout(Some(PATIENCE))
            .set_number_of_retries(1);
        let connection = client.get_connection_manager_lazy(config).map_err(|_| AddressError)?;
        Ok(Self { connection, name, key: key.into(), begun: Instant::now(), away_until: Arc::default() })
    }

    /// Takes tokens; `None` when Redis is away. Time is Redis's own, unless a test says it.
    pub(super) async fn take(
        &self,
        rate: Rate,
        clients: &[Client],
        count: NonZeroU32,
        now: Option<Duration>,
    ) -> Option<Result<(), RateLimited>> {
        let since = u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        if since < self.away_until.load(Ordering::Relaxed) {
            return None;
        }
        let mut script = redis::cmd("EVAL");
        script.arg(SCRIPT).arg(clients.len());
        for client in clients {
            script.arg(format!("roteiro:{}:{}", self.name, self.mark(*client)));
        }
        let micros = |duration: Duration| u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
        script.arg(now.map_or_else(String::new, |now| micros(now).to_string()));
        let refill = micros(rate.refill());
        script.arg(micros(rate.interval())).arg(refill).arg(count.get()).arg(refill + KEPT);
        let mut connection = self.connection.clone();
        let answer = tokio::time::timeout(PATIENCE, script.query_async::<u64>(&mut connection)).await;
        match answer {
            Ok(Ok(0)) => Some(Ok(())),
            Ok(Ok(wait)) => Some(Err(RateLimited::after(Duration::from_micros(wait)))),
            Ok(Err(error)) => self.is_away(&error.to_string(), since),
            Err(_) => self.is_away("it is too slow", since),
        }
    }

    fn is_away(&self, reason: &str, since: u64) -> Option<Result<(), RateLimited>> {
        tracing::warn!(reason, "Redis does not count writes now; each process counts for itself");
        self.away_until.store(since + PAUSE.as_millis() as u64, Ordering::Relaxed);
        None
    }

    /// HMAC-SHA-256 (RFC 2104), base64url.
    fn mark(&self, client: Client) -> String {
        #[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
        let mut code = Hmac::<Sha256>::new_from_slice(&self.key).expect("any length");
        let (kind, name) = match client {
            Client::Process => ("process", String::new()),
            Client::Account(account) => ("account", account.0.to_string()),
            Client::Partner(partner) => ("partner", partner.0.to_string()),
            Client::Visitor(visitor, network) => ("visitor", format!("{} {network}", visitor.0)),
            Client::Anyone(network) => ("network", network.to_string()),
        };
        code.update(kind.as_bytes());
        code.update(&[0]);
        code.update(name.as_bytes());
        URL_SAFE_NO_PAD.encode(code.finalize().into_bytes())
    }
}
