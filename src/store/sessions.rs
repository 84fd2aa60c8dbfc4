//! Sessions of visitors, and the keys that sign their tokens.

use chrono::{DateTime, Utc};
use entity::{session, signing_key};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, Select, Set};
use uuid::Uuid;

use super::connect::{Store, StoreError};
use super::write::to_its_end;
use crate::domain::ids::VisitorId;

/// A key as it is kept.
#[derive(Clone)]
pub struct KeyRow {
    /// `kid` of the tokens it signs.
    pub kid: String,
    /// PKCS #8 DER, sealed.
    pub private_key: Vec<u8>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

impl From<signing_key::Model> for KeyRow {
    fn from(row: signing_key::Model) -> Self {
        Self { kid: row.kid, private_key: row.private_key, created_at: row.created_at }
    }
}

impl From<KeyRow> for signing_key::ActiveModel {
    fn from(row: KeyRow) -> Self {
        signing_key::Model { kid: row.kid, private_key: row.private_key, created_at: row.created_at }.into_active_model()
    }
}

fn youngest_first() -> Select<signing_key::Entity> {
    signing_key::Entity::find().order_by_desc(signing_key::Column::CreatedAt).order_by_desc(signing_key::Column::Kid)
}

/// A session as it begins.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// Identity.
    pub id: Uuid,
    /// Whose.
    pub visitor: VisitorId,
    /// Mark of the first refresh token.
    pub mark: String,
    /// When it begins.
    pub at: DateTime<Utc>,
    /// When it ends unless it is renewed.
    pub expires_at: DateTime<Utc>,
}

/// What became of a refresh token that was shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Renewal<T> {
    /// It was exchanged; whose the session is.
    Renewed(T),
    /// There is no such session, or it has ended.
    Unknown,
    /// The token had been exchanged before and its successor used: two parties hold this session, so it was ended.
    Reused,
}

impl Store {
    /// The keys, the youngest first.
    pub async fn signing_keys(&self) -> Result<Vec<KeyRow>, StoreError> {
        Ok(youngest_first().all(&self.connection).await?.into_iter().map(Into::into).collect())
    }

    /// The keys, the youngest first; when there is none yet, the given one is kept.
    pub async fn signing_keys_or(&self, first: KeyRow) -> Result<Vec<KeyRow>, StoreError> {
        let store = self.clone();
        to_its_end(async move {
            let transaction = store.begin(first.created_at).await?;
            // Processes that start together over an empty database must agree on one key.
            transaction.hold("signing_key").await?;
            let rows = youngest_first().all(transaction.connection()).await?;
            if !rows.is_empty() {
                return Ok(rows.into_iter().map(Into::into).collect());
            }
            signing_key::Entity::insert(signing_key::ActiveModel::from(first.clone()))
                .exec_without_returning(transaction.connection())
                .await?;
            transaction.commit_unlogged().await?;
            Ok(vec![first])
        })
        .await
    }

    /// Adds a key and removes those named, in one transaction.
    pub async fn replace_signing_keys(&self, added: KeyRow, removed: Vec<String>) -> Result<(), StoreError> {
        let store = self.clone();
        to_its_end(async move {
            let transaction = store.begin(added.created_at).await?;
            transaction.hold("signing_key").await?;
            signing_key::Entity::insert(signing_key::ActiveModel::from(added)).exec_without_returning(transaction.connection()).await?;
            signing_key::Entity::delete_many().filter(signing_key::Column::Kid.is_in(removed)).exec(transaction.connection()).await?;
            transaction.commit_unlogged().await?;
            Ok(())
        })
        .await
    }

    /// Begins a session.
    pub async fn begin_session(&self, new: NewSession) -> Result<(), StoreError> {
        let store = self.clone();
        to_its_end(async move {
            let transaction = store.begin(new.at).await?;
            let row = session::Model {
                id: new.id,
                visitor_id: new.visitor.0,
                last_mark: None,
                next_mark: new.mark,
                created_at: new.at,
                expires_at: new.expires_at,
            };
            session::Entity::insert(row.into_active_model()).exec_without_returning(transaction.connection()).await?;
            transaction.commit_unlogged().await?;
            Ok(())
        })
        .await
    }

    /// Exchanges the refresh token with `mark` for one with `next`.
    ///
    /// The token given out last may be shown, and the one shown last may be shown again: the answer with its successor may have been
    /// lost on the way. Any other of this session was used by somebody else before, so the session ends (RFC 9700 §4.14.2).
    pub async fn renew_session(
        &self,
        id: Uuid,
        mark: String,
        next: String,
        at: DateTime<Utc>,
        expires_at: DateTime<Utc>,
    ) -> Result<Renewal<VisitorId>, StoreError> {
        let store = self.clone();
        to_its_end(async move {
            let transaction = store.begin(at).await?;
            transaction.hold(&format!("session {id}")).await?;
            let found = session::Entity::find_by_id(id).one(transaction.connection()).await?;
            let Some(row) = found.filter(|row| row.expires_at > at) else { return Ok(Renewal::Unknown) };
            let visitor = VisitorId(row.visitor_id);
            let is_live = row.next_mark == mark || row.last_mark.as_ref() == Some(&mark);
            let outcome = if is_live {
                let renewed = session::ActiveModel {
                    last_mark: Set(Some(mark)),
                    next_mark: Set(next),
                    expires_at: Set(expires_at),
                    ..row.into_active_model()
                };
                renewed.update(transaction.connection()).await?;
                Renewal::Renewed(visitor)
            } else {
                session::Entity::delete_by_id(id).exec(transaction.connection()).await?;
                Renewal::Reused
            };
            transaction.commit_unlogged().await?;
            Ok(outcome)
        })
        .await
    }
}
