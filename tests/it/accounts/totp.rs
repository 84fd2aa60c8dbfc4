//! The second factor.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use totp_rs::{Builder, Secret};

use super::{PASSWORD, log, mended, newcomer, signed, tokens};
use crate::support::database::BOTH;
use crate::support::{TestServer, now};

const EMAIL: &str = "maria@x.example";

/// What the app of the account's owner shows then.
fn shown(secret: &str, at: DateTime<Utc>) -> String {
    let app = Builder::new().with_secret(Secret::try_from_base32(secret).unwrap()).build().unwrap();
    app.generate(at.timestamp() as u64).to_string()
}

async fn confirm(server: &TestServer, access: &str, code: &str) -> Value {
    let query = "mutation($code: String!) { confirmTotp(code: $code) { changed userErrors { code } } }";
    server.ask_as(access, query, json!({ "code": code })).await["confirmTotp"].take()
}

/// A server, an account with a second factor that was confirmed now, an access token of it, and the secret.
async fn with_factor(server: &TestServer) -> (String, String) {
    newcomer(server, EMAIL, None).await;
    let (access, _) = tokens(server, EMAIL, PASSWORD).await;
    let begun = server.ask_as(&access, "mutation { beginTotp { secret url userErrors { code } } }", json!({})).await["beginTotp"].take();
    let secret = begun["secret"].as_str().unwrap().to_owned();
    assert!(begun["url"].as_str().unwrap().starts_with("otpauth://totp/"), "{begun}");
    assert!(signed(server, EMAIL, PASSWORD, None).await["session"].is_object(), "it is not asked for before it was shown to work");
    assert_eq!(mended(&confirm(server, &access, "000000").await), "WRONG_CODE");
    assert_eq!(confirm(server, &access, &shown(&secret, now())).await["changed"], true);
    (access, secret)
}

#[tokio::test]
async fn a_code_is_asked_for_after_the_right_password_and_works_once() {
    for database in BOTH {
        let server = TestServer::bare_on(database).await;
        let (access, secret) = with_factor(&server).await;
        assert_eq!(mended(&confirm(&server, &access, &shown(&secret, now())).await), "TAKEN");
        assert_eq!(mended(&signed(&server, EMAIL, "não é esta a senha", None).await), "WRONG_CREDENTIALS");
        assert_eq!(mended(&signed(&server, EMAIL, PASSWORD, None).await), "CODE_REQUIRED");
        assert_eq!(mended(&signed(&server, EMAIL, PASSWORD, Some(" ")).await), "CODE_REQUIRED");
        let used = shown(&secret, now());
        assert_eq!(mended(&signed(&server, EMAIL, PASSWORD, Some(&used)).await), "WRONG_CODE", "it was used to confirm");
        server.clock.set(now() + TimeDelta::seconds(30));
        let next = shown(&secret, now() + TimeDelta::seconds(30));
        assert_eq!(mended(&signed(&server, EMAIL, "não é esta a senha", Some(&next)).await), "WRONG_CREDENTIALS");
        assert!(signed(&server, EMAIL, PASSWORD, Some(&next)).await["session"].is_object(), "{database:?}");
        assert_eq!(mended(&signed(&server, EMAIL, PASSWORD, Some(&next)).await), "WRONG_CODE");
        assert!(log(&server).await.contains(&"TOTP_ENABLED".to_owned()));
    }
}

#[tokio::test]
async fn of_two_who_show_one_code_at_once_one_comes_in() {
    for database in BOTH {
        let server = TestServer::bare_on(database).await;
        let (_, secret) = with_factor(&server).await;
        server.clock.set(now() + TimeDelta::seconds(60));
        let code = shown(&secret, now() + TimeDelta::seconds(60));
        let one = async || signed(&server, EMAIL, PASSWORD, Some(&code)).await["session"].is_object();
        let (a, b, c) = futures::join!(one(), one(), one());
        assert_eq!([a, b, c].into_iter().filter(|came| *came).count(), 1, "{database:?}");
    }
}

#[tokio::test]
async fn a_clock_that_steps_back_opens_no_code_again_and_locks_nobody_out() {
    let server = TestServer::bare_on(BOTH[0]).await;
    let (_, secret) = with_factor(&server).await;
    let at = |seconds: i64| now() + TimeDelta::seconds(seconds);
    server.clock.set(at(60));
    assert!(signed(&server, EMAIL, PASSWORD, Some(&shown(&secret, at(60)))).await["session"].is_object());
    server.clock.set(at(30));
    for seconds in [0, 30, 60] {
        assert_eq!(mended(&signed(&server, EMAIL, PASSWORD, Some(&shown(&secret, at(seconds)))).await), "WRONG_CODE");
    }
    server.clock.set(at(90));
    assert!(signed(&server, EMAIL, PASSWORD, Some(&shown(&secret, at(90)))).await["session"].is_object());
    // A clock a day ahead counts a step that is far away; back at the right time, the owner comes in.
    server.clock.set(at(86_400));
    assert!(signed(&server, EMAIL, PASSWORD, Some(&shown(&secret, at(86_400)))).await["session"].is_object());
    server.clock.set(at(150));
    assert!(signed(&server, EMAIL, PASSWORD, Some(&shown(&secret, at(150)))).await["session"].is_object());
}

#[tokio::test]
async fn who_has_password_and_code_ends_the_second_factor_and_an_operator_without() {
    for database in BOTH {
        let server = TestServer::bare_on(database).await;
        let (access, secret) = with_factor(&server).await;
        server.clock.set(now() + TimeDelta::seconds(30));
        let code = shown(&secret, now() + TimeDelta::seconds(30));
        let end = async |password: &str, code: &str| {
            let query = "mutation($input: DisableTotpInput!) { disableTotp(input: $input) { changed userErrors { code } } }";
            let input = json!({ "password": password, "code": code });
            server.ask_as(&access, query, json!({ "input": input })).await["disableTotp"].take()
        };
        assert_eq!(mended(&end("não é esta a senha", &code).await), "WRONG_CREDENTIALS");
        assert_eq!(mended(&end(PASSWORD, "000000").await), "WRONG_CODE");
        assert_eq!(end(PASSWORD, &code).await["changed"], true);
        assert_eq!(mended(&end(PASSWORD, &code).await), "NOT_FOUND");
        tokens(&server, EMAIL, PASSWORD).await;
    }
}
