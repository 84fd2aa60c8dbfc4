//! Accounts and what they were given.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::{account, account_grant, account_session, city};
use sea_orm::sea_query::{OnConflict, Query};
use sea_orm::{ActiveModelTrait, ColumnTrait, Condition, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, Set};
use serde_json::json;
use uuid::Uuid;

use super::audit::AuditEntry;
use super::connect::{Store, StoreError};
use super::write::{WriteTransaction, to_its_end};
use crate::domain::audit::AuditAction;
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
    /// Secret of the second factor.
    pub totp_secret: Option<Vec<u8>>,
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
    /// Secret of the second factor, when it is asked for.
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
            has_totp: row.totp_confirmed_at.is_some(),
            totp_last_step: row.totp_last_step,
            disabled_at: row.disabled_at,
            created_at: row.created_at,
        }
    }
}

/// An account and what it was given.
pub type AccountWithGrants = (AccountRow, Vec<GrantRow>);

fn grant_row(row: &account_grant::Model) -> GrantRow {
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
            let transaction = store.begin(new.at).await?;
            transaction.hold("account").await?;
            let taken = account::Entity::find().filter(account::Column::Email.eq(&new.email)).one(transaction.connection()).await?;
            if taken.is_some() {
                return Ok(false);
            }
            let row = account::Model {
                id: new.id.0,
                email: new.email,
                name: new.name,
                password_hash: new.password_hash,
                totp_secret: None,
                totp_confirmed_at: None,
                totp_last_step: None,
                disabled_at: None,
                created_at: new.at,
            };
            account::Entity::insert(row.into_active_model()).exec_without_returning(transaction.connection()).await?;
            let city = new.grant.as_ref().and_then(|(_, city)| *city);
            let entry = AuditEntry::new(new.by, AuditAction::AccountCreated, Some(new.id.0)).in_city(city);
            transaction.note_audit(entry).await?;
            if let Some(grant) = new.grant {
                transaction.give(new.id, grant, new.by).await?;
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

    /// What the account was given; `None` when it is closed or was never there.
    pub async fn open_account_grants(&self, account: AccountId) -> Result<Option<Vec<GrantRow>>, StoreError> {
        let row = account::Entity::find_by_id(account.0).filter(account::Column::DisabledAt.is_null()).one(&self.connection).await?;
        if row.is_none() {
            return Ok(None);
        }
        Ok(Some(self.account_grants(account).await?))
    }

    /// Gives the account a role; giving it twice is giving it once.
    pub async fn add_account_grant(
        &self,
        account: AccountId,
        grant: GrantRow,
        by: Option<AccountId>,
        at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let store = self.clone();
        to_its_end(async move {
            let transaction = store.begin(at).await?;
            transaction.hold(&lock_of(account)).await?;
            transaction.give(account, grant, by).await?;
            transaction.commit_unlogged().await
        })
        .await
    }

    /// Takes a role from the account; false when it did not have it.
    pub async fn remove_account_grant(
        &self,
        account: AccountId,
        (role, city): GrantRow,
        by: Option<AccountId>,
        at: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let store = self.clone();
        to_its_end(async move {
            let transaction = store.begin(at).await?;
            transaction.hold(&lock_of(account)).await?;
            let key = (account.0, role.clone(), city.map_or(Uuid::nil(), |city| city.0));
            let removed = account_grant::Entity::delete_by_id(key).exec(transaction.connection()).await?;
            if removed.rows_affected == 0 {
                return Ok(false);
            }
            let entry = AuditEntry::new(by, AuditAction::RoleRevoked, Some(account.0)).in_city(city).with(json!({ "role": role }));
            transaction.note_audit(entry).await?;
            transaction.commit_unlogged().await?;
            Ok(true)
        })
        .await
    }

    /// Closes the account and ends its sessions; false when it was closed.
    pub async fn close_account(&self, account: AccountId, by: Option<AccountId>, at: DateTime<Utc>) -> Result<bool, StoreError> {
        self.set_disabled(account, by, (at, Some(at))).await
    }

    /// Opens a closed account again; false when it was open.
    pub async fn reopen_account(&self, account: AccountId, by: Option<AccountId>, at: DateTime<Utc>) -> Result<bool, StoreError> {
        self.set_disabled(account, by, (at, None)).await
    }

    async fn set_disabled(
        &self,
        account: AccountId,
        by: Option<AccountId>,
        (at, disabled_at): (DateTime<Utc>, Option<DateTime<Utc>>),
    ) -> Result<bool, StoreError> {
        let store = self.clone();
        to_its_end(async move {
            let transaction = store.begin(at).await?;
            transaction.hold(&lock_of(account)).await?;
            let row = account::Entity::find_by_id(account.0).one(transaction.connection()).await?;
            let Some(row) = row.filter(|row| row.disabled_at.is_some() != disabled_at.is_some()) else { return Ok(false) };
            account::ActiveModel { disabled_at: Set(disabled_at), ..row.into_active_model() }.update(transaction.connection()).await?;
            let action = if disabled_at.is_some() { AuditAction::AccountDisabled } else { AuditAction::AccountEnabled };
            transaction.note_audit(AuditEntry::new(by, action, Some(account.0))).await?;
            let sessions = account_session::Column::AccountId.eq(account.0);
            account_session::Entity::delete_many().filter(sessions).exec(transaction.connection()).await?;
            transaction.commit_unlogged().await?;
            Ok(true)
        })
        .await
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

impl WriteTransaction {
    /// Gives the account a role, unless it has it.
    async fn give(&self, account: AccountId, (role, city): GrantRow, by: Option<AccountId>) -> Result<(), StoreError> {
        let row = account_grant::Model {
            account_id: account.0,
            role: role.clone(),
            city_id: city.map_or(Uuid::nil(), |city| city.0),
            granted_at: self.at(),
            granted_by: by.map(|by| by.0),
        };
        let again = OnConflict::columns([account_grant::Column::AccountId, account_grant::Column::Role, account_grant::Column::CityId])
            .do_nothing()
            .to_owned();
        let written =
            account_grant::Entity::insert(row.into_active_model()).on_conflict(again).exec_without_returning(self.connection()).await?;
        if written > 0 {
            let entry = AuditEntry::new(by, AuditAction::RoleGranted, Some(account.0)).in_city(city).with(json!({ "role": role }));
            self.note_audit(entry).await?;
        }
        Ok(())
    }
}
