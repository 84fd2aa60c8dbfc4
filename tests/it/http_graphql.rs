//! GraphQL over HTTP as its specification says: the audit suite of the `graphql-http` package, and what it does not ask.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::support::TestServer;

const FOLDER: &str = "tests/oracle/graphql-http";

fn node_packages() {
    if Path::new(FOLDER).join("node_modules/graphql-http").is_dir() {
        return;
    }
    let output = Command::new("npm")
        .args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"])
        .current_dir(FOLDER)
        .output()
        .expect("the audits need `npm`, which cannot be started: install npm");
    assert!(output.status.success(), "npm ci failed in {FOLDER}: {}", String::from_utf8_lossy(&output.stderr));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_audit_of_graphql_over_http_passes() {
    node_packages();
    let server = TestServer::demo().await;
    let output = Command::new("node")
        .args(["audit.mjs", &server.url("/graphql")])
        .current_dir(FOLDER)
        .output()
        .expect("the audits need `node`, which cannot be started: install nodejs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let audits: Vec<Value> = String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(audits.len() >= 60, "only {} audits were run", audits.len());
    let failed: Vec<&Value> = audits.iter().filter(|audit| audit["status"] != "ok").collect();
    assert!(failed.is_empty(), "{failed:#?}");
}

#[tokio::test]
async fn a_get_is_cached_until_something_changes_and_varies_by_language() {
    let server = TestServer::demo().await;
    let url = server.url("/graphql?query=%7Bcities%7Bname%7Bvalue%7D%7D%7D");
    let first = server.client.get(&url).header("accept-language", "en").send().await.unwrap();
    let tag = first.headers()["etag"].to_str().unwrap().to_owned();
    assert!(first.headers()["cache-control"].to_str().unwrap().contains("max-age"));
    assert!(first.headers()["vary"].to_str().unwrap().to_lowercase().contains("accept-language"));
    let again = server.client.get(&url).header("accept-language", "en").header("if-none-match", &tag).send().await.unwrap();
    assert_eq!(again.status(), 304);
    let other = server.client.get(&url).header("accept-language", "es").header("if-none-match", &tag).send().await.unwrap();
    assert_eq!(other.status(), 200);
    let later = server.clock.now() + chrono::Duration::hours(1);
    server.clock.set(later);
    let stale = server.client.get(&url).header("accept-language", "en").header("if-none-match", &tag).send().await.unwrap();
    assert_eq!(stale.status(), 200, "what is open now may have changed");
}

#[tokio::test]
async fn texts_follow_the_argument_then_the_header_then_portuguese() {
    let server = TestServer::demo().await;
    let query = "{ pointOfInterest(by: {slug: \"cachoeira-veu-de-noiva\"}) { name { value language } es: name(language: \"es-MX\") { language origin } } }";
    let ask = |header: &'static str| {
        let request = server.client.post(server.url("/graphql")).header("accept-language", header).json(&json!({ "query": query }));
        async move { request.send().await.unwrap().json::<Value>().await.unwrap()["data"]["pointOfInterest"].take() }
    };
    assert_eq!(ask("en-GB, pt;q=0.5").await["name"]["language"], "en");
    assert_eq!(ask("de, pt;q=0.5").await["name"]["language"], "pt-BR");
    assert_eq!(ask("xx-nonsense;;;,,").await["name"]["language"], "pt-BR");
    assert_eq!(ask("en").await["es"], json!({ "language": "es", "origin": "RELATED" }));
}

#[tokio::test]
async fn pages_ask_no_other_host_and_answers_can_be_compressed() {
    let server = TestServer::demo().await;
    for path in ["/", "/graphiql"] {
        let response = server.client.get(server.url(path)).send().await.unwrap();
        assert_eq!(response.status(), 200, "{path}");
        assert!(response.headers()["content-security-policy"].to_str().unwrap().starts_with("default-src 'self'"), "{path}");
        let html = response.text().await.unwrap();
        for attribute in ["src=\"", "href=\""] {
            for part in html.split(attribute).skip(1) {
                let target = part.split('"').next().unwrap();
                assert!(!target.contains("://") && !target.starts_with("//"), "{path} names {target}");
                if target.starts_with("/assets/") {
                    assert_eq!(server.client.get(server.url(target)).send().await.unwrap().status(), 200, "{target}");
                }
            }
        }
    }
    let plain = reqwest::Client::builder().no_gzip().build().unwrap();
    for coding in ["gzip", "br"] {
        let response = plain.get(server.url("/")).header("accept-encoding", coding).send().await.unwrap();
        assert_eq!(response.headers()["content-encoding"], coding);
    }
    for path in ["/healthz", "/readyz", "/version"] {
        assert_eq!(server.client.get(server.url(path)).send().await.unwrap().status(), 200, "{path}");
    }
    let missing = server.client.get(server.url("/wp-admin")).send().await.unwrap();
    assert_eq!(missing.status(), 404);
    assert_eq!(missing.json::<Value>().await.unwrap()["errors"][0]["extensions"]["code"], "NOT_FOUND");
}

#[tokio::test]
async fn any_site_may_read() {
    let server = TestServer::demo().await;
    let preflight = server
        .client
        .request(reqwest::Method::OPTIONS, server.url("/graphql"))
        .header("origin", "https://viagens.example")
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "content-type")
        .send()
        .await
        .unwrap();
    assert_eq!(preflight.headers()["access-control-allow-origin"], "*");
    let answer = server.client.get(server.url("/graphql?query=%7Bcatalogue%7Bversion%7D%7D")).header("origin", "https://viagens.example");
    let answer = answer.send().await.unwrap();
    assert!(
        answer.headers().contains_key("access-control-allow-origin") && !answer.headers().contains_key("access-control-allow-credentials")
    );
}

#[tokio::test]
async fn anything_is_found_by_its_global_id() {
    let server = TestServer::demo().await;
    let query = "{ cities { id } categories { id } pointsOfInterest(first: 3) { nodes { id } } routes(first: 3) { nodes { id } } events(first: 3) { nodes { id event { id } } } }";
    let data = server.ask(query, Value::Null).await;
    let mut ids = Vec::new();
    collect(&data, &mut ids);
    assert!(ids.len() > 60);
    for some in ids.chunks(50) {
        let found = server.ask("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", json!({ "ids": some })).await;
        let found: Vec<Value> = found["nodes"].as_array().unwrap().iter().map(|node| node["id"].clone()).collect();
        assert_eq!(found, some);
    }
}

fn collect(value: &Value, ids: &mut Vec<Value>) {
    match value {
        Value::Array(list) => list.iter().for_each(|item| collect(item, ids)),
        Value::Object(map) => map.iter().for_each(|(name, item)| if name == "id" { ids.push(item.clone()) } else { collect(item, ids) }),
        _ => {}
    }
}
