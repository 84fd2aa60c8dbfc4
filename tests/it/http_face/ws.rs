//! GraphQL over WebSocket before the toy: the protocol to the letter, its limits, and clients that misbehave.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use futures::SinkExt;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

use super::server::TestServer;
use super::toy::Toy;
use crate::support::web_socket::Client;
use crate::support::{eventually, graphql_ws};

fn start() -> (TestServer, String) {
    let server = TestServer::start(Toy::new());
    let url = server.url("/graphql");
    (server, url)
}

#[expect(clippy::needless_pass_by_value, reason = "it is made where it is given")]
fn next(id: &str, data: Value) -> Value {
    json!({ "id": id, "type": "next", "payload": { "data": data } })
}

fn complete(id: &str) -> Value {
    json!({ "id": id, "type": "complete" })
}

#[tokio::test]
async fn queries_and_mutations_are_answered_once() {
    let (_server, url) = start();
    let mut client = Client::acknowledged(&url, json!({ "acceptLanguage": "en" })).await;
    client.subscribe("a", "{ languages cities(first: 1) { slug } }").await;
    assert_eq!(client.hear().await, next("a", json!({ "languages": "en", "cities": [{ "slug": "cidade-0" }] })));
    assert_eq!(client.hear().await, complete("a"));
    // The id is free again.
    let payload = json!({ "query": "query x { languages } mutation b($name: String!) { rename(name: $name) }", "operationName": "b", "variables": { "name": "n" } });
    client.say(&json!({ "id": "a", "type": "subscribe", "payload": payload })).await;
    assert_eq!(client.hear().await, next("a", json!({ "rename": "n" })));
    assert_eq!(client.hear().await, complete("a"));
    client.subscribe("b", "{ refused languages }").await;
    let answer = client.hear().await;
    assert_eq!(answer["payload"]["data"], json!({ "refused": null, "languages": "en" }));
    assert_eq!(answer["payload"]["errors"][0]["extensions"]["code"], "BAD_RADIUS");
}

#[tokio::test]
async fn a_subscription_is_told_each_change_from_the_state_it_speaks_of() {
    let toy = Toy::new();
    let (number, alive) = (toy.number.clone(), std::sync::Arc::clone(&toy.alive));
    let server = TestServer::start(toy);
    let mut client = Client::acknowledged(&server.url("/graphql"), Value::Null).await;
    client.subscribe("s", "subscription { number }").await;
    assert_eq!(client.hear().await, next("s", json!({ "number": 1 })));
    for value in [2, 3] {
        number.send_replace(value);
        assert_eq!(client.hear().await, next("s", json!({ "number": value })));
        // Between events no state is held.
        eventually("no context is alive", async || alive.load(Ordering::SeqCst) == 0).await;
    }
    // The same state again is no news; what follows is.
    number.send_replace(3);
    number.send_replace(4);
    assert_eq!(client.hear().await, next("s", json!({ "number": 4 })));
    // Several events of one state come all.
    client.subscribe("t", "subscription { number(times: 3) }").await;
    for _ in 0..3 {
        assert_eq!(client.hear().await, next("t", json!({ "number": 4 })));
    }
    // Who has completed hears nothing more, and may use the id again.
    client.say(&complete("s")).await;
    client.say(&complete("t")).await;
    client.say(&json!({ "type": "ping" })).await;
    assert_eq!(client.hear().await, json!({ "type": "pong" }));
    number.send_replace(5);
    client.subscribe("s", "subscription { n: number }").await;
    assert_eq!(client.hear().await, next("s", json!({ "n": 5 })));
}

#[tokio::test]
async fn what_is_not_executed_is_an_error_with_a_code() {
    let (_server, url) = start();
    let mut client = Client::acknowledged(&url, Value::Null).await;
    for (query, code) in [
        ("{ unknown }", "GRAPHQL_VALIDATION_FAILED"),
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("subscription { unknown }", "GRAPHQL_VALIDATION_FAILED"),
        ("query a { languages } query b { languages }", "OPERATION_NOT_FOUND"),
        ("subscription { broken }", "INTERNAL"),
        ("{ broken }", "INTERNAL"),
    ] {
        client.subscribe("x", query).await;
        let error = client.hear().await;
        assert_eq!((&error["type"], &error["id"]), (&json!("error"), &json!("x")), "{query}: {error}");
        assert_eq!(error["payload"][0]["extensions"]["code"], code, "{query}");
    }
    client.say(&json!({ "id": "x", "type": "subscribe", "payload": { "query": "query($n: Int) { cities(first: $n) { slug } }", "variables": { "n": "two" } } })).await;
    assert_eq!(client.hear().await["payload"][0]["extensions"]["code"], "GRAPHQL_VALIDATION_FAILED");
    client.say(&json!({ "id": "x", "type": "subscribe", "payload": { "query": 1 } })).await;
    assert_eq!(client.hear().await["payload"][0]["extensions"]["code"], "BAD_REQUEST");
    // A fragment bomb costs nobody's time.
    let bomb: String = (0..30).map(|level| format!("fragment f{level} on Query {{ ...f{} ...f{} }} ", level + 1, level + 1)).collect();
    client.subscribe("x", &format!("{{ ...f0 }} {bomb} fragment f30 on Query {{ languages }}")).await;
    assert_eq!(client.hear().await["payload"][0]["extensions"]["code"], "QUERY_TOO_COSTLY");
    // A resolver that refuses is an answer with an error, and the end of it.
    client.subscribe("x", "subscription { closed }").await;
    assert_eq!(client.hear().await["payload"]["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
    assert_eq!(client.hear().await, complete("x"));
}

#[tokio::test]
async fn the_protocol_is_kept_to_the_letter() {
    let (_server, url) = start();
    let said = async |messages: &[Value]| {
        let mut client = Client::connect(&url, "graphql-transport-ws").await;
        for message in messages {
            client.say(message).await;
        }
        client.closed().await
    };
    let init = json!({ "type": "connection_init" });
    let subscribe = |id: &str| json!({ "id": id, "type": "subscribe", "payload": { "query": "subscription { number }" } });
    assert_eq!(said(&[subscribe("a")]).await, (4401, "Unauthorized".to_owned()));
    assert_eq!(said(&[init.clone(), init.clone()]).await, (4429, "Too many initialisation requests".to_owned()));
    assert_eq!(said(&[init.clone(), subscribe("a"), subscribe("a")]).await, (4409, "Subscriber for a already exists".to_owned()));
    assert_eq!(said(&[]).await, (4408, "Connection initialisation timeout".to_owned()));
    for bad in [
        json!({ "type": "start", "id": "a" }),
        json!({ "id": "a" }),
        json!([]),
        json!("connection_init"),
        json!({ "type": "subscribe", "payload": { "query": "{ languages }" } }),
        json!({ "type": "subscribe", "id": "a" }),
        json!({ "type": "subscribe", "id": 7, "payload": {} }),
        json!({ "type": "subscribe", "id": "", "payload": {} }),
        json!({ "type": "subscribe", "id": "a", "payload": "{ languages }" }),
        json!({ "type": "ping", "payload": [] }),
        json!({ "type": "complete" }),
    ] {
        assert_eq!(said(&[init.clone(), bad.clone()]).await.0, 4400, "{bad}");
    }
    assert_eq!(Client::connect(&url, "").await.closed().await, (4406, "Subprotocol not acceptable".to_owned()));
    Client::connect(&url, "graphql-ws, graphql-transport-ws").await.say(&init).await;

    let mut client = Client::connect(&url, "graphql-transport-ws").await;
    client.say(&json!({ "type": "ping", "payload": { "a": 1 } })).await;
    assert_eq!(client.hear().await, json!({ "type": "pong", "payload": { "a": 1 } }), "also before it is acknowledged");
    client.say(&init).await;
    client.hear().await;
    client.say(&json!({ "type": "ping" })).await;
    assert_eq!(client.hear().await, json!({ "type": "pong" }));
    for ignored in [json!({ "type": "pong" }), complete("never"), json!({ "type": "pong", "payload": { "x": [] } })] {
        client.say(&ignored).await;
    }
    client.subscribe("z", "{ languages }").await;
    assert_eq!(client.hear().await, next("z", json!({ "languages": "pt-BR" })));
}

#[tokio::test]
async fn ten_operations_at_a_time_and_not_one_more() {
    let (_server, url) = start();
    let mut client = Client::acknowledged(&url, Value::Null).await;
    for number in 0..10 {
        client.subscribe(&number.to_string(), "subscription { number }").await;
        client.hear().await;
    }
    client.subscribe("11", "{ languages }").await;
    let refused = client.hear().await;
    assert_eq!((&refused["type"], &refused["payload"][0]["extensions"]["code"]), (&json!("error"), &json!("TOO_MANY_STREAMS")));
    client.say(&complete("3")).await;
    client.subscribe("11", "{ languages }").await;
    assert_eq!(client.hear().await["type"], "next");
}

#[tokio::test]
async fn a_token_that_does_not_hold_opens_nothing_and_one_that_ends_closes() {
    let server = TestServer::start(Toy::with_tokens_for(Duration::from_millis(300)));
    let url = server.url("/graphql");
    let mut client = Client::connect(&url, "graphql-transport-ws").await;
    client.say(&json!({ "type": "connection_init", "payload": { "Authorization": "Bearer bad" } })).await;
    assert_eq!(client.closed().await, (4403, "this is no token".to_owned()));
    for name in ["Authorization", "authorization"] {
        let mut client = Client::acknowledged(&url, json!({ name: "Bearer good" })).await;
        client.subscribe("a", "{ mine }").await;
        assert_eq!(client.hear().await, next("a", json!({ "mine": "Bearer good" })));
        assert_eq!(client.closed().await, (4403, "the token has expired".to_owned()));
    }
}

#[tokio::test]
async fn what_is_too_large_or_no_text_closes() {
    let (server, url) = start();
    let large = json!({ "id": "a", "type": "subscribe", "payload": { "query": " ".repeat(64 * 1024) } }).to_string();
    let mut client = Client::acknowledged(&url, Value::Null).await;
    client.send(Message::text(large.clone())).await;
    assert_eq!(client.closed().await.0, 1009);
    // In pieces it is no smaller.
    let mut client = Client::acknowledged(&url, Value::Null).await;
    let pieces: Vec<&[u8]> = large.as_bytes().chunks(1_000).collect();
    for (number, piece) in pieces.iter().enumerate() {
        let kind = if number == 0 { Data::Text } else { Data::Continue };
        let frame = Frame::message(piece.to_vec(), OpCode::Data(kind), number + 1 == pieces.len());
        // It may close before the last piece is sent.
        if client.0.send(Message::Frame(frame)).await.is_err() {
            break;
        }
    }
    assert_eq!(client.closed().await.0, 1009);
    let mut client = Client::acknowledged(&url, Value::Null).await;
    client.send(Message::binary(b"{}".to_vec())).await;
    assert_eq!(client.closed().await.0, 4400);
    // A terabyte is refused by what it announces; only its header is ever sent.
    let mut client = Client::acknowledged(&url, Value::Null).await;
    let tokio_tungstenite::MaybeTlsStream::Plain(raw) = client.0.get_mut() else { unreachable!("there is no TLS") };
    let header = [&[0x81, 0xff][..], &(1_u64 << 40).to_be_bytes(), &[0; 4]].concat();
    raw.write_all(&header).await.unwrap();
    assert_eq!(client.closed().await.0, 1009);
    // Ten megabytes: whether the reason still arrives is up to the network; the server goes on.
    let mut client = Client::acknowledged(&url, Value::Null).await;
    drop(client.0.send(Message::text("x".repeat(10_000_000))).await);
    assert_eq!(server.ask("{ languages }", Value::Null).await.status, 200);
}

#[tokio::test]
async fn garbage_and_half_open_connections_do_no_harm() {
    let (server, url) = start();
    let address = url.trim_start_matches("http://").trim_end_matches("/graphql").to_owned();
    let handshake = "GET /graphql HTTP/1.1\r\nHost: x\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
        Sec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n";
    for garbage in [&b"\xff\xff\xff\xff\xff"[..], b"GET / HTTP/1.1\r\n\r\n", &[0; 2_000]] {
        let mut stream = tokio::net::TcpStream::connect(&address).await.unwrap();
        stream.write_all(handshake.as_bytes()).await.unwrap();
        stream.write_all(garbage).await.unwrap();
        let mut heard = Vec::new();
        // It ends: closed for the frames, or for the silence that follows.
        tokio::time::timeout(Duration::from_secs(15), stream.read_to_end(&mut heard)).await.expect("it is closed").ok();
        assert!(heard.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&heard));
    }
    // Another subprotocol: 4406 in a close frame, right after the handshake that names none.
    let mut stream = tokio::net::TcpStream::connect(&address).await.unwrap();
    stream.write_all(handshake.replace("graphql-transport-ws", "graphql-ws").as_bytes()).await.unwrap();
    let mut heard = Vec::new();
    tokio::time::timeout(Duration::from_secs(15), stream.read_to_end(&mut heard)).await.expect("it is closed").unwrap();
    let end = heard.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
    assert_eq!(heard[end + 6..end + 8], 4406_u16.to_be_bytes());
    let no_key = server.client.get(&url).header("Upgrade", "websocket").header("Connection", "Upgrade").send().await.unwrap();
    assert_eq!(no_key.status(), 400);
    let half_open = Client::acknowledged(&url, Value::Null).await;
    std::mem::forget(half_open);
    assert_eq!(server.ask("{ languages }", Value::Null).await.status, 200);
}

/// Memory of this process, in bytes.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/statm").unwrap();
    status.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 4_096
}

#[tokio::test]
async fn who_does_not_read_costs_little_and_is_let_go() {
    let toy = Toy::new();
    let alive = std::sync::Arc::clone(&toy.alive);
    let server = TestServer::start(toy);
    let url = server.url("/graphql");
    let before = resident();
    let mut deaf = Vec::new();
    for _ in 0..5 {
        let mut client = Client::acknowledged(&url, Value::Null).await;
        // A gigabyte, were it made at once.
        client.subscribe("f", "subscription { flood(events: 100000) }").await;
        deaf.push(client);
    }
    tokio::time::sleep(Duration::from_secs(2)).await;
    let grown = resident().saturating_sub(before);
    assert!(grown < 100 << 20, "{} MiB", grown >> 20);
    assert_eq!(server.ask("{ languages }", Value::Null).await.status, 200);
    eventually("they are let go", async || alive.load(Ordering::SeqCst) == 0).await;
}

#[tokio::test]
async fn the_end_of_the_server_closes_at_once() {
    let (mut server, url) = start();
    let mut client = Client::acknowledged(&url, Value::Null).await;
    client.subscribe("s", "subscription { number }").await;
    client.hear().await;
    let idle = Client::connect(&url, "graphql-transport-ws").await;
    let begun = Instant::now();
    server.tell_to_stop();
    assert_eq!(client.closed().await.0, 1001);
    assert_eq!(idle.closed().await.0, 1001);
    tokio::task::spawn_blocking(move || server.ended()).await.unwrap();
    // Requests under way are waited for up to 30 s; a WebSocket is none.
    assert!(begun.elapsed() < Duration::from_secs(15), "it took {:?}", begun.elapsed());
}

#[tokio::test]
async fn who_does_not_read_does_not_hold_up_the_end() {
    let (mut server, url) = start();
    let mut deaf = Client::acknowledged(&url, Value::Null).await;
    deaf.subscribe("f", "subscription { flood(events: 100000) }").await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let begun = Instant::now();
    server.tell_to_stop();
    tokio::task::spawn_blocking(move || server.ended()).await.unwrap();
    assert!(begun.elapsed() < Duration::from_secs(15), "it took {:?}", begun.elapsed());
    drop(deaf);
}

/// The client most apps use, as npm has it.
#[tokio::test(flavor = "multi_thread")]
async fn the_npm_package_graphql_ws_understands_us() {
    let toy = Toy::with_tokens_for(Duration::from_secs(1));
    let number = toy.number.clone();
    let server = TestServer::start(toy);
    let url = server.url("/graphql").replace("http://", "ws://");
    let asked = tokio::task::spawn_blocking(move || graphql_ws::client("client.mjs").arg(url).output().unwrap());
    tokio::time::sleep(Duration::from_millis(500)).await;
    number.send_replace(2);
    let output = asked.await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said = String::from_utf8(output.stdout).unwrap();
    let report: Value = serde_json::from_str(said.lines().last().unwrap()).unwrap();
    assert_eq!(report["query"], json!({ "data": { "mine": "Bearer good" } }));
    assert_eq!(report["mutation"], json!({ "data": { "rename": "n" } }));
    assert_eq!(report["numbers"].as_array().unwrap().last(), Some(&json!(2)), "{report}");
    assert!(report["connections"].as_u64().unwrap() >= 2, "{report}");
}
