//! Saved trips: whose they are, what becomes of two changes at once, and the links to them.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::ask::{PLAN, cuiaba, id};
use crate::support::TestServer;
use crate::support::database::{BOTH, Database};
use crate::support::program::Served;

pub const SAVE: &str = "mutation($input: SaveTripInput!) { saveTrip(input: $input) {
    trip { id title note version createdAt updatedAt } userErrors { field code message } } }";
const UPDATE: &str = "mutation($input: UpdateTripInput!) { updateTrip(input: $input) { outcome userErrors { field code message }
    trip { id title note version request { mustSee avoid people days { date endTime } } }
    conflict { fields base { title } mine { title note request { people } } theirs { title note request { people } } } } }";
const SHARE: &str = "mutation($id: ID!) { shareTrip(input: { id: $id }) { share { token path createdAt } userErrors { code field } } }";
const REVOKE: &str =
    "mutation($token: String!) { revokeShare(input: { token: $token }) { trip { id shares { token } } userErrors { code field } } }";
const DELETE: &str = "mutation($input: DeleteTripInput!) { deleteTrip(input: $input) { deletedTripId userErrors { code field } } }";
const BY_ID: &str = "query($id: ID!) { trip(by: { id: $id }) { title version shares { token } } }";
const BY_TOKEN: &str =
    "query($token: String!) { trip(by: { shareToken: $token }) { title shares { token } plan { days { stops { subjectId } } } } }";

/// A day in Cuiabá.
pub fn a_day() -> Value {
    json!({ "cities": ["cuiaba"], "days": [{ "date": "2026-12-12", "start": cuiaba() }], "interests": [{ "category": "museum" }] })
}

/// Saves a trip and gives its id.
pub async fn save(server: &TestServer, token: &str, title: &str, request: &Value) -> Value {
    let saved = server.ask_as(token, SAVE, json!({ "input": { "title": title, "request": request } })).await["saveTrip"].take();
    assert_eq!(saved["userErrors"], json!([]), "{saved:#}");
    saved["trip"]["id"].clone()
}

async fn update(server: &TestServer, token: &str, input: Value) -> Value {
    server.ask_as(token, UPDATE, json!({ "input": input })).await["updateTrip"].take()
}

fn sorted(list: &Value) -> BTreeSet<String> {
    list.as_array().unwrap().iter().map(|one| one.as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_saved_trip_is_its_owners_alone() {
    for database in BOTH {
        let server = TestServer::demo_on(database).await;
        let ((mine, _), (other, _)) = (server.sign_in().await, server.sign_in().await);
        let request = a_day();
        let trip = save(&server, &mine, "Museus", &request).await;
        let query = format!(
            "query($id: ID!) {{ trip(by: {{ id: $id }}) {{
                title note version issues {{ code }} repair {{ score }} plan {{ {PLAN} }}
                request {{ cities days {{ date startTime endTime start {{ location {{ latitude longitude }} }} mode }} interests {{ category weight }} people pace unknownHours }} }} }}"
        );
        let read = server.ask_as(&mine, &query, json!({ "id": trip })).await;
        let query = format!("query($request: TripPlanRequest!) {{ tripPlan(request: $request) {{ {PLAN} }} }}");
        let planned = server.ask(&query, json!({ "request": request })).await;
        assert_eq!(read["trip"]["plan"], planned["tripPlan"]);
        assert_eq!((&read["trip"]["version"], &read["trip"]["issues"], &read["trip"]["repair"]), (&json!(1), &json!([]), &Value::Null));
        let wished = json!({
            "cities": ["cuiaba"], "people": 1, "pace": "MODERATE", "unknownHours": "ALLOW_WITH_WARNING",
            "days": [{ "date": "2026-12-12", "startTime": "08:30", "endTime": "18:30", "mode": "CAR",
                "start": { "location": { "latitude": -15.596, "longitude": -56.097 } } }],
            "interests": [{ "category": "museum", "weight": 8 }],
        });
        assert_eq!(read["trip"]["request"], wished);
        assert_eq!(server.ask_as(&mine, "{ trips { title } }", json!({})).await, json!({ "trips": [{ "title": "Museus" }] }));

        // Others, and those without a token, learn nothing of it, and change nothing.
        assert_eq!(server.ask_as(&other, BY_ID, json!({ "id": trip })).await, json!({ "trip": null }));
        assert_eq!(server.ask_as(&other, "{ trips { title } }", json!({})).await, json!({ "trips": [] }));
        assert_eq!(server.refusal(BY_ID, json!({ "id": trip })).await, "UNAUTHENTICATED");
        assert_eq!(server.ask_as(&mine, "query($id: ID!) { node(id: $id) { id } }", json!({ "id": trip })).await, json!({ "node": null }));
        let theirs = update(&server, &other, json!({ "id": trip, "expectedVersion": 1, "title": "Meu" })).await;
        assert_eq!(theirs["userErrors"][0]["code"], "NOT_FOUND");
        for (query, variables) in [(SHARE, json!({ "id": trip })), (DELETE, json!({ "input": { "id": trip } }))] {
            let answer = server.ask_as(&other, query, variables.clone()).await;
            let payload = answer.as_object().unwrap().values().next().unwrap();
            assert_eq!(payload["userErrors"], json!([{ "code": "NOT_FOUND", "field": ["input", "id"] }]));
            assert_eq!(server.refusal(query, variables).await, "UNAUTHENTICATED");
        }

        // Deleted is deleted, with the links to it.
        let token = server.ask_as(&mine, SHARE, json!({ "id": trip })).await["shareTrip"]["share"]["token"].take();
        let stale = server.ask_as(&mine, DELETE, json!({ "input": { "id": trip, "expectedVersion": 7 } })).await;
        assert_eq!(stale["deleteTrip"]["userErrors"][0]["code"], "CHANGED");
        let deleted = server.ask_as(&mine, DELETE, json!({ "input": { "id": trip, "expectedVersion": 1 } })).await;
        assert_eq!(deleted["deleteTrip"]["deletedTripId"], trip);
        assert_eq!(server.ask_as(&mine, BY_ID, json!({ "id": trip })).await, json!({ "trip": null }));
        assert_eq!(server.ask(BY_TOKEN, json!({ "token": token })).await, json!({ "trip": null }));
    }
}

#[tokio::test]
async fn a_request_sent_twice_saves_once() {
    for database in BOTH {
        let server = TestServer::demo_on(database).await;
        let ((mine, _), (other, _)) = (server.sign_in().await, server.sign_in().await);
        let input = json!({ "input": { "title": "Uma vez", "request": a_day(), "idempotencyKey": "k1" } });
        let all = futures::future::join_all((0..6).map(|_| server.ask_as(&mine, SAVE, input.clone()))).await;
        let ids: BTreeSet<String> = all.iter().map(|answer| answer["saveTrip"]["trip"]["id"].as_str().unwrap().to_owned()).collect();
        assert_eq!(ids.len(), 1, "{all:?}");
        let theirs = server.ask_as(&other, SAVE, input).await["saveTrip"]["trip"]["id"].clone();
        assert!(!ids.contains(theirs.as_str().unwrap()), "a key is a visitor's own");
    }
}

#[tokio::test]
async fn changes_of_two_devices_are_merged_or_shown() {
    for database in BOTH {
        let server = TestServer::demo_on(database).await;
        let (mine, _) = server.sign_in().await;
        let trip = save(&server, &mine, "Museus", &a_day()).await;
        let museum = id(&server, "parque-tia-nair").await;

        let mut for_three = a_day();
        for_three["people"] = json!(3);
        let phone = update(&server, &mine, json!({ "id": trip, "expectedVersion": 1, "title": "Com a vó", "request": for_three })).await;
        assert_eq!((&phone["outcome"], &phone["trip"]["version"]), (&json!("SAVED"), &json!(2)));

        // The tablet was offline: it still had version 1.
        let mut longer = a_day();
        longer["days"][0]["endTime"] = json!("20:00");
        longer["avoid"] = json!([museum]);
        let tablet = update(&server, &mine, json!({ "id": trip, "expectedVersion": 1, "note": "levar água", "request": longer })).await;
        assert_eq!(tablet["outcome"], "MERGED", "{tablet:#}");
        let merged = &tablet["trip"];
        assert_eq!((&merged["title"], &merged["note"], &merged["version"]), (&json!("Com a vó"), &json!("levar água"), &json!(3)));
        assert_eq!((&merged["request"]["people"], &merged["request"]["days"][0]["endTime"]), (&json!(3), &json!("20:00")));

        // The same field, changed twice: nothing is written, both sides are shown.
        let mut for_five = a_day();
        for_five["people"] = json!(5);
        let clash = update(&server, &mine, json!({ "id": trip, "expectedVersion": 1, "title": "Sem a vó", "request": for_five })).await;
        assert_eq!(clash["outcome"], "CONFLICT");
        assert_eq!(clash["conflict"]["fields"], json!(["people", "title"]));
        assert_eq!(clash["conflict"]["base"]["title"], "Museus");
        assert_eq!(clash["conflict"]["mine"], json!({ "title": "Sem a vó", "note": null, "request": { "people": 5 } }));
        assert_eq!(clash["conflict"]["theirs"], json!({ "title": "Com a vó", "note": "levar água", "request": { "people": 3 } }));
        assert_eq!(clash["trip"]["version"], 3);
        let kept = server.ask_as(&mine, BY_ID, json!({ "id": trip })).await;
        assert_eq!((&kept["trip"]["title"], &kept["trip"]["version"]), (&json!("Com a vó"), &json!(3)));

        // What goes together field by field and makes no sense as a whole is a conflict too: one avoids it, the other insists.
        let mut insists = a_day();
        insists["mustSee"] = json!([museum]);
        let clash = update(&server, &mine, json!({ "id": trip, "expectedVersion": 1, "request": insists })).await;
        assert_eq!(clash["outcome"], "CONFLICT", "{clash:#}");

        // The same change again, its answer lost on the way, changes nothing.
        let again = update(&server, &mine, json!({ "id": trip, "expectedVersion": 3, "title": "Com a vó" })).await;
        assert_eq!((&again["outcome"], &again["trip"]["version"]), (&json!("SAVED"), &json!(3)));
        let cleared = update(&server, &mine, json!({ "id": trip, "expectedVersion": 3, "note": null })).await;
        assert_eq!(cleared["trip"]["note"], Value::Null);
        let ahead = update(&server, &mine, json!({ "id": trip, "expectedVersion": 9, "title": "?" })).await;
        assert_eq!(ahead["userErrors"][0]["field"], json!(["input", "expectedVersion"]));
    }
}

#[tokio::test]
async fn no_change_is_lost_when_many_come_at_once() {
    for database in BOTH {
        let server = TestServer::demo_on(database).await;
        let (mine, _) = server.sign_in().await;
        let trip = save(&server, &mine, "Corrida", &a_day()).await;
        let places = server.ask("{ pointsOfInterest(first: 8, where: { city: [\"cuiaba\"] }) { nodes { id } } }", json!({})).await;
        let places: Vec<Value> = places["pointsOfInterest"]["nodes"].as_array().unwrap().iter().map(|place| place["id"].clone()).collect();
        assert_eq!(places.len(), 8);
        let device = async |place: &Value| {
            let mut request = a_day();
            request["avoid"] = json!([place]);
            let input = json!({ "input": { "id": trip, "expectedVersion": 1, "request": request } });
            // Told that too many come at once, an app tries again.
            for _ in 0..50 {
                let answer = server.answer_to(&mine, UPDATE, input.clone()).await;
                if answer["errors"][0]["extensions"]["code"] == "BUSY" {
                    continue;
                }
                return answer["data"]["updateTrip"]["outcome"].clone();
            }
            panic!("always busy");
        };
        let outcomes = futures::future::join_all(places.iter().map(device)).await;
        assert!(outcomes.iter().all(|outcome| outcome == "SAVED" || outcome == "MERGED"), "{outcomes:?}");
        assert_eq!(outcomes.iter().filter(|outcome| *outcome == "SAVED").count(), 1, "{outcomes:?}");
        let read =
            server.ask_as(&mine, "query($id: ID!) { trip(by: { id: $id }) { version request { avoid } } }", json!({ "id": trip })).await;
        assert_eq!(read["trip"]["version"], 9);
        assert_eq!(sorted(&read["trip"]["request"]["avoid"]), sorted(&json!(places)));
    }
}

#[tokio::test]
async fn a_change_made_from_a_forgotten_version_is_never_silent() {
    let server = TestServer::demo().await;
    let (mine, _) = server.sign_in().await;
    let trip = save(&server, &mine, "0", &a_day()).await;
    for version in 1..=25 {
        update(&server, &mine, json!({ "id": trip, "expectedVersion": version, "title": version.to_string() })).await;
    }
    // It is at version 26, and ten are kept.
    let late = update(&server, &mine, json!({ "id": trip, "expectedVersion": 16, "note": "oi" })).await;
    assert_eq!((&late["outcome"], &late["conflict"]["base"]), (&json!("CONFLICT"), &Value::Null));
    assert_eq!(late["conflict"]["fields"], json!(["note"]));
    let known = update(&server, &mine, json!({ "id": trip, "expectedVersion": 17, "note": "oi" })).await;
    assert_eq!((&known["outcome"], &known["trip"]["title"]), (&json!("MERGED"), &json!("25")));
}

#[tokio::test]
async fn a_link_lets_anybody_read_until_it_is_revoked() {
    for database in BOTH {
        let server = TestServer::demo_on(database).await;
        let ((mine, _), (other, _)) = (server.sign_in().await, server.sign_in().await);
        let trip = save(&server, &mine, "Para os amigos", &a_day()).await;
        let shared = server.ask_as(&mine, SHARE, json!({ "id": trip })).await["shareTrip"].take();
        let token = shared["share"]["token"].clone();
        assert_eq!(shared["share"]["path"], format!("/trips/{}", token.as_str().unwrap()));
        assert!(token.as_str().unwrap().len() >= 43);
        let read = server.ask(BY_TOKEN, json!({ "token": token })).await["trip"].take();
        assert_eq!((&read["title"], &read["shares"]), (&json!("Para os amigos"), &Value::Null), "readers learn nothing of other links");
        assert!(!read["plan"]["days"][0]["stops"].as_array().unwrap().is_empty());

        // Who has the link does not own the trip.
        let theirs = server.ask_as(&other, REVOKE, json!({ "token": token })).await;
        assert_eq!(theirs["revokeShare"]["userErrors"], json!([{ "code": "NOT_FOUND", "field": ["input", "token"] }]));
        assert!(server.ask(BY_TOKEN, json!({ "token": token })).await["trip"].is_object());

        let second = server.ask_as(&mine, SHARE, json!({ "id": trip })).await["shareTrip"]["share"]["token"].take();
        let revoked = server.ask_as(&mine, REVOKE, json!({ "token": token })).await["revokeShare"].take();
        assert_eq!(revoked["trip"]["shares"], json!([{ "token": second }]));
        assert_eq!(server.ask(BY_TOKEN, json!({ "token": token })).await, json!({ "trip": null }));
        assert!(server.ask(BY_TOKEN, json!({ "token": second })).await["trip"].is_object());
        for _ in 0..19 {
            server.ask_as(&mine, SHARE, json!({ "id": trip })).await;
        }
        let more = server.ask_as(&mine, SHARE, json!({ "id": trip })).await;
        assert_eq!(more["shareTrip"]["userErrors"][0]["code"], "LIMIT_REACHED");
    }
}

#[tokio::test]
async fn what_cannot_be_saved_is_said_by_field() {
    let server = TestServer::demo().await;
    let (mine, _) = server.sign_in().await;
    let with = |name: &str, value: Value| {
        let mut input = json!({ "title": "T", "request": a_day() });
        input[name] = value;
        input
    };
    let of_request = |name: &str, value: Value| {
        let mut request = a_day();
        request[name] = value;
        with("request", request)
    };
    let veu = id(&server, "cachoeira-veu-de-noiva").await;
    for (what, input, field, code) in [
        ("no title", with("title", json!("  ")), "title", "BAD_USER_INPUT"),
        ("a long title", with("title", json!("ã".repeat(201))), "title", "BAD_USER_INPUT"),
        ("a long note", with("note", json!("x".repeat(5_001))), "note", "BAD_USER_INPUT"),
        ("a long key", with("idempotencyKey", json!("x".repeat(101))), "idempotencyKey", "BAD_USER_INPUT"),
        ("no days", of_request("days", json!([])), "request", "BAD_TRIP"),
        ("an unknown city", of_request("cities", json!(["atlantis"])), "request", "UNKNOWN_CITY"),
        ("a place of another city", of_request("mustSee", json!([veu])), "request", "BAD_TRIP"),
        ("no id", of_request("avoid", json!(["?"])), "request", "BAD_ID"),
    ] {
        let payload = server.ask_as(&mine, SAVE, json!({ "input": input })).await["saveTrip"].take();
        assert_eq!(payload["userErrors"][0]["field"], json!(["input", field]), "{what}: {payload:#}");
        assert_eq!((&payload["userErrors"][0]["code"], &payload["trip"]), (&json!(code), &Value::Null), "{what}");
    }
    assert_eq!(server.ask_as(&mine, "{ trips { id } }", json!({})).await, json!({ "trips": [] }), "nothing was saved");
    server.ask_as(&mine, SAVE, json!({ "input": with("title", json!("ã".repeat(200))) })).await;
    for id in ["?", veu.as_str().unwrap(), "VAAAAAAAAAAAAAAAAAAAAAA"] {
        let payload = update(&server, &mine, json!({ "id": id, "expectedVersion": 1, "title": "x" })).await;
        assert_eq!(payload["userErrors"][0]["field"], json!(["input", "id"]), "{payload:#}");
    }
    for first in [0, -1, 101] {
        assert_eq!(server.refusal_to(&mine, &format!("{{ trips(first: {first}) {{ id }} }}"), json!({})).await, "BAD_PAGE");
    }
}

#[tokio::test]
async fn a_visitor_has_a_hundred_trips_at_most() {
    let server = TestServer::demo().await;
    let (mine, _) = server.sign_in().await;
    for number in 0..100 {
        save(&server, &mine, &number.to_string(), &a_day()).await;
    }
    let more = server.ask_as(&mine, SAVE, json!({ "input": { "title": "101", "request": a_day() } })).await;
    assert_eq!(more["saveTrip"]["userErrors"][0]["code"], "LIMIT_REACHED");
    let all = server.ask_as(&mine, "{ trips(first: 100) { title } }", json!({})).await;
    assert_eq!(all["trips"].as_array().unwrap().len(), 100);
}

#[tokio::test]
async fn what_was_acknowledged_survives_a_killed_process() {
    let folder = tempfile::tempdir().unwrap();
    let mut served = Served::start(folder.path(), &[]);
    let client = reqwest::Client::new();
    let ask = async |address: &str, token: Option<&str>, query: &str, variables: Value| -> Value {
        let mut request = client.post(format!("{address}/graphql")).json(&json!({ "query": query, "variables": variables }));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        request.send().await.unwrap().json::<Value>().await.unwrap()["data"].take()
    };
    let address = format!("http://{}", served.address.trim_start_matches("http://"));
    let token = ask(&address, None, "mutation { signInAnonymously { accessToken } }", json!({})).await;
    let token = token["signInAnonymously"]["accessToken"].as_str().unwrap().to_owned();
    let saved = ask(&address, Some(&token), SAVE, json!({ "input": { "title": "Fica", "request": a_day() } })).await;
    let trip = saved["saveTrip"]["trip"]["id"].clone();
    served.child.kill().unwrap();
    served.child.wait().unwrap();
    let served = Served::start(folder.path(), &[]);
    let address = format!("http://{}", served.address.trim_start_matches("http://"));
    let read = ask(&address, Some(&token), BY_ID, json!({ "id": trip })).await;
    assert_eq!(read["trip"]["title"], "Fica");
}

/// Reads go on while the database is away; what is saved says that it cannot be reached, and nothing internal.
#[tokio::test]
async fn without_the_database_saved_trips_say_so() {
    let server = TestServer::demo_on(Database::Sqlite).await;
    let (mine, _) = server.sign_in().await;
    server.database.by_hand("ALTER TABLE trip RENAME TO trip_gone").await;
    let answer = server.answer_to(&mine, "{ trips { id } }", json!({})).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAVAILABLE");
    assert!(!answer.to_string().contains("trip_gone") && !answer.to_string().contains("no such table"), "{answer}");
    assert!(server.ask("{ catalogue { version } }", json!({})).await["catalogue"]["version"].is_string());
}

/// What stands in the store was written by every version there ever was: this is how the first one wrote, and it may never change.
#[tokio::test]
async fn a_trip_is_read_as_the_first_version_wrote_it() {
    let content = r#"{"title":"Antigo","note":null,"cities":["cuiaba"],"days":[{"date":"2026-12-12","startTime":"08:30:00","endTime":"18:30:00",
        "start":{"location":[-15.596,-56.097],"pointOfInterest":null},
        "end":{"location":[-15.596,-56.097],"pointOfInterest":null},"mode":"CAR"}],
        "interests":[{"category":"museum","weight":8}],"mustSee":[],"avoid":[],
        "limits":[{"category":"museum","atLeastPerDay":0,"atMostPerDay":2,"atLeastPerTrip":1,"atMostPerTrip":null}],
        "lunch":{"from":"11:30:00","to":"14:00:00"},"accessibleFor":["WHEELCHAIR"],"accessibilityUnknown":"ALLOW_WITH_WARNING",
        "unknownHours":"EXCLUDE","youngestAge":7,"fourWheelDrive":false,"bookedAt":"2026-12-01T12:00:00Z","budget":15000,"people":2,
        "walkingLimitMeters":5000,"pace":"RELAXED","seed":3,"keep":[]}"#;
    let plan = r#"{"days":[{"date":"2026-12-12","zone":"America/Cuiaba","depart":"2026-12-12T12:30:00Z","arrive":"2026-12-12T15:00:00Z",
        "stops":[{"subject":{"POINT_OF_INTEREST":"00000000-0000-4000-8000-000000000001"},"arrive":"2026-12-12T13:00:00Z",
            "start":"2026-12-12T13:00:00Z","depart":"2026-12-12T14:00:00Z","slack_seconds":60,
            "reasons":["MUST_SEE",{"MATCHES_INTEREST":"museum"},{"CLOSE_TO_PREVIOUS":12}],
            "warnings":["UNKNOWN_HOURS",{"ASSUMED_DURATION":60},{"BOOK_AHEAD":null}],"alternatives":[],"score":7}],
        "legs":[{"mode":"CAR","depart":"2026-12-12T12:30:00Z","arrive":"2026-12-12T13:00:00Z","metres":900,
            "from":[-15.596,-56.097],"to":[-15.6,-56.1],"confidence":"ESTIMATED"},
            {"mode":"CAR","depart":"2026-12-12T14:00:00Z","arrive":"2026-12-12T15:00:00Z","metres":900,
            "from":[-15.6,-56.1],"to":[-15.596,-56.097],"confidence":"ROUTED"}],
        "walked_metres":0}],"score":7,"dropped":[{"subject":{"EVENT":["00000000-0000-4000-8000-000000000002","2026-12-12T13:00:00Z"]},
            "must_see":true,"reason":{"MINIMUM_AGE":12}}],"warnings":["ESTIMATED_TRAVEL",{"NO_LUNCH":"2026-12-12"},{"TOO_FEW":["museum",null]}],
        "catalogue_version":5,"iterations":600,"milliseconds":20}"#;
    for database in BOTH {
        let server = TestServer::demo_on(database).await;
        let (mine, _) = server.sign_in().await;
        let trip = save(&server, &mine, "Novo", &a_day()).await;
        server.database.by_hand(&format!("UPDATE trip_version SET content = '{content}', plan = '{plan}'")).await;
        let query = "query($id: ID!) { trip(by: { id: $id }) { title
            request { pace budget people lunch { from } limits { atMostPerDay } bookedAt accessibleFor days { endTime start { location { latitude } } } }
            plan { score solver { iterations bound } warnings { code } days { stops { reasons { code } warnings { code } } legs { confidence } } droppedCandidates { code } } } }";
        let read = server.ask_as(&mine, query, json!({ "id": trip })).await["trip"].take();
        let expected = json!({
            "title": "Antigo",
            "request": { "pace": "RELAXED", "budget": "150.00", "people": 2, "lunch": { "from": "11:30" }, "limits": [{ "atMostPerDay": 2 }],
                "bookedAt": "2026-12-01T12:00:00Z", "accessibleFor": ["WHEELCHAIR"],
                "days": [{ "endTime": "18:30", "start": { "location": { "latitude": -15.596 } } }] },
            "plan": { "score": 7.0, "solver": { "iterations": 600, "bound": null },
                "warnings": [{ "code": "ESTIMATED_TRAVEL" }, { "code": "NO_LUNCH" }, { "code": "TOO_FEW" }],
                "days": [{ "stops": [{ "reasons": [{ "code": "MUST_SEE" }, { "code": "MATCHES_INTEREST" }, { "code": "CLOSE_TO_PREVIOUS" }],
                        "warnings": [{ "code": "UNKNOWN_HOURS" }, { "code": "ASSUMED_DURATION" }, { "code": "BOOK_AHEAD" }] }],
                    "legs": [{ "confidence": "ESTIMATED" }, { "confidence": "ROUTED" }] }],
                "droppedCandidates": [{ "code": "MINIMUM_AGE" }] },
        });
        assert_eq!(read, expected);
    }
}
