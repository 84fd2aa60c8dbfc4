//! Heavy reads: they are done in turns of their clients, beside what is answered at once.

use std::sync::atomic::{AtomicUsize, Ordering};

use roteiro::fair::admission::Admission;
use serde_json::json;

use super::caller::{Caller, code};
use crate::support::TestServer;
use crate::support::database::Database;

/// Some thousands of points.
const HEAVY: &str = "{ pointsOfInterest(first: 100) { nodes { id slug name { value } location { latitude longitude }
    category { slug name { value } } city { slug name { value } } openingHours { raw }
    nearby(first: 5) { edges { distanceMeters node { slug } } } } } }";

#[tokio::test(flavor = "multi_thread")]
async fn others_are_answered_while_one_client_asks_for_a_lot() {
    let (database, store) = TestServer::filled(Database::Sqlite, true).await;
    let server = TestServer::sharing(database, store, |_| Admission::default(), None).await;
    let (answered, greedy) = (AtomicUsize::new(0), Caller::at(&server, "192.0.2.1"));
    // It is answered at all, and by itself without delay.
    assert_eq!(greedy.code(HEAVY, json!({})).await, None);
    let flood = futures::future::join_all((0..200).map(|_| {
        let (greedy, answered) = (greedy.clone(), &answered);
        async move {
            let answer = greedy.ask(HEAVY, json!({})).await;
            answered.fetch_add(1, Ordering::SeqCst);
            code(&answer)
        }
    }));
    let others = async {
        while answered.load(Ordering::SeqCst) == 0 {
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
        let other = Caller::at(&server, "192.0.2.2");
        assert_eq!(other.code("{ cities { slug } }", json!({})).await, None);
        let light = answered.load(Ordering::SeqCst);
        assert_eq!(other.code(HEAVY, json!({})).await, None);
        (light, answered.load(Ordering::SeqCst))
    };
    let (codes, (light, heavy)) = tokio::join!(flood, others);
    assert!(codes.iter().all(Option::is_none), "200 have room: {codes:?}");
    assert!(light < 200 && heavy < 200, "others waited for all of the flood: {light}, {heavy}");
}

/// A thread answers one request after the other; of those that are there it takes each client's in turn.
#[tokio::test(flavor = "multi_thread")]
async fn many_connections_of_one_client_are_not_all_before_anothers() {
    let (database, store) = TestServer::filled(Database::Sqlite, true).await;
    let server = TestServer::sharing(database, store, |_| Admission::default(), None).await;
    let light = "{ pointsOfInterest(first: 15) { nodes { slug name { value } category { slug } city { slug } } } }";
    let (answered, greedy) = (AtomicUsize::new(0), Caller::at(&server, "192.0.2.1"));
    let flood = futures::future::join_all((0..400).map(|_| {
        let (greedy, answered) = (greedy.clone(), &answered);
        async move {
            let answer = greedy.ask(light, json!({})).await;
            answered.fetch_add(1, Ordering::SeqCst);
            code(&answer)
        }
    }));
    let other = async {
        while answered.load(Ordering::SeqCst) == 0 {
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
        assert_eq!(Caller::at(&server, "192.0.2.2").code(light, json!({})).await, None);
        answered.load(Ordering::SeqCst)
    };
    let (codes, before) = tokio::join!(flood, other);
    assert!(codes.iter().all(Option::is_none), "there is room for 400: {codes:?}");
    assert!(before < 390, "it waited for all of the flood: {before}");
}
