//! Two imports of one dataset at the same moment: one after the other, in whichever order.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::TestServer;
use crate::support::city_file::{file, import_into, place};
use crate::support::database::BOTH;

#[tokio::test(flavor = "multi_thread")]
async fn the_city_holds_what_one_of_them_brought_and_nothing_of_the_other() {
    for kind in BOTH {
        let server = TestServer::bare_on(kind).await;
        let version = |slugs: &[&str]| {
            let places: Vec<Value> = slugs.iter().map(|slug| place(slug, slug, -14.7, -56.3)).collect();
            file("together", "nobres", &places, &[], &[])
        };
        import_into(&server.store, &version(&["todos", "antigo"])).await.unwrap();
        for round in 0..5 {
            let (one, other) = (version(&["todos", &format!("um-{round}")]), version(&["todos", &format!("outro-{round}")]));
            let (first, second) = tokio::join!(import_into(&server.store, &one), import_into(&server.store, &other));
            first.unwrap();
            second.unwrap();
            server.catch_up().await;
            let nodes = server.ask("{ pointsOfInterest(where: {city: \"nobres\"}) { nodes { slug } } }", Value::Null).await;
            let slugs: BTreeSet<String> = nodes["pointsOfInterest"]["nodes"]
                .as_array()
                .unwrap()
                .iter()
                .map(|node| node["slug"].as_str().unwrap().to_owned())
                .collect();
            let of = |last: String| BTreeSet::from(["todos".to_owned(), last]);
            assert!([of(format!("um-{round}")), of(format!("outro-{round}"))].contains(&slugs), "{kind:?}: {slugs:?}");
        }
    }
}
