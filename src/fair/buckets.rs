//! Token buckets by client (the generic cell rate algorithm, ITU-T I.371 annex A): in this process by the crate `governor`, in all
//! processes together by the same algorithm in Redis. While Redis is away each process counts for itself.

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use governor::clock::Clock as GovernorClock;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};

use super::redis::SharedBuckets;
use crate::clock::Clock;
use crate::domain::client::Client;

/// After how many questions buckets that are full again are forgotten.
const TIDY_EVERY: u32 = 10_000;

/// How often something may be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// In the long run.
    pub a_second: NonZeroU32,
    /// At once, after a pause.
    pub burst: NonZeroU32,
}

impl Rate {
    /// From one to the next, in the long run.
    pub(super) fn interval(self) -> Duration {
        Duration::from_secs(1) / self.a_second.get()
    }

    /// How long a bucket takes to be full again.
    pub(super) fn refill(self) -> Duration {
        self.interval() * self.burst.get()
    }
}

/// It was done too often.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many requests; go on after {seconds} s")]
pub struct RateLimited {
    /// When the same may be tried again, in seconds, at least 1.
    pub seconds: u32,
}

impl RateLimited {
    pub(super) fn after(wait: Duration) -> Self {
        Self { seconds: u32::try_from(wait.as_millis().div_ceil(1_000)).unwrap_or(u32::MAX).max(1) }
    }
}

/// Time as the buckets know it: the machine's steady time, or the clock of a test.
#[derive(Clone, Debug)]
struct SteadyClock(Clock);

impl GovernorClock for SteadyClock {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        self.0.steady().into()
    }
}

/// A bucket for each client.
pub struct Buckets {
    rate: Rate,
    clock: SteadyClock,
    own: RateLimiter<Client, HashMapStateStore<Client>, SteadyClock, NoOpMiddleware<Nanos>>,
    shared: Option<SharedBuckets>,
    asked: AtomicU32,
}

impl Buckets {
    /// Full buckets of this process.
    pub fn new(rate: Rate, clock: Clock) -> Self {
        let quota = Quota::per_second(rate.a_second).allow_burst(rate.burst);
        let clock = SteadyClock(clock);
        let own = RateLimiter::new(quota, HashMapStateStore::default(), clock.clone());
        Self { rate, clock, own, shared: None, asked: AtomicU32::new(0) }
    }

    /// The same for all processes over a Redis.
    #[must_use]
    pub fn shared(self, shared: SharedBuckets) -> Self {
        Self { shared: Some(shared), ..self }
    }

    /// Takes so many tokens out of the bucket of each of these clients. When one has too few it fails.
    pub async fn take(&self, clients: &[Client], count: u32) -> Result<(), RateLimited> {
        let Some(count) = NonZeroU32::new(count) else { return Ok(()) };
        if count > self.rate.burst {
            return Err(RateLimited::after(self.rate.refill()));
        }
        if let Some(shared) = &self.shared
            && let Some(answer) = shared.take(self.rate, clients, count, self.clock.0.set_to()).await
        {
            return answer;
        }
        self.take_own(clients, count)
    }

    fn take_own(&self, clients: &[Client], count: NonZeroU32) -> Result<(), RateLimited> {
        if self.asked.fetch_add(1, Ordering::Relaxed) % TIDY_EVERY == TIDY_EVERY - 1 {
            self.own.retain_recent();
            self.own.shrink_to_fit();
        }
        for client in clients {
            match self.own.check_key_n(client, count) {
                Ok(Ok(())) => {}
                Ok(Err(not_until)) => return Err(RateLimited::after(not_until.wait_time_from(self.clock.now()))),
                Err(_) => return Err(RateLimited::after(self.rate.refill())),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};

    use super::*;
    use crate::domain::client::Network;

    fn at(number: u8) -> Client {
        Client::Anyone(Network::V4([192, 0, 2, number].into()))
    }

    fn rate() -> Rate {
        Rate { a_second: NonZeroU32::new(10).unwrap(), burst: NonZeroU32::new(200).unwrap() }
    }

    #[tokio::test]
    async fn a_burst_then_so_many_a_second_and_each_for_itself() {
        let clock = Clock::fixed(DateTime::UNIX_EPOCH);
        let buckets = Buckets::new(rate(), clock.clone());
        for _ in 0..200 {
            buckets.take(&[at(1)], 1).await.unwrap();
        }
        assert_eq!(buckets.take(&[at(1)], 1).await, Err(RateLimited { seconds: 1 }));
        assert_eq!(buckets.take(&[at(1)], 50).await, Err(RateLimited { seconds: 5 }), "all or none");
        buckets.take(&[at(2)], 200).await.unwrap();
        clock.set(DateTime::UNIX_EPOCH + TimeDelta::seconds(1));
        buckets.take(&[at(1)], 10).await.unwrap();
        assert_eq!(buckets.take(&[at(1)], 1).await, Err(RateLimited { seconds: 1 }));
        clock.set(DateTime::UNIX_EPOCH + TimeDelta::seconds(100));
        buckets.take(&[at(1)], 200).await.unwrap();
        assert!(buckets.take(&[at(1)], 201).await.is_err(), "more than a bucket holds never comes");
    }

    #[tokio::test]
    async fn full_buckets_are_forgotten() {
        let clock = Clock::fixed(DateTime::UNIX_EPOCH);
        let buckets = Buckets::new(rate(), clock.clone());
        for number in 0..TIDY_EVERY - 1 {
            let network = Network::V4(std::net::Ipv4Addr::from_bits(number));
            buckets.take(&[Client::Anyone(network)], 1).await.unwrap();
        }
        assert_eq!(buckets.own.len(), TIDY_EVERY as usize - 1);
        clock.set(DateTime::UNIX_EPOCH + TimeDelta::seconds(1));
        buckets.take(&[at(1)], 1).await.unwrap();
        assert_eq!(buckets.own.len(), 1);
    }
}
