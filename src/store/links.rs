//! Links as they were last tried.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use entity::link;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect};

use super::connect::{Store, StoreError};
use super::write::to_its_end;

/// What came of trying a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LinkOutcome {
    /// It leads somewhere.
    Works,
    /// It leads nowhere.
    Broken,
    /// Nobody can tell: it does not answer now, or not to programs.
    Unsure,
}

impl LinkOutcome {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Works => "WORKS",
            Self::Broken => "BROKEN",
            Self::Unsure => "UNSURE",
        }
    }
}

impl Store {
    /// Addresses that were found broken when they were tried last.
    pub async fn broken_links(&self) -> Result<HashSet<String>, StoreError> {
        let urls = link::Entity::find().select_only().column(link::Column::Url).filter(link::Column::FailingSince.is_not_null());
        Ok(urls.into_tuple::<String>().all(&self.connection).await?.into_iter().collect())
    }

    /// When each address was tried last.
    pub async fn tried_links(&self) -> Result<HashMap<String, DateTime<Utc>>, StoreError> {
        let rows = link::Entity::find().select_only().columns([link::Column::Url, link::Column::CheckedAt]);
        Ok(rows.into_tuple::<(String, DateTime<Utc>)>().all(&self.connection).await?.into_iter().collect())
    }

    /// Keeps what came of trying an address.
    pub async fn note_link(&self, url: String, outcome: LinkOutcome, at: DateTime<Utc>) -> Result<(), StoreError> {
        let store = self.clone();
        to_its_end(async move {
            let transaction = store.begin(at).await?;
            let before = link::Entity::find_by_id(url.clone()).one(transaction.connection()).await?;
            let since = before.and_then(|row| row.failing_since);
            let failing_since = match outcome {
                LinkOutcome::Works => None,
                LinkOutcome::Broken => Some(since.unwrap_or(at)),
                // What was broken stays so until it is seen to work.
                LinkOutcome::Unsure => since,
            };
            let row = link::Model { url, outcome: outcome.as_str().to_owned(), checked_at: at, failing_since };
            let again = OnConflict::column(link::Column::Url)
                .update_columns([link::Column::Outcome, link::Column::CheckedAt, link::Column::FailingSince])
                .to_owned();
            link::Entity::insert(row.into_active_model()).on_conflict(again).exec_without_returning(transaction.connection()).await?;
            transaction.commit_unlogged().await
        })
        .await
    }
}
