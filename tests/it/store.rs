//! The store: the schema up and down, numbers without gaps, nothing by halves, and both databases alike.

mod backups;
mod clocks;
mod full_disk;
mod together;
mod transactions;

use std::collections::BTreeSet;

use roteiro::domain::ids::{RecordId, RecordType};
use roteiro::ingest::demo;
use roteiro::store::Store;
use roteiro::store::write::{ChangeKind, NewChange};
use sea_orm::{ConnectionTrait, Database as Connection, Statement};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::support::city_file::{file, import_into, place, route};
use crate::support::database::{BOTH, Database, TestDatabase};
use crate::support::everything::assert_same;
use crate::support::{TestServer, now};

async fn tables(database: Database, url: &str) -> BTreeSet<String> {
    let connection = Connection::connect(url).await.unwrap();
    let query = match database {
        Database::Sqlite => "SELECT name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'",
        Database::Postgres => "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'",
    };
    let rows = connection.query_all_raw(Statement::from_string(connection.get_database_backend(), query)).await.unwrap();
    rows.iter().map(|row| row.try_get::<String>("", "name").unwrap()).collect()
}

#[tokio::test]
async fn the_schema_goes_up_and_down_and_up_again() {
    for kind in BOTH {
        let database = TestDatabase::create(kind).await;
        let store = Store::open(&database.url).await.unwrap();
        store.migrate().await.unwrap();
        store.migrate().await.unwrap();
        let up = tables(kind, &database.url).await;
        assert!(up.contains("point_of_interest") && up.contains("change"), "{kind:?}: {up:?}");
        demo::load_first_time(&store, true, now()).await.unwrap();
        store.migrate_down().await.unwrap();
        assert_eq!(tables(kind, &database.url).await, BTreeSet::from(["seaql_migrations".to_owned()]), "{kind:?}");
        store.migrate().await.unwrap();
        assert_eq!(tables(kind, &database.url).await, up, "{kind:?}");
        assert!(demo::load_first_time(&store, true, now()).await.unwrap().is_some_and(|applied| applied.written > 100));
    }
}

fn change(record_type: RecordType) -> NewChange {
    NewChange { city: None, record_type, record: None, kind: ChangeKind::Upsert }
}

const WRITERS: u64 = 8;
const COMMITS: u64 = 10;

#[tokio::test(flavor = "multi_thread")]
async fn change_numbers_have_no_gaps_and_none_arrives_late_under_eight_writers() {
    for kind in BOTH {
        let database = TestDatabase::create(kind).await;
        let store = Store::open(&database.url).await.unwrap();
        store.migrate().await.unwrap();
        let mut writers = JoinSet::new();
        for writer in 0..WRITERS {
            let store = store.clone();
            writers.spawn(async move {
                let mut last = Vec::new();
                for commit in 0..COMMITS {
                    let mut transaction = store.begin(now()).await.unwrap();
                    let count = 1 + (writer + commit) % 3;
                    (0..count).for_each(|_| transaction.note(change(RecordType::Category)));
                    if commit % 4 == 3 {
                        // Given up: its numbers go to whoever comes next.
                        drop(transaction);
                    } else {
                        last.push((transaction.commit().await.unwrap(), count));
                    }
                }
                last
            });
        }
        // A reader that only ever asks for what is newer than what it saw misses nothing.
        let (mut seen, mut commits) = (0, Vec::new());
        loop {
            let is_last_look = writers.is_empty();
            for found in store.changes_after(seen, 1_000).await.unwrap() {
                assert_eq!(found.number, seen + 1, "{kind:?}");
                seen = found.number;
            }
            if is_last_look {
                break;
            }
            while let Some(done) = writers.try_join_next() {
                let done = done.unwrap();
                assert!(done.is_sorted(), "{kind:?}: a writer's numbers grow");
                commits.extend(done);
            }
        }
        commits.sort_unstable();
        let mut before = 0;
        for (last, count) in commits {
            assert_eq!(last, before + count as i64, "{kind:?}");
            before = last;
        }
        assert_eq!((before, seen), (store.last_change().await.unwrap(), before), "{kind:?}");
    }
}

#[tokio::test]
async fn a_transaction_that_is_dropped_leaves_nothing_and_blocks_nobody() {
    for kind in BOTH {
        let server = TestServer::bare_on(kind).await;
        let before = server.store.last_change().await.unwrap();
        let categories = server.store.reference().await.unwrap().categories.len();
        for _ in 0..20 {
            let mut transaction = server.store.begin(now()).await.unwrap();
            transaction.replace_categories(Vec::new(), Vec::new()).await.unwrap();
            transaction.withdraw(RecordType::PointOfInterest, RecordId(uuid::Uuid::nil()), &[RecordId(uuid::Uuid::nil())]).await.unwrap();
            drop(transaction);
        }
        assert_eq!(server.store.last_change().await.unwrap(), before, "{kind:?}");
        assert_eq!(server.store.reference().await.unwrap().categories.len(), categories, "{kind:?}");
        let mut transaction = server.store.begin(now()).await.unwrap();
        transaction.note(change(RecordType::Category));
        assert_eq!(transaction.commit().await.unwrap(), before + 1, "{kind:?}");
    }
}

#[tokio::test]
async fn sqlite_and_postgresql_give_the_same_catalogue() {
    let words = ["cachoeira", "museu", "rio", "festival de pesca", "pantanal"];
    let sqlite = TestServer::demo_on(Database::Sqlite).await.everything(&words).await;
    let postgres = TestServer::demo_on(Database::Postgres).await.everything(&words).await;
    assert_same(&sqlite, &postgres, "SQLite and PostgreSQL");
    assert_eq!(sqlite["rest"]["catalogue"]["pointsOfInterest"], json!(101));
    assert_eq!(sqlite["rest"]["catalogue"]["quarantined"], json!(0));
}

/// A city whose every record names the edition.
fn edition(number: u32) -> Value {
    let slugs: Vec<String> = (0..12).map(|index| format!("place-{number}-{index}")).collect();
    let places: Vec<Value> = slugs.iter().map(|slug| place(slug, &format!("Edição {number}"), -14.72, -56.33)).collect();
    file("editions", "nobres", &places, &[], &[route("rota", &format!("Edição {number}"), &[slugs[0].as_str(), slugs[1].as_str()])])
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_is_seen_whole_or_not_at_all() {
    for kind in BOTH {
        let server = TestServer::bare_on(kind).await;
        server.import(&edition(0)).await;
        let city = server.holder.current().shards[0].city.id;
        let store = server.store.clone();
        let mut writer = JoinSet::new();
        writer.spawn(async move {
            for number in 1..=30 {
                import_into(&store, &edition(number % 3)).await.unwrap();
            }
        });
        // What the follower reads, asked for without a pause.
        while writer.try_join_next().is_none() {
            let records = server.store.city_records(city).await.unwrap();
            assert_eq!((records.quarantined.as_slice(), records.places.len()), (&[][..], 12), "{kind:?}");
            let texts = records.places.iter().map(|place| &place.texts).chain(records.routes.iter().map(|route| &route.texts));
            let names: BTreeSet<&str> = texts.flatten().filter(|text| text.language.is_default()).map(|text| &*text.name).collect();
            assert_eq!(names.len(), 1, "{kind:?}: {names:?}");
        }
    }
}
