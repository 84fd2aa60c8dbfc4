//! Lists read to their end.

use serde_json::{Value, json};

use super::TestServer;

/// Every place, page by page.
pub async fn all_places(server: &TestServer, selection: &str) -> Vec<Value> {
    let query = format!(
        "query($after: String) {{ pointsOfInterest(first: 100, after: $after) {{ nodes {{ {selection} }} pageInfo {{ hasNextPage endCursor }} }} }}"
    );
    let (mut places, mut after) = (Vec::new(), Value::Null);
    loop {
        let data = server.ask(&query, json!({ "after": after })).await;
        let page = &data["pointsOfInterest"];
        places.extend(page["nodes"].as_array().unwrap().iter().cloned());
        if page["pageInfo"]["hasNextPage"] == json!(false) {
            return places;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}
