//! Connections to the database: the turns of clients, what this process keeps for itself, and loads that are done once.

use std::net::Ipv4Addr;
use std::time::Duration;

use roteiro::domain::client::{Client, Network};
use roteiro::domain::ids::{AccountId, RecordId};
use roteiro::fair::admission::Admission;
use roteiro::fair::work::on_behalf_of;
use roteiro::identity::rights::Role;
use serde_json::json;
use uuid::Uuid;

use super::caller::Caller;
use crate::support::database::{BOTH, Database};
use crate::support::{TestServer, now};

fn network(number: u8) -> Client {
    Client::Anyone(Network::V4(Ipv4Addr::new(192, 0, 2, number)))
}

/// With four transactions of a client open, which is all that clients have, another waits; what the process does for itself does not.
/// When one ends it is the other's turn, though the greedy client's next came first.
#[tokio::test]
async fn clients_take_turns_and_the_process_finds_a_connection() {
    let (_database, store) = TestServer::filled(Database::Postgres, false).await;
    let mut open = Vec::new();
    for _ in 0..4 {
        open.push(on_behalf_of(network(1), store.begin(now())).await.unwrap());
    }
    let read = || store.draft(RecordId(Uuid::nil()));
    read().await.unwrap();
    let ((sender, mut order), editor) = (tokio::sync::mpsc::unbounded_channel(), Client::Account(AccountId(Uuid::nil())));
    let waiting = [("greedy", network(1)), ("greedy", network(1)), ("editor", editor)].map(|(name, client)| {
        let (store, sender) = (store.clone(), sender.clone());
        on_behalf_of(client, async move {
            let transaction = store.begin(now()).await.unwrap();
            sender.send(name).unwrap();
            // Held, so that the next turn is only had when this one ends.
            tokio::time::sleep(Duration::from_millis(20)).await;
            drop(transaction);
        })
    });
    let script = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert!(order.try_recv().is_err(), "nobody has a turn yet");
        open.pop();
        let order = [order.recv().await.unwrap(), order.recv().await.unwrap(), order.recv().await.unwrap()];
        assert_eq!(order, ["greedy", "editor", "greedy"]);
    };
    tokio::join!(futures::future::join_all(waiting), script);
}

/// A hundred aliases load what they name once; and while two connections ask so, and for many trips by name, an editor works on.
#[tokio::test(flavor = "multi_thread")]
async fn two_greedy_connections_do_not_keep_an_editor_from_working() {
    for database in BOTH {
        let (database, store) = TestServer::filled(database, true).await;
        let server = TestServer::sharing(database, store, |_| Admission::default(), None).await;
        let visitor = Caller::at(&server, "192.0.2.1").signed_in().await;
        let save = "mutation($input: SaveTripInput!) { saveTrip(input: $input) { trip { id } userErrors { message } } }";
        let start = json!({ "location": { "latitude": -15.596, "longitude": -56.097 } });
        let mut ids = Vec::new();
        for seed in 0..3 {
            let request = json!({ "cities": ["cuiaba"], "seed": seed, "days": [{ "date": "2026-12-12", "start": start }] });
            let mut saved = visitor.ask(save, json!({ "input": { "title": "Fim de semana", "request": request } })).await;
            ids.push(saved["data"]["saveTrip"]["trip"]["id"].take().as_str().unwrap_or_else(|| panic!("{saved}")).to_owned());
        }
        let aliases = |field: &dyn Fn(usize) -> String| (0..60).map(|number| format!("a{number}: {}", field(number))).collect::<String>();
        let lists = format!("{{ {} }}", aliases(&|number| format!("trips(first: {}) {{ id shares {{ token }} }} ", number % 5 + 1)));
        let answer = visitor.ask(&lists, json!({})).await;
        for number in 0..60 {
            let trips = answer["data"][format!("a{number}")].as_array().unwrap_or_else(|| panic!("{answer}"));
            assert_eq!(trips.len(), (number % 5 + 1).min(3));
        }
        let named = format!("{{ {} }}", aliases(&|number| format!("trip(by: {{ id: \"{}\" }}) {{ title }} ", ids[number % 3])));
        let is_over = std::sync::atomic::AtomicBool::new(false);
        let greedy = futures::future::join_all((0..16).map(|number| {
            let (visitor, document, is_over) = (visitor.clone(), if number % 2 == 0 { &lists } else { &named }, &is_over);
            async move {
                while !is_over.load(std::sync::atomic::Ordering::SeqCst) {
                    let answer = visitor.ask(document, json!({})).await;
                    assert_ne!(answer["errors"][0]["extensions"]["code"], "UNAVAILABLE", "{answer}");
                }
            }
        }));
        let editor = async {
            let (_, token) = server.account(Role::Editor, Some("cuiaba")).await;
            let editor = Caller::at(&server, "192.0.2.2").showing(&token);
            for _ in 0..20 {
                assert_eq!(
                    editor.code("{ drafts(first: 5) { nodes { id } } suggestions(first: 5) { nodes { id } } }", json!({})).await,
                    None
                );
            }
            is_over.store(true, std::sync::atomic::Ordering::SeqCst);
        };
        tokio::join!(greedy, editor);
    }
}
