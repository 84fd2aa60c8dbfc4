//! The connection of one write transaction. BEGIN, COMMIT and ROLLBACK are plain statements here, so that what the database says about
//! them is all there is to believe: the library's count of open transactions goes wrong when a database rolls back by itself.
//!
//! What holds: a transaction of which any statement failed is never committed; a commit counts only when the database proves that the
//! transaction is over; a connection on which a commit failed, or that broke, is closed and serves nobody again.

use std::future::ready;
use std::pin::Pin;

use chrono::{DateTime, Utc};
use futures::channel::mpsc;
use futures::stream::{self, BoxStream};
use futures::{SinkExt, StreamExt, TryStreamExt};
use sea_orm::prelude::async_trait;
use sea_orm::sqlx::pool::PoolConnection;
use sea_orm::sqlx::postgres::PgDatabaseError;
use sea_orm::sqlx::{self, AssertSqlSafe, Executor as _, Postgres, Sqlite};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, RuntimeErr, Statement, StreamTrait};
use sea_query_sqlx::SqlxValues;
use tokio::sync::Mutex;

use super::connect::{Store, StoreError};
use super::health::WriteHealth;
use super::pool::{Pool, sqlite_autocommits};
use crate::causes;

/// SQLite's results that undo the statement and leave the transaction as it was: SQLITE_ERROR, SQLITE_CONSTRAINT
/// (<https://www.sqlite.org/rescode.html>). Any other may have rolled back by itself (<https://www.sqlite.org/lang_transaction.html>, §3).
const SQLITE_STATEMENT_FAILED: [u32; 2] = [1, 19];

/// PostgreSQL's classes of errors that refuse what was asked, and after which nothing was written: integrity, rollback
/// (<https://www.postgresql.org/docs/current/errcodes-appendix.html>).
const POSTGRES_REFUSED: [&str; 2] = ["23", "40"];
/// SQLITE_CONSTRAINT, the same of SQLite.
const SQLITE_REFUSED: u32 = 19;

/// A connection inside a write transaction. Dropped, it is rolled back on its way into the pool.
pub(super) struct WriteConnection {
    backend: DbBackend,
    held: Mutex<Held>,
}

struct Held {
    connection: Taken,
    has_failed: bool,
    writes: WriteHealth,
    at: DateTime<Utc>,
}

enum Taken {
    Sqlite(PoolConnection<Sqlite>),
    Postgres(PoolConnection<Postgres>),
}

/// Runs `$query` on whichever connection it is.
macro_rules! on {
    ($taken:expr, $connection:ident => $query:expr) => {
        match $taken {
            Taken::Sqlite($connection) => $query,
            Taken::Postgres($connection) => $query,
        }
    };
}

/// A statement with its values, for either kind.
macro_rules! query {
    ($statement:ident) => {
        sqlx::query_with(
            AssertSqlSafe($statement.sql.as_str()),
            SqlxValues($statement.values.clone().unwrap_or(sea_orm::Values(Vec::new()))),
        )
    };
}

impl WriteConnection {
    /// Takes a connection out of the pool and begins; what keeps the database from writing is noted from now on.
    pub(super) async fn begin(store: &Store, at: DateTime<Utc>) -> Result<Self, StoreError> {
        let begun = store.connection.explain(Self::begin_on(&store.pool, store.health.clone(), at).await).await;
        Ok(begun.inspect_err(|error| note(&store.health, error, at))?)
    }

    async fn begin_on(pool: &Pool, writes: WriteHealth, at: DateTime<Utc>) -> Result<Self, DbErr> {
        let (backend, mut connection) = match pool {
            Pool::Sqlite(pool) => (DbBackend::Sqlite, Taken::Sqlite(pool.acquire().await.map_err(acquiring)?)),
            Pool::Postgres(pool) => (DbBackend::Postgres, Taken::Postgres(pool.acquire().await.map_err(acquiring)?)),
        };
        // SQLite takes the write lock at BEGIN: a transaction that reads first and writes later is refused at once when another wrote in
        // between, whatever the busy timeout.
        let begun = match &mut connection {
            Taken::Sqlite(connection) => connection.execute("BEGIN IMMEDIATE").await.map(drop),
            Taken::Postgres(connection) => connection.execute("BEGIN").await.map(drop),
        };
        if let Err(error) = begun {
            connection.close_unless_sound(&error);
            return Err(DbErr::Exec(RuntimeErr::SqlxError(error.into())));
        }
        Ok(Self { backend, held: Mutex::new(Held { connection, has_failed: false, writes, at }) })
    }

    /// Commits. Without an error, what was written is in the database and the transaction is known to be over.
    pub(super) async fn commit(self) -> Result<(), StoreError> {
        let Held { mut connection, has_failed, writes, at } = self.held.into_inner();
        if has_failed {
            return Err(StoreError::Spoiled);
        }
        let committed = match &mut connection {
            Taken::Sqlite(connection) => match connection.execute("COMMIT").await {
                Ok(_) => sqlite_autocommits(connection).await,
                Err(error) => Err(error),
            },
            // In a transaction that failed, COMMIT answers without an error that it rolled back; a question is refused.
            Taken::Postgres(connection) => connection.execute("SELECT 1; COMMIT").await.map(drop),
        };
        let Err(error) = committed else {
            writes.recovered();
            return Ok(());
        };
        connection.close();
        let is_refused = is_refused(&error);
        let error = DbErr::Exec(RuntimeErr::SqlxError(error.into()));
        if is_refused {
            return Err(StoreError::Database(error));
        }
        note(&writes, &error, at);
        Err(StoreError::Commit(error))
    }

    async fn held(&self) -> Result<tokio::sync::MutexGuard<'_, Held>, DbErr> {
        let held = self.held.lock().await;
        // After an error that rolled back by itself, SQLite would commit the next statement at once.
        if held.has_failed {
            return Err(DbErr::Custom("a statement of this transaction failed before".to_owned()));
        }
        Ok(held)
    }
}

impl Held {
    fn judged<T>(&mut self, outcome: Result<T, sqlx::Error>, wrap: fn(RuntimeErr) -> DbErr) -> Result<T, DbErr> {
        let error = match outcome {
            Ok(value) => return Ok(value),
            Err(error) => error,
        };
        self.has_failed = true;
        self.connection.close_unless_sound(&error);
        let error = wrap(RuntimeErr::SqlxError(error.into()));
        note(&self.writes, &error, self.at);
        Err(error)
    }
}

impl Taken {
    /// Closes the connection when it is dropped, instead of giving it back.
    fn close(&mut self) {
        on!(self, connection => connection.close_on_drop());
    }

    fn close_unless_sound(&mut self, error: &sqlx::Error) {
        let is_sound = match (&self, error) {
            (Self::Sqlite(_), error) => sqlite_code(error).is_some_and(|code| SQLITE_STATEMENT_FAILED.contains(&code)),
            // ROLLBACK ends what failed; when it does not, the check on the way into the pool closes the connection.
            (Self::Postgres(_), sqlx::Error::Database(_)) => true,
            _ => false,
        };
        if !is_sound {
            self.close();
        }
    }
}

/// The primary code of an error of SQLite, which extended codes keep in their lowest byte.
fn sqlite_code(error: &sqlx::Error) -> Option<u32> {
    Some(error.as_database_error()?.code()?.parse::<u32>().ok()? & 0xff)
}

/// Whether the database only refused what was asked: it wrote nothing, and can write.
fn is_refused(error: &sqlx::Error) -> bool {
    let Some(error_of_database) = error.as_database_error() else { return false };
    if error_of_database.try_downcast_ref::<PgDatabaseError>().is_some() {
        let code = error_of_database.code().unwrap_or_default();
        return POSTGRES_REFUSED.iter().any(|class| code.starts_with(class));
    }
    sqlite_code(error) == Some(SQLITE_REFUSED)
}

/// Notes what keeps the database from writing; what it only refused is no such thing.
fn note(writes: &WriteHealth, error: &DbErr, at: DateTime<Utc>) {
    if let Some(trouble) = causes::trouble(error) {
        writes.note(trouble, at);
    }
}

fn acquiring(error: sqlx::Error) -> DbErr {
    match error {
        sqlx::Error::PoolTimedOut => DbErr::ConnectionAcquire(sea_orm::ConnAcquireErr::Timeout),
        sqlx::Error::PoolClosed => DbErr::ConnectionAcquire(sea_orm::ConnAcquireErr::ConnectionClosed),
        other => DbErr::Conn(RuntimeErr::SqlxError(other.into())),
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for WriteConnection {
    fn get_database_backend(&self) -> DbBackend {
        self.backend
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        let mut held = self.held().await?;
        let done = on!(&mut held.connection, connection => query!(statement).execute(&mut **connection).await.map(ExecResult::from));
        held.judged(done, DbErr::Exec)
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let mut held = self.held().await?;
        let sql = AssertSqlSafe(sql.to_owned());
        let done = on!(&mut held.connection, connection => connection.execute(sql).await.map(ExecResult::from));
        held.judged(done, DbErr::Exec)
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        let mut held = self.held().await?;
        let found = on!(&mut held.connection, connection => {
            query!(statement).fetch_optional(&mut **connection).await.map(|row| row.map(QueryResult::from))
        });
        held.judged(found, DbErr::Query)
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let mut held = self.held().await?;
        let found = on!(&mut held.connection, connection => {
            query!(statement).fetch_all(&mut **connection).await.map(|rows| rows.into_iter().map(QueryResult::from).collect())
        });
        held.judged(found, DbErr::Query)
    }
}

impl StreamTrait for WriteConnection {
    type Stream<'a> = BoxStream<'a, Result<QueryResult, DbErr>>;

    fn get_database_backend(&self) -> DbBackend {
        self.backend
    }

    fn stream_raw<'a>(&'a self, statement: Statement) -> Pin<Box<dyn Future<Output = Result<Self::Stream<'a>, DbErr>> + 'a + Send>> {
        Box::pin(async move {
            let mut held = self.held().await?;
            // Whoever reads the rows also drives the one who fetches them: nothing runs by itself.
            let (mut sender, receiver) = mpsc::channel(0);
            let fetch = async move {
                let outcome = on!(&mut held.connection, connection => {
                    let mut rows = query!(statement).fetch(&mut **connection);
                    loop {
                        match rows.try_next().await {
                            Ok(Some(row)) => {
                                if sender.send(Ok(QueryResult::from(row))).await.is_err() {
                                    break Ok(());
                                }
                            }
                            Ok(None) => break Ok(()),
                            Err(error) => break Err(error),
                        }
                    }
                });
                if let Err(error) = held.judged(outcome, DbErr::Query) {
                    // Nobody who stopped reading wants to know.
                    drop(sender.send(Err(error)).await);
                }
            };
            let fetching = stream::once(fetch).filter_map(|()| ready(None));
            Ok(stream::select(receiver, fetching).boxed())
        })
    }
}
