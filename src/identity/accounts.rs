//! Accounts: who works on the catalogue, and what they may do. How they come in is in [`super::sign_in`].

use std::sync::Arc;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::attempts::{Attempts, AttemptsError};
use super::membership::check_place;
use super::oidc::Providers;
use super::password::{HashError, Hasher, NewPassword, PasswordRule};
use super::reach::{Proof, Reach};
use super::rights::{AccountSession, CommandLine, Denied, Grants, Permit, Role};
use super::secret::{self, NoRandomness};
use super::session::Sessions;
use super::vault::VaultError;
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
    /// The session of the token has ended, or its account was closed.
    #[error("this session has ended: sign in again")]
    Ended,
    /// The roles that are in force do not allow it any more.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The account was closed.
    #[error("this account is closed: open it first")]
    Disabled,
    /// It is the last open account that can use the role `ADMIN`.
    #[error("this is the last administrator of all cities: give somebody else the role first")]
    LastAdministrator,
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
    /// It has roles where who asks may not decide, or administers beside them.
    #[error("the account has roles elsewhere or none, or administers here too: ask an administrator of all cities")]
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
    /// A secret cannot be opened.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The store failed.
    #[error("the accounts cannot be reached")]
    Store(#[from] StoreError),
}

impl From<AttemptsError> for AccountError {
    fn from(error: AttemptsError) -> Self {
        match error {
            AttemptsError::Store(error) => Self::Store(error),
            AttemptsError::Randomness(error) => Self::Randomness(error),
            AttemptsError::Vault(error) => Self::Vault(error),
        }
    }
}

/// By whose word something is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authority {
    /// Of whoever may run the program beside the database.
    CommandLine(CommandLine),
    /// The same, who insists that the last administrator goes.
    ForcedCommandLine(CommandLine),
    /// Of an account that may do it.
    Permit(Permit),
}

/// A role of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeldRole {
    /// The role.
    pub role: Role,
    /// Where; absent when everywhere.
    pub city: Option<RecordId>,
    /// Whether it is in force: else it waits for an invitation by somebody who may give it.
    pub is_in_force: bool,
}

/// An account, as far as who asks may see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Identity.
    pub id: AccountId,
    /// E-mail address, lower case.
    pub email: String,
    /// Name shown to colleagues.
    pub name: String,
    /// Its roles, as far as who asks decides.
    pub roles: Vec<HeldRole>,
    /// Whether it can be signed in to with a password; `None` for those who decide in cities.
    pub has_password: Option<bool>,
    /// Whether a second factor is asked for; `None` for those who decide in cities.
    pub has_totp: Option<bool>,
    /// When it was closed.
    pub disabled_at: Option<DateTime<Utc>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

impl Account {
    /// As it is seen by somebody who decides so far; its roles are in force as far as that.
    fn of((row, grants): AccountWithGrants, seen: &Reach, in_force: &Reach) -> Self {
        let sees_all = *seen == Reach::Everywhere;
        let seen_here = |city: Option<RecordId>| match seen {
            Reach::Everywhere => true,
            Reach::Cities(cities) => city.is_some_and(|city| cities.contains(&city)),
        };
        let held = |(role, city): (Role, Option<RecordId>)| HeldRole { role, city, is_in_force: in_force.covers(role, city) };
        Self {
            id: row.id,
            email: row.email,
            name: row.name,
            roles: roles(grants).into_iter().filter(|(_, city)| seen_here(*city)).map(held).collect(),
            has_password: sees_all.then_some(row.password_hash.is_some()),
            has_totp: sees_all.then_some(row.has_totp),
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
        let attempts = Attempts::open(store.clone(), sessions.vault(), now).await?;
        Ok(Self { hasher: Hasher::start().await?, attempts, store, sessions, providers })
    }

    /// What the account may do now in a session. Fails with [`AccountError::Ended`] when the session has ended.
    pub async fn grants(&self, account: AccountId, session: Option<Uuid>, now: DateTime<Utc>) -> Result<Grants, AccountError> {
        let (row, session, given) = self.in_session(account, session, now).await?;
        let in_force = session.proof.reach(row.reach.as_ref());
        let roles = roles(given).into_iter().filter(|(role, city)| in_force.covers(*role, *city)).collect();
        Ok(Grants::new(session, roles))
    }

    async fn in_session(
        &self,
        account: AccountId,
        session: Option<Uuid>,
        now: DateTime<Utc>,
    ) -> Result<(AccountRow, AccountSession, Vec<GrantRow>), AccountError> {
        let session = session.ok_or(AccountError::Ended)?;
        let found = self.store.account_in_session(account, session, now).await?;
        let (row, proof, given) = found.ok_or(AccountError::Ended)?;
        Ok((row, AccountSession { account, session, proof: Proof::parse(&proof) }, given))
    }

    /// Name of an account, closed ones too; `None` when there is none.
    pub async fn name(&self, account: AccountId) -> Result<Option<String>, AccountError> {
        Ok(self.store.account_name(account).await?)
    }

    /// The account itself, as its owner sees it in a session; its owner may always see it.
    pub async fn own(&self, account: AccountId, session: Option<Uuid>, now: DateTime<Utc>) -> Result<Account, AccountError> {
        let (row, session, given) = self.in_session(account, session, now).await?;
        let in_force = session.proof.reach(row.reach.as_ref());
        Ok(Account::of((row, given), &Reach::Everywhere, &in_force))
    }

    /// Accounts by address after `after`, at most `limit`: those with a role in the permit's city, or all. Who decides in cities sees
    /// the roles there.
    pub async fn list(&self, permit: Permit, after: Option<String>, limit: u64) -> Result<Vec<Account>, AccountError> {
        let seen = match permit.city() {
            Some(city) if !permit.is_everywhere() => Reach::Cities(vec![city]),
            Some(_) | None => Reach::Everywhere,
        };
        Self::list_of(&self.store, permit.city(), &seen, after, limit).await
    }

    /// The same for the command line, from the store alone: whoever reads makes no keys.
    pub async fn list_all(store: &Store, _: CommandLine, after: Option<String>, limit: u64) -> Result<Vec<Account>, AccountError> {
        Self::list_of(store, None, &Reach::Everywhere, after, limit).await
    }

    async fn list_of(
        store: &Store,
        city: Option<RecordId>,
        seen: &Reach,
        after: Option<String>,
        limit: u64,
    ) -> Result<Vec<Account>, AccountError> {
        let rows = store.accounts(city, after, limit).await?;
        let joined = store.joined_accounts(&rows.iter().map(|(row, _)| row.id).collect::<Vec<_>>()).await?;
        let account = |(row, given): AccountWithGrants| {
            let in_force = widest(&row, joined.contains(&row.id));
            Account::of((row, given), seen, &in_force)
        };
        Ok(rows.into_iter().map(account).collect())
    }

    /// Makes an account with a password that the command line chose, or with none for who signs in by a provider. Nobody else makes one
    /// so: see [`Self::invite`].
    pub async fn create(&self, _: CommandLine, new: Newcomer<'_>, now: DateTime<Utc>) -> Result<Account, AccountError> {
        let email = checked_email(new.email)?;
        let name = checked_name(new.name)?;
        if let Some(role) = new.role {
            check_place(role)?;
        }
        let password_hash = match new.password {
            Some(password) => Some(self.hasher.hash(password).await?),
            None => None,
        };
        let id = AccountId(secret::id()?);
        let grant = new.role.map(|(role, city)| (role.as_str().to_owned(), city));
        let reach = new.password.map(|_| Reach::Everywhere.to_json());
        let row = NewAccount { id, email, name, password_hash, reach, grant, by: None, at: now };
        if self.store.add_account(row).await? { self.seen(id, &Reach::Everywhere).await } else { Err(AccountError::Taken) }
    }

    /// Gives the account of this address another password and takes its second factor away, for who lost one of them; all its roles are in
    /// force with it. Only the command line does this.
    pub async fn reset(&self, _: CommandLine, email: &str, password: &NewPassword, now: DateTime<Utc>) -> Result<(), AccountError> {
        let row = self.of_email(email).await?;
        let set = (self.hasher.hash(password).await?, Reach::Everywhere.to_json());
        if self.store.reset_account(row.id, set, now).await? { Ok(()) } else { Err(AccountError::NotFound) }
    }

    async fn of_email(&self, email: &str) -> Result<AccountRow, AccountError> {
        self.store.account_by_email(&normal_email(email)).await?.ok_or(AccountError::NotFound)
    }

    /// The account, as it is seen by somebody who decides so far.
    pub(super) async fn seen(&self, account: AccountId, by: &Reach) -> Result<Account, AccountError> {
        let row = self.store.account(account).await?.ok_or(AccountError::NotFound)?;
        let in_force = widest(&row, !self.store.joined_accounts(&[account]).await?.is_empty());
        Ok(Account::of((row, self.store.account_grants(account).await?), by, &in_force))
    }
}

/// How far the roles of an account are in force in the session that opens most: by a provider, when it is joined with one.
fn widest(row: &AccountRow, is_joined: bool) -> Reach {
    let proof = if is_joined { Proof::Provider } else { Proof::Password };
    proof.reach(row.reach.as_ref())
}

/// The address as it is kept and compared: without spaces around it, lower case.
pub fn normal_email(email: &str) -> String {
    email.trim().to_lowercase()
}

/// An address that could be one: something without spaces or control characters before and after one `@`.
pub(super) fn checked_email(email: &str) -> Result<String, AccountError> {
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
