//! Sessions of accounts: begun by a sign-in, renewed by refresh tokens, of which only the marks are kept.

use chrono::{DateTime, Utc};
use entity::{account, account_session};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, ExprTrait, IntoActiveModel, QueryFilter, Set};
use serde_json::{Value, json};
use uuid::Uuid;

use super::accounts::{AccountRow, lock_of};
use super::attempts::Settled;
use super::audit::AuditEntry;
use super::connect::{Store, StoreError};
use super::pending_sign_ins::Identity;
use super::renewal::{Live, Renewal, Shown, Step, step};
use super::write::{WriteTransaction, to_its_end};
use crate::domain::audit::AuditAction;
use crate::domain::ids::AccountId;

/// A sign-in whose proof was found good.
pub struct SignIn {
    /// Identity of the session.
    pub session: Uuid,
    /// The account as it was when the proof was looked at.
    pub account: AccountRow,
    /// Mark of the first refresh token.
    pub mark: String,
    /// Time step of the code that was shown.
    pub step: Option<i64>,
    /// What it changes in the counts of tries.
    pub settled: Option<Settled>,
    /// The provider's account that was shown and is to be joined.
    pub joins: Option<Identity>,
    /// Mark of the sign-in at a provider that is completed by it.
    pub completes: Option<String>,
    /// By what it was proven, as a word.
    pub by: &'static str,
    /// Whether an invitation that is open comes to nothing by it: the owner is in by another way.
    pub ends_invitation: bool,
    /// When it begins.
    pub at: DateTime<Utc>,
    /// When it ends unless it is renewed.
    pub expires_at: DateTime<Utc>,
}

/// How long a session of an account may go on.
#[derive(Clone, Copy, Debug)]
pub struct Lives {
    /// Without being used.
    pub unused: chrono::Duration,
    /// At all.
    pub whole: chrono::Duration,
}

impl Store {
    /// Begins a session; false when the account is no longer as it was when the proof was looked at, or what is to be completed was
    /// completed before.
    pub async fn begin_account_session(&self, new: SignIn) -> Result<bool, StoreError> {
        let store = self.clone();
        to_its_end(async move {
            let transaction = store.begin(new.at).await?;
            let account = new.account.id;
            transaction.hold(&lock_of(account)).await?;
            let Some(row) = transaction.unchanged_account(&new.account).await?.filter(|row| row.disabled_at.is_none()) else {
                return Ok(false);
            };
            if let Some(identity) = &new.joins
                && transaction.is_joined_at(account, &identity.issuer).await?
            {
                return Ok(false);
            }
            if let Some(mark) = new.completes
                && !transaction.complete_pending(mark).await?
            {
                return Ok(false);
            }
            let session = account_session::Model {
                id: new.session,
                account_id: account.0,
                proven_by: new.by.to_owned(),
                last_mark: None,
                next_mark: new.mark,
                next_sealed: None,
                created_at: new.at,
                expires_at: new.expires_at,
            };
            account_session::Entity::insert(session.into_active_model()).exec_without_returning(transaction.connection()).await?;
            if let Some(step) = new.step {
                let used = account::ActiveModel { totp_last_step: Set(Some(step)), ..row.into_active_model() };
                used.update(transaction.connection()).await?;
            }
            if let Some(settled) = new.settled {
                transaction.settle(settled).await?;
            }
            if let Some(identity) = new.joins {
                transaction.join(account, identity).await?;
            }
            if new.ends_invitation {
                transaction.forget_invitation(account).await?;
            }
            let entry = AuditEntry::new(Some(account), AuditAction::SignedIn, Some(account.0)).with(json!({ "by": new.by }));
            transaction.note_audit(entry).await?;
            transaction.commit_unlogged().await?;
            Ok(true)
        })
        .await
    }

    /// Notes a sign-in that failed, with the reason as a word. The work is the same whether there is such an account or not.
    pub async fn note_failed_sign_in(&self, account: Option<AccountId>, detail: Value, at: DateTime<Utc>) -> Result<(), StoreError> {
        let store = self.clone();
        to_its_end(async move {
            let transaction = store.begin(at).await?;
            let entry = AuditEntry::new(None, AuditAction::SignInFailed, account.map(|account| account.0)).with(detail);
            transaction.note_audit(entry).await?;
            transaction.commit_unlogged().await
        })
        .await
    }

    /// Exchanges a refresh token of an account as [`Store::renew_session`] does one of a visitor. A closed account has no session.
    pub async fn renew_account_session(
        &self,
        id: Uuid,
        shown: Shown,
        at: DateTime<Utc>,
        lives: Lives,
    ) -> Result<Renewal<(AccountId, DateTime<Utc>)>, StoreError> {
        let store = self.clone();
        to_its_end(async move {
            let transaction = store.begin(at).await?;
            transaction.hold(&format!("account_session {id}")).await?;
            let found = account_session::Entity::find_by_id(id).one(transaction.connection()).await?;
            let Some(row) = found.filter(|row| row.expires_at > at) else { return Ok(Renewal::Unknown) };
            let account = AccountId(row.account_id);
            let is_open = account::Entity::find_by_id(account.0).filter(account::Column::DisabledAt.is_null());
            if is_open.one(transaction.connection()).await?.is_none() {
                return Ok(Renewal::Unknown);
            }
            let expires_at = Ord::min(at + lives.unused, row.created_at + lives.whole);
            let live = Live { last: row.last_mark.as_deref(), next: &row.next_mark, sealed: row.next_sealed.as_deref() };
            let step = step(&live, &shown);
            let mut row = account_session::ActiveModel { expires_at: Set(expires_at), ..row.into_active_model() };
            let outcome = match step {
                Step::Advance(next) => {
                    (row.last_mark, row.next_mark) = (Set(Some(shown.mark)), Set(next.mark.clone()));
                    row.next_sealed = Set(Some(next.sealed.clone()));
                    row.update(transaction.connection()).await?;
                    Renewal::Renewed((account, expires_at), next)
                }
                Step::Repeat(next) => {
                    row.update(transaction.connection()).await?;
                    Renewal::Renewed((account, expires_at), next)
                }
                Step::End => {
                    account_session::Entity::delete_by_id(id).exec(transaction.connection()).await?;
                    transaction.note_audit(AuditEntry::new(None, AuditAction::SessionReused, Some(account.0))).await?;
                    Renewal::Reused
                }
                Step::Refuse => return Ok(Renewal::Unknown),
            };
            transaction.commit_unlogged().await?;
            Ok(outcome)
        })
        .await
    }

    /// Ends a session of the account; false when it had ended.
    pub async fn end_account_session(&self, account: AccountId, session: Uuid, at: DateTime<Utc>) -> Result<bool, StoreError> {
        let store = self.clone();
        to_its_end(async move {
            let transaction = store.begin(at).await?;
            let theirs = account_session::Column::AccountId.eq(account.0).and(account_session::Column::Id.eq(session));
            let ended = account_session::Entity::delete_many().filter(theirs).exec(transaction.connection()).await?;
            if ended.rows_affected == 0 {
                return Ok(false);
            }
            transaction.note_audit(AuditEntry::new(Some(account), AuditAction::SignedOut, Some(account.0))).await?;
            transaction.commit_unlogged().await?;
            Ok(true)
        })
        .await
    }
}

impl WriteTransaction {
    /// The account's row, when its password and second factor are still as they were seen.
    pub(super) async fn unchanged_account(&self, seen: &AccountRow) -> Result<Option<account::Model>, StoreError> {
        let row = account::Entity::find_by_id(seen.id.0).one(self.connection()).await?;
        Ok(row.filter(|row| {
            row.password_hash == seen.password_hash
                && row.totp_secret == seen.totp_secret
                && row.totp_confirmed_at.is_some() == seen.has_totp
                && row.totp_last_step == seen.totp_last_step
        }))
    }

    /// Ends all sessions of the account but the one to be kept.
    pub(super) async fn end_sessions(&self, account: AccountId, keep: Option<Uuid>) -> Result<(), StoreError> {
        let mut ended = account_session::Entity::delete_many().filter(account_session::Column::AccountId.eq(account.0));
        if let Some(keep) = keep {
            ended = ended.filter(account_session::Column::Id.ne(keep));
        }
        ended.exec(self.connection()).await?;
        Ok(())
    }
}
