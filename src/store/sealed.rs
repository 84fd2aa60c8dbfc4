//! The columns that hold secrets, and sealing all of them at once. What sealing is, is for whoever calls to know (`identity::vault`).

use chrono::{DateTime, Utc};
use entity::{account, sealing, server_secret, signing_key};
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, Set};

use super::accounts::lock_of;
use super::connect::{Store, StoreError};
use super::write::{WriteTransaction, to_its_end};
use crate::domain::ids::AccountId;

/// Name of the only row of `sealing`.
const ALL: &str = "all";

/// A column whose values are sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SealedColumn {
    /// Private keys that sign tokens, by `kid`.
    SigningKey,
    /// Secrets of second factors, by account.
    TotpSecret,
    /// Secrets that the processes share, by name.
    ServerSecret,
}

impl SealedColumn {
    /// What a value is bound to, beside the identity of its row.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SigningKey => "signing_key.private_key",
            Self::TotpSecret => "account.totp_secret",
            Self::ServerSecret => "server_secret.value",
        }
    }
}

/// Which sealing it is, with the name of the key that seals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sealing {
    /// The first one; nothing is done when there was one before.
    First(String),
    /// Another one.
    Again(String),
}

impl Store {
    /// Name of the key that sealed the secrets; `None` while they lie there as they are.
    pub async fn sealed_by(&self) -> Result<Option<String>, StoreError> {
        Ok(sealing::Entity::find_by_id(ALL).one(&self.connection).await?.map(|row| row.key_name))
    }

    /// Seals every secret by `seal`, which is given the column, the identity of the row, and the value, in one transaction. Gives the
    /// name of the key that sealed last.
    pub async fn seal_all<E, S>(&self, sealing: Sealing, seal: S, at: DateTime<Utc>) -> Result<String, E>
    where
        E: From<StoreError> + Send + 'static,
        S: Fn(SealedColumn, &str, &[u8]) -> Result<Vec<u8>, E> + Send + Sync + 'static,
    {
        let store = self.clone();
        to_its_end(async move {
            let transaction = store.begin(at).await?;
            let done = transaction.seal_all(sealing, seal).await?;
            transaction.commit_unlogged().await?;
            if store.is_sqlite() {
                // What was in the clear stands in the log of writes until that is folded into the file. Readers may hold that up; then the
                // next one does it.
                drop(store.connection.execute_unprepared("PRAGMA wal_checkpoint(TRUNCATE)").await);
            }
            Ok(done)
        })
        .await
    }
}

impl WriteTransaction {
    async fn seal_all<E, S>(&self, how: Sealing, seal: S) -> Result<String, E>
    where
        E: From<StoreError>,
        S: Fn(SealedColumn, &str, &[u8]) -> Result<Vec<u8>, E>,
    {
        // Nobody adds a secret meanwhile.
        for name in ["sealing", "signing_key", "server_secret"] {
            self.hold(name).await?;
        }
        let before = sealing::Entity::find_by_id(ALL).one(self.connection()).await.map_err(StoreError::from)?;
        let name = match (how, before) {
            (Sealing::First(_), Some(before)) => return Ok(before.key_name),
            (Sealing::First(name) | Sealing::Again(name), _) => name,
        };
        for row in signing_key::Entity::find().all(self.connection()).await.map_err(StoreError::from)? {
            let sealed = seal(SealedColumn::SigningKey, &row.kid, &row.private_key)?;
            let row = signing_key::ActiveModel { private_key: Set(sealed), ..row.into_active_model() };
            row.update(self.connection()).await.map_err(StoreError::from)?;
        }
        for row in server_secret::Entity::find().all(self.connection()).await.map_err(StoreError::from)? {
            let sealed = seal(SealedColumn::ServerSecret, &row.name, &row.value)?;
            let row = server_secret::ActiveModel { value: Set(sealed), ..row.into_active_model() };
            row.update(self.connection()).await.map_err(StoreError::from)?;
        }
        self.seal_totp(&seal).await?;
        self.note_sealing(&name).await?;
        Ok(name)
    }

    async fn seal_totp<E, S>(&self, seal: &S) -> Result<(), E>
    where
        E: From<StoreError>,
        S: Fn(SealedColumn, &str, &[u8]) -> Result<Vec<u8>, E>,
    {
        let with_secret = account::Column::TotpSecret.is_not_null();
        let accounts = account::Entity::find().filter(with_secret.clone()).all(self.connection()).await.map_err(StoreError::from)?;
        for id in accounts.into_iter().map(|row| row.id) {
            self.hold(&lock_of(AccountId(id))).await?;
            let row = account::Entity::find_by_id(id).filter(with_secret.clone()).one(self.connection()).await.map_err(StoreError::from)?;
            let Some(row) = row else { continue };
            let sealed = seal(SealedColumn::TotpSecret, &id.to_string(), row.totp_secret.as_deref().unwrap_or_default())?;
            let row = account::ActiveModel { totp_secret: Set(Some(sealed)), ..row.into_active_model() };
            row.update(self.connection()).await.map_err(StoreError::from)?;
        }
        Ok(())
    }

    async fn note_sealing(&self, key_name: &str) -> Result<(), StoreError> {
        sealing::Entity::delete_by_id(ALL).exec(self.connection()).await?;
        let row = sealing::Model { name: ALL.to_owned(), key_name: key_name.to_owned(), sealed_at: self.at() };
        sealing::Entity::insert(row.into_active_model()).exec_without_returning(self.connection()).await?;
        Ok(())
    }
}
