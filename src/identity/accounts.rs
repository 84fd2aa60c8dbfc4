//! Accounts: who works on the catalogue, and what they may do. How they come in is in [`super::sign_in`].

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::attempts::{Attempts, AttemptsError};
use super::oidc::Providers;
use super::password::{HashError, Hasher, NewPassword, PasswordRule};
use super::rights::{CommandLine, Grants, Permit, Right, Role};
use super::secret::{self, NoRandomness};
use super::session::Sessions;
use crate::domain::ids::{AccountId, RecordId};
use crate::store::accounts::{AccountRow, AccountWithGrants, GrantRow, NewAccount};
use crate::store::{Store, StoreError};

/// Longest e-mail address, in bytes (RFC 5321 §4.5.3.1.3).
pub const MAX_EMAIL: usize = 254;
/// Longest name, in characters.
pub const MAX_NAME: usize = 100;

/// Why an account cannot be used or changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AccountError {
    /// There is no such account any more, or it was closed.
    #[error("this account is closed")]
    Closed,
    /// No account has this address.
    #[error("no account has this e-mail address")]
    NotFound,
    /// There is no such key.
    #[error("there is no such key")]
    NoKey,
    /// The address has an account.
    #[error("an account has this e-mail address: give it a role instead")]
    Taken,
    /// It is no address.
    #[error("this is no e-mail address")]
    Email,
    /// It is no name.
    #[error("a name has from 1 to {MAX_NAME} characters")]
    Name,
    /// The password cannot be taken.
    #[error(transparent)]
    Password(#[from] PasswordRule),
    /// The role holds in a city, and none was named; or everywhere, and one was.
    #[error("{} {}", .0.as_str(), if .0.is_of_a_city() { "holds in one city: name it" } else { "holds everywhere: name no city" })]
    Place(Role),
    /// The account does not have the role.
    #[error("the account does not have this role here")]
    NotGiven,
    /// It has roles where who asks may not decide.
    #[error("the account has roles elsewhere, or none: ask an administrator of all cities")]
    Elsewhere,
    /// Nobody takes from themselves what they could not give back.
    #[error("you cannot take this from yourself: ask another administrator")]
    Yourself,
    /// A password could not be hashed.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// No secret could be made.
    #[error("no secret could be made")]
    Randomness(#[from] NoRandomness),
    /// The store failed.
    #[error("the accounts cannot be reached")]
    Store(#[from] StoreError),
}

impl From<AttemptsError> for AccountError {
    fn from(error: AttemptsError) -> Self {
        match error {
            AttemptsError::Store(error) => Self::Store(error),
            AttemptsError::Randomness(error) => Self::Randomness(error),
        }
    }
}

/// By whose word something is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authority {
    /// Of whoever may run the program beside the database.
    CommandLine(CommandLine),
    /// Of an account that may do it.
    Permit(Permit),
}

impl Authority {
    fn account(self) -> Option<AccountId> {
        match self {
            Self::CommandLine(_) => None,
            Self::Permit(permit) => Some(permit.account()),
        }
    }
}

/// An account, as those see it who may decide about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Identity.
    pub id: AccountId,
    /// E-mail address, lower case.
    pub email: String,
    /// Name shown to colleagues.
    pub name: String,
    /// Its roles, each in a city or everywhere.
    pub roles: Vec<(Role, Option<RecordId>)>,
    /// Whether it can be signed in to with a password.
    pub has_password: bool,
    /// Whether a second factor is asked for.
    pub has_totp: bool,
    /// When it was closed.
    pub disabled_at: Option<DateTime<Utc>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

impl Account {
    fn of((row, grants): AccountWithGrants) -> Self {
        Self {
            id: row.id,
            email: row.email,
            name: row.name,
            roles: roles(grants),
            has_password: row.password_hash.is_some(),
            has_totp: row.has_totp,
            disabled_at: row.disabled_at,
            created_at: row.created_at,
        }
    }
}

/// A role that a later version has and this one does not know gives nothing.
fn roles(grants: Vec<GrantRow>) -> Vec<(Role, Option<RecordId>)> {
    grants.into_iter().filter_map(|(role, city)| Some((Role::parse(&role)?, city))).collect()
}

/// The room's front.
pub struct Accounts {
    pub(super) store: Store,
    pub(super) sessions: Arc<Sessions>,
    pub(super) hasher: Hasher,
    pub(super) attempts: Attempts,
    pub(super) providers: Providers,
}

/// Somebody who shall have an account.
pub struct Newcomer<'a> {
    /// E-mail address, as it was typed.
    pub email: &'a str,
    /// Name shown to colleagues.
    pub name: &'a str,
    /// The role it begins with, in a city or everywhere.
    pub role: Option<(Role, Option<RecordId>)>,
    /// What it signs in with; without one by a provider only.
    pub password: Option<&'a NewPassword>,
}

impl Accounts {
    /// Over a store, with sessions that hold its tokens and the providers that may vouch for it.
    pub async fn open(store: Store, sessions: Arc<Sessions>, providers: Providers, now: DateTime<Utc>) -> Result<Self, AccountError> {
        let attempts = Attempts::open(store.clone(), now).await?;
        Ok(Self { hasher: Hasher::start().await?, attempts, store, sessions, providers })
    }

    /// What the account may do now.
    pub async fn grants(&self, account: AccountId) -> Result<Grants, AccountError> {
        let rows = self.store.open_account_grants(account).await?.ok_or(AccountError::Closed)?;
        Ok(Grants::new(account, roles(rows)))
    }

    /// Name of an account, closed ones too; `None` when there is none.
    pub async fn name(&self, account: AccountId) -> Result<Option<String>, AccountError> {
        Ok(self.store.account_name(account).await?)
    }

    async fn grant(
        &self,
        account: AccountId,
        (role, city): (Role, Option<RecordId>),
        by: Option<AccountId>,
        at: DateTime<Utc>,
    ) -> Result<(), AccountError> {
        Ok(self.store.add_account_grant(account, (role.as_str().to_owned(), city), by, at).await?)
    }

    /// The account itself; its owner may always see it.
    pub async fn own(&self, account: AccountId) -> Result<Account, AccountError> {
        let row = self.store.account(account).await?.filter(|row| row.disabled_at.is_none()).ok_or(AccountError::Closed)?;
        Ok(Account::of((row, self.store.account_grants(account).await?)))
    }

    /// Accounts by address after `after`, at most `limit`: those with a role in the permit's city, or all.
    pub async fn list(&self, permit: Permit, after: Option<String>, limit: u64) -> Result<Vec<Account>, AccountError> {
        self.list_of(permit.city(), after, limit).await
    }

    /// The same for the command line.
    pub async fn list_all(&self, _: CommandLine, after: Option<String>, limit: u64) -> Result<Vec<Account>, AccountError> {
        self.list_of(None, after, limit).await
    }

    async fn list_of(&self, city: Option<RecordId>, after: Option<String>, limit: u64) -> Result<Vec<Account>, AccountError> {
        Ok(self.store.accounts(city, after, limit).await?.into_iter().map(Account::of).collect())
    }

    /// Makes an account.
    pub async fn create(&self, authority: Authority, new: Newcomer<'_>, now: DateTime<Utc>) -> Result<Account, AccountError> {
        let email = checked_email(new.email)?;
        let name = checked_name(new.name)?;
        if let Some((role, city)) = new.role {
            placed(role, city, authority)?;
        }
        let password_hash = match new.password {
            Some(password) => Some(self.hasher.hash(password).await?),
            None => None,
        };
        let id = AccountId(secret::id()?);
        let grant = new.role.map(|(role, city)| (role.as_str().to_owned(), city));
        let row = NewAccount { id, email, name, password_hash, grant, by: authority.account(), at: now };
        if self.store.add_account(row).await? { self.shown(id).await } else { Err(AccountError::Taken) }
    }

    /// Gives the account of this address a role.
    pub async fn give(
        &self,
        authority: Authority,
        email: &str,
        (role, city): (Role, Option<RecordId>),
        now: DateTime<Utc>,
    ) -> Result<Account, AccountError> {
        placed(role, city, authority)?;
        let row = self.of_email(email).await?;
        self.grant(row.id, (role, city), authority.account(), now).await?;
        self.shown(row.id).await
    }

    /// Takes a role from the account of this address.
    pub async fn take(
        &self,
        authority: Authority,
        email: &str,
        (role, city): (Role, Option<RecordId>),
        now: DateTime<Utc>,
    ) -> Result<Account, AccountError> {
        placed(role, city, authority)?;
        let row = self.of_email(email).await?;
        if role.rights().contains(&Right::ManageAccounts) && authority.account() == Some(row.id) {
            return Err(AccountError::Yourself);
        }
        let grant = (role.as_str().to_owned(), city);
        let had_it = self.store.remove_account_grant(row.id, grant, authority.account(), now).await?;
        if had_it { self.shown(row.id).await } else { Err(AccountError::NotGiven) }
    }

    /// Closes the account of this address: its sessions end, and nothing can be changed with its tokens from now on. Somebody who
    /// decides in one city closes accounts that have roles there and nowhere else.
    pub async fn disable(&self, authority: Authority, email: &str, now: DateTime<Utc>) -> Result<Account, AccountError> {
        let row = self.of_email(email).await?;
        if authority.account() == Some(row.id) {
            return Err(AccountError::Yourself);
        }
        self.within(authority, row.id).await?;
        self.store.close_account(row.id, authority.account(), now).await?;
        self.shown(row.id).await
    }

    /// Opens the account of this address again, with the roles, the password and the second factor it had. The sessions that ended when
    /// it was closed stay ended. Who may close an account may open it.
    pub async fn enable(&self, authority: Authority, email: &str, now: DateTime<Utc>) -> Result<Account, AccountError> {
        let row = self.of_email(email).await?;
        self.within(authority, row.id).await?;
        self.store.reopen_account(row.id, authority.account(), now).await?;
        self.shown(row.id).await
    }

    /// Somebody who decides in one city decides about accounts that have roles there and nowhere else.
    async fn within(&self, authority: Authority, account: AccountId) -> Result<(), AccountError> {
        let Authority::Permit(permit) = authority else { return Ok(()) };
        let Some(city) = permit.city() else { return Ok(()) };
        let grants = self.store.account_grants(account).await?;
        let is_within = !grants.is_empty() && grants.iter().all(|(_, of)| *of == Some(city));
        if is_within { Ok(()) } else { Err(AccountError::Elsewhere) }
    }

    /// Gives the account of this address another password and takes its second factor away, for who lost one of them. Only the command
    /// line does this.
    pub async fn reset(&self, _: CommandLine, email: &str, password: &NewPassword, now: DateTime<Utc>) -> Result<(), AccountError> {
        let row = self.of_email(email).await?;
        let hash = self.hasher.hash(password).await?;
        if self.store.reset_account(row.id, hash, now).await? { Ok(()) } else { Err(AccountError::NotFound) }
    }

    async fn of_email(&self, email: &str) -> Result<AccountRow, AccountError> {
        self.store.account_by_email(&normal_email(email)).await?.ok_or(AccountError::NotFound)
    }

    async fn shown(&self, account: AccountId) -> Result<Account, AccountError> {
        let row = self.store.account(account).await?.ok_or(AccountError::NotFound)?;
        Ok(Account::of((row, self.store.account_grants(account).await?)))
    }
}

/// A role holds where it can, and is given and taken only where the authority reaches.
fn placed(role: Role, city: Option<RecordId>, authority: Authority) -> Result<(), AccountError> {
    if role.is_of_a_city() != city.is_some() {
        return Err(AccountError::Place(role));
    }
    match authority {
        Authority::Permit(permit) if permit.city() != city => Err(AccountError::Elsewhere),
        Authority::Permit(_) | Authority::CommandLine(_) => Ok(()),
    }
}

/// The address as it is kept and compared: without spaces around it, lower case.
pub fn normal_email(email: &str) -> String {
    email.trim().to_lowercase()
}

/// An address that could be one: something without spaces or control characters before and after one `@`.
fn checked_email(email: &str) -> Result<String, AccountError> {
    let email = normal_email(email);
    let is_plain = |letter: char| !letter.is_whitespace() && !letter.is_control() && !matches!(letter, ':' | '<' | '>' | ',');
    let is_one = email.len() <= MAX_EMAIL
        && email.chars().all(is_plain)
        && email.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.len() > 2 && !host.contains('@'));
    is_one.then_some(email).ok_or(AccountError::Email)
}

/// A name of a person or a partner.
pub(super) fn checked_name(name: &str) -> Result<String, AccountError> {
    let name = name.trim();
    let is_one = (1..=MAX_NAME).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    is_one.then(|| name.to_owned()).ok_or(AccountError::Name)
}
