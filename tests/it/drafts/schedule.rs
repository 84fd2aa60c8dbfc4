//! Publishing at a moment: once, on time, by whichever process is there.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use roteiro::clock::Clock;
use roteiro::editorial::desk::Desk;
use roteiro::store::Store;
use roteiro::store::wake::Announcer;
use serde_json::{Value, json};

use super::{Team, public_name};
use crate::support::database::{BOTH, Database};
use crate::support::program::Served;
use crate::support::{TestServer, eventually, now};

async fn scheduled(team: &Team<'_>, slug: &str, at: &str) -> Value {
    let draft = team.begin(slug).await;
    let draft = team.on("submitForReview", &draft, json!({})).await;
    let draft = team.on("approve", &draft, json!({})).await;
    team.on("schedule", &draft, json!({ "at": at })).await
}

#[tokio::test]
async fn what_is_scheduled_comes_out_at_its_moment_and_not_before() {
    for database in BOTH {
        let server = TestServer::demo_on(database).await;
        let team = Team::of(&server).await;
        let draft = scheduled(&team, "museu", "2026-11-24T08:00:00-04:00").await;
        assert_eq!((draft["state"].as_str(), draft["publishAt"].as_str()), (Some("SCHEDULED"), Some("2026-11-24T12:00:00Z")));
        let due = now() + TimeDelta::hours(22);
        assert_eq!(server.desk.publish_due(due - TimeDelta::seconds(1)).await.unwrap(), 0);
        server.catch_up().await;
        assert_eq!(public_name(&server, &draft["id"]).await, Value::Null);
        assert_eq!(server.desk.publish_due(due).await.unwrap(), 1);
        // A clock that steps back, and forth again, publishes nothing twice.
        assert_eq!(server.desk.publish_due(due - TimeDelta::hours(1)).await.unwrap(), 0);
        assert_eq!(server.desk.publish_due(due).await.unwrap(), 0);
        server.catch_up().await;
        assert_eq!(public_name(&server, &draft["id"]).await, "Museu museu");
        let past = team.try_step("schedule", json!({ "id": draft["id"], "expectedVersion": 5, "at": "2020-01-01T00:00:00Z" })).await;
        assert_eq!(past["userErrors"][0]["code"], "NOT_ALLOWED_IN_STATE");
    }
}

#[tokio::test]
async fn three_processes_publish_each_scheduled_draft_once() {
    for database in BOTH {
        let server = TestServer::demo_on(database).await;
        let team = Team::of(&server).await;
        let mut drafts = Vec::new();
        for number in 0..12 {
            drafts.push(scheduled(&team, &format!("museu-{number}"), "2026-11-24T08:00:00-04:00").await);
        }
        let let_go = team.on("unschedule", &drafts[0], json!({})).await;
        assert_eq!(let_go["state"], "APPROVED");
        let due = now() + TimeDelta::days(1);
        let mut desks = Vec::new();
        for _ in 0..3 {
            let store = Store::open(&server.database.url).await.unwrap();
            desks.push(Arc::new(Desk::new(store, Arc::clone(&server.holder), Announcer::default())));
        }
        let (one, two, three) = tokio::join!(desks[0].publish_due(due), desks[1].publish_due(due), desks[2].publish_due(due));
        assert_eq!(one.unwrap() + two.unwrap() + three.unwrap(), 11);
        let changes = server.store.changes_after(0, 100_000).await.unwrap();
        assert_eq!(changes.len() as i64, server.store.last_change().await.unwrap());
        let query = "query($id: ID!) { draft(id: $id) { version state revisions(first: 1) { action author { name } } } }";
        for draft in &drafts[1..] {
            let draft = server.ask_as(&team.token, query, json!({ "id": draft["id"] })).await["draft"].take();
            assert_eq!(draft, json!({ "version": 5, "state": "PUBLISHED", "revisions": [{ "action": "PUBLISH", "author": null }] }));
        }
    }
}

#[tokio::test]
async fn what_cannot_be_published_when_it_is_due_goes_back_and_says_why() {
    let server = TestServer::demo_on(Database::Sqlite).await;
    let team = Team::of(&server).await;
    let draft = scheduled(&team, "museu", "2026-11-24T08:00:00-04:00").await;
    // Meanwhile another record takes the slug.
    team.publish(&team.begin("museu").await).await;
    assert_eq!(server.desk.publish_due(now() + TimeDelta::days(1)).await.unwrap(), 0);
    let query = "query($id: ID!) { draft(id: $id) { state revisions(first: 1) { action comment } } }";
    let draft = server.ask_as(&team.token, query, json!({ "id": draft["id"] })).await["draft"].take();
    assert_eq!(draft["state"], "APPROVED");
    assert!(draft["revisions"][0]["comment"].as_str().unwrap().contains("could not be published"));
}

#[tokio::test]
async fn a_draft_that_cannot_even_be_read_keeps_no_other_from_its_moment() {
    for database in BOTH {
        let server = TestServer::demo_on(database).await;
        let team = Team::of(&server).await;
        let broken = scheduled(&team, "museu-quebrado", "2026-11-24T07:00:00-04:00").await;
        let draft = scheduled(&team, "museu", "2026-11-24T08:00:00-04:00").await;
        server.database.by_hand("UPDATE draft SET record_type = 'MUSEUM' WHERE slug = 'museu-quebrado'").await;
        assert!(server.desk.publish_due(now() + TimeDelta::days(1)).await.is_err(), "{database:?}: it is not told");
        server.catch_up().await;
        assert_eq!(public_name(&server, &draft["id"]).await, "Museu museu", "{database:?}");
        assert_eq!(public_name(&server, &broken["id"]).await, Value::Null);
    }
}

#[tokio::test]
async fn a_process_that_is_killed_leaves_what_is_due_to_the_others() {
    let server = TestServer::demo_on(Database::Postgres).await;
    let team = Team::of(&server).await;
    let folder = tempfile::tempdir().unwrap();
    let start = || Served::start(folder.path(), &["--database-url", &server.database.url]);
    let mut processes = [start(), start(), start()];
    let mut drafts = Vec::new();
    for number in 0..12 {
        let draft = team.begin(&format!("museu-{number}")).await;
        let draft = team.on("submitForReview", &draft, json!({})).await;
        drafts.push(team.on("approve", &draft, json!({})).await);
    }
    // These processes have the machine's clock.
    let due = Clock::System.now() + TimeDelta::seconds(3);
    for draft in &drafts {
        team.on("schedule", draft, json!({ "at": due.to_rfc3339() })).await;
    }
    let published = async || {
        let list = "{ drafts(states: [PUBLISHED], first: 100) { nodes { id } } }";
        server.ask_as(&team.token, list, json!({})).await["drafts"]["nodes"].as_array().unwrap().len()
    };
    eventually("something is published", async || published().await > 0).await;
    // In the middle of its work or not: whatever it had begun is undone, and whatever it had not is for the others.
    processes[0].child.kill().unwrap();
    eventually("everything is published", async || published().await == 12).await;
    let query = "query($id: ID!) { draft(id: $id) { version revisions(first: 10) { action at } } }";
    for draft in &drafts {
        let draft = server.ask_as(&team.token, query, json!({ "id": draft["id"] })).await["draft"].take();
        let steps = draft["revisions"].as_array().unwrap();
        assert_eq!(steps.iter().filter(|step| step["action"] == "PUBLISH").count(), 1, "{draft:#}");
        let at: DateTime<Utc> = steps[0]["at"].as_str().unwrap().parse().unwrap();
        assert!(draft["version"] == 5 && at >= due - TimeDelta::seconds(1), "{draft:#}");
    }
}
