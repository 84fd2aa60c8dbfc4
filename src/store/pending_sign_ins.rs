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
    /// When it is too late.
    pub expires_at: DateTime<Utc>,
    /// For whom the provider vouched, when a code of ours is asked for still.
    pub proven: Option<ProvenRow>,
}

/// For whom a provider vouched.
#[derive(Clone)]
pub struct ProvenRow {
    /// Mark of the provider's code, which is spent.
    pub spent_code: String,
    /// Our account.
    pub account: AccountId,
    /// The account at the provider.
    pub identity: Identity,
}

/// An account at a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// `iss`.
    pub issuer: String,
    /// `sub`.
    pub subject: String,
}

impl From<pending_sign_in::Model> for PendingRow {
    fn from(row: pending_sign_in::Model) -> Self {
        let proven = match (row.spent_code, row.account_id, row.issuer, row.subject) {
            (Some(spent_code), Some(account), Some(issuer), Some(subject)) => {
                Some(ProvenRow { spent_code, account: AccountId(account), identity: Identity { issuer, subject } })
            }
            _ => None,
        };
        Self { mark: row.mark, provider: row.provider, state: row.state, expires_at: row.expires_at, proven }
    }
}

impl From<PendingRow> for pending_sign_in::Model {
    fn from(row: PendingRow) -> Self {
        let proven = row.proven.map(|proven| (proven.spent_code, proven.account.0, proven.identity.issuer, proven.identity.subject));
        let (spent_code, account_id, issuer, subject) = match proven {
            Some((spent_code, account, issuer, subject)) => (Some(spent_code), Some(account), Some(issuer), Some(subject)),
            None => (None, None, None, None),
        };
        Self {
            mark: row.mark,
            provider: row.provider,
            state: row.state,
            expires_at: row.expires_at,
            spent_code,
            account_id,
            issuer,
            subject,
        }
    }
}

impl Store {
    /// Keeps a sign-in that begins, and forgets those that nobody completed.
    pub async fn begin_pending(&self, new: PendingRow, at: DateTime<Utc>) -> Result<(), StoreError> {
        let store = self.clone();
        to_its_end(async move {
            let transaction = store.begin(at).await?;
            let over = pending_sign_in::Column::ExpiresAt.lt(at);
            pending_sign_in::Entity::delete_many().filter(over).exec(transaction.connection()).await?;
            transaction.add_pending(new).await?;
            transaction.commit_unlogged().await
        })
        .await
    }

    /// Keeps a sign-in that was taken out and that the provider vouched for meanwhile; false when the account is joined with another one
    /// at the provider, so that it comes to nothing.
    pub async fn keep_proven(&self, row: PendingRow, joins: Option<Identity>, at: DateTime<Utc>) -> Result<bool, StoreError> {
        let store = self.clone();
        to_its_end(async move {
            let transaction = store.begin(at).await?;
            if let (Some(proven), Some(identity)) = (&row.proven, &joins)
                && transaction.is_joined_at(proven.account, &identity.issuer).await?
            {
                return Ok(false);
            }
            transaction.add_pending(row).await?;
            transaction.commit_unlogged().await?;
            Ok(true)
        })
        .await
    }

    /// Takes a sign-in out: of several who show its ticket, one gets it. One that the provider vouched for stays until it is completed
    /// ([`WriteTransaction::complete_pending`]), for a code may be shown again.
    pub async fn take_pending(&self, mark: String, at: DateTime<Utc>) -> Result<Option<PendingRow>, StoreError> {
        let store = self.clone();
        to_its_end(async move {
            let transaction = store.begin(at).await?;
            transaction.hold(&format!("pending_sign_in {mark}")).await?;
            let Some(row) = pending_sign_in::Entity::find_by_id(mark.clone()).one(transaction.connection()).await? else {
                return Ok(None);
            };
            let pending = PendingRow::from(row);
            if pending.proven.is_none() {
                pending_sign_in::Entity::delete_by_id(mark).exec(transaction.connection()).await?;
                transaction.commit_unlogged().await?;
            }
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
    async fn add_pending(&self, row: PendingRow) -> Result<(), StoreError> {
        let row = pending_sign_in::Model::from(row).into_active_model();
        pending_sign_in::Entity::insert(row).exec_without_returning(self.connection()).await?;
        Ok(())
    }

    /// Takes out a sign-in that is completed; false when somebody completed it before.
    pub(super) async fn complete_pending(&self, mark: String) -> Result<bool, StoreError> {
        Ok(pending_sign_in::Entity::delete_by_id(mark).exec(self.connection()).await?.rows_affected > 0)
    }

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
