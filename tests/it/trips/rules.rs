//! Every wish and every rule of a place in a case small enough to see, in which it binds: with it the place is left out for that
//! reason, and as soon as the party meets it the place is planned.

use serde_json::{Value, json};

use super::ask::{codes, id, plan, slugs};
use super::validator::faults;
use crate::support::TestServer;
use crate::support::city_file::{file, place, route};
use crate::support::database::Database;

/// Where the days start: at the first place.
fn here() -> Value {
    json!({ "location": { "latitude": -14.72, "longitude": -56.33 } })
}

/// A Monday in Nobres.
fn monday(with: &Value) -> Value {
    let day = json!({ "date": "2026-12-14", "startTime": "08:00", "endTime": "18:00", "start": here(), "mode": "CAR" });
    let mut request = json!({ "cities": ["nobres"], "days": [day], "pace": "INTENSE" });
    for (name, value) in with.as_object().unwrap() {
        if let Some(of_day) = name.strip_prefix("day.") {
            request["days"][0][of_day] = value.clone();
        } else {
            request[name] = value.clone();
        }
    }
    request
}

/// A waterfall in Nobres, open every day, with these particulars.
fn waterfall(slug: &str, north: f64, with: &Value) -> Value {
    let mut place = place(slug, slug, -14.72 + north, -56.33);
    place["openingHours"] = json!({ "raw": "Mo-Su 08:00-18:00" });
    place["typicalVisitMinutes"] = json!(60);
    for (name, value) in with.as_object().unwrap() {
        place[name] = value.clone();
    }
    place
}

async fn over(places: &[Value]) -> TestServer {
    let server = TestServer::bare_on(Database::Sqlite).await;
    server.import(&file("small", "nobres", places, &[], &[])).await;
    server
}

/// The plan, which the validator has looked at.
async fn planned(server: &TestServer, request: &Value) -> Value {
    let plan = plan(server, request).await;
    assert_eq!(faults(server, request, &plan).await, Vec::<String>::new(), "{request:#}\n{plan:#}");
    plan
}

fn dropped<'a>(plan: &'a Value, slug: &str) -> Option<&'a str> {
    plan["droppedCandidates"].as_array().unwrap().iter().find(|one| one["subject"]["slug"] == slug)?["code"].as_str()
}

fn warned(plan: &Value) -> Vec<&str> {
    plan["days"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|day| day["stops"].as_array().unwrap())
        .flat_map(|stop| codes(&stop["warnings"]))
        .collect()
}

#[tokio::test]
async fn every_rule_of_a_place_binds() {
    let rule = |rule: Value| json!({ "accessRules": [rule] });
    let steps = |value: &str| {
        let features = ["STEP_FREE_ENTRANCE", "STEP_FREE_PATHS"].map(|feature| json!({ "feature": feature, "value": value }));
        json!({ "accessibility": features })
    };
    let costs = json!({ "prices": [{ "audience": "GENERAL", "amount": "60.00", "currency": "BRL" }] });
    let wheelchair = |unknown: &str| json!({ "accessibleFor": ["WHEELCHAIR"], "accessibilityUnknown": unknown });
    for (code, place, bound, free, told) in [
        ("OUT_OF_SEASON", json!({ "season": { "months": [6, 7] } }), json!({}), json!({ "day.date": "2026-07-13" }), None),
        (
            "FOUR_WHEEL_DRIVE_REQUIRED",
            rule(json!({ "kind": "FOUR_WHEEL_DRIVE_REQUIRED" })),
            json!({}),
            json!({ "fourWheelDrive": true }),
            Some("FOUR_WHEEL_DRIVE_REQUIRED"),
        ),
        (
            "MINIMUM_AGE",
            rule(json!({ "kind": "MINIMUM_AGE", "years": 12 })),
            json!({ "youngestAge": 11 }),
            json!({ "youngestAge": 12 }),
            None,
        ),
        (
            "BOOKING_TOO_LATE",
            rule(json!({ "kind": "BOOKING_AHEAD", "hoursAhead": 48 })),
            json!({ "bookedAt": "2026-12-13T08:00:00-04:00" }),
            json!({ "bookedAt": "2026-12-12T08:00:00-04:00" }),
            Some("BOOK_AHEAD"),
        ),
        ("NOT_ACCESSIBLE", steps("NO"), wheelchair("ALLOW_WITH_WARNING"), json!({}), None),
        ("ACCESSIBILITY_UNKNOWN", json!({}), wheelchair("EXCLUDE"), wheelchair("ALLOW_WITH_WARNING"), Some("ACCESSIBILITY_UNKNOWN")),
        ("UNKNOWN_HOURS", json!({ "openingHours": null }), json!({ "unknownHours": "EXCLUDE" }), json!({}), Some("UNKNOWN_HOURS")),
        (
            "CLOSED_ALL_DAYS",
            json!({ "openingHours": { "raw": "Tu-Su 08:00-18:00" } }),
            json!({}),
            json!({ "day.date": "2026-12-15" }),
            None,
        ),
        ("NOT_OPEN_WHEN_THERE", json!({ "openingHours": { "raw": "06:00-08:30" } }), json!({}), json!({ "day.startTime": "06:00" }), None),
        ("TOO_FAR", json!({ "latitude": -14.2 }), json!({ "day.mode": "WALK" }), json!({}), None),
        (
            "OVER_WALKING",
            json!({ "latitude": -14.74 }),
            json!({ "day.mode": "WALK", "walkingLimitMeters": 5_000 }),
            json!({ "day.mode": "WALK", "walkingLimitMeters": 6_000 }),
            None,
        ),
        ("OVER_BUDGET", costs, json!({ "people": 3, "budget": "179.99" }), json!({ "people": 3, "budget": "180.00" }), None),
        ("ENOUGH_OF_ITS_KIND", json!({}), json!({ "limits": [{ "category": "water", "atMostPerDay": 0 }] }), json!({}), None),
    ] {
        let server = over(&[waterfall("alfa", 0.0, &place)]).await;
        let (without, with) = (planned(&server, &monday(&bound)).await, planned(&server, &monday(&free)).await);
        assert_eq!((slugs(&without), dropped(&without, "alfa")), (vec![vec![]], Some(code)), "{without:#}");
        assert_eq!((slugs(&with), dropped(&with, "alfa")), (vec![vec!["alfa".to_owned()]], None), "{code}: {with:#}");
        assert!(told.is_none_or(|told| warned(&with).contains(&told)), "{code}: {with:#}");
        // Who insists is told no less, and the rest of the day is planned all the same.
        let mut insists = monday(&bound);
        insists["mustSee"] = json!([id(&server, "alfa").await]);
        let plan = planned(&server, &insists).await;
        assert_eq!((dropped(&plan, "alfa"), codes(&plan["warnings"])[0]), (Some(code), "MUST_SEE_DROPPED"), "{plan:#}");
    }
}

#[tokio::test]
async fn what_needs_a_guide_or_a_voucher_says_so() {
    let rules = json!({ "accessRules": [{ "kind": "GUIDE_REQUIRED" }, { "kind": "VOUCHER_ONLY" }, { "kind": "BOOKING_AHEAD" }, { "kind": "DAILY_CAPACITY", "people": 40 }] });
    let plan = planned(&over(&[waterfall("alfa", 0.0, &rules)]).await, &monday(&json!({}))).await;
    assert_eq!(warned(&plan), ["GUIDE_REQUIRED", "VOUCHER_ONLY", "BOOK_AHEAD", "LIMITED_CAPACITY"]);
}

#[tokio::test]
async fn wishes_between_places_bind() {
    let names = ["alfa", "beta", "gama", "delta", "epsilon", "zeta", "eta"];
    let places: Vec<Value> =
        names.iter().enumerate().map(|(number, slug)| waterfall(slug, f64::from(number as u32) / 1_000.0, &json!({}))).collect();
    let server = over(&places).await;
    let count = async |with: Value| slugs(&planned(&server, &monday(&with)).await)[0].len();
    assert_eq!(count(json!({})).await, 7);
    assert_eq!((count(json!({ "pace": "RELAXED" })).await, count(json!({ "pace": "MODERATE" })).await), (4, 6));
    assert_eq!(count(json!({ "limits": [{ "category": "waterfall", "atMostPerDay": 3 }] })).await, 3);
    assert_eq!(count(json!({ "limits": [{ "category": "nature", "atMostPerTrip": 2 }] })).await, 2);
    let alfa = id(&server, "alfa").await;
    assert_eq!(count(json!({ "avoid": [alfa] })).await, 6);
    assert_eq!(count(json!({ "interests": [{ "category": "nature", "weight": 0 }] })).await, 0);
    assert_eq!(count(json!({ "interests": [{ "category": "nature", "weight": 0 }], "mustSee": [alfa] })).await, 1);
    let full = planned(&server, &monday(&json!({ "pace": "MODERATE" }))).await;
    assert_eq!(codes(&full["droppedCandidates"]), ["LESS_INTEREST"]);
    let few = planned(&server, &monday(&json!({ "limits": [{ "category": "museum", "atLeastPerTrip": 1, "atLeastPerDay": 1 }] }))).await;
    assert_eq!(codes(&few["warnings"])[..2], ["TOO_FEW", "TOO_FEW"]);
}

/// At least so many of a kind comes before interest.
#[tokio::test]
async fn at_least_one_museum_is_worth_a_better_waterfall() {
    let museum = json!({ "category": "museum" });
    let server = over(&[waterfall("alfa", 0.0, &json!({})), waterfall("museu", 0.001, &museum)]).await;
    let short = |limits: Value| {
        monday(&json!({ "day.endTime": "09:30", "interests": [{ "category": "waterfall", "weight": 10 }], "limits": limits }))
    };
    assert_eq!(slugs(&planned(&server, &short(json!([]))).await), [["alfa"]]);
    for least in ["atLeastPerDay", "atLeastPerTrip"] {
        let limits = json!([{ "category": "culture", least: 1 }]);
        assert_eq!(slugs(&planned(&server, &short(limits)).await), [["museu"]], "{least}");
    }
}

#[tokio::test]
async fn lunch_is_at_a_table_at_noon() {
    let table = |hours: &str| json!({ "category": "restaurant", "openingHours": { "raw": hours } });
    let places = [
        waterfall("alfa", 0.0, &json!({})),
        waterfall("beta", 0.001, &json!({})),
        waterfall("cedo", 0.002, &table("Mo-Su 06:00-11:00")),
        waterfall("almoco", 0.003, &table("Mo-Su 11:00-15:00")),
        waterfall("outro", 0.004, &table("Mo-Su 11:00-15:00")),
    ];
    let server = over(&places).await;
    let without = planned(&server, &monday(&json!({}))).await;
    assert_eq!(slugs(&without)[0].len(), 2, "nobody asked for food: {without:#}");
    let lunch = planned(&server, &monday(&json!({ "lunch": {} }))).await;
    let stops = lunch["days"][0]["stops"].as_array().unwrap();
    let tables: Vec<&Value> = stops.iter().filter(|stop| stop["subject"]["category"]["slug"] == "restaurant").collect();
    assert_eq!((stops.len(), tables.len()), (3, 1), "{lunch:#}");
    assert_eq!(codes(&tables[0]["reasons"])[0], "LUNCH");
    let late = planned(&server, &monday(&json!({ "lunch": { "from": "14:30", "to": "15:00" } }))).await;
    assert!(codes(&late["warnings"]).contains(&"NO_LUNCH"), "{late:#}");
}

/// Two windows a day, which differ from day to day; the waterfall is seen in the second one of the day that has two.
#[tokio::test]
async fn a_place_that_closes_at_noon_is_seen_before_or_after() {
    let hours = json!({ "openingHours": { "raw": "Mo 08:00-08:30,15:00-16:30; Tu 08:00-08:30" } });
    let server = over(&[waterfall("alfa", 0.0, &hours)]).await;
    let mut request = monday(&json!({}));
    let mut tuesday = request["days"][0].clone();
    tuesday["date"] = json!("2026-12-15");
    request["days"].as_array_mut().unwrap().push(tuesday);
    let plan = planned(&server, &request).await;
    let stop = &plan["days"][0]["stops"][0];
    assert_eq!((&stop["start"], &stop["wait"], &stop["slack"]), (&json!("2026-12-14T15:00:00-04:00"), &json!("PT0M"), &json!("PT30M")));
    // Nobody leaves at eight to wait seven hours at the door.
    let leg = &plan["days"][0]["legs"][0];
    assert_eq!((&plan["days"][0]["departAt"], &leg["arriveAt"]), (&leg["departAt"], &stop["start"]));
    assert!(leg["departAt"].as_str().unwrap() > "2026-12-14T14:00", "{leg}");
    assert_eq!(plan["days"][1]["stops"], json!([]));
}

#[tokio::test]
async fn unknown_hours_are_daylight_for_nature_and_nine_to_five_for_the_rest() {
    let unknown = |category: &str| json!({ "category": category, "openingHours": null, "typicalVisitMinutes": 470 });
    for (category, from, to, is_planned) in [
        ("waterfall", "02:00", "14:00", true),
        ("waterfall", "11:00", "19:50", false),
        ("museum", "02:00", "14:00", false),
        ("museum", "08:00", "17:10", true),
        ("museum", "09:30", "22:00", false),
    ] {
        let server = over(&[waterfall("alfa", 0.0, &unknown(category))]).await;
        let plan = planned(&server, &monday(&json!({ "day.startTime": from, "day.endTime": to }))).await;
        assert_eq!(!slugs(&plan)[0].is_empty(), is_planned, "{category} from {from} to {to}: {plan:#}");
        assert!(!is_planned || warned(&plan).contains(&"UNKNOWN_HOURS"));
    }
}

/// Two places insisted on that are open at one hour only: one is kept, and the other says with what it clashes.
#[tokio::test]
async fn a_clash_is_named() {
    let hours = json!({ "openingHours": { "raw": "Mo-Su 10:00-11:15" } });
    let server = over(&[waterfall("alfa", 0.0, &hours), waterfall("beta", 0.001, &hours)]).await;
    let request = monday(&json!({ "mustSee": [id(&server, "alfa").await, id(&server, "beta").await] }));
    let plan = planned(&server, &request).await;
    let kept = slugs(&plan)[0][0].clone();
    let lost = &plan["droppedCandidates"][0];
    assert_eq!((&lost["code"], &lost["clashesWith"]["slug"]), (&json!("CLASHES_WITH"), &json!(kept)));
    assert_ne!(lost["subject"]["slug"], kept.as_str());
    assert!(lost["text"]["value"].as_str().unwrap().contains(&kept), "{lost}");
    // In each language of the service, and in no other.
    for (asked, given, words) in
        [("en", "en", "Travel times"), ("es", "es", "tiempos"), ("pt-BR", "pt-BR", "tempos"), ("fr", "pt-BR", "tempos")]
    {
        let query = "query($request: TripPlanRequest!) { tripPlan(request: $request) { warnings { code text { value language } }
            droppedCandidates { text { language } } days { stops { reasons { text { language } } } } } }";
        let body = json!({ "query": query, "variables": { "request": request } });
        let response = server.client.post(server.url("/graphql")).header("Accept-Language", asked).json(&body).send().await.unwrap();
        let answer: Value = response.json().await.unwrap();
        let plan = &answer["data"]["tripPlan"];
        let travel = plan["warnings"].as_array().unwrap().iter().find(|warning| warning["code"] == "ESTIMATED_TRAVEL").unwrap();
        assert_eq!(travel["text"]["language"], given);
        assert!(travel["text"]["value"].as_str().unwrap().to_lowercase().contains(&words.to_lowercase()), "{travel}");
        for text in [&plan["droppedCandidates"][0]["text"], &plan["days"][0]["stops"][0]["reasons"][0]["text"]] {
            assert_eq!(text["language"], given, "{plan:#}");
        }
    }
}

/// `1000 × wish × (0.5 + 0.2 × completeness + 0.3 × prominence)`, as documented.
#[tokio::test]
async fn interest_is_the_documented_formula() {
    let server = TestServer::bare_on(Database::Sqlite).await;
    let bare = json!({ "openingHours": null, "texts": { "pt-BR": { "name": "X" } } });
    let image = json!({ "url": "https://example.org/a.jpg", "licence": "CC0-1.0", "credit": "Z", "source": "https://example.org" });
    let whole = json!({
        "texts": { "pt-BR": { "name": "X", "summary": "Y", "description": "Z" } }, "isAccessibleForFree": true, "images": [image],
        "accessibility": [{ "feature": "SEATING", "value": "YES" }],
    });
    let places = [
        waterfall("bare", 0.0, &bare),
        waterfall("whole", 0.001, &whole),
        waterfall("other", 0.003, &bare),
        waterfall("museu", 0.002, &json!({ "category": "museum", "openingHours": null, "texts": bare["texts"] })),
    ];
    let routes = [("um", "other"), ("dois", "other"), ("tres", "museu")].map(|(slug, second)| route(slug, slug, &["whole", second]));
    server.import(&file("small", "nobres", &places, &[], &routes)).await;
    let scores = async |interests: Value| {
        let plan = planned(&server, &monday(&json!({ "interests": interests }))).await;
        let score = |slug: &str| {
            let stops = plan["days"][0]["stops"].as_array().unwrap();
            stops.iter().find(|stop| stop["subject"]["slug"] == slug).map_or(json!(0), |stop| stop["score"].clone())
        };
        [score("bare"), score("whole"), score("museu")]
    };
    // Nothing named: everything is wished for by half.
    assert_eq!(scores(json!([])).await, [250.0, 500.0, 325.0].map(|score| json!(score)));
    // The more special wish counts, and what is not named has a fifth.
    assert_eq!(
        scores(json!([{ "category": "nature", "weight": 1 }, { "category": "waterfall", "weight": 10 }])).await,
        [500.0, 1_000.0, 130.0].map(|score| json!(score))
    );
    let disliked = json!([{ "category": "nature", "weight": 4 }, { "category": "culture", "weight": 0 }]);
    assert_eq!(scores(disliked).await, [json!(200.0), json!(400.0), json!(0)]);
}

/// Of seven places alike four fit. Who goes on from another place at noon keeps those of the four that are left.
#[tokio::test]
async fn a_replan_keeps_what_still_fits() {
    let names = ["alfa", "beta", "gama", "delta", "epsilon", "zeta", "eta"];
    let places: Vec<Value> =
        names.iter().enumerate().map(|(number, slug)| waterfall(slug, f64::from(number as u32) / 100.0, &json!({}))).collect();
    let server = over(&places).await;
    let request = monday(&json!({ "day.endTime": "13:30" }));
    let first = planned(&server, &request).await;
    let before = slugs(&first)[0].clone();
    assert_eq!(before.len(), 4, "{first:#}");
    let last = json!({ "location": { "latitude": -14.66, "longitude": -56.33 } });
    let from = json!({ "at": "2026-12-14T09:20:00-04:00", "location": last, "done": [first["days"][0]["stops"][0]["subjectId"]] });
    let query = format!(
        "query($request: TripPlanRequest!, $from: ReplanInput!) {{ tripPlan(request: $request) {{ replan(from: $from) {{ {} }} }} }}",
        super::ask::PLAN
    );
    let rest = server.ask(&query, json!({ "request": request, "from": from })).await["tripPlan"]["replan"].take();
    let mut kept = slugs(&rest)[0].clone();
    let mut expected = before[1..].to_vec();
    kept.sort();
    expected.sort();
    assert_eq!(kept, expected, "{rest:#}");
    assert_eq!(rest["days"][0]["departAt"], "2026-12-14T09:20:00-04:00");
    // A long trip leaves more behind than anybody may avoid, and some of it is not there any more.
    server.import(&file("small", "nobres", &places[1..], &[], &[])).await;
    let gone = first["days"][0]["stops"].as_array().unwrap().iter().find(|stop| stop["subject"]["slug"] == "alfa");
    let behind = [gone.map_or_else(|| first["days"][0]["stops"][0]["subjectId"].clone(), |stop| stop["subjectId"].clone())];
    let behind: Vec<Value> = behind.iter().cycle().take(150).cloned().collect();
    let later = json!({ "at": "2026-12-14T09:20:00-04:00", "location": last, "done": behind });
    server.ask(&query, json!({ "request": request, "from": later })).await;
    let over = json!({ "at": "2026-12-15T09:20:00-04:00", "location": last });
    assert_eq!(server.refusal(&query, json!({ "request": request, "from": over })).await, "TIME_OUT_OF_RANGE");
}

/// Nobody knows of any place whether the deaf can visit it: the plan says so of each, and is no failure.
#[tokio::test]
async fn a_profile_that_no_place_can_confirm_leaves_an_empty_day_that_says_why() {
    let server = over(&[waterfall("alfa", 0.0, &json!({})), waterfall("beta", 0.001, &json!({}))]).await;
    let request = monday(&json!({ "accessibleFor": ["DEAF"], "accessibilityUnknown": "EXCLUDE" }));
    let plan = planned(&server, &request).await;
    assert_eq!(codes(&plan["droppedCandidates"]), ["ACCESSIBILITY_UNKNOWN", "ACCESSIBILITY_UNKNOWN"]);
    assert!(codes(&plan["warnings"]).contains(&"EMPTY_DAY"), "{plan:#}");
    // The bare way from start to end is longer than anybody wants to walk.
    let far = json!({ "location": { "latitude": -14.80, "longitude": -56.33 } });
    let walk = monday(&json!({ "day.mode": "WALK", "day.end": far, "walkingLimitMeters": 1_000 }));
    let still = planned(&server, &walk).await;
    assert_eq!(codes(&still["warnings"]), ["DAY_CANNOT_BE_TRAVELLED"]);
    assert_eq!((&still["days"][0]["legs"], &still["days"][0]["walkedMeters"]), (&json!([]), &json!(0.0)));
}
