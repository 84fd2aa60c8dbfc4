//! Codes by which a visitor takes trips along to another phone: made, and redeemed once.

use chrono::{DateTime, Utc};
use entity::{transfer_code, trip};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ActiveValue, ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter};
use uuid::Uuid;

use super::connect::{Store, StoreError};
use super::trips::lock_of;
use super::write::{WriteTransaction, to_its_end};
use crate::domain::ids::VisitorId;

/// A code as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransferCodeRow {
    /// Whose trips it moves.
    pub visitor: VisitorId,
    /// SHA-256, base64url, of the code.
    pub mark: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
}

impl From<transfer_code::Model> for TransferCodeRow {
    fn from(row: transfer_code::Model) -> Self {
        Self { visitor: VisitorId(row.visitor_id), mark: row.mark, created_at: row.created_at, expires_at: row.expires_at }
    }
}

/// What became of a code that was shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Redeemed {
    /// So many trips are the other visitor's now, and the code opens nothing any more.
    Moved(u64),
    /// There is no such code, or none any more.
    Unknown,
    /// It is of the visitor who shows it.
    Own,
    /// Both visitors' trips together are more than one may have; nothing was moved.
    TooMany,
    /// Who shows it has no session any more.
    SignedOut,
}

impl Store {
    /// Keeps a code in place of the visitor's last one; false when the visitor has no session any more.
    pub async fn put_transfer_code(&self, code: TransferCodeRow) -> Result<bool, StoreError> {
        let store = self.clone();
        to_its_end(async move {
            let transaction = store.begin(code.created_at).await?;
            transaction.hold(&lock_of(code.visitor)).await?;
            if !transaction.has_session(code.visitor, code.created_at).await? {
                return Ok(false);
            }
            let row = transfer_code::Model {
                visitor_id: code.visitor.0,
                mark: code.mark,
                created_at: code.created_at,
                expires_at: code.expires_at,
            };
            let row = transfer_code::ActiveModel { visitor_id: ActiveValue::Set(code.visitor.0), ..row.into_active_model() };
            let again = OnConflict::column(transfer_code::Column::VisitorId)
                .update_columns([transfer_code::Column::Mark, transfer_code::Column::CreatedAt, transfer_code::Column::ExpiresAt])
                .to_owned();
            transfer_code::Entity::insert(row).on_conflict(again).exec_without_returning(transaction.connection()).await?;
            transaction.commit_unlogged().await?;
            Ok(true)
        })
        .await
    }

    /// Moves all trips of the visitor who made the code with this mark to the one who shows it, with their versions, links and keys,
    /// unless that one has more than `most` then. Of several who show it at once one gets them.
    pub async fn redeem_transfer_code(&self, mark: String, to: VisitorId, most: u64, at: DateTime<Utc>) -> Result<Redeemed, StoreError> {
        let store = self.clone();
        to_its_end(async move {
            let transaction = store.begin(at).await?;
            let Some(from) = transaction.live_code(&mark, at).await? else { return Ok(Redeemed::Unknown) };
            // In one order, or two who redeem each other's codes would wait for each other.
            let mut visitors = [from, to];
            visitors.sort();
            for visitor in visitors {
                transaction.hold(&lock_of(visitor)).await?;
            }
            if transaction.live_code(&mark, at).await? != Some(from) {
                return Ok(Redeemed::Unknown);
            }
            if from == to {
                return Ok(Redeemed::Own);
            }
            if !transaction.has_session(to, at).await? {
                return Ok(Redeemed::SignedOut);
            }
            let both = trip::Entity::find().filter(trip::Column::VisitorId.is_in([from.0, to.0]));
            if both.count(transaction.connection()).await? > most {
                return Ok(Redeemed::TooMany);
            }
            let moved = transaction.move_trips(from, to).await?;
            transfer_code::Entity::delete_by_id(from.0).exec(transaction.connection()).await?;
            transaction.commit_unlogged().await?;
            Ok(Redeemed::Moved(moved))
        })
        .await
    }
}

impl WriteTransaction {
    /// Whose code this is the mark of.
    async fn live_code(&self, mark: &str, at: DateTime<Utc>) -> Result<Option<VisitorId>, StoreError> {
        let of_mark = transfer_code::Entity::find().filter(transfer_code::Column::Mark.eq(mark));
        let row = of_mark.filter(transfer_code::Column::ExpiresAt.gt(at)).one(self.connection()).await?;
        // One made while the clock was ahead would hold longer than any may.
        let is_of_now = |row: &transfer_code::Model| row.expires_at - at <= (row.expires_at - row.created_at) * 2;
        Ok(row.filter(is_of_now).map(|row| VisitorId(row.visitor_id)))
    }

    async fn move_trips(&self, from: VisitorId, to: VisitorId) -> Result<u64, StoreError> {
        let keys = trip::Entity::find().filter(trip::Column::VisitorId.eq(to.0)).filter(trip::Column::IdempotencyKey.is_not_null());
        let taken: Vec<String> = keys.all(self.connection()).await?.into_iter().filter_map(|trip| trip.idempotency_key).collect();
        let theirs = trip::Column::VisitorId.eq(from.0);
        // A key saves one trip: where both visitors used the same, it stays with the trip of the one who goes on.
        trip::Entity::update_many()
            .col_expr(trip::Column::IdempotencyKey, Expr::value(None::<String>))
            .filter(theirs.clone())
            .filter(trip::Column::IdempotencyKey.is_in(taken))
            .exec(self.connection())
            .await?;
        let moved = trip::Entity::update_many().col_expr(trip::Column::VisitorId, Expr::value(to.0)).filter(theirs);
        Ok(moved.exec(self.connection()).await?.rows_affected)
    }

    /// Forgets the codes of these visitors.
    pub(super) async fn forget_codes_of(&self, visitors: &[Uuid]) -> Result<(), StoreError> {
        let theirs = transfer_code::Column::VisitorId.is_in(visitors.iter().copied());
        transfer_code::Entity::delete_many().filter(theirs).exec(self.connection()).await?;
        Ok(())
    }
}
