//! Sessions of visitors, and the keys that sign their tokens.

use chrono::{DateTime, Utc};
use entity::{session, signing_key};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, Select, Set};
use uuid::Uuid;

use super::connect::{Store, StoreError};
use super::renewal::{Live, Renewal, Shown, Step, step};
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
                next_sealed: None,
                created_at: new.at,
                expires_at: new.expires_at,
                ended_at: None,
            };
            session::Entity::insert(row.into_active_model()).exec_without_returning(transaction.connection()).await?;
            transaction.commit_unlogged().await?;
            Ok(())
        })
        .await
    }

    /// Exchanges a refresh token ([`super::renewal`]).
    pub async fn renew_session(
        &self,
        id: Uuid,
        shown: Shown,
        at: DateTime<Utc>,
        expires_at: DateTime<Utc>,
    ) -> Result<Renewal<VisitorId>, StoreError> {
        let store = self.clone();
        to_its_end(async move {
            let transaction = store.begin(at).await?;
            transaction.hold(&format!("session {id}")).await?;
            let found = session::Entity::find_by_id(id).one(transaction.connection()).await?;
            let Some(row) = found.filter(|row| row.ended_at.is_none() && row.expires_at > at) else { return Ok(Renewal::Unknown) };
            let visitor = VisitorId(row.visitor_id);
            let live = Live { last: row.last_mark.as_deref(), next: &row.next_mark, sealed: row.next_sealed.as_deref() };
            let step = step(&live, &shown);
            let mut row = row.into_active_model();
            let outcome = match step {
                Step::Advance(next) => {
                    (row.last_mark, row.next_mark) = (Set(Some(shown.mark)), Set(next.mark.clone()));
                    (row.next_sealed, row.expires_at) = (Set(Some(next.sealed.clone())), Set(expires_at));
                    Renewal::Renewed(visitor, next)
                }
                Step::Repeat(next) => {
                    row.expires_at = Set(expires_at);
                    Renewal::Renewed(visitor, next)
                }
                // The row stays for as long as that of any session that ended: the visitor's trips go with it.
                Step::End => {
                    (row.ended_at, row.expires_at) = (Set(Some(at)), Set(at));
                    Renewal::Reused
                }
                Step::Refuse => return Ok(Renewal::Unknown),
            };
            row.update(transaction.connection()).await?;
            transaction.commit_unlogged().await?;
            Ok(outcome)
        })
        .await
    }
}
