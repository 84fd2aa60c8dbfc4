//! Secrets at rest: what a dump of the database is worth without the operator's key.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use roteiro::identity::rights::Role;
use roteiro::identity::secret_key::SecretKey;
use roteiro::identity::session::Sessions;
use roteiro::identity::token::{KeyError, revoke};
use roteiro::identity::vault::{Vault, VaultError};
use roteiro::store::Store;
use roteiro::store::sealed::SealedColumn;
use sea_orm::{ConnectionTrait, Database as Connection, Statement};
use serde_json::{Value, json};

use super::totp::{shown, with_second_factor};
use super::{PASSWORD, mended, newcomer, signed, tokens};
use crate::support::database::{BOTH, Database, TestDatabase};
use crate::support::program::{Served, roteiro};
use crate::support::{TestServer, claims, eventually, now, vault};

/// Every value of a column, as it lies in the database.
async fn raw(database: &TestDatabase, table: &str, column: &str) -> Vec<Vec<u8>> {
    let connection = Connection::connect(&database.url).await.unwrap();
    let question = format!("SELECT {column} AS value FROM {table} WHERE {column} IS NOT NULL");
    let rows = connection.query_all_raw(Statement::from_string(connection.get_database_backend(), question)).await.unwrap();
    connection.close().await.unwrap();
    rows.into_iter().map(|row| row.try_get("", "value").unwrap()).collect()
}

fn key(digit: &str) -> SecretKey {
    SecretKey::parse(&digit.repeat(64)).unwrap()
}

fn names_another_key(outcome: &Result<Vault, VaultError>) -> bool {
    matches!(outcome, Err(VaultError::OtherKey(_)))
}

#[tokio::test]
async fn a_dump_forges_no_token_and_shows_no_code() {
    for database in BOTH {
        let server = TestServer::demo_on(database).await;
        newcomer(&server, "ana@x.example", Some((Role::Admin, None))).await;
        let (ana, _) = tokens(&server, "ana@x.example", PASSWORD).await;
        with_second_factor(&server, &ana).await;
        for (table, column) in [("signing_key", "private_key"), ("account", "totp_secret"), ("server_secret", "value")] {
            let values = raw(&server.database, table, column).await;
            assert!(!values.is_empty() && values.iter().all(|value| value.starts_with(b"roteiro\x01")), "{database:?} {table}");
        }
        // What a key looks like in the clear stands nowhere in it (RFC 8410, Ed25519).
        let keys = server.store.signing_keys().await.unwrap();
        let clear = server.sessions.vault().unseal(SealedColumn::SigningKey, &keys[0].kid, &keys[0].private_key).unwrap();
        assert!(!keys[0].private_key.windows(16).any(|window| clear.windows(16).any(|secret| secret == window)), "{database:?}");

        // And who has the key all the same has no session: a token without a live one is good for nothing.
        let sign = |claims: &Value| {
            let header = Header { kid: Some(keys[0].kid.clone()), ..Header::new(Algorithm::EdDSA) };
            jsonwebtoken::encode(&header, claims, &EncodingKey::from_ed_der(&clear)).unwrap()
        };
        let mut forged = claims(&ana);
        server.ask_as(&sign(&forged), "{ apiKeys { id } }", json!({})).await;
        forged["sid"] = json!("11111111-1111-4111-8111-111111111111");
        assert_eq!(server.refusal_to(&sign(&forged), "{ apiKeys { id } }", json!({})).await, "UNAUTHENTICATED", "{database:?}");
        forged.as_object_mut().unwrap().remove("sid");
        assert_eq!(server.refusal_to(&sign(&forged), "{ apiKeys { id } }", json!({})).await, "UNAUTHENTICATED");
    }
}

#[tokio::test]
async fn what_lay_in_the_clear_is_sealed_once_and_nothing_clear_is_taken_afterwards() {
    for kind in BOTH {
        // A store as the version before left it.
        let database = TestDatabase::create(kind).await;
        let store = Store::open(&database.url).await.unwrap();
        store.migrate().await.unwrap();
        let server = TestServer::over(database, store).await;
        newcomer(&server, "ana@x.example", None).await;
        let (ana, _) = tokens(&server, "ana@x.example", PASSWORD).await;
        let begun = server.ask_as(&ana, "mutation { beginTotp(password: \"a onça bebe água\") { secret } }", json!({})).await;
        let secret = begun["beginTotp"]["secret"].as_str().unwrap().to_owned();
        let confirm = "mutation($code: String!) { confirmTotp(code: $code) { changed } }";
        assert_eq!(server.ask_as(&ana, confirm, json!({ "code": shown(&secret, now()) })).await["confirmTotp"]["changed"], true);
        let keys = server.store.signing_keys().await.unwrap();
        let opened = server.sessions.vault().unseal(SealedColumn::SigningKey, &keys[0].kid, &keys[0].private_key).unwrap();
        let totp = server.store.account_by_email("ana@x.example").await.unwrap().unwrap();
        let totp_opened =
            server.sessions.vault().unseal(SealedColumn::TotpSecret, &totp.id.0.to_string(), &totp.totp_secret.unwrap()).unwrap();
        let literal = |bytes: &[u8]| {
            let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            if kind == Database::Postgres { format!("'\\x{hex}'") } else { format!("X'{hex}'") }
        };
        let clear = format!(
            "DELETE FROM sealing; UPDATE signing_key SET private_key = {}; UPDATE account SET totp_secret = {} WHERE totp_secret IS NOT NULL",
            literal(&opened),
            literal(&totp_opened)
        );
        server.database.by_hand(&clear).await;

        let next = TestServer::over(server.database.again(), Store::open(&server.database.url).await.unwrap()).await;
        for (table, column) in [("signing_key", "private_key"), ("account", "totp_secret"), ("server_secret", "value")] {
            let values = raw(&next.database, table, column).await;
            assert!(values.iter().all(|value| value.starts_with(b"roteiro\x01")), "{kind:?} {table}");
        }
        next.ask_as(&ana, "{ viewer { __typename } }", json!({})).await;
        let at = now() + chrono::TimeDelta::seconds(30);
        next.clock.set(at);
        assert_eq!(mended(&signed(&next, "ana@x.example", PASSWORD, None).await), "CODE_REQUIRED");
        assert!(signed(&next, "ana@x.example", PASSWORD, Some(&shown(&secret, at))).await["session"].is_object(), "{kind:?}");
        if kind == Database::Sqlite {
            let files = ["roteiro.sqlite", "roteiro.sqlite-wal"].map(|name| server.database.folder().join(name));
            let bytes = files.map(|file| std::fs::read(file).unwrap_or_default()).concat();
            assert!(!bytes.windows(opened.len()).any(|window| window == opened), "the file remembers the key");
        }

        // A key that somebody writes there in the clear afterwards is not taken.
        server.database.by_hand(&format!("UPDATE signing_key SET private_key = {}", literal(&opened))).await;
        let refused = Sessions::open(next.store.clone(), vault(&next.store).await, now()).await.map(drop);
        assert!(matches!(refused, Err(KeyError::Vault(VaultError::Broken(_)))), "{kind:?}");
    }
}

#[tokio::test]
async fn the_operators_key_is_changed_and_a_wrong_one_is_named() {
    for kind in BOTH {
        let database = TestDatabase::create(kind).await;
        let store = Store::open(&database.url).await.unwrap();
        store.migrate().await.unwrap();
        let first = Vault::open(&store, key("1"), Vec::new(), now()).await.unwrap();
        Sessions::open(store.clone(), first, now()).await.unwrap();
        let wrong = Vault::open(&store, key("2"), Vec::new(), now()).await;
        assert!(names_another_key(&wrong), "{kind:?}");
        assert!(wrong.unwrap_err().to_string().contains("--secret-key-file"));
        // Of processes that start together, each with a key of its own, over a database that was never sealed, one goes on.
        let fresh = TestDatabase::create(kind).await;
        let stores = [Store::open(&fresh.url).await.unwrap(), Store::open(&fresh.url).await.unwrap()];
        stores[0].migrate().await.unwrap();
        let open = async |number: usize, digit: &str| Vault::open(&stores[number], key(digit), Vec::new(), now()).await;
        let both = tokio::join!(open(0, "1"), open(1, "2"));
        assert!(names_another_key(&both.0) != names_another_key(&both.1), "{kind:?}: {both:?}");

        let both = Vault::open(&store, key("2"), vec![key("1")], now()).await.unwrap();
        Sessions::open(store.clone(), both.clone(), now()).await.unwrap();
        both.reseal(&store, now()).await.unwrap();
        let second = Vault::open(&store, key("2"), Vec::new(), now()).await.unwrap();
        Sessions::open(store.clone(), second, now()).await.unwrap();
        assert!(names_another_key(&Vault::open(&store, key("1"), Vec::new(), now()).await), "{kind:?}");
    }
}

#[tokio::test]
async fn a_revoked_key_is_known_nowhere() {
    for database in BOTH {
        let server = TestServer::bare_on(database).await;
        let other = TestServer::over(server.database.again(), server.store.clone()).await;
        let (access, refresh) = server.sign_in().await;
        let kid = jsonwebtoken::decode_header(&access).unwrap().kid.unwrap();
        assert!(matches!(revoke(&server.store, server.sessions.vault(), "another", now()).await, Err(KeyError::NoKey(_))));
        let added = revoke(&server.store, server.sessions.vault(), &kid, now()).await.unwrap();
        for process in [&server, &other] {
            process.sessions.reload_keys().await.unwrap();
            assert_eq!(process.refusal_to(&access, "{ trips { id } }", json!({})).await, "UNAUTHENTICATED", "{database:?}");
            let (new, _) = process.sign_in().await;
            assert_eq!(jsonwebtoken::decode_header(&new).unwrap().kid.unwrap(), added);
        }
        // Nobody is signed out.
        let renewed = other.ask(super::REFRESH, json!({ "token": refresh })).await;
        server.ask_as(renewed["refreshSession"]["accessToken"].as_str().unwrap(), "{ trips { id } }", json!({})).await;
    }
}

/// What the command says, with no key in its environment.
fn said(data_dir: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let mut command = roteiro(arguments);
    command.env_remove("ROTEIRO_SECRET_KEY").args(["--data-dir", data_dir.to_str().unwrap()]);
    let output = command.output().unwrap();
    (output.status.code(), [output.stdout, output.stderr].concat().escape_ascii().to_string().replace("\\n", "\n"))
}

#[test]
fn the_first_start_makes_a_key_that_its_owner_alone_reads() {
    let folder = tempfile::tempdir().unwrap();
    let data_dir = folder.path().join("data");
    let create = ["user", "create", "ana@x.example", "--name", "Ana", "--role", "admin"];
    let (code, text) = said(&data_dir, &create);
    let file = data_dir.join("roteiro.key");
    assert!(code == Some(0) && text.contains("roteiro.key"), "{text}");
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let names: Vec<_> = std::fs::read_dir(&data_dir).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(names.iter().all(|name| !name.to_string_lossy().contains("key-")), "nothing is left over: {names:?}");

    // Without it, with another, or with none that is one, the reason is told in a line.
    let kept = std::fs::read_to_string(&file).unwrap();
    let create = ["user", "create", "bia@x.example", "--name", "Bia", "--role", "admin"];
    std::fs::remove_file(&file).unwrap();
    let (code, text) = said(&data_dir, &create);
    assert!(code == Some(1) && text.contains("was not given") && text.trim_end().lines().count() == 1, "{text}");
    assert!(!file.exists(), "no other key is made");
    for (wrong, why) in [("0".repeat(64), "was not given"), ("zz".to_owned(), "holds no secret key")] {
        std::fs::write(&file, wrong).unwrap();
        let (code, text) = said(&data_dir, &create);
        assert!(code == Some(1) && text.contains(why) && text.trim_end().lines().count() == 1, "{text}");
    }
    // Another key takes its place.
    let old = folder.path().join("old.key");
    std::fs::write(&old, kept).unwrap();
    std::fs::write(&file, "0".repeat(64)).unwrap();
    let with_old = ["--old-secret-key-file", old.to_str().unwrap()];
    let (code, text) = said(&data_dir, &[&["keys", "reseal"][..], &with_old].concat());
    assert!(code == Some(0) && text.contains("All secrets are sealed"), "{text}");
    assert_eq!(said(&data_dir, &create).0, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_of_one_user_over_postgresql_share_a_key_and_others_must_be_given_it() {
    let database = TestDatabase::create(Database::Postgres).await;
    let (home, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let create = |home: &Path, number: u8| {
        let mut command = roteiro(&["user", "create", &format!("a{number}@x.example"), "--name", "Ana", "--database-url", &database.url]);
        command.env_remove("ROTEIRO_SECRET_KEY").env_remove("XDG_CONFIG_HOME").env("HOME", home);
        command.args(["--data-dir", folder.path().join(number.to_string()).to_str().unwrap()]).output().unwrap()
    };
    for number in 0..2 {
        let output = create(home.path(), number);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let file = home.path().join(".config/roteiro/secret.key");
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let elsewhere = tempfile::tempdir().unwrap();
    let refused = create(elsewhere.path(), 2);
    let told = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(refused.status.code() == Some(1) && told.contains("was not given") && told.trim_end().lines().count() == 1, "{told}");
    std::fs::create_dir_all(elsewhere.path().join(".config/roteiro")).unwrap();
    std::fs::copy(&file, elsewhere.path().join(".config/roteiro/secret.key")).unwrap();
    assert!(create(elsewhere.path(), 2).status.success(), "it was copied");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_server_learns_of_a_revoked_key_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let server = Served::start(folder.path(), &["--no-demo"]);
    let client = reqwest::Client::new();
    let ask = async |token: &str, query: &str| {
        let request = client.post(format!("http://{}/graphql", server.address)).json(&json!({ "query": query }));
        let request = if token.is_empty() { request } else { request.bearer_auth(token) };
        request.send().await.unwrap().json::<Value>().await.unwrap()
    };
    let signed = ask("", "mutation { signInAnonymously { accessToken } }").await;
    let access = signed["data"]["signInAnonymously"]["accessToken"].as_str().unwrap();
    assert_eq!(ask(access, "{ trips { id } }").await["data"], json!({ "trips": [] }));
    let kid = jsonwebtoken::decode_header(access).unwrap().kid.unwrap();
    let output = roteiro(&["keys", "revoke", &kid, "--data-dir", folder.path().to_str().unwrap()]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    eventually("the token is refused", async || {
        ask(access, "{ trips { id } }").await["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    })
    .await;
}
