//! Invitations: how somebody comes to an account. Whoever invites gets a code, passes it on, and never learns the password that is set
//! with it, unless they use the code themselves: therefore no password opens more than its inviter could have given ([`super::reach`]).

use std::net::IpAddr;

use chrono::{DateTime, Duration, Utc};

use super::accounts::{Account, AccountError, Accounts, Authority, checked_email, checked_name};
use super::attempts::Allowed;
use super::membership::{Deciding, PlacedRole, check_place, deciding_of};
use super::password::NewPassword;
use super::reach::{Proof, Reach};
use super::secret;
use super::session::Tokens;
use super::sign_in::{Beginning, SignInError};
use crate::domain::ids::AccountId;
use crate::store::account_changes::InvitationRow;
use crate::store::accounts::NewAccount;
use crate::store::to_its_end;
use crate::store::write::WriteTransaction;

/// How long an invitation can be accepted.
pub const LIFE: Duration = Duration::hours(72);

/// Somebody who is invited.
pub struct Guest<'a> {
    /// E-mail address, as it was typed.
    pub email: &'a str,
    /// Name shown to colleagues; one who has an account keeps theirs.
    pub name: &'a str,
    /// A role for them.
    pub role: PlacedRole,
}

/// An invitation that was made.
pub struct Invited {
    /// The account it is for.
    pub account: Account,
    /// What accepts it; told this once.
    pub code: String,
    /// When it is too late.
    pub ends: DateTime<Utc>,
}

/// Somebody who accepts an invitation.
#[derive(Clone, Copy)]
pub struct Acceptance<'a> {
    /// The code.
    pub code: &'a str,
    /// The password to be.
    pub password: &'a str,
    /// The client's address.
    pub place: Option<IpAddr>,
}

impl Accounts {
    /// Invites somebody to an account with a role, which is made when there is none. Who has one gets the role and sets another password:
    /// until then the one before goes on. The invitation before it does not hold any more.
    ///
    /// Fails with [`AccountError::Taken`] when the address has an account that who asks may not decide about as a whole.
    pub async fn invite(&self, authority: Authority, guest: Guest<'_>, now: DateTime<Utc>) -> Result<Invited, AccountError> {
        check_place(guest.role)?;
        let (email, name) = (checked_email(guest.email)?, checked_name(guest.name)?);
        let (code, ends, new) = (secret::text()?, now + LIFE, AccountId(secret::id()?));
        let (store, mark, (role, city)) = (self.store.clone(), secret::mark(&code), guest.role);
        let (id, reach) = to_its_end(async move {
            let transaction = store.begin_account_change(now).await?;
            let deciding = Deciding::read(&transaction, authority).await?;
            if !deciding.reach.covers(role, city) {
                return Err(AccountError::Elsewhere);
            }
            let grant = (role.as_str().to_owned(), city);
            let id = match transaction.account_of(&email).await? {
                None => {
                    let (grant, by) = (Some(grant), deciding.account);
                    transaction
                        .add_account(NewAccount { id: new, email, name, password_hash: None, reach: None, grant, by, at: now })
                        .await?;
                    new
                }
                Some(row) if row.disabled_at.is_some() => return Err(AccountError::Disabled),
                Some(row) => {
                    deciding.check(row.id, &transaction.given(row.id).await?).map_err(|error| match error {
                        AccountError::Elsewhere => AccountError::Taken,
                        other => other,
                    })?;
                    transaction.give(row.id, grant, deciding.account).await?;
                    row.id
                }
            };
            let (reach, by) = (deciding.reach.to_json(), deciding.account);
            transaction.invite(InvitationRow { mark, account: id, reach, by, expires_at: ends }, city).await?;
            transaction.commit_accounts().await?;
            Ok((id, deciding.reach))
        })
        .await?;
        Ok(Invited { account: self.seen(id, &reach).await?, code, ends })
    }

    /// Accepts an invitation: the account has this password from now on, no second factor, and one session, whose tokens are given.
    pub async fn accept_invitation(&self, accepted: Acceptance<'_>, now: DateTime<Utc>) -> Result<Tokens, SignInError> {
        if let Allowed::After(seconds) = self.attempts.count_other("invitation", accepted.place, now).await? {
            return Err(SignInError::TooMany(seconds));
        }
        let mark = secret::mark(accepted.code.trim());
        let found = self.store.invitation(&mark).await?.filter(|found| found.expires_at > now).ok_or(SignInError::Invitation)?;
        let account = self.store.account(found.account).await?.ok_or(SignInError::Invitation)?;
        let password = NewPassword::new(accepted.password, &account.email).map_err(SignInError::InvitedPassword)?;
        let (store, hash) = (self.store.clone(), self.hasher.hash(&password).await?);
        to_its_end(async move {
            let transaction = store.begin_account_change(now).await?;
            accept(&transaction, &mark, hash, now).await?;
            Ok::<_, SignInError>(transaction.commit_accounts().await?)
        })
        .await?;
        self.sessions.look();
        let account = self.store.account(found.account).await?.ok_or(SignInError::Invitation)?;
        let beginning = Beginning { account, step: None, settled: None, joins: None, completes: None, by: Proof::Password };
        self.begin(beginning, now).await?.ok_or(SignInError::Changed)
    }
}

/// Sets the password of an invitation that holds still. Its inviter may have lost the authority since, or part of it; and where the
/// account can be used already, the inviter must still be allowed to decide about it.
async fn accept(transaction: &WriteTransaction, mark: &str, hash: String, now: DateTime<Utc>) -> Result<(), SignInError> {
    let found = transaction.take_invitation(mark).await?.filter(|found| found.expires_at > now).ok_or(SignInError::Invitation)?;
    let account = transaction.account(found.account).await?.filter(|row| row.disabled_at.is_none()).ok_or(SignInError::Invitation)?;
    let inviter = deciding_of(transaction, found.by).await?;
    let reach = Reach::from_json(&found.reach).and(&inviter.reach);
    let is_in_use = account.password_hash.is_some() || transaction.is_joined(account.id).await?;
    let may_decide = !is_in_use || inviter.check(account.id, &transaction.given(account.id).await?).is_ok();
    if reach == Reach::NOWHERE || !may_decide {
        return Err(SignInError::Invitation);
    }
    transaction.accept_invitation(account.id, (hash, reach.to_json())).await?;
    Ok(())
}
