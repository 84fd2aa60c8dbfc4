//! Coming in by password and code, and changing what proves who one is. How somebody comes in because a provider vouches is in
//! [`super::sign_in_with`].
//!
//! Whoever does not come in is told the same, after the same work, whether there is no such account, it is closed, has no password, or
//! has another: one count, one look-up, one hash, one row of the audit log.

use std::net::IpAddr;

use chrono::{DateTime, Utc};
use serde_json::json;
use uuid::Uuid;

use super::accounts::{Accounts, MAX_EMAIL, normal_email};
use super::attempts::{Allowed, Tried};
use super::oidc::OidcError;
use super::password::{HashError, NewPassword, PasswordRule};
use super::reach::Proof;
use super::secret::{self, NoRandomness};
use super::session::{ACCOUNT_LIVES, SessionError, Tokens};
use super::totp;
use super::vault::VaultError;
use crate::domain::ids::{AccountId, VisitorId};
use crate::store::StoreError;
use crate::store::account_sessions::SignIn;
use crate::store::accounts::AccountRow;
use crate::store::attempts::Settled;
use crate::store::credentials::CredentialChange;
use crate::store::pending_sign_ins::Identity;
use crate::store::sealed::SealedColumn;

/// Why somebody does not come in, or cannot change by what they do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SignInError {
    /// The address and the password do not go together, whatever the reason.
    #[error("the e-mail address and the password do not go together")]
    Wrong,
    /// The password is right, or a provider vouches, and a code is asked for.
    #[error("a code of your authenticator app is needed")]
    CodeRequired,
    /// The invitation was never made, was accepted, was replaced by another, is too old, or its inviter may not make it any more.
    #[error("this invitation does not hold any more: ask for another")]
    Invitation,
    /// The password of an invitation cannot be taken.
    #[error(transparent)]
    InvitedPassword(PasswordRule),
    /// The code is not one that may be used now.
    #[error("the code is wrong, too old, or was used before")]
    WrongCode,
    /// There were too many tries.
    #[error("there were too many tries: wait {0} seconds")]
    TooMany(u32),
    /// The new password cannot be taken.
    #[error(transparent)]
    Rule(#[from] PasswordRule),
    /// The account changed meanwhile.
    #[error("the account was changed meanwhile: try again")]
    Changed,
    /// There is a second factor already.
    #[error("a second factor is asked for already: end it first")]
    HasTotp,
    /// There is no second factor, or none was begun.
    #[error("there is no second factor: begin one first")]
    NoTotp,
    /// A provider does not vouch.
    #[error(transparent)]
    Oidc(#[from] OidcError),
    /// The ticket was used, is too old, or of another sign-in.
    #[error("this sign-in was completed before or took too long: begin again")]
    Ticket,
    /// The provider vouches for somebody who has no open account here, or did not verify their address.
    #[error("nobody here has an account with the e-mail address that the provider verified: ask your administrator")]
    NotOurs,
    /// There is no such account any more, or it was closed.
    #[error("this account is closed")]
    Closed,
    /// No password could be hashed.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// No secret could be made.
    #[error("no secret could be made")]
    Randomness(#[from] NoRandomness),
    /// No session could be begun.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// A secret cannot be opened or sealed.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The store failed.
    #[error("the accounts cannot be reached")]
    Store(#[from] StoreError),
}

/// What somebody shows to come in.
#[derive(Clone, Copy)]
pub struct Shown<'a> {
    /// E-mail address, as it was typed.
    pub email: &'a str,
    /// Password.
    pub password: &'a str,
    /// Code of the second factor.
    pub code: Option<&'a str>,
    /// The client's address.
    pub place: Option<IpAddr>,
}

/// The account that asks, with what it shows again because much depends on it.
#[derive(Clone, Copy)]
pub struct Reproof<'a> {
    /// The account.
    pub account: AccountId,
    /// Its password.
    pub password: &'a str,
    /// A code, where there is a second factor.
    pub code: Option<&'a str>,
    /// The client's address.
    pub place: Option<IpAddr>,
}

/// A second factor that was begun: told once.
pub struct BegunTotp {
    /// The secret in base32, to be typed.
    pub secret: String,
    /// The same as `otpauth://…`, for a picture.
    pub url: String,
}

/// A session that is to begin.
pub(super) struct Beginning {
    pub account: AccountRow,
    pub step: Option<i64>,
    pub settled: Option<Settled>,
    pub joins: Option<Identity>,
    pub completes: Option<String>,
    pub by: Proof,
}

impl Accounts {
    /// How many passwords were hashed since the start.
    pub fn hashed(&self) -> u64 {
        self.hasher.hashed()
    }

    /// Signs in with a password, and a code where there is a second factor.
    pub async fn sign_in(&self, shown: Shown<'_>, now: DateTime<Utc>) -> Result<Tokens, SignInError> {
        let email = normal_email(shown.email);
        let tried = Tried { name: &email, place: shown.place };
        self.count(tried, now).await?;
        let found = if email.len() <= MAX_EMAIL { self.store.account_by_email(&email).await? } else { None };
        let (account, step) = self.proven(found, shown.password, shown.code, now).await?;
        let settled = Some(self.attempts.settled(tried, now).await?);
        self.begin(Beginning { account, step, settled, joins: None, completes: None, by: Proof::Password }, now)
            .await?
            .ok_or(SignInError::Wrong)
    }

    pub(super) async fn count(&self, tried: Tried<'_>, now: DateTime<Utc>) -> Result<(), SignInError> {
        match self.attempts.count(tried, now).await? {
            Allowed::Yes => Ok(()),
            Allowed::After(seconds) => Err(SignInError::TooMany(seconds)),
        }
    }

    /// Counts a try of a code by which a visitor takes trips along.
    pub async fn count_transfer(&self, visitor: VisitorId, place: Option<IpAddr>, now: DateTime<Utc>) -> Result<(), SignInError> {
        match self.attempts.count_transfer(visitor, place, now).await? {
            Allowed::Yes => Ok(()),
            Allowed::After(seconds) => Err(SignInError::TooMany(seconds)),
        }
    }

    /// The account, when it is open and the password and the code are its.
    async fn proven(
        &self,
        found: Option<AccountRow>,
        password: &str,
        code: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<(AccountRow, Option<i64>), SignInError> {
        let open = found.as_ref().filter(|account| account.disabled_at.is_none());
        let kept = open.and_then(|account| account.password_hash.as_deref());
        let is_right = self.hasher.is_right(password, kept).await?;
        let id = found.as_ref().map(|account| account.id);
        let Some(account) = found.filter(|_| is_right) else {
            self.store.note_failed_sign_in(id, json!({ "by": Proof::Password.as_str() }), now).await?;
            return Err(SignInError::Wrong);
        };
        let Some(secret) = account.asked_totp() else { return Ok((account, None)) };
        let step = self.step(&account, secret, shown_code(code)?, now).await?;
        Ok((account, Some(step)))
    }

    /// The time step of the code, when it is the account's and may be used now. Whoever asks has counted the try.
    pub(super) async fn step(&self, account: &AccountRow, sealed: &[u8], code: &str, now: DateTime<Utc>) -> Result<i64, SignInError> {
        let secret = self.totp_secret(account.id, sealed)?;
        if let Some(step) = totp::check(&secret, code, account.totp_last_step, now) {
            return Ok(step);
        }
        self.store.note_failed_sign_in(Some(account.id), json!({ "by": "CODE" }), now).await?;
        Err(SignInError::WrongCode)
    }

    fn totp_secret(&self, account: AccountId, sealed: &[u8]) -> Result<Vec<u8>, VaultError> {
        self.sessions.vault().unseal(SealedColumn::TotpSecret, &account.0.to_string(), sealed)
    }

    /// Begins a session; `None` when the account is no longer as it was.
    pub(super) async fn begin(&self, beginning: Beginning, now: DateTime<Utc>) -> Result<Option<Tokens>, SignInError> {
        let Beginning { account, step, settled, joins, completes, by } = beginning;
        let ends = now + ACCOUNT_LIVES.unused;
        let (session, tokens) = self.sessions.account_tokens(account.id, ends, now)?;
        let mark = secret::mark(&tokens.refresh);
        let ends_invitation = by == Proof::Provider;
        let by = by.as_str();
        let begun = SignIn { session, account, mark, step, settled, joins, completes, by, ends_invitation, at: now, expires_at: ends };
        Ok(self.store.begin_account_session(begun).await?.then_some(tokens))
    }

    /// Ends the session; false when it had ended.
    pub async fn sign_out(&self, account: AccountId, session: Uuid, now: DateTime<Utc>) -> Result<bool, SignInError> {
        let has_ended = self.store.end_account_session(account, session, now).await?;
        self.sessions.look();
        Ok(has_ended)
    }

    /// The account with its password and code shown again. Tries are counted as those of a sign-in are.
    async fn reproven(&self, shown: Reproof<'_>, now: DateTime<Utc>) -> Result<(AccountRow, Option<i64>), SignInError> {
        let account = self.open_account(shown.account).await?;
        let email = account.email.clone();
        self.count(Tried { name: &email, place: shown.place }, now).await?;
        self.proven(Some(account), shown.password, shown.code, now).await
    }

    async fn open_account(&self, account: AccountId) -> Result<AccountRow, SignInError> {
        self.store.account(account).await?.filter(|row| row.disabled_at.is_none()).ok_or(SignInError::Closed)
    }

    async fn change(&self, account: AccountRow, change: CredentialChange, now: DateTime<Utc>) -> Result<(), SignInError> {
        if self.store.change_credentials(account, change, now).await? { Ok(()) } else { Err(SignInError::Changed) }
    }

    /// Changes the password and ends all sessions but the one that goes on.
    pub async fn change_password(&self, shown: Reproof<'_>, new: &str, keep: Option<Uuid>, now: DateTime<Utc>) -> Result<(), SignInError> {
        let (account, step) = self.reproven(shown, now).await?;
        let hash = self.hasher.hash(&NewPassword::new(new, &account.email)?).await?;
        self.change(account, CredentialChange::Password { hash, keep, step }, now).await?;
        self.sessions.look();
        Ok(())
    }

    /// Begins a second factor: it is asked for once a code has shown that it works. Beginning anew forgets the secret before. Who has a
    /// password shows it: an access token that was stolen must not shut its owner out.
    pub async fn begin_totp(&self, shown: Reproof<'_>, now: DateTime<Utc>) -> Result<BegunTotp, SignInError> {
        let account = self.open_account(shown.account).await?;
        if account.has_totp {
            return Err(SignInError::HasTotp);
        }
        let account = if account.password_hash.is_some() { self.reproven(shown, now).await?.0 } else { account };
        let new = totp::new_secret()?;
        let (secret, url) = totp::told(&new, &account.email).ok_or(SignInError::NoTotp)?;
        let sealed = self.sessions.vault().seal(SealedColumn::TotpSecret, &account.id.0.to_string(), &new)?;
        self.change(account, CredentialChange::TotpBegun(sealed), now).await?;
        Ok(BegunTotp { secret, url })
    }

    /// Asks for the second factor from now on. Tries are counted as those of a sign-in are, and a good one is not taken out of the
    /// counts: who stole an access token could begin and confirm a factor of their own, and so guess passwords without end.
    pub async fn confirm_totp(&self, account: AccountId, code: &str, place: Option<IpAddr>, now: DateTime<Utc>) -> Result<(), SignInError> {
        let account = self.open_account(account).await?;
        if account.has_totp {
            return Err(SignInError::HasTotp);
        }
        let secret = self.totp_secret(account.id, account.totp_secret.as_deref().ok_or(SignInError::NoTotp)?)?;
        self.count(Tried { name: &account.email, place }, now).await?;
        let step = totp::check(&secret, code, None, now).ok_or(SignInError::WrongCode)?;
        self.change(account, CredentialChange::TotpConfirmed(step), now).await
    }

    /// Asks for no second factor any more.
    pub async fn disable_totp(&self, shown: Reproof<'_>, now: DateTime<Utc>) -> Result<(), SignInError> {
        let (account, step) = self.reproven(shown, now).await?;
        step.ok_or(SignInError::NoTotp)?;
        self.change(account, CredentialChange::TotpEnded, now).await
    }
}

/// The code, when one was shown at all.
pub(super) fn shown_code(code: Option<&str>) -> Result<&str, SignInError> {
    code.filter(|code| !code.trim().is_empty()).ok_or(SignInError::CodeRequired)
}
