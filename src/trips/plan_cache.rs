//! Plans kept under the canonical request and the versions of the cities it touches, so that a publish in one city leaves the
//! plans of the others alone, and nothing has to be thrown away: a plan whose cities changed is never asked for again. In
//! process, bounded by bytes; beside it in Redis when there is one. Redis slow, full or gone costs a moment and nothing else.

use std::sync::Arc;
use std::time::Duration;

use moka::sync::Cache;
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use serde::Serialize;
use siphasher::sip128::{Hasher128, SipHasher13};
use std::hash::Hasher;

use super::plan::answer::TripPlan;
use super::plan::request::PlanRequest;

/// Bytes of plans kept in process.
const MAX_BYTES: u64 = 64 * 1024 * 1024;
/// How long a plan nobody asks for stays.
const IDLE: Duration = Duration::from_hours(24);
/// How long Redis may take.
const REDIS_PATIENCE: Duration = Duration::from_millis(150);
/// How long the process that makes a plan is waited for by others, and its mark in Redis lasts.
const MAKING: Duration = Duration::from_secs(3);
/// How often those who wait look.
const LOOK: Duration = Duration::from_millis(15);
/// Form of the kept plans; to be raised with every change of [`TripPlan`] or of how plans are made.
const FORM: u32 = 4;

/// Number of the last change of a city, and when it was written: after a backup was restored, numbers are given out anew.
pub type CityVersion = (i64, u32);

/// The name of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PlanKey(u128);

impl PlanKey {
    /// Of a canonical request, the versions of its cities in their order with their moments, and what tells travel times.
    pub fn new(request: &PlanRequest, versions: &[CityVersion], travel: &str) -> Self {
        #[derive(Serialize)]
        struct Named<'a>(u32, &'a PlanRequest, &'a [CityVersion], &'a str);
        let mut hasher = SipHasher13::new();
        // A request is made of texts, numbers and lists, which always serialise.
        hasher.write(&serde_json::to_vec(&Named(FORM, request, versions, travel)).unwrap_or_default());
        Self(hasher.finish128().as_u128())
    }

    fn redis(self) -> String {
        format!("roteiro:plan:{:032x}", self.0)
    }
}

/// The plans kept.
pub struct PlanCache {
    memory: Cache<PlanKey, Arc<TripPlan>>,
    redis: Option<ConnectionManager>,
}

/// The address of Redis cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("the Redis address cannot be read: it must look like redis://127.0.0.1:6379")]
pub struct AddressError;

/// The right to make a plan while others wait, in all processes.
pub struct Making {
    key: PlanKey,
    redis: Option<ConnectionManager>,
}

impl PlanCache {
    /// In process, and in the Redis of this address; it is connected to at the first question. Must be called inside a runtime.
    pub fn new(redis_url: Option<&str>) -> Result<Self, AddressError> {
        let memory = Cache::builder()
            .max_capacity(MAX_BYTES)
            .weigher(|_, plan: &Arc<TripPlan>| u32::try_from(weight(plan)).unwrap_or(u32::MAX))
            .time_to_idle(IDLE)
            .build();
        let connect = |url: &str| {
            let client = redis::Client::open(url).map_err(|_| AddressError)?;
            let config = ConnectionManagerConfig::new()
                .set_connection_timeout(Some(REDIS_PATIENCE))
                .set_response_timeout(Some(REDIS_PATIENCE))
                .set_number_of_retries(1);
            client.get_connection_manager_lazy(config).map_err(|_| AddressError)
        };
        Ok(Self { memory, redis: redis_url.map(connect).transpose()? })
    }

    /// The plan, when it is kept.
    pub async fn get(&self, key: PlanKey) -> Option<Arc<TripPlan>> {
        if let Some(plan) = self.memory.get(&key) {
            return Some(plan);
        }
        let mut redis = self.redis.clone()?;
        let mut asked = redis::cmd("GET");
        asked.arg(key.redis());
        let kept: Option<Vec<u8>> = in_time(asked.query_async(&mut redis)).await?;
        // A plan of a broken store is made again.
        let plan: Arc<TripPlan> = Arc::new(serde_json::from_slice(&kept?).ok()?);
        self.memory.insert(key, Arc::clone(&plan));
        Some(plan)
    }

    /// Keeps a plan.
    pub async fn put(&self, key: PlanKey, plan: &Arc<TripPlan>) {
        self.memory.insert(key, Arc::clone(plan));
        let Some(mut redis) = self.redis.clone() else { return };
        let Ok(json) = serde_json::to_vec(&**plan) else { return };
        let mut kept = redis::cmd("SET");
        kept.arg(key.redis()).arg(json).arg("EX").arg(IDLE.as_secs());
        in_time::<()>(kept.query_async(&mut redis)).await;
    }

    /// Waits until nobody else makes this plan: then either it is there, or it is ours to make. Who dies while making is waited
    /// for three seconds at most.
    pub async fn make(&self, key: PlanKey) -> Result<Arc<TripPlan>, Making> {
        let mine = Making { key, redis: self.redis.clone() };
        let Some(mut redis) = self.redis.clone() else { return Err(mine) };
        let deadline = tokio::time::Instant::now() + MAKING;
        loop {
            let mut mark = redis::cmd("SET");
            mark.arg(format!("{}:making", key.redis())).arg(1).arg("NX").arg("PX").arg(MAKING.as_millis() as u64);
            match in_time::<Option<String>>(mark.query_async(&mut redis)).await {
                // Redis is away: each process makes its own.
                None => return Err(Making { redis: None, ..mine }),
                Some(Some(_)) => return Err(mine),
                Some(None) => {}
            }
            tokio::time::sleep(LOOK).await;
            if let Some(plan) = self.get(key).await {
                return Ok(plan);
            }
            if tokio::time::Instant::now() > deadline {
                return Err(Making { redis: None, ..mine });
            }
        }
    }
}

impl Making {
    /// Lets the others go on.
    pub async fn done(self) {
        if let Some(mut redis) = self.redis {
            let mut unmark = redis::cmd("DEL");
            unmark.arg(format!("{}:making", self.key.redis()));
            in_time::<()>(unmark.query_async(&mut redis)).await;
        }
    }
}

/// What Redis answered in time; nothing when it did not.
async fn in_time<T>(answer: impl Future<Output = Result<T, redis::RedisError>>) -> Option<T> {
    match tokio::time::timeout(REDIS_PATIENCE, answer).await {
        Ok(Ok(answer)) => Some(answer),
        Ok(Err(error)) => {
            tracing::debug!(%error, "Redis keeps no plans now");
            None
        }
        Err(_) => {
            tracing::debug!("Redis is too slow to keep plans now");
            None
        }
    }
}

/// About how many bytes a plan takes.
fn weight(plan: &TripPlan) -> usize {
    let stops: usize = plan.days.iter().map(|day| 200 + 400 * day.stops.len() + 120 * day.legs.len()).sum();
    300 + stops + 64 * plan.dropped.len() + 48 * plan.warnings.len()
}
