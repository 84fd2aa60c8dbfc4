//! Which sessions go on, forgetting those that have ended, and erasing the trips of visitors who have none left: nobody could revoke their links. An ended
//! session opens nothing; its row is kept for a while, because the clock that says that it has ended may be wrong, and what is deleted
//! does not come back when the clock is set right.

use std::collections::HashSet;

use chrono::{DateTime, Duration, Utc};
use entity::{account_session, clock_watch, session, transfer_code, trip};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select};
use uuid::Uuid;

use super::connect::{Store, StoreError};
use super::trips::lock_of;
use super::write::{ROWS_PER_STATEMENT, WriteTransaction, to_its_end};
use crate::domain::ids::VisitorId;

/// How long the row of a session is kept after its end; how far the clock may move between two looks without having jumped; and how long
/// it must have gone on without a jump before anything is forgotten.
pub const GRACE: Duration = Duration::days(7);

/// Visitors whose trips are erased in one transaction.
const VISITORS: u64 = 100;

/// How much was forgotten.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Forgotten {
    /// Sessions of visitors and accounts.
    pub sessions: u64,
    /// Trips of visitors who have no session left.
    pub trips: u64,
}

/// Under what name the clock is watched here.
const WATCH: &str = "sessions";

impl Store {
    /// Which of these sessions, of visitors and accounts, go on.
    pub async fn live_sessions(&self, sessions: Vec<Uuid>, now: DateTime<Utc>) -> Result<HashSet<Uuid>, StoreError> {
        let mut live = HashSet::new();
        for some in sessions.chunks(ROWS_PER_STATEMENT) {
            let visitors = session::Entity::find()
                .select_only()
                .column(session::Column::Id)
                .filter(session::Column::Id.is_in(some.iter().copied()))
                .filter(session::Column::ExpiresAt.gt(now));
            live.extend(visitors.into_tuple::<Uuid>().all(&self.connection).await?);
            let accounts = account_session::Entity::find()
                .select_only()
                .column(account_session::Column::Id)
                .filter(account_session::Column::Id.is_in(some.iter().copied()))
                .filter(account_session::Column::ExpiresAt.gt(now));
            live.extend(accounts.into_tuple::<Uuid>().all(&self.connection).await?);
        }
        Ok(live)
    }

    /// Whether the session of the visitor goes on.
    pub async fn is_visitor_in_session(&self, visitor: VisitorId, id: Uuid, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let live =
            session::Entity::find_by_id(id).filter(session::Column::VisitorId.eq(visitor.0)).filter(session::Column::ExpiresAt.gt(now));
        Ok(live.one(&self.connection).await?.is_some())
    }

    /// Forgets the sessions of visitors and accounts that ended more than [`GRACE`] before `at`, erases the trips of visitors who have
    /// none left, closing their links, and says how many. `None` when the clock jumped less than [`GRACE`] ago: then nothing is
    /// forgotten. To be called much more often than that, or each call is a jump.
    ///
    /// A jump of less than [`GRACE`] makes nothing end that is forgotten; a greater one is seen, forward or back, and all that is lost is
    /// time until the next row goes.
    pub async fn forget_ended_sessions(&self, at: DateTime<Utc>) -> Result<Option<Forgotten>, StoreError> {
        let store = self.clone();
        let sessions = to_its_end(async move {
            let transaction = store.begin(at).await?;
            transaction.hold("clock_watch").await?;
            let steady_since = transaction.watch_clock(at).await?;
            if at - steady_since < GRACE {
                transaction.commit_unlogged().await?;
                return Ok::<_, StoreError>(None);
            }
            let connection = transaction.connection();
            let visitors = session::Entity::delete_many().filter(session::Column::ExpiresAt.lt(at - GRACE)).exec(connection).await?;
            let accounts =
                account_session::Entity::delete_many().filter(account_session::Column::ExpiresAt.lt(at - GRACE)).exec(connection).await?;
            transfer_code::Entity::delete_many().filter(transfer_code::Column::ExpiresAt.lt(at - GRACE)).exec(connection).await?;
            transaction.commit_unlogged().await?;
            Ok(Some(visitors.rows_affected + accounts.rows_affected))
        });
        let Some(sessions) = sessions.await? else { return Ok(None) };
        Ok(Some(Forgotten { sessions, trips: self.erase_abandoned_trips(at).await? }))
    }

    /// Erases the trips of visitors without a session, some visitors at a time, and says how many trips.
    async fn erase_abandoned_trips(&self, at: DateTime<Utc>) -> Result<u64, StoreError> {
        let mut erased = 0;
        loop {
            let abandoned: Vec<Uuid> = abandoned().into_tuple().all(&self.connection).await?;
            if abandoned.is_empty() {
                return Ok(erased);
            }
            let store = self.clone();
            erased += to_its_end(async move {
                let transaction = store.begin(at).await?;
                for visitor in &abandoned {
                    transaction.hold(&lock_of(VisitorId(*visitor))).await?;
                }
                // A session begins for a new visitor only, so who has none now never has one again.
                let trips = transaction.erase_trips_of(&abandoned).await?;
                transaction.forget_codes_of(&abandoned).await?;
                transaction.commit_unlogged().await?;
                store.fold_log().await;
                Ok::<_, StoreError>(trips)
            })
            .await?;
        }
    }
}

/// Visitors who have trips and no session, in the order of their numbers, which is that in which their locks are taken.
fn abandoned() -> Select<trip::Entity> {
    let with_session = session::Entity::find().select_only().column(session::Column::VisitorId).into_query();
    trip::Entity::find()
        .select_only()
        .column(trip::Column::VisitorId)
        .distinct()
        .filter(trip::Column::VisitorId.not_in_subquery(with_session))
        .order_by_asc(trip::Column::VisitorId)
        .limit(VISITORS)
}

impl WriteTransaction {
    /// Looks at the clock, which shows `at`; since when it has gone on without a jump.
    async fn watch_clock(&self, at: DateTime<Utc>) -> Result<DateTime<Utc>, StoreError> {
        let seen = clock_watch::Entity::find_by_id(WATCH).one(self.connection()).await?;
        // Clocks of several processes differ a little, so a small step back is none.
        let steady = seen.filter(|seen| (at - seen.seen_at).abs() <= GRACE).map(|seen| Ord::min(seen.steady_since, at));
        let row = clock_watch::Model { name: WATCH.to_owned(), seen_at: at, steady_since: steady.unwrap_or(at) };
        let steady_since = row.steady_since;
        let row = clock_watch::ActiveModel { name: ActiveValue::Set(WATCH.to_owned()), ..row.into_active_model() };
        let again = OnConflict::column(clock_watch::Column::Name)
            .update_columns([clock_watch::Column::SeenAt, clock_watch::Column::SteadySince])
            .to_owned();
        clock_watch::Entity::insert(row).on_conflict(again).exec_without_returning(self.connection()).await?;
        Ok(steady_since)
    }
}
