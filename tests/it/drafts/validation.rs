//! What stands in the way of publishing, by field; saving asks nothing.

use serde_json::{Value, json};

use super::{Team, place};
use crate::support::TestServer;
use crate::support::database::Database;

/// Publishes a content and gives what stands in its way: code by field.
async fn refused(team: &Team<'_>, kind: &str, content: Value, more: Value) -> Vec<(String, String)> {
    let draft = team.step("createDraft", json!({ "city": "cuiaba", "content": { kind: content } })).await;
    let draft = team.on("submitForReview", &draft, json!({})).await;
    let draft = team.on("approve", &draft, json!({})).await;
    let mut input = json!({ "id": draft["id"], "expectedVersion": draft["version"] });
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let payload = team.try_step("publish", input).await;
    let word = |value: &Value| value.as_str().unwrap().to_owned();
    let path = |field: &Value| field.as_array().unwrap().iter().map(word).collect::<Vec<_>>().join(".");
    let mut errors: Vec<_> =
        payload["userErrors"].as_array().unwrap().iter().map(|error| (path(&error["field"]), word(&error["code"]))).collect();
    // The draft says the same beforehand.
    let query = "query($id: ID!) { draft(id: $id) { problems { field code } } }";
    let before = team.server.ask_as(&team.token, query, json!({ "id": draft["id"] })).await["draft"]["problems"].take();
    if more == json!({}) && !errors.iter().any(|(_, code)| code == "SLUG_TAKEN") {
        assert_eq!(before.as_array().unwrap().len(), errors.len(), "{before:#}\n{payload:#}");
    }
    errors.sort();
    errors
}

fn with(mut content: Value, field: &str, value: Value) -> Value {
    content[field] = value;
    content
}

fn told(errors: &[(&str, &str)]) -> Vec<(String, String)> {
    errors.iter().map(|(field, code)| ((*field).to_owned(), (*code).to_owned())).collect()
}

#[tokio::test]
async fn nothing_is_asked_of_a_draft_and_everything_of_what_is_published() {
    let server = TestServer::demo_on(Database::Sqlite).await;
    let team = Team::of(&server).await;
    let nothing = refused(&team, "pointOfInterest", json!({}), json!({})).await;
    assert_eq!(
        nothing,
        told(&[
            ("content.category", "MISSING"),
            ("content.latitude", "MISSING"),
            ("content.longitude", "MISSING"),
            ("content.provenance.confidence", "MISSING"),
            ("content.provenance.source", "MISSING"),
            ("content.rights.credit", "MISSING"),
            ("content.rights.licence", "MISSING"),
            ("content.slug", "MISSING"),
            ("content.texts.pt-BR.name", "MISSING"),
        ])
    );
    assert_eq!(refused(&team, "pointOfInterest", place("bom"), json!({})).await, told(&[]));
    for (field, value, error) in [
        ("texts", json!([{ "language": "en", "name": "Museum" }]), ("content.texts.pt-BR.name", "MISSING")),
        ("category", json!("musem"), ("content.category", "INVALID")),
        ("slug", json!("Não Vale"), ("content.slug", "INVALID")),
        ("openingHours", json!({ "raw": "das 9 às 17" }), ("content.openingHours.raw", "INVALID")),
        ("rights", json!({ "licence": "none", "credit": "x" }), ("content.rights.licence", "INVALID")),
        // The slug of the place above.
        ("slug", json!("bom"), ("content.slug", "SLUG_TAKEN")),
    ] {
        let content = with(place(&format!("museu-{}", error.1.to_lowercase().replace('_', "-"))), field, value);
        assert_eq!(refused(&team, "pointOfInterest", content, json!({})).await, told(&[error]), "{field}");
    }
}

#[tokio::test]
async fn a_position_far_away_needs_somebody_who_says_it_is_meant_so() {
    let server = TestServer::demo_on(Database::Sqlite).await;
    let team = Team::of(&server).await;
    let lisbon = with(with(place("em-lisboa"), "latitude", json!(38.7)), "longitude", json!(-9.1));
    let errors = refused(&team, "pointOfInterest", lisbon.clone(), json!({ "overrides": [] })).await;
    assert_eq!(errors, told(&[("content.latitude", "FAR_FROM_CITY"), ("content.latitude", "OUTSIDE_STATE")]));
    let errors = refused(&team, "pointOfInterest", lisbon.clone(), json!({ "overrides": ["FAR_FROM_CITY"] })).await;
    assert_eq!(errors, told(&[("content.latitude", "OUTSIDE_STATE")]));
    // Inside the state, 500 km from Cuiabá.
    let north = with(with(place("no-norte"), "latitude", json!(-11.0)), "longitude", json!(-56.0));
    let errors = refused(&team, "pointOfInterest", north, json!({ "overrides": ["OUTSIDE_STATE"] })).await;
    assert_eq!(errors, told(&[("content.latitude", "FAR_FROM_CITY")]));
    let both = json!({ "overrides": ["FAR_FROM_CITY", "OUTSIDE_STATE"] });
    assert_eq!(refused(&team, "pointOfInterest", lisbon, both).await, told(&[]));
}

#[tokio::test]
async fn images_have_a_licence_a_credit_and_words_for_those_who_cannot_see_them() {
    let server = TestServer::demo_on(Database::Sqlite).await;
    let team = Team::of(&server).await;
    let good = json!({ "url": "https://example.org/a.jpg", "licence": "CC-BY-4.0", "credit": "Ana", "source": "Ana",
        "alternativeText": [{ "language": "pt-BR", "value": "A fachada" }] });
    assert_eq!(refused(&team, "pointOfInterest", with(place("com-foto"), "images", json!([good])), json!({})).await, told(&[]));
    for (field, error) in [
        ("licence", ("content.images.0.licence", "MISSING")),
        ("credit", ("content.images.0.credit", "MISSING")),
        ("source", ("content.images.0.source", "MISSING")),
        ("alternativeText", ("content.images.0.alternativeText.pt-BR", "MISSING")),
    ] {
        let mut image = good.clone();
        image.as_object_mut().unwrap().remove(field);
        let content = with(place(&format!("foto-{}", field.to_lowercase())), "images", json!([image]));
        assert_eq!(refused(&team, "pointOfInterest", content, json!({})).await, told(&[error]));
    }
    let mut image = good.clone();
    image["licence"] = json!("whatever");
    let content = with(place("foto-licenca"), "images", json!([image]));
    assert_eq!(refused(&team, "pointOfInterest", content, json!({})).await, told(&[("content.images[0].licence", "INVALID")]));
}

#[tokio::test]
async fn an_event_takes_place_at_least_once_and_begins_on_its_rule() {
    let server = TestServer::demo_on(Database::Sqlite).await;
    let team = Team::of(&server).await;
    let event = |slug: &str, more: Value| {
        let mut event = json!({
            "slug": slug, "category": "festival", "status": "SCHEDULED", "dtstart": "2027-06-18T19:00:00",
            "texts": [{ "language": "pt-BR", "name": "Festa" }],
            "rights": { "licence": "CC-BY-4.0", "credit": "Secretaria" },
            "provenance": { "source": "Secretaria", "confidence": "HIGH" },
        });
        event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        event
    };
    assert_eq!(refused(&team, "event", event("festa-boa", json!({})), json!({})).await, told(&[]));
    for (slug, more, error) in [
        // 18 June 2027 is a Friday.
        ("festa-segunda", json!({ "rrule": "FREQ=WEEKLY;BYDAY=MO" }), ("content.rrule", "INVALID")),
        ("festa-nunca", json!({ "exdate": ["2027-06-18T19:00:00"] }), ("content.exdate", "INVALID")),
        ("festa-regra", json!({ "rrule": "FREQ=SOMETIMES" }), ("content.rrule", "INVALID")),
        ("festa-fim", json!({ "dtend": "2027-06-17T19:00:00" }), ("content.dtend", "INVALID")),
        ("festa-status", json!({ "status": "TO_BE_ANNOUNCED" }), ("content.status", "INVALID")),
        ("festa-lugar", json!({ "venue": { "pointOfInterest": "nao-existe" } }), ("content.venue.pointOfInterest", "INVALID")),
    ] {
        assert_eq!(refused(&team, "event", event(slug, more), json!({})).await, told(&[error]), "{slug}");
    }
    // Announced for June and held in August: one edition, told as it is.
    let moved = event("festival-de-pesca", json!({ "status": "RESCHEDULED", "dtstart": "2027-08-20", "previousStart": "2027-06-18" }));
    assert_eq!(refused(&team, "event", moved, json!({})).await, told(&[]));
}

#[tokio::test]
async fn hours_are_shown_for_two_weeks_in_portuguese_while_they_are_typed() {
    let server = TestServer::demo_on(Database::Sqlite).await;
    let preview = async |raw: &str| {
        let query = "query($raw: String!) { hoursPreview(city: \"cuiaba\", openingHours: $raw) { problem days { date text } } }";
        server.ask(query, json!({ "raw": raw })).await["hoursPreview"].take()
    };
    let shown = preview("Tu-Fr 09:00-12:00,13:30-17:00; Sa 20:00-24:00; Su 22:00-02:00; PH off").await;
    let texts: Vec<&str> = shown["days"].as_array().unwrap().iter().map(|day| day["text"].as_str().unwrap()).collect();
    assert_eq!(texts.len(), 14);
    insta::assert_snapshot!(texts.join("\n"));
    let wrong = preview("das nove às cinco").await;
    assert_eq!(wrong["days"], json!([]));
    assert!(wrong["problem"].as_str().is_some());
}
