//! Random histories: readers of all kinds, who page at random while everything changes, end with what a first load gives; and the
//! feed that grew change by change is the one that is read from nothing.

use entity::redirect;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use roteiro::catalogue::reference::Tables;
use roteiro::catalogue::snapshot::Snapshot;
use roteiro::domain::ids::{RecordId, RecordType};
use roteiro::store::write::{ChangeKind, NewChange};
use sea_orm::{ActiveModelTrait, Database as Connection, Set};

use super::reader::Reader;
use crate::follow::Histories;
use crate::support::city_file::import_into;
use crate::support::database::Database;
use crate::support::{TestServer, now};

const FOLLOWED: [&[&str]; 4] = [&[], &["nobres"], &["cuiaba", "caceres"], &["nobres", "cuiaba", "caceres"]];

/// Merges one place of the city into another, as editors do: withdrawn and redirected in one go.
async fn merge(server: &TestServer, random: &mut StdRng) {
    let (city, from, slug, to) = {
        let snapshot = server.holder.current();
        let full = snapshot.shards.iter().filter(|shard| shard.places.len() > 1).collect::<Vec<_>>();
        if full.is_empty() {
            return;
        }
        let shard = full[random.random_range(0..full.len())];
        let places: Vec<_> = shard.places.iter().collect();
        let from = random.random_range(0..places.len());
        let to = (from + random.random_range(1..places.len())) % places.len();
        (shard.city.id, places[from].id, places[from].slug.to_string(), places[to].id)
    };
    redirected(server, from, &slug, to).await;
    let mut transaction = server.store.begin(now()).await.unwrap();
    transaction.withdraw(RecordType::PointOfInterest, city, &[from]).await.unwrap();
    transaction.commit().await.unwrap();
}

/// Writes that a place was merged into another.
pub async fn redirected(server: &TestServer, from: RecordId, slug: &str, to: RecordId) {
    let connection = Connection::connect(&server.database.url).await.unwrap();
    let row = redirect::ActiveModel {
        from_id: Set(from.0),
        record_type: Set(RecordType::PointOfInterest.as_str().to_owned()),
        from_slug: Set(slug.to_owned()),
        to_id: Set(to.0),
        at: Set(now()),
    };
    // Merged again after it came back: the first row stands.
    let _ = row.insert(&connection).await;
    connection.close().await.unwrap();
}

async fn touched_together(server: &TestServer, histories: &mut Histories) {
    let cities: Vec<RecordId> = server.holder.current().shards.iter().map(|shard| shard.city.id).collect();
    let mut transaction = server.store.begin(now()).await.unwrap();
    let city = cities.get(histories.random.random_range(0..4)).copied();
    let record_type = if city.is_some() { RecordType::PointOfInterest } else { RecordType::Category };
    transaction.note(NewChange { city, record_type, record: None, kind: ChangeKind::Upsert });
    transaction.commit().await.unwrap();
}

async fn everybody_ends_with_what_is_there(kind: Database, seed: u64) {
    let mut histories = Histories { random: StdRng::seed_from_u64(seed) };
    let server = TestServer::bare_on(kind).await;
    for _ in 0..4 {
        import_into(&server.store, &histories.next()).await.unwrap();
    }
    server.catch_up().await;
    let slugs: Vec<String> = server.holder.current().shards.iter().map(|shard| shard.city.slug.to_string()).collect();
    let follows = |cities: &[&str]| cities.iter().all(|city| slugs.iter().any(|slug| slug == city));
    let mut readers: Vec<Reader> = FOLLOWED.iter().filter(|cities| follows(cities)).map(|cities| Reader::of(cities)).collect();
    for step in 0..10 {
        match histories.random.random_range(0..10) {
            0 => touched_together(&server, &mut histories).await,
            1..3 => merge(&server, &mut histories.random).await,
            _ => drop(import_into(&server.store, &histories.next()).await.unwrap()),
        }
        if histories.random.random_bool(0.8) {
            server.catch_up().await;
        }
        let loaded = Snapshot::load(&server.store, &Tables::bundled().unwrap()).await.unwrap();
        let current = server.holder.current();
        if loaded.version == current.version {
            assert_eq!(current.feed, loaded.feed, "{kind:?}, seed {seed}, step {step}");
            assert_eq!(current.redirects, loaded.redirects, "{kind:?}, seed {seed}, step {step}");
        }
        drop(current);
        for reader in &mut readers {
            // Some stop in the middle of a page, some are away for long.
            for _ in 0..histories.random.random_range(0..3) {
                reader.read(&server, histories.random.random_range(1..6)).await;
            }
        }
    }
    server.catch_up().await;
    for mut reader in readers {
        reader.catch_up(&server).await;
        let mut fresh = Reader::of(&reader.cities);
        fresh.catch_up(&server).await;
        assert_eq!(reader.records, fresh.records, "{kind:?}, seed {seed}, {:?}", reader.cities);
        assert_eq!(reader.catch_up(&server).await, Vec::<String>::new(), "{kind:?}, seed {seed}: nothing is told twice");
    }
}

#[tokio::test]
async fn readers_at_every_pace_end_with_what_is_there_on_sqlite() {
    for seed in 0..8 {
        everybody_ends_with_what_is_there(Database::Sqlite, seed).await;
    }
}

#[tokio::test]
async fn readers_at_every_pace_end_with_what_is_there_on_postgresql() {
    for seed in 100..106 {
        everybody_ends_with_what_is_there(Database::Postgres, seed).await;
    }
}
