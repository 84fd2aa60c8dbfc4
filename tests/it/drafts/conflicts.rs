//! Two people on one draft: nobody's work is lost, and nobody is overwritten without being told.

use serde_json::{Value, json};

use super::Team;
use crate::support::TestServer;
use crate::support::city_file;
use crate::support::database::{BOTH, Database};

fn update(draft: &Value, content: &Value) -> Value {
    json!({ "id": draft["id"], "expectedVersion": draft["version"], "content": { "pointOfInterest": content } })
}

#[tokio::test]
async fn different_fields_merge_and_the_same_clash_with_both_sides_shown() {
    for database in BOTH {
        let server = TestServer::demo_on(database).await;
        let team = Team::of(&server).await;
        let draft = team.begin("museu").await;
        team.step("updateDraft", update(&draft, &json!({ "typicalVisitMinutes": 30 }))).await;
        let merged = team.try_step("updateDraft", update(&draft, &json!({ "category": "theatre" }))).await;
        assert_eq!((merged["outcome"].as_str(), merged["draft"]["version"].as_i64()), (Some("MERGED"), Some(3)));
        let query = "mutation($input: UpdateDraftInput!) { updateDraft(input: $input) { outcome conflict { fields
            mine { ... on PointOfInterestContent { typicalVisitMinutes category } }
            theirs { version content { ... on PointOfInterestContent { typicalVisitMinutes category } } } } } }";
        let input = update(&draft, &json!({ "typicalVisitMinutes": 45, "slug": "outro" }));
        let clash = server.ask_as(&team.token, query, json!({ "input": input })).await["updateDraft"].take();
        assert_eq!(
            clash,
            json!({ "outcome": "CONFLICT", "conflict": { "fields": [["typicalVisitMinutes"]],
                "mine": { "typicalVisitMinutes": 45, "category": "museum" },
                "theirs": { "version": 3, "content": { "typicalVisitMinutes": 30, "category": "theatre" } } } })
        );
    }
}

#[tokio::test]
async fn nobody_decides_on_what_was_not_seen() {
    let server = TestServer::demo_on(Database::Sqlite).await;
    let team = Team::of(&server).await;
    let draft = team.begin("museu").await;
    let submitted = team.on("submitForReview", &draft, json!({})).await;
    let changed = team.on("updateDraft", &submitted, json!({ "content": { "pointOfInterest": { "category": "theatre" } } })).await;
    team.on("submitForReview", &changed, json!({})).await;
    let stale = json!({ "id": draft["id"], "expectedVersion": submitted["version"] });
    let payload = team.try_step("approve", stale).await;
    assert_eq!((payload["outcome"].as_str(), &payload["conflict"]["fields"]), (Some("CONFLICT"), &json!([["category"]])));
    let payload = team.try_step("approve", json!({ "id": draft["id"], "expectedVersion": 99 })).await;
    assert_eq!(payload["userErrors"][0]["field"], json!(["input", "expectedVersion"]));
}

/// Two editors, each changing the same field of the same version, again and again: of each pair one is saved and one is told.
#[tokio::test]
async fn two_editors_race_a_thousand_times_and_no_change_is_lost() {
    for (database, rounds) in [(Database::Sqlite, 300), (Database::Postgres, 700)] {
        let server = TestServer::bare_on(database).await;
        server.import(&city_file::file("cuiaba-tourism", "cuiaba", &[], &[], &[])).await;
        let (one, other) = (Team::of(&server).await, Team::of(&server).await);
        let draft = one.begin("museu").await;
        let (mut version, id) = (1, draft["id"].clone());
        for round in 0..rounds {
            let input = |minutes: i32| json!({ "id": id, "expectedVersion": version, "content": { "pointOfInterest": { "typicalVisitMinutes": minutes } } });
            let (first, second) =
                tokio::join!(one.try_step("updateDraft", input(2 * round + 1)), other.try_step("updateDraft", input(2 * round + 2)));
            let mut outcomes = [first["outcome"].as_str().unwrap(), second["outcome"].as_str().unwrap()];
            outcomes.sort_unstable();
            assert_eq!(outcomes, ["CONFLICT", "SAVED"], "{first}\n{second}");
            version += 1;
        }
        let query = "query($id: ID!) { draft(id: $id) { version } }";
        assert_eq!(server.ask_as(&one.token, query, json!({ "id": id })).await["draft"]["version"], version);
    }
}
