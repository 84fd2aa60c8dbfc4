//! Writes without an account are bounded by visitor and by network, however they come; reads only where the operator says so.

use std::num::NonZeroU32;

use chrono::TimeDelta;
use reqwest::StatusCode;
use roteiro::clock::Clock;
use roteiro::fair::admission::Admission;
use roteiro::fair::buckets::{Buckets, Rate};
use roteiro::fair::redis::SharedBuckets;
use roteiro::identity::rights::Role;
use roteiro::identity::secret;
use serde_json::{Value, json};
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

use super::caller::{Caller, SIGN_IN, code};
use crate::support::database::{BOTH, Database};
use crate::support::proxy::Proxy;
use crate::support::web_socket::Client;
use crate::support::{TestServer, now, redis_url};

fn rate(a_second: u32, burst: u32) -> Rate {
    Rate { a_second: NonZeroU32::new(a_second).unwrap(), burst: NonZeroU32::new(burst).unwrap() }
}

/// Five writes at once, then two a second.
fn five(clock: Clock) -> Admission {
    Admission { writes: Some(Buckets::new(rate(2, 5), clock)), reads: None }
}

#[expect(clippy::unnecessary_wraps, reason = "as a code is read")]
fn limited() -> Option<String> {
    Some("RATE_LIMITED".to_owned())
}

const MINE: &str = "{ trips { id } }";
const TRANSFER: &str = "mutation { createTransferCode { expiresAt } }";

#[tokio::test]
async fn an_address_has_a_burst_and_then_so_many_a_second() {
    for database in BOTH {
        let (database, store) = TestServer::filled(database, false).await;
        let server = TestServer::sharing(database, store, five, None).await;
        let caller = Caller::at(&server, "192.0.2.1");
        for _ in 0..5 {
            assert_eq!(caller.code(SIGN_IN, json!({})).await, None);
        }
        let refused = caller.request(SIGN_IN, &json!({})).send().await.unwrap();
        assert_eq!((refused.status(), refused.headers()["retry-after"].to_str().unwrap()), (StatusCode::TOO_MANY_REQUESTS, "1"));
        let refused: Value = refused.json().await.unwrap();
        assert_eq!((code(&refused), refused["errors"][0]["extensions"]["retryAfter"].as_u64()), (limited(), Some(1)));
        assert_eq!(refused.get("data"), None);
        // The same machine by another name is the same; a neighbour is not. Reads go on.
        assert_eq!(Caller::at(&server, "::ffff:192.0.2.1").code(SIGN_IN, json!({})).await, limited());
        assert_eq!(Caller::at(&server, "203.0.113.5, 192.0.2.1").code(SIGN_IN, json!({})).await, limited());
        assert_eq!(Caller::at(&server, "192.0.2.2").code(SIGN_IN, json!({})).await, None);
        assert_eq!(caller.code("{ catalogue { version } }", json!({})).await, None);
        server.clock.set(now() + TimeDelta::seconds(1));
        assert_eq!(caller.code(SIGN_IN, json!({})).await, None);
        assert_eq!(caller.code(SIGN_IN, json!({})).await, None);
        assert_eq!(caller.code(SIGN_IN, json!({})).await, limited());
        server.clock.set(now() + TimeDelta::seconds(60));
        for _ in 0..5 {
            assert_eq!(caller.code(SIGN_IN, json!({})).await, None);
        }
        assert_eq!(caller.code(SIGN_IN, json!({})).await, limited());
    }
}

#[tokio::test]
async fn of_ipv6_a_network_is_one_and_a_visitor_is_one_wherever_they_are() {
    let (database, store) = TestServer::filled(Database::Sqlite, false).await;
    let server = TestServer::sharing(database, store, five, None).await;
    for number in 0..5 {
        assert_eq!(Caller::at(&server, &format!("2001:db8:1:2::{number}")).code(SIGN_IN, json!({})).await, None);
    }
    assert_eq!(Caller::at(&server, "2001:db8:1:2:ffff::1").code(SIGN_IN, json!({})).await, limited());
    let visitor = Caller::at(&server, "2001:db8:1:3::1").signed_in().await;
    for number in 0..5 {
        let elsewhere = Caller { address: format!("192.0.2.{number}"), ..visitor.clone() };
        assert_eq!(elsewhere.code(TRANSFER, json!({})).await, None);
    }
    let elsewhere = Caller { address: "192.0.2.99".to_owned(), ..visitor.clone() };
    assert_eq!(elsewhere.code(TRANSFER, json!({})).await, limited());
    assert_eq!(elsewhere.code(MINE, json!({})).await, None);
    // An account's writes are its own; a token that does not hold is nobody's.
    let (_, editor) = server.account(Role::Editor, None).await;
    let editor = Caller::at(&server, "2001:db8:1:2::1").showing(&editor);
    for _ in 0..10 {
        assert_ne!(editor.code(TRANSFER, json!({})).await, limited());
    }
    assert_eq!(Caller::at(&server, "2001:db8:1:2::1").showing("no.token.atall").code(SIGN_IN, json!({})).await, limited());
}

#[tokio::test]
async fn each_field_counts_and_a_document_is_taken_or_refused_whole() {
    let (database, store) = TestServer::filled(Database::Sqlite, false).await;
    let server = TestServer::sharing(database, store, five, None).await;
    let caller = Caller::at(&server, "192.0.2.1");
    let three = "mutation { a: signInAnonymously { accessToken } ...more }
        fragment more on Mutation { b: signInAnonymously { accessToken } ... { c: signInAnonymously { accessToken } } }";
    assert_eq!(caller.code(three, json!({})).await, None);
    let sessions = "SELECT 1 FROM (SELECT COUNT(*) AS count FROM session) AS counted WHERE count = 3";
    assert!(server.database.has(sessions).await);
    let refused = caller.request(three, &json!({})).send().await.unwrap();
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert!(server.database.has(sessions).await, "nothing of it was done");
    // The two that are left were not used up by it.
    assert_eq!(caller.code(SIGN_IN, json!({})).await, None);
    assert_eq!(caller.code(SIGN_IN, json!({})).await, None);
    assert_eq!(caller.code(SIGN_IN, json!({})).await, limited());
}

/// A WebSocket of somebody at this address.
pub async fn web_socket(server: &TestServer, address: &str) -> Result<Client, u16> {
    let mut request = format!("ws://{}/graphql", server.address).into_client_request().unwrap();
    request.headers_mut().insert("Sec-WebSocket-Protocol", "graphql-transport-ws".parse().unwrap());
    request.headers_mut().insert("X-Forwarded-For", address.parse().unwrap());
    let mut client = match connect_async(request).await {
        Ok((stream, _)) => Client(stream),
        Err(tokio_tungstenite::tungstenite::Error::Http(response)) => return Err(response.status().as_u16()),
        Err(error) => panic!("no connection: {error}"),
    };
    client.say(&json!({ "type": "connection_init" })).await;
    assert_eq!(client.hear().await, json!({ "type": "connection_ack" }));
    Ok(client)
}

#[tokio::test]
async fn there_is_no_way_around_by_web_socket_or_event_stream() {
    let (database, store) = TestServer::filled(Database::Sqlite, false).await;
    let server = TestServer::sharing(database, store, five, None).await;
    let mut client = web_socket(&server, "192.0.2.1").await.ok().unwrap();
    for _ in 0..4 {
        client.subscribe("1", SIGN_IN).await;
        assert_eq!(client.hear().await["type"], "next");
        assert_eq!(client.hear().await["type"], "complete");
    }
    let streamed = |caller: Caller<'_>| caller.request(SIGN_IN, &json!({})).header("Accept", "text/event-stream").send();
    let caller = Caller::at(&server, "192.0.2.1");
    assert_eq!(streamed(caller.clone()).await.unwrap().status(), StatusCode::OK);
    let refused = streamed(caller).await.unwrap();
    assert_eq!((refused.status(), refused.headers()["retry-after"].to_str().unwrap()), (StatusCode::TOO_MANY_REQUESTS, "1"));
    client.subscribe("2", SIGN_IN).await;
    let error = client.hear().await;
    assert_eq!(error["type"], "error");
    assert_eq!(error["payload"][0]["extensions"], json!({ "code": "RATE_LIMITED", "retryAfter": 1 }));
    // The connection goes on.
    client.subscribe("3", "{ catalogue { version } }").await;
    assert_eq!(client.hear().await["type"], "next");
}

#[tokio::test]
async fn reads_are_bounded_where_the_operator_says_so() {
    let (database, store) = TestServer::filled(Database::Sqlite, false).await;
    let admit = |clock| Admission { writes: None, reads: Some(Buckets::new(rate(3, 3), clock)) };
    let server = TestServer::sharing(database, store, admit, None).await;
    let read = "{ catalogue { version } }";
    let caller = Caller::at(&server, "192.0.2.1");
    for _ in 0..2 {
        assert_eq!(caller.code(read, json!({})).await, None);
    }
    let get = async |address: &str| {
        let request = server.client.get(server.url("/graphql?query=%7Bcatalogue%7Bversion%7D%7D")).header("X-Forwarded-For", address);
        request.send().await.unwrap().status()
    };
    assert_eq!(get("192.0.2.1").await, StatusCode::OK);
    assert_eq!(get("192.0.2.1").await, StatusCode::TOO_MANY_REQUESTS);
    // Visitors of an address are not counted apart: anybody is a hundred in a moment.
    let visitor = caller.signed_in().await;
    assert_eq!(visitor.code(MINE, json!({})).await, limited());
    assert_eq!(get("192.0.2.2").await, StatusCode::OK);
    let mut client = web_socket(&server, "192.0.2.1").await.ok().unwrap();
    client.subscribe("1", "subscription { catalogueChanged { cursor } }").await;
    assert_eq!(client.hear().await["payload"][0]["extensions"]["code"], "RATE_LIMITED");
    server.clock.set(now() + TimeDelta::seconds(1));
    assert_eq!(caller.code(read, json!({})).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_count_together_over_redis_and_each_for_itself_without() {
    let key = secret::bytes::<32>().unwrap();
    let host = redis_url().trim_start_matches("redis://").split('/').next().unwrap().replace("localhost", "127.0.0.1");
    let proxy = Proxy::before(host.parse().unwrap());
    let url = format!("redis://{}/", proxy.address);
    let admit = move |clock| {
        let shared = SharedBuckets::new(&url, "writes-of-a-test", &key).unwrap();
        Admission { writes: Some(Buckets::new(rate(2, 5), clock).shared(shared)), reads: None }
    };
    let (database, store) = TestServer::filled(Database::Postgres, false).await;
    let one = TestServer::sharing(database, store.clone(), admit.clone(), None).await;
    let other = TestServer::sharing(one.database.again(), store, admit, None).await;
    let at = |server, address: &str| Caller::at(server, address);
    for server in [&one, &other, &one, &other, &one] {
        assert_eq!(at(server, "192.0.2.1").code(SIGN_IN, json!({})).await, None);
    }
    for server in [&one, &other] {
        let refused = at(server, "192.0.2.1").request(SIGN_IN, &json!({})).send().await.unwrap();
        assert_eq!((refused.status(), refused.headers()["retry-after"].to_str().unwrap()), (StatusCode::TOO_MANY_REQUESTS, "1"));
        assert_eq!(at(server, "192.0.2.2").code(SIGN_IN, json!({})).await, None);
        server.clock.set(now() + TimeDelta::seconds(1));
    }
    for server in [&one, &other] {
        assert_eq!(at(server, "192.0.2.1").code(SIGN_IN, json!({})).await, None);
    }
    assert_eq!(at(&one, "192.0.2.1").code(SIGN_IN, json!({})).await, limited());
    proxy.cut();
    for server in [&one, &other] {
        for _ in 0..5 {
            assert_eq!(at(server, "192.0.2.1").code(SIGN_IN, json!({})).await, None);
        }
        assert_eq!(at(server, "192.0.2.1").code(SIGN_IN, json!({})).await, limited());
    }
}
