//! GraphQL over server-sent events before the toy: the distinct connections mode of graphql-sse, who gets a stream, and how streams
//! end.

use std::path::Path;
use std::process::Command;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::server::{Answer, TestServer};
use super::toy::Toy;
use crate::support::event_stream::EventStream;
use crate::support::eventually;

async fn asked(server: &TestServer, query: &str) -> EventStream {
    EventStream::ask(&server.client, &server.url("/graphql"), query, Value::Null).await
}

fn once(result: Value) -> Vec<(String, Value)> {
    vec![("next".to_owned(), result), ("complete".to_owned(), Value::Null)]
}

#[tokio::test]
async fn queries_and_mutations_are_one_event_and_the_end_of_it() {
    let server = TestServer::start(Toy::new());
    let told = asked(&server, "{ languages }").await.rest().await;
    assert_eq!(told, once(json!({ "data": { "languages": "pt-BR" } })));
    let told = asked(&server, "mutation { rename(name: \"n\\nm\") }").await.rest().await;
    assert_eq!(told, once(json!({ "data": { "rename": "n\nm" } })));
    let told = EventStream::open(server.client.get(server.url("/graphql?query={languages}")).header("Accept-Language", "en")).await;
    assert_eq!(told.rest().await, once(json!({ "data": { "languages": "en" } })));
}

#[tokio::test]
async fn what_is_wrong_with_a_document_is_told_in_the_stream() {
    let server = TestServer::start(Toy::new());
    for (query, code) in [
        ("{ unknown }", "GRAPHQL_VALIDATION_FAILED"),
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("subscription { unknown }", "GRAPHQL_VALIDATION_FAILED"),
        ("query a { languages } query b { languages }", "OPERATION_NOT_FOUND"),
        ("subscription { broken }", "INTERNAL"),
        ("{ broken }", "INTERNAL"),
    ] {
        let told = asked(&server, query).await.rest().await;
        assert_eq!((told.len(), told[1].0.as_str()), (2, "complete"), "{query}: {told:?}");
        assert_eq!((told[0].0.as_str(), &told[0].1["errors"][0]["extensions"]["code"]), ("next", &json!(code)), "{query}");
        assert!(told[0].1.get("data").is_none(), "{query}: it was not executed");
    }
    let told = asked(&server, "{ refused languages }").await.rest().await;
    assert_eq!(told[0].1["data"], json!({ "refused": null, "languages": "pt-BR" }));
    let bomb: String = (0..30).map(|level| format!("fragment f{level} on Query {{ ...f{} ...f{} }} ", level + 1, level + 1)).collect();
    let told = asked(&server, &format!("{{ ...f0 }} {bomb} fragment f30 on Query {{ languages }}")).await.rest().await;
    assert_eq!(told[0].1["errors"][0]["extensions"]["code"], "QUERY_TOO_COSTLY");
    // What is no GraphQL request at all is refused as everywhere.
    let stream = |body: &'static str| server.client.post(server.url("/graphql")).header("Accept", "text/event-stream").body(body);
    assert_eq!(stream("{}").send().await.unwrap().status(), 415);
    assert_eq!(stream("[]").header("Content-Type", "application/json").send().await.unwrap().status(), 400);
}

#[tokio::test]
async fn a_subscription_is_told_each_change_and_ends_with_its_client() {
    let toy = Toy::new();
    let (number, alive) = (toy.number.clone(), std::sync::Arc::clone(&toy.alive));
    let server = TestServer::start(toy);
    let mut stream = asked(&server, "subscription { number }").await;
    assert_eq!(stream.result().await, json!({ "data": { "number": 1 } }));
    for value in [2, 3] {
        number.send_replace(value);
        assert_eq!(stream.result().await, json!({ "data": { "number": value } }));
        eventually("no context is alive", async || alive.load(Ordering::SeqCst) == 0).await;
    }
    let mut browser = EventStream::open(server.client.get(server.url("/graphql?query=subscription{number(times:2)}"))).await;
    for _ in 0..2 {
        assert_eq!(browser.result().await, json!({ "data": { "number": 3 } }));
    }
    let watched = number.receiver_count();
    assert!(watched >= 2);
    drop((stream, browser));
    // They are found to be gone when something is written.
    eventually("nobody watches any more", async || {
        number.send_modify(|number| *number += 1);
        number.receiver_count() == 0
    })
    .await;
}

#[tokio::test]
async fn only_who_names_event_streams_gets_one() {
    let server = TestServer::start(Toy::new());
    let ask = async |accept: &str, query: &str| {
        let body = json!({ "query": query }).to_string();
        let request = server.client.post(server.url("/graphql")).header("content-type", "application/json").header("accept", accept);
        request.body(body).send().await.unwrap()
    };
    let many = "application/graphql-response+json, application/json, text/event-stream, multipart/mixed";
    assert_eq!(Answer::of(ask(many, "{ languages }").await).await.json, json!({ "data": { "languages": "pt-BR" } }));
    let streamed = ask(many, "subscription { number }").await;
    assert_eq!(streamed.headers()["content-type"], "text/event-stream");
    assert!(streamed.headers().get("content-encoding").is_none_or(|encoding| encoding == "identity"));
    assert_eq!(streamed.headers()["cache-control"], "no-store");
    for accept in ["*/*", "application/json", "text/*, application/json"] {
        let refused = Answer::of(ask(accept, "subscription { number }").await).await;
        assert_eq!(refused.code(), "SUBSCRIPTION_NOT_SUPPORTED", "{accept}");
    }
    assert_eq!(ask("text/html", "{ languages }").await.status(), 406);
    let changed = server.client.get(server.url("/graphql?query=mutation{rename(name:\"n\")}")).header("accept", "text/event-stream");
    assert_eq!(changed.send().await.unwrap().status(), 405);
}

#[tokio::test]
async fn a_token_that_does_not_hold_opens_nothing_and_one_that_ends_ends_the_stream() {
    let server = TestServer::start(Toy::with_tokens_for(Duration::from_millis(300)));
    let ask =
        |token: &str| server.client.post(server.url("/graphql")).bearer_auth(token).json(&json!({ "query": "subscription { number }" }));
    let refused = ask("bad").header("accept", "text/event-stream").send().await.unwrap();
    assert_eq!(refused.status(), 401);
    let told = EventStream::open(ask("good")).await.rest().await;
    assert_eq!(told, [("next".to_owned(), json!({ "data": { "number": 1 } }))], "it ends without `complete`, to be asked for again");
}

#[tokio::test]
async fn the_end_of_the_server_ends_streams_at_once() {
    let mut server = TestServer::start(Toy::new());
    let mut stream = asked(&server, "subscription { number }").await;
    stream.result().await;
    let begun = Instant::now();
    server.tell_to_stop();
    assert_eq!(stream.rest().await, []);
    tokio::task::spawn_blocking(move || server.ended()).await.unwrap();
    // Requests under way are waited for up to 30 s; a stream is none.
    assert!(begun.elapsed() < Duration::from_secs(15), "it took {:?}", begun.elapsed());
}

#[tokio::test]
async fn who_does_not_read_is_let_go_and_does_not_hold_up_the_end() {
    let toy = Toy::new();
    let alive = std::sync::Arc::clone(&toy.alive);
    let mut server = TestServer::start(toy);
    let mut deaf = Vec::new();
    for _ in 0..3 {
        // A gigabyte, were it made at once.
        deaf.push(asked(&server, "subscription { flood(events: 100000) }").await);
    }
    eventually("they are served", async || alive.load(Ordering::SeqCst) == 3).await;
    eventually("they are let go", async || alive.load(Ordering::SeqCst) == 0).await;
    assert_eq!(server.ask("{ languages }", Value::Null).await.status, 200);
    let begun = Instant::now();
    server.tell_to_stop();
    tokio::task::spawn_blocking(move || server.ended()).await.unwrap();
    assert!(begun.elapsed() < Duration::from_secs(15), "it took {:?}", begun.elapsed());
    drop(deaf);
}

const FOLDER: &str = "tests/oracle/graphql-sse";

fn node_packages() {
    if Path::new(FOLDER).join("node_modules/graphql-sse").is_dir() {
        return;
    }
    let output = Command::new("npm")
        .args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"])
        .current_dir(FOLDER)
        .output()
        .expect("the client needs `npm`, which cannot be started: install npm");
    assert!(output.status.success(), "npm ci failed in {FOLDER}: {}", String::from_utf8_lossy(&output.stderr));
}

/// The client of those who wrote the protocol, as npm has it.
#[tokio::test(flavor = "multi_thread")]
async fn the_npm_package_graphql_sse_understands_us() {
    let toy = Toy::with_tokens_for(Duration::from_secs(1));
    let number = toy.number.clone();
    let server = TestServer::start(toy);
    node_packages();
    let url = server.url("/graphql");
    let asked = tokio::task::spawn_blocking(move || Command::new("node").args(["client.mjs", &url]).current_dir(FOLDER).output().unwrap());
    tokio::time::sleep(Duration::from_millis(500)).await;
    number.send_replace(2);
    let output = asked.await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said = String::from_utf8(output.stdout).unwrap();
    let report: Value = serde_json::from_str(said.lines().last().unwrap()).unwrap();
    assert_eq!(report["query"], json!({ "data": { "mine": "Bearer good" } }));
    assert_eq!(report["mutation"], json!({ "data": { "rename": "n" } }));
    assert_eq!(report["wrong"]["errors"][0]["extensions"]["code"], "GRAPHQL_VALIDATION_FAILED");
    assert_eq!(report["numbers"].as_array().unwrap().last(), Some(&json!(2)), "{report}");
    assert!(report["connections"].as_u64().unwrap() >= 2, "{report}");
}
