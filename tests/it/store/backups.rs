//! Backups, and copies from one database into the other: whole, looked at, and never over something that is there.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Output;

use roteiro::identity::rights::Role;
use roteiro::store::copy::{CopyError, TABLES, copy};
use roteiro::store::{Access, Store, StoreError, backup};
use serde_json::json;

use super::tables;
use crate::support::database::{BOTH, Database, TestDatabase};
use crate::support::everything::assert_same;
use crate::support::program::{Served, roteiro, run};
use crate::support::{TestServer, now};
use crate::trips::saved::{a_day, save};

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_taken_under_writes_is_restored_whole() {
    let server = TestServer::demo().await;
    let (token, _) = server.sign_in().await;
    let mut before = BTreeSet::new();
    for number in 0..5 {
        before.insert(save(&server, &token, &format!("Antes {number}"), &a_day()).await.as_str().unwrap().to_owned());
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("backup.sqlite");
    let database = server.database.url.clone();
    let arguments = ["backup".to_owned(), "--database-url".to_owned(), database, text(&file).to_owned()];
    let backing_up = std::thread::spawn(move || run(&arguments.each_ref().map(String::as_str)));
    let mut meanwhile = 0;
    while !backing_up.is_finished() {
        save(&server, &token, &format!("Durante {meanwhile}"), &a_day()).await;
        meanwhile += 1;
        assert!(meanwhile < 90, "a backup comes to an end");
    }
    let output = backing_up.join().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(mode(&file), 0o600, "keys and password hashes are in it");

    let data_dir = folder.path().join("restored");
    let restored = run(&["restore", "--data-dir", text(&data_dir), text(&file)]);
    assert!(restored.status.success(), "{}", said(&restored));
    assert_eq!((mode(&data_dir), mode(&data_dir.join("roteiro.sqlite"))), (0o700, 0o600));
    let store = Store::open(&format!("sqlite:{}", text(&data_dir.join("roteiro.sqlite")))).await.unwrap();
    let database = server.database.again();
    let again = TestServer::over(database, store).await;
    let trips = again.ask_as(&token, "{ trips { id } }", json!({})).await;
    let there: BTreeSet<_> = trips["trips"].as_array().unwrap().iter().map(|trip| trip["id"].as_str().unwrap().to_owned()).collect();
    assert!(there.is_superset(&before), "{there:?}");
    assert_same(&server.everything(&["museu"]).await, &again.everything(&["museu"]).await, "the restored catalogue");

    // Nothing is overwritten, and half a store is none.
    for command in
        [["backup", "--database-url", &server.database.url, text(&file)], ["restore", "--data-dir", text(&data_dir), text(&file)]]
    {
        let refused = run(&command);
        assert!(!refused.status.success() && said(&refused).contains("is there already"), "{}", said(&refused));
    }
}

#[tokio::test]
async fn what_is_no_whole_store_is_not_restored() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let url = |name: &str| format!("sqlite:{}", text(&at(name)));
    let store = Store::open(&url("whole.sqlite")).await.unwrap();
    store.migrate().await.unwrap();
    store.back_up(&at("good.sqlite")).await.unwrap();
    // A file that was copied without its log holds nothing yet.
    std::fs::write(at("empty.sqlite"), b"").unwrap();
    std::fs::write(at("text.sqlite"), "no database, but long enough to be taken for one".repeat(100)).unwrap();
    let good = std::fs::read(at("good.sqlite")).unwrap();
    std::fs::write(at("cut.sqlite"), &good[..good.len() / 2]).unwrap();
    let mut torn = good.clone();
    torn[20_000..40_000].fill(7);
    std::fs::write(at("torn.sqlite"), torn).unwrap();
    for name in ["empty.sqlite", "text.sqlite", "cut.sqlite", "torn.sqlite", "missing.sqlite"] {
        let refused = backup::restore(&at(name), &url("target.sqlite")).await;
        assert!(refused.is_err(), "{name}");
        assert!(!at("target.sqlite").exists(), "{name} leaves nothing behind");
    }
    // The log of another store would be taken for the restored one's.
    std::fs::write(at("target.sqlite-wal"), b"old").unwrap();
    backup::restore(&at("good.sqlite"), &url("target.sqlite")).await.unwrap_err();
    assert!(matches!(Store::open(&url("target.sqlite")).await, Err(StoreError::Orphan { .. })));
    std::fs::remove_file(at("target.sqlite-wal")).unwrap();
    backup::restore(&at("good.sqlite"), &url("target.sqlite")).await.unwrap();
    Store::open_for(&url("target.sqlite"), Access::Read).await.unwrap().must_be_current().await.unwrap();
}

#[tokio::test]
async fn after_the_first_start_the_file_alone_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let mut served = Served::start(folder.path(), &[]);
    let copied = folder.path().join("copied.sqlite");
    std::fs::copy(folder.path().join("roteiro.sqlite"), &copied).unwrap();
    served.child.kill().unwrap();
    served.child.wait().unwrap();
    let checked = run(&["check", "--database-url", &format!("sqlite:{}", text(&copied))]);
    assert!(said(&checked).contains("finding(s)"), "{}", said(&checked));
    let store = Store::open_for(&format!("sqlite:{}", text(&copied)), Access::Write).await.unwrap();
    assert!(store.last_change().await.unwrap() > 1, "the demo is in it");
}

#[tokio::test]
async fn files_are_for_their_owner_alone_and_what_was_not_is_mended() {
    let folder = tempfile::tempdir().unwrap();
    let data_dir = folder.path().join("data");
    let paths = ["", "roteiro.sqlite", "roteiro.sqlite-wal", "roteiro.sqlite-shm", "media"].map(|name| data_dir.join(name));
    let check = |when: &str| {
        for path in &paths {
            let wanted = if path.is_dir() { 0o700 } else { 0o600 };
            assert_eq!(mode(path), wanted, "{} {when}", path.display());
        }
    };
    let mut served = Served::start(&data_dir, &["--no-demo"]);
    check("after the first start");
    served.child.kill().unwrap();
    served.child.wait().unwrap();
    for path in &paths {
        let open = if path.is_dir() { 0o755 } else { 0o644 };
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(open)).unwrap();
    }
    let log = folder.path().join("log");
    let _served = Served::logging(&data_dir, &["--no-demo"], std::fs::File::create(&log).unwrap());
    check("after another start");
    assert!(std::fs::read_to_string(log).unwrap().contains("they cannot any more"));
}

#[tokio::test]
async fn commands_that_read_make_no_store_and_bring_none_up_to_date() {
    let folder = tempfile::tempdir().unwrap();
    let data_dir = folder.path().join("nothing");
    let file = folder.path().join("file.json");
    std::fs::write(&file, "{}").unwrap();
    let readers: [&[&str]; 6] = [
        &["check"],
        &["user", "list"],
        &["keys", "list"],
        &["media", "sweep", "--dry-run"],
        &["import", "--dry-run", text(&file)],
        &["backup", "nowhere.sqlite"],
    ];
    for command in readers {
        let output = run(&[command, &["--data-dir", text(&data_dir)]].concat());
        assert!(!output.status.success() && said(&output).contains("there is no store at"), "{command:?}: {}", said(&output));
        assert!(!data_dir.exists(), "{command:?} made something");
    }
    for kind in BOTH {
        let database = TestDatabase::create(kind).await;
        let before = if kind == Database::Postgres { tables(kind, &database.url).await } else { BTreeSet::new() };
        for command in &readers[..5] {
            let output = run(&[*command, &["--database-url", &database.url]].concat());
            assert!(!output.status.success() && said(&output).contains("there is no store at"), "{command:?}: {}", said(&output));
        }
        if kind == Database::Postgres {
            assert_eq!(tables(kind, &database.url).await, before);
        }
        let store = Store::open(&database.url).await.unwrap();
        store.migrate().await.unwrap();
        database.by_hand("DELETE FROM seaql_migrations WHERE version = 'm20261125_000013_clock_watch'; DROP TABLE clock_watch").await;
        for command in &readers[..5] {
            let output = run(&[*command, &["--database-url", &database.url]].concat());
            assert!(!output.status.success() && said(&output).contains("1 step(s) behind"), "{command:?}: {}", said(&output));
        }
        assert!(!tables(kind, &database.url).await.contains("clock_watch"), "{kind:?}");
    }
}

#[tokio::test]
async fn the_schema_is_not_taken_down_unless_that_is_said() {
    for kind in BOTH {
        let database = TestDatabase::create(kind).await;
        Store::open(&database.url).await.unwrap().migrate().await.unwrap();
        let down = |more: &[&str]| {
            let mut command = roteiro(&["migrate", "--down", "--database-url", &database.url]);
            command.args(more).stdin(std::process::Stdio::null()).output().unwrap()
        };
        let refused = down(&[]);
        assert!(!refused.status.success() && said(&refused).contains("--yes"), "{}", said(&refused));
        assert!(tables(kind, &database.url).await.contains("point_of_interest"), "{kind:?}");
        assert!(down(&["--yes"]).status.success(), "{kind:?}");
        assert!(!tables(kind, &database.url).await.contains("point_of_interest"), "{kind:?}");
    }
}

#[tokio::test]
async fn no_table_is_forgotten_by_a_copy() {
    let database = TestDatabase::create(Database::Postgres).await;
    Store::open(&database.url).await.unwrap().migrate().await.unwrap();
    let mut there = tables(Database::Postgres, &database.url).await;
    assert!(there.remove("seaql_migrations"));
    assert_eq!(TABLES.iter().map(|table| (*table).to_owned()).collect::<BTreeSet<_>>(), there);
}

#[tokio::test]
async fn a_store_goes_from_one_database_into_the_other_and_back() {
    let server = TestServer::demo().await;
    let (token, _) = server.sign_in().await;
    save(&server, &token, "Museus", &a_day()).await;
    server.account(Role::Admin, None).await;
    let (postgres, back) = (TestDatabase::create(Database::Postgres).await, TestDatabase::create(Database::Sqlite).await);
    let mut told = Vec::new();
    for (from, to) in [(&server.database.url, &postgres.url), (&postgres.url, &back.url)] {
        let output = run(&["copy", "--from", from, "--to", to]);
        assert!(output.status.success(), "{}", said(&output));
        told.push(said(&output).lines().find(|line| line.contains("SHA-256")).unwrap().to_owned());
    }
    assert_eq!(told[0], told[1], "the same rows, wherever they are");
    for copy in [&postgres, &back] {
        let store = Store::open(&copy.url).await.unwrap();
        let copied = TestServer::over(copy.again(), store).await;
        assert_same(&server.everything(&["museu"]).await, &copied.everything(&["museu"]).await, "the copy");
        let trips = copied.ask_as(&token, "{ trips { title } }", json!({})).await;
        assert_eq!(trips["trips"], json!([{ "title": "Museus" }]), "the session and its key went along");
        // Numbers go on after those that were copied.
        copied.account(Role::Editor, Some("nobres")).await;
        save(&copied, &token, "Mais", &a_day()).await;
    }
    let source = Store::open(&server.database.url).await.unwrap();
    let filled = Store::open(&postgres.url).await.unwrap();
    assert!(matches!(copy(&source, &filled, now()).await, Err(CopyError::NotEmpty(_))), "nothing is overwritten");
}

#[test]
fn errors_say_what_was_tried() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let folder = tempfile::tempdir().unwrap();
    let output = run(&["serve", "--no-demo", "--data-dir", text(&folder.path().join("data")), "--listen", &address]);
    assert!(!output.status.success() && said(&output).contains(&address), "{}", said(&output));
    let file = folder.path().join("file");
    std::fs::write(&file, b"").unwrap();
    let inside = file.join("data");
    let output = run(&["serve", "--data-dir", text(&inside)]);
    assert!(!output.status.success() && said(&output).contains(text(&inside)), "{}", said(&output));
    let server = crate::support::database::variable("ROTEIRO_TEST_POSTGRES_URL");
    let missing = format!("{}/not_there", server.rsplit_once('/').unwrap().0);
    let output = run(&["migrate", "--database-url", &missing]);
    assert!(!output.status.success() && said(&output).contains("/not_there"), "{}", said(&output));
}
