//! Seats of connections that stay: one client has half of them at most, and the others their shares.

use roteiro::fair::admission::Admission;
use roteiro::fair::shares::Room;
use serde_json::json;

use super::caller::Caller;
use super::writes::web_socket;
use crate::support::TestServer;
use crate::support::database::Database;

#[tokio::test]
async fn one_client_cannot_sit_on_all_of_them() {
    let (database, store) = TestServer::filled(Database::Sqlite, false).await;
    let server = TestServer::sharing(database, store, |_| Admission::default(), Some(Room { all: 10, share: 2 })).await;
    let stream = |address: &str| {
        let caller = Caller::at(&server, address);
        let query = "subscription { catalogueChanged { cursor } }";
        caller.request(query, &json!({})).header("Accept", "text/event-stream").send()
    };
    let mut sockets = Vec::new();
    for _ in 0..3 {
        sockets.push(web_socket(&server, "192.0.2.1").await.ok().unwrap());
    }
    let mut streams = Vec::new();
    for _ in 0..2 {
        streams.push(stream("192.0.2.1").await.unwrap());
        assert_eq!(streams.last().unwrap().status(), 200);
    }
    // Half are taken, by one.
    assert_eq!(web_socket(&server, "192.0.2.1").await.err(), Some(503));
    let refused = stream("::ffff:192.0.2.1").await.unwrap();
    assert_eq!((refused.status().as_u16(), refused.headers().contains_key("retry-after")), (503, true));
    for address in ["192.0.2.2", "192.0.2.3"] {
        sockets.push(web_socket(&server, address).await.ok().unwrap());
        streams.push(stream(address).await.unwrap());
        assert_eq!(streams.last().unwrap().status(), 200);
        assert_eq!(web_socket(&server, address).await.err(), Some(503), "it has its share");
    }
    sockets.push(web_socket(&server, "192.0.2.4").await.ok().unwrap());
    assert_eq!(web_socket(&server, "192.0.2.5").await.err(), Some(503), "all are taken");
    // Whoever leaves makes room.
    drop(streams.pop());
    crate::support::eventually("there is a seat again", async || web_socket(&server, "192.0.2.5").await.is_ok()).await;
}
