//! The second factor of an account that signs in because a provider vouches, with the provider that the npm package `oidc-provider` is.

use chrono::TimeDelta;
use roteiro::cli::authority;
use roteiro::identity::accounts::Authority;
use roteiro::identity::attempts::OF_NAME_FROM_PLACE;
use roteiro::identity::password::NewPassword;
use serde_json::{Value, json};

use super::oidc::{COMPLETE, Provider, begun, browsed, server_with};
use super::totp::{shown, wrong};
use super::{PASSWORD, SIGN_IN, VIEWER, log, mended, newcomer, signed, tokens};
use crate::support::TestServer;
use crate::support::database::{BOTH, Database};

const EMAIL: &str = "ana@x.example";

/// A server with an account that has a second factor, confirmed a minute before, and its secret.
async fn with_factor(database: Database, provider: &Provider) -> (TestServer, String) {
    let server = server_with(database, vec![provider.settings()]).await;
    newcomer(&server, EMAIL, None).await;
    let (access, _) = tokens(&server, EMAIL, PASSWORD).await;
    let query = "mutation($password: String) { beginTotp(password: $password) { secret } }";
    let begun = server.ask_as(&access, query, json!({ "password": PASSWORD })).await["beginTotp"]["secret"].take();
    let secret = begun.as_str().unwrap().to_owned();
    let confirm = "mutation($code: String!) { confirmTotp(code: $code) { changed } }";
    let code = shown(&secret, server.clock.now());
    assert_eq!(server.ask_as(&access, confirm, json!({ "code": code })).await["confirmTotp"]["changed"], true);
    server.clock.set(server.clock.now() + TimeDelta::minutes(1));
    (server, secret)
}

/// What the app shows now.
fn code_now(server: &TestServer, secret: &str) -> String {
    shown(secret, server.clock.now())
}

/// A sign-in that comes back from the provider.
#[derive(Clone)]
struct Back {
    ticket: String,
    state: String,
    code: String,
}

impl Back {
    async fn of(server: &TestServer, person: &str) -> Self {
        let (url, ticket) = begun(server).await;
        let (state, code) = browsed(&url, person).await;
        Self { ticket, state, code }
    }

    fn input(&self, totp: Option<&str>) -> Value {
        json!({ "input": { "ticket": self.ticket, "state": self.state, "code": self.code, "totpCode": totp } })
    }

    async fn completed(&self, server: &TestServer, totp: Option<&str>) -> Value {
        server.ask(COMPLETE, self.input(totp)).await["completeSignInWith"].take()
    }

    async fn comes_in(&self, server: &TestServer, totp: Option<&str>) -> bool {
        let completed = self.completed(server, totp).await;
        completed["session"].is_object() || panic!("{completed}")
    }

    async fn told(&self, server: &TestServer, totp: Option<&str>) -> String {
        let completed = self.completed(server, totp).await;
        assert_eq!(completed["session"], Value::Null);
        mended(&completed).to_owned()
    }
}

fn joined(log: &[String]) -> usize {
    log.iter().filter(|word| *word == "IDENTITY_JOINED").count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_asked_for_after_the_provider_vouched_and_completes_the_same_sign_in() {
    let provider = Provider::start();
    for database in BOTH {
        let (server, secret) = with_factor(database, &provider).await;
        let back = Back::of(&server, "ana").await;
        // As often as the client likes, for an answer may be lost.
        for none in [None, None, Some(" ")] {
            let asked = back.completed(&server, none).await;
            let expected = json!({ "session": null, "userErrors": [{ "field": ["input", "totpCode"], "code": "CODE_REQUIRED" }] });
            assert_eq!(asked, expected, "{database:?}");
        }
        let code = code_now(&server, &secret);
        // Only with all three of them: ticket, state and the code that the provider sent.
        let other = Back::of(&server, "ana").await;
        for mixed in [
            Back { ticket: other.ticket.clone(), ..back.clone() },
            Back { state: other.state.clone(), ..back.clone() },
            Back { code: other.code.clone(), ..back.clone() },
        ] {
            assert_eq!(mixed.told(&server, Some(&code)).await, "SIGN_IN_REFUSED", "{database:?}");
        }
        let asked = back.completed(&server, Some(&wrong(&secret, server.clock.now()))).await;
        let expected = json!({ "session": null, "userErrors": [{ "field": ["input", "totpCode"], "code": "WRONG_CODE" }] });
        assert_eq!(asked, expected, "{database:?}");
        assert_eq!(joined(&log(&server).await), 0, "nothing is joined before the code was shown");
        let rows = crate::visitors::data::all_rows(&server).await;
        assert!(crate::visitors::data::stands_in(&rows, &provider.issuer), "for whom it vouched is kept");
        for secret in [&back.ticket, &back.state, &back.code] {
            assert!(!crate::visitors::data::stands_in(&rows, secret), "{database:?}: what completes it is kept as it is");
        }

        let completed = back.completed(&server, Some(&code)).await;
        let access = completed["session"]["accessToken"].as_str().unwrap_or_else(|| panic!("{database:?}: {completed}"));
        assert_eq!(server.ask_as(access, VIEWER, json!({})).await["viewer"]["email"], EMAIL);
        assert_eq!(joined(&log(&server).await), 1);
        server.clock.set(server.clock.now() + TimeDelta::seconds(30));
        let next = code_now(&server, &secret);
        assert_eq!(back.told(&server, Some(&next)).await, "SIGN_IN_REFUSED", "{database:?}: a ticket is good once");

        // With the code at once; it works once, here and at the other door.
        assert!(Back::of(&server, "ana").await.comes_in(&server, Some(&next)).await);
        assert_eq!(Back::of(&server, "ana").await.told(&server, Some(&next)).await, "WRONG_CODE");
        assert_eq!(mended(&signed(&server, EMAIL, PASSWORD, Some(&next)).await), "WRONG_CODE");
        // Nobody else is asked for one: who has the same address there now is nobody here, and is not told what the account has.
        assert_eq!(Back::of(&server, "ana-again").await.told(&server, None).await, "SIGN_IN_REFUSED", "{database:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_asked_for_a_second_factor_is_enough() {
    let provider = Provider::start();
    let (server, _) = with_factor(Database::Sqlite, &provider).await;
    for (methods, is_enough) in [
        ("", false),
        ("pwd", false),
        ("pwd,kba", false),
        ("otp", false),
        ("pwd,anything", false),
        ("mfa", true),
        ("pwd,mfa", true),
        ("pwd,otp", true),
        ("hwk,pin", true),
        ("pwd,sms", true),
        ("swk,face", true),
    ] {
        provider.told(&format!("amr/{methods}")).await;
        let completed = Back::of(&server, "ana").await.completed(&server, None).await;
        if is_enough {
            assert!(completed["session"].is_object(), "{methods}: {completed}");
        } else {
            assert_eq!(mended(&completed), "CODE_REQUIRED", "{methods}");
        }
    }
    // What it says in a token that it did not sign counts for nothing.
    provider.told("lies/key").await;
    assert_eq!(Back::of(&server, "ana").await.told(&server, None).await, "SIGN_IN_REFUSED");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_that_waits_for_a_code_ends_with_its_ticket_or_the_account() {
    let provider = Provider::start();
    for database in BOTH {
        let (server, secret) = with_factor(database, &provider).await;
        let back = Back::of(&server, "ana").await;
        let begun_at = server.clock.now();
        assert_eq!(back.told(&server, None).await, "CODE_REQUIRED", "{database:?}");
        server.clock.set(begun_at + TimeDelta::seconds(599));
        assert_eq!(back.told(&server, None).await, "CODE_REQUIRED", "asking makes it no longer, nor shorter");
        server.clock.set(begun_at + TimeDelta::minutes(10));
        let code = code_now(&server, &secret);
        assert_eq!(back.told(&server, Some(&code)).await, "SIGN_IN_REFUSED", "{database:?}: too late");

        // Another process over the same database completes it.
        let back = Back::of(&server, "ana").await;
        assert_eq!(back.told(&server, None).await, "CODE_REQUIRED");
        let other = TestServer::over_with(server.database.again(), server.store.clone(), vec![provider.settings()]).await;
        other.clock.set(server.clock.now());
        assert!(back.comes_in(&other, Some(&code)).await, "{database:?}");

        // Closed meanwhile, and opened again.
        let back = Back::of(&server, "ana").await;
        assert_eq!(back.told(&server, None).await, "CODE_REQUIRED");
        server.accounts.disable(Authority::CommandLine(authority()), EMAIL, server.clock.now()).await.unwrap();
        server.clock.set(server.clock.now() + TimeDelta::minutes(1));
        let code = code_now(&server, &secret);
        assert_eq!(back.told(&server, Some(&code)).await, "SIGN_IN_REFUSED", "{database:?}: the account is closed");
        server.accounts.enable(Authority::CommandLine(authority()), EMAIL, server.clock.now()).await.unwrap();
        assert!(back.comes_in(&server, Some(&code)).await);

        // An operator took the factor away meanwhile.
        let back = Back::of(&server, "ana").await;
        assert_eq!(back.told(&server, None).await, "CODE_REQUIRED");
        let password = NewPassword::new("capivara no rio", EMAIL).unwrap();
        server.accounts.reset(authority(), EMAIL, &password, server.clock.now()).await.unwrap();
        assert!(back.comes_in(&server, None).await, "{database:?}");
        assert_eq!(back.told(&server, None).await, "SIGN_IN_REFUSED", "a ticket is good once");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_are_not_guessed_behind_a_provider() {
    let provider = Provider::start();
    for database in BOTH {
        let (server, secret) = with_factor(database, &provider).await;
        let back = Back::of(&server, "ana").await;
        assert_eq!(back.told(&server, None).await, "CODE_REQUIRED");
        // Within the same window: the password and the code with which the factor was made.
        let counted = 2;
        for _ in counted..OF_NAME_FROM_PLACE {
            assert_eq!(back.told(&server, Some(&wrong(&secret, server.clock.now()))).await, "WRONG_CODE", "{database:?}");
        }
        let code = code_now(&server, &secret);
        let fresh = Back::of(&server, "ana").await;
        for back in [&back, &fresh] {
            let answer = server.answer(COMPLETE, back.input(Some(&code))).await;
            assert_eq!(answer["errors"][0]["extensions"]["code"], "TOO_MANY_ATTEMPTS", "{database:?}: {answer}");
            assert!(answer["errors"][0]["extensions"]["retryAfter"].as_i64().unwrap() <= 901);
        }
        let input = json!({ "input": { "email": EMAIL, "password": PASSWORD, "code": code } });
        assert_eq!(server.refusal(SIGN_IN, input).await, "TOO_MANY_ATTEMPTS", "one count for both doors");
        // The window ends before the second ticket does.
        server.clock.set(server.clock.now() + TimeDelta::minutes(9));
        let late = Back::of(&server, "ana").await;
        server.clock.set(server.clock.now() + TimeDelta::minutes(5));
        let code = code_now(&server, &secret);
        assert!(late.comes_in(&server, Some(&code)).await, "{database:?}");
        // A good one is taken out of the count.
        for _ in 0..2 * OF_NAME_FROM_PLACE {
            server.clock.set(server.clock.now() + TimeDelta::seconds(30));
            assert!(Back::of(&server, "ana").await.comes_in(&server, Some(&code_now(&server, &secret))).await, "{database:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_who_complete_one_sign_in_at_once_one_comes_in() {
    let provider = Provider::start();
    for database in BOTH {
        let (server, secret) = with_factor(database, &provider).await;
        let back = Back::of(&server, "ana").await;
        assert_eq!(back.told(&server, None).await, "CODE_REQUIRED");
        // Two codes that may both be used now, so that it is the ticket that lets one in.
        let (now, next) = (code_now(&server, &secret), shown(&secret, server.clock.now() + TimeDelta::seconds(30)));
        let one = async |code: &str| back.completed(&server, Some(code)).await["session"].is_object();
        let came = futures::join!(one(&now), one(&next), one(&now), one(&next));
        assert_eq!([came.0, came.1, came.2, came.3].into_iter().filter(|came| *came).count(), 1, "{database:?}");
    }
}
