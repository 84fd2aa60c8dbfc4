//! Passwords and second factors of accounts. Each change is made only when the account is still as it was when the proof for the change
//! was looked at, and is noted in the audit log by the same commit.

use chrono::{DateTime, Utc};
use entity::account::{ActiveModel, Entity, Model};
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, Set};
use serde_json::Value;
use uuid::Uuid;

use super::accounts::{AccountRow, lock_of};
use super::audit::AuditEntry;
use super::connect::{Store, StoreError};
use super::write::{WriteTransaction, to_its_end};
use crate::domain::audit::AuditAction;
use crate::domain::ids::AccountId;

/// A change of what proves an account.
pub enum CredentialChange {
    /// Another password; other sessions than the one named end.
    Password {
        /// PHC string of its hash.
        hash: String,
        /// The session that goes on.
        keep: Option<Uuid>,
        /// Time step of the code that was shown.
        step: Option<i64>,
    },
    /// A secret, sealed, for a second factor that is not asked for yet.
    TotpBegun(Vec<u8>),
    /// The second factor is asked for from now on; the time step of the code that showed it works.
    TotpConfirmed(i64),
    /// No second factor any more.
    TotpEnded,
}

impl CredentialChange {
    const fn action(&self) -> Option<AuditAction> {
        match self {
            Self::Password { .. } => Some(AuditAction::PasswordChanged),
            Self::TotpBegun(_) => None,
            Self::TotpConfirmed(_) => Some(AuditAction::TotpEnabled),
            Self::TotpEnded => Some(AuditAction::TotpDisabled),
        }
    }

    fn apply(self, row: Model, at: DateTime<Utc>) -> ActiveModel {
        let last = row.totp_last_step;
        let row = row.into_active_model();
        match self {
            Self::Password { hash, step, .. } => ActiveModel { password_hash: Set(Some(hash)), totp_last_step: Set(step.or(last)), ..row },
            Self::TotpBegun(secret) => ActiveModel { totp_secret: Set(Some(secret)), totp_last_step: Set(None), ..row },
            Self::TotpConfirmed(step) => ActiveModel { totp_confirmed_at: Set(Some(at)), totp_last_step: Set(Some(step)), ..row },
            Self::TotpEnded => without_totp(row),
        }
    }
}

fn without_totp(row: ActiveModel) -> ActiveModel {
    ActiveModel { totp_secret: Set(None), totp_confirmed_at: Set(None), totp_last_step: Set(None), ..row }
}

impl Store {
    /// Changes what proves an account; false when it is no longer as it was seen.
    pub async fn change_credentials(&self, seen: AccountRow, change: CredentialChange, at: DateTime<Utc>) -> Result<bool, StoreError> {
        let store = self.clone();
        to_its_end(async move {
            let transaction = store.begin(at).await?;
            transaction.hold(&lock_of(seen.id)).await?;
            let Some(row) = transaction.unchanged_account(&seen).await?.filter(|row| row.disabled_at.is_none()) else {
                return Ok(false);
            };
            if let CredentialChange::Password { keep, .. } = &change {
                transaction.end_sessions(seen.id, *keep).await?;
            }
            if let Some(action) = change.action() {
                transaction.note_audit(AuditEntry::new(Some(seen.id), action, Some(seen.id.0))).await?;
            }
            change.apply(row, at).update(transaction.connection()).await?;
            transaction.commit_unlogged().await?;
            Ok(true)
        })
        .await
    }

    /// Gives the account another password, takes its second factor away and ends all its sessions and its invitation; false when there is
    /// none.
    pub async fn reset_account(&self, account: AccountId, (hash, reach): (String, Value), at: DateTime<Utc>) -> Result<bool, StoreError> {
        let store = self.clone();
        to_its_end(async move {
            let transaction = store.begin(at).await?;
            transaction.hold(&lock_of(account)).await?;
            let is_there = transaction.set_password_anew(account, (hash, reach)).await?;
            if !is_there {
                return Ok(false);
            }
            transaction.note_audit(AuditEntry::new(None, AuditAction::AccountReset, Some(account.0))).await?;
            transaction.commit_unlogged().await?;
            Ok(true)
        })
        .await
    }
}

impl WriteTransaction {
    /// Gives the account the password of an invitation that it accepted, with how far those could decide who know it. Its second factor
    /// goes and its sessions end: whoever set them up may be somebody else.
    pub async fn accept_invitation(&self, account: AccountId, password: (String, Value)) -> Result<(), StoreError> {
        self.set_password_anew(account, password).await?;
        self.note_audit(AuditEntry::new(Some(account), AuditAction::InvitationAccepted, Some(account.0))).await
    }

    async fn set_password_anew(&self, account: AccountId, (hash, reach): (String, Value)) -> Result<bool, StoreError> {
        let Some(row) = Entity::find_by_id(account.0).one(self.connection()).await? else { return Ok(false) };
        self.end_sessions(account, None).await?;
        self.forget_invitation(account).await?;
        let anew = ActiveModel { password_hash: Set(Some(hash)), reach: Set(Some(reach)), ..without_totp(row.into_active_model()) };
        anew.update(self.connection()).await?;
        Ok(true)
    }
}
