//! Processes that start at once over one database, empty or behind: none dies, and what is made is made once.

use std::process::{Output, Stdio};

use migration::{Migrator, MigratorTrait};
use roteiro::ingest::demo;
use roteiro::store::Store;
use sea_orm::Database as Connection;

use crate::support::database::{BOTH, Database, TestDatabase};
use crate::support::now;
use crate::support::program::{Served, roteiro};

const PROCESSES: usize = 4;

/// Starts the program so often with these arguments over the database, all at once, and waits for all.
fn at_once(database: &TestDatabase, commands: &[Vec<&str>]) -> Vec<Output> {
    let start = |arguments: &Vec<&str>| {
        let mut command = roteiro(arguments);
        command.args(["--database-url", &database.url]).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().unwrap()
    };
    let children: Vec<_> = commands.iter().map(start).collect();
    children.into_iter().map(|child| child.wait_with_output().unwrap()).collect()
}

fn all_well(outputs: &[Output]) {
    for output in outputs {
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

#[tokio::test]
async fn processes_that_migrate_at_once_wait_for_each_other() {
    for kind in BOTH {
        for steps_before in [0, 1, 7] {
            let database = TestDatabase::create(kind).await;
            if steps_before > 0 {
                let url = if kind == Database::Sqlite { format!("{}?mode=rwc", database.url) } else { database.url.clone() };
                let connection = Connection::connect(url).await.unwrap();
                Migrator::up(&connection, Some(steps_before)).await.unwrap();
                connection.close().await.unwrap();
            }
            all_well(&at_once(&database, &[(); PROCESSES].map(|()| vec!["migrate"])));
            let whole = Store::open(&database.url).await.unwrap();
            assert!(demo::load_first_time(&whole, true, now()).await.unwrap().is_some_and(|applied| applied.written > 100), "{kind:?}");
        }
    }
}

#[tokio::test]
async fn processes_that_serve_an_empty_database_at_once_fill_it_once() {
    for kind in BOTH {
        let database = TestDatabase::create(kind).await;
        let folder = tempfile::tempdir().unwrap();
        let start = |number: usize| {
            let (url, data_dir) = (database.url.clone(), folder.path().join(number.to_string()));
            std::thread::spawn(move || Served::start(&data_dir, &["--database-url", &url]))
        };
        let starting: Vec<_> = (0..PROCESSES).map(start).collect();
        let mut served: Vec<Served> = starting.into_iter().map(|thread| thread.join().unwrap()).collect();
        let mut versions = Vec::new();
        for one in &served {
            let ready: serde_json::Value = reqwest::get(format!("http://{}/readyz", one.address)).await.unwrap().json().await.unwrap();
            versions.push(ready["version"].clone());
        }
        versions.dedup();
        assert_eq!(versions.len(), 1, "{kind:?}: {versions:?}");
        assert!(!database.has("SELECT slug FROM point_of_interest GROUP BY slug HAVING COUNT(*) > 1").await, "{kind:?}");
        assert!(database.has("SELECT 1 WHERE (SELECT COUNT(*) FROM signing_key) = 1").await, "{kind:?}: they agree on a key");
        assert!(served.iter_mut().all(|one| one.stop() == Some(0)), "{kind:?}");
    }
}

#[tokio::test]
async fn the_first_accounts_may_be_made_at_once() {
    for kind in BOTH {
        let database = TestDatabase::create(kind).await;
        let create = |email| vec!["user", "create", email, "--name", "Ana", "--role", "admin"];
        all_well(&at_once(&database, &[create("ana@example.org"), create("eva@example.org"), create("ivo@example.org")]));
        assert!(database.has("SELECT 1 WHERE (SELECT COUNT(*) FROM signing_key) = 1").await, "{kind:?}");
        let same = at_once(&database, &[create("zoe@example.org"), create("zoe@example.org"), create("zoe@example.org")]);
        assert_eq!(same.iter().filter(|output| output.status.success()).count(), 1, "{kind:?}");
        let refused = same.iter().find(|output| !output.status.success()).unwrap();
        assert!(
            String::from_utf8_lossy(&refused.stderr).contains("has this e-mail address"),
            "{}",
            String::from_utf8_lossy(&refused.stderr)
        );
    }
}

#[tokio::test]
async fn a_first_fill_that_was_cut_off_is_finished_by_the_next_start() {
    for kind in BOTH {
        let database = TestDatabase::create(kind).await;
        let store = Store::open(&database.url).await.unwrap();
        store.migrate().await.unwrap();
        demo::load_first_time(&store, true, now()).await.unwrap().unwrap();
        assert_eq!(demo::load_first_time(&store, true, now()).await.unwrap(), None, "{kind:?}: it belongs to its editors now");
        // As a process leaves it that is killed half-way.
        database.by_hand("DELETE FROM event; DELETE FROM event_text; UPDATE job SET done_at = NULL WHERE name = 'first fill'").await;
        let again = demo::load_first_time(&store, true, now()).await.unwrap().unwrap();
        assert!(again.written > 0, "{kind:?}");
        assert!(database.has("SELECT 1 FROM event_text").await, "{kind:?}");
        assert_eq!(demo::load_first_time(&store, true, now()).await.unwrap(), None, "{kind:?}");
    }
}
