//! How often something was tried lately, counted under marks, for all processes together.

use chrono::{DateTime, Duration, Utc};
use entity::sign_in_attempt::{ActiveModel, Column, Entity, Model};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ActiveValue, ColumnTrait, EntityTrait, ExprTrait, IntoActiveModel, QueryFilter};

use super::connect::{Store, StoreError};
use super::write::{WriteTransaction, to_its_end};

/// How often something may be tried under a mark in a window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bound {
    /// The mark.
    pub mark: String,
    /// Most tries.
    pub most: i32,
}

/// Whether a try was counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// It was, under every mark.
    Yes,
    /// Under one of them there were too many; it was counted under none. The window ends then.
    TooMany(DateTime<Utc>),
}

/// When all windows that are full have ended; `None` when none is.
fn full(rows: &[Model], bounds: &[Bound], at: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let is_full = |row: &&Model| {
        let most = bounds.iter().find(|bound| bound.mark == row.mark).map_or(i32::MAX, |bound| bound.most);
        row.window_ends_at > at && row.count >= most
    };
    rows.iter().filter(is_full).map(|row| row.window_ends_at).max()
}

impl Store {
    /// Counts a try under every mark, or under none when it is one too many. One too many costs a read.
    pub async fn count_attempt(&self, bounds: Vec<Bound>, window: Duration, at: DateTime<Utc>) -> Result<Counted, StoreError> {
        let marks: Vec<String> = bounds.iter().map(|bound| bound.mark.clone()).collect();
        let named = Entity::find().filter(Column::Mark.is_in(marks));
        let seen = named.clone().all(&self.connection).await?;
        // When the clock was set back, windows end later than one that begins now would; they are mended below.
        let is_ahead = move |row: &Model| row.window_ends_at > at + window;
        if let Some(end) = full(&seen, &bounds, at).filter(|_| !seen.iter().any(is_ahead)) {
            return Ok(Counted::TooMany(end));
        }
        let store = self.clone();
        to_its_end(async move {
            let transaction = store.begin(at).await?;
            transaction.hold("sign_in_attempt").await?;
            let mut rows = named.all(transaction.connection()).await?;
            for row in rows.iter_mut().filter(|row| is_ahead(row)) {
                row.window_ends_at = at + window;
                transaction.set_attempt(row.clone()).await?;
            }
            if let Some(end) = full(&rows, &bounds, at) {
                transaction.commit_unlogged().await?;
                return Ok(Counted::TooMany(end));
            }
            for bound in bounds {
                let open = rows.iter().find(|row| row.mark == bound.mark && row.window_ends_at > at);
                let (count, end) = open.map_or((1, at + window), |row| (row.count + 1, row.window_ends_at));
                transaction.set_attempt(Model { mark: bound.mark, count, window_ends_at: end }).await?;
            }
            // What is over is nobody's business any more.
            Entity::delete_many().filter(Column::WindowEndsAt.lt(at)).exec(transaction.connection()).await?;
            transaction.commit_unlogged().await?;
            Ok(Counted::Yes)
        })
        .await
    }

    /// Whether a mark stands and is not over.
    pub async fn has_mark(&self, mark: String, at: DateTime<Utc>) -> Result<bool, StoreError> {
        let row = Entity::find_by_id(mark).filter(Column::WindowEndsAt.gt(at)).one(&self.connection).await?;
        Ok(row.is_some())
    }
}

/// What a good end of a try changes in the counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled {
    /// Begin anew.
    pub cleared: Vec<String>,
    /// Have one try less: it was no wrong one.
    pub lowered: Vec<String>,
    /// Stands from now on, to this instant.
    pub known: (String, DateTime<Utc>),
}

impl WriteTransaction {
    /// Takes a good try out of the counts.
    pub(super) async fn settle(&self, settled: Settled) -> Result<(), StoreError> {
        self.hold("sign_in_attempt").await?;
        Entity::delete_many().filter(Column::Mark.is_in(settled.cleared)).exec(self.connection()).await?;
        Entity::update_many()
            .col_expr(Column::Count, Expr::col(Column::Count).sub(1))
            .filter(Column::Mark.is_in(settled.lowered))
            .filter(Column::Count.gt(0))
            .exec(self.connection())
            .await?;
        let (mark, window_ends_at) = settled.known;
        self.set_attempt(Model { mark, count: 0, window_ends_at }).await
    }

    async fn set_attempt(&self, row: Model) -> Result<(), StoreError> {
        let row = ActiveModel { mark: ActiveValue::Set(row.mark.clone()), ..row.into_active_model() };
        let again = OnConflict::column(Column::Mark).update_columns([Column::Count, Column::WindowEndsAt]).to_owned();
        Entity::insert(row).on_conflict(again).exec_without_returning(self.connection()).await?;
        Ok(())
    }
}
