//! Accounts: who works on the catalogue, and what they may do.

use super::rights::{Grants, Role};
use crate::domain::ids::{AccountId, RecordId};
use crate::store::{Store, StoreError};

/// Why an account cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// There is no such account any more, or it was closed.
    #[error("this account is closed")]
    Closed,
    /// The store failed.
    #[error("the accounts cannot be reached")]
    Store(#[from] StoreError),
}

/// The room's front.
pub struct Accounts {
    store: Store,
}

impl Accounts {
    /// Over a store.
    pub const fn new(store: Store) -> Self {
        Self { store }
    }

    /// What the account may do now.
    pub async fn grants(&self, account: AccountId) -> Result<Grants, AccountError> {
        let rows = self.store.open_account_grants(account).await?.ok_or(AccountError::Closed)?;
        // A role that a later version has and this one does not know gives nothing.
        let roles = rows.into_iter().filter_map(|(role, city)| Some((Role::parse(&role)?, city))).collect();
        Ok(Grants::new(account, roles))
    }

    /// Name of an account, closed ones too; `None` when there is none.
    pub async fn name(&self, account: AccountId) -> Result<Option<String>, AccountError> {
        Ok(self.store.account_name(account).await?)
    }

    /// Gives the account a role in a city, or everywhere.
    pub async fn grant(
        &self,
        account: AccountId,
        (role, city): (Role, Option<RecordId>),
        by: Option<AccountId>,
        at: chrono::DateTime<chrono::Utc>,
    ) -> Result<(), AccountError> {
        Ok(self.store.add_account_grant(account, (role.as_str().to_owned(), city), by, at).await?)
    }
}
