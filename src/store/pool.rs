//! The pools of connections, and the check each connection passes before anybody else gets it.
//!
//! A transaction that nobody ended poisons whoever gets the connection next: what they "commit" is a savepoint of something that never
//! commits. It happens when SQLite rolls back by itself (a full disk), so that the library's own ROLLBACK fails and its count of open
//! transactions stays wrong, and when a future is dropped in the middle of BEGIN on PostgreSQL (sea-orm #4385). So a connection goes
//! back into its pool only when the database itself says that no transaction is open; any other is closed.

use std::time::Duration;

use sea_orm::sqlx::pool::PoolOptions;
use sea_orm::sqlx::postgres::{PgConnectOptions, PgConnection, PgPool};
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqliteSynchronous};
use sea_orm::sqlx::{self, ConnectOptions as _, Connection as _, Database, Executor as _, Postgres, Row as _, Sqlite};
use sea_orm::{DatabaseConnection, DbErr, RuntimeErr, SqlxPostgresConnector, SqlxSqliteConnector};

use super::connect::Access;

/// How long a caller waits for a connection.
pub(super) const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a writer of SQLite waits for another.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// How long the question may take why there is no connection.
const QUESTION: Duration = Duration::from_secs(2);
/// Connections: readers of the snapshot build, one writer, the follower.
pub(super) const CONNECTIONS: u32 = 6;
/// Rows SQLite's thread reads ahead.
const ROW_BUFFER: usize = 4_000;

/// PostgreSQL ends the session of a process that holds a transaction open and says nothing for so long: a machine that was cut off must
/// not keep a lock from the others.
const SESSION: &str = "SET idle_in_transaction_session_timeout = '60s'";

/// A pool of either kind.
#[derive(Clone, Debug)]
pub(super) enum Pool {
    /// Of a SQLite file.
    Sqlite(SqlitePool),
    /// Of a PostgreSQL database.
    Postgres(PgPool),
}

impl Pool {
    /// Opens a file of SQLite.
    pub(super) async fn sqlite(options: SqliteConnectOptions, access: Access) -> Result<Self, DbErr> {
        let options = match access {
            Access::Read => options.read_only(true),
            Access::Write => options.journal_mode(SqliteJournalMode::Wal),
            Access::Create => options.journal_mode(SqliteJournalMode::Wal).create_if_missing(true),
        };
        let options = options
            // With WAL, NORMAL loses nothing when the process dies; FULL also survives the machine dying.
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(BUSY_TIMEOUT)
            // What is deleted is overwritten: who asks to be forgotten is, in the file too.
            .pragma("secure_delete", "ON")
            // Rows are handed from SQLite's thread to ours; the default of 50 wakes the other thread too often when millions come.
            .row_buffer_size(ROW_BUFFER)
            // Reading a million places takes seconds, and that is no news; statements would also tell what is read.
            .disable_statement_logging();
        let pool = bounded::<Sqlite>().after_release(|connection, _| Box::pin(async move { Ok(sqlite_is_clean(connection).await) }));
        pool.connect_with(options).await.map(Self::Sqlite).map_err(connecting)
    }

    /// Opens a database of PostgreSQL.
    pub(super) async fn postgres(options: PgConnectOptions) -> Result<Self, DbErr> {
        let pool = bounded::<Postgres>()
            .after_connect(|connection, _| Box::pin(async move { connection.execute(SESSION).await.map(drop) }))
            .after_release(|connection, _| Box::pin(async move { Ok(postgres_is_clean(connection).await) }));
        match pool.connect_with(options.clone().disable_statement_logging()).await {
            Ok(pool) => Ok(Self::Postgres(pool)),
            // The pool goes on trying until its time is over, and forgets what it failed with.
            Err(sqlx::Error::PoolTimedOut) => Err(connecting(
                tokio::time::timeout(QUESTION, options.connect())
                    .await
                    .map_or(sqlx::Error::PoolTimedOut, |answer| answer.err().unwrap_or(sqlx::Error::PoolTimedOut)),
            )),
            Err(error) => Err(connecting(error)),
        }
    }

    /// What the library reads through.
    pub(super) fn connection(&self) -> DatabaseConnection {
        match self {
            Self::Sqlite(pool) => SqlxSqliteConnector::from_sqlx_sqlite_pool(pool.clone()),
            Self::Postgres(pool) => SqlxPostgresConnector::from_sqlx_postgres_pool(pool.clone()),
        }
    }
}

fn bounded<DB: Database>() -> PoolOptions<DB> {
    PoolOptions::new().max_connections(CONNECTIONS).acquire_timeout(ACQUIRE_TIMEOUT)
}

fn connecting(error: sqlx::Error) -> DbErr {
    DbErr::Conn(RuntimeErr::SqlxError(error.into()))
}

/// Whether the connection is outside of any transaction. One that somebody gave up is rolled back first.
async fn sqlite_is_clean(connection: &mut SqliteConnection) -> bool {
    // What is still queued for the connection's thread, a rollback among it, is done before this is answered.
    if connection.ping().await.is_err() || connection.is_in_transaction() {
        return false;
    }
    sqlite_autocommits(connection).await.is_ok()
        || connection.execute("ROLLBACK").await.is_ok() && sqlite_autocommits(connection).await.is_ok()
}

/// Fails unless the connection is in autocommit mode: within a transaction, SQLite refuses another BEGIN. Nothing is read or written.
pub(super) async fn sqlite_autocommits(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    connection.execute("BEGIN; ROLLBACK").await.map(drop)
}

async fn postgres_is_clean(connection: &mut PgConnection) -> bool {
    if connection.is_in_transaction() {
        return false;
    }
    postgres_is_idle(connection).await || connection.execute("ROLLBACK").await.is_ok() && postgres_is_idle(connection).await
}

/// Whether no transaction is open: by itself, a statement begins when its transaction does. In one that failed, nothing is answered.
async fn postgres_is_idle(connection: &mut PgConnection) -> bool {
    let answer = sqlx::raw_sql("SELECT transaction_timestamp() = statement_timestamp()").fetch_one(connection).await;
    answer.and_then(|row| row.try_get::<bool, _>(0)).unwrap_or(false)
}
