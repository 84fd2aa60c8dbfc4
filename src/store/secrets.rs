//! Secrets that all processes over the database share.

use chrono::{DateTime, Utc};
use entity::server_secret;
use sea_orm::{EntityTrait, IntoActiveModel};

use super::connect::{Store, StoreError};
use super::write::to_its_end;

impl Store {
    /// The secret of this name; when there is none yet, the given one is kept.
    pub async fn secret_or(&self, name: &'static str, first: Vec<u8>, at: DateTime<Utc>) -> Result<Vec<u8>, StoreError> {
        let store = self.clone();
        to_its_end(async move {
            let transaction = store.begin(at).await?;
            // Processes that start together over an empty database must agree on one.
            transaction.hold("server_secret").await?;
            if let Some(row) = server_secret::Entity::find_by_id(name).one(transaction.connection()).await? {
                return Ok(row.value);
            }
            let row = server_secret::Model { name: name.to_owned(), value: first.clone(), created_at: at };
            server_secret::Entity::insert(row.into_active_model()).exec_without_returning(transaction.connection()).await?;
            transaction.commit_unlogged().await?;
            Ok(first)
        })
        .await
    }
}
