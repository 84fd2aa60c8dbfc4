//! Signing in because a provider vouches, with the provider that the npm package `oidc-provider` is.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use chrono::TimeDelta;
use roteiro::cli::authority;
use roteiro::clock::Clock;
use roteiro::identity::accounts::{Authority, Newcomer};
use roteiro::identity::oidc::ProviderSettings;
use roteiro::ingest::demo;
use roteiro::store::Store;
use serde_json::{Value, json};

use super::{VIEWER, log, mended, newcomer};
use crate::support::database::{BOTH, Database, TestDatabase};
use crate::support::{TestServer, now};

const FOLDER: &str = "tests/oracle/oidc";
/// The editors' page; nobody is there, for the browser of the test stops before it.
const BACK: &str = "http://localhost:5173/back";
const BEGIN: &str = "mutation($provider: String!) { beginSignInWith(provider: $provider) { authorizationUrl ticket userErrors { code } } }";
pub const COMPLETE: &str = "mutation($input: CompleteSignInWithInput!) { completeSignInWith(input: $input) { session { accessToken refreshToken } userErrors { field code } } }";

/// A provider that runs until it is dropped.
pub struct Provider {
    child: Child,
    pub issuer: String,
}

impl Provider {
    pub fn start() -> Self {
        let lock = std::fs::File::create(Path::new(env!("CARGO_TARGET_TMPDIR")).join("oidc.lock")).unwrap();
        lock.lock().unwrap();
        if !Path::new(FOLDER).join("node_modules/oidc-provider").is_dir() {
            let output = Command::new("npm")
                .args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"])
                .current_dir(FOLDER)
                .output()
                .expect("the provider needs `npm`, which cannot be started: install npm");
            assert!(output.status.success(), "npm ci failed in {FOLDER}: {}", String::from_utf8_lossy(&output.stderr));
        }
        drop(lock);
        let mut command = Command::new("node");
        command.args(["provider.mjs", BACK]).current_dir(FOLDER).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let issuer = lines.find_map(|line| line.ok().filter(|line| line.starts_with("http://"))).expect("the provider says where it is");
        // What it goes on to say is read, so that it never waits.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, issuer }
    }

    /// Has it behave otherwise from now on.
    pub async fn told(&self, path: &str) {
        let response = reqwest::Client::new().post(format!("{}/{path}", self.issuer)).send().await.unwrap();
        assert!(response.status().is_success(), "{path}");
    }

    pub fn settings(&self) -> ProviderSettings {
        ProviderSettings {
            name: "local".to_owned(),
            title: "Local".to_owned(),
            issuer: self.issuer.clone(),
            client_id: "roteiro".to_owned(),
            client_secret: Some("between-us".to_owned()),
            redirect_url: BACK.to_owned(),
            scopes: vec!["email".to_owned()],
        }
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// A server whose clock goes as the provider's does.
pub async fn server_with(database: Database, providers: Vec<ProviderSettings>) -> TestServer {
    let database = TestDatabase::create(database).await;
    let store = Store::open(&database.url).await.unwrap();
    store.migrate().await.unwrap();
    demo::load_first_time(&store, false, now()).await.unwrap();
    let server = TestServer::over_with(database, store, providers).await;
    server.clock.set(Clock::System.now());
    server
}

/// Begins at the provider; address and ticket.
pub async fn begun(server: &TestServer) -> (String, String) {
    let begun = server.ask(BEGIN, json!({ "provider": "local" })).await["beginSignInWith"].take();
    (begun["authorizationUrl"].as_str().unwrap_or_else(|| panic!("{begun}")).to_owned(), begun["ticket"].as_str().unwrap().to_owned())
}

/// Goes where the provider sends a browser, signs in there as this person, and stops at our page: `state` and `code`.
pub async fn browsed(url: &str, person: &str) -> (String, String) {
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let mut cookies = BTreeMap::new();
    let mut next = reqwest::Url::parse(&format!("{url}&login_hint={person}")).unwrap();
    for _ in 0..10 {
        if next.as_str().starts_with(BACK) {
            let query: BTreeMap<String, String> = next.query_pairs().into_owned().collect();
            return (query["state"].clone(), query.get("code").cloned().unwrap_or_else(|| panic!("{next}")));
        }
        let cookie = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ");
        let response = client.get(next.clone()).header("Cookie", cookie).send().await.unwrap();
        for set in response.headers().get_all("set-cookie") {
            let (name, value) = set.to_str().unwrap().split(';').next().unwrap().split_once('=').unwrap();
            cookies.insert(name.to_owned(), value.to_owned());
        }
        let location = response.headers().get("location").map(|location| location.to_str().unwrap().to_owned());
        let Some(location) = location else { panic!("{}: {}", next.path(), response.text().await.unwrap()) };
        next = next.join(&location).unwrap();
    }
    panic!("the provider never sends the browser back");
}

async fn completed(server: &TestServer, (ticket, state, code): (&str, &str, &str)) -> Value {
    let input = json!({ "ticket": ticket, "state": state, "code": code });
    server.ask(COMPLETE, json!({ "input": input })).await["completeSignInWith"].take()
}

async fn signed_in_as(server: &TestServer, person: &str) -> Value {
    let (url, ticket) = begun(server).await;
    let (state, code) = browsed(&url, person).await;
    completed(server, (&ticket, &state, &code)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_vouches_for_who_has_an_account_with_the_address_it_verified() {
    let provider = Provider::start();
    for database in BOTH {
        let server = server_with(database, vec![provider.settings()]).await;
        for email in ["ana@x.example", "bia@x.example"] {
            let new = Newcomer { email, name: "Ana", role: None, password: None };
            server.accounts.create(Authority::CommandLine(authority()), new, now()).await.unwrap();
        }
        let listed = server.ask("{ signInProviders { name title } }", json!({})).await;
        assert_eq!(listed, json!({ "signInProviders": [{ "name": "local", "title": "Local" }] }));
        let signed = signed_in_as(&server, "ana").await;
        let token = signed["session"]["accessToken"].as_str().unwrap_or_else(|| panic!("{signed}"));
        assert_eq!(server.ask_as(token, VIEWER, json!({})).await["viewer"]["email"], "ana@x.example", "{database:?}");
        server.ask(super::REFRESH, json!({ "token": signed["session"]["refreshToken"] })).await;

        // An address that nobody verified, one that has no account, and one that somebody else has there now.
        for person in ["bia", "stranger", "ana-again"] {
            assert_eq!(mended(&signed_in_as(&server, person).await), "SIGN_IN_REFUSED", "{person}");
        }
        // Joined once, the address does not matter any more; closed, nothing does.
        server.database.by_hand("UPDATE account SET email = 'another@x.example' WHERE email = 'ana@x.example'").await;
        assert!(signed_in_as(&server, "ana").await["session"].is_object());
        server.accounts.disable(Authority::CommandLine(authority()), "another@x.example", now()).await.unwrap();
        assert_eq!(mended(&signed_in_as(&server, "ana").await), "SIGN_IN_REFUSED");
        let log = log(&server).await;
        assert_eq!(log.iter().filter(|word| *word == "IDENTITY_JOINED").count(), 1);
        assert_eq!(log.iter().filter(|word| *word == "SIGN_IN_FAILED").count(), 4);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_belong_together_signs_nobody_in() {
    let provider = Provider::start();
    let server = server_with(Database::Sqlite, vec![provider.settings()]).await;
    newcomer(&server, "ana@x.example", None).await;
    let ((url, ticket), (_, other)) = (begun(&server).await, begun(&server).await);
    let (state, code) = browsed(&url, "ana").await;
    // Another's ticket, as when a page is made to complete somebody else's sign-in; and it is spent.
    for _ in 0..2 {
        assert_eq!(mended(&completed(&server, (&other, &state, &code)).await), "SIGN_IN_REFUSED");
    }
    assert!(completed(&server, (&ticket, &state, &code)).await["session"].is_object());
    assert_eq!(mended(&completed(&server, (&ticket, &state, &code)).await), "SIGN_IN_REFUSED", "a ticket is good once");
    let (url, ticket) = begun(&server).await;
    let (state, _) = browsed(&url, "ana").await;
    assert_eq!(mended(&completed(&server, (&ticket, &state, &code)).await), "SIGN_IN_REFUSED", "so is a code");
    let (url, ticket) = begun(&server).await;
    let (state, code) = browsed(&url, "ana").await;
    assert_eq!(mended(&completed(&server, (&ticket, "another", &code)).await), "SIGN_IN_REFUSED", "another state");
    assert_eq!(mended(&completed(&server, (&ticket, &state, &code)).await), "SIGN_IN_REFUSED", "and the ticket is spent");
    let (url, ticket) = begun(&server).await;
    let (state, code) = browsed(&url, "ana").await;
    server.clock.set(server.clock.now() + TimeDelta::minutes(10));
    assert_eq!(mended(&completed(&server, (&ticket, &state, &code)).await), "SIGN_IN_REFUSED", "too late");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_lies_signs_nobody_in() {
    let provider = Provider::start();
    let server = server_with(Database::Sqlite, vec![provider.settings()]).await;
    newcomer(&server, "ana@x.example", None).await;
    for lie in ["nonce", "audience", "issuer", "key", "none", "expired"] {
        provider.told(&format!("lies/{lie}")).await;
        assert_eq!(mended(&signed_in_as(&server, "ana").await), "SIGN_IN_REFUSED", "{lie}");
    }
    provider.told("lies/nothing").await;
    assert!(signed_in_as(&server, "ana").await["session"].is_object());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_is_away_is_told_and_the_password_still_opens() {
    let provider = Provider::start();
    let server = server_with(Database::Sqlite, vec![provider.settings()]).await;
    newcomer(&server, "ana@x.example", None).await;
    let (url, ticket) = begun(&server).await;
    let (state, code) = browsed(&url, "ana").await;
    drop(provider);
    let input = json!({ "input": { "ticket": ticket, "state": state, "code": code } });
    assert_eq!(server.refusal(COMPLETE, input).await, "UNAVAILABLE");
    server.clock.set(server.clock.now() + TimeDelta::minutes(11));
    let answer = server.answer(BEGIN, json!({ "provider": "local" })).await;
    assert_eq!(answer["errors"][0]["extensions"], json!({ "code": "UNAVAILABLE", "retryAfter": 10 }), "{answer}");
    assert_eq!(mended(&server.ask(BEGIN, json!({ "provider": "nobody" })).await["beginSignInWith"]), "NOT_FOUND");
    super::tokens(&server, "ana@x.example", super::PASSWORD).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_changes_its_keys_and_sign_in_goes_on() {
    let provider = Provider::start();
    let server = server_with(Database::Sqlite, vec![provider.settings()]).await;
    newcomer(&server, "ana@x.example", None).await;
    let comes_in = async || signed_in_as(&server, "ana").await["session"].is_object();
    assert!(comes_in().await);
    // No time goes by: what it said of itself before is still believed, and its new key is in none of that. Twice, for the second change
    // comes after what was learned at the first.
    for kid in ["two", "three"] {
        provider.told(&format!("keys/{kid}")).await;
        assert!(comes_in().await, "{kid}");
        assert!(comes_in().await, "{kid}");
    }
    // While the person is there.
    let (url, ticket) = begun(&server).await;
    let (state, code) = browsed(&url, "ana").await;
    provider.told("keys/four").await;
    assert!(completed(&server, (&ticket, &state, &code)).await["session"].is_object());
    // Under the same name as before.
    provider.told("keys/four").await;
    assert!(comes_in().await);
    // A key that it does not publish is still nobody's, however often it is asked.
    provider.told("lies/key").await;
    for _ in 0..2 {
        assert_eq!(mended(&signed_in_as(&server, "ana").await), "SIGN_IN_REFUSED");
    }
    provider.told("lies/nothing").await;
    assert!(comes_in().await);
}
