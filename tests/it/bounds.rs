//! Rules that never end, dates of other ages and addresses of other kinds: refused by field wherever they come in, and set aside where
//! they were stored before they were refused.

use roteiro::domain::ids::RecordType;
use roteiro::ingest::apply::IngestError;
use roteiro::store::write::{ChangeKind, NewChange};
use serde_json::{Value, json};

use crate::drafts::Team;
use crate::support::city_file::{event, file, import_into, place, route};
use crate::support::database::{BOTH, Database};
use crate::support::program::run;
use crate::support::{TestServer, now};

/// Every second of every day since 1900.
fn every_second() -> String {
    let all = |below: u32| (0..below).map(|value| value.to_string()).collect::<Vec<_>>().join(",");
    format!("FREQ=DAILY;BYHOUR={};BYMINUTE={1};BYSECOND={1}", all(24), all(60))
}

/// What an import that is refused says.
async fn faults(server: &TestServer, file: &Value) -> String {
    match import_into(&server.store, file).await {
        Err(IngestError::Faults(faults)) => faults.iter().map(|fault| format!("{fault}\n")).collect(),
        other => panic!("not refused: {other:?}"),
    }
}

fn festival(slug: &str, more: &Value) -> Value {
    let mut event = json!({
        "slug": slug, "category": "festival", "status": "SCHEDULED", "dtstart": "2027-06-18T19:00:00",
        "texts": [{ "language": "pt-BR", "name": "Festa" }],
        "rights": { "licence": "CC-BY-4.0", "credit": "Secretaria" },
        "provenance": { "source": "Secretaria", "confidence": "HIGH" },
    });
    event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    event
}

/// What spoils an event, and the field it is told at.
fn spoilt() -> Vec<(Value, &'static str)> {
    vec![
        (json!({ "dtstart": "1900-01-01T00:00:00", "rrule": every_second() }), "dtstart"),
        (json!({ "dtstart": "2020-01-01T00:00:00", "rrule": every_second() }), "rrule"),
        (json!({ "rrule": "FREQ=SECONDLY" }), "rrule"),
        (json!({ "rrule": "FREQ=DAILY;COUNT=4000000000" }), "rrule"),
        (json!({ "rrule": "FREQ=DAILY;UNTIL=20991231T000000Z" }), "rrule"),
        (json!({ "dtstart": "+262142-12-31T23:59:59" }), "dtstart"),
        (json!({ "dtstart": "-9999-01-01T00:00:00" }), "dtstart"),
        (json!({ "dtend": "+262142-12-31T23:59:59" }), "dtend"),
        (json!({ "rrule": "FREQ=DAILY", "dtend": "2099-12-31T23:59:59" }), "dtend"),
        (json!({ "rdate": ["9999-12-31T23:59:59"] }), "rdate"),
        (json!({ "exdate": ["1900-01-01T00:00:00"] }), "exdate"),
        (json!({ "previousStart": "+262142-12-31T23:59:59" }), "previousStart"),
    ]
}

#[tokio::test]
async fn a_draft_says_by_field_what_would_never_end_and_nothing_of_its_city_fails() {
    for kind in BOTH {
        let server = TestServer::demo_on(kind).await;
        let team = Team::of(&server).await;
        for (index, (more, field)) in spoilt().into_iter().enumerate() {
            let content = festival(&format!("festa-{index}"), &more);
            let draft = team.step("createDraft", json!({ "city": "cuiaba", "content": { "event": content } })).await;
            let query = "query($id: ID!) { draft(id: $id) { problems { field } festivalClashes { saturday } possibleDuplicates { nameSimilarity } } }";
            let seen = server.ask_as(&team.token, query, json!({ "id": draft["id"] })).await["draft"].take();
            let is_told = seen["problems"].as_array().unwrap().iter().any(|problem| problem["field"] == json!(["content", field]));
            assert!(is_told, "{kind:?} {field}: {seen}");
            let draft = team.on("submitForReview", &draft, json!({})).await;
            let draft = team.on("approve", &draft, json!({})).await;
            let refused = team.try_step("publish", json!({ "id": draft["id"], "expectedVersion": draft["version"] })).await;
            assert_ne!(refused["outcome"], "SAVED", "{kind:?} {field}");
        }
        let query = "{ drafts(cities: [\"cuiaba\"], first: 20) { nodes { problems { field } festivalClashes { saturday } } }
            editorialQueue(city: \"cuiaba\") { nodes { name } } }";
        assert_eq!(server.ask_as(&team.token, query, json!({})).await["drafts"]["nodes"].as_array().unwrap().len(), spoilt().len());
    }
}

#[tokio::test]
async fn a_file_says_by_field_what_would_never_end() {
    let server = TestServer::bare_on(Database::Sqlite).await;
    for (more, field) in spoilt() {
        let mut odd = event("festa", "Festa", "a", "2026-12-05");
        odd["dtend"] = Value::Null;
        odd.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let said = faults(&server, &file("odd", "nobres", &[place("a", "A", -14.7, -56.3)], &[odd], &[])).await;
        assert!(said.contains(&format!("events[0] `festa`: {field}: ")), "{field}: {said}");
    }
    let mut old = place("a", "A", -14.7, -56.3);
    old["provenance"]["lastVerifiedOn"] = json!("1900");
    let said = faults(&server, &file("odd", "nobres", &[old], &[], &[])).await;
    assert!(said.contains("provenance.lastVerifiedOn"), "{said}");
}

#[tokio::test]
async fn no_argument_takes_a_date_of_another_age() {
    let server = TestServer::demo().await;
    for (query, value) in [
        ("query($v: DateTime!) { pointsOfInterest(where: {openAt: $v}) { totalCount } }", "9999-12-31T23:59:59Z"),
        ("query($v: DateTime!) { events(where: {from: $v}) { totalCount } }", "1969-12-31T23:59:59Z"),
        ("query($v: DateTime!) { events(where: {ongoingAt: $v}) { totalCount } }", "2101-01-01T00:00:00Z"),
        ("query($v: Date!) { pointsOfInterest(where: {inSeasonOn: $v}) { totalCount } }", "2101-01-01"),
        ("query($v: Date!) { routes(where: {inSeasonOn: $v}) { totalCount } }", "0001-01-01"),
    ] {
        assert_eq!(server.refusal(query, json!({ "v": value })).await, "TIME_OUT_OF_RANGE", "{query}");
    }
    for date in ["+262142-12-31", "2027-6-1", " 2027-07-07", "+12027-01-01", "-9999-01-01"] {
        let query = "query($v: Date!) { pointsOfInterest(where: {inSeasonOn: $v}) { totalCount } }";
        assert_eq!(server.refusal(query, json!({ "v": date })).await, "BAD_USER_INPUT", "{date}");
    }
    // A series begins when it begins, however long ago.
    let mut old = event("festa", "Festa", "a", "1985-12-05");
    old["rrule"] = json!("FREQ=YEARLY");
    server.import(&file("old", "nobres", &[place("a", "A", -14.7, -56.3)], &[old], &[])).await;
    let query = "{ event(by: {slug: \"festa\"}) { occurrences(first: 3) { start } } }";
    let starts = server.ask(query, Value::Null).await["event"]["occurrences"].take();
    let starts: Vec<&str> = starts.as_array().unwrap().iter().map(|one| one["start"].as_str().unwrap().get(..4).unwrap()).collect();
    assert_eq!(starts, ["1985", "1986", "1987"]);
}

/// Notes that everything of the first city may have changed, and follows.
async fn everything_changed(server: &TestServer) {
    let city = server.holder.current().shards[0].city.id;
    let mut transaction = server.store.begin(now()).await.unwrap();
    transaction.note(NewChange { city: Some(city), record_type: RecordType::PointOfInterest, record: None, kind: ChangeKind::Upsert });
    transaction.commit().await.unwrap();
    server.catch_up().await;
}

#[tokio::test]
async fn what_was_stored_without_end_is_set_aside_and_told() {
    for kind in BOTH {
        let server = TestServer::bare_on(kind).await;
        let festivals = ["a", "b", "c", "d"].map(|slug| event(&format!("festa-{slug}"), slug, "a", "2026-12-05"));
        server.import(&file("odd", "nobres", &[place("a", "A", -14.7, -56.3)], &festivals, &[])).await;
        for (slug, column, value) in [
            ("festa-a", "rrule", every_second()),
            ("festa-b", "dtstart", "+262142-12-31T23:59:59".to_owned()),
            ("festa-c", "rrule", "FREQ=DAILY;COUNT=4000000000".to_owned()),
        ] {
            server.database.by_hand(&format!("UPDATE event SET {column} = '{value}' WHERE slug = '{slug}'")).await;
        }
        everything_changed(&server).await;
        let data = server.ask("{ catalogue { quarantined events } events { nodes { event { slug } } } }", Value::Null).await;
        assert_eq!(data["catalogue"], json!({ "quarantined": 3, "events": 1 }), "{kind:?}");
        assert_eq!(data["events"]["nodes"][0]["event"]["slug"], "festa-d", "{kind:?}");
        let output = run(&["check", "--database-url", &server.database.url]);
        let said = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(1), "{kind:?}: {said}");
        for (slug, field) in [("festa-a", "rrule"), ("festa-b", "dtstart"), ("festa-c", "rrule")] {
            assert!(said.lines().any(|line| line.contains(slug) && line.contains(field)), "{kind:?}: {slug}\n{said}");
        }
    }
}

#[tokio::test]
async fn addresses_of_another_kind_are_refused_by_field() {
    let server = TestServer::demo_on(Database::Sqlite).await;
    let team = Team::of(&server).await;
    let (visitor, _) = server.sign_in().await;
    for (index, (content, field)) in [
        (json!({ "contact": { "url": "javascript:alert(1)" } }), "contact.url"),
        (json!({ "contact": { "url": "example.com" } }), "contact.url"),
        (json!({ "contact": { "telephone": "abc" } }), "contact.telephone"),
        (json!({ "contact": { "email": "x" } }), "contact.email"),
        (json!({ "provenance": { "source": "data:text/html,x", "confidence": "HIGH" } }), "provenance.source"),
        (json!({ "provenance": { "source": "S", "confidence": "HIGH", "sameAs": ["ftp://example.org"] } }), "provenance.sameAs.0"),
    ]
    .into_iter()
    .enumerate()
    {
        let path: Vec<&str> = ["content"].into_iter().chain(field.split('.')).collect();
        // A draft.
        let mut whole = crate::drafts::place(&format!("endereco-{index}"));
        whole.as_object_mut().unwrap().extend(content.as_object().unwrap().clone());
        let draft = team.step("createDraft", json!({ "city": "cuiaba", "content": { "pointOfInterest": whole } })).await;
        let query = "query($id: ID!) { draft(id: $id) { problems { field } } }";
        let problems = server.ask_as(&team.token, query, json!({ "id": draft["id"] })).await["draft"]["problems"].take();
        assert_eq!(problems, json!([{ "field": path }]));
        // A visitor's correction.
        let id =
            server.ask("{ pointsOfInterest(first: 1) { nodes { id } } }", Value::Null).await["pointsOfInterest"]["nodes"][0]["id"].take();
        let query = "mutation($i: SuggestEditInput!) { suggestEdit(input: $i) { suggestionId userErrors { field } } }";
        let input = json!({ "i": { "id": id, "content": { "pointOfInterest": content } } });
        let said = server.ask_as(&visitor, query, input).await["suggestEdit"].take();
        assert_eq!(said, json!({ "suggestionId": null, "userErrors": [{ "field": path }] }));
        // A file.
        let mut odd = place("a", "A", -14.7, -56.3);
        odd.as_object_mut().unwrap().extend(content.as_object().unwrap().clone());
        let said = faults(&server, &file("odd", "nobres", &[odd], &[], &[])).await;
        assert!(said.contains(&field.replace(".0", "[0]")), "{said}");
    }
}

#[tokio::test]
async fn addresses_that_were_stored_are_not_shown_and_are_told() {
    for kind in BOTH {
        let server = TestServer::bare_on(kind).await;
        let mut odd = place("a", "A", -14.7, -56.3);
        odd["contact"] = json!({ "url": "https://example.org/a", "telephone": "190", "email": "a@example.org" });
        odd["provenance"]["sameAs"] = json!(["https://example.org/b", "https://example.org/c"]);
        odd["images"] = json!([{ "url": "https://example.org/d.jpg", "alternativeText": { "pt-BR": "x" }, "licence": "CC0-1.0", "credit": "x", "source": "x" }]);
        let line = route("rota", "Rota", &["a", "b"]);
        server.import(&file("odd", "nobres", &[odd, place("b", "B", -14.8, -56.3)], &[], &[line])).await;
        let query = "{ pointOfInterest(by: {slug: \"a\"}) { contact { url telephone email } images { url } provenance { sameAs } } }";
        let before = server.ask(query, Value::Null).await["pointOfInterest"].take();
        assert_eq!(before["contact"]["telephone"], "190");
        assert_eq!(run(&["check", "--database-url", &server.database.url]).status.code(), Some(0));
        for statement in [
            "UPDATE point_of_interest SET contact = '{\"url\":\"javascript:alert(1)\",\"telephone\":\"abc\",\"email\":\"a@example.org\"}' WHERE slug = 'a'",
            "UPDATE point_of_interest SET same_as = '[\"example.com\",\"https://example.org/c\"]' WHERE slug = 'a'",
            "UPDATE media SET url = 'data:text/html,x'",
        ] {
            server.database.by_hand(statement).await;
        }
        everything_changed(&server).await;
        let after = server.ask(query, Value::Null).await["pointOfInterest"].take();
        let expected = json!({
            "contact": { "url": null, "telephone": null, "email": "a@example.org" },
            "images": [],
            "provenance": { "sameAs": ["https://example.org/c"] },
        });
        assert_eq!(after, expected, "{kind:?}");
        assert_eq!(server.ask("{ catalogue { quarantined pointsOfInterest } }", Value::Null).await["catalogue"]["pointsOfInterest"], 2);
        let output = run(&["check", "--database-url", &server.database.url]);
        let said = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(1), "{kind:?}: {said}");
        for field in ["contact.url", "contact.telephone", "provenance.sameAs", "images"] {
            assert!(said.lines().any(|line| line.contains("`a`") && line.contains(field)), "{kind:?}: {field}\n{said}");
        }
        assert!(!said.contains("contact.email"), "{said}");
    }
}
