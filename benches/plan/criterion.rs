//! How long a plan takes inside the server, without the network: `cargo bench --bench plan`. Each iteration asks with another seed, so
//! that nothing comes from the cache; the last pair asks for kept plans.

#![allow(clippy::unwrap_used, missing_docs, reason = "a benchmark that fails here should stop here")]

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use criterion::{Criterion, criterion_group, criterion_main};
use roteiro::catalogue::reference::Tables;
use roteiro::catalogue::snapshot::Snapshot;
use roteiro::domain::geo::Position;
use roteiro::ingest::{demo, synth};
use roteiro::store::Store;
use roteiro::travel::TravelMode;
use roteiro::travel::estimate::Estimate;
use roteiro::trips::plan::request::{DayRequest, Interest, Pace, Place, PlanRequest, Unknown};
use roteiro::trips::plan::visits::VisitKinds;
use roteiro::trips::plan_cache::PlanCache;
use roteiro::trips::service::Trips;
use tokio::runtime::Runtime;

/// So many made-up places over ten cities, with opening hours as the synthetic store has them.
async fn catalogue(places: u32) -> Arc<Snapshot> {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&format!("sqlite:{}", folder.path().join("roteiro.sqlite").display())).await.unwrap();
    store.migrate().await.unwrap();
    let now: DateTime<Utc> = "2026-11-23T14:00:00Z".parse().unwrap();
    demo::load_first_time(&store, false, now).await.unwrap();
    synth::fill(&store, places, 1, now).await.unwrap();
    let snapshot = Snapshot::load(&store, &Tables::bundled().unwrap()).await.unwrap();
    store.close().await;
    Arc::new(snapshot)
}

fn request(days: u32, seed: u64) -> PlanRequest {
    let place = Place { position: Position::new(-15.596, -56.097).unwrap(), record: None };
    let time = |hour, minute| NaiveTime::from_hms_opt(hour, minute, 0).unwrap();
    let day = |number| DayRequest {
        date: NaiveDate::from_ymd_opt(2026, 12, 11 + number).unwrap(),
        start_time: time(8, 30),
        end_time: time(18, 30),
        start: place,
        end: place,
        mode: TravelMode::Car,
    };
    PlanRequest {
        cities: vec!["cuiaba".into()],
        days: (0..days).map(day).collect(),
        interests: vec![Interest { category: "waterfall".into(), weight: 10 }],
        must_see: Vec::new(),
        avoid: Vec::new(),
        limits: Vec::new(),
        lunch: None,
        accessible_for: Vec::new(),
        accessible_unknown: Unknown::AllowWithWarning,
        unknown_hours: Unknown::AllowWithWarning,
        youngest_age: None,
        four_wheel_drive: false,
        booked_at: None,
        budget_cents: None,
        people: 1,
        walking_limit_metres: None,
        pace: Pace::Intense,
        seed,
        done: Vec::new(),
        keep: Vec::new(),
    }
}

fn plans(criterion: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    for (name, places, days) in [("a day over 60 candidates", 600, 1), ("three days over 300 candidates", 3_000, 3)] {
        let snapshot = runtime.block_on(catalogue(places));
        let trips = runtime.block_on(async {
            Trips::new(Arc::new(Estimate::bundled().unwrap()), VisitKinds::bundled().unwrap(), PlanCache::new(None).unwrap())
        });
        let mut seed = 0;
        criterion.bench_function(&format!("{name}, made"), |bench| {
            bench.iter(|| {
                seed += 1;
                runtime.block_on(trips.plan(request(days, seed), &snapshot)).unwrap()
            });
        });
        runtime.block_on(trips.plan(request(days, 0), &snapshot)).unwrap();
        criterion.bench_function(&format!("{name}, kept"), |bench| {
            bench.iter(|| runtime.block_on(trips.plan(request(days, 0), &snapshot)).unwrap());
        });
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(50).measurement_time(Duration::from_secs(10));
    targets = plans
}
criterion_main!(benches);
