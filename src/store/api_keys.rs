//! Partners' keys: only their marks are kept.

use chrono::{DateTime, Utc};
use entity::api_key;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, QueryOrder, Set};
use uuid::Uuid;

use super::audit::AuditEntry;
use super::connect::{Store, StoreError};
use super::write::to_its_end;
use crate::domain::audit::AuditAction;
use crate::domain::ids::AccountId;

/// A key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKeyRow {
    /// Identity.
    pub id: Uuid,
    /// Whose, for people.
    pub name: String,
    /// Mark of the key.
    pub mark: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Who made it.
    pub created_by: AccountId,
    /// When it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
}

impl From<api_key::Model> for ApiKeyRow {
    fn from(row: api_key::Model) -> Self {
        Self {
            id: row.id,
            name: row.name,
            mark: row.mark,
            created_at: row.created_at,
            created_by: AccountId(row.created_by),
            revoked_at: row.revoked_at,
        }
    }
}

impl Store {
    /// All keys, the youngest first, revoked ones too.
    pub async fn api_keys(&self) -> Result<Vec<ApiKeyRow>, StoreError> {
        let keys = api_key::Entity::find().order_by_desc(api_key::Column::CreatedAt).order_by_desc(api_key::Column::Id);
        Ok(keys.all(&self.connection).await?.into_iter().map(Into::into).collect())
    }

    /// Keeps a new key.
    pub async fn add_api_key(&self, new: ApiKeyRow) -> Result<(), StoreError> {
        let store = self.clone();
        to_its_end(async move {
            let transaction = store.begin(new.created_at).await?;
            transaction.note_audit(AuditEntry::new(Some(new.created_by), AuditAction::ApiKeyCreated, Some(new.id))).await?;
            let row = api_key::Model {
                id: new.id,
                name: new.name,
                mark: new.mark,
                created_at: new.created_at,
                created_by: new.created_by.0,
                revoked_at: None,
            };
            api_key::Entity::insert(row.into_active_model()).exec_without_returning(transaction.connection()).await?;
            transaction.commit_unlogged().await
        })
        .await
    }

    /// Revokes a key; `None` when there is none of this id. Revoking twice is revoking once.
    pub async fn revoke_api_key(&self, id: Uuid, by: AccountId, at: DateTime<Utc>) -> Result<Option<ApiKeyRow>, StoreError> {
        let store = self.clone();
        to_its_end(async move {
            let transaction = store.begin(at).await?;
            let Some(row) = api_key::Entity::find_by_id(id).one(transaction.connection()).await? else { return Ok(None) };
            if row.revoked_at.is_some() {
                return Ok(Some(row.into()));
            }
            let revoked = api_key::ActiveModel { revoked_at: Set(Some(at)), ..row.into_active_model() };
            let revoked = revoked.update(transaction.connection()).await?;
            transaction.note_audit(AuditEntry::new(Some(by), AuditAction::ApiKeyRevoked, Some(id))).await?;
            transaction.commit_unlogged().await?;
            Ok(Some(revoked.into()))
        })
        .await
    }
}
