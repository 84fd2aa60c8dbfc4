//! Saved trips: rows in and out. What their JSON means is known to the `trips` room alone.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::{session, trip, trip_share, trip_version};
use sea_orm::sea_query::{Expr, Query, SimpleExpr};
use sea_orm::{
    ColumnTrait, EntityTrait, ExprTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
};
use serde_json::Value;
use uuid::Uuid;

use super::connect::{Store, StoreError};
use super::write::{WriteTransaction, to_its_end};
use crate::domain::ids::{TripId, VisitorId};

/// Versions of a trip that are kept, so that what was changed from an older one can be merged.
const KEPT_VERSIONS: i32 = 10;

/// A trip in its version in force.
#[derive(Clone, Debug, PartialEq)]
pub struct TripRow {
    /// Identity.
    pub id: TripId,
    /// Whose.
    pub visitor: VisitorId,
    /// The version.
    pub version: i32,
    /// Title, note and wishes.
    pub content: Value,
    /// The plan.
    pub plan: Value,
    /// When it was saved first.
    pub created_at: DateTime<Utc>,
    /// When this version was made.
    pub updated_at: DateTime<Utc>,
}

/// A trip to be saved.
#[derive(Clone, Debug)]
pub struct NewTrip {
    /// Identity.
    pub id: TripId,
    /// Whose.
    pub visitor: VisitorId,
    /// Key of the request; the same key saves once.
    pub idempotency_key: Option<String>,
    /// Title, note and wishes.
    pub content: Value,
    /// The plan.
    pub plan: Value,
    /// When.
    pub at: DateTime<Utc>,
}

/// A version of a trip to be added.
#[derive(Clone, Debug)]
pub struct NewVersion {
    /// The trip.
    pub trip: TripId,
    /// Whose it is.
    pub owner: VisitorId,
    /// The version it is made from.
    pub current: i32,
    /// Title, note and wishes.
    pub content: Value,
    /// The plan.
    pub plan: Value,
    /// When.
    pub at: DateTime<Utc>,
}

/// What became of a trip to be saved.
#[derive(Clone, Debug, PartialEq)]
pub enum Inserted {
    /// It was saved.
    New,
    /// It had been saved under the same key before, as this one.
    Before(TripId),
    /// The visitor has as many as may be.
    TooMany,
    /// The visitor has no session any more: an access token outlives it by minutes.
    SignedOut,
}

/// A link to a trip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShareRow {
    /// Its secret.
    pub token: String,
    /// What it opens.
    pub trip: TripId,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Since when it opens nothing any more.
    pub revoked_at: Option<DateTime<Utc>>,
}

impl From<trip_share::Model> for ShareRow {
    fn from(row: trip_share::Model) -> Self {
        Self { token: row.token, trip: TripId(row.trip_id), created_at: row.created_at, revoked_at: row.revoked_at }
    }
}

impl Store {
    /// A trip.
    pub async fn trip(&self, id: TripId) -> Result<Option<TripRow>, StoreError> {
        let rows = trip::Entity::find_by_id(id.0).all(&self.connection).await?;
        Ok(self.in_force(rows).await?.pop())
    }

    /// The trips of a visitor, those changed last first, at most `first` of them.
    pub async fn trips_of(&self, visitor: VisitorId, first: usize) -> Result<Vec<TripRow>, StoreError> {
        let mut rows = trip::Entity::find().filter(trip::Column::VisitorId.eq(visitor.0)).all(&self.connection).await?;
        // Plans are large: only those asked for are read.
        let changed = trip_version::Entity::find()
            .select_only()
            .columns([trip_version::Column::TripId, trip_version::Column::At])
            .filter(versions_of(&rows))
            .into_tuple::<(Uuid, DateTime<Utc>)>()
            .all(&self.connection)
            .await?;
        let changed: HashMap<Uuid, DateTime<Utc>> = changed.into_iter().collect();
        rows.sort_by_key(|row| (std::cmp::Reverse(changed.get(&row.id).copied()), row.id));
        rows.truncate(first);
        self.in_force(rows).await
    }

    /// The trips, in the same order, with what their versions in force hold. A version that follows meanwhile takes nothing away from the one read here.
    async fn in_force(&self, rows: Vec<trip::Model>) -> Result<Vec<TripRow>, StoreError> {
        let versions = trip_version::Entity::find().filter(versions_of(&rows)).all(&self.connection).await?;
        let mut versions: HashMap<Uuid, trip_version::Model> = versions.into_iter().map(|version| (version.trip_id, version)).collect();
        let trip = |row: trip::Model| {
            let version = versions.remove(&row.id)?;
            Some(TripRow {
                id: TripId(row.id),
                visitor: VisitorId(row.visitor_id),
                version: row.version,
                content: version.content,
                plan: version.plan,
                created_at: row.created_at,
                updated_at: version.at,
            })
        };
        Ok(rows.into_iter().filter_map(trip).collect())
    }

    /// What a trip held in a version; nothing when that is forgotten.
    pub async fn trip_content(&self, id: TripId, version: i32) -> Result<Option<Value>, StoreError> {
        Ok(trip_version::Entity::find_by_id((id.0, version)).one(&self.connection).await?.map(|row| row.content))
    }

    /// Saves a trip, unless its key was used or the visitor has `most` already.
    pub async fn insert_trip(&self, new: NewTrip, most: u64) -> Result<Inserted, StoreError> {
        let store = self.clone();
        to_its_end(async move {
            let transaction = store.begin(new.at).await?;
            transaction.hold(&lock_of(new.visitor)).await?;
            if !transaction.has_session(new.visitor, new.at).await? {
                return Ok(Inserted::SignedOut);
            }
            let of_visitor = || trip::Entity::find().filter(trip::Column::VisitorId.eq(new.visitor.0));
            if let Some(key) = &new.idempotency_key {
                let before = of_visitor().filter(trip::Column::IdempotencyKey.eq(key)).one(transaction.connection()).await?;
                if let Some(before) = before {
                    return Ok(Inserted::Before(TripId(before.id)));
                }
            }
            if of_visitor().count(transaction.connection()).await? >= most {
                return Ok(Inserted::TooMany);
            }
            let row = trip::Model {
                id: new.id.0,
                visitor_id: new.visitor.0,
                idempotency_key: new.idempotency_key,
                version: 1,
                created_at: new.at,
            };
            trip::Entity::insert(row.into_active_model()).exec_without_returning(transaction.connection()).await?;
            let version = trip_version::Model { trip_id: new.id.0, version: 1, content: new.content, plan: new.plan, at: new.at };
            trip_version::Entity::insert(version.into_active_model()).exec_without_returning(transaction.connection()).await?;
            transaction.check_trip_bytes(new.id).await?;
            transaction.commit_unlogged().await?;
            Ok(Inserted::New)
        })
        .await
    }

    /// Adds a version; false, and nothing done, when the one it was made from is not in force any more, or the trip is another's now.
    pub async fn add_trip_version(&self, new: NewVersion) -> Result<bool, StoreError> {
        let store = self.clone();
        to_its_end(async move {
            let NewVersion { trip: id, owner, current, content, plan, at } = new;
            let transaction = store.begin(at).await?;
            transaction.hold(&lock_of(owner)).await?;
            let raised = trip::Entity::update_many()
                .col_expr(trip::Column::Version, Expr::value(current + 1))
                .filter(trip::Column::Id.eq(id.0))
                .filter(trip::Column::VisitorId.eq(owner.0))
                .filter(trip::Column::Version.eq(current))
                .exec(transaction.connection())
                .await?;
            if raised.rows_affected == 0 {
                return Ok(false);
            }
            let version = trip_version::Model { trip_id: id.0, version: current + 1, content, plan, at };
            trip_version::Entity::insert(version.into_active_model()).exec_without_returning(transaction.connection()).await?;
            trip_version::Entity::delete_many()
                .filter(trip_version::Column::TripId.eq(id.0))
                .filter(trip_version::Column::Version.lte(current + 1 - KEPT_VERSIONS))
                .exec(transaction.connection())
                .await?;
            transaction.check_trip_bytes(id).await?;
            transaction.commit_unlogged().await?;
            Ok(true)
        })
        .await
    }

    /// Deletes a visitor's trip with its versions and links, for good; false when the version in force is another than `expected`, or
    /// the visitor has no such trip.
    pub async fn delete_trip(
        &self,
        (owner, id): (VisitorId, TripId),
        expected: Option<i32>,
        at: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let store = self.clone();
        to_its_end(async move {
            let transaction = store.begin(at).await?;
            transaction.hold(&lock_of(owner)).await?;
            let theirs = trip::Column::Id.eq(id.0).and(trip::Column::VisitorId.eq(owner.0));
            let mut delete = trip::Entity::delete_many().filter(theirs);
            if let Some(expected) = expected {
                delete = delete.filter(trip::Column::Version.eq(expected));
            }
            if delete.exec(transaction.connection()).await?.rows_affected == 0 {
                return Ok(false);
            }
            trip_version::Entity::delete_many().filter(trip_version::Column::TripId.eq(id.0)).exec(transaction.connection()).await?;
            trip_share::Entity::delete_many().filter(trip_share::Column::TripId.eq(id.0)).exec(transaction.connection()).await?;
            transaction.commit_unlogged().await?;
            Ok(true)
        })
        .await
    }

    /// The link with this secret, revoked or not.
    pub async fn share(&self, token: &str) -> Result<Option<ShareRow>, StoreError> {
        Ok(trip_share::Entity::find_by_id(token.to_owned()).one(&self.connection).await?.map(Into::into))
    }

    /// The links of a trip that open it, the oldest first.
    pub async fn shares_of(&self, id: TripId) -> Result<Vec<ShareRow>, StoreError> {
        let rows = open_shares(id).all(&self.connection).await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// The links that open a trip of the visitor, the oldest first; a visitor has at most 2,000.
    pub async fn shares_of_visitor(&self, visitor: VisitorId) -> Result<Vec<ShareRow>, StoreError> {
        let trips = Query::select().column(trip::Column::Id).from(trip::Entity).and_where(trip::Column::VisitorId.eq(visitor.0)).to_owned();
        let open = trip_share::Entity::find()
            .filter(trip_share::Column::TripId.in_subquery(trips))
            .filter(trip_share::Column::RevokedAt.is_null())
            .order_by_asc(trip_share::Column::CreatedAt)
            .order_by_asc(trip_share::Column::Token);
        Ok(open.all(&self.connection).await?.into_iter().map(Into::into).collect())
    }

    /// Adds a link to a visitor's trip; false when it has `most` already, or is not the visitor's any more.
    pub async fn insert_share(&self, owner: VisitorId, share: ShareRow, most: u64) -> Result<bool, StoreError> {
        let store = self.clone();
        to_its_end(async move {
            let transaction = store.begin(share.created_at).await?;
            transaction.hold(&lock_of(owner)).await?;
            let trip = trip::Entity::find_by_id(share.trip.0).filter(trip::Column::VisitorId.eq(owner.0));
            let is_theirs = trip.one(transaction.connection()).await?.is_some();
            if !is_theirs || open_shares(share.trip).count(transaction.connection()).await? >= most {
                return Ok(false);
            }
            let row =
                trip_share::Model { token: share.token, trip_id: share.trip.0, created_at: share.created_at, revoked_at: share.revoked_at };
            trip_share::Entity::insert(row.into_active_model()).exec_without_returning(transaction.connection()).await?;
            transaction.commit_unlogged().await?;
            Ok(true)
        })
        .await
    }

    /// Closes a link. Closing it again changes nothing.
    pub async fn revoke_share(&self, token: String, at: DateTime<Utc>) -> Result<(), StoreError> {
        let store = self.clone();
        to_its_end(async move {
            let transaction = store.begin(at).await?;
            trip_share::Entity::update_many()
                .col_expr(trip_share::Column::RevokedAt, Expr::value(at))
                .filter(trip_share::Column::Token.eq(token))
                .filter(trip_share::Column::RevokedAt.is_null())
                .exec(transaction.connection())
                .await?;
            transaction.commit_unlogged().await?;
            Ok(())
        })
        .await
    }
}

/// Under which trips of a visitor are counted, moved and erased.
pub(super) fn lock_of(visitor: VisitorId) -> String {
    format!("trips of {}", visitor.0)
}

impl WriteTransaction {
    /// Whether the visitor has a session: nothing is kept for one without.
    pub(super) async fn has_session(&self, visitor: VisitorId, at: DateTime<Utc>) -> Result<bool, StoreError> {
        let live = session::Entity::find()
            .filter(session::Column::VisitorId.eq(visitor.0))
            .filter(session::Column::EndedAt.is_null())
            .filter(session::Column::ExpiresAt.gt(at));
        Ok(live.one(self.connection()).await?.is_some())
    }

    /// Erases the trips of these visitors with their versions and links, and says how many; whoever asks holds their locks.
    pub(super) async fn erase_trips_of(&self, visitors: &[Uuid]) -> Result<u64, StoreError> {
        let theirs = || trip::Entity::find().filter(trip::Column::VisitorId.is_in(visitors.iter().copied()));
        let ids = || theirs().select_only().column(trip::Column::Id).into_query();
        let (versions, shares) = (trip_version::Entity::delete_many(), trip_share::Entity::delete_many());
        shares.filter(trip_share::Column::TripId.in_subquery(ids())).exec(self.connection()).await?;
        versions.filter(trip_version::Column::TripId.in_subquery(ids())).exec(self.connection()).await?;
        let trips = trip::Entity::delete_many().filter(trip::Column::VisitorId.is_in(visitors.iter().copied()));
        Ok(trips.exec(self.connection()).await?.rows_affected)
    }
}

/// The versions in force of these trips.
fn versions_of(trips: &[trip::Model]) -> SimpleExpr {
    let key = Expr::tuple([trip_version::Column::TripId.into_expr(), trip_version::Column::Version.into_expr()]);
    key.in_tuples(trips.iter().map(|row| (row.id, row.version)))
}

fn open_shares(id: TripId) -> Select<trip_share::Entity> {
    trip_share::Entity::find()
        .filter(trip_share::Column::TripId.eq(id.0))
        .filter(trip_share::Column::RevokedAt.is_null())
        .order_by_asc(trip_share::Column::CreatedAt)
        .order_by_asc(trip_share::Column::Token)
}
