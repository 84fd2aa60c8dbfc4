//! The HTTP face before a toy schema: what needs no catalogue, and faults the catalogue does not have.

mod bad_input;
mod server;
mod sse;
mod toy;
mod ws;

use std::time::Duration;

use serde_json::{Value, json};

use self::server::{Answer, TestServer};
use self::toy::Toy;

const GRAPHQL_RESPONSE: &str = "application/graphql-response+json; charset=utf-8";
const JSON: &str = "application/json; charset=utf-8";

fn start() -> TestServer {
    TestServer::start(Toy::new())
}

#[tokio::test]
async fn a_question_is_answered_both_ways() {
    let server = start();
    let asked = server.ask("query($n: Int) { cities(first: $n) { slug } }", json!({ "n": 1 })).await;
    assert_eq!((asked.status, asked.content_type.as_str()), (200, GRAPHQL_RESPONSE));
    assert_eq!(asked.json, json!({ "data": { "cities": [{ "slug": "cidade-0" }] } }));
    let url = server.url("/graphql");
    let parameters = [
        ("query", "query a { x: languages } query b($n: Int) { cities(first: $n) { name } }"),
        ("operationName", "b"),
        ("variables", r#"{"n":1}"#),
    ];
    let got = Answer::of(server.client.get(&url).query(&parameters).send().await.unwrap()).await;
    assert_eq!((got.status, got.content_type.as_str()), (200, JSON));
    assert_eq!(got.json, json!({ "data": { "cities": [{ "name": "Cidade 0" }] } }));
}

#[tokio::test]
async fn get_never_writes() {
    let server = start();
    let response = server.get("/graphql?query=mutation%7Brename(name:%22a%22)%7D").await;
    assert_eq!((response.status().as_u16(), &response.headers()["allow"]), (405, &"POST".parse().unwrap()));
    assert_eq!(Answer::of(response).await.code(), "METHOD_NOT_ALLOWED");
    let posted = server.ask("mutation { rename(name: \"a\") }", Value::Null).await;
    assert_eq!(posted.json["data"]["rename"], "a");
}

#[tokio::test]
async fn a_subscription_over_plain_http_is_told_where_to_go() {
    let server = start();
    let posted = server.ask("subscription { number }", Value::Null).await;
    assert_eq!((posted.status, posted.code()), (400, "SUBSCRIPTION_NOT_SUPPORTED"));
    let got = Answer::of(server.get("/graphql?query=subscription%7Bnumber%7D").await).await;
    assert_eq!(got.code(), "SUBSCRIPTION_NOT_SUPPORTED");
}

#[tokio::test]
async fn what_is_one_askers_alone_is_kept_by_no_cache() {
    let server = start();
    let path = server.url("/graphql?query=%7Bmine%7D");
    for authorization in ["Bearer one", "Bearer two"] {
        let request = server.client.get(&path).header("Authorization", authorization);
        let response = request.try_clone().unwrap().header("If-None-Match", "*").send().await.unwrap();
        assert_eq!(response.status(), 200, "`*` stands for no personal answer");
        let response = request.send().await.unwrap();
        assert_eq!(response.headers()["cache-control"], "private, no-store");
        assert!(response.headers().get("etag").is_none());
        assert_eq!(Answer::of(response).await.json["data"]["mine"], authorization);
    }
    // What is everybody's stays so, whoever asks.
    let response =
        server.client.get(server.url("/graphql?query=%7Blanguages%7D")).header("Authorization", "Bearer one").send().await.unwrap();
    assert_eq!(response.headers()["cache-control"], "public, max-age=15");
    let tag = response.headers()["etag"].clone();
    let languages = server.client.get(server.url("/graphql?query=%7Blanguages%7D")).header("If-None-Match", tag);
    assert_eq!(languages.header("Authorization", "Bearer two").send().await.unwrap().status(), 304);
    // What is sent with POST may hold a token, and nobody keeps it.
    for document in ["{ mine }", "{ languages }", "mutation { rename(name: \"a\") }", "{ refused }", "{", "{ nothing }"] {
        let posted = server.client.post(server.url("/graphql")).json(&json!({ "query": document })).send().await.unwrap();
        assert_eq!(posted.headers()["cache-control"], "private, no-store", "{document}");
    }
}

#[tokio::test]
async fn a_refused_field_leaves_the_others() {
    let server = start();
    let answer = server.ask("{ refused languages }", Value::Null).await;
    assert_eq!((answer.status, answer.code()), (200, "BAD_RADIUS"));
    assert_eq!(answer.json["data"], json!({ "refused": null, "languages": "pt-BR" }));
}

#[tokio::test]
async fn caches_are_told_what_they_may_keep() {
    let server = start();
    let path = "/graphql?query=%7Blanguages%7D";
    let first = server.get(path).await;
    assert_eq!(first.headers()["cache-control"], "public, max-age=15");
    assert_eq!(first.headers()["vary"], "Accept, Accept-Language, Accept-Encoding");
    let tag = first.headers()["etag"].to_str().unwrap().to_owned();
    let ask = |language: &'static str, tag: String| {
        let request = server.client.get(server.url(path)).header("accept-language", language).header("if-none-match", tag);
        async move { request.send().await.unwrap() }
    };
    assert_eq!(ask("pt-BR", tag.clone()).await.status(), 304);
    assert_eq!(ask("pt-BR", format!("\"other\", {}", tag.trim_start_matches("W/"))).await.status(), 304);
    assert_eq!(ask("en", tag.clone()).await.status(), 200);
    assert_eq!(server.get("/graphql?query=%7Brefused%7D").await.headers()["cache-control"], "private, no-store");
    let newer = TestServer::start(Toy::of_version("2"));
    let changed = newer.client.get(newer.url(path)).header("if-none-match", tag).send().await.unwrap();
    assert_eq!(changed.status(), 200);
}

#[tokio::test]
async fn media_types_are_negotiated() {
    let server = start();
    for (accept, status, content_type) in
        [("*/*", 200, JSON), ("application/json;q=0.5, application/graphql-response+json", 200, GRAPHQL_RESPONSE), ("text/html", 406, JSON)]
    {
        let response = server.client.get(server.url("/graphql?query=%7Blanguages%7D")).header("accept", accept).send().await.unwrap();
        assert_eq!((response.status().as_u16(), response.headers()["content-type"].to_str().unwrap()), (status, content_type), "{accept}");
    }
}

#[tokio::test]
async fn other_pages_may_read() {
    let server = start();
    let preflight = server
        .client
        .request(reqwest::Method::OPTIONS, server.url("/graphql"))
        .header("origin", "https://example.org")
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "content-type")
        .send()
        .await
        .unwrap();
    assert_eq!(preflight.status(), 200);
    assert_eq!(preflight.headers()["access-control-allow-origin"], "*");
    let read =
        server.client.get(server.url("/graphql?query=%7Blanguages%7D")).header("origin", "https://example.org").send().await.unwrap();
    assert_eq!(read.headers()["access-control-allow-origin"], "*");
    assert!(!read.headers().contains_key("access-control-allow-credentials"));
    assert_eq!(read.headers()["vary"], "Accept, Accept-Language, Accept-Encoding");
}

#[tokio::test]
async fn answers_are_compressed_for_those_who_ask() {
    let server = start();
    let raw = reqwest::Client::builder().no_proxy().no_gzip().build().unwrap();
    for encoding in ["gzip", "br"] {
        let request = raw.get(server.url("/graphql?query=%7Bcities(first:99)%7Bname%7D%7D")).header("accept-encoding", encoding);
        let response = request.send().await.unwrap();
        assert_eq!(response.headers()["content-encoding"], encoding);
    }
}

#[tokio::test]
async fn pages_and_machines_find_their_paths() {
    let server = start();
    for (path, status, content_type) in [
        ("/", 200, "text/html; charset=utf-8"),
        ("/assets/landing/app.js", 200, "text/javascript; charset=utf-8"),
        ("/assets/landing/../../Cargo.toml", 404, JSON),
        ("/assets/none.js", 404, JSON),
        ("/healthz", 200, "application/json"),
        ("/readyz", 200, "application/json"),
        ("/version", 200, "application/json"),
        ("/nowhere", 404, JSON),
    ] {
        let response = server.get(path).await;
        assert_eq!((response.status().as_u16(), response.headers()["content-type"].to_str().unwrap()), (status, content_type), "{path}");
        assert!(response.headers().contains_key("x-request-id"));
    }
    let landing = server.get("/").await;
    assert!(landing.headers()["content-security-policy"].to_str().unwrap().starts_with("default-src 'self';"));
    assert_eq!(Answer::of(server.get("/nowhere").await).await.code(), "NOT_FOUND");
    let deleted = server.client.delete(server.url("/healthz")).send().await.unwrap();
    assert_eq!((deleted.status().as_u16(), &deleted.headers()["allow"]), (405, &"GET, HEAD".parse().unwrap()));
    let unready = TestServer::start(Toy::of_version("0"));
    assert_eq!(unready.get("/readyz").await.status(), 503);
}

#[tokio::test]
async fn what_is_under_way_is_finished_at_the_end() {
    let mut server = start();
    let request = server.client.get(server.url("/graphql?query=%7Bslow(milliseconds:600)%7D"));
    let under_way = async { Answer::of(request.send().await.unwrap()).await };
    let end = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        server.tell_to_stop();
    };
    let (answer, ()) = tokio::join!(under_way, end);
    assert_eq!(answer.json["data"]["slow"], 600);
}
