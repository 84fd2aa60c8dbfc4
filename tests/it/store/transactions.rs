//! Transactions that go wrong: nothing is acknowledged that was not committed, and whoever gets the connection next never notices.

use std::time::Duration;

use roteiro::domain::ids::{RecordId, RecordType};
use roteiro::store::{Store, StoreError};
use sea_orm::{ConnectionTrait, Database as Connection, Statement};
use uuid::Uuid;

use crate::support::database::{BOTH, Database, TestDatabase};
use crate::support::{eventually, now};

async fn migrated(kind: Database) -> (TestDatabase, Store) {
    let database = TestDatabase::create(kind).await;
    let store = Store::open(&database.url).await.unwrap();
    store.migrate().await.unwrap();
    (database, store)
}

fn record(number: u128) -> RecordId {
    RecordId(Uuid::from_u128(number))
}

async fn redirect(store: &Store, number: u128) -> Result<(), StoreError> {
    let transaction = store.begin(now()).await?;
    transaction.redirect((RecordType::Event, record(number), format!("de-{number}")), record(0)).await?;
    transaction.commit().await.map(drop)
}

/// Redirects in the database, as another connection sees them.
async fn redirects(database: &TestDatabase) -> i64 {
    let connection = Connection::connect(&database.url).await.unwrap();
    let count = Statement::from_string(connection.get_database_backend(), "SELECT COUNT(*) AS count FROM redirect");
    let count = connection.query_one_raw(count).await.unwrap().unwrap().try_get("", "count").unwrap();
    connection.close().await.unwrap();
    count
}

#[tokio::test]
async fn a_transaction_of_which_a_statement_failed_is_never_acknowledged() {
    for kind in BOTH {
        let (database, store) = migrated(kind).await;
        redirect(&store, 1).await.unwrap();
        let transaction = store.begin(now()).await.unwrap();
        let add = async |number| transaction.redirect((RecordType::Event, record(number), format!("de-{number}")), record(0)).await;
        add(2).await.unwrap();
        add(1).await.unwrap_err();
        // Whoever goes on all the same writes nothing; PostgreSQL would answer the COMMIT as if all were well.
        add(3).await.unwrap_err();
        transaction.commit().await.unwrap_err();
        assert_eq!(redirects(&database).await, 1, "{kind:?}");
        redirect(&store, 4).await.unwrap();
        assert_eq!(redirects(&database).await, 2, "{kind:?}");
        assert_eq!(store.writes().failing(), None, "{kind:?}: what was refused is no failure of writes");
    }
}

#[tokio::test]
async fn what_is_given_up_at_any_moment_leaves_no_transaction_behind() {
    for kind in BOTH {
        let (database, store) = migrated(kind).await;
        for round in 0..60_u64 {
            let write = redirect(&store, 1_000 + u128::from(round));
            tokio::time::timeout(Duration::from_micros(round * 50), write).await.ok();
        }
        if kind == Database::Postgres {
            let open = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'";
            eventually("no session sits in a transaction", async || !database.has(open).await).await;
        }
        // Every connection of the pool is used, together and alone; each write is there for others.
        let before = redirects(&database).await;
        let writes = (0..30).map(|number| {
            let store = store.clone();
            async move { redirect(&store, number + 1).await.unwrap() }
        });
        futures::future::join_all(writes).await;
        assert_eq!(redirects(&database).await, before + 30, "{kind:?}");
    }
}

#[tokio::test]
async fn a_commit_whose_connection_is_gone_is_no_success() {
    let (database, store) = migrated(Database::Postgres).await;
    let transaction = store.begin(now()).await.unwrap();
    transaction.redirect((RecordType::Event, record(1), "de-1".to_owned()), record(0)).await.unwrap();
    let others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
    database.by_hand(others).await;
    let outcome = transaction.commit().await;
    // The numbering fails already, or the commit does.
    assert!(matches!(outcome, Err(StoreError::Database(_) | StoreError::Commit(_))), "{outcome:?}");
    assert!(store.writes().failing().is_some());
    eventually("writes work again", async || redirect(&store, 2).await.is_ok()).await;
    assert_eq!((redirects(&database).await, store.writes().failing()), (1, None));
}
