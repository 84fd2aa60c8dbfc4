//! Work that a small question could make: it is counted and ends in `QUERY_TOO_COSTLY`, field by field, while others are answered.

use roteiro::domain::ids::RecordId;
use roteiro::domain::point_of_interest::Hours;
use roteiro::domain::work_budget::WorkBudget;
use roteiro::graphql::limits::{LIMITS, Limits};
use roteiro::identity::rights::Role;
use roteiro::ingest::{demo, synth};
use roteiro::store::Store;
use serde_json::{Value, json};

use crate::support::database::{BOTH, Database, TestDatabase};
use crate::support::event_stream::EventStream;
use crate::support::{TestServer, now};
use crate::trips::saved::save;

/// No bound but the work itself.
const UNPRICED: Limits = Limits { cost: u64::MAX, walk: u64::MAX, ..LIMITS };

async fn demo_on(database: Database, limits: Limits) -> TestServer {
    let database = TestDatabase::create(database).await;
    let store = Store::open(&database.url).await.unwrap();
    store.migrate().await.unwrap();
    demo::load_first_time(&store, true, now()).await.unwrap();
    TestServer::limited(database, store, limits).await
}

/// A server over so many made-up places.
async fn made_up(places: u32, limits: Limits) -> TestServer {
    let database = TestDatabase::create(Database::Sqlite).await;
    let store = Store::open(&database.url).await.unwrap();
    store.migrate().await.unwrap();
    demo::load_first_time(&store, false, now()).await.unwrap();
    // Boundaries take long to read without optimisation.
    database.by_hand("UPDATE municipality SET boundary = NULL WHERE ibge NOT IN (5103403, 5105903)").await;
    synth::fill(&store, places, 11, now()).await.unwrap();
    TestServer::limited(database, store, limits).await
}

/// An encoded line of so many points that goes up and down 555 m, eleven metres further each time.
fn zigzag(points: u32) -> String {
    let point =
        |number: u32| geo::Coord { x: -56.1 + f64::from(number) * 0.0001, y: if number.is_multiple_of(2) { -15.6 } else { -15.595 } };
    polyline::encode_coordinates((0..points).map(point).collect::<geo::LineString>(), 5).unwrap()
}

/// Asks for a line as a variable, so that the document stays small.
fn along_variable(aliases: usize) -> String {
    let fields: String = (0..aliases).map(|alias| format!("a{alias}: pointsOfInterest(where: $where) {{ totalCount }} ")).collect();
    format!("query($where: PointOfInterestFilter) {{ cities {{ slug }} {fields} }}")
}

fn where_along(line: &Value) -> Value {
    let mut corridor = line.clone();
    corridor["maxDistanceMeters"] = json!(100_000);
    json!({ "where": { "alongRoute": corridor } })
}

fn codes(answer: &Value) -> Vec<(Value, &str)> {
    let errors = answer["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
    errors.iter().map(|error| (error["path"].clone(), error["extensions"]["code"].as_str().unwrap())).collect()
}

#[tokio::test]
async fn a_zigzag_asked_for_125_times_is_refused_and_others_are_answered() {
    let server = made_up(3_000, LIMITS).await;
    let line = where_along(&json!({ "polyline": zigzag(2_000) }));
    let question = along_variable(125);
    let (attack, ()) = tokio::join!(server.answer(&question, line.clone()), async {
        for _ in 0..20 {
            assert_eq!(server.ask("{ cities { slug } }", Value::Null).await["cities"].as_array().unwrap().len(), 10);
        }
    });
    assert_eq!((codes(&attack), attack.get("data")), (vec![(Value::Null, "QUERY_TOO_COSTLY")], None));
    // Once it is a question like any other, and the same as with its points.
    let once = server.ask(&along_variable(1), line).await;
    assert!(once["a0"]["totalCount"].as_u64().unwrap() > 100);
    let points: Vec<Value> = (0..2_000)
        .map(|number| json!({ "latitude": if number % 2 == 0 { -15.6 } else { -15.595 }, "longitude": -56.1 + f64::from(number) * 0.0001 }))
        .collect();
    let by_points = server.ask(&along_variable(1), where_along(&json!({ "points": points }))).await;
    assert_eq!(by_points["a0"]["totalCount"], once["a0"]["totalCount"]);
}

#[tokio::test]
async fn what_no_price_stops_ends_with_its_budget() {
    let server = made_up(3_000, UNPRICED).await;
    let line = where_along(&json!({ "polyline": zigzag(2_000) }));
    let question = along_variable(125);
    let (attack, ()) = tokio::join!(server.answer(&question, line), async {
        for _ in 0..20 {
            assert_eq!(server.ask("{ cities { slug } }", Value::Null).await["cities"].as_array().unwrap().len(), 10);
        }
    });
    // What was asked for before the budget was used up, and what takes no work, is answered.
    assert_eq!(attack["data"]["cities"].as_array().unwrap().len(), 10);
    assert!(attack["data"]["a0"]["totalCount"].as_u64().unwrap() > 100);
    let refused = codes(&attack);
    assert!((1..125).contains(&refused.len()), "{} of 125 are refused", refused.len());
    for (path, code) in refused {
        assert_eq!(code, "QUERY_TOO_COSTLY");
        let field = path.as_array().unwrap().iter().fold(&attack["data"], |at, key| &at[key.as_str().unwrap()]);
        assert_eq!(*field, Value::Null, "{path}");
    }
}

#[tokio::test]
async fn a_field_that_spends_its_share_leaves_something_to_the_next() {
    let server = demo_on(Database::Sqlite, Limits { work: 20_000, ..LIMITS }).await;
    // A ring of 400 sides is held against itself before it is read.
    let ring: Vec<[f64; 2]> = (0..=400_u32)
        .map(|side| f64::from(side % 400) / 400.0 * std::f64::consts::TAU)
        .map(|angle| [-56.0 + angle.cos(), -15.5 + angle.sin()])
        .collect();
    let query = "query($area: GeoJSON!) {
        dear: pointsOfInterest(where: { within: { polygon: $area } }) { nodes { slug } }
        near: pointsOfInterest(near: { latitude: -15.6, longitude: -56.1 }, first: 1) { nodes { slug } }
        cities { slug } }";
    let answer = server.answer(query, json!({ "area": { "type": "Polygon", "coordinates": [ring] } })).await;
    assert_eq!(codes(&answer), [(json!(["dear"]), "QUERY_TOO_COSTLY")], "{answer:#}");
    assert_eq!(answer["data"]["dear"], Value::Null);
    assert_eq!(answer["data"]["near"]["nodes"].as_array().unwrap().len(), 1);
    assert_eq!(answer["data"]["cities"].as_array().unwrap().len(), 10);
}

/// Questions whose work grows with what is in the catalogue: the question, and the path of the field that is null.
fn questions(place: &str, event: &str) -> Vec<(String, Value)> {
    let place = |field: &str| format!("pointOfInterest(by: {{ slug: \"{place}\" }}) {{ slug {field} }}");
    let event = |field: &str| format!("event(by: {{ slug: \"{event}\" }}) {{ slug {field} }}");
    let request = "{ cities: [\"cuiaba\"], days: [{ date: \"2026-12-12\", start: { location: { latitude: -15.6, longitude: -56.1 } } }] }";
    [
        ("pointsOfInterest { totalCount }".to_owned(), json!(["pointsOfInterest"])),
        ("pointsOfInterest(orderBy: NAME, last: 2) { nodes { slug } }".to_owned(), json!(["pointsOfInterest"])),
        ("pointsOfInterest(near: { latitude: -15.6, longitude: -56.1 }) { nodes { slug } }".to_owned(), json!(["pointsOfInterest"])),
        ("pointsOfInterest(where: { text: \"museu\" }) { nodes { slug } }".to_owned(), json!(["pointsOfInterest"])),
        ("pointsOfInterest(where: { openAt: \"2026-11-23T14:00:00Z\" }) { nodes { slug } }".to_owned(), json!(["pointsOfInterest"])),
        ("mapClusters(within: { south: -18, west: -61, north: -7, east: -50 }, zoom: 5) { count }".to_owned(), json!(["mapClusters"])),
        ("search(text: \"museu\") { nodes { __typename } }".to_owned(), json!(["search"])),
        ("suggest(prefix: \"mus\") { text }".to_owned(), json!(["suggest"])),
        ("events { nodes { id } }".to_owned(), json!(["events"])),
        ("unannouncedEvents { nodes { id } }".to_owned(), json!(["unannouncedEvents"])),
        ("routes { nodes { id } }".to_owned(), json!(["routes"])),
        ("changes { cursor }".to_owned(), json!(["changes"])),
        (format!("tripPlan(request: {request}) {{ score }}"), json!(["tripPlan"])),
        (place("nearby { nodes { slug } }"), json!(["pointOfInterest", "nearby"])),
        (place("events { nodes { id } }"), json!(["pointOfInterest", "events"])),
        (event("occurrences { id }"), json!(["event", "occurrences"])),
        (event("otherEditions { slug }"), json!(["event", "otherEditions"])),
    ]
    .into()
}

#[tokio::test]
async fn every_question_that_looks_through_the_catalogue_draws_from_the_budget() {
    for database in BOTH {
        let (poor, rich) = (demo_on(database, Limits { work: 1, ..LIMITS }).await, demo_on(database, LIMITS).await);
        let snapshot = poor.holder.current();
        let place = snapshot.shards.iter().find_map(|shard| shard.places.iter().next()).unwrap().slug.to_string();
        let event = snapshot.shards.iter().flat_map(|shard| shard.events.iter()).find(|event| event.series.is_some()).unwrap();
        for (question, path) in questions(&place, &event.slug) {
            let question = format!("{{ cities {{ slug }} {question} }}");
            let answer = poor.answer(&question, Value::Null).await;
            assert_eq!(codes(&answer), [(path.clone(), "QUERY_TOO_COSTLY")], "{question}\n{answer:#}");
            let pointer: String = path.as_array().unwrap().iter().map(|part| format!("/{}", part.as_str().unwrap())).collect();
            assert_eq!(answer["data"].pointer(&pointer), Some(&Value::Null), "{question}\n{answer:#}");
            assert_eq!(answer["data"]["cities"].as_array().unwrap().len(), 10, "{question}");
            assert_eq!(codes(&rich.answer(&question, Value::Null).await), [], "{question}");
        }
    }
}

#[tokio::test]
async fn a_count_that_asks_for_too_much_leaves_the_page() {
    // 64 steps of the page are paid for, and as many of the count are not.
    let server = made_up(2_000, Limits { work: 2_000, ..LIMITS }).await;
    let question = "{ pointsOfInterest(near: { latitude: -15.6, longitude: -56.1 }, first: 1) { nodes { slug } totalCount } }";
    let answer = server.answer(question, Value::Null).await;
    assert_eq!(codes(&answer), [(json!(["pointsOfInterest", "totalCount"]), "QUERY_TOO_COSTLY")], "{answer:#}");
    assert_eq!(answer["data"]["pointsOfInterest"]["nodes"].as_array().unwrap().len(), 1);
    assert_eq!(answer["data"]["pointsOfInterest"]["totalCount"], Value::Null);
}

#[tokio::test]
async fn days_of_opening_hours_are_paid_for_one_by_one() {
    let server = demo_on(Database::Sqlite, Limits { work: 40, ..LIMITS }).await;
    let snapshot = server.holder.current();
    // A value that depends on the weekday alone takes a unit a day.
    let none = WorkBudget::new(0);
    let weekly = snapshot.shards.iter().flat_map(|shard| shard.places.iter()).find(|place| match &place.hours {
        Hours::Known(hours) => hours.state_within(now(), &none).is_ok(),
        Hours::Unknown | Hours::Unreadable { .. } => false,
    });
    let question = |to: &str| {
        format!(
            "{{ pointOfInterest(by: {{ slug: \"{}\" }}) {{ openingHours {{ state days(from: \"2026-12-01\", to: \"{to}\") {{ date }} }} }} }}",
            weekly.unwrap().slug
        )
    };
    let answer = server.answer(&question("2027-01-31"), Value::Null).await;
    assert_eq!(codes(&answer), [(json!(["pointOfInterest", "openingHours", "days"]), "QUERY_TOO_COSTLY")], "{answer:#}");
    assert_eq!(answer["data"]["pointOfInterest"]["openingHours"]["days"], Value::Null);
    assert_eq!(codes(&server.answer(&question("2026-12-02"), Value::Null).await), []);
}

#[tokio::test]
async fn each_round_of_a_subscription_has_a_budget() {
    let server = demo_on(Database::Sqlite, Limits { work: 1_000, ..LIMITS }).await;
    let question = "subscription($after: Cursor) { catalogueChanged(after: $after) { cursor entries { id } } }";
    let mut present = EventStream::ask(&server.client, &server.url("/graphql"), question, json!({})).await;
    let event = present.result().await;
    let cursor = event["data"]["catalogueChanged"]["cursor"].clone();
    assert!(cursor.is_string(), "{event:#}");
    drop(present);
    // Whoever comes back has the changes looked through, which takes more than this server gives.
    let mut back = EventStream::ask(&server.client, &server.url("/graphql"), question, json!({ "after": cursor })).await;
    let event = back.result().await;
    assert_eq!(event["errors"][0]["extensions"]["code"], "QUERY_TOO_COSTLY", "{event:#}");
    assert_eq!(back.next().await.map(|(name, _)| name).as_deref(), Some("complete"));
}

#[tokio::test]
async fn a_shared_trip_is_written_within_a_budget_in_every_form() {
    for database in BOTH {
        let day = json!({ "date": "2026-12-12", "start": { "location": { "latitude": -15.596, "longitude": -56.097 } } });
        let request = json!({ "cities": ["cuiaba"], "lunch": {}, "days": [day] });
        // A plan takes nothing of the request that saves it; looking at its stops again does.
        let server = demo_on(database, Limits { work: 20, ..LIMITS }).await;
        let (visitor, _) = server.sign_in().await;
        let trip = save(&server, &visitor, "Museus", &request).await;
        let share = "mutation($id: ID!) { shareTrip(input: { id: $id }) { share { token } } }";
        let shared = server.ask_as(&visitor, share, json!({ "id": trip })).await;
        let token = shared["shareTrip"]["share"]["token"].as_str().unwrap();
        let stops = "query($id: ID!) { trip(by: { id: $id }) { plan { days { stops { slack } } } } }";
        let planned = server.ask_as(&visitor, stops, json!({ "id": trip })).await;
        assert!(!planned["trip"]["plan"]["days"][0]["stops"].as_array().unwrap().is_empty(), "{planned:#}");
        for form in [".ics", ".gpx", ".geojson"] {
            let response = server.client.get(server.url(&format!("/trips/{token}{form}"))).send().await.unwrap();
            assert_eq!(response.status().as_u16(), 400, "{form}");
            assert!(response.text().await.unwrap().contains("QUERY_TOO_COSTLY"), "{form}");
        }
        let issues =
            server.answer_to(&visitor, "query($id: ID!) { trip(by: { id: $id }) { title issues { code } } }", json!({ "id": trip })).await;
        assert_eq!(codes(&issues), [(json!(["trip", "issues"]), "QUERY_TOO_COSTLY")], "{issues:#}");
        assert_eq!(issues["data"]["trip"], json!({ "title": "Museus", "issues": null }));
        let mut watched = EventStream::open(
            server
                .client
                .post(server.url("/graphql"))
                .bearer_auth(&visitor)
                .json(&json!({ "query": "subscription { tripIssues { title } }" })),
        )
        .await;
        assert_eq!(watched.result().await["errors"][0]["extensions"]["code"], "QUERY_TOO_COSTLY");
    }
}

#[tokio::test]
async fn what_helps_editors_draws_from_the_budget() {
    for database in BOTH {
        let server = demo_on(database, Limits { work: 100, ..LIMITS }).await;
        let (_, token) = server.account(Role::CityAdmin, Some("cuiaba")).await;
        let query = "{ viewer { __typename } editorialQueue(city: \"cuiaba\") { totalCount }
            hoursPreview(city: \"cuiaba\", openingHours: \"Mo-Fr 08:00-18:00; PH off\") { problem } }";
        let answer = server.answer_to(&token, query, json!({})).await;
        assert_eq!(
            codes(&answer).into_iter().collect::<std::collections::HashMap<_, _>>(),
            [(json!(["editorialQueue"]), "QUERY_TOO_COSTLY"), (json!(["hoursPreview"]), "QUERY_TOO_COSTLY")].into(),
            "{answer:#}"
        );
        assert_eq!(answer["data"], json!({ "viewer": { "__typename": "Account" }, "editorialQueue": null, "hoursPreview": null }));
        let content = crate::drafts::place("museu-novo");
        let create = "mutation($input: CreateDraftInput!) { createDraft(input: $input) { draft { id } userErrors { message } } }";
        let begun =
            server.answer_to(&token, create, json!({ "input": { "city": "cuiaba", "content": { "pointOfInterest": content } } })).await;
        let id = &begun["data"]["createDraft"]["draft"]["id"];
        assert!(id.is_string(), "{begun:#}");
        let query =
            "query($id: ID!) { draft(id: $id) { name problems { code } hoursPreview { problem } possibleDuplicates { nameSimilarity } } }";
        let answer = server.answer_to(&token, query, json!({ "id": id })).await;
        let refused: Vec<Value> = codes(&answer).into_iter().map(|(path, _)| path[1].clone()).collect();
        assert_eq!(refused, ["problems", "hoursPreview", "possibleDuplicates"], "{answer:#}");
        assert!(answer["data"]["draft"]["name"].is_string());
    }
}

#[tokio::test]
async fn ids_of_events_are_looked_up_and_not_searched_for() {
    // A look-up draws nothing, however many events there are.
    let server = demo_on(Database::Sqlite, Limits { work: 0, ..LIMITS }).await;
    let snapshot = server.holder.current();
    for event in snapshot.shards.iter().flat_map(|shard| shard.events.iter()) {
        assert_eq!(snapshot.event(event.id).map(|found| found.record.id), Some(event.id));
        assert_eq!(snapshot.event_by_slug(&event.slug).map(|found| found.record.id), Some(event.id));
    }
    for route in snapshot.shards.iter().flat_map(|shard| shard.routes.iter()) {
        assert_eq!(snapshot.route(route.id).map(|found| found.record.id), Some(route.id));
        assert_eq!(snapshot.route_by_slug(&route.slug).map(|found| found.record.id), Some(route.id));
    }
    assert!(snapshot.event(RecordId(uuid::Uuid::nil())).is_none() && snapshot.route_by_slug("nowhere").is_none());
}
