//! Opening a store: which database, with which limits.

use std::time::Duration;

use migration::{Migrator, MigratorTrait};
use sea_orm::sqlx::ConnectOptions as _;
use sea_orm::sqlx::postgres::PgConnectOptions;
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, DbErr, SqlxSqliteConnector};

use super::connection::Pool;
use super::health::WriteHealth;
use super::turns::{BUSY, Connection};
use crate::domain::ids::RecordId;

/// How long a caller waits for a connection.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a writer of SQLite waits for another.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// Connections: readers of the snapshot build, one writer, the follower, and what clients ask for ([`super::turns`]).
const CONNECTIONS: u32 = 6;

/// Rows SQLite's thread reads ahead.
const ROW_BUFFER: usize = 4_000;

/// What can go wrong with the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The address is neither `sqlite:` nor `postgres:`.
    #[error("the database address must begin with sqlite: or postgres:")]
    Address,
    /// The address begins well and cannot be read; it is not told, for it may hold a password.
    #[error("the database address cannot be read: it must look like postgres://user@host:5432/name")]
    UnreadableAddress,
    /// The database refused or did not answer.
    #[error("the database failed")]
    Database(#[source] DbErr),
    /// Too many wait for it, and the client that asked has the most of them.
    #[error("too much is asked of the database at once; ask again in a moment")]
    Busy,
    /// The trips of a visitor would take more bytes than they may; nothing was written.
    #[error("your trips take 20 MB: delete some first")]
    TooManyBytes,
    /// A thread that reads rows, or a task that writes them, died.
    #[error("the rows could not be read or written")]
    Thread,
    /// Two records of one type want the same slug.
    #[error("the slug `{slug}` already belongs to another record")]
    SlugTaken {
        /// The slug.
        slug: Box<str>,
        /// Who has it.
        owner: RecordId,
    },
}

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        match error {
            DbErr::Custom(text) if text == BUSY => Self::Busy,
            other => Self::Database(other),
        }
    }
}

impl StoreError {
    /// Whether what is kept of a client takes as much as it may.
    pub const fn is_full(&self) -> bool {
        matches!(self, Self::TooManyBytes)
    }

    /// Whether it is the client's own share that is used up, and not the database that is away.
    pub const fn is_busy(&self) -> bool {
        matches!(self, Self::Busy)
    }
}

/// An open database.
#[derive(Clone, Debug)]
pub struct Store {
    pub(super) connection: Connection,
    pub(super) health: WriteHealth,
}

impl Store {
    /// Opens `sqlite:FILE` (made when missing) or `postgres://…`, without migrating.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        let connection = if url.starts_with("sqlite:") {
            Pool::of_sqlite(open_sqlite(url).await?)
        } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            let address = url.parse::<PgConnectOptions>().map_err(|_| StoreError::UnreadableAddress)?;
            let mut options = ConnectOptions::new(url);
            options.max_connections(CONNECTIONS).acquire_timeout(ACQUIRE_TIMEOUT).connect_timeout(ACQUIRE_TIMEOUT).sqlx_logging(false);
            Pool::of_postgres(Database::connect(options).await?, address)
        } else {
            return Err(StoreError::Address);
        };
        let connection = Connection::new(connection, CONNECTIONS, ACQUIRE_TIMEOUT);
        Ok(Self { connection, health: WriteHealth::default() })
    }

    /// Brings the schema up to date.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        Ok(Migrator::up(&self.connection.connections, None).await?)
    }

    /// Takes the whole schema down again.
    pub async fn migrate_down(&self) -> Result<(), StoreError> {
        Ok(Migrator::down(&self.connection.connections, None).await?)
    }

    /// Closes all connections.
    pub async fn close(self) {
        // A pool that cannot be closed is dropped with the process; there is nobody to tell.
        let _ = self.connection.connections.clone().close().await;
    }

    pub(super) fn is_sqlite(&self) -> bool {
        self.connection.get_database_backend() == DbBackend::Sqlite
    }
}

async fn open_sqlite(url: &str) -> Result<DatabaseConnection, StoreError> {
    let options = url
        .parse::<SqliteConnectOptions>()
        .map_err(|error| DbErr::Conn(sea_orm::RuntimeErr::SqlxError(error.into())))?
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        // With WAL, NORMAL loses nothing when the process dies; FULL also survives the machine dying.
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(BUSY_TIMEOUT)
        // What is deleted is overwritten: who asks to be forgotten is, in the file too.
        .pragma("secure_delete", "ON")
        // Rows are handed from SQLite's thread to ours; the default of 50 wakes the other thread too often when millions come.
        .row_buffer_size(ROW_BUFFER)
        // Reading a million places takes seconds, and that is no news; statements would also tell what is read.
        .disable_statement_logging();
    let pool = SqlitePoolOptions::new()
        .max_connections(CONNECTIONS)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .connect_with(options)
        .await
        .map_err(|error| DbErr::Conn(sea_orm::RuntimeErr::SqlxError(error.into())))?;
    Ok(SqlxSqliteConnector::from_sqlx_sqlite_pool(pool))
}
