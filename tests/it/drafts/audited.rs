//! What the audit log keeps of drafts: who, what was said, and ids that the contract takes.

use chrono::TimeDelta;
use roteiro::identity::rights::Role;
use serde_json::{Value, json};

use super::{Team, place};
use crate::support::database::BOTH;
use crate::support::{TestServer, now};

const LOG: &str = "{ auditLog(city: \"cuiaba\", first: 100) { nodes { action accountId subjectId detail } } }";

/// Entries of this action, the oldest first, each with its detail read.
async fn entries(server: &TestServer, token: &str, action: &str) -> Vec<Value> {
    let mut log = server.ask_as(token, LOG, json!({})).await["auditLog"]["nodes"].take();
    let nodes = log.as_array_mut().unwrap();
    nodes.reverse();
    for node in nodes.iter_mut() {
        node["detail"] = serde_json::from_str(node["detail"].as_str().unwrap()).unwrap();
    }
    nodes.iter().filter(|node| node["action"] == action).cloned().collect()
}

#[tokio::test]
async fn the_scheduler_names_the_overrides_that_were_given_and_no_others() {
    for database in BOTH {
        let server = TestServer::demo_on(database).await;
        let team = Team::of(&server).await;
        let at = json!({ "at": "2026-11-24T08:00:00-04:00" });
        let scheduled = async |content: Value, schedule: Value| {
            let draft = team.step("createDraft", json!({ "city": "cuiaba", "content": { "pointOfInterest": content } })).await;
            let draft = team.on("submitForReview", &draft, json!({})).await;
            let draft = team.on("approve", &draft, json!({})).await;
            team.on("schedule", &draft, schedule).await
        };
        let near = scheduled(place("perto"), at.clone()).await;
        // Inside the state, 500 km from Cuiabá.
        let mut north = place("no-norte");
        (north["latitude"], north["longitude"]) = (json!(-11.0), json!(-56.0));
        let far = scheduled(north, json!({ "at": at["at"], "overrides": ["FAR_FROM_CITY"] })).await;
        assert_eq!(server.desk.publish_due(now() + TimeDelta::days(1)).await.unwrap(), 2, "{database:?}");

        let published = entries(&server, &team.token, "PUBLISHED").await;
        let of =
            |draft: &Value| published.iter().find(|entry| entry["subjectId"] == draft["id"]).unwrap_or_else(|| panic!("{published:?}"));
        assert_eq!(of(&near)["detail"], json!({ "overrides": [] }), "{database:?}");
        assert_eq!(of(&far)["detail"], json!({ "overrides": ["FAR_FROM_CITY"] }), "{database:?}");
        assert!(published.iter().all(|entry| entry["accountId"].is_null()), "nobody did it: {published:?}");
        let asked = entries(&server, &team.token, "SCHEDULED").await;
        let me = server.ask_as(&team.token, "{ viewer { ... on Account { id } } }", json!({})).await["viewer"]["id"].take();
        assert!(asked.len() == 2 && asked.iter().all(|entry| entry["accountId"] == me), "{asked:?}");
    }
}

#[tokio::test]
async fn ids_of_the_log_are_ids_of_the_contract() {
    for database in BOTH {
        let server = TestServer::demo_on(database).await;
        let team = Team::of(&server).await;
        let kept = team.publish(&team.begin("fica").await).await;
        let gone = team.publish(&team.begin("some").await).await;
        team.on("mergeInto", &gone, json!({ "into": kept["id"] })).await;
        let merged = entries(&server, &team.token, "MERGED").await;
        assert_eq!((&merged[0]["subjectId"], &merged[0]["detail"]), (&gone["id"], &json!({ "into": kept["id"] })), "{database:?}");
        for entry in entries(&server, &team.token, "PUBLISHED").await {
            let query = "query($id: ID!) { draft(id: $id) { id } }";
            let draft = server.ask_as(&team.token, query, json!({ "id": entry["subjectId"] })).await;
            assert_eq!(draft["draft"]["id"], entry["subjectId"], "{database:?}");
        }
        // Accounts and keys have the ids that they are listed under.
        let (_, admin) = server.account(Role::Admin, None).await;
        let create = "mutation { createApiKey(input: { name: \"Parceiro\" }) { apiKey { id } } }";
        let key = server.ask_as(&admin, create, json!({})).await["createApiKey"]["apiKey"]["id"].take();
        let all = "{ auditLog(first: 1) { nodes { action subjectId } } accounts { nodes { id } } }";
        let answer = server.ask_as(&admin, all, json!({})).await;
        assert_eq!(answer["auditLog"]["nodes"][0], json!({ "action": "API_KEY_CREATED", "subjectId": key }));
        let granted = entries(&server, &team.token, "ROLE_GRANTED").await;
        let accounts = answer["accounts"]["nodes"].as_array().unwrap();
        assert!(accounts.iter().any(|account| account["id"] == granted[0]["subjectId"]), "{granted:?}");
        // So has a colleague named in a draft's history.
        let history = "query($id: ID!) { draft(id: $id) { revisions(first: 1) { author { id } } } }";
        let author = server.ask_as(&team.token, history, json!({ "id": kept["id"] })).await["draft"]["revisions"][0]["author"]["id"].take();
        assert!(accounts.iter().any(|account| account["id"] == author), "{author}");
    }
}
