//! Keys that sign tokens: published, and rotated without signing anybody out.

use chrono::TimeDelta;
use jsonwebtoken::Algorithm;
use roteiro::identity::token::rotate;
use serde_json::{Value, json};

use super::{MINE, refreshed};
use crate::support::database::BOTH;
use crate::support::program::run;
use crate::support::{TestServer, now};

/// A partner checks tokens by the published keys alone.
fn verified(jwks: &Value, token: &str) -> bool {
    let set: jsonwebtoken::jwk::JwkSet = serde_json::from_value(jwks.clone()).unwrap();
    let Some(key) = set.find(&kid(token)) else { return false };
    let mut validation = jsonwebtoken::Validation::new(Algorithm::EdDSA);
    validation.set_audience(&["roteiro"]);
    validation.set_issuer(&["roteiro"]);
    validation.validate_exp = false;
    jsonwebtoken::decode::<Value>(token, &jsonwebtoken::DecodingKey::from_jwk(key).unwrap(), &validation).is_ok()
}

fn kid(token: &str) -> String {
    jsonwebtoken::decode_header(token).unwrap().kid.unwrap()
}

async fn jwks(server: &TestServer) -> Value {
    let response = server.client.get(server.url("/.well-known/jwks.json")).send().await.unwrap();
    assert_eq!(response.headers()["content-type"], "application/jwk-set+json");
    response.json().await.unwrap()
}

#[tokio::test]
async fn keys_are_rotated_without_signing_anybody_out() {
    for database in BOTH {
        let server = TestServer::bare_on(database).await;
        let other = TestServer::over(server.database.again(), server.store.clone()).await;
        let at = |minutes: i64| now() + TimeDelta::minutes(minutes);
        let (old, refresh) = server.sign_in().await;
        let keys = jwks(&server).await;
        assert_eq!(keys["keys"].as_array().unwrap().len(), 1);
        assert!(keys["keys"][0].get("d").is_none(), "the private half is nobody's business");
        assert!(verified(&keys, &old));

        let rotated = rotate(&server.store, server.sessions.vault(), at(1)).await.unwrap();
        assert_eq!((rotated.signs_from, &rotated.removed), (at(6), &Vec::new()));
        // One process knows it before the other: it does not sign yet, so nobody gets a token the other cannot read.
        server.sessions.reload_keys().await.unwrap();
        server.clock.set(at(5));
        let (before, _) = server.sign_in().await;
        assert_eq!(kid(&before), kid(&old));
        other.clock.set(at(5));
        other.ask_as(&before, MINE, json!({})).await;

        other.sessions.reload_keys().await.unwrap();
        for one in [&server, &other] {
            one.clock.set(at(6));
        }
        let (new, _) = server.sign_in().await;
        assert_eq!(kid(&new), rotated.added);
        assert!(verified(&jwks(&other).await, &new));
        other.ask_as(&new, MINE, json!({})).await;
        // What the old key signed holds to its end, and its session goes on.
        server.clock.set(at(14));
        server.ask_as(&old, MINE, json!({})).await;
        let (renewed, _) = refreshed(&server, &refresh).await;
        assert_eq!(kid(&renewed), rotated.added);

        // A key goes when no token of it can hold any more: it signed until minute 6, for 15 minutes.
        assert_eq!(rotate(&server.store, server.sessions.vault(), at(21)).await.unwrap().removed, Vec::<String>::new());
        assert_eq!(rotate(&server.store, server.sessions.vault(), at(22)).await.unwrap().removed, [kid(&old)]);
        server.sessions.reload_keys().await.unwrap();
        server.clock.set(at(22));
        assert_eq!(jwks(&server).await["keys"].as_array().unwrap().len(), 3);
        server.sign_in().await;
    }
}

#[test]
fn the_command_adds_and_lists_keys() {
    let folder = tempfile::tempdir().unwrap();
    let data_dir = folder.path().to_str().unwrap();
    assert!(run(&["migrate", "--data-dir", data_dir]).status.success());
    let said = |command: &str| String::from_utf8(run(&["keys", command, "--data-dir", data_dir]).stdout).unwrap();
    assert_eq!(said("list"), "");
    let added = said("rotate");
    assert!(added.starts_with("Key ") && added.contains(" was added and signs from "), "{added}");
    said("rotate");
    let listed = said("list");
    assert_eq!(listed.lines().count(), 2);
    let first = added.split_whitespace().nth(1).unwrap();
    assert!(listed.lines().nth(1).unwrap().starts_with(first), "the youngest comes first: {listed}");
}
