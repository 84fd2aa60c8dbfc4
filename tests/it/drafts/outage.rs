//! The database goes away in the middle of a publish: all of it happened or none, and whoever asked is told which.

use serde_json::{Value, json};

use super::{Team, public_name};
use crate::support::TestServer;
use crate::support::database::Database;
use crate::support::proxy::Proxy;
use roteiro::store::Store;

#[tokio::test]
async fn a_publish_cut_off_anywhere_happened_whole_or_not_at_all_and_says_which() {
    // One server sees the database through a line that is cut, the other as it is.
    let healthy = TestServer::demo_on(Database::Postgres).await;
    let (proxy, url) = Proxy::before_database(&healthy.database.url);
    let server = TestServer::over(healthy.database.again(), Store::open(&url).await.unwrap()).await;
    let team = Team::of(&healthy).await;
    let publish = format!("mutation($input: PublishInput!) {{ publish(input: $input) {} }}", super::PAYLOAD);
    let (mut happened, mut did_not, mut whole) = (0, 0, 0);
    // The first two are not cut off: they tell how many bytes a publish sends over a new connection.
    for round in 0..26_usize {
        let draft = team.begin(&format!("museu-{round:02}")).await;
        let draft = team.on("submitForReview", &draft, json!({})).await;
        let draft = team.on("approve", &draft, json!({})).await;
        proxy.cut();
        proxy.heal();
        // A connection of the pool is there before the line may be cut.
        server.ask_as(&team.token, "query($id: ID!) { draft(id: $id) { version } }", json!({ "id": draft["id"] })).await;
        let before = proxy.sent();
        if round > 1 {
            // From the first bytes to beyond the last; a connection that is new sends more.
            proxy.cut_after(whole * (round - 1) / 16);
        }
        let input = json!({ "id": draft["id"], "expectedVersion": draft["version"] });
        let asking = server.answer_to(&team.token, &publish, json!({ "input": input }));
        let healing = async {
            // The server asks what became of it as soon as the database is there again.
            for _ in 0..1_000 {
                if proxy.is_cut() {
                    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
                    break;
                }
                tokio::time::sleep(std::time::Duration::from_millis(1)).await;
            }
            proxy.heal();
        };
        let answer = if round > 1 { tokio::join!(asking, healing).0 } else { asking.await };
        if round == 1 {
            whole = proxy.sent() - before;
        }
        let query = "query($id: ID!) { draft(id: $id) { state version revisions(first: 1) { action } } }";
        let now = healthy.ask_as(&team.token, query, json!({ "id": draft["id"] })).await["draft"].take();
        healthy.catch_up().await;
        let public = public_name(&healthy, &draft["id"]).await;
        if answer["data"]["publish"]["outcome"] == "SAVED" {
            happened += 1;
            assert_eq!((now["state"].as_str(), now["version"].as_i64()), (Some("PUBLISHED"), Some(4)), "{answer}");
            assert_eq!(public, format!("Museu museu-{round:02}"));
        } else {
            did_not += 1;
            let message = answer["errors"][0]["message"].as_str().unwrap();
            assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAVAILABLE", "{answer}");
            // Reading the account and the draft comes first; there, too, nothing was written.
            assert!(message.contains("nothing was written") || message.contains("accounts cannot be reached"), "{message}");
            assert_eq!((now["state"].as_str(), now["version"].as_i64()), (Some("APPROVED"), Some(3)), "{answer}");
            assert_eq!(public, Value::Null);
        }
    }
    assert!(happened > 2 && did_not > 8, "the line was cut at one place only: {happened} happened, {did_not} did not");
    let changes = healthy.store.changes_after(0, 100_000).await.unwrap();
    assert!(changes.windows(2).all(|pair| pair[0].number + 1 == pair[1].number));
}

#[tokio::test]
async fn a_publish_whose_answer_is_lost_is_told_as_done() {
    let healthy = TestServer::demo_on(Database::Postgres).await;
    let (proxy, url) = Proxy::before_database(&healthy.database.url);
    let server = TestServer::over(healthy.database.again(), Store::open(&url).await.unwrap()).await;
    let team = Team::of(&healthy).await;
    let publish = format!("mutation($input: PublishInput!) {{ publish(input: $input) {} }}", super::PAYLOAD);
    let draft = team.begin("museu").await;
    let draft = team.on("submitForReview", &draft, json!({})).await;
    let draft = team.on("approve", &draft, json!({})).await;
    proxy.cut_at("COMMIT");
    let input = json!({ "id": draft["id"], "expectedVersion": draft["version"] });
    let healing = async {
        for _ in 0..5_000 {
            if proxy.is_cut() {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        proxy.heal();
    };
    let (answer, ()) = tokio::join!(server.answer_to(&team.token, &publish, json!({ "input": input })), healing);
    assert!(proxy.was_cut(), "nothing was cut off: {answer}");
    assert_eq!(answer["data"]["publish"]["outcome"], "SAVED", "{answer}");
    healthy.catch_up().await;
    assert_eq!(public_name(&healthy, &draft["id"]).await, "Museu museu");
}

#[tokio::test]
async fn when_nobody_can_be_asked_what_became_of_it_that_is_said() {
    let healthy = TestServer::demo_on(Database::Postgres).await;
    let (proxy, url) = Proxy::before_database(&healthy.database.url);
    let server = TestServer::over(healthy.database.again(), Store::open(&url).await.unwrap()).await;
    let team = Team::of(&healthy).await;
    let draft = team.begin("museu").await;
    let submit = format!("mutation($input: DraftStepInput!) {{ submitForReview(input: $input) {} }}", super::PAYLOAD);
    server.ask_as(&team.token, "query($id: ID!) { draft(id: $id) { version } }", json!({ "id": draft["id"] })).await;
    // The step has begun, and the database stays away.
    proxy.cut_at("BEGIN");
    let input = json!({ "id": draft["id"], "expectedVersion": 1 });
    let answer = server.answer_to(&team.token, &submit, json!({ "input": input })).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "OUTCOME_UNKNOWN", "{answer}");
    // What is published is read as before.
    assert_eq!(server.ask("{ cities { slug } }", json!({})).await["cities"].as_array().unwrap().len(), 10);
}
