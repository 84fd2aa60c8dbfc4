//! Plans are made once, kept by the versions of their cities, and Redis may come and go.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use chrono::NaiveTime;
use roteiro::catalogue::reference::Tables;
use roteiro::catalogue::snapshot::Snapshot;
use roteiro::domain::accessibility::AccessibilityProfile;
use roteiro::domain::geo::Position;
use roteiro::domain::ids::RecordId;
use roteiro::travel::TravelMode;
use roteiro::travel::estimate::Estimate;
use roteiro::travel::fallback::Fallback;
use roteiro::travel::valhalla::Valhalla;
use roteiro::trips::plan::answer::{TripPlan, Warning};
use roteiro::trips::plan::error::PlanError;
use roteiro::trips::plan::request::{DayRequest, Interest, Limit, Lunch, Pace, PlanRequest, Unknown};
use roteiro::trips::plan::visits::VisitKinds;
use roteiro::trips::plan_cache::{PlanCache, PlanKey};
use roteiro::trips::service::Trips;

use super::in_process::request;
use crate::support::city_file::{file, import_into, place};
use crate::support::database::Database;
use crate::support::proxy::Proxy;
use crate::support::{TestServer, redis_url, trips};

async fn planned(trips: &Trips, request: PlanRequest, snapshot: &Arc<Snapshot>) -> Arc<TripPlan> {
    trips.plan(request, snapshot).await.unwrap()
}

/// A seed no other run of the tests has used: keys in Redis outlive a run.
fn fresh_seed() -> u64 {
    uuid::Uuid::new_v4().as_u128() as u64
}

/// Whatever is asked for otherwise is another plan, and so are other cities' versions and other travel times.
#[test]
fn another_wish_is_another_key() {
    let key = |request: PlanRequest| PlanKey::new(&request.canonical().unwrap(), &[(7, 0)], "estimate");
    let asked = || request("cuiaba", 1);
    let id = RecordId(uuid::Uuid::nil());
    let changes: [fn(&mut PlanRequest, RecordId); 25] = [
        |asked, _| asked.cities = vec!["nobres".into()],
        |asked, _| asked.days[0].date = asked.days[0].date.succ_opt().unwrap(),
        |asked, _| asked.days[0].start_time += chrono::Duration::minutes(1),
        |asked, _| asked.days[0].end_time += chrono::Duration::minutes(1),
        |asked, _| asked.days[0].mode = TravelMode::Walk,
        |asked, _| asked.days[0].start.position = Position::new(-15.596, -56.098).unwrap(),
        |asked, _| asked.days[0].end.position = Position::new(-15.596, -56.098).unwrap(),
        |asked, _| asked.interests = vec![Interest { category: "museum".into(), weight: 8 }],
        |asked, _| asked.interests = vec![Interest { category: "museum".into(), weight: 9 }],
        |asked, id| asked.must_see = vec![id],
        |asked, id| asked.avoid = vec![id],
        |asked, id| asked.keep = vec![id],
        |asked, id| asked.done = vec![id],
        |asked, _| asked.lunch = Some(Lunch { from: NaiveTime::MIN, to: NaiveTime::MIN }),
        |asked, _| asked.accessible_for = vec![AccessibilityProfile::Deaf],
        |asked, _| asked.accessible_unknown = Unknown::Exclude,
        |asked, _| asked.unknown_hours = Unknown::Exclude,
        |asked, _| asked.youngest_age = Some(7),
        |asked, _| asked.four_wheel_drive = true,
        |asked, _| asked.booked_at = Some(chrono::DateTime::UNIX_EPOCH),
        |asked, _| asked.budget_cents = Some(0),
        |asked, _| asked.people = 2,
        |asked, _| asked.walking_limit_metres = Some(1),
        |asked, _| asked.pace = Pace::Relaxed,
        |asked, _| asked.seed = 2,
    ];
    let mut keys = HashSet::from([
        key(asked()),
        PlanKey::new(&asked().canonical().unwrap(), &[(8, 0)], "estimate"),
        PlanKey::new(&asked().canonical().unwrap(), &[(7, 1)], "estimate"),
        PlanKey::new(&asked().canonical().unwrap(), &[(7, 0)], "router"),
    ]);
    for (number, change) in changes.iter().enumerate() {
        let mut other = asked();
        change(&mut other, id);
        assert!(keys.insert(key(other)), "change {number} makes no difference");
    }
    assert_eq!(keys.len(), 4 + changes.len());
}

/// Two limits of one category are one, whichever is said first.
#[test]
fn limits_of_one_category_are_one() {
    let day = Limit { category: "museum".into(), at_least_a_day: 1, at_most_a_day: Some(3), at_least: 0, at_most: None };
    let trip = Limit { category: "museum".into(), at_least_a_day: 0, at_most_a_day: Some(2), at_least: 2, at_most: Some(4) };
    let both = Limit { category: "museum".into(), at_least_a_day: 1, at_most_a_day: Some(2), at_least: 2, at_most: Some(4) };
    for limits in [vec![day.clone(), trip.clone()], vec![trip, day.clone()]] {
        let asked = PlanRequest { limits, ..request("cuiaba", 1) }.canonical().unwrap();
        assert_eq!(asked.limits, std::slice::from_ref(&both));
    }
    let none = Limit { at_least_a_day: 0, at_most_a_day: Some(0), ..day.clone() };
    let refused = PlanRequest { limits: vec![day, none], ..request("cuiaba", 1) }.canonical();
    assert!(matches!(refused, Err(PlanError::Limits(_))), "{refused:?}");
}

/// More than twice as many bytes of plans as are kept, one plan under many names: what is kept is no more than the bound.
#[tokio::test]
async fn what_is_kept_in_process_is_bounded_by_bytes() {
    let server = TestServer::demo().await;
    let mut long = PlanRequest { pace: Pace::Intense, ..request("cuiaba", 1) };
    for number in 1..14 {
        let date = long.days[0].date + chrono::Days::new(number);
        long.days.push(DayRequest { date, ..long.days[0].clone() });
    }
    let plan = planned(&trips(None), long, &server.holder.current()).await;
    let bytes = serde_json::to_vec(&*plan).unwrap().len() as u64;
    let cache = PlanCache::new(None).unwrap();
    let names = 160 * 1024 * 1024 / bytes;
    let key = |seed| PlanKey::new(&request("cuiaba", seed), &[], "");
    for seed in 0..names {
        cache.put(key(seed), &plan).await;
    }
    let mut kept = 0;
    for seed in 0..names {
        kept += u64::from(cache.get(key(seed)).await.is_some());
    }
    assert!(kept > 100, "{kept} of {names} plans of {bytes} bytes kept");
    assert!(kept * bytes <= 100 * 1024 * 1024, "{kept} plans of {bytes} bytes kept");
}

/// Whoever hangs up makes room: 64 plans nobody waits for any more keep nobody from asking for 64 others.
#[tokio::test(flavor = "multi_thread")]
async fn plans_nobody_waits_for_any_more_hold_no_place() {
    let server = TestServer::demo().await;
    let trips = trips(None);
    let snapshot = server.holder.current();
    for round in 0..3 {
        let asked = (0..64).map(|seed| trips.plan(request("cuiaba", 2_000 + 64 * round + seed), &snapshot));
        let mut asked: futures::stream::FuturesUnordered<_> = asked.collect();
        assert!(futures::poll!(futures::StreamExt::next(&mut asked)).is_pending() || !asked.is_empty());
        drop(asked);
    }
    let asked = (0..64).map(|seed| trips.plan(request("cuiaba", 3_000 + seed), &snapshot));
    let answers = futures::future::join_all(asked).await;
    assert!(answers.iter().all(Result::is_ok));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_publish_elsewhere_leaves_a_plan_alone_and_one_here_does_not() {
    let server = TestServer::demo_on(Database::Sqlite).await;
    let trips = trips(None);
    let before = planned(&trips, request("cuiaba", 1), &server.holder.current()).await;
    let elsewhere = file("elsewhere", "nobres", &[place("novo", "Novo", -14.7, -56.3)], &[], &[]);
    import_into(&server.store, &elsewhere).await.unwrap();
    server.catch_up().await;
    assert!(Arc::ptr_eq(&before, &planned(&trips, request("cuiaba", 1), &server.holder.current()).await));
    let here = file("here", "cuiaba", &[place("novo-aqui", "Novo", -15.6, -56.1)], &[], &[]);
    import_into(&server.store, &here).await.unwrap();
    server.catch_up().await;
    assert!(!Arc::ptr_eq(&before, &planned(&trips, request("cuiaba", 1), &server.holder.current()).await));
    // A process that starts now names the versions as the one that followed.
    let fresh = Snapshot::load(&server.store, &Tables::bundled().unwrap()).await.unwrap();
    for shard in &fresh.shards {
        assert_eq!(fresh.city_version(shard.city.id), server.holder.current().city_version(shard.city.id), "{}", shard.city.slug);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn equal_requests_at_the_same_moment_are_made_once() {
    let server = TestServer::demo().await;
    let trips = Arc::new(trips(None));
    let snapshot = server.holder.current();
    // More than may be made at a time: whoever only waits for what is being made is never told to come back.
    let plans = futures::future::join_all((0..200).map(|_| planned(&trips, request("cuiaba", 2), &snapshot))).await;
    assert!(plans.iter().all(|plan| Arc::ptr_eq(plan, &plans[0])));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_share_a_plan_over_redis_made_once() {
    let server = TestServer::demo().await;
    let (one, other) = (trips(Some(&redis_url())), trips(Some(&redis_url())));
    let snapshot = server.holder.current();
    let seed = fresh_seed();
    let (first, second) =
        tokio::join!(planned(&one, request("cuiaba", seed), &snapshot), planned(&other, request("cuiaba", seed), &snapshot));
    // Made once: even the milliseconds are the same. The second came over Redis, so it is another allocation.
    assert_eq!(first, second);
    assert!(!Arc::ptr_eq(&first, &second));
    assert_eq!(planned(&trips(Some(&redis_url())), request("cuiaba", seed), &snapshot).await, first);
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_gone_or_silent_costs_a_moment_and_nothing_else() {
    let server = TestServer::demo().await;
    let snapshot = server.holder.current();
    let nobody = trips(Some("redis://127.0.0.1:1/"));
    let expected = planned(&trips(None), request("cuiaba", 3), &snapshot).await;
    let plan = planned(&nobody, request("cuiaba", 3), &snapshot).await;
    assert_eq!((&plan.days, &plan.dropped), (&expected.days, &expected.dropped));

    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("redis://{}/", silent.local_addr().unwrap());
    let answered = tokio::time::timeout(Duration::from_secs(20), planned(&trips(Some(&url)), request("cuiaba", 3), &snapshot)).await;
    assert_eq!(answered.unwrap().days, expected.days);

    let host = redis_url().trim_start_matches("redis://").split('/').next().unwrap().replace("localhost", "127.0.0.1");
    let proxy = Proxy::before(host.parse().unwrap());
    let through = trips(Some(&format!("redis://{}/", proxy.address)));
    planned(&through, request("cuiaba", fresh_seed()), &snapshot).await;
    proxy.cut();
    assert!(!planned(&through, request("cuiaba", fresh_seed()), &snapshot).await.days[0].stops.is_empty());
}

/// A Redis that has no room for anything: it answers each command as Redis does when its memory is full.
async fn full_redis() -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("redis://{}/", listener.local_addr().unwrap());
    let serve = async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let (mut buffer, mut read) = (vec![0; 65_536], 0);
            while let Ok(count @ 1..) = stream.read(&mut buffer).await {
                // A command is an array of texts: `*3`, then what it holds.
                let commands = buffer[..count].split(|byte| *byte == b'\n').filter(|line| line.starts_with(b"*")).count();
                read += commands;
                let refusal = "-OOM command not allowed when used memory > 'maxmemory'.\r\n".repeat(commands);
                if stream.write_all(refusal.as_bytes()).await.is_err() {
                    break;
                }
            }
            assert!(read > 0, "nobody asked");
        }
    };
    #[expect(clippy::disallowed_methods, reason = "it ends with the test's runtime")]
    drop(tokio::spawn(serve));
    url
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_full_costs_a_moment_and_nothing_else() {
    let server = TestServer::demo().await;
    let snapshot = server.holder.current();
    let expected = planned(&trips(None), request("cuiaba", 5), &snapshot).await;
    let trips = trips(Some(&full_redis().await));
    let plan = tokio::time::timeout(Duration::from_secs(20), planned(&trips, request("cuiaba", 5), &snapshot)).await.unwrap();
    assert_eq!((&plan.days, &plan.dropped), (&expected.days, &expected.dropped));
    // In process it is kept all the same.
    assert!(Arc::ptr_eq(&plan, &planned(&trips, request("cuiaba", 5), &snapshot).await));
}

#[tokio::test(flavor = "multi_thread")]
async fn past_the_bound_whoever_asks_is_told_to_come_back() {
    let server = TestServer::demo().await;
    let trips = Arc::new(trips(None));
    let snapshot = server.holder.current();
    let asked = (0..200).map(|seed| trips.plan(request("cuiaba", 1_000 + seed), &snapshot));
    let answers = futures::future::join_all(asked).await;
    let busy = answers.iter().filter(|answer| matches!(answer, Err(PlanError::Busy { .. }))).count();
    let made = answers.iter().filter(|answer| answer.is_ok()).count();
    assert_eq!((busy + made, made), (200, 64));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_estimated_while_the_router_was_away_is_not_kept() {
    let server = TestServer::demo().await;
    let away = Fallback::new(Valhalla::new("http://127.0.0.1:1").unwrap(), Estimate::bundled().unwrap());
    let trips = Trips::new(Arc::new(away), VisitKinds::bundled().unwrap(), PlanCache::new(None).unwrap());
    let snapshot = server.holder.current();
    let (first, second) = (planned(&trips, request("cuiaba", 4), &snapshot).await, planned(&trips, request("cuiaba", 4), &snapshot).await);
    assert_eq!(first.days, second.days);
    assert!(first.warnings.contains(&Warning::EstimatedTravel));
    assert!(!Arc::ptr_eq(&first, &second));
}
