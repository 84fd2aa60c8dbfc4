//! What visitors say is wrong with a record. Nothing is kept of who said it, and nothing of what was said once it is settled.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use entity::suggestion;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};
use serde_json::Value;
use uuid::Uuid;

use super::connect::{Store, StoreError};
use super::write::{WriteTransaction, to_its_end};
use crate::domain::ids::{AccountId, RecordId, RecordType};
use crate::domain::suggestion::{Suggestion, SuggestionState};

/// What became of a suggestion.
#[derive(Clone, Debug, PartialEq)]
pub enum Suggested {
    /// It was kept.
    New(Suggestion),
    /// It was said before and is open; it was counted.
    Again(Suggestion),
    /// The city has as many open ones as it may.
    Full,
}

impl Store {
    /// The open suggestion that says the same, counted once more; `None` when nobody said it.
    pub async fn suggest_again(&self, like: &Suggestion) -> Result<Option<Suggestion>, StoreError> {
        // Most are new: that costs a read.
        let (digest, at) = (like.digest(), like.created_at);
        if alike(&digest).one(&self.connection).await?.is_none() {
            return Ok(None);
        }
        let store = self.clone();
        to_its_end(async move {
            let transaction = store.begin(at).await?;
            let again = transaction.suggest_again(&digest).await?;
            transaction.commit_unlogged().await?;
            Ok(again)
        })
        .await
    }

    /// Keeps a suggestion, unless it was said before, or the city has as many open ones as it may.
    pub async fn add_suggestion(&self, new: Suggestion, most: u64) -> Result<Suggested, StoreError> {
        let store = self.clone();
        to_its_end(async move {
            let transaction = store.begin(new.created_at).await?;
            transaction.hold(&format!("suggestions of {}", new.city.0)).await?;
            let digest = new.digest();
            if let Some(again) = transaction.suggest_again(&digest).await? {
                transaction.commit_unlogged().await?;
                return Ok(Suggested::Again(again));
            }
            let open = suggestion::Entity::find()
                .filter(suggestion::Column::CityId.eq(new.city.0))
                .filter(suggestion::Column::State.eq(SuggestionState::Open.as_str()))
                .count(transaction.connection())
                .await?;
            if open >= most {
                return Ok(Suggested::Full);
            }
            let kept = new.clone();
            let row = suggestion::Model {
                id: new.id,
                record_type: new.record_type.as_str().to_owned(),
                record_id: new.record.0,
                city_id: new.city.0,
                changes: new.changes,
                comment: new.comment,
                digest: Some(digest),
                times: 1,
                state: SuggestionState::Open.as_str().to_owned(),
                created_at: new.created_at,
                settled_at: None,
                settled_by: None,
            };
            suggestion::Entity::insert(row.into_active_model()).exec_without_returning(transaction.connection()).await?;
            transaction.commit_unlogged().await?;
            Ok(Suggested::New(kept))
        })
        .await
    }

    /// A suggestion; `None` when there is none of this id.
    pub async fn suggestion(&self, id: Uuid) -> Result<Option<Suggestion>, StoreError> {
        Ok(suggestion::Entity::find_by_id(id).one(&self.connection).await?.and_then(read))
    }

    /// Open suggestions of these cities, the oldest first; those after the one named, at most `limit`. Index `suggestion_city`.
    pub async fn open_suggestions(
        &self,
        cities: &[RecordId],
        after: Option<(DateTime<Utc>, Uuid)>,
        limit: u64,
    ) -> Result<Vec<Suggestion>, StoreError> {
        let mut wanted = Condition::all()
            .add(suggestion::Column::CityId.is_in(cities.iter().map(|city| city.0)))
            .add(suggestion::Column::State.eq(SuggestionState::Open.as_str()));
        if let Some((at, id)) = after {
            let same = Condition::all().add(suggestion::Column::CreatedAt.eq(at)).add(suggestion::Column::Id.gt(id));
            wanted = wanted.add(Condition::any().add(suggestion::Column::CreatedAt.gt(at)).add(same));
        }
        let rows = suggestion::Entity::find()
            .filter(wanted)
            .order_by_asc(suggestion::Column::CreatedAt)
            .order_by_asc(suggestion::Column::Id)
            .limit(limit)
            .all(&self.connection)
            .await?;
        Ok(rows.into_iter().filter_map(read).collect())
    }

    /// Records of a city about which something open was said.
    pub async fn suggested(&self, city: RecordId) -> Result<HashSet<RecordId>, StoreError> {
        let ids = suggestion::Entity::find()
            .select_only()
            .column(suggestion::Column::RecordId)
            .filter(suggestion::Column::CityId.eq(city.0))
            .filter(suggestion::Column::State.eq(SuggestionState::Open.as_str()));
        Ok(ids.into_tuple::<Uuid>().all(&self.connection).await?.into_iter().map(RecordId).collect())
    }

    /// Settles an open suggestion and forgets what was said. Gives whether it was open.
    pub async fn settle_suggestion(&self, id: Uuid, state: SuggestionState, by: AccountId, at: DateTime<Utc>) -> Result<bool, StoreError> {
        let store = self.clone();
        to_its_end(async move {
            let transaction = store.begin(at).await?;
            let settled = suggestion::Entity::update_many()
                .col_expr(suggestion::Column::State, Expr::value(state.as_str()))
                .col_expr(suggestion::Column::Changes, Expr::value(Value::Object(serde_json::Map::new())))
                .col_expr(suggestion::Column::Comment, Expr::value(Option::<String>::None))
                .col_expr(suggestion::Column::Digest, Expr::value(Option::<String>::None))
                .col_expr(suggestion::Column::SettledAt, Expr::value(at))
                .col_expr(suggestion::Column::SettledBy, Expr::value(by.0))
                .filter(suggestion::Column::Id.eq(id))
                .filter(suggestion::Column::State.eq(SuggestionState::Open.as_str()))
                .exec(transaction.connection())
                .await?;
            transaction.commit_unlogged().await?;
            Ok(settled.rows_affected > 0)
        })
        .await
    }
}

impl WriteTransaction {
    /// Counts the open suggestion of this digest once more, when there is one.
    async fn suggest_again(&self, digest: &str) -> Result<Option<Suggestion>, StoreError> {
        let times = suggestion::Column::Times;
        let counted = suggestion::Entity::update_many()
            .col_expr(times, Expr::col(times).add(1))
            .filter(suggestion::Column::Digest.eq(digest))
            .filter(suggestion::Column::State.eq(SuggestionState::Open.as_str()))
            .exec(self.connection())
            .await?;
        if counted.rows_affected == 0 {
            return Ok(None);
        }
        Ok(alike(digest).one(self.connection()).await?.and_then(read))
    }
}

/// The open suggestion of this digest. Index `suggestion_digest`.
fn alike(digest: &str) -> Select<suggestion::Entity> {
    suggestion::Entity::find()
        .filter(suggestion::Column::Digest.eq(digest))
        .filter(suggestion::Column::State.eq(SuggestionState::Open.as_str()))
}

/// A row as a suggestion; nothing when a later version wrote words this one does not know.
fn read(row: suggestion::Model) -> Option<Suggestion> {
    Some(Suggestion {
        id: row.id,
        record_type: RecordType::parse(&row.record_type)?,
        record: RecordId(row.record_id),
        city: RecordId(row.city_id),
        changes: row.changes,
        comment: row.comment,
        times: u32::try_from(row.times).unwrap_or(1),
        state: SuggestionState::parse(&row.state)?,
        created_at: row.created_at,
    })
}
