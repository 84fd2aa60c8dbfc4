//! All that is kept of a visitor: to hand it over, and to erase it.

use chrono::{DateTime, Utc};
use entity::{session, transfer_code, trip, trip_share, trip_version};
use sea_orm::sea_query::SelectStatement;
use sea_orm::{ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use serde_json::Value;

use super::connect::{Store, StoreError};
use super::transfers::TransferCodeRow;
use super::trips::{ShareRow, lock_of};
use super::write::to_its_end;
use crate::domain::ids::{TripId, VisitorId};

/// A session as its visitor may see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionRow {
    /// When it began.
    pub created_at: DateTime<Utc>,
    /// When it ends unless it is used before.
    pub expires_at: DateTime<Utc>,
}

/// A trip, beside what its versions hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptTrip {
    /// The trip.
    pub trip: TripId,
    /// Key under which the visitor's app saved it.
    pub idempotency_key: Option<String>,
    /// The version in force.
    pub version: i32,
    /// When it was saved first.
    pub created_at: DateTime<Utc>,
}

/// A version of a trip.
#[derive(Clone, Debug, PartialEq)]
pub struct VersionRow {
    /// The trip.
    pub trip: TripId,
    /// The version.
    pub version: i32,
    /// Title, note and wishes.
    pub content: Value,
    /// The plan.
    pub plan: Value,
    /// When it was made.
    pub at: DateTime<Utc>,
}

/// What is kept of a visitor beside the versions of trips and the links to them, which may be many.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct VisitorRows {
    /// Sessions, the oldest first.
    pub sessions: Vec<SessionRow>,
    /// Trips, by their number.
    pub trips: Vec<KeptTrip>,
    /// Codes by which they may be taken along.
    pub codes: Vec<TransferCodeRow>,
}

/// How much was erased.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Erased {
    /// Trips.
    pub trips: u64,
    /// Sessions.
    pub sessions: u64,
}

impl Store {
    /// What is kept of a visitor, but for [`Self::kept_versions_of`] and [`Self::kept_shares_of`].
    pub async fn visitor_rows(&self, visitor: VisitorId) -> Result<VisitorRows, StoreError> {
        let sessions = session::Entity::find()
            .filter(session::Column::VisitorId.eq(visitor.0))
            .order_by_asc(session::Column::CreatedAt)
            .all(&self.connection)
            .await?;
        let of_visitor = trip::Entity::find().filter(trip::Column::VisitorId.eq(visitor.0)).order_by_asc(trip::Column::Id);
        let trips = of_visitor.all(&self.connection).await?;
        let codes = transfer_code::Entity::find_by_id(visitor.0).all(&self.connection).await?;
        Ok(VisitorRows {
            sessions: sessions.into_iter().map(|row| SessionRow { created_at: row.created_at, expires_at: row.expires_at }).collect(),
            codes: codes.into_iter().map(Into::into).collect(),
            trips: trips
                .into_iter()
                .map(|row| KeptTrip {
                    trip: TripId(row.id),
                    idempotency_key: row.idempotency_key,
                    version: row.version,
                    created_at: row.created_at,
                })
                .collect(),
        })
    }

    /// At most `count` versions of a visitor's trips behind that one, by trip and version.
    pub async fn kept_versions_of(
        &self,
        visitor: VisitorId,
        after: Option<(TripId, i32)>,
        count: u64,
    ) -> Result<Vec<VersionRow>, StoreError> {
        let behind = after.map(|(trip, version)| {
            let later = trip_version::Column::TripId.eq(trip.0).and(trip_version::Column::Version.gt(version));
            trip_version::Column::TripId.gt(trip.0).or(later)
        });
        let rows = trip_version::Entity::find()
            .filter(trip_version::Column::TripId.in_subquery(trips_of(visitor)))
            .filter(behind.map_or_else(Condition::all, |behind| Condition::all().add(behind)))
            .order_by_asc(trip_version::Column::TripId)
            .order_by_asc(trip_version::Column::Version)
            .limit(count)
            .all(&self.connection)
            .await?;
        let version = |row: trip_version::Model| VersionRow {
            trip: TripId(row.trip_id),
            version: row.version,
            content: row.content,
            plan: row.plan,
            at: row.at,
        };
        Ok(rows.into_iter().map(version).collect())
    }

    /// At most `count` links to a visitor's trips behind that one, closed ones too, by their secrets.
    pub async fn kept_shares_of(&self, visitor: VisitorId, after: Option<String>, count: u64) -> Result<Vec<ShareRow>, StoreError> {
        let rows = trip_share::Entity::find()
            .filter(trip_share::Column::TripId.in_subquery(trips_of(visitor)))
            .filter(after.map_or_else(Condition::all, |token| Condition::all().add(trip_share::Column::Token.gt(token))))
            .order_by_asc(trip_share::Column::Token)
            .limit(count)
            .all(&self.connection)
            .await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// Erases all that is kept of a visitor, in one transaction.
    pub async fn erase_visitor(&self, visitor: VisitorId, at: DateTime<Utc>) -> Result<Erased, StoreError> {
        let store = self.clone();
        to_its_end(async move {
            let transaction = store.begin(at).await?;
            transaction.hold(&lock_of(visitor)).await?;
            let trips = transaction.erase_trips_of(&[visitor.0]).await?;
            transaction.forget_codes_of(&[visitor.0]).await?;
            let sessions = session::Entity::delete_many().filter(session::Column::VisitorId.eq(visitor.0));
            let sessions = sessions.exec(transaction.connection()).await?.rows_affected;
            transaction.commit_unlogged().await?;
            // What was erased stands in the log of writes until that is folded into the file.
            store.fold_log().await;
            Ok(Erased { trips, sessions })
        })
        .await
    }
}

fn trips_of(visitor: VisitorId) -> SelectStatement {
    let trips = trip::Entity::find().select_only().column(trip::Column::Id).filter(trip::Column::VisitorId.eq(visitor.0));
    trips.into_query()
}
