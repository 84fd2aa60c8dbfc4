//! A catalogue in which every rule of a place is at work: the demo knows few hours, no food, and hardly a rule.

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};

use crate::support::TestServer;
use crate::support::city_file::{event, file, place, route};
use crate::support::database::Database;

/// Cities, and where they lie.
const CITIES: [(&str, f64, f64); 2] = [("cuiaba", -15.60, -56.10), ("nobres", -14.72, -56.33)];
/// Places of each.
const PLACES: usize = 45;

const HOURS: [&str; 10] = [
    "Mo-Su 08:00-18:00",
    "Tu-Su 09:00-11:30,13:30-17:00",
    "Mo-Fr 08:00-12:00; Sa 14:00-18:00",
    "Sa-Su 07:00-11:00,15:00-22:00",
    "Mo-Su 11:00-15:00,18:00-23:00",
    "24/7",
    "Fr-Sa 18:00-26:00",
    "Mo-Su unknown \"agendamento\"",
    "Mo-Su 09:00-12:00; PH off",
    "We-Mo 07:00-09:30,10:00-10:40,16:00-19:00",
];

const CATEGORIES: [&str; 14] = [
    "waterfall",
    "museum",
    "museum",
    "restaurant",
    "restaurant",
    "bar",
    "viewpoint",
    "park",
    "church",
    "cave",
    "trail",
    "square",
    "lodging",
    "monument",
];

/// A server over the made-up catalogue.
pub async fn server() -> TestServer {
    let server = TestServer::bare_on(Database::Sqlite).await;
    for (number, city) in CITIES.into_iter().enumerate() {
        let mut random = StdRng::seed_from_u64(number as u64);
        let places: Vec<Value> = (0..PLACES).map(|number| one(&mut random, city, number)).collect();
        let name = |number: usize| format!("lugar-{}-{number}", city.0);
        let events: Vec<Value> = (0..6).map(|number| feast(&mut random, city.0, number, &name(number * 7))).collect();
        let curated = route(&format!("roteiro-{}", city.0), "Roteiro", &[&name(0), &name(1), &name(2), &name(3)]);
        server.import(&file(&format!("made-up-{}", city.0), city.0, &places, &events, &[curated])).await;
    }
    server
}

fn one(random: &mut StdRng, (city, latitude, longitude): (&str, f64, f64), number: usize) -> Value {
    let (north, east) = (random.random_range(-0.08..0.08), random.random_range(-0.08..0.08));
    let mut place = place(&format!("lugar-{city}-{number}"), &format!("Lugar {number}"), latitude + north, longitude + east);
    place["category"] = json!(CATEGORIES[random.random_range(0..CATEGORIES.len())]);
    let mut maybe = |name: &str, odds: f64, value: &dyn Fn(&mut StdRng) -> Value| {
        if random.random_bool(odds) {
            place[name] = value(random);
        }
    };
    maybe("openingHours", 0.75, &|random| json!({ "raw": HOURS[random.random_range(0..HOURS.len())] }));
    maybe("typicalVisitMinutes", 0.5, &|random| json!(random.random_range(15..150)));
    maybe("season", 0.2, &|random| json!({ "months": (random.random_range(1..4)..=random.random_range(4..=12)).collect::<Vec<u32>>() }));
    maybe("isAccessibleForFree", 0.2, &|random| json!(random.random_bool(0.8)));
    maybe("prices", 0.4, &|random| {
        let audience = ["GENERAL", "ADULT", "CHILD"][random.random_range(0..3)];
        json!([{ "audience": audience, "amount": format!("{}.50", random.random_range(5..90)), "currency": "BRL" }])
    });
    maybe("accessRules", 0.5, &rule);
    maybe("accessibility", 0.5, &|random| {
        let value = |random: &mut StdRng| ["YES", "YES", "LIMITED", "NO"][random.random_range(0..4)];
        let features =
            ["STEP_FREE_ENTRANCE", "STEP_FREE_PATHS", "SIGN_LANGUAGE"].map(|feature| json!({ "feature": feature, "value": value(random) }));
        json!(features)
    });
    place
}

fn rule(random: &mut StdRng) -> Value {
    json!([match random.random_range(0..7) {
        0 => json!({ "kind": "GUIDE_REQUIRED" }),
        1 => json!({ "kind": "VOUCHER_ONLY" }),
        2 => json!({ "kind": "BOOKING_AHEAD", "hoursAhead": random.random_range(1..80) }),
        3 => json!({ "kind": "BOOKING_AHEAD" }),
        4 => json!({ "kind": "DAILY_CAPACITY", "people": 40 }),
        5 => json!({ "kind": "FOUR_WHEEL_DRIVE_REQUIRED" }),
        _ => json!({ "kind": "MINIMUM_AGE", "years": random.random_range(3..19) }),
    }])
}

/// An event every week of 2027, from two to six hours long.
fn feast(random: &mut StdRng, city: &str, number: usize, venue: &str) -> Value {
    let day = random.random_range(1..8);
    let mut feast = event(&format!("festa-{city}-{number}"), &format!("Festa {number}"), venue, &format!("2027-01-0{day}"));
    let (from, hours) = (random.random_range(7..17), random.random_range(2..=6));
    feast["dtstart"] = json!(format!("2027-01-0{day}T{from:02}:00:00"));
    feast["dtend"] = json!(format!("2027-01-0{day}T{:02}:00:00", from + hours));
    feast["rrule"] = json!("FREQ=WEEKLY;COUNT=52");
    if number == 5 {
        feast["status"] = json!("CANCELLED");
    }
    feast
}
