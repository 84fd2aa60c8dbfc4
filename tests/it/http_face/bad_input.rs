//! What must be refused: with a stable code, by a server that goes on.

use std::fmt::Write;

use serde_json::{Value, json};

use super::server::{Answer, TestServer};
use super::toy::Toy;

/// Documents that ask for too much, and the codes they are refused with.
fn documents() -> Vec<(&'static str, String, &'static str)> {
    let mut doubling = "{ ...f0 } fragment f31 on Query { languages }".to_owned();
    for level in 0..31 {
        write!(doubling, " fragment f{level} on Query {{ ...f{0} ...f{0} }}", level + 1).unwrap();
    }
    let mut wide = "{ ...f0 } fragment f8 on Query { languages }".to_owned();
    for level in 0..8 {
        write!(wide, " fragment f{level} on Query {{ {} }}", format!("...f{} ", level + 1).repeat(10)).unwrap();
    }
    let aliases = |count: usize| (0..count).fold(String::new(), |text, number| format!("{text}a{number}:languages "));
    vec![
        ("31 fragments that spread the next one twice", doubling, "QUERY_TOO_COSTLY"),
        ("8 levels of ten spreads", wide, "QUERY_TOO_COSTLY"),
        ("a fragment that spreads itself", "{ ...a } fragment a on Query { ...a }".to_owned(), "GRAPHQL_VALIDATION_FAILED"),
        ("500 levels", format!("{}{}", "{cities".repeat(500), "}".repeat(500)), "QUERY_TOO_DEEP"),
        ("20 levels", format!("{}{{slug}}{}", "{cities".repeat(20), "}".repeat(20)), "QUERY_TOO_DEEP"),
        ("10,000 aliases", format!("{{{}}}", aliases(10_000)), "QUERY_TOO_LARGE"),
        ("2,000 aliases", format!("{{{}}}", aliases(2_000)), "QUERY_TOO_LARGE"),
        ("20,000 directives", format!("{{languages {}}}", "@a".repeat(20_000)), "TOO_MANY_DIRECTIVES"),
        ("2,000 directives", format!("{{languages {}}}", "@a ".repeat(2_000)), "TOO_MANY_DIRECTIVES"),
        (
            "lists of lists",
            format!("{{{}}}", (0..15).map(|number| format!("x{number}:cities(first:900){{a:slug b:slug c:slug d:slug e:slug f:slug g:slug h:slug i:slug j:slug k:slug l:slug m:slug n:slug o:slug}}")).collect::<String>()),
            "QUERY_TOO_COSTLY",
        ),
        ("not GraphQL", "{ cities { slug ".to_owned(), "GRAPHQL_PARSE_FAILED"),
        ("nothing", String::new(), "GRAPHQL_PARSE_FAILED"),
        ("two operations without a name", "query a { languages } query b { languages }".to_owned(), "OPERATION_NOT_FOUND"),
        ("unknown fields", format!("{{{}}}", "nonsense ".repeat(1_900)), "GRAPHQL_VALIDATION_FAILED"),
    ]
}

#[tokio::test]
async fn documents_that_ask_for_too_much_are_refused() {
    let server = TestServer::start(Toy::new());
    for (name, document, code) in documents() {
        let answer = server.ask(&document, Value::Null).await;
        assert_eq!((answer.status, answer.code()), (400, code), "{name}: {}", answer.json);
        assert!(answer.json.get("data").is_none(), "{name}");
        assert!(answer.json.to_string().len() < 10_000, "{name}: a refusal is short");
        assert_eq!(server.ask("{ languages }", Value::Null).await.status, 200, "after {name}");
    }
}

#[tokio::test]
async fn bodies_that_are_no_request_are_refused() {
    let server = TestServer::start(Toy::new());
    let query = |value: Value| value.to_string();
    let batch = Value::Array(vec![json!({ "query": "{ languages }" }); 5_000]).to_string();
    for (name, body, status, code) in [
        ("a batch", batch, 400, "BATCH_NOT_SUPPORTED"),
        ("an empty batch", " []".to_owned(), 400, "BATCH_NOT_SUPPORTED"),
        ("no JSON", "{\"query\"".to_owned(), 400, "BAD_REQUEST"),
        ("nothing", String::new(), 400, "BAD_REQUEST"),
        ("deep JSON", "{\"a\":".repeat(10_000), 400, "BAD_REQUEST"),
        ("no query", query(json!({})), 400, "BAD_REQUEST"),
        ("a query that is a number", query(json!({ "query": 1 })), 400, "BAD_REQUEST"),
        ("variables that are a list", query(json!({ "query": "{languages}", "variables": [] })), 400, "BAD_REQUEST"),
        ("an operation name that is a number", query(json!({ "query": "{languages}", "operationName": 7 })), 400, "BAD_REQUEST"),
        ("extensions that are text", query(json!({ "query": "{languages}", "extensions": "a" })), 400, "BAD_REQUEST"),
        ("an unknown operation", query(json!({ "query": "{languages}", "operationName": "a" })), 400, "OPERATION_NOT_FOUND"),
        ("600 KiB", query(json!({ "query": "{languages}", "a": "x".repeat(600 * 1024) })), 413, "PAYLOAD_TOO_LARGE"),
        ("a query of 5 MB", query(json!({ "query": "x".repeat(5_000_000) })), 413, "PAYLOAD_TOO_LARGE"),
        (
            "variables of the wrong type",
            query(json!({ "query": "query($n:Int){cities(first:$n){slug}}", "variables": {"n": "a"} })),
            400,
            "GRAPHQL_VALIDATION_FAILED",
        ),
    ] {
        let answer = server.post(body).await;
        assert_eq!((answer.status, answer.code()), (status, code), "{name}: {}", answer.json);
    }
    assert_eq!(server.ask("{ languages }", Value::Null).await.status, 200);
}

#[tokio::test]
async fn only_json_in_utf8_is_read() {
    let server = TestServer::start(Toy::new());
    let body = json!({ "query": "{ languages }" }).to_string();
    for (name, value) in [
        ("content-type", "text/plain"),
        ("content-type", "application/x-www-form-urlencoded"),
        ("content-type", "multipart/form-data; boundary=a"),
        ("content-type", "application/json; charset=utf-16"),
        ("content-encoding", "gzip"),
    ] {
        let mut request = server.client.post(server.url("/graphql")).body(body.clone());
        if name != "content-type" {
            request = request.header("content-type", "application/json");
        }
        let answer = Answer::of(request.header(name, value).send().await.unwrap()).await;
        assert_eq!((answer.status, answer.code()), (415, "UNSUPPORTED_MEDIA_TYPE"), "{value}");
    }
}

#[tokio::test]
async fn a_fault_of_ours_shows_nothing_and_the_server_goes_on() {
    let server = TestServer::start(Toy::new());
    let answer = server.ask("{ broken }", Value::Null).await;
    assert_eq!((answer.status, answer.code()), (500, "INTERNAL"));
    assert!(!answer.json.to_string().contains("index out of bounds"));
    assert_eq!(server.ask("{ languages }", Value::Null).await.status, 200);
}

#[tokio::test]
async fn the_schema_can_be_asked_for_as_graphiql_does() {
    let server = TestServer::start(Toy::new());
    let answer = server.ask(include_str!("introspection.graphql"), Value::Null).await;
    assert_eq!((answer.status, answer.code()), (200, ""));
}
