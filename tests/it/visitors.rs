//! Anonymous visitors: what a token opens, what it does not, and how long.

mod abandoned;
pub mod data;
mod export;
mod keys;
pub mod refreshing;
mod transfers;

use chrono::TimeDelta;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use roteiro::store::sealed::SealedColumn;
use serde_json::{Value, json};

use crate::support::database::{BOTH, Database};
use crate::support::forgery::signed_with_secret;
use crate::support::{TestServer, claims, now};

const MINE: &str = "{ trips { id } }";
const REFRESH: &str =
    "mutation($token: String!) { refreshSession(refreshToken: $token) { accessToken refreshToken accessTokenExpiresAt } }";

async fn refreshed(server: &TestServer, token: &str) -> (String, String) {
    let session = server.ask(REFRESH, json!({ "token": token })).await["refreshSession"].take();
    (session["accessToken"].as_str().unwrap().to_owned(), session["refreshToken"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_token_opens_what_is_mine_for_a_quarter_of_an_hour() {
    for database in BOTH {
        let server = TestServer::bare_on(database).await;
        assert_eq!(server.refusal(MINE, json!({})).await, "UNAUTHENTICATED");
        let (access, refresh) = server.sign_in().await;
        assert_eq!(server.ask_as(&access, MINE, json!({})).await, json!({ "trips": [] }));
        server.clock.set(now() + TimeDelta::seconds(899));
        server.ask_as(&access, MINE, json!({})).await;
        server.clock.set(now() + TimeDelta::seconds(900));
        let answer = server.answer_to(&access, MINE, json!({})).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
        assert!(answer["errors"][0]["message"].as_str().unwrap().contains("expired"), "{answer}");
        // Public reads ask for no token, so they mind none.
        assert!(server.ask_as(&access, "{ catalogue { version } }", json!({})).await["catalogue"]["version"].is_string());
        let (access, _) = refreshed(&server, &refresh).await;
        server.ask_as(&access, MINE, json!({})).await;
    }
}

#[tokio::test]
async fn a_lost_answer_does_not_lose_the_session_and_a_stolen_token_ends_it() {
    for database in BOTH {
        let server = TestServer::bare_on(database).await;
        let (_, first) = server.sign_in().await;
        // The answer is lost, a day goes by, the app sends the same token again.
        let (_, lost) = refreshed(&server, &first).await;
        server.clock.set(now() + TimeDelta::days(1));
        let (_, second) = refreshed(&server, &first).await;
        let (_, third) = refreshed(&server, &second).await;
        assert_eq!(lost, second, "the answer is the same");
        // Now its successor was used: whoever shows the first is somebody else.
        let answer = server.answer(REFRESH, json!({ "token": first })).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
        assert!(answer["errors"][0]["message"].as_str().unwrap().contains("used before"), "{answer}");
        assert_eq!(server.refusal(REFRESH, json!({ "token": third })).await, "UNAUTHENTICATED");
    }
}

#[tokio::test]
async fn a_session_ends_after_400_days_without_use() {
    let server = TestServer::bare_on(Database::Sqlite).await;
    let (_, first) = server.sign_in().await;
    server.clock.set(now() + TimeDelta::days(399));
    let (_, second) = refreshed(&server, &first).await;
    server.clock.set(now() + TimeDelta::days(399 + 400));
    assert_eq!(server.refusal(REFRESH, json!({ "token": second })).await, "UNAUTHENTICATED");
}

#[tokio::test]
async fn what_is_no_token_of_ours_opens_nothing() {
    let server = TestServer::bare_on(Database::Sqlite).await;
    let (access, refresh) = server.sign_in().await;
    let parts: Vec<&str> = access.split('.').collect();
    let encode = |value: &Value| {
        use base64::Engine;
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(value.to_string())
    };
    let claims =
        json!({ "iss": "roteiro", "aud": "roteiro", "sub": "00000000-0000-4000-8000-000000000000", "iat": 0, "exp": 4_000_000_000_i64 });
    let kid = {
        use base64::Engine;
        let header = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(parts[0]).unwrap();
        serde_json::from_slice::<Value>(&header).unwrap()["kid"].as_str().unwrap().to_owned()
    };
    let shared_secret = signed_with_secret(&kid, &claims, kid.as_bytes());
    let none = format!("{}.{}.", encode(&json!({ "alg": "none", "typ": "JWT", "kid": kid })), encode(&claims));
    let other_kid = format!("{}.{}.{}", encode(&json!({ "alg": "EdDSA", "typ": "JWT", "kid": "other" })), parts[1], parts[2]);
    let other_claims = format!("{}.{}.{}", parts[0], encode(&claims), parts[2]);
    for (what, token) in [
        ("nothing", String::new()),
        ("words", "abc".to_owned()),
        ("an algorithm of none", none),
        ("a shared secret", shared_secret),
        ("another key", other_kid),
        ("other claims under the same signature", other_claims),
        ("a signature cut short", access[..access.len() - 4].to_owned()),
        ("a refresh token", refresh.clone()),
        ("too long a token", "a".repeat(10_000)),
    ] {
        assert_eq!(server.refusal_to(&token, MINE, json!({})).await, "UNAUTHENTICATED", "{what}");
    }
    let basic =
        server.client.post(server.url("/graphql")).header("Authorization", format!("Basic {access}")).json(&json!({ "query": MINE }));
    let answer: Value = basic.send().await.unwrap().json().await.unwrap();
    assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
    for token in ["", ".", "x.y", &access, &format!("{refresh}x"), &refresh[..40]] {
        assert_eq!(server.refusal(REFRESH, json!({ "token": token })).await, "UNAUTHENTICATED", "{token}");
    }
    server.ask_as(&access, MINE, json!({})).await;
}

#[tokio::test]
async fn tokens_of_another_audience_or_issuer_are_refused() {
    let server = TestServer::bare_on(Database::Sqlite).await;
    let (access, _) = server.sign_in().await;
    let keys = server.store.signing_keys().await.unwrap();
    let signing =
        EncodingKey::from_ed_der(&server.sessions.vault().unseal(SealedColumn::SigningKey, &keys[0].kid, &keys[0].private_key).unwrap());
    let header = Header { kid: Some(keys[0].kid.clone()), ..Header::new(Algorithm::EdDSA) };
    let good = claims(&access);
    let sign = |claims: &Value| jsonwebtoken::encode(&header, claims, &signing).unwrap();
    server.ask_as(&sign(&good), MINE, json!({})).await;
    let another = json!("00000000-0000-4000-8000-000000000000");
    for (claim, value) in [
        ("aud", json!("partner")),
        ("iss", json!("somebody")),
        ("sub", json!("me")),
        ("exp", json!(now().timestamp())),
        // Signed well, of a session that is not there or not theirs.
        ("sid", another.clone()),
        ("sub", another),
    ] {
        let mut claims = good.clone();
        claims[claim] = value;
        assert_eq!(server.refusal_to(&sign(&claims), MINE, json!({})).await, "UNAUTHENTICATED", "{claim}");
    }
    for claim in ["aud", "iss", "sub", "exp", "sid", "kind"] {
        let mut claims = good.clone();
        claims.as_object_mut().unwrap().remove(claim);
        assert_eq!(server.refusal_to(&sign(&claims), MINE, json!({})).await, "UNAUTHENTICATED", "without {claim}");
    }
}

#[tokio::test]
async fn all_processes_over_a_database_know_each_others_tokens() {
    for database in BOTH {
        let one = TestServer::bare_on(database).await;
        let other = TestServer::over(one.database.again(), one.store.clone()).await;
        let (access, refresh) = one.sign_in().await;
        other.ask_as(&access, MINE, json!({})).await;
        refreshed(&other, &refresh).await;
    }
}

#[tokio::test]
async fn the_database_holds_no_token_that_opens_anything() {
    let server = TestServer::bare_on(Database::Sqlite).await;
    let (access, refresh) = server.sign_in().await;
    let bytes = ["roteiro.sqlite", "roteiro.sqlite-wal"]
        .map(|name| std::fs::read(server.database.folder().join(name)).unwrap_or_default())
        .concat();
    let holds = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    let secret = refresh.split_once('.').unwrap().1;
    assert!(!holds(secret) && !holds(&access), "a token is kept as it is");
    // The check would find one: the mark of the key is there.
    assert!(holds("signing_key"));
}
