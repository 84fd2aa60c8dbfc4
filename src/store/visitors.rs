//! All that is kept of a visitor: to hand it over, and to erase it.

use chrono::{DateTime, Utc};
use entity::{session, transfer_code, trip, trip_share, trip_version};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
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

/// All that is kept of a visitor.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct VisitorRows {
    /// Sessions, the oldest first.
    pub sessions: Vec<SessionRow>,
    /// Trips, by their number.
    pub trips: Vec<KeptTrip>,
    /// Codes by which they may be taken along.
    pub codes: Vec<TransferCodeRow>,
    /// Versions of trips, by trip and version.
    pub versions: Vec<VersionRow>,
    /// Links to trips, closed ones too, the oldest first.
    pub shares: Vec<ShareRow>,
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
    /// All that is kept of a visitor.
    pub async fn visitor_rows(&self, visitor: VisitorId) -> Result<VisitorRows, StoreError> {
        let sessions = session::Entity::find()
            .filter(session::Column::VisitorId.eq(visitor.0))
            .order_by_asc(session::Column::CreatedAt)
            .all(&self.connection)
            .await?;
        let of_visitor = trip::Entity::find().filter(trip::Column::VisitorId.eq(visitor.0)).order_by_asc(trip::Column::Id);
        let trips = of_visitor.all(&self.connection).await?;
        let ids = || trips.iter().map(|trip| trip.id);
        let codes = transfer_code::Entity::find_by_id(visitor.0).all(&self.connection).await?;
        let versions = trip_version::Entity::find()
            .filter(trip_version::Column::TripId.is_in(ids()))
            .order_by_asc(trip_version::Column::TripId)
            .order_by_asc(trip_version::Column::Version)
            .all(&self.connection)
            .await?;
        let shares = trip_share::Entity::find()
            .filter(trip_share::Column::TripId.is_in(ids()))
            .order_by_asc(trip_share::Column::CreatedAt)
            .all(&self.connection)
            .await?;
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
            versions: versions
                .into_iter()
                .map(|row| VersionRow { trip: TripId(row.trip_id), version: row.version, content: row.content, plan: row.plan, at: row.at })
                .collect(),
            shares: shares.into_iter().map(Into::into).collect(),
        })
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
