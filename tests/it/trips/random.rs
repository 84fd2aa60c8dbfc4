//! Every plan returned for random requests passes the validator.

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};

use super::ask::plan;
use super::validator::faults;
use crate::support::TestServer;

/// Requests asked; each plan has some ten stops, and each stop is asked about again.
const REQUESTS: u64 = 120;

fn request(random: &mut StdRng, ids: &[Value]) -> Value {
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
    maybe("avoid", 0.4, &|random| json!([ids[random.random_range(0..ids.len())]]));
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
    request
}

#[tokio::test]
async fn every_plan_holds_whatever_is_asked() {
    let server = TestServer::demo().await;
    let places = server.ask("{ pointsOfInterest(first: 100) { nodes { id } } }", Value::Null).await;
    let ids: Vec<Value> = places["pointsOfInterest"]["nodes"].as_array().unwrap().iter().map(|node| node["id"].clone()).collect();
    let mut stops = 0;
    for seed in 0..REQUESTS {
        let request = request(&mut StdRng::seed_from_u64(seed), &ids);
        let plan = plan(&server, &request).await;
        let found = faults(&server, &request, &plan).await;
        assert!(found.is_empty(), "seed {seed}: {found:#?}\n{request:#}");
        stops += plan["days"].as_array().unwrap().iter().map(|day| day["stops"].as_array().unwrap().len()).sum::<usize>();
    }
    assert!(stops > 2 * REQUESTS as usize, "only {stops} stops were planned: the requests prove little");
}
