//! The order of the log under many writers: no reader ever sees a number without the one before it, and none arrives late, however
//! the transactions overlap.

use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use roteiro::catalogue::follow;
use roteiro::catalogue::reference::Tables;
use roteiro::domain::ids::RecordType;
use roteiro::store::Store;
use roteiro::store::write::{ChangeKind, NewChange};
use serde_json::Value;
use tokio::task::JoinSet;

use super::reader::Reader;
use crate::support::city_file::{file, import_into, place};
use crate::support::database::{BOTH, Database, TestDatabase};
use crate::support::{TestServer, now};

const WRITERS: u64 = 16;
const COMMITS: u64 = 12;

fn change() -> NewChange {
    NewChange { city: None, record_type: RecordType::Category, record: None, kind: ChangeKind::Upsert }
}

/// Opens a transaction, is busy for a while, and commits many or few changes: transactions that began late commit early, and
/// there is much or little between a number and its commit.
async fn write(store: Store, writer: u64) -> i64 {
    let mut random = StdRng::seed_from_u64(writer);
    let mut written = 0;
    for _ in 0..COMMITS {
        let mut transaction = store.begin(now()).await.unwrap();
        let count = if random.random_bool(0.3) { random.random_range(200..900) } else { random.random_range(1..4) };
        (0..count).for_each(|_| transaction.note(change()));
        tokio::time::sleep(Duration::from_millis(random.random_range(0..12))).await;
        if random.random_bool(0.15) {
            drop(transaction);
        } else {
            transaction.commit().await.unwrap();
            written += count;
        }
    }
    written
}

async fn numbers_rise_one_by_one_for_every_reader(kind: Database) {
    let database = TestDatabase::create(kind).await;
    let store = Store::open(&database.url).await.unwrap();
    store.migrate().await.unwrap();
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        // Each with connections of its own, as processes have.
        let own = if writer % 4 == 0 { Store::open(&database.url).await.unwrap() } else { store.clone() };
        writers.spawn(write(own, writer));
    }
    let (over, is_over) = tokio::sync::watch::channel(false);
    let mut readers = JoinSet::new();
    for _ in 0..3 {
        let (reading, is_over) = (Store::open(&database.url).await.unwrap(), is_over.clone());
        readers.spawn(async move {
            let mut seen = 0;
            loop {
                let is_last_look = *is_over.borrow();
                for found in reading.changes_after(seen, 100_000).await.unwrap() {
                    assert_eq!(found.number, seen + 1, "{kind:?}: a number without the one before it");
                    seen = found.number;
                }
                if is_last_look {
                    return seen;
                }
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        });
    }
    let written: i64 = writers.join_all().await.into_iter().sum();
    over.send_replace(true);
    for seen in readers.join_all().await {
        assert_eq!(seen, written, "{kind:?}: none arrived late");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn numbers_rise_one_by_one_for_every_reader_on_postgresql() {
    numbers_rise_one_by_one_for_every_reader(Database::Postgres).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn numbers_rise_one_by_one_for_every_reader_on_sqlite() {
    numbers_rise_one_by_one_for_every_reader(Database::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_pages_through_the_feed_while_many_import_loses_nothing() {
    for kind in BOTH {
        let server = TestServer::bare_on(kind).await;
        server.import(&file("um", "nobres", &[place("a", "A", -14.72, -56.33)], &[], &[])).await;
        let mut writers = JoinSet::new();
        for writer in 0..4_u64 {
            let store = server.store.clone();
            writers.spawn(async move {
                let mut random = StdRng::seed_from_u64(writer);
                let dataset = format!("d{writer}");
                for edition in 0..6 {
                    let slugs: Vec<u32> = (0..6).filter(|_| random.random_bool(0.6)).collect();
                    let places: Vec<Value> = slugs
                        .iter()
                        .map(|slug| place(&format!("{dataset}-{slug}"), &format!("Edição {edition}"), -14.72, -56.33))
                        .collect();
                    import_into(&store, &file(&dataset, "nobres", &places, &[], &[])).await.unwrap();
                }
            });
        }
        let (mut readers, tables) = (vec![Reader::default(), Reader::of(&["nobres"])], Tables::bundled().unwrap());
        while !writers.is_empty() {
            follow::step(&server.holder, &server.store, &tables).await.unwrap();
            for reader in &mut readers {
                reader.read(&server, 3).await;
            }
            while let Some(done) = writers.try_join_next() {
                done.unwrap();
            }
        }
        server.catch_up().await;
        for reader in &mut readers {
            reader.catch_up(&server).await;
            let mut fresh = Reader::of(&reader.cities);
            fresh.catch_up(&server).await;
            assert_eq!(reader.records, fresh.records, "{kind:?}");
        }
    }
}
