//! Records that were merged into another: the feed says what they became, and whoever asks by an old id or an old link is answered
//! with it.

use roteiro::domain::ids::RecordType;
use serde_json::{Value, json};

use super::histories::redirected;
use super::reader::Reader;
use crate::support::city_file::{file, place};
use crate::support::database::BOTH;
use crate::support::{TestServer, now};

async fn merge(server: &TestServer, from: &str, to: &str) {
    let (from_id, to_id) = {
        let snapshot = server.holder.current();
        (snapshot.place_by_slug(from).unwrap().record.id, snapshot.place_by_slug(to).unwrap().record.id)
    };
    redirected(server, from_id, from, to_id).await;
    let mut transaction = server.store.begin(now()).await.unwrap();
    transaction.withdraw(RecordType::PointOfInterest, server.city("nobres"), &[from_id]).await.unwrap();
    transaction.commit().await.unwrap();
    server.catch_up().await;
}

async fn slug_of(server: &TestServer, by: &Value) -> Value {
    let query = "query($by: PointOfInterestLookup!) { pointOfInterest(by: $by) { slug } }";
    server.ask(query, json!({ "by": by })).await["pointOfInterest"]["slug"].take()
}

#[tokio::test]
async fn what_was_merged_is_redirected_through_chains_to_what_is_there() {
    for kind in BOTH {
        let server = TestServer::bare_on(kind).await;
        let places: Vec<Value> = ["a", "b", "c", "d"].iter().map(|slug| place(slug, "Gruta", -14.72, -56.33)).collect();
        server.import(&file("um", "nobres", &places, &[], &[])).await;
        let mut reader = Reader::default();
        reader.catch_up(&server).await;
        let id = |slug: &str| reader.records.iter().find(|(_, record)| record["slug"] == slug).unwrap().0.clone();
        let (a, b, c) = (id("a"), id("b"), id("c"));

        merge(&server, "a", "b").await;
        let page = reader.look(&server, 10).await;
        let told = &page["entries"][0];
        assert_eq!((&told["kind"], &told["id"], &told["replacedBy"]), (&json!("REDIRECTED"), &json!(a), &json!(b)), "{kind:?}");
        assert_eq!((&told["node"], page["entries"].as_array().unwrap().len()), (&Value::Null, 1), "{kind:?}");
        reader.take(&page);
        merge(&server, "b", "c").await;
        let page = reader.look(&server, 10).await;
        assert_eq!((&page["entries"][0]["id"], &page["entries"][0]["replacedBy"]), (&json!(b), &json!(c)), "{kind:?}");

        for by in [json!({ "id": a }), json!({ "slug": "a" }), json!({ "id": b }), json!({ "slug": "b" }), json!({ "slug": "c" })] {
            assert_eq!(slug_of(&server, &by).await, "c", "{kind:?}: {by}");
        }
        assert_eq!(slug_of(&server, &json!({ "slug": "d" })).await, "d");
        let found = server.ask("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", json!({ "ids": [a, b, c] })).await;
        assert_eq!(found["nodes"], json!([{ "id": c }, { "id": c }, { "id": c }]), "{kind:?}");
        let found = server.ask("query($id: ID!) { node(id: $id) { id } }", json!({ "id": a })).await;
        assert_eq!(found["node"]["id"], json!(c), "{kind:?}");
        // It is in no list.
        let all = server.ask("{ pointsOfInterest { nodes { slug } } }", Value::Null).await;
        assert_eq!(all["pointsOfInterest"]["nodes"], json!([{ "slug": "c" }, { "slug": "d" }]), "{kind:?}");

        // When the last of the chain goes too, so do the redirects.
        let c_id = server.holder.current().place_by_slug("c").unwrap().record.id;
        let mut transaction = server.store.begin(now()).await.unwrap();
        transaction.withdraw(RecordType::PointOfInterest, server.city("nobres"), &[c_id]).await.unwrap();
        transaction.commit().await.unwrap();
        server.catch_up().await;
        assert_eq!(slug_of(&server, &json!({ "id": a })).await, Value::Null, "{kind:?}");
        // And a fresh process says the same.
        let fresh = TestServer::over(server.database.again(), server.store.clone()).await;
        assert_eq!(fresh.holder.current().redirects, server.holder.current().redirects, "{kind:?}");
    }
}
