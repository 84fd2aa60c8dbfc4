//! Accounts and what they were given.

use chrono::{DateTime, Utc};
use entity::{account, account_grant};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};
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
    /// PHC string of the password's hash.
    pub password_hash: Option<String>,
    /// When it is made.
    pub at: DateTime<Utc>,
}

impl Store {
    /// Makes an account. Fails when the address has one.
    pub async fn add_account(&self, new: NewAccount) -> Result<(), StoreError> {
        let store = self.clone();
        to_its_end(async move {
            let transaction = store.begin(new.at).await?;
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
            transaction.commit_unlogged().await
        })
        .await
    }

    /// Name of an account, closed ones too; `None` when there is none.
    pub async fn account_name(&self, account: AccountId) -> Result<Option<String>, StoreError> {
        Ok(account::Entity::find_by_id(account.0).one(&self.connection).await?.map(|row| row.name))
    }

    /// What the account was given; `None` when it is closed or was never there.
    pub async fn open_account_grants(&self, account: AccountId) -> Result<Option<Vec<GrantRow>>, StoreError> {
        let row = account::Entity::find_by_id(account.0).filter(account::Column::DisabledAt.is_null()).one(&self.connection).await?;
        if row.is_none() {
            return Ok(None);
        }
        let rows = account_grant::Entity::find()
            .filter(account_grant::Column::AccountId.eq(account.0))
            .order_by_asc(account_grant::Column::Role)
            .order_by_asc(account_grant::Column::CityId)
            .all(&self.connection)
            .await?;
        Ok(Some(rows.into_iter().map(|row| (row.role, (!row.city_id.is_nil()).then_some(RecordId(row.city_id)))).collect()))
    }

    /// Gives the account a role; giving it twice is giving it once.
    pub async fn add_account_grant(
        &self,
        account: AccountId,
        (role, city): GrantRow,
        by: Option<AccountId>,
        at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let store = self.clone();
        to_its_end(async move {
            let transaction = store.begin(at).await?;
            let row = account_grant::Model {
                account_id: account.0,
                role,
                city_id: city.map_or(Uuid::nil(), |city| city.0),
                granted_at: at,
                granted_by: by.map(|by| by.0),
            };
            let again = OnConflict::columns([account_grant::Column::AccountId, account_grant::Column::Role, account_grant::Column::CityId])
                .do_nothing()
                .to_owned();
            account_grant::Entity::insert(row.into_active_model())
                .on_conflict(again)
                .exec_without_returning(transaction.connection())
                .await?;
            transaction.commit_unlogged().await
        })
        .await
    }
}
