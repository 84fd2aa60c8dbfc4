//! Deciding about accounts: who gets a role and who loses one, who is closed and who is opened again.
//!
//! What must hold, whoever asks at the same time: nobody decides further than their own roles reach at the moment it is written; nobody
//! of lesser authority touches an account with greater roles; whoever administers a city is touched by who appointed them and by
//! administrators of all cities, not by those beside or below them; and one account stays that can use the role `ADMIN`.

use chrono::{DateTime, Utc};

use super::accounts::{Account, AccountError, Accounts, Authority, normal_email};
use super::reach::{Proof, Reach};
use super::rights::{Denied, Role};
use crate::domain::ids::{AccountId, RecordId};
use crate::store::account_changes::GivenRow;
use crate::store::accounts::AccountRow;
use crate::store::write::WriteTransaction;
use crate::store::{StoreError, to_its_end};

/// A role in a city, or everywhere.
pub type PlacedRole = (Role, Option<RecordId>);

/// Who decides, as it was read under the lock of the change.
pub(super) struct Deciding {
    /// The account; absent for the command line.
    pub account: Option<AccountId>,
    /// How far it decides.
    pub reach: Reach,
    /// Whether the last administrator may go.
    is_forced: bool,
}

impl Deciding {
    /// Reads what the authority is worth now. Its session may have ended and its roles been taken since the request began.
    pub async fn read(transaction: &WriteTransaction, authority: Authority) -> Result<Self, AccountError> {
        let permit = match authority {
            Authority::CommandLine(_) => return Ok(Self { account: None, reach: Reach::Everywhere, is_forced: false }),
            Authority::ForcedCommandLine(_) => return Ok(Self { account: None, reach: Reach::Everywhere, is_forced: true }),
            Authority::Permit(permit) => permit,
        };
        let session = permit.session();
        let row = transaction.account(session.account).await?.filter(|row| row.disabled_at.is_none()).ok_or(AccountError::Ended)?;
        if !transaction.is_live(session.account, session.session).await? {
            return Err(AccountError::Ended);
        }
        let in_force = session.proof.reach(row.reach.as_ref());
        let reach = Reach::of(&known_roles(&transaction.given(row.id).await?, &in_force));
        let is_allowed = match permit.city() {
            Some(city) => reach.covers(Role::CityAdmin, Some(city)),
            None => reach == Reach::Everywhere,
        };
        if is_allowed { Ok(Self { account: Some(row.id), reach, is_forced: false }) } else { Err(Denied.into()) }
    }

    /// Fails unless it may decide about the account as a whole.
    pub fn check(&self, target: AccountId, given: &[GivenRow]) -> Result<(), AccountError> {
        if self.account == Some(target) {
            return Err(AccountError::Yourself);
        }
        if self.reach == Reach::Everywhere {
            return Ok(());
        }
        let is_below = |given: &GivenRow| {
            let role = Role::parse(&given.grant.0).filter(|role| self.reach.covers(*role, given.grant.1));
            role.is_some_and(|role| !manages(role) || given.by == self.account)
        };
        if !given.is_empty() && given.iter().all(is_below) { Ok(()) } else { Err(AccountError::Elsewhere) }
    }

    /// Fails unless it may take this role from the account.
    fn check_takes(&self, target: AccountId, (role, city): PlacedRole, given: &[GivenRow]) -> Result<(), AccountError> {
        if manages(role) && self.account == Some(target) {
            return Err(AccountError::Yourself);
        }
        if self.reach == Reach::Everywhere {
            return Ok(());
        }
        let is_it = |given: &&GivenRow| given.grant == (role.as_str().to_owned(), city);
        let is_greater = given.iter().any(|given| given.grant.1.is_none());
        let is_beside = manages(role) && given.iter().find(is_it).is_some_and(|given| given.by != self.account);
        if is_greater || is_beside { Err(AccountError::Elsewhere) } else { Ok(()) }
    }

    /// Fails when the account is the last that can use the role `ADMIN`.
    async fn check_not_last(&self, transaction: &WriteTransaction, account: AccountId) -> Result<(), AccountError> {
        let admins = transaction.open_accounts_with(Role::Admin.as_str()).await?;
        let is_usable =
            |(row, is_joined): &(AccountRow, bool)| *is_joined || Proof::Password.reach(row.reach.as_ref()) == Reach::Everywhere;
        let (theirs, others): (Vec<_>, Vec<_>) = admins.iter().filter(|admin| is_usable(admin)).partition(|(row, _)| row.id == account);
        let is_last = !theirs.is_empty() && others.is_empty();
        if is_last && !self.is_forced { Err(AccountError::LastAdministrator) } else { Ok(()) }
    }
}

const fn manages(role: Role) -> bool {
    match role {
        Role::CityAdmin | Role::Admin => true,
        Role::Editor | Role::Reviewer | Role::Publisher => false,
    }
}

/// The roles that this version knows and that are in force so far.
fn known_roles(given: &[GivenRow], in_force: &Reach) -> Vec<PlacedRole> {
    let known = given.iter().filter_map(|given| Some((Role::parse(&given.grant.0)?, given.grant.1)));
    known.filter(|(role, city)| in_force.covers(*role, *city)).collect()
}

/// How far an inviter decides now; nowhere when it was closed.
pub(super) async fn deciding_of(transaction: &WriteTransaction, inviter: Option<AccountId>) -> Result<Deciding, StoreError> {
    let Some(account) = inviter else { return Ok(Deciding { account: None, reach: Reach::Everywhere, is_forced: false }) };
    let is_open = transaction.account(account).await?.is_some_and(|row| row.disabled_at.is_none());
    let given = if is_open { transaction.given(account).await? } else { Vec::new() };
    Ok(Deciding { account: Some(account), reach: Reach::of(&known_roles(&given, &Reach::Everywhere)), is_forced: false })
}

/// What is done to an account.
#[derive(Clone, Copy)]
enum Change {
    Give(PlacedRole),
    Take(PlacedRole),
    Disable,
    Enable,
}

impl Accounts {
    /// Gives the account of this address a role. It is in force for sessions that were begun by a provider, and for the password when
    /// whoever invited the account could have given it; else it waits for an invitation by somebody who may.
    pub async fn give(&self, by: Authority, email: &str, role: PlacedRole, now: DateTime<Utc>) -> Result<Account, AccountError> {
        self.decide(by, email, Change::Give(role), now).await
    }

    /// Takes a role from the account of this address.
    pub async fn take(&self, by: Authority, email: &str, role: PlacedRole, now: DateTime<Utc>) -> Result<Account, AccountError> {
        self.decide(by, email, Change::Take(role), now).await
    }

    /// Closes the account of this address: its sessions end at once. Somebody who decides in cities closes accounts that have roles there
    /// and nowhere else, and not one who administers beside them.
    pub async fn disable(&self, by: Authority, email: &str, now: DateTime<Utc>) -> Result<Account, AccountError> {
        self.decide(by, email, Change::Disable, now).await
    }

    /// Opens the account of this address again, with the roles, the password and the second factor it had. The sessions that ended when
    /// it was closed stay ended. Who may close an account may open it.
    pub async fn enable(&self, by: Authority, email: &str, now: DateTime<Utc>) -> Result<Account, AccountError> {
        self.decide(by, email, Change::Enable, now).await
    }

    async fn decide(&self, authority: Authority, email: &str, change: Change, now: DateTime<Utc>) -> Result<Account, AccountError> {
        if let Change::Give(role) | Change::Take(role) = change {
            check_place(role)?;
        }
        let (store, email) = (self.store.clone(), normal_email(email));
        let (id, reach) = to_its_end(async move {
            let transaction = store.begin_account_change(now).await?;
            let deciding = Deciding::read(&transaction, authority).await?;
            let id = perform(&transaction, &deciding, &email, change).await?;
            transaction.commit_accounts().await?;
            Ok::<_, AccountError>((id, deciding.reach))
        })
        .await?;
        self.sessions.look();
        self.seen(id, &reach).await
    }
}

async fn perform(transaction: &WriteTransaction, deciding: &Deciding, email: &str, change: Change) -> Result<AccountId, AccountError> {
    if let Change::Give((role, city)) | Change::Take((role, city)) = change
        && !deciding.reach.covers(role, city)
    {
        return Err(AccountError::Elsewhere);
    }
    let row = transaction.account_of(email).await?.ok_or(AccountError::NotFound)?;
    let given = transaction.given(row.id).await?;
    match change {
        Change::Give((role, city)) => transaction.give(row.id, (role.as_str().to_owned(), city), deciding.account).await?,
        Change::Take((role, city)) => {
            deciding.check_takes(row.id, (role, city), &given)?;
            if role == Role::Admin {
                deciding.check_not_last(transaction, row.id).await?;
            }
            if !transaction.take(row.id, (role.as_str().to_owned(), city), deciding.account).await? {
                return Err(AccountError::NotGiven);
            }
        }
        Change::Disable => {
            deciding.check(row.id, &given)?;
            deciding.check_not_last(transaction, row.id).await?;
            transaction.set_disabled(row.id, true, deciding.account).await?;
        }
        Change::Enable => {
            deciding.check(row.id, &given)?;
            transaction.set_disabled(row.id, false, deciding.account).await?;
        }
    }
    Ok(row.id)
}

/// A role holds in one city or everywhere, as it is.
pub(super) fn check_place((role, city): PlacedRole) -> Result<(), AccountError> {
    if role.is_of_a_city() == city.is_some() { Ok(()) } else { Err(AccountError::Place(role)) }
}
