//! The questions a tourist asks, and what cannot be planned.

use serde_json::{Value, json};

use super::ask::{codes, cuiaba, id, plan, refusal, slugs};
use super::validator::faults;
use crate::support::TestServer;

/// Two and a half days in Cuiabá and Chapada, from Friday 14:00 at the airport.
async fn weekend(server: &TestServer) -> Value {
    json!({
        "cities": ["cuiaba", "chapada-dos-guimaraes"],
        "days": [
            { "date": "2026-12-11", "startTime": "14:00", "start": { "location": { "latitude": -15.6529, "longitude": -56.1167 } }, "end": cuiaba(), "mode": "CAR" },
            { "date": "2026-12-12", "start": cuiaba(), "mode": "CAR" },
            { "date": "2026-12-13", "start": cuiaba(), "mode": "CAR" },
        ],
        "interests": [{ "category": "waterfall", "weight": 10 }, { "category": "museum", "weight": 8 }],
        "mustSee": [id(server, "cachoeira-veu-de-noiva").await],
        "lunch": {}, "youngestAge": 7, "limits": [{ "category": "museum", "atMostPerDay": 2 }],
    })
}

#[tokio::test]
async fn a_weekend_with_a_child_is_planned_and_can_be_walked() {
    let server = TestServer::demo().await;
    let request = weekend(&server).await;
    let plan = plan(&server, &request).await;
    assert_eq!(faults(&server, &request, &plan).await, Vec::<String>::new(), "{plan:#}");
    let days = slugs(&plan);
    assert!(days.iter().flatten().any(|slug| slug == "cachoeira-veu-de-noiva"), "{days:?}");
    assert!(days.iter().flatten().count() >= 6, "{days:?}");
    assert!(codes(&plan["warnings"]).contains(&"ESTIMATED_TRAVEL"));
    for stop in plan["days"].as_array().unwrap().iter().flat_map(|day| day["stops"].as_array().unwrap()) {
        assert!(!stop["reasons"].as_array().unwrap().is_empty());
        assert!(!stop["reasons"][0]["text"]["value"].as_str().unwrap().is_empty());
    }
    let veu = plan["days"].as_array().unwrap().iter().flat_map(|day| day["stops"].as_array().unwrap().clone());
    let veu: Vec<Value> = veu.filter(|stop| stop["subject"]["slug"] == "cachoeira-veu-de-noiva").collect();
    assert_eq!(codes(&veu[0]["reasons"])[..2], ["MUST_SEE", "MATCHES_INTEREST"]);
}

#[tokio::test]
async fn the_same_wishes_in_another_order_are_the_same_plan_in_every_language() {
    let server = TestServer::demo().await;
    let mut request = weekend(&server).await;
    request["bookedAt"] = json!("2026-12-01T08:00:00-04:00");
    request["mustSee"].as_array_mut().unwrap().push(id(&server, "parque-tia-nair").await);
    let places = server.ask("{ pointsOfInterest(first: 2, where: { city: [\"nobres\"] }) { nodes { id } } }", json!({})).await;
    request["avoid"] = json!([places["pointsOfInterest"]["nodes"][0]["id"], places["pointsOfInterest"]["nodes"][1]["id"]]);
    request["accessibleFor"] = json!(["STROLLER", "ELDERLY"]);
    request["limits"].as_array_mut().unwrap().push(json!({ "category": "nature", "atMostPerDay": 4 }));
    let mut other = request.clone();
    other["cities"] = json!(["chapada-dos-guimaraes", "cuiaba", "cuiaba"]);
    for list in ["interests", "mustSee", "avoid", "accessibleFor", "limits"] {
        other[list].as_array_mut().unwrap().reverse();
        assert_ne!(other[list], request[list]);
    }
    let again = other["mustSee"][0].clone();
    other["mustSee"].as_array_mut().unwrap().push(again);
    other["days"][0]["startTime"] = json!("14:00:00");
    other["days"][1]["end"] = other["days"][1]["start"].clone();
    other["bookedAt"] = json!("2026-12-01T12:00:00.000Z");
    let (one, other) = (plan(&server, &request).await, plan(&server, &other).await);
    // The time it took is kept with the plan: equal to the millisecond only because it was made once.
    assert_eq!(one, other);
}

#[tokio::test]
async fn what_cannot_be_kept_is_told_with_its_reason() {
    let server = TestServer::demo().await;
    let tefe = id(&server, "cachoeira-veu-de-noiva").await;
    let day = json!({ "date": "2026-12-12", "startTime": "08:00", "endTime": "09:00", "start": cuiaba(), "mode": "WALK" });
    let request = json!({ "cities": ["chapada-dos-guimaraes", "cuiaba"], "days": [day], "mustSee": [tefe] });
    let plan = plan(&server, &request).await;
    assert!(codes(&plan["warnings"]).contains(&"MUST_SEE_DROPPED"), "{plan:#}");
    let dropped = &plan["droppedCandidates"][0];
    assert_eq!((&dropped["mustSee"], &dropped["code"]), (&json!(true), &json!("NOT_OPEN_WHEN_THERE")));
    assert_eq!(faults(&server, &request, &plan).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_day_that_cannot_be_travelled_is_no_failure() {
    let server = TestServer::demo().await;
    let sinop = json!({ "location": { "latitude": -11.864, "longitude": -55.509 } });
    let day = json!({ "date": "2026-12-12", "startTime": "08:00", "endTime": "10:00", "start": cuiaba(), "end": sinop });
    let plan = plan(&server, &json!({ "cities": ["cuiaba"], "days": [day] })).await;
    assert_eq!(plan["days"][0]["stops"], json!([]));
    assert!(codes(&plan["warnings"]).contains(&"DAY_CANNOT_BE_TRAVELLED"), "{plan:#}");
}

#[tokio::test]
async fn unknown_hours_are_a_warning_or_left_out() {
    let server = TestServer::demo().await;
    let request = |policy: &str| json!({ "cities": ["cuiaba"], "days": [{ "date": "2026-12-12", "start": cuiaba() }], "unknownHours": policy, "pace": "INTENSE" });
    let allowed = plan(&server, &request("ALLOW_WITH_WARNING")).await;
    let excluded = plan(&server, &request("EXCLUDE")).await;
    let warned = |plan: &Value| {
        plan["days"][0]["stops"].as_array().unwrap().iter().filter(|stop| codes(&stop["warnings"]).contains(&"UNKNOWN_HOURS")).count()
    };
    assert!(warned(&allowed) > 0);
    assert_eq!(warned(&excluded), 0);
    assert!(codes(&excluded["droppedCandidates"]).contains(&"UNKNOWN_HOURS"));
}

#[tokio::test]
async fn a_trip_goes_on_from_where_one_is() {
    let server = TestServer::demo().await;
    let request = weekend(&server).await;
    let first = plan(&server, &request).await;
    let done: Vec<Value> = first["days"][0]["stops"].as_array().unwrap().iter().map(|stop| stop["subjectId"].clone()).collect();
    let query = format!(
        "query($request: TripPlanRequest!, $from: ReplanInput!) {{ tripPlan(request: $request) {{ replan(from: $from) {{ {} }} }} }}",
        super::ask::PLAN
    );
    let from = json!({ "at": "2026-12-12T11:00:00-04:00", "location": cuiaba(), "done": done });
    let rest = server.ask(&query, json!({ "request": request, "from": from })).await["tripPlan"]["replan"].clone();
    let dates: Vec<&str> = rest["days"].as_array().unwrap().iter().map(|day| day["date"].as_str().unwrap()).collect();
    assert_eq!(dates, ["2026-12-12", "2026-12-13"]);
    assert!(rest["days"][0]["departAt"].as_str().unwrap() >= "2026-12-12T11:00:00-04:00");
    let again = slugs(&rest).concat();
    let before = slugs(&first);
    assert!(before[0].iter().all(|slug| !again.contains(slug)), "{again:?}");
    assert!(again.iter().filter(|slug| before[1..].concat().contains(slug)).count() * 2 >= again.len(), "{before:?} {again:?}");
}

#[tokio::test]
async fn directions_tell_how_sure_they_are() {
    let server = TestServer::demo().await;
    let query = "query($from: StopInput!, $to: StopInput!, $mode: TravelMode!) {
        directions(from: $from, to: $to, mode: $mode, departAt: \"2026-12-12T08:00:00-04:00\") { mode departAt arriveAt distanceMeters duration geometry confidence } }";
    let to = json!({ "pointOfInterest": id(&server, "cachoeira-veu-de-noiva").await });
    let leg = server.ask(query, json!({ "from": cuiaba(), "to": to, "mode": "CAR" })).await["directions"].clone();
    assert_eq!(leg["confidence"], "ESTIMATED");
    assert!((40_000.0..80_000.0).contains(&leg["distanceMeters"].as_f64().unwrap()), "{leg}");
    assert_eq!(leg["departAt"], "2026-12-12T08:00:00-04:00");
    assert_eq!(server.refusal(query, json!({ "from": cuiaba(), "to": to, "mode": "WALK" })).await, "NO_WAY");
}

#[tokio::test]
async fn bad_requests_are_refused_at_once_with_a_code() {
    let server = TestServer::demo().await;
    let good = || json!({ "cities": ["cuiaba"], "days": [{ "date": "2026-12-12", "start": cuiaba() }] });
    let with = |name: &str, value: Value| {
        let mut request = good();
        request[name] = value;
        request
    };
    let day = |name: &str, value: Value| {
        let mut request = good();
        request["days"][0][name] = value;
        request
    };
    let veu = id(&server, "cachoeira-veu-de-noiva").await;
    let museum = id(&server, "parque-tia-nair").await;
    let mut contradiction = with("mustSee", json!([museum]));
    contradiction["avoid"] = json!([museum]);
    let lisbon = json!({ "location": { "latitude": 38.72, "longitude": -9.14 } });
    let days: Vec<Value> = (1..=90)
        .map(|number| json!({ "date": format!("2027-{:02}-{:02}", number / 28 + 1, number % 28 + 1), "start": cuiaba() }))
        .collect();
    for (what, request, code) in [
        ("an end before the start", day("endTime", json!("07:00")), "BAD_TRIP"),
        ("no days", with("days", json!([])), "BAD_TRIP"),
        ("90 days", with("days", json!(days)), "BAD_TRIP"),
        (
            "days that fall",
            with("days", json!([{ "date": "2026-12-12", "start": cuiaba() }, { "date": "2026-12-11", "start": cuiaba() }])),
            "BAD_TRIP",
        ),
        ("the year 9999", day("date", json!("9999-01-01")), "TIME_OUT_OF_RANGE"),
        ("a start in Lisbon", day("start", lisbon.clone()), "BAD_TRIP"),
        ("a boat", day("mode", json!("BOAT")), "BAD_TRIP"),
        ("no cities", with("cities", json!([])), "BAD_TRIP"),
        ("an unknown city", with("cities", json!(["atlantis"])), "UNKNOWN_CITY"),
        ("an unknown category", with("interests", json!([{ "category": "casino" }])), "UNKNOWN_CATEGORY"),
        ("a weight of 11", with("interests", json!([{ "category": "museum", "weight": 11 }])), "BAD_TRIP"),
        ("a negative weight", with("interests", json!([{ "category": "museum", "weight": -1 }])), "BAD_USER_INPUT"),
        ("a place of another city", with("mustSee", json!([veu])), "BAD_TRIP"),
        ("10,000 places", with("mustSee", json!(vec![veu.clone(); 10_000])), "BAD_TRIP"),
        ("an id of nothing", with("mustSee", json!(["UAAAAAAAAAAAAAAAAAAAAAA"])), "BAD_ID"),
        ("an id that is none", with("avoid", json!(["?"])), "BAD_ID"),
        ("more than is allowed", with("limits", json!([{ "category": "museum", "atLeastPerDay": 2, "atMostPerDay": 1 }])), "BAD_TRIP"),
        (
            "more than anybody visits",
            with("limits", json!(vec![json!({ "category": "museum", "atLeastPerDay": 2_000_000_000 }); 100])),
            "BAD_TRIP",
        ),
        ("a budget in words", with("budget", json!("a lot")), "BAD_USER_INPUT"),
        ("nobody", with("people", json!(0)), "BAD_TRIP"),
        ("less than nobody", with("people", json!(-1)), "BAD_USER_INPUT"),
        ("a negative way on foot", with("walkingLimitMeters", json!(-1)), "BAD_USER_INPUT"),
        ("a negative age", with("youngestAge", json!(-1)), "BAD_USER_INPUT"),
        ("a negative budget", with("budget", json!("-1.00")), "BAD_USER_INPUT"),
        ("a place insisted on and avoided", contradiction, "BAD_TRIP"),
        ("an end in Lisbon", day("end", lisbon.clone()), "BAD_TRIP"),
        ("a day that is none", day("date", json!("2026-02-30")), "BAD_USER_INPUT"),
        ("booked at a time without a zone", with("bookedAt", json!("2026-12-01T08:00:00")), "BAD_USER_INPUT"),
        ("lunch that ends before it begins", with("lunch", json!({ "from": "14:00", "to": "11:00" })), "BAD_TRIP"),
        ("a time that is none", day("startTime", json!("25:00")), "BAD_USER_INPUT"),
    ] {
        assert_eq!(refusal(&server, &request).await, code, "{what}");
    }
    assert!(plan(&server, &good()).await["days"][0]["stops"].as_array().unwrap().len() > 1);
}

/// With the queue of plans full, those who only read are answered, whoever comes too late is told when to come back, and what was
/// promised is kept.
#[tokio::test(flavor = "multi_thread")]
async fn reads_are_answered_while_sixty_four_plans_wait() {
    let server = TestServer::demo().await;
    let plans = async {
        let ask = async |seed: usize| {
            let request = json!({
                "cities": ["cuiaba", "chapada-dos-guimaraes", "nobres", "pocone", "caceres"], "seed": seed,
                "days": (12..26).map(|day| json!({ "date": format!("2026-12-{day}"), "start": cuiaba() })).collect::<Vec<_>>(),
            });
            let query = "query($request: TripPlanRequest!) { tripPlan(request: $request) { score } }";
            server.answer(query, json!({ "request": request })).await
        };
        futures::future::join_all((0..120).map(ask)).await
    };
    let answered = std::sync::atomic::AtomicUsize::new(0);
    let reads = async {
        loop {
            let health = server.client.get(server.url("/healthz")).send().await.unwrap();
            assert_eq!(health.status(), 200);
            let places = server.ask("{ pointsOfInterest(first: 5) { nodes { slug } } }", json!({})).await;
            assert_eq!(places["pointsOfInterest"]["nodes"].as_array().unwrap().len(), 5);
            answered.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        }
    };
    let plans = tokio::select! { plans = plans => plans, () = reads => unreachable!("they are asked for ever") };
    let busy = plans.iter().filter(|answer| answer["errors"][0]["extensions"]["code"] == "BUSY").collect::<Vec<_>>();
    let made = plans.iter().filter(|answer| answer["data"]["tripPlan"]["score"].as_f64().is_some_and(|score| score > 0.0)).count();
    assert_eq!(made + busy.len(), 120);
    assert!(made >= 64 && !busy.is_empty(), "{made} made, {} busy", busy.len());
    assert!(busy.iter().all(|answer| answer["errors"][0]["extensions"]["retryAfter"].as_u64().is_some_and(|seconds| seconds > 0)));
    // Many plans took long; were a read to wait for them, there would be one or two.
    let answered = answered.load(std::sync::atomic::Ordering::SeqCst);
    assert!(answered > 20, "only {answered} reads were answered meanwhile");
}
