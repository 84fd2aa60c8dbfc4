//! The pool, with two things added: a caller who got no connection is told why, and not only that it took too long.
//!
//! The pool waits for a PostgreSQL that refuses connections until its time is over and then forgets what it waited for. So it is asked
//! once more, outside of the pool, and what that says is the error.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use sea_orm::prelude::async_trait;
use sea_orm::sqlx::postgres::PgConnectOptions;
use sea_orm::sqlx::{ConnectOptions as _, Connection as _};
use sea_orm::{
    ConnAcquireErr, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, ExecResult, QueryResult, RuntimeErr,
    SqlxError, Statement, StreamTrait, TransactionOptions, TransactionTrait,
};
use tokio::sync::Mutex;
use tokio::time::Instant;

/// How long the question may take that tells why there is no connection.
const QUESTION: Duration = Duration::from_secs(2);
/// How long its answer holds for others who ask.
const FRESH: Duration = Duration::from_secs(1);

/// A pool of connections. Clones share it.
#[derive(Clone, Debug)]
pub(super) struct Pool {
    pub(super) connections: DatabaseConnection,
    /// Who asks PostgreSQL; SQLite's pool forgets nothing.
    postgres: Option<Arc<Mutex<Question>>>,
}

/// Asks why there is no connection, one at a time: whoever waited meanwhile gets the same answer.
#[derive(Debug)]
struct Question {
    options: PgConnectOptions,
    /// When it was asked last, and what that failed with.
    last: Option<(Instant, Option<Arc<SqlxError>>)>,
}

impl Question {
    /// Why no connection can be made; `None` when one can.
    async fn ask(&mut self) -> Option<Arc<SqlxError>> {
        if let Some((_, error)) = self.last.as_ref().filter(|(at, _)| at.elapsed() < FRESH) {
            return error.clone();
        }
        let error = match tokio::time::timeout(QUESTION, self.options.connect()).await {
            Ok(Err(error)) => Some(Arc::new(error)),
            Ok(Ok(connection)) => {
                // It answers: all connections of the pool are taken, as was said. That this one cannot be closed is nobody's loss.
                let _ = connection.close().await;
                None
            }
            Err(_) => None,
        };
        self.last = Some((Instant::now(), error.clone()));
        error
    }
}

impl Pool {
    pub(super) fn of_sqlite(connections: DatabaseConnection) -> Self {
        Self { connections, postgres: None }
    }

    pub(super) fn of_postgres(connections: DatabaseConnection, options: PgConnectOptions) -> Self {
        Self { connections, postgres: Some(Arc::new(Mutex::new(Question { options: options.disable_statement_logging(), last: None }))) }
    }

    pub(super) fn get_database_backend(&self) -> DbBackend {
        self.connections.get_database_backend()
    }

    pub(super) async fn begin_with_options(&self, options: TransactionOptions) -> Result<DatabaseTransaction, DbErr> {
        self.explain(self.connections.begin_with_options(options).await).await
    }

    /// Puts the reason in the place of a wait that was in vain.
    pub(super) async fn explain<T>(&self, result: Result<T, DbErr>) -> Result<T, DbErr> {
        let Err(DbErr::ConnectionAcquire(ConnAcquireErr::Timeout)) = &result else { return result };
        let Some(question) = &self.postgres else { return result };
        let error = question.lock().await.ask().await;
        error.map_or(result, |error| Err(DbErr::Conn(RuntimeErr::SqlxError(error))))
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for Pool {
    fn get_database_backend(&self) -> DbBackend {
        self.connections.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.explain(self.connections.execute_raw(statement).await).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.explain(self.connections.execute_unprepared(sql).await).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.explain(self.connections.query_one_raw(statement).await).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.explain(self.connections.query_all_raw(statement).await).await
    }
}

impl StreamTrait for Pool {
    type Stream<'a> = <DatabaseConnection as StreamTrait>::Stream<'a>;

    fn get_database_backend(&self) -> DbBackend {
        self.connections.get_database_backend()
    }

    fn stream_raw<'a>(&'a self, statement: Statement) -> Pin<Box<dyn Future<Output = Result<Self::Stream<'a>, DbErr>> + 'a + Send>> {
        Box::pin(async move { self.explain(self.connections.stream_raw(statement).await).await })
    }
}
