//! Whoever publishes reads it at once, in the answer and after it, from the same process.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::TimeDelta;
use roteiro::store::Store;
use roteiro::store::wake::Wake;
use serde_json::{Value, json};

use super::{Team, place, public_name};
use crate::support::database::{BOTH, Database};
use crate::support::{TestServer, city_file, now};

const ANSWER: &str = "{ outcome isVisible draft { id version publishedNode { id ... on PointOfInterest { name { value } } } }
    userErrors { code message } }";

impl Team<'_> {
    /// Takes a step and gives the payload with what the public sees.
    async fn take(&self, step: &str, kind: &str, draft: &Value, more: Value) -> Value {
        let mut input = json!({ "id": draft["id"], "expectedVersion": draft["version"] });
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let query = format!("mutation($input: {kind}!) {{ {step}(input: $input) {ANSWER} }}");
        let payload = self.server.ask_as(&self.token, &query, json!({ "input": input })).await[step].take();
        assert_eq!(payload["outcome"], "SAVED", "{step}: {payload:#}");
        payload
    }

    async fn approved(&self, draft: &Value) -> Value {
        let draft = self.on("submitForReview", draft, json!({})).await;
        self.on("approve", &draft, json!({})).await
    }
}

/// With a follower that other changes keep busy all the time.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_step_changes_for_the_public_is_in_its_answer_and_in_the_next_read() {
    for database in BOTH {
        let server = TestServer::bare_on(database).await;
        let files = [0, 1].map(|turn| {
            let places: Vec<Value> =
                (0..60).map(|number| city_file::place(&format!("p{number}"), &format!("Lugar {turn}"), -14.72, -56.33)).collect();
            city_file::file("nobres-tourism", "nobres", &places, &[], &[])
        });
        server.import(&city_file::file("cuiaba-tourism", "cuiaba", &[city_file::place("alvo", "Alvo", -15.6, -56.09)], &[], &[])).await;
        let follower = Store::open(&server.database.url).await.unwrap();
        server.follow(follower, Wake::new(None, &server.announcer).unwrap());
        let is_over = Arc::new(AtomicBool::new(false));
        let (importer, over) = (Store::open(&server.database.url).await.unwrap(), Arc::clone(&is_over));
        let busy = async move {
            for turn in 0.. {
                if over.load(Ordering::SeqCst) {
                    break;
                }
                city_file::import_into(&importer, &files[turn % 2]).await.unwrap();
            }
        };
        let edit = async {
            let team = Team::of(&server).await;
            let target = server.ask("{ pointOfInterest(by: { slug: \"alvo\" }) { id } }", json!({})).await["pointOfInterest"]["id"].take();
            for number in 0..4 {
                let draft = team.approved(&team.begin(&format!("museu-{number}")).await).await;
                let published = team.take("publish", "PublishInput", &draft, json!({})).await;
                let name = format!("Museu museu-{number}");
                assert_eq!((&published["isVisible"], &published["draft"]["publishedNode"]["name"]["value"]), (&json!(true), &json!(name)));
                assert_eq!(public_name(&server, &draft["id"]).await, name, "{database:?}");
                // Changed, and published with the old words gone.
                let change = json!({ "content": { "pointOfInterest": { "texts": [{ "language": "pt-BR", "name": "Outro" }] } } });
                let draft = team.approved(&team.on("updateDraft", &published["draft"], change).await).await;
                let again = team.take("publish", "PublishInput", &draft, json!({})).await;
                assert_eq!(again["draft"]["publishedNode"]["name"]["value"], "Outro");
                assert_eq!(public_name(&server, &draft["id"]).await, "Outro", "{database:?}");
                let (step, kind, more) = [
                    ("unpublish", "UnpublishInput", json!({ "reason": "em obras" })),
                    ("archive", "DraftStepInput", json!({})),
                    ("mergeInto", "MergeIntoInput", json!({ "into": target })),
                ][number % 3]
                    .clone();
                let gone = team.take(step, kind, &again["draft"], more).await;
                assert_eq!(gone["isVisible"], true, "{step}");
                let (node, read) = (&gone["draft"]["publishedNode"], public_name(&server, &draft["id"]).await);
                if step == "mergeInto" {
                    assert_eq!((&node["id"], read), (&target, json!("Alvo")), "{database:?}");
                } else {
                    assert_eq!((node, read), (&Value::Null, Value::Null), "{database:?} {step}");
                }
            }
            is_over.store(true, Ordering::SeqCst);
        };
        tokio::join!(busy, edit);
    }
}

/// Of several mutations of one request each is answered from a catalogue that holds its own change.
#[tokio::test(flavor = "multi_thread")]
async fn mutations_of_one_request_see_what_those_before_them_did() {
    let server = TestServer::demo_on(Database::Sqlite).await;
    server.follow(Store::open(&server.database.url).await.unwrap(), Wake::new(None, &server.announcer).unwrap());
    let team = Team::of(&server).await;
    let one = team.approved(&team.begin("um").await).await;
    let two = team.approved(&team.begin("dois").await).await;
    let query = format!(
        "mutation($one: PublishInput!, $gone: UnpublishInput!, $two: PublishInput!) {{
            one: publish(input: $one) {ANSWER} gone: unpublish(input: $gone) {ANSWER} two: publish(input: $two) {ANSWER} }}"
    );
    let input = |draft: &Value, later: i64| json!({ "id": draft["id"], "expectedVersion": draft["version"].as_i64().unwrap() + later });
    let mut gone = input(&one, 1);
    gone["reason"] = json!("engano");
    let answer = server.ask_as(&team.token, &query, json!({ "one": input(&one, 0), "gone": gone, "two": input(&two, 0) })).await;
    let seen = |alias: &str| answer[alias]["draft"]["publishedNode"]["name"]["value"].clone();
    assert_eq!([seen("one"), seen("gone"), seen("two")], [json!("Museu um"), Value::Null, json!("Museu dois")], "{answer:#}");
}

/// A step that changes nothing public does not wait, and one whose change does not come is answered all the same, and says so.
#[tokio::test]
async fn an_answer_does_not_wait_for_ever() {
    let server = TestServer::demo_on(Database::Sqlite).await;
    let team = Team::of(&server).await;
    let draft = team.approved(&team.begin("museu").await).await;
    let later = (now() + TimeDelta::days(1)).to_rfc3339();
    let scheduled = team.take("schedule", "ScheduleInput", &draft, json!({ "at": later })).await;
    assert_eq!(scheduled["isVisible"], Value::Null);
    let published = team.take("publish", "PublishInput", &scheduled["draft"], json!({})).await;
    assert_eq!((&published["isVisible"], &published["draft"]["publishedNode"]), (&json!(false), &Value::Null), "nobody follows");
    server.catch_up().await;
    assert_eq!(public_name(&server, &draft["id"]).await, place("museu")["texts"][0]["name"]);
}
