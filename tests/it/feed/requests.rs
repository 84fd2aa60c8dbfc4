//! A phone that was away for a month catches up in few requests.

use roteiro::domain::ids::RecordType;
use roteiro::ingest::synth;
use roteiro::store::write::{ChangeKind, NewChange};
use serde_json::json;

use crate::support::database::Database;
use crate::support::{TestServer, now};

/// What an app shows of a place: thirty fields.
const PAGE: &str = "query($after: Cursor) { changes(after: $after, first: 500) { cursor hasMore resync { reason } entries {
    kind type id city { slug } replacedBy
    node { id ... on PointOfInterest {
        slug name { value language } summary { value } description { value } category { slug } municipality { ibge }
        location { latitude longitude } address { streetAddress locality postalCode } contact { telephone email url }
        timeZone openingHours { raw state } isAccessibleForFree season { months } images { url width height alternativeText { value } }
        accessibility { features { feature value } } prices { audience amount currency } attributionText
        provenance { lastVerifiedAt license { spdx credit } } } } } } }";

#[tokio::test]
async fn five_thousand_changes_are_ten_requests() {
    let server = TestServer::bare_on(Database::Sqlite).await;
    synth::fill(&server.store, 5_000, 3, now()).await.unwrap();
    server.catch_up().await;
    // Where the phone stood.
    let mut cursor = json!(null);
    loop {
        let page =
            server.ask("query($after: Cursor) { changes(after: $after, first: 500) { cursor hasMore } }", json!({ "after": cursor }));
        let mut page = page.await["changes"].take();
        cursor = page["cursor"].take();
        if page["hasMore"] == json!(false) {
            break;
        }
    }
    // A month later each place has changed, one by one.
    let mut transaction = server.store.begin(now()).await.unwrap();
    for shard in &server.holder.current().shards {
        for place in shard.places.iter() {
            let (city, record_type) = (Some(shard.city.id), RecordType::PointOfInterest);
            transaction.note(NewChange { city, record_type, record: Some(place.id), kind: ChangeKind::Upsert });
        }
    }
    transaction.commit().await.unwrap();
    server.catch_up().await;
    let (mut requests, mut changes) = (0, 0);
    loop {
        let mut page = server.ask(PAGE, json!({ "after": cursor })).await["changes"].take();
        requests += 1;
        changes += page["entries"].as_array().unwrap().len();
        assert!(page["entries"].as_array().unwrap().iter().all(|change| change["node"]["slug"].is_string()));
        if page["hasMore"] == json!(false) {
            break;
        }
        cursor = page["cursor"].take();
    }
    assert_eq!((requests, changes), (10, 5_000));
}

#[tokio::test]
async fn what_is_dear_for_the_feed_alone_is_too_dear_beside_other_things() {
    let server = TestServer::demo().await;
    server.ask(PAGE, json!({})).await;
    let beside = PAGE.replacen("{ changes", "{ catalogue { version } changes", 1);
    assert_eq!(server.refusal(&beside, json!({})).await, "QUERY_TOO_COSTLY");
    let deep = PAGE.replace("accessibility {", "nearby(first: 20) { nodes { id } } accessibility {");
    assert_eq!(server.refusal(&deep, json!({})).await, "QUERY_TOO_COSTLY");
}
