//! Turns at the database. Work of a client takes one before it takes a connection, so that no client has all of them; what this process
//! does for itself always finds one free.

use std::ops::Deref;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use sea_orm::prelude::async_trait::async_trait;
use sea_orm::{ConnAcquireErr, ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, Statement, StreamTrait};
use tokio::sync::OwnedSemaphorePermit;

use super::connection::Pool;
use crate::fair::queue::{Bounds, FairQueue, Permit};
use crate::fair::work::{self, InTransaction};

/// Connections that are left to the follower, the scheduler and the sweeps.
const RESERVED: u32 = 2;
/// Most that wait for a turn.
const WAITING: usize = 512;
/// What an error says when too many wait; [`super::StoreError`]`::Busy` is made of it.
pub(super) const BUSY: &str = "too many wait for the database";

/// The pool, entered in turns.
#[derive(Clone, Debug)]
pub(super) struct Connection {
    pool: Pool,
    turns: FairQueue,
    patience: Duration,
}

/// A turn, until it is dropped.
#[derive(Debug, Default)]
pub(super) struct Turn {
    _permit: Option<Permit>,
    _lane: Option<OwnedSemaphorePermit>,
    _open: Option<InTransaction>,
}

impl Turn {
    /// The same for a transaction: while it is open, the task that has it takes no other turn, for which it would wait in vain.
    pub(super) fn in_transaction(self) -> Self {
        Self { _open: work::current().map(|work| work.mark_transaction()), ..self }
    }
}

impl Connection {
    /// Over a pool of so many connections. Nobody waits longer than `patience` for a turn.
    pub fn new(pool: Pool, connections: u32, patience: Duration) -> Self {
        let permits = connections.saturating_sub(RESERVED).max(1) as usize;
        Self { pool, turns: FairQueue::new(Bounds::new(permits, WAITING)), patience }
    }

    /// Waits for the turn of the client whom the current task works for.
    pub(super) async fn turn(&self) -> Result<Turn, DbErr> {
        let Some(work) = work::current().filter(|work| !work.is_in_transaction()) else { return Ok(Turn::default()) };
        let turn = async {
            let lane = Arc::clone(work.lane()).acquire_owned().await.ok();
            let permit = self.turns.acquire(work.client).await.map_err(|_| DbErr::Custom(BUSY.to_owned()))?;
            Ok(Turn { _permit: Some(permit), _lane: lane, _open: None })
        };
        tokio::time::timeout(self.patience, turn).await.unwrap_or(Err(DbErr::ConnectionAcquire(ConnAcquireErr::Timeout)))
    }
}

impl Deref for Connection {
    type Target = Pool;

    fn deref(&self) -> &Pool {
        &self.pool
    }
}

#[async_trait]
impl ConnectionTrait for Connection {
    fn get_database_backend(&self) -> DbBackend {
        self.pool.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        let _turn = self.turn().await?;
        self.pool.execute_raw(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let _turn = self.turn().await?;
        self.pool.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        let _turn = self.turn().await?;
        self.pool.query_one_raw(statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let _turn = self.turn().await?;
        self.pool.query_all_raw(statement).await
    }
}

/// Only what the process does for itself reads rows as they come.
impl StreamTrait for Connection {
    type Stream<'a> = <Pool as StreamTrait>::Stream<'a>;

    fn get_database_backend(&self) -> DbBackend {
        self.pool.get_database_backend()
    }

    fn stream_raw<'a>(&'a self, statement: Statement) -> Pin<Box<dyn Future<Output = Result<Self::Stream<'a>, DbErr>> + 'a + Send>> {
        self.pool.stream_raw(statement)
    }
}
