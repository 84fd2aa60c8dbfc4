//! Signing in with a password, going on, and signing out.

use chrono::TimeDelta;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use roteiro::cli::authority;
use roteiro::identity::accounts::{Authority, Newcomer};
use roteiro::identity::rights::Role;
use roteiro::store::sealed::SealedColumn;
use serde_json::{Value, json};

use super::{CHANGE, PASSWORD, REFRESH, SIGN_IN, VIEWER, log, mended, newcomer, signed, tokens};
use crate::support::database::{BOTH, Database};
use crate::support::forgery::signed_with_secret;
use crate::support::{TestServer, now};

const SIGN_OUT: &str = "mutation { signOut { signedOut } }";

#[tokio::test]
async fn an_account_comes_in_goes_on_and_leaves() {
    for database in BOTH {
        let server = TestServer::demo_on(database).await;
        newcomer(&server, "Maria@Cidade.example", Some((Role::Editor, Some(server.city("cuiaba"))))).await;
        let (access, refresh) = tokens(&server, " maria@cidade.EXAMPLE", PASSWORD).await;
        let viewer = server.ask_as(&access, VIEWER, json!({})).await["viewer"].take();
        let editor = json!([{ "role": "EDITOR", "rights": ["READ_DRAFTS", "WRITE"], "city": { "slug": "cuiaba" } }]);
        assert_eq!((&viewer["email"], &viewer["roles"]), (&json!("maria@cidade.example"), &editor), "{database:?}");

        let renewed = server.ask(REFRESH, json!({ "token": refresh })).await["refreshSession"].take();
        let access = renewed["accessToken"].as_str().unwrap();
        assert_eq!(server.ask_as(access, VIEWER, json!({})).await["viewer"]["name"], "Maria");
        assert_eq!(server.ask_as(access, SIGN_OUT, json!({})).await, json!({ "signOut": { "signedOut": true } }));
        assert_eq!(server.refusal_to(access, SIGN_OUT, json!({})).await, "UNAUTHENTICATED", "it is over");
        assert_eq!(server.refusal(REFRESH, json!({ "token": renewed["refreshToken"] })).await, "UNAUTHENTICATED");
        assert_eq!(log(&server).await, ["ACCOUNT_CREATED", "ROLE_GRANTED", "SIGNED_IN", "SIGNED_OUT"], "{database:?}");
    }
}

#[tokio::test]
async fn whoever_does_not_come_in_is_told_the_same_after_the_same_work() {
    for database in BOTH {
        let server = TestServer::bare_on(database).await;
        newcomer(&server, "open@x.example", None).await;
        newcomer(&server, "closed@x.example", None).await;
        server.accounts.disable(Authority::CommandLine(authority()), "closed@x.example", now()).await.unwrap();
        let bare = Newcomer { email: "provider@x.example", name: "Provider", role: None, password: None };
        server.accounts.create(authority(), bare, now()).await.unwrap();
        let before = log(&server).await.len();
        let mut told = Vec::new();
        for (email, password) in [
            ("open@x.example", "outra senha qualquer"),
            ("closed@x.example", PASSWORD),
            ("provider@x.example", PASSWORD),
            ("nobody@x.example", PASSWORD),
            ("open@x.example", ""),
            ("no address", &"x".repeat(5_000)),
        ] {
            let hashed = server.accounts.hashed();
            let answer = server.answer(SIGN_IN, json!({ "input": { "email": email, "password": password } })).await;
            assert_eq!(server.accounts.hashed() - hashed, 1, "{email}");
            told.push(answer);
        }
        assert_eq!(mended(&told[0]["data"]["signIn"]), "WRONG_CREDENTIALS");
        assert!(told.iter().all(|answer| *answer == told[0]), "{told:#?}");
        let rows = server.store.audit_rows(None, None, 100).await.unwrap();
        let failed: Vec<_> = rows.iter().rev().skip(before).map(|row| (row.action.as_str(), row.by, row.subject.is_some())).collect();
        let known = [true, true, true, false, true, false];
        assert_eq!(failed, known.map(|known| ("SIGN_IN_FAILED", None, known)), "{database:?}");
        assert!(!format!("{rows:?}").contains("nobody@x.example"), "names that have no account are not kept");
    }
}

#[tokio::test]
async fn another_password_ends_other_sessions() {
    for database in BOTH {
        let server = TestServer::bare_on(database).await;
        newcomer(&server, "maria@x.example", None).await;
        let (_, other) = tokens(&server, "maria@x.example", PASSWORD).await;
        let (access, mine) = tokens(&server, "maria@x.example", PASSWORD).await;
        let change = async |old: &str, new: &str| {
            let input = json!({ "oldPassword": old, "newPassword": new });
            server.ask_as(&access, CHANGE, json!({ "input": input })).await["changePassword"].take()
        };
        assert_eq!(mended(&change("não é esta a senha", "capivara no rio").await), "WRONG_CREDENTIALS");
        assert_eq!(change(PASSWORD, "curta").await["userErrors"], json!([{ "field": ["input", "newPassword"], "code": "BAD_USER_INPUT" }]));
        assert_eq!(mended(&change(PASSWORD, "maria@x.example").await), "BAD_USER_INPUT");
        assert_eq!(change(PASSWORD, "capivara no rio").await, json!({ "changed": true, "userErrors": [] }));
        assert_eq!(server.refusal(REFRESH, json!({ "token": other })).await, "UNAUTHENTICATED");
        server.ask(REFRESH, json!({ "token": mine })).await;
        assert_eq!(mended(&signed(&server, "maria@x.example", PASSWORD, None).await), "WRONG_CREDENTIALS");
        tokens(&server, "maria@x.example", "capivara no rio").await;
    }
}

#[tokio::test]
async fn a_stolen_refresh_token_ends_the_session_and_a_lost_answer_does_not() {
    for database in BOTH {
        let server = TestServer::bare_on(database).await;
        newcomer(&server, "maria@x.example", None).await;
        let (_, first) = tokens(&server, "maria@x.example", PASSWORD).await;
        let renew = async |token: &str| {
            server.ask(REFRESH, json!({ "token": token })).await["refreshSession"]["refreshToken"].as_str().unwrap().to_owned()
        };
        renew(&first).await;
        let second = renew(&first).await;
        let third = renew(&second).await;
        let answer = server.answer(REFRESH, json!({ "token": first })).await;
        assert!(answer["errors"][0]["message"].as_str().unwrap().contains("used before"), "{answer}");
        assert_eq!(server.refusal(REFRESH, json!({ "token": third })).await, "UNAUTHENTICATED");
        assert_eq!(log(&server).await.last().unwrap(), "SESSION_REUSED");
    }
}

#[tokio::test]
async fn a_session_ends_after_30_days_without_use_and_180_at_all() {
    let server = TestServer::bare_on(Database::Sqlite).await;
    newcomer(&server, "maria@x.example", None).await;
    let (_, mut refresh) = tokens(&server, "maria@x.example", PASSWORD).await;
    let (_, unused) = tokens(&server, "maria@x.example", PASSWORD).await;
    for day in [29, 58, 87, 116, 145, 174, 179] {
        server.clock.set(now() + TimeDelta::days(day));
        let renewed = server.ask(REFRESH, json!({ "token": refresh })).await["refreshSession"].take();
        refresh = renewed["refreshToken"].as_str().unwrap().to_owned();
        if day == 29 {
            continue;
        }
        assert_eq!(server.refusal(REFRESH, json!({ "token": unused })).await, "UNAUTHENTICATED");
    }
    server.clock.set(now() + TimeDelta::days(180));
    assert_eq!(server.refusal(REFRESH, json!({ "token": refresh })).await, "UNAUTHENTICATED");
}

#[tokio::test]
async fn a_closed_account_can_do_nothing_at_once() {
    for database in BOTH {
        let server = TestServer::bare_on(database).await;
        newcomer(&server, "maria@x.example", Some((Role::Admin, None))).await;
        let (access, refresh) = tokens(&server, "maria@x.example", PASSWORD).await;
        server.ask_as(&access, "{ apiKeys { id } }", json!({})).await;
        server.accounts.disable(Authority::ForcedCommandLine(authority()), "maria@x.example", now()).await.unwrap();
        let create = "mutation { createApiKey(input: { name: \"x\" }) { secret } }";
        for query in [create, VIEWER, "{ apiKeys { id } }", "mutation { beginTotp { secret } }", SIGN_OUT] {
            assert_eq!(server.refusal_to(&access, query, json!({})).await, "UNAUTHENTICATED", "{query}");
        }
        assert_eq!(server.refusal(REFRESH, json!({ "token": refresh })).await, "UNAUTHENTICATED");
        server.ask_as(&access, "{ catalogue { version } }", json!({})).await;
        server.accounts.enable(Authority::CommandLine(authority()), "maria@x.example", now()).await.unwrap();
        assert_eq!(server.refusal(REFRESH, json!({ "token": refresh })).await, "UNAUTHENTICATED", "its sessions are gone for good");
        tokens(&server, "maria@x.example", PASSWORD).await;
    }
}

#[tokio::test]
async fn a_token_of_one_kind_never_acts_as_the_other() {
    for database in BOTH {
        let server = TestServer::bare_on(database).await;
        newcomer(&server, "maria@x.example", Some((Role::Admin, None))).await;
        let (account, account_refresh) = tokens(&server, "maria@x.example", PASSWORD).await;
        let (visitor, visitor_refresh) = server.sign_in().await;
        assert_eq!(server.refusal_to(&account, "{ trips { id } }", json!({})).await, "FORBIDDEN");
        assert_eq!(server.refusal_to(&account, "mutation { eraseMe { erasedTrips } }", json!({})).await, "FORBIDDEN");
        assert_eq!(server.refusal_to(&visitor, "{ apiKeys { id } }", json!({})).await, "FORBIDDEN");
        assert_eq!(server.refusal_to(&visitor, SIGN_OUT, json!({})).await, "FORBIDDEN");
        // A session is found in the table of its kind only.
        let bare = account_refresh.strip_prefix("account-").unwrap();
        for token in [bare, &format!("account-{visitor_refresh}"), &format!("account-{account_refresh}")] {
            assert_eq!(server.refusal(REFRESH, json!({ "token": token })).await, "UNAUTHENTICATED", "{token}");
        }
        server.ask(REFRESH, json!({ "token": account_refresh })).await;
        server.ask(REFRESH, json!({ "token": visitor_refresh })).await;
    }
}

#[tokio::test]
async fn forged_tokens_of_accounts_open_nothing() {
    let server = TestServer::bare_on(Database::Sqlite).await;
    newcomer(&server, "maria@x.example", Some((Role::Admin, None))).await;
    let (access, _) = tokens(&server, "maria@x.example", PASSWORD).await;
    let query = "{ apiKeys { id } }";
    server.ask_as(&access, query, json!({})).await;
    let keys = server.store.signing_keys().await.unwrap();
    let kid = keys[0].kid.clone();
    let header = |algorithm| Header { kid: Some(kid.clone()), ..Header::new(algorithm) };
    let ours =
        EncodingKey::from_ed_der(&server.sessions.vault().unseal(SealedColumn::SigningKey, &keys[0].kid, &keys[0].private_key).unwrap());
    let claims: Value = {
        use base64::Engine;
        let middle = access.split('.').nth(1).unwrap();
        serde_json::from_slice(&base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(middle).unwrap()).unwrap()
    };
    let sign = |claims: &Value| jsonwebtoken::encode(&header(Algorithm::EdDSA), claims, &ours).unwrap();
    server.ask_as(&sign(&claims), query, json!({})).await;
    let with = |name: &str, value: Value| {
        let mut changed = claims.clone();
        changed[name] = value;
        changed
    };
    let kindless = with("kind", Value::Null);
    for (what, token, code) in [
        ("another audience", sign(&with("aud", json!("partner"))), "UNAUTHENTICATED"),
        ("another issuer", sign(&with("iss", json!("somebody"))), "UNAUTHENTICATED"),
        ("expired", sign(&with("exp", json!(now().timestamp()))), "UNAUTHENTICATED"),
        ("of a clock that was wrong", sign(&with("exp", json!(now().timestamp() + 3_600))), "UNAUTHENTICATED"),
        ("an unknown kind", sign(&with("kind", json!("partner"))), "UNAUTHENTICATED"),
        ("no kind", sign(&kindless), "UNAUTHENTICATED"),
        ("a visitor of the same number", sign(&with("kind", json!("visitor"))), "FORBIDDEN"),
        ("an account that is not there", sign(&with("sub", json!("00000000-0000-4000-8000-000000000000"))), "UNAUTHENTICATED"),
    ] {
        assert_eq!(server.refusal_to(&token, query, json!({})).await, code, "{what}");
    }
    let shared = signed_with_secret(&kid, &claims, kid.as_bytes());
    let none = {
        use base64::Engine;
        let encode = |value: &Value| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(value.to_string());
        format!("{}.{}.", encode(&json!({ "alg": "none", "typ": "JWT", "kid": kid })), encode(&claims))
    };
    for token in [shared, none] {
        assert_eq!(server.refusal_to(&token, query, json!({})).await, "UNAUTHENTICATED");
    }
}
