//! The only way to a write transaction. Whatever is published in it is numbered in the change log by the same commit:
//! the numbers come from one locked row, taken last, so that they have no gaps and none arrives late.

use chrono::{DateTime, Utc};
use entity::{change, change_counter};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, ExprTrait, IntoActiveModel, QueryFilter, Statement};
use tracing::Instrument;

use super::connect::{Store, StoreError};
use super::write_connection::WriteConnection;
use crate::domain::ids::{RecordId, RecordType};

/// Rows a statement: SQLite allows 32,766 parameters, PostgreSQL 65,535, and the widest table has 27 columns.
pub(super) const ROWS_PER_STATEMENT: usize = 500;

/// What happened to a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// Added or changed.
    Upsert,
    /// Taken out of the public catalogue, or of one city into another.
    Withdraw,
}

impl ChangeKind {
    /// The word in the log.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Upsert => "UPSERT",
            Self::Withdraw => "WITHDRAW",
        }
    }

    /// What the word means; whatever is not taken out may be there.
    pub fn parse(word: &str) -> Self {
        if word == Self::Withdraw.as_str() { Self::Withdraw } else { Self::Upsert }
    }
}

/// A change to be numbered at commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewChange {
    /// The city that changes; absent when reference data does.
    pub city: Option<RecordId>,
    /// What changed.
    pub record_type: RecordType,
    /// The record; absent when many of the type changed together.
    pub record: Option<RecordId>,
    /// How.
    pub kind: ChangeKind,
}

/// An open write transaction. Dropped without [`WriteTransaction::commit`], nothing has happened; once a statement failed, it cannot be
/// committed any more.
pub struct WriteTransaction {
    transaction: WriteConnection,
    at: DateTime<Utc>,
    changes: Vec<NewChange>,
}

impl Store {
    /// Begins to write; `at` is the time the changes carry.
    pub async fn begin(&self, at: DateTime<Utc>) -> Result<WriteTransaction, StoreError> {
        let transaction = WriteConnection::begin(self, at).await?;
        Ok(WriteTransaction { transaction, at, changes: Vec::new() })
    }
}

/// Does a write to its end, whether or not somebody still waits for it: a future dropped during BEGIN leaves a pooled connection of
/// PostgreSQL inside a transaction (sea-orm #4385).
pub(crate) async fn to_its_end<T, E>(work: impl Future<Output = Result<T, E>> + Send + 'static) -> Result<T, E>
where
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
{
    #[expect(clippy::disallowed_methods, reason = "its handle is awaited here; dropped, the write still ends within the pool's time-outs")]
    tokio::spawn(work.in_current_span()).await.map_err(|_| StoreError::Thread)?
}

impl WriteTransaction {
    /// Waits until no other open transaction holds the same name, and holds it to the end of this one: what is read from now on
    /// stays true of all that is written under that name. SQLite has one writer at a time anyway.
    pub async fn hold(&self, name: &str) -> Result<(), StoreError> {
        if self.transaction.get_database_backend() == DbBackend::Postgres {
            let lock =
                Statement::from_sql_and_values(DbBackend::Postgres, "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [name.into()]);
            self.transaction.query_one_raw(lock).await?;
        }
        Ok(())
    }

    /// The same together with others who hold it so; who holds it alone waits for all of them.
    pub async fn hold_shared(&self, name: &str) -> Result<(), StoreError> {
        if self.transaction.get_database_backend() == DbBackend::Postgres {
            let lock = "SELECT pg_advisory_xact_lock_shared(hashtextextended($1, 0))";
            let lock = Statement::from_sql_and_values(DbBackend::Postgres, lock, [name.into()]);
            self.transaction.query_one_raw(lock).await?;
        }
        Ok(())
    }

    /// Notes a change; it is numbered at commit.
    pub fn note(&mut self, change: NewChange) {
        self.changes.push(change);
    }

    /// The time its changes carry.
    pub const fn at(&self) -> DateTime<Utc> {
        self.at
    }

    /// What rooms beside this one write through.
    pub(super) const fn connection(&self) -> &WriteConnection {
        &self.transaction
    }

    /// Commits what is no part of the catalogue, and so no part of its log.
    pub(super) async fn commit_unlogged(self) -> Result<(), StoreError> {
        debug_assert!(self.changes.is_empty(), "what changes the catalogue is numbered");
        self.transaction.commit().await
    }

    /// Numbers the changes and commits. Gives the last number of the log; the number before when nothing changed.
    pub async fn commit(self) -> Result<i64, StoreError> {
        let count = self.changes.len() as i64;
        let last = if count == 0 {
            self.last_number().await?
        } else {
            change_counter::Entity::update_many()
                .col_expr(change_counter::Column::Last, Expr::col(change_counter::Column::Last).add(count))
                .filter(change_counter::Column::Id.eq(1))
                .exec(&self.transaction)
                .await?;
            let last = self.last_number().await?;
            let rows = self.changes.iter().zip(last - count + 1..).map(|(new, number)| change::Model {
                number,
                at: self.at,
                city_id: new.city.map(|city| city.0),
                record_type: new.record_type.as_str().to_owned(),
                record_id: new.record.map(|record| record.0),
                kind: new.kind.as_str().to_owned(),
            });
            self.insert::<change::Entity, _>(rows.collect()).await?;
            last
        };
        self.transaction.commit().await?;
        Ok(last)
    }

    async fn last_number(&self) -> Result<i64, StoreError> {
        let row = change_counter::Entity::find_by_id(1).one(&self.transaction).await?;
        Ok(row.map_or(0, |row| row.last))
    }

    pub(super) async fn insert<E, M>(&self, rows: Vec<M>) -> Result<(), StoreError>
    where
        E: EntityTrait,
        M: IntoActiveModel<E::ActiveModel>,
        E::ActiveModel: ActiveModelTrait<Entity = E> + Send,
    {
        let mut rows = rows.into_iter().map(IntoActiveModel::into_active_model).peekable();
        while rows.peek().is_some() {
            let chunk: Vec<E::ActiveModel> = rows.by_ref().take(ROWS_PER_STATEMENT).collect();
            E::insert_many(chunk).exec_without_returning(&self.transaction).await?;
        }
        Ok(())
    }
}
