//! What is published after a trip was saved, and what the trip says of it.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use serde_json::{Value, json};

use super::ask::PLAN;
use super::saved::save;
use super::validator::faults;
use crate::support::city_file::{event, file, import_into, place};
use crate::support::database::{BOTH, Database};
use crate::support::web_socket::Client;
use crate::support::{TestServer, graphql_ws};

const TRIP: &str = "query($id: ID!) { trip(by: { id: $id }) { version
    issues { code reason date start end movedTo subjectId text { value language } subject { ... on PointOfInterest { slug } ... on EventOccurrence { event { slug } } } }
    repair { days { stops { subject { ... on PointOfInterest { slug } } } } } plan { days { stops { subject { ... on PointOfInterest { slug } } } } } } }";

/// A city with three places that are open on the Monday of the trip, and a feast in the evening.
fn published() -> (Vec<Value>, Vec<Value>) {
    let mut places =
        vec![place("alfa", "Alfa", -14.72, -56.33), place("beta", "Beta", -14.73, -56.33), place("gama", "Gama", -14.72, -56.34)];
    for place in &mut places {
        place["openingHours"] = json!({ "raw": "Mo-Su 08:00-18:00" });
    }
    let mut feast = event("festa", "Festa", "alfa", "2026-12-14");
    feast["rrule"] = Value::Null;
    feast.as_object_mut().unwrap().remove("rrule");
    (places, vec![feast])
}

fn monday() -> Value {
    let start = json!({ "location": { "latitude": -14.72, "longitude": -56.33 } });
    json!({ "cities": ["nobres"], "days": [{ "date": "2026-12-14", "startTime": "08:00", "endTime": "23:30", "start": start }], "pace": "INTENSE" })
}

async fn publish(server: &TestServer, places: &[Value], events: &[Value]) {
    server.import(&file("alpha", "nobres", places, events, &[])).await;
}

async fn trip(server: &TestServer, token: &str, id: &Value) -> Value {
    server.ask_as(token, TRIP, json!({ "id": id })).await["trip"].take()
}

fn stops(plan: &Value) -> Vec<&str> {
    plan["days"][0]["stops"].as_array().unwrap().iter().filter_map(|stop| stop["subject"]["slug"].as_str()).collect()
}

#[tokio::test]
async fn a_place_that_closes_on_that_monday_is_an_issue_with_a_repair() {
    for database in BOTH {
        let server = TestServer::bare_on(database).await;
        let (mut places, events) = published();
        publish(&server, &places, &events).await;
        let (mine, _) = server.sign_in().await;
        let id = save(&server, &mine, "Segunda", &monday()).await;
        let before = trip(&server, &mine, &id).await;
        assert_eq!((&before["issues"], &before["repair"]), (&json!([]), &Value::Null));
        assert_eq!(stops(&before["plan"]).len(), 3);

        // Another city's news, and a change that breaks nothing, are no issue.
        places[0]["openingHours"] = json!({ "raw": "Mo-Su 07:00-19:00" });
        publish(&server, &places, &events).await;
        assert_eq!(trip(&server, &mine, &id).await["issues"], json!([]));

        places[0]["openingHours"] = json!({ "raw": "Tu-Su 08:00-18:00" });
        publish(&server, &places, &events).await;
        let broken = trip(&server, &mine, &id).await;
        let issues = broken["issues"].as_array().unwrap();
        assert_eq!(issues.len(), 1, "{broken:#}");
        assert_eq!(
            (&issues[0]["code"], &issues[0]["date"], &issues[0]["subject"]["slug"]),
            (&json!("CLOSED"), &json!("2026-12-14"), &json!("alfa"))
        );
        assert!(issues[0]["text"]["value"].as_str().unwrap().starts_with("Alfa (14/12/2026, "), "{broken:#}");
        assert_eq!(stops(&broken["plan"]).len(), 3, "the plan stays as it was made");
        let kept: Vec<&str> = stops(&broken["repair"]);
        assert!(!kept.contains(&"alfa") && kept.contains(&"beta") && kept.contains(&"gama"), "{broken:#}");

        // The repair is taken, and is a plan that can be walked.
        let accept = "mutation($id: ID!) { updateTrip(input: { id: $id, expectedVersion: 1, acceptRepair: true }) { outcome userErrors { code } trip { version } } }";
        let taken = server.ask_as(&mine, accept, json!({ "id": id })).await["updateTrip"].take();
        assert_eq!((&taken["outcome"], &taken["trip"]["version"]), (&json!("SAVED"), &json!(2)), "{taken:#}");
        let after = trip(&server, &mine, &id).await;
        assert_eq!((&after["issues"], &after["plan"]), (&json!([]), &broken["repair"]));
        let whole = format!("query($id: ID!) {{ trip(by: {{ id: $id }}) {{ plan {{ {PLAN} }} }} }}");
        let plan = server.ask_as(&mine, &whole, json!({ "id": id })).await["trip"]["plan"].take();
        assert_eq!(faults(&server, &monday(), &plan).await, Vec::<String>::new());

        // It opens again: the first plan would hold, and says so.
        let again = save(&server, &mine, "Outra", &monday()).await;
        places[1]["openingHours"] = json!({ "raw": "Tu-Su 08:00-18:00" });
        publish(&server, &places, &events).await;
        assert_eq!(trip(&server, &mine, &again).await["issues"].as_array().unwrap().len(), 1);
        places[1]["openingHours"] = json!({ "raw": "Mo-Su 08:00-18:00" });
        publish(&server, &places, &events).await;
        assert_eq!(trip(&server, &mine, &again).await["issues"], json!([]));
    }
}

/// Saves the Monday, publishes what `change` makes of the city, and gives the issues.
async fn issues_after(change: impl Fn(&mut Vec<Value>, &mut Vec<Value>)) -> Vec<Value> {
    issues_with(&monday(), change).await
}

async fn issues_with(request: &Value, change: impl Fn(&mut Vec<Value>, &mut Vec<Value>)) -> Vec<Value> {
    let server = TestServer::bare_on(Database::Sqlite).await;
    let (mut places, mut events) = published();
    publish(&server, &places, &events).await;
    let (mine, _) = server.sign_in().await;
    let id = save(&server, &mine, "Segunda", request).await;
    change(&mut places, &mut events);
    publish(&server, &places, &events).await;
    trip(&server, &mine, &id).await["issues"].as_array().unwrap().clone()
}

#[tokio::test]
async fn what_is_withdrawn_is_an_issue() {
    let issues = issues_after(|places, _| drop(places.remove(2))).await;
    assert_eq!(issues.len(), 1, "{issues:#?}");
    assert_eq!((&issues[0]["code"], &issues[0]["subject"]), (&json!("WITHDRAWN"), &Value::Null));
    assert!(issues[0]["subjectId"].is_string());
}

#[tokio::test]
async fn an_event_that_moves_is_an_issue_that_says_whereto() {
    let moved = |to: &'static str| {
        move |_: &mut Vec<Value>, events: &mut Vec<Value>| {
            events[0]["dtstart"] = json!(format!("{to}T18:00:00"));
            events[0]["dtend"] = json!(format!("{to}T23:00:00"));
            events[0]["status"] = json!("RESCHEDULED");
            events[0]["previousStart"] = json!("2026-12-14T18:00:00");
        }
    };
    let issues = issues_after(moved("2026-12-20")).await;
    assert_eq!(issues.len(), 1, "{issues:#?}");
    assert_eq!((&issues[0]["code"], &issues[0]["movedTo"]), (&json!("RESCHEDULED"), &json!("2026-12-20T18:00:00-04:00")));
    assert!(issues[0]["text"]["value"].as_str().unwrap().contains("20/12/2026, 18:00"), "{issues:#?}");
}

#[tokio::test]
async fn an_event_that_is_cancelled_or_postponed_is_an_issue() {
    for (status, code) in [("CANCELLED", "CANCELLED"), ("POSTPONED", "POSTPONED")] {
        let issues = issues_after(|_, events| events[0]["status"] = json!(status)).await;
        assert_eq!(issues.len(), 1, "{issues:#?}");
        assert_eq!(issues[0]["code"], code);
    }
}

#[tokio::test]
async fn hours_that_nobody_knows_any_more_and_a_place_that_moved_are_issues() {
    let issues = issues_after(|places, _| drop(places[1].as_object_mut().unwrap().remove("openingHours"))).await;
    assert_eq!(issues.iter().map(|issue| &issue["code"]).collect::<Vec<_>>(), ["HOURS_UNCONFIRMED"]);
    let issues = issues_after(|places, _| places[1]["latitude"] = json!(-14.70)).await;
    assert_eq!(issues.iter().map(|issue| &issue["code"]).collect::<Vec<_>>(), ["RELOCATED"]);
    let issues = issues_after(|places, _| places[1]["latitude"] = json!(-14.7301)).await;
    assert_eq!(issues, Vec::<Value>::new(), "eleven metres are no other way");
}

#[tokio::test]
async fn a_new_rule_of_access_is_an_issue_for_those_it_keeps_out() {
    let mut with_child = monday();
    with_child["youngestAge"] = json!(7);
    let rule = |places: &mut Vec<Value>, _: &mut Vec<Value>| {
        places[0]["accessRules"] = json!([{ "kind": "MINIMUM_AGE", "years": 12 }]);
    };
    let issues = issues_with(&with_child, rule).await;
    assert_eq!(issues.len(), 1, "{issues:#?}");
    assert_eq!((&issues[0]["code"], &issues[0]["reason"]), (&json!("NOT_POSSIBLE"), &json!("MINIMUM_AGE")));
    assert_eq!(issues_after(rule).await, Vec::<Value>::new(), "grown-ups may enter");
    let season = |places: &mut Vec<Value>, _: &mut Vec<Value>| places[0]["season"] = json!({ "months": [6, 7] });
    assert_eq!(issues_after(season).await[0]["reason"], "OUT_OF_SEASON");
}

/// The owner's phone, and a friend with the link, listen at another process than the one that publishes.
#[tokio::test]
async fn who_listens_is_told_live_in_every_process() {
    for database in BOTH {
        let server = TestServer::bare_on(database).await;
        let other = TestServer::over(server.database.again(), server.store.clone()).await;
        let (mut places, events) = published();
        publish(&server, &places, &events).await;
        other.catch_up().await;
        let (mine, _) = server.sign_in().await;
        let id = save(&server, &mine, "Segunda", &monday()).await;
        let share = "mutation($id: ID!) { shareTrip(input: { id: $id }) { share { token } } }";
        let link = server.ask_as(&mine, share, json!({ "id": id })).await["shareTrip"]["share"]["token"].take();

        let mut phone =
            Client::acknowledged(&other.url("/graphql"), json!({ "Authorization": format!("Bearer {mine}"), "acceptLanguage": "en" }))
                .await;
        phone
            .subscribe("all", "subscription { tripIssues { id issues { code text { value } } repair { days { stops { subjectId } } } } }")
            .await;
        let mut friend = Client::acknowledged(&other.url("/graphql"), json!({})).await;
        let one = format!(
            "subscription {{ tripIssues(by: {{ shareToken: {link} }}) {{ title issues {{ code text {{ value }} }} shares {{ token }} }} }}"
        );
        friend.subscribe("one", &one).await;
        let told = async |client: &mut Client| client.hear().await["payload"]["data"]["tripIssues"].take();
        // How things stand comes first.
        let first = told(&mut phone).await;
        assert_eq!((&first["id"], &first["issues"], &first["repair"]), (&id, &json!([]), &Value::Null));
        assert_eq!(told(&mut friend).await, json!({ "title": "Segunda", "issues": [], "shares": null }));

        // News that break nothing are told to nobody; the next that do are.
        let elsewhere = file("beta", "nobres", &[place("delta", "Delta", -14.9, -56.5)], &[], &[]);
        import_into(&server.store, &elsewhere).await.unwrap();
        other.catch_up().await;
        places[2]["openingHours"] = json!({ "raw": "Tu-Su 08:00-18:00" });
        import_into(&server.store, &file("alpha", "nobres", &places, &events, &[])).await.unwrap();
        other.catch_up().await;
        let broken = told(&mut phone).await;
        assert_eq!(broken["issues"][0]["code"], "CLOSED");
        assert!(broken["issues"][0]["text"]["value"].as_str().unwrap().starts_with("Gama (en) (14 Dec 2026, "), "{broken}");
        assert!(broken["repair"]["days"][0]["stops"].as_array().unwrap().len() >= 2, "{broken}");
        let seen = told(&mut friend).await;
        assert_eq!(seen["issues"][0]["code"], "CLOSED");
        assert!(seen["issues"][0]["text"]["value"].as_str().unwrap().starts_with("Gama (14/12/2026, "), "{seen}");

        // It opens again, and that is told too.
        places[2]["openingHours"] = json!({ "raw": "Mo-Su 08:00-18:00" });
        import_into(&server.store, &file("alpha", "nobres", &places, &events, &[])).await.unwrap();
        other.catch_up().await;
        assert_eq!(told(&mut phone).await["issues"], json!([]));

        // A link that is revoked tells no more.
        server
            .ask_as(&mine, "mutation($token: String!) { revokeShare(input: { token: $token }) { trip { id } } }", json!({ "token": link }))
            .await;
        assert_eq!(told(&mut friend).await["issues"], json!([]));
        places[1]["openingHours"] = json!({ "raw": "Tu-Su 08:00-18:00" });
        import_into(&server.store, &file("alpha", "nobres", &places, &events, &[])).await.unwrap();
        other.catch_up().await;
        assert_eq!(friend.hear().await["payload"]["errors"][0]["extensions"]["code"], "NOT_FOUND");
        assert_eq!(friend.hear().await, json!({ "id": "one", "type": "complete" }));
        assert_eq!(told(&mut phone).await["issues"][0]["code"], "CLOSED");
    }
}

/// With the client most apps use, as npm has it.
#[tokio::test(flavor = "multi_thread")]
async fn the_npm_package_graphql_ws_is_told_live() {
    let server = TestServer::bare_on(Database::Sqlite).await;
    let (mut places, events) = published();
    publish(&server, &places, &events).await;
    let (mine, _) = server.sign_in().await;
    let id = save(&server, &mine, "Segunda", &monday()).await;
    let url = server.url("/graphql").replace("http://", "ws://");
    let mut client = graphql_ws::client("trip_issues.mjs").args([&url, &mine]).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(client.stdout.take().unwrap()).lines();
    let mut told = || serde_json::from_str::<Value>(&lines.next().unwrap().unwrap()).unwrap()["data"]["tripIssues"].take();
    assert_eq!(tokio::task::block_in_place(&mut told), json!({ "id": id, "issues": [], "repair": null }));
    places[0]["openingHours"] = json!({ "raw": "Tu-Su 08:00-18:00" });
    publish(&server, &places, &events).await;
    let broken = tokio::task::block_in_place(&mut told);
    assert_eq!((&broken["id"], &broken["issues"]), (&id, &json!([{ "code": "CLOSED" }])));
    assert!(broken["repair"]["days"][0]["stops"].as_array().unwrap().len() >= 2, "{broken}");
    assert!(client.wait().unwrap().success());
}

#[tokio::test]
async fn what_is_not_mine_is_not_told() {
    let server = TestServer::bare_on(Database::Sqlite).await;
    let (places, events) = published();
    publish(&server, &places, &events).await;
    let ((mine, _), (other, _)) = (server.sign_in().await, server.sign_in().await);
    let id = save(&server, &mine, "Segunda", &monday()).await;
    for (payload, by, code) in [
        (json!({}), String::new(), "UNAUTHENTICATED"),
        (json!({}), format!("(by: {{ id: {id} }})"), "UNAUTHENTICATED"),
        (json!({ "Authorization": format!("Bearer {other}") }), format!("(by: {{ id: {id} }})"), "NOT_FOUND"),
        (json!({}), "(by: { shareToken: \"x\" })".to_owned(), "NOT_FOUND"),
    ] {
        let mut client = Client::acknowledged(&server.url("/graphql"), payload).await;
        client.subscribe("a", &format!("subscription {{ tripIssues{by} {{ id }} }}")).await;
        assert_eq!(client.hear().await["payload"]["errors"][0]["extensions"]["code"], code, "{by}");
    }
    let mut forged = Client::connect(&server.url("/graphql"), "graphql-transport-ws").await;
    forged.say(&json!({ "type": "connection_init", "payload": { "Authorization": "Bearer x.y.z" } })).await;
    assert_eq!(forged.closed().await.0, 4403);
}

/// The database goes away just when something is published: who listens is told later, not sent away.
#[tokio::test]
async fn an_outage_does_not_end_a_subscription() {
    for database in BOTH {
        let server = TestServer::bare_on(database).await;
        let (mut places, events) = published();
        publish(&server, &places, &events).await;
        let (mine, _) = server.sign_in().await;
        save(&server, &mine, "Segunda", &monday()).await;
        let mut phone = Client::acknowledged(&server.url("/graphql"), json!({ "Authorization": format!("Bearer {mine}") })).await;
        phone.subscribe("all", "subscription { tripIssues { issues { code } } }").await;
        assert_eq!(phone.hear().await["payload"]["data"], json!({ "tripIssues": { "issues": [] } }));
        server.database.by_hand("ALTER TABLE trip RENAME TO trip_gone").await;
        places[0]["openingHours"] = json!({ "raw": "Tu-Su 08:00-18:00" });
        publish(&server, &places, &events).await;
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        server.database.by_hand("ALTER TABLE trip_gone RENAME TO trip").await;
        assert_eq!(phone.hear().await["payload"]["data"], json!({ "tripIssues": { "issues": [{ "code": "CLOSED" }] } }));
    }
}
