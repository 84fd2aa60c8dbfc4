//! Work that one of the processes does, every so often. Every process asks; a locked row tells one of them to begin, and what was
//! begun and not done within a while falls to the next that asks.

use chrono::{DateTime, TimeDelta, Utc};
use entity::job;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

use super::connect::{Store, StoreError};
use super::write::{WriteTransaction, to_its_end};

/// Some work and its rhythm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Job {
    /// What it is called.
    pub name: &'static str,
    /// From one beginning to the next.
    pub every: TimeDelta,
    /// How long whoever began may take before another begins.
    pub patience: TimeDelta,
}

impl Job {
    fn is_due(&self, row: Option<&job::Model>, at: DateTime<Utc>) -> bool {
        let Some(row) = row else { return true };
        let pause = if row.done_at.is_some() { self.every } else { self.patience };
        // When the clock was set back, what was begun later than now would stand still for as long.
        row.begun_at + pause <= at || row.begun_at > at + self.every
    }
}

impl Store {
    /// Whether the asker is to begin the work now. Not yet costs a read.
    pub async fn begin_job(&self, job: Job, at: DateTime<Utc>) -> Result<bool, StoreError> {
        let named = job::Entity::find_by_id(job.name);
        if !job.is_due(named.clone().one(&self.connection).await?.as_ref(), at) {
            return Ok(false);
        }
        let store = self.clone();
        to_its_end(async move {
            let transaction = store.begin(at).await?;
            transaction.hold(&format!("job/{}", job.name)).await?;
            let is_due = job.is_due(named.one(transaction.connection()).await?.as_ref(), at);
            if is_due {
                transaction.note_begun(job, at).await?;
            }
            transaction.commit_unlogged().await?;
            Ok(is_due)
        })
        .await
    }

    /// Notes that the work begins now, whether or not it is due.
    pub async fn note_job_begun(&self, job: Job, at: DateTime<Utc>) -> Result<(), StoreError> {
        let store = self.clone();
        to_its_end(async move {
            let transaction = store.begin(at).await?;
            transaction.note_begun(job, at).await?;
            transaction.commit_unlogged().await
        })
        .await
    }

    /// Whether the work was begun and never done.
    pub async fn is_job_unfinished(&self, job: Job) -> Result<bool, StoreError> {
        Ok(job::Entity::find_by_id(job.name).one(&self.connection).await?.is_some_and(|row| row.done_at.is_none()))
    }

    /// Notes that the work begun at `begun_at` is done, unless another began it since.
    pub async fn end_job(&self, job: Job, begun_at: DateTime<Utc>, at: DateTime<Utc>) -> Result<(), StoreError> {
        let store = self.clone();
        to_its_end(async move {
            let transaction = store.begin(at).await?;
            job::Entity::update_many()
                .col_expr(job::Column::DoneAt, Expr::value(at))
                .filter(job::Column::Name.eq(job.name))
                .filter(job::Column::BegunAt.lte(begun_at))
                .exec(transaction.connection())
                .await?;
            transaction.commit_unlogged().await
        })
        .await
    }

    /// Leaves the work begun at `begun_at` undone, so that whoever asks next begins at once, unless another began it since.
    pub async fn leave_job(&self, job: Job, begun_at: DateTime<Utc>, at: DateTime<Utc>) -> Result<(), StoreError> {
        let store = self.clone();
        to_its_end(async move {
            let transaction = store.begin(at).await?;
            job::Entity::delete_many()
                .filter(job::Column::Name.eq(job.name))
                .filter(job::Column::BegunAt.lte(begun_at))
                .filter(job::Column::DoneAt.is_null())
                .exec(transaction.connection())
                .await?;
            transaction.commit_unlogged().await
        })
        .await
    }
}

impl WriteTransaction {
    async fn note_begun(&self, job: Job, at: DateTime<Utc>) -> Result<(), StoreError> {
        let row = job::Model { name: job.name.to_owned(), begun_at: at, done_at: None };
        let again = OnConflict::column(job::Column::Name).update_columns([job::Column::BegunAt, job::Column::DoneAt]).to_owned();
        job::Entity::insert(row.into_active_model()).on_conflict(again).exec_without_returning(self.connection()).await?;
        Ok(())
    }
}
