//! Accounts and what they were given.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use entity::{account, account_grant, account_identity, account_session, city};
use sea_orm::sea_query::Query;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::Value;
use uuid::Uuid;

use super::connect::{Store, StoreError};
use super::write::to_its_end;
use crate::domain::ids::{AccountId, RecordId};

/// A role as it is stored, and the city it holds in; without one it holds everywhere.
pub type GrantRow = (String, Option<RecordId>);

/// An account as it begins.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// Identity.
    pub id: AccountId,
    /// E-mail address, lower case.
    pub email: String,
    /// Name shown to colleagues.
    pub name: String,
    /// PHC string of the password's hash; absent when the account signs in by a provider only.
    pub password_hash: Option<String>,
    /// How far those could decide who know the password.
    pub reach: Option<Value>,
    /// What it is given at once.
    pub grant: Option<GrantRow>,
    /// Who makes it; absent when the command line does.
    pub by: Option<AccountId>,
    /// When it is made.
    pub at: DateTime<Utc>,
}

/// An account.
#[derive(Clone, PartialEq, Eq)]
pub struct AccountRow {
    /// Identity.
    pub id: AccountId,
    /// E-mail address, lower case.
    pub email: String,
    /// Name shown to colleagues.
    pub name: String,
    /// PHC string of the password's hash.
    pub password_hash: Option<String>,
    /// Secret of the second factor, sealed.
    pub totp_secret: Option<Vec<u8>>,
    /// How far those could decide who know the password; absent while no invitation was accepted.
    pub reach: Option<Value>,
    /// Whether the second factor was shown to work, and is asked for.
    pub has_totp: bool,
    /// Time step of the code that was used last.
    pub totp_last_step: Option<i64>,
    /// When it was closed.
    pub disabled_at: Option<DateTime<Utc>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

impl AccountRow {
    /// Secret of the second factor, sealed, when it is asked for.
    pub fn asked_totp(&self) -> Option<&[u8]> {
        self.totp_secret.as_deref().filter(|_| self.has_totp)
    }
}

impl From<account::Model> for AccountRow {
    fn from(row: account::Model) -> Self {
        Self {
            id: AccountId(row.id),
            email: row.email,
            name: row.name,
            password_hash: row.password_hash,
            totp_secret: row.totp_secret,
            reach: row.reach,
            has_totp: row.totp_confirmed_at.is_some(),
            totp_last_step: row.totp_last_step,
            disabled_at: row.disabled_at,
            created_at: row.created_at,
        }
    }
}

/// An account and what it was given.
pub type AccountWithGrants = (AccountRow, Vec<GrantRow>);

pub(super) fn grant_row(row: &account_grant::Model) -> GrantRow {
    (row.role.clone(), (!row.city_id.is_nil()).then_some(RecordId(row.city_id)))
}

/// Name of the lock under which an account is changed.
pub(super) fn lock_of(account: AccountId) -> String {
    format!("account {}", account.0)
}

impl Store {
    /// Makes an account; false when the address has one.
    pub async fn add_account(&self, new: NewAccount) -> Result<bool, StoreError> {
        let store = self.clone();
        to_its_end(async move {
            let transaction = store.begin_account_change(new.at).await?;
            if !transaction.add_account(new).await? {
                return Ok(false);
            }
            transaction.commit_unlogged().await?;
            Ok(true)
        })
        .await
    }

    /// Name of an account, closed ones too; `None` when there is none.
    pub async fn account_name(&self, account: AccountId) -> Result<Option<String>, StoreError> {
        Ok(account::Entity::find_by_id(account.0).one(&self.connection).await?.map(|row| row.name))
    }

    /// The account of an address, open or closed.
    pub async fn account_by_email(&self, email: &str) -> Result<Option<AccountRow>, StoreError> {
        let row = account::Entity::find().filter(account::Column::Email.eq(email)).one(&self.connection).await?;
        Ok(row.map(Into::into))
    }

    /// The account, open or closed.
    pub async fn account(&self, account: AccountId) -> Result<Option<AccountRow>, StoreError> {
        Ok(account::Entity::find_by_id(account.0).one(&self.connection).await?.map(Into::into))
    }

    /// Accounts by address, after the address `after`, at most `limit`: those with a role in the city, or without one all.
    pub async fn accounts(&self, city: Option<RecordId>, after: Option<String>, limit: u64) -> Result<Vec<AccountWithGrants>, StoreError> {
        let wanted = Condition::all()
            .add_option(city.map(|city| account::Column::Id.in_subquery(with_role_in(city))))
            .add_option(after.map(|after| account::Column::Email.gt(after)));
        let rows = account::Entity::find().filter(wanted).order_by_asc(account::Column::Email).limit(limit).all(&self.connection).await?;
        let given = account_grant::Entity::find()
            .filter(account_grant::Column::AccountId.is_in(rows.iter().map(|row| row.id)))
            .order_by_asc(account_grant::Column::Role)
            .order_by_asc(account_grant::Column::CityId)
            .all(&self.connection)
            .await?;
        let mut grants: HashMap<Uuid, Vec<GrantRow>> = HashMap::new();
        for row in given {
            grants.entry(row.account_id).or_default().push(grant_row(&row));
        }
        Ok(rows.into_iter().map(|row| (grants.remove(&row.id).unwrap_or_default(), row)).map(|(given, row)| (row.into(), given)).collect())
    }

    /// What the account was given, open or closed.
    pub async fn account_grants(&self, account: AccountId) -> Result<Vec<GrantRow>, StoreError> {
        let rows = account_grant::Entity::find()
            .filter(account_grant::Column::AccountId.eq(account.0))
            .order_by_asc(account_grant::Column::Role)
            .order_by_asc(account_grant::Column::CityId)
            .all(&self.connection)
            .await?;
        Ok(rows.iter().map(grant_row).collect())
    }

    /// The open account of a session that goes on, by what the session was begun, and what the account was given; `None` when one of
    /// them has ended or was never there.
    pub async fn account_in_session(
        &self,
        account: AccountId,
        session: Uuid,
        now: DateTime<Utc>,
    ) -> Result<Option<(AccountRow, String, Vec<GrantRow>)>, StoreError> {
        let live = account_session::Entity::find_by_id(session)
            .filter(account_session::Column::AccountId.eq(account.0))
            .filter(account_session::Column::ExpiresAt.gt(now));
        let Some(session) = live.one(&self.connection).await? else { return Ok(None) };
        let Some(row) = self.account(account).await?.filter(|row| row.disabled_at.is_none()) else { return Ok(None) };
        Ok(Some((row, session.proven_by, self.account_grants(account).await?)))
    }

    /// Which of these accounts are joined with one at a provider.
    pub async fn joined_accounts(&self, accounts: &[AccountId]) -> Result<HashSet<AccountId>, StoreError> {
        let theirs = account_identity::Column::AccountId.is_in(accounts.iter().map(|account| account.0));
        let rows = account_identity::Entity::find().filter(theirs).all(&self.connection).await?;
        Ok(rows.into_iter().map(|row| AccountId(row.account_id)).collect())
    }

    /// Identities of the cities and their slugs, by slug.
    pub async fn city_slugs(&self) -> Result<Vec<(RecordId, String)>, StoreError> {
        let rows = city::Entity::find().order_by_asc(city::Column::Slug).all(&self.connection).await?;
        Ok(rows.into_iter().map(|row| (RecordId(row.id), row.slug)).collect())
    }
}

/// The accounts that have a role in the city.
pub(super) fn with_role_in(city: RecordId) -> sea_orm::sea_query::SelectStatement {
    Query::select()
        .column(account_grant::Column::AccountId)
        .from(account_grant::Entity)
        .and_where(account_grant::Column::CityId.eq(city.0))
        .to_owned()
}

/// The accounts that have a role in another city, or everywhere.
pub(super) fn with_role_elsewhere(city: RecordId) -> sea_orm::sea_query::SelectStatement {
    Query::select()
        .column(account_grant::Column::AccountId)
        .from(account_grant::Entity)
        .and_where(account_grant::Column::CityId.ne(city.0))
        .to_owned()
}
