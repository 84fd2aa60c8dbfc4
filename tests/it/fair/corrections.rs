//! Corrections: those that say the same are one, and no network fills a city's queue for the others.

use chrono::TimeDelta;
use roteiro::fair::admission::Admission;
use roteiro::identity::rights::Role;
use serde_json::{Value, json};

use super::caller::Caller;
use crate::support::city_file;
use crate::support::database::BOTH;
use crate::support::{TestServer, now};

const SUGGEST: &str = "mutation($input: SuggestEditInput!) { suggestEdit(input: $input) { suggestionId userErrors { code } } }";

async fn server_with_two_places(database: crate::support::database::Database) -> (TestServer, [Value; 2]) {
    let (database, store) = TestServer::filled(database, false).await;
    let server = TestServer::sharing(database, store, |_| Admission::default(), None).await;
    let places = [city_file::place("museu", "Museu", -15.6, -56.09), city_file::place("parque", "Parque", -15.61, -56.08)];
    server.import(&city_file::file("cuiaba-tourism", "cuiaba", &places, &[], &[])).await;
    let find = "{ a: pointOfInterest(by: { slug: \"museu\" }) { id } b: pointOfInterest(by: { slug: \"parque\" }) { id } }";
    let mut found = server.ask(find, json!({})).await;
    let ids = ["a", "b"].map(|alias| found[alias]["id"].take());
    (server, ids)
}

async fn suggest(caller: &Caller<'_>, input: Value) -> Value {
    caller.ask(SUGGEST, json!({ "input": input })).await["data"]["suggestEdit"].take()
}

#[tokio::test]
async fn those_that_say_the_same_of_a_record_are_one_with_a_count() {
    for database in BOTH {
        let (server, [museum, park]) = server_with_two_places(database).await;
        let mut ids = Vec::new();
        let hours = |raw: &str| json!({ "pointOfInterest": { "openingHours": { "raw": raw } } });
        for (number, comment) in ["Fecha às  17h", " fecha às 17H ", "fecha a\u{300}s 17h"].into_iter().enumerate() {
            let visitor = Caller::at(&server, &format!("192.0.2.{number}")).signed_in().await;
            let input = json!({ "id": museum, "comment": comment, "content": hours("Tu-Su 09:00-17:00") });
            ids.push(suggest(&visitor, input).await["suggestionId"].take());
        }
        assert!(ids[0].is_string() && ids.iter().all(|id| *id == ids[0]), "{ids:?}");
        let visitor = Caller::at(&server, "192.0.2.9").signed_in().await;
        for input in [
            json!({ "id": park, "comment": "fecha às 17h", "content": hours("Tu-Su 09:00-17:00") }),
            json!({ "id": museum, "comment": "fecha às 18h", "content": hours("Tu-Su 09:00-17:00") }),
            json!({ "id": museum, "comment": "fecha às 17h", "content": hours("Tu-Su 09:00-18:00") }),
        ] {
            assert!(!ids.contains(&suggest(&visitor, input).await["suggestionId"]));
        }
        let (_, editor) = server.account(Role::Editor, Some("cuiaba")).await;
        let list = "{ suggestions(first: 100) { nodes { id times } } }";
        let open = server.ask_as(&editor, list, json!({})).await["suggestions"]["nodes"].take();
        let mut times: Vec<_> = open.as_array().unwrap().iter().map(|one| one["times"].as_u64().unwrap()).collect();
        // Made at one moment, they stand in any order.
        times.sort_unstable();
        assert_eq!(times, [1, 1, 1, 3]);
        // Once it is settled the same is news again, and nothing is left by which it would be known.
        let dismiss = "mutation($id: ID!) { dismissSuggestion(input: { id: $id }) { dismissedSuggestionId } }";
        server.ask_as(&editor, dismiss, json!({ "id": ids[0] })).await;
        assert!(!server.database.has("SELECT 1 FROM suggestion WHERE state <> 'OPEN' AND digest IS NOT NULL").await);
        let again = json!({ "id": museum, "comment": "fecha às 17h", "content": hours("Tu-Su 09:00-17:00") });
        assert!(suggest(&visitor, again).await["suggestionId"] != ids[0]);
    }
}

#[tokio::test]
async fn the_same_at_the_same_moment_is_one() {
    for database in BOTH {
        let (server, [museum, _]) = server_with_two_places(database).await;
        let visitor = Caller::at(&server, "192.0.2.1").signed_in().await;
        let all = (0..8).map(|_| suggest(&visitor, json!({ "id": museum, "comment": "fechou" })));
        let all = futures::future::join_all(all).await;
        assert!(all[0]["suggestionId"].is_string() && all.iter().all(|one| one["suggestionId"] == all[0]["suggestionId"]), "{all:?}");
        assert!(server.database.has("SELECT 1 FROM suggestion WHERE times = 8").await);
    }
}

#[tokio::test]
async fn a_network_has_a_share_of_a_citys_queue_and_the_others_have_theirs() {
    let (server, [museum, _]) = server_with_two_places(BOTH[0]).await;
    let network = Caller::at(&server, "2001:db8:1:2::1");
    let (mut kept, mut refused) = (0, 0);
    for host in 1..=6 {
        let visitor = Caller { address: format!("2001:db8:1:2::{host}"), ..network.signed_in().await };
        for number in 0..20 {
            let said = suggest(&visitor, json!({ "id": museum, "comment": format!("{} {number}", visitor.address) })).await;
            match said["userErrors"][0]["code"].as_str() {
                None => kept += 1,
                Some(code) => {
                    assert_eq!(code, "LIMIT_REACHED");
                    refused += 1;
                }
            }
        }
    }
    assert_eq!((kept, refused), (100, 20));
    let honest = Caller::at(&server, "2001:db8:1:3::1").signed_in().await;
    assert!(suggest(&honest, json!({ "id": museum, "comment": "fechou" })).await["suggestionId"].is_string());
    server.clock.set(now() + TimeDelta::days(1));
    let visitor = network.signed_in().await;
    assert!(suggest(&visitor, json!({ "id": museum, "comment": "fechou para sempre" })).await["suggestionId"].is_string());
}
