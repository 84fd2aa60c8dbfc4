//! Every step in every state, against a table written here by hand.

use serde_json::json;

use super::Team;
use crate::support::TestServer;
use crate::support::database::Database;

/// How to come to a state, and what is allowed there when something is live and when nothing is: the rows of the state machine.
const STATES: [(&str, &[&str]); 8] = [
    ("DRAFT", &[]),
    ("IN_REVIEW", &["submitForReview"]),
    ("CHANGES_REQUESTED", &["submitForReview", "requestChanges"]),
    ("APPROVED", &["submitForReview", "approve"]),
    ("SCHEDULED", &["submitForReview", "approve", "schedule"]),
    ("PUBLISHED", &["submitForReview", "approve", "publish"]),
    ("UNPUBLISHED", &["submitForReview", "approve", "publish", "unpublish"]),
    ("ARCHIVED", &["archive"]),
];

/// Step by step, the state it leads to from each of the states above, in their order; `-` where it is refused.
const TABLE: [(&str, [&str; 8]); 11] = [
    ("updateDraft", ["DRAFT", "DRAFT", "DRAFT", "DRAFT", "-", "DRAFT", "DRAFT", "-"]),
    ("revertTo", ["DRAFT", "DRAFT", "DRAFT", "DRAFT", "-", "DRAFT", "DRAFT", "DRAFT"]),
    ("submitForReview", ["IN_REVIEW", "-", "IN_REVIEW", "-", "-", "-", "-", "-"]),
    ("requestChanges", ["-", "CHANGES_REQUESTED", "-", "CHANGES_REQUESTED", "-", "-", "-", "-"]),
    ("approve", ["-", "APPROVED", "-", "-", "-", "-", "-", "-"]),
    ("publish", ["-", "-", "-", "PUBLISHED", "PUBLISHED", "-", "PUBLISHED", "-"]),
    ("schedule", ["-", "-", "-", "SCHEDULED", "-", "-", "SCHEDULED", "-"]),
    ("unschedule", ["-", "-", "-", "-", "APPROVED", "-", "-", "-"]),
    // Nothing is live but in PUBLISHED.
    ("unpublish", ["-", "-", "-", "-", "-", "UNPUBLISHED", "-", "-"]),
    ("archive", ["ARCHIVED", "ARCHIVED", "ARCHIVED", "ARCHIVED", "-", "ARCHIVED", "ARCHIVED", "-"]),
    ("mergeInto", ["ARCHIVED", "ARCHIVED", "ARCHIVED", "ARCHIVED", "-", "ARCHIVED", "ARCHIVED", "-"]),
];

/// The word of a step among `allowedActions`.
fn action(step: &str) -> &str {
    match step {
        "updateDraft" => "UPDATE",
        "revertTo" => "REVERT",
        "submitForReview" => "SUBMIT",
        "requestChanges" => "REQUEST_CHANGES",
        "approve" => "APPROVE",
        "publish" => "PUBLISH",
        "schedule" => "SCHEDULE",
        "unschedule" => "UNSCHEDULE",
        "unpublish" => "UNPUBLISH",
        "archive" => "ARCHIVE",
        _ => "MERGE",
    }
}

#[tokio::test]
async fn every_step_in_every_state_leads_where_the_table_says() {
    let server = TestServer::demo_on(Database::Sqlite).await;
    let team = Team::of(&server).await;
    let target = team.publish(&team.begin("alvo").await).await;
    let more = |step: &str| match step {
        "requestChanges" => json!({ "comment": "falta o horário" }),
        "schedule" => json!({ "at": "2027-01-01T10:00:00-04:00" }),
        "unpublish" => json!({ "reason": "em obras" }),
        "mergeInto" => json!({ "into": target["id"] }),
        "revertTo" => json!({ "revision": 1 }),
        _ => json!({}),
    };
    for (column, (state, way)) in STATES.into_iter().enumerate() {
        for (step, row) in TABLE {
            let mut draft = team.begin(&format!("museu-{column}-{}", step.to_lowercase())).await;
            for step in way {
                draft = team.on(step, &draft, more(step)).await;
            }
            assert_eq!(draft["state"], state);
            let mut input = json!({ "id": draft["id"], "expectedVersion": draft["version"] });
            input.as_object_mut().unwrap().extend(more(step).as_object().unwrap().clone());
            let payload = team.try_step(step, input).await;
            let is_offered = draft["allowedActions"].as_array().unwrap().contains(&json!(action(step)));
            if row[column] == "-" {
                assert_eq!(payload["userErrors"][0]["code"], "NOT_ALLOWED_IN_STATE", "{step} in {state}: {payload}");
                assert!(!is_offered, "{step} in {state}");
            } else {
                assert_eq!(payload["draft"]["state"], row[column], "{step} in {state}: {payload}");
                assert!(is_offered, "{step} in {state}");
            }
        }
    }
}

#[tokio::test]
async fn what_is_live_can_be_taken_back_while_the_next_version_is_worked_on() {
    let server = TestServer::demo_on(Database::Sqlite).await;
    let team = Team::of(&server).await;
    for way in [&[][..], &["submitForReview"], &["submitForReview", "approve"]] {
        let published = team.publish(&team.begin(&format!("museu-{}", way.len())).await).await;
        let mut draft =
            team.on("updateDraft", &published, json!({ "content": { "pointOfInterest": { "typicalVisitMinutes": 30 } } })).await;
        for step in way {
            draft = team.on(step, &draft, json!({})).await;
        }
        let taken_back = team.on("unpublish", &draft, json!({ "reason": "em obras" })).await;
        assert_eq!(taken_back["state"], draft["state"]);
        assert_eq!(taken_back["publishedVersion"], json!(null));
        server.catch_up().await;
        assert_eq!(super::public_name(&server, &draft["id"]).await, json!(null));
    }
}
