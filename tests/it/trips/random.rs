//! Every plan returned for random requests passes the validator.

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};

use super::ask::plan;
use super::validator::faults;
use crate::support::TestServer;

/// Requests of a test; each plan has some ten stops, and each stop is asked about again.
const REQUESTS: u64 = 600;

/// A place that may be insisted on or avoided.
struct Named {
    id: Value,
    city: String,
}

fn request(random: &mut StdRng, places: &[Named]) -> Value {
    let cities = ["cuiaba", "chapada-dos-guimaraes", "caceres", "nobres", "pocone", "rondonopolis"];
    let near = |random: &mut StdRng| {
        let (latitude, longitude) = (random.random_range(-16.6..-14.4), random.random_range(-57.7..-54.6));
        json!({ "location": { "latitude": latitude, "longitude": longitude } })
    };
    let pick = |random: &mut StdRng, from: &[&str]| from[random.random_range(0..from.len())].to_owned();
    let first = random.random_range(0..350);
    let days: Vec<Value> = (0..random.random_range(1..=4))
        .map(|day| {
            let date = chrono::NaiveDate::from_ymd_opt(2027, 1, 1).unwrap() + chrono::Days::new(first + day);
            let start = random.random_range(6..14);
            let mut asked = json!({
                "date": date, "start": near(random), "mode": pick(random, &["CAR", "CAR", "WALK", "BICYCLE"]),
                "startTime": format!("{start:02}:30"), "endTime": format!("{:02}:15", random.random_range(start + 1..=23)),
            });
            if random.random_bool(0.3) {
                asked["end"] = near(random);
            }
            asked
        })
        .collect();
    let mut request = json!({ "days": days, "cities": cities.iter().filter(|_| random.random_bool(0.5)).collect::<Vec<_>>() });
    if request["cities"] == json!([]) {
        request["cities"] = json!(["cuiaba"]);
    }
    let mut maybe = |name: &str, odds: f64, value: &dyn Fn(&mut StdRng) -> Value| {
        if random.random_bool(odds) {
            request[name] = value(random);
        }
    };
    let categories = ["waterfall", "museum", "nature", "culture", "park", "city-life", "lodging", "event"];
    maybe("interests", 0.6, &|random| {
        let wish = |random: &mut StdRng| json!({ "category": pick(random, &categories), "weight": random.random_range(0..=10) });
        json!([wish(random), wish(random)])
    });
    maybe(
        "limits",
        0.4,
        &|random| json!([{ "category": "museum", "atMostPerDay": random.random_range(0..3), "atMostPerTrip": random.random_range(0..5) }]),
    );
    maybe("avoid", 0.4, &|random| json!([places[random.random_range(0..places.len())].id]));
    maybe("unknownHours", 0.3, &|_| json!("EXCLUDE"));
    maybe("pace", 0.6, &|random| json!(pick(random, &["RELAXED", "INTENSE"])));
    maybe("lunch", 0.4, &|_| json!({}));
    maybe("youngestAge", 0.4, &|random| json!(random.random_range(0..18)));
    maybe("fourWheelDrive", 0.3, &|_| json!(true));
    maybe("walkingLimitMeters", 0.4, &|random| json!(random.random_range(500..12_000)));
    maybe("budget", 0.3, &|random| json!(format!("{}.00", random.random_range(0..200))));
    maybe("people", 0.3, &|random| json!(random.random_range(1..6)));
    maybe("accessibleFor", 0.2, &|_| json!(["WHEELCHAIR"]));
    maybe("seed", 0.5, &|random| json!(random.random_range(0..1_000)));
    let (cities, avoided) = (request["cities"].clone(), request["avoid"].clone());
    let may_be_insisted_on = |place: &&Named| {
        let is_there = cities.as_array().unwrap().iter().any(|city| *city == *place.city);
        is_there && !avoided.as_array().is_some_and(|avoided| avoided.contains(&place.id))
    };
    let odds = if random.random_bool(0.4) { 0.06 } else { 0.0 };
    let insisted: Vec<Value> =
        places.iter().filter(may_be_insisted_on).filter(|_| random.random_bool(odds)).map(|place| place.id.clone()).collect();
    request["mustSee"] = json!(insisted);
    request
}

async fn every_plan_holds(first: u64) {
    let server = TestServer::demo().await;
    let data = server.ask("{ pointsOfInterest(first: 100) { nodes { id city { slug } } } }", Value::Null).await;
    let named = |node: &Value| Named { id: node["id"].clone(), city: node["city"]["slug"].as_str().unwrap().to_owned() };
    let places: Vec<Named> = data["pointsOfInterest"]["nodes"].as_array().unwrap().iter().map(named).collect();
    let (mut stops, mut kept, mut explained) = (0, 0, 0);
    for seed in first..first + REQUESTS {
        let request = request(&mut StdRng::seed_from_u64(seed), &places);
        let plan = plan(&server, &request).await;
        let found = faults(&server, &request, &plan).await;
        assert!(found.is_empty(), "seed {seed}: {found:#?}\n{request:#}");
        stops += plan["days"].as_array().unwrap().iter().map(|day| day["stops"].as_array().unwrap().len()).sum::<usize>();
        let lost = plan["droppedCandidates"].as_array().unwrap().iter().filter(|one| one["mustSee"] == json!(true)).count();
        kept += request["mustSee"].as_array().unwrap().len() - lost;
        explained += lost;
    }
    assert!(stops as u64 > REQUESTS * 3 / 2, "only {stops} stops were planned: the requests prove little");
    assert!(kept > 50 && explained > 50, "{kept} kept, {explained} explained: the requests prove little");
}

#[tokio::test]
async fn every_plan_holds_whatever_is_asked() {
    every_plan_holds(0).await;
}

#[tokio::test]
async fn every_plan_holds_whatever_else_is_asked() {
    every_plan_holds(10_000).await;
}

#[tokio::test]
async fn every_plan_holds_whatever_is_asked_for_once_more() {
    every_plan_holds(20_000).await;
}

#[tokio::test]
async fn every_plan_holds_whatever_anybody_asks() {
    every_plan_holds(30_000).await;
}
