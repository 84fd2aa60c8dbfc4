//! One process at a time prepares a store: brings its schema up to date and gives it its first data. Processes that start together wait
//! for each other here, and the one that comes second finds it done.

use migration::{MigrationStatus, Migrator, MigratorTrait};
use sea_orm::sqlx::{Connection as _, PgConnection, query};
use sea_orm::{DbErr, RuntimeErr, SqliteTransactionMode, TransactionOptions};

use super::connect::{Store, StoreError};
use super::files::{beside, private_file};
use super::pool::Pool;

/// Name of the advisory lock; they belong to a database, so two stores of one server do not meet.
const LOCK: &str = "SELECT pg_advisory_lock(hashtextextended('roteiro preparation', 0))";

/// The lock, held until it is released or dropped; it dies with its process.
pub struct PreparationLock(Held);

enum Held {
    /// A locked file beside the database's.
    File(std::fs::File),
    /// A session of its own, so that whoever waits here takes no connection from whoever prepares.
    Session(Box<PgConnection>),
}

impl PreparationLock {
    /// Lets the next one in.
    pub async fn release(self) {
        match self.0 {
            Held::File(file) => drop(file),
            // The server ends the session by itself when this does not reach it.
            Held::Session(session) => drop(session.close().await),
        }
    }
}

impl Store {
    /// Waits until no other process prepares this store, and keeps all others from it.
    pub async fn hold_for_preparation(&self) -> Result<PreparationLock, StoreError> {
        match &self.pool {
            Pool::Sqlite(pool) => {
                let path = beside(pool.connect_options().get_filename(), ".lock");
                let locked = tokio::task::spawn_blocking(move || locked(&path)).await.map_err(|_| StoreError::Thread)?;
                locked.map(|file| PreparationLock(Held::File(file)))
            }
            Pool::Postgres(pool) => {
                let failed = |error: sea_orm::sqlx::Error| DbErr::Conn(RuntimeErr::SqlxError(error.into()));
                let mut session = PgConnection::connect_with(&pool.connect_options()).await.map_err(failed)?;
                query(LOCK).execute(&mut session).await.map_err(failed)?;
                Ok(PreparationLock(Held::Session(Box::new(session))))
            }
        }
    }

    /// Fails unless the store is there and as this program knows it.
    pub async fn must_be_current(&self) -> Result<(), StoreError> {
        match self.missing_steps().await? {
            0 => Ok(()),
            steps => Err(StoreError::Behind { name: self.name().to_owned(), steps }),
        }
    }

    /// How many steps the schema is behind this program. Fails when there is no store in the database, or one of a newer version.
    /// Nothing is written.
    pub async fn missing_steps(&self) -> Result<usize, StoreError> {
        let known = match Migrator::get_migration_with_status_read_only(&self.connection.connections).await {
            Ok(steps) => steps,
            // The library's word for steps in the database that the program does not have.
            Err(DbErr::Custom(_)) => return Err(StoreError::Ahead { name: self.name().to_owned() }),
            Err(error) => return Err(error.into()),
        };
        let missing = known.iter().filter(|step| step.status() == MigrationStatus::Pending).count();
        if missing == known.len() {
            return Err(StoreError::Absent { name: self.name().to_owned() });
        }
        Ok(missing)
    }

    /// Brings the schema up to date: all steps or none.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        let lock = self.hold_for_preparation().await?;
        let outcome = self.migrate_held().await;
        lock.release().await;
        outcome
    }

    async fn migrate_held(&self) -> Result<(), StoreError> {
        match self.missing_steps().await {
            Ok(0) => return Ok(()),
            Ok(_) | Err(StoreError::Absent { .. }) => {}
            Err(error) => return Err(error),
        }
        let transaction = self.connection.begin_with_options(self.at_once()).await?;
        Migrator::up(&transaction, None).await?;
        Ok(transaction.commit().await?)
    }

    /// Takes the whole schema down again, with everything in it.
    pub async fn migrate_down(&self) -> Result<(), StoreError> {
        let lock = self.hold_for_preparation().await?;
        let outcome = self.migrate_down_held().await;
        lock.release().await;
        outcome
    }

    async fn migrate_down_held(&self) -> Result<(), StoreError> {
        let transaction = self.connection.begin_with_options(self.at_once()).await?;
        Migrator::down(&transaction, None).await?;
        Ok(transaction.commit().await?)
    }

    /// SQLite takes the write lock at once, and waits for it.
    fn at_once(&self) -> TransactionOptions {
        let sqlite_transaction_mode = self.is_sqlite().then_some(SqliteTransactionMode::Immediate);
        TransactionOptions { sqlite_transaction_mode, ..TransactionOptions::default() }
    }
}

fn locked(path: &std::path::Path) -> Result<std::fs::File, StoreError> {
    let file = private_file(path, false)?;
    file.lock().map_err(|source| StoreError::File { path: path.to_owned(), source })?;
    Ok(file)
}
