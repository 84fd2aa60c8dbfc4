//! Which images of our keeping a draft may be published with.

use chrono::TimeDelta;
use roteiro::identity::rights::Role;
use serde_json::{Value, json};

use super::pictures::jpeg;
use super::sending::CITY;
use crate::drafts::{Team, place, public_name};
use crate::support::database::{BOTH, Database};
use crate::support::{TestServer, city_file, now};

const NO_SUCH: &str = "the city has no such image";

fn showing(slug: &str, urls: &[&str]) -> Value {
    let mut content = place(slug);
    let image = |url: &&str| {
        json!({
            "url": url, "alternativeText": [{ "language": "pt-BR", "value": "O museu" }], "licence": "CC0-1.0", "credit": "Secretaria",
            "source": "Secretaria",
        })
    };
    content["images"] = urls.iter().map(image).collect();
    content
}

/// What is said of the images of a draft by itself, by publishing and by scheduling it, which is the same.
async fn faults(team: &Team<'_>, draft: &Value) -> Vec<(String, String)> {
    let query = "query($id: ID!) { draft(id: $id) { version state problems { field code message } } }";
    let seen = team.server.ask_as(&team.token, query, json!({ "id": draft["id"] })).await["draft"].take();
    let input = |more: Value| {
        let mut input = json!({ "id": draft["id"], "expectedVersion": seen["version"] });
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        input
    };
    for (step, more) in [("publish", json!({})), ("schedule", json!({ "at": "2026-11-24T08:00:00-04:00" }))] {
        let payload = team.try_step(step, input(more)).await;
        assert_eq!(payload["userErrors"], seen["problems"], "{step}");
        assert_eq!(payload["outcome"], Value::Null, "{step}");
    }
    let told = |problem: &Value| {
        assert_eq!(problem["code"], "INVALID", "{problem}");
        let path: Vec<&str> = problem["field"].as_array().unwrap().iter().map(|part| part.as_str().unwrap()).collect();
        (path.join("."), problem["message"].as_str().unwrap().to_owned())
    };
    seen["problems"].as_array().unwrap().iter().map(told).collect()
}

async fn approved(team: &Team<'_>, content: Value) -> Value {
    let draft = team.step("createDraft", json!({ "city": "cuiaba", "content": { "pointOfInterest": content } })).await;
    let draft = team.on("submitForReview", &draft, json!({})).await;
    team.on("approve", &draft, json!({})).await
}

#[tokio::test]
async fn a_draft_is_published_with_images_of_its_city_alone() {
    for database in BOTH {
        let server = TestServer::demo_on(database).await;
        let team = Team::of(&server).await;
        let (_, elsewhere) = server.account(Role::Editor, Some(CITY)).await;
        let ours = server.send_image(&team.token, "cuiaba", &jpeg(700, 500)).await;
        let (url, smaller) = (ours["url"].as_str().unwrap(), ours["variants"][0]["url"].as_str().unwrap());
        let theirs = server.send_image(&elsewhere, CITY, &jpeg(640, 480)).await["url"].as_str().unwrap().to_owned();
        let nobodys = format!("/media/{}.jpg", "0".repeat(64));
        let whole = format!("https://roteiro.example{url}");
        let urls = [url, &theirs, &nobodys, smaller, "/media/photo.jpg", &url.replace(".jpg", ".png"), &whole];
        let draft = approved(&team, showing("museu", &urls)).await;
        let faults = faults(&team, &draft).await;
        let fields: Vec<&str> = faults.iter().map(|(field, _)| field.as_str()).collect();
        assert_eq!(fields, (1..7).map(|index| format!("content.images.{index}.url")).collect::<Vec<_>>());
        // Nobody learns whether another city has it.
        assert_eq!(faults[0].1, faults[1].1);
        for (index, words) in [(1, NO_SUCH), (2, "in a smaller width"), (3, NO_SUCH), (4, NO_SUCH), (5, "path alone")] {
            assert!(faults[index].1.contains(words), "{index}: {}", faults[index].1);
        }
        assert!(faults[5].1.contains(url));
        // Images that others keep are nobody's business here, whatever they are called.
        let elsewhere = format!("https://photos.example/media/{}.jpg", "0".repeat(64));
        let good = approved(&team, showing("museu-bom", &[url, "https://example.org/a.jpg", &elsewhere])).await;
        team.on("publish", &good, json!({})).await;
        server.catch_up().await;
        assert_eq!(server.status(url, None).await, 200);
        assert_eq!((server.status(&theirs, None).await, server.status(&theirs, Some(&team.token)).await), (404, 404));
        // Once the city has it too, it is the city's.
        let draft = approved(&team, showing("museu-alheio", &[&theirs])).await;
        server.send_image(&team.token, "cuiaba", &jpeg(640, 480)).await;
        team.on("publish", &draft, json!({})).await;
        server.catch_up().await;
        assert_eq!(server.status(&theirs, None).await, 200);
    }
}

#[tokio::test]
async fn events_and_routes_are_asked_the_same() {
    let server = TestServer::demo_on(Database::Sqlite).await;
    let team = Team::of(&server).await;
    let nobodys = format!("/media/{}.webp", "a".repeat(64));
    let images = showing("x", &[&nobodys])["images"].take();
    for (kind, content) in [
        ("event", json!({ "slug": "festa-nova", "category": "festival", "status": "SCHEDULED", "dtstart": "2027-06-20T19:00:00" })),
        ("route", json!({ "slug": "passeio-novo", "theme": "CULTURE", "mode": "WALK" })),
    ] {
        let mut content = content;
        content["images"] = images.clone();
        let draft = team.step("createDraft", json!({ "city": "cuiaba", "content": { kind: content } })).await;
        let query = "query($id: ID!) { draft(id: $id) { problems { field message } } }";
        let problems = server.ask_as(&team.token, query, json!({ "id": draft["id"] })).await["draft"]["problems"].take();
        let found = problems.as_array().unwrap().iter().find(|problem| problem["field"] == json!(["content", "images", "0", "url"]));
        assert!(found.is_some_and(|found| found["message"].as_str().unwrap().contains(NO_SUCH)), "{kind}: {problems:#}");
    }
}

#[tokio::test]
async fn what_is_published_with_a_record_stays_publishable_with_it_and_with_no_other() {
    for database in BOTH {
        let server = TestServer::demo_on(database).await;
        let (_, elsewhere) = server.account(Role::Editor, Some(CITY)).await;
        let theirs = server.send_image(&elsewhere, CITY, &jpeg(640, 480)).await["url"].as_str().unwrap().to_owned();
        // An import may name what it likes; it shows nothing by it.
        let mut shown = city_file::place("mirante-alheio", "Mirante", -15.6, -56.09);
        shown["images"] = json!([{
            "url": theirs, "alternativeText": { "pt-BR": "O rio" }, "licence": "CC0-1.0", "credit": "Prefeitura", "source": "made up",
        }]);
        server.import(&city_file::file("panoramas", "cuiaba", &[shown], &[], &[])).await;
        let team = Team::of(&server).await;
        let find = "{ pointOfInterest(by: { slug: \"mirante-alheio\" }) { id } }";
        let id = server.ask(find, json!({})).await["pointOfInterest"]["id"].take();
        let draft = team.step("createDraft", json!({ "of": id })).await;
        let words = json!([{ "language": "pt-BR", "name": "Mirante de todos" }]);
        let draft = team.on("updateDraft", &draft, json!({ "content": { "pointOfInterest": { "texts": words } } })).await;
        let draft = team.publish(&draft).await;
        assert_eq!(public_name(&server, &id).await, "Mirante de todos");
        assert_eq!(server.status(&theirs, None).await, 404);
        let other = approved(&team, showing("outro", &[&theirs])).await;
        assert_eq!(faults(&team, &other).await.len(), 1);
        // What was taken back is not published any more.
        let draft = team.on("unpublish", &draft, json!({ "reason": "fechado" })).await;
        assert_eq!(faults(&team, &draft).await.len(), 1);
    }
}

#[tokio::test]
async fn a_record_that_is_merged_takes_no_image_into_another_city() {
    let server = TestServer::demo_on(Database::Sqlite).await;
    let (_, admin) = server.account(Role::Admin, None).await;
    let everywhere = Team { server: &server, token: admin };
    let url = server.send_image(&everywhere.token, CITY, &jpeg(640, 480)).await["url"].as_str().unwrap().to_owned();
    let content = showing("museu-do-rio", &[&url]);
    let source = everywhere.step("createDraft", json!({ "city": CITY, "content": { "pointOfInterest": content } })).await;
    let mut content = source;
    for (step, more) in [("submitForReview", json!({})), ("approve", json!({})), ("publish", json!({ "overrides": ["FAR_FROM_CITY"] }))] {
        content = everywhere.on(step, &content, more).await;
    }
    let source = content;
    let target = everywhere.publish(&everywhere.begin("museu-da-capital").await).await;
    assert_eq!(server.status(&url, None).await, 200);
    everywhere.on("mergeInto", &source, json!({ "into": target["id"] })).await;
    server.catch_up().await;
    assert_eq!(server.status(&url, None).await, 404);
    // The editor who carries it over by hand has to send it for the city it is to be shown in.
    let images = showing("x", &[&url])["images"].take();
    let target = everywhere.on("updateDraft", &target, json!({ "content": { "pointOfInterest": { "images": images } } })).await;
    let target = everywhere.on("submitForReview", &target, json!({})).await;
    let target = everywhere.on("approve", &target, json!({})).await;
    assert_eq!(faults(&everywhere, &target).await.len(), 1);
    server.send_image(&everywhere.token, "cuiaba", &jpeg(640, 480)).await;
    everywhere.on("publish", &target, json!({})).await;
    server.catch_up().await;
    assert_eq!(server.status(&url, None).await, 200);
}

#[tokio::test]
async fn a_record_that_an_import_brings_to_another_city_brings_no_image_along() {
    let server = TestServer::demo_on(Database::Sqlite).await;
    let (_, there) = server.account(Role::Editor, Some(CITY)).await;
    let url = server.send_image(&there, CITY, &jpeg(640, 480)).await["url"].as_str().unwrap().to_owned();
    let mut moved = city_file::place("mirante", "Mirante", -15.6, -56.09);
    moved["images"] =
        json!([{ "url": url, "alternativeText": { "pt-BR": "O rio" }, "licence": "CC0-1.0", "credit": "Prefeitura", "source": "made up" }]);
    server.import(&city_file::file("panoramas", CITY, &[moved.clone()], &[], &[])).await;
    assert_eq!(server.status(&url, None).await, 200);
    server.import(&city_file::file("panoramas", "cuiaba", &[moved], &[], &[])).await;
    assert_eq!(server.status(&url, None).await, 404);
    let team = Team::of(&server).await;
    let id = server.ask("{ pointOfInterest(by: { slug: \"mirante\" }) { id } }", json!({})).await["pointOfInterest"]["id"].take();
    let draft = team.step("createDraft", json!({ "of": id })).await;
    let draft = team.on("updateDraft", &draft, json!({ "content": { "pointOfInterest": { "category": "viewpoint" } } })).await;
    // It stays publishable as it was, and shows the image no more than before.
    team.publish(&draft).await;
    assert_eq!((server.status(&url, None).await, server.status(&url, Some(&there)).await), (404, 200));
}

#[tokio::test]
async fn what_is_scheduled_with_an_image_that_is_gone_goes_back() {
    for database in BOTH {
        let server = TestServer::demo_on(database).await;
        let team = Team::of(&server).await;
        let url = server.send_image(&team.token, "cuiaba", &jpeg(60, 40)).await["url"].as_str().unwrap().to_owned();
        let draft = approved(&team, showing("museu", &[&url])).await;
        team.on("schedule", &draft, json!({ "at": "2026-11-24T08:00:00-04:00" })).await;
        server.database.by_hand("DELETE FROM media_asset").await;
        assert_eq!(server.desk.publish_due(now() + TimeDelta::days(1)).await.unwrap(), 0);
        let query = "query($id: ID!) { draft(id: $id) { state } }";
        assert_eq!(server.ask_as(&team.token, query, json!({ "id": draft["id"] })).await["draft"]["state"], "APPROVED");
    }
}
