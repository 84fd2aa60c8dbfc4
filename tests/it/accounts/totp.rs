//! The second factor.

use chrono::{DateTime, TimeDelta, Utc};
use roteiro::identity::attempts::OF_NAME_FROM_PLACE;
use serde_json::{Value, json};
use totp_rs::{Builder, Secret};

use super::{CHANGE, PASSWORD, REFRESH, SIGN_IN, log, mended, newcomer, signed, tokens};
use crate::support::database::BOTH;
use crate::support::{TestServer, now};

const EMAIL: &str = "maria@x.example";
const BEGIN: &str = "mutation($password: String) { beginTotp(password: $password) { secret url userErrors { code } } }";
const CONFIRM: &str = "mutation($code: String!) { confirmTotp(code: $code) { changed userErrors { code } } }";
const END: &str = "mutation($input: DisableTotpInput!) { disableTotp(input: $input) { changed userErrors { code } } }";

/// A question with this code, and its input.
type Ask = fn(&str) -> (&'static str, Value);

/// What the app of the account's owner shows then.
pub fn shown(secret: &str, at: DateTime<Utc>) -> String {
    let app = Builder::new().with_secret(Secret::try_from_base32(secret).unwrap()).build().unwrap();
    app.generate(at.timestamp() as u64).to_string()
}

/// A code that is none of those that may be used about then.
pub fn wrong(secret: &str, at: DateTime<Utc>) -> String {
    let near = [-30, 0, 30].map(|seconds| shown(secret, at + TimeDelta::seconds(seconds)));
    (0..4).map(|number| format!("00000{number}")).find(|code| !near.contains(code)).unwrap()
}

async fn confirm(server: &TestServer, access: &str, code: &str) -> Value {
    server.ask_as(access, CONFIRM, json!({ "code": code })).await["confirmTotp"].take()
}

fn assert_shut(answer: &Value) {
    let extensions = &answer["errors"][0]["extensions"];
    assert_eq!(extensions["code"], "TOO_MANY_ATTEMPTS", "{answer}");
    assert!((1..=901).contains(&extensions["retryAfter"].as_i64().unwrap()), "{answer}");
}

/// Gives the account of this session a second factor.
pub async fn with_second_factor(server: &TestServer, access: &str) {
    let begun = server.ask_as(access, BEGIN, json!({ "password": PASSWORD })).await["beginTotp"].take();
    let secret = begun["secret"].as_str().unwrap();
    assert_eq!(confirm(server, access, &shown(secret, now())).await["changed"], true);
}

/// An account with a second factor that was confirmed now: an access token of it, and the secret.
async fn with_factor(server: &TestServer) -> (String, String) {
    newcomer(server, EMAIL, None).await;
    let (access, _) = tokens(server, EMAIL, PASSWORD).await;
    let begun = server.ask_as(&access, BEGIN, json!({ "password": PASSWORD })).await["beginTotp"].take();
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
            let input = json!({ "password": password, "code": code });
            server.ask_as(&access, END, json!({ "input": input })).await["disableTotp"].take()
        };
        assert_eq!(mended(&end("não é esta a senha", &code).await), "WRONG_CREDENTIALS");
        assert_eq!(mended(&end(PASSWORD, "000000").await), "WRONG_CODE");
        assert_eq!(end(PASSWORD, &code).await["changed"], true);
        assert_eq!(mended(&end(PASSWORD, &code).await), "NOT_FOUND");
        tokens(&server, EMAIL, PASSWORD).await;
    }
}

#[tokio::test]
async fn who_stole_an_access_token_does_not_guess_codes_without_end() {
    for database in BOTH {
        let server = TestServer::bare_on(database).await;
        let (access, secret) = with_factor(&server).await;
        let at = |minutes: i64| now() + TimeDelta::minutes(minutes);
        let fresh = || server.anew(&access);
        // Each way in which a code is looked at, with a good password and wrong codes; a window lies between.
        let change: Ask = |code| (CHANGE, json!({ "oldPassword": PASSWORD, "newPassword": "capivara no rio", "code": code }));
        let end: Ask = |code| (END, json!({ "password": PASSWORD, "code": code }));
        for (minutes, tried) in [(20, change), (40, end)] {
            server.clock.set(at(minutes));
            let access = fresh();
            for number in 0..OF_NAME_FROM_PLACE {
                let (query, input) = tried(&wrong(&secret, at(minutes)));
                let payload = server.ask_as(&access, query, json!({ "input": input })).await;
                let payload = payload.as_object().unwrap().values().next().unwrap();
                assert_eq!(mended(payload), "WRONG_CODE", "{database:?}: try {number} of {query}");
            }
            // Now the right code is not looked at either, nor one with the password at the door.
            let (query, input) = tried(&shown(&secret, at(minutes)));
            assert_shut(&server.answer_to(&access, query, json!({ "input": input })).await);
            let input = json!({ "email": EMAIL, "password": PASSWORD, "code": shown(&secret, at(minutes)) });
            assert_shut(&server.answer(SIGN_IN, json!({ "input": input })).await);
        }
        server.clock.set(at(60));
        let input = json!({ "input": end(&shown(&secret, at(60))).1 });
        assert_eq!(server.ask_as(&fresh(), END, input).await["disableTotp"]["changed"], true, "{database:?}: the window is over");

        // Confirming another one.
        server.clock.set(at(80));
        let access = fresh();
        let begun = server.ask_as(&access, BEGIN, json!({ "password": PASSWORD })).await["beginTotp"]["secret"].take();
        let secret = begun.as_str().unwrap();
        // The password that was shown is one of the tries.
        for _ in 1..OF_NAME_FROM_PLACE {
            assert_eq!(mended(&confirm(&server, &access, &wrong(secret, at(80))).await), "WRONG_CODE");
        }
        assert_shut(&server.answer_to(&access, CONFIRM, json!({ "code": shown(secret, at(80)) })).await);
        server.clock.set(at(95));
        assert_eq!(confirm(&server, &fresh(), &shown(secret, at(95))).await["changed"], true, "{database:?}");
    }
}

/// Else whoever stole an access token would shut the owner out.
#[tokio::test]
async fn a_second_factor_is_begun_with_the_password_by_who_has_one() {
    for database in BOTH {
        let server = TestServer::bare_on(database).await;
        newcomer(&server, EMAIL, None).await;
        let (access, _) = tokens(&server, EMAIL, PASSWORD).await;
        for bad in [json!({}), json!({ "password": "" }), json!({ "password": "errada errada" })] {
            let begun = server.ask_as(&access, BEGIN, bad).await["beginTotp"].take();
            assert_eq!((mended(&begun), &begun["secret"]), ("WRONG_CREDENTIALS", &Value::Null), "{database:?}");
            assert_eq!(mended(&confirm(&server, &access, "000000").await), "NOT_FOUND", "{database:?}: nothing was begun");
        }
        // Who comes in by a provider alone has none to show.
        server.database.by_hand("UPDATE account SET password_hash = NULL").await;
        assert!(server.ask_as(&access, BEGIN, json!({})).await["beginTotp"]["secret"].is_string(), "{database:?}");
    }
}

#[tokio::test]
async fn a_factor_of_ones_own_does_not_take_tries_out_of_the_count() {
    let server = TestServer::bare_on(BOTH[0]).await;
    newcomer(&server, EMAIL, None).await;
    let (access, _) = tokens(&server, EMAIL, PASSWORD).await;
    let begun = server.ask_as(&access, BEGIN, json!({ "password": PASSWORD })).await["beginTotp"]["secret"].take();
    for _ in 2..OF_NAME_FROM_PLACE {
        assert_eq!(mended(&signed(&server, EMAIL, "errada errada", None).await), "WRONG_CREDENTIALS");
    }
    assert_eq!(confirm(&server, &access, &shown(begun.as_str().unwrap(), now())).await["changed"], true);
    assert_shut(&server.answer(SIGN_IN, json!({ "input": { "email": EMAIL, "password": "errada errada" } })).await);
}

#[tokio::test]
async fn another_password_takes_a_code_where_one_is_asked_for() {
    for database in BOTH {
        let server = TestServer::bare_on(database).await;
        let (access, secret) = with_factor(&server).await;
        let at = |seconds: i64| now() + TimeDelta::seconds(seconds);
        server.clock.set(at(30));
        let came = signed(&server, EMAIL, PASSWORD, Some(&shown(&secret, at(30)))).await;
        let other = came["session"]["refreshToken"].as_str().unwrap_or_else(|| panic!("{came}"));
        server.clock.set(at(60));
        let change = async |old: &str, new: &str, code: Option<&str>| {
            let input = json!({ "oldPassword": old, "newPassword": new, "code": code });
            server.ask_as(&access, CHANGE, json!({ "input": input })).await["changePassword"].take()
        };
        let (code, new) = (shown(&secret, at(60)), "capivara no rio");
        for none in [None, Some(""), Some(" ")] {
            let told = change(PASSWORD, new, none).await;
            assert_eq!(told["userErrors"], json!([{ "field": ["input", "code"], "code": "CODE_REQUIRED" }]), "{database:?}");
        }
        for bad in [shown(&secret, at(30)), shown(&secret, at(-30)), wrong(&secret, at(60))] {
            assert_eq!(mended(&change(PASSWORD, new, Some(&bad)).await), "WRONG_CODE", "{database:?}: {bad}");
        }
        assert_eq!(mended(&change("errada errada", new, Some(&code)).await), "WRONG_CREDENTIALS");
        assert_eq!(mended(&change(PASSWORD, "curta", Some(&code)).await), "BAD_USER_INPUT");
        server.ask(REFRESH, json!({ "token": other })).await;
        // None of this changed a thing or used the code up.
        assert_eq!(change(PASSWORD, new, Some(&code)).await, json!({ "changed": true, "userErrors": [] }), "{database:?}");
        assert_eq!(server.refusal(REFRESH, json!({ "token": other })).await, "UNAUTHENTICATED", "other sessions end");
        assert_eq!(mended(&signed(&server, EMAIL, new, Some(&code)).await), "WRONG_CODE", "now it is used up");
        server.clock.set(at(16 * 60));
        assert_eq!(mended(&signed(&server, EMAIL, new, None).await), "CODE_REQUIRED", "the factor stays");
        let code = shown(&secret, at(16 * 60));
        assert_eq!(mended(&signed(&server, EMAIL, PASSWORD, Some(&code)).await), "WRONG_CREDENTIALS");
        assert!(signed(&server, EMAIL, new, Some(&code)).await["session"].is_object(), "{database:?}");
    }
}
