//! Plans for everybody who asks: from the cache, or made on a bounded number of threads, equal requests once. Clients take turns; past
//! the bound the one that asked for the most is told to come back.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use tokio::sync::Semaphore;

use super::plan::answer::TripPlan;
use super::plan::candidates::{gather, shards};
use super::plan::compose::Composition;
use super::plan::error::PlanError;
use super::plan::hours::DaySpan;
use super::plan::request::PlanRequest;
use super::plan::solve::{self, modes, points, pose};
use super::plan::visits::VisitKinds;
use super::plan_cache::{CityVersion, PlanCache, PlanKey};
use crate::catalogue::snapshot::Snapshot;
use crate::domain::client::Client;
use crate::domain::geo::Position;
use crate::domain::work_budget::WorkBudget;
use crate::fair::queue::{Bounds, Busy, FairQueue};
use crate::fair::work;
use crate::travel::{Confidence, Matrix, Travel, TravelError, TravelMode, Way};

/// Plans that wait or are made, at most.
const MAX_PLANS: usize = 64;
/// Plans under way for each thread that searches, so that none stands still while some wait for a router.
const PLANS_A_THREAD: usize = 4;
/// What those past the bound are told to wait, in seconds.
const RETRY_AFTER_SECONDS: u32 = 2;
/// Units of work of gathering what may be visited: some seconds. It depends on the request and the catalogue alone, as the plan does.
const PLAN_WORK: u64 = 100_000_000;
/// How far a day may start or end from the nearest of its cities, in kilometres: the state is 1,200 km long.
const MAX_KILOMETRES: u64 = 1_500;

/// A plan, and the client that waits for it, or nobody in particular who makes it.
type Wanting = (PlanKey, Option<Client>);
/// The locks in use.
type Making = HashMap<Wanting, Arc<tokio::sync::Mutex<()>>>;

/// The room's front.
pub struct Trips {
    travel: Arc<dyn Travel>,
    kinds: Arc<VisitKinds>,
    cache: PlanCache,
    /// Threads that search at a time.
    threads: Arc<Semaphore>,
    /// Turns of clients to have a plan made.
    turns: FairQueue,
    /// One lock a plan that is being made in this process, and one for each client that waits for it.
    making: Mutex<Making>,
}

impl Trips {
    /// With these travel times, visits and cache.
    pub fn new(travel: Arc<dyn Travel>, kinds: VisitKinds, cache: PlanCache) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        // One core is left to those who only read.
        let threads = (cores - 1).max(1);
        let under_way = (PLANS_A_THREAD * threads).min(MAX_PLANS);
        let turns = FairQueue::new(Bounds::new(under_way, MAX_PLANS - under_way));
        Self { travel, kinds: Arc::new(kinds), cache, threads: Arc::new(Semaphore::new(threads)), turns, making: Mutex::default() }
    }

    /// The plan for a request over this snapshot.
    pub async fn plan(&self, request: PlanRequest, snapshot: &Arc<Snapshot>) -> Result<Arc<TripPlan>, PlanError> {
        let request = request.canonical()?;
        let cities = shards(&request, snapshot)?;
        near_enough(&request, &cities.iter().map(|shard| shard.city.position).collect::<Vec<_>>())?;
        let numbers = cities.iter().map(|shard| snapshot.city_version(shard.city.id));
        let versions: Vec<CityVersion> = numbers.map(|number| (number, snapshot.feed.moments.of(number))).collect();
        let key = PlanKey::new(&request, &versions, &self.travel.version());
        if let Some(plan) = self.cache.get(key).await {
            return Ok(plan);
        }
        // Of equal requests of a client one is counted; the others only wait for it. Those of another client do not: it may be far
        // behind in its own line.
        let client = work::client();
        let own = self.lock((key, Some(client)));
        let _counted = own.line.lock().await;
        if let Some(plan) = self.cache.get(key).await {
            return Ok(plan);
        }
        let _turn = self.turns.acquire(client).await?;
        // Of those whose turn it is one makes it.
        let making = self.lock((key, None));
        let _mine = making.line.lock().await;
        if let Some(plan) = self.cache.get(key).await {
            return Ok(plan);
        }
        match self.cache.make(key).await {
            Ok(plan) => Ok(plan),
            Err(making) => {
                let made = self.make(request, snapshot, key).await;
                making.done().await;
                made
            }
        }
    }

    /// What visits are like.
    pub fn kinds(&self) -> &VisitKinds {
        &self.kinds
    }

    /// One way.
    pub async fn way(&self, from: Position, to: Position, mode: TravelMode) -> Result<Way, TravelError> {
        self.travel.way(from, to, mode).await
    }

    fn lock(&self, key: Wanting) -> Lock<'_> {
        let line = Arc::clone(self.making.lock().unwrap_or_else(PoisonError::into_inner).entry(key).or_default());
        Lock { making: &self.making, key, line }
    }

    /// Work for a core, on one of the threads that search. Nobody holds one while waiting for a router.
    async fn on_thread<T: Send + 'static>(&self, work: impl FnOnce() -> Result<T, PlanError> + Send + 'static) -> Result<T, PlanError> {
        // Closing the semaphore is nothing we do.
        let permit = Arc::clone(&self.threads).acquire_owned().await.map_err(|_| PlanError::Thread)?;
        let span = tracing::Span::current();
        let work = move || {
            let _permit = permit;
            span.in_scope(work)
        };
        tokio::task::spawn_blocking(work).await.map_err(|_| PlanError::Thread)?
    }

    async fn make(&self, request: PlanRequest, snapshot: &Arc<Snapshot>, key: PlanKey) -> Result<Arc<TripPlan>, PlanError> {
        let begun = Instant::now();
        let days = day_spans(&request, snapshot)?;
        let (kinds, catalogue, asked, spans) = (Arc::clone(&self.kinds), Arc::clone(snapshot), request.clone(), days.clone());
        let candidates = self.on_thread(move || gather(&asked, &spans, (&catalogue, &kinds), &WorkBudget::new(PLAN_WORK))).await?;
        let points = points(&request, &candidates);
        let mut matrices: Vec<Matrix> = Vec::new();
        for mode in modes(&request) {
            // A matrix that cannot be had at all means that nothing can be reached, and the plan says so.
            let nothing = || Matrix {
                seconds: vec![crate::travel::UNREACHABLE; points.len() * points.len()],
                metres: vec![0; points.len() * points.len()],
                confidence: Confidence::Estimated,
            };
            matrices.push(self.travel.matrix(&points, mode).await.unwrap_or_else(|_| nothing()));
        }
        // What was estimated while the router was away is not kept: the router may be back for the next who asks.
        let is_sure = matrices.iter().all(|matrix| matrix.confidence >= self.travel.confidence());
        let wanted = Wanted::default();
        let (catalogue, still) = (Arc::clone(snapshot), Arc::clone(&wanted.0));
        let search = move || {
            let confidence: Vec<Confidence> = matrices.iter().map(|matrix| matrix.confidence).collect();
            let posed = pose(&request, &days, &candidates, &catalogue.reference.categories, matrices)?;
            let (outcome, cut_short) = solve::search(&posed.problem, request.seed, &|| still.load(Ordering::Relaxed));
            let composition = Composition {
                request: &request,
                days: &days,
                snapshot: &catalogue,
                candidates,
                posed: &posed,
                points: &points,
                confidence: &confidence,
            };
            let bound = Some(planner::bound(&posed.problem));
            let plan = TripPlan { iterations: outcome.iterations, bound, ..composition.answer(&outcome.plan) };
            Ok((plan, cut_short))
        };
        let (mut plan, cut_short) = self.on_thread(search).await?;
        drop(wanted);
        plan.milliseconds = begun.elapsed().as_millis() as u64;
        let plan = Arc::new(plan);
        // A plan that was cut short depends on how busy the machine was; the next one may be better.
        if !cut_short && is_sure {
            self.cache.put(key, &plan).await;
        }
        Ok(plan)
    }
}

impl From<Busy> for PlanError {
    fn from(_: Busy) -> Self {
        Self::Busy { retry_after_seconds: RETRY_AFTER_SECONDS }
    }
}

/// A place in the queue for one plan; the last one to leave takes the queue away.
struct Lock<'a> {
    making: &'a Mutex<Making>,
    key: Wanting,
    line: Arc<tokio::sync::Mutex<()>>,
}

impl Drop for Lock<'_> {
    fn drop(&mut self) {
        let mut making = self.making.lock().unwrap_or_else(PoisonError::into_inner);
        // The table's and ours; others are only given out under the lock we hold.
        if Arc::strong_count(&self.line) == 2 {
            making.remove(&self.key);
        }
    }
}

/// True until it is dropped, with the future that waits for the plan.
struct Wanted(Arc<AtomicBool>);

impl Default for Wanted {
    fn default() -> Self {
        Self(Arc::new(AtomicBool::new(true)))
    }
}

impl Drop for Wanted {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

/// The days in the zone of the city nearest to their start.
pub fn day_spans(request: &PlanRequest, snapshot: &Snapshot) -> Result<Vec<DaySpan>, PlanError> {
    let cities = shards(request, snapshot)?;
    let spans = request.days.iter().map(|day| {
        let from = day.start.position;
        let nearest = cities
            .iter()
            .min_by(|one, other| from.distance_metres(one.city.position).total_cmp(&from.distance_metres(other.city.position)));
        let zone = nearest.map_or(chrono_tz::America::Cuiaba, |shard| shard.city.time_zone);
        DaySpan::new(day.date, zone, day.start_time, day.end_time)
    });
    Ok(spans.collect())
}

fn near_enough(request: &PlanRequest, cities: &[Position]) -> Result<(), PlanError> {
    for (number, day) in request.days.iter().enumerate() {
        for (what, place) in [("start", day.start), ("end", day.end)] {
            let metres = cities.iter().map(|city| city.distance_metres(place.position)).fold(f64::INFINITY, f64::min);
            let kilometres = (metres / 1_000.0) as u64;
            if kilometres > MAX_KILOMETRES {
                return Err(PlanError::FarAway { what, day: number + 1, kilometres, most: MAX_KILOMETRES });
            }
        }
    }
    Ok(())
}
