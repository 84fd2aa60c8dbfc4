//! Partners: known by a key that they send with each request. A process looks at the keys it read last, so that a read never waits for
//! the database: a new key is known everywhere, and a revoked one nowhere, within a minute ([`super::session::Sessions::follow_keys`]).

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::accounts::{AccountError, Accounts, checked_name};
use super::rights::Permit;
use super::secret;
use crate::domain::ids::PartnerId;
use crate::store::api_keys::ApiKeyRow;
use crate::store::{Store, StoreError};

/// What a key begins with: so that one that was published by mistake is found.
const PREFIX: &str = "roteiro_";

/// A key of a partner, without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// Identity.
    pub id: PartnerId,
    /// Whose, for people.
    pub name: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
}

impl From<ApiKeyRow> for ApiKey {
    fn from(row: ApiKeyRow) -> Self {
        Self { id: PartnerId(row.id), name: row.name, created_at: row.created_at, revoked_at: row.revoked_at }
    }
}

/// The keys that hold, by their marks.
#[derive(Default)]
pub struct Partners(RwLock<Arc<HashMap<String, (PartnerId, String)>>>);

impl Partners {
    /// Reads the keys again.
    pub async fn reload(&self, store: &Store) -> Result<(), StoreError> {
        let keys = store.api_keys().await?.into_iter().filter(|row| row.revoked_at.is_none());
        let keys = keys.map(|row| (row.mark, (PartnerId(row.id), row.name))).collect();
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(keys);
        Ok(())
    }

    fn current(&self) -> Arc<HashMap<String, (PartnerId, String)>> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whose the key is.
    pub fn of_key(&self, key: &str) -> Option<PartnerId> {
        let key = key.trim();
        (key.len() < 100).then(|| self.current().get(&secret::mark(key)).map(|(id, _)| *id))?
    }

    /// What the partner is called.
    pub fn name(&self, id: PartnerId) -> Option<String> {
        self.current().values().find(|(known, _)| *known == id).map(|(_, name)| name.clone())
    }
}

impl Accounts {
    /// All keys, the youngest first, revoked ones too.
    pub async fn api_keys(&self, _: Permit) -> Result<Vec<ApiKey>, AccountError> {
        Ok(self.store.api_keys().await?.into_iter().map(Into::into).collect())
    }

    /// A new key, and its secret, which is told this once.
    pub async fn create_api_key(&self, permit: Permit, name: &str, now: DateTime<Utc>) -> Result<(ApiKey, String), AccountError> {
        let key = format!("{PREFIX}{}", secret::text()?);
        let row = ApiKeyRow {
            id: secret::id()?,
            name: checked_name(name)?,
            mark: secret::mark(&key),
            created_at: now,
            created_by: permit.account(),
            revoked_at: None,
        };
        self.store.add_api_key(row.clone()).await?;
        self.sessions.reload_partners().await?;
        Ok((row.into(), key))
    }

    /// Revokes a key: here at once, in other processes within a minute.
    pub async fn revoke_api_key(&self, permit: Permit, id: Uuid, now: DateTime<Utc>) -> Result<ApiKey, AccountError> {
        let revoked = self.store.revoke_api_key(id, permit.account(), now).await?.ok_or(AccountError::NoKey)?;
        self.sessions.reload_partners().await?;
        Ok(revoked.into())
    }
}
