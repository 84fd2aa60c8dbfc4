//! Sign-ins under way at an OpenID provider, and whose account there is joined with which of ours.

use chrono::{DateTime, Utc};
use entity::{account_identity, pending_sign_in};
use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, IntoActiveModel, QueryFilter};

use super::audit::AuditEntry;
use super::connect::{Store, StoreError};
use super::write::{WriteTransaction, to_its_end};
use crate::domain::audit::AuditAction;
use crate::domain::ids::AccountId;

/// A sign-in that is under way.
#[derive(Clone)]
pub struct PendingRow {
    /// Mark of the ticket that who began it holds.
    pub mark: String,
    /// The provider.
    pub provider: String,
    /// Mark of `state`.
    pub state: String,
    /// `nonce`.
    pub nonce: String,
    /// Code verifier.
    pub verifier: String,
    /// When it is too late.
    pub expires_at: DateTime<Utc>,
}

/// An account at a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// `iss`.
    pub issuer: String,
    /// `sub`.
    pub subject: String,
}

impl Store {
    /// Keeps a sign-in that begins, and forgets those that nobody completed.
    pub async fn begin_pending(&self, new: PendingRow, at: DateTime<Utc>) -> Result<(), StoreError> {
        let store = self.clone();
        to_its_end(async move {
            let transaction = store.begin(at).await?;
            let over = pending_sign_in::Column::ExpiresAt.lt(at);
            pending_sign_in::Entity::delete_many().filter(over).exec(transaction.connection()).await?;
            let row = pending_sign_in::Model {
                mark: new.mark,
                provider: new.provider,
                state: new.state,
                nonce: new.nonce,
                verifier: new.verifier,
                expires_at: new.expires_at,
            };
            pending_sign_in::Entity::insert(row.into_active_model()).exec_without_returning(transaction.connection()).await?;
            transaction.commit_unlogged().await
        })
        .await
    }

    /// Takes a sign-in out: of several who show its ticket, one gets it.
    pub async fn take_pending(&self, mark: String, at: DateTime<Utc>) -> Result<Option<PendingRow>, StoreError> {
        let store = self.clone();
        to_its_end(async move {
            let transaction = store.begin(at).await?;
            transaction.hold(&format!("pending_sign_in {mark}")).await?;
            let Some(row) = pending_sign_in::Entity::find_by_id(mark.clone()).one(transaction.connection()).await? else {
                return Ok(None);
            };
            pending_sign_in::Entity::delete_by_id(mark).exec(transaction.connection()).await?;
            transaction.commit_unlogged().await?;
            let pending = PendingRow {
                mark: row.mark,
                provider: row.provider,
                state: row.state,
                nonce: row.nonce,
                verifier: row.verifier,
                expires_at: row.expires_at,
            };
            Ok(Some(pending).filter(|pending| pending.expires_at > at))
        })
        .await
    }

    /// Our account that is joined with this one.
    pub async fn joined_account(&self, identity: &Identity) -> Result<Option<AccountId>, StoreError> {
        let key = (identity.issuer.clone(), identity.subject.clone());
        Ok(account_identity::Entity::find_by_id(key).one(&self.connection).await?.map(|row| AccountId(row.account_id)))
    }
}

impl WriteTransaction {
    /// Whether the account is joined with one at this provider. Who has its address there now may be somebody else.
    pub(super) async fn is_joined_at(&self, account: AccountId, issuer: &str) -> Result<bool, StoreError> {
        let joined = account_identity::Column::AccountId.eq(account.0).and(account_identity::Column::Issuer.eq(issuer));
        Ok(account_identity::Entity::find().filter(joined).one(self.connection()).await?.is_some())
    }

    /// Joins the account with one at a provider.
    pub(super) async fn join(&self, account: AccountId, identity: Identity) -> Result<(), StoreError> {
        let detail = serde_json::json!({ "issuer": identity.issuer });
        let row =
            account_identity::Model { issuer: identity.issuer, subject: identity.subject, account_id: account.0, created_at: self.at() };
        account_identity::Entity::insert(row.into_active_model()).exec_without_returning(self.connection()).await?;
        self.note_audit(AuditEntry::new(Some(account), AuditAction::IdentityJoined, Some(account.0)).with(detail)).await
    }
}
