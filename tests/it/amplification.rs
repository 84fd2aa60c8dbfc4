//! Requests that would weigh more when they are worked on than when they arrive, and cursors changed by a single letter.

use serde_json::{Value, json};

use crate::support::TestServer;

/// The question must be refused with this code; then a good one is answered.
async fn check(server: &TestServer, query: &str, variables: Value, code: &str) {
    let asked: String = query.chars().take(200).collect();
    assert_eq!(server.refusal(query, variables).await, code, "{asked}");
    let good = server.ask("{ pointsOfInterest(first: 1) { nodes { slug } } }", Value::Null).await;
    assert_eq!(good["pointsOfInterest"]["nodes"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn one_long_variable_read_by_many_fields() {
    let server = TestServer::demo().await;
    let fields: String = (0..40).map(|number| format!("a{number}: pointsOfInterest(where: $where) {{ totalCount }} ")).collect();
    let query = format!("query($where: PointOfInterestFilter) {{ {fields} }}");
    check(&server, &query, json!({ "where": { "city": vec!["cuiaba"; 5_000] } }), "QUERY_TOO_COSTLY").await;
    let skipped = query.replace(") {", ") @skip(if: true) {");
    check(&server, &skipped, json!({ "where": { "city": vec!["cuiaba"; 5_000] } }), "QUERY_TOO_COSTLY").await;
}

#[tokio::test]
async fn more_values_than_any_argument_takes() {
    let server = TestServer::demo().await;
    let query = "query($area: GeoJSON) { pointsOfInterest(where: {within: {polygon: $area}}) { totalCount } }";
    let triangle = json!([[-56, -15], [-55, -15], [-55, -14], [-56, -15]]);
    let mut rings = vec![json!([]); 100_000];
    rings[0] = triangle;
    check(&server, query, json!({ "area": { "type": "Polygon", "coordinates": rings } }), "PAYLOAD_TOO_LARGE").await;
    let ids = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }";
    check(&server, ids, json!({ "ids": vec!["x"; 100_000] }), "PAYLOAD_TOO_LARGE").await;
}

#[tokio::test]
async fn the_schema_described_a_hundred_times() {
    let server = TestServer::demo().await;
    let fields: String = (0..100).map(|number| format!("a{number}: types {{ fields {{ name description }} }} ")).collect();
    check(&server, &format!("{{ __schema {{ {fields} }} }}"), Value::Null, "QUERY_TOO_COSTLY").await;
}

#[tokio::test]
async fn a_cursor_with_any_letter_changed() {
    let server = TestServer::demo().await;
    let data = server.ask("{ pointsOfInterest(first: 2) { pageInfo { endCursor } } }", Value::Null).await;
    let cursor = data["pointsOfInterest"]["pageInfo"]["endCursor"].as_str().unwrap();
    let next = "query($after: String!) { pointsOfInterest(first: 2, after: $after) { nodes { slug } } }";
    server.ask(next, json!({ "after": cursor })).await;
    for index in 0..cursor.len() {
        let other = if &cursor[index..=index] == "A" { "B" } else { "A" };
        let forged = format!("{}{other}{}", &cursor[..index], &cursor[index + 1..]);
        assert_eq!(server.refusal(next, json!({ "after": forged })).await, "BAD_CURSOR", "letter {index}");
    }
    for forged in ["", "x", &"A".repeat(20_000), &cursor[1..], &cursor[..cursor.len() - 4]] {
        check(&server, next, json!({ "after": forged }), "BAD_CURSOR").await;
    }
}
