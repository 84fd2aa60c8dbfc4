//! Changing accounts: who has which role, who is closed, who is invited. All of it goes through one lock, so that what was read of roles
//! stays true until the change is written: of two administrators who take each other's role at once, the second has none any more.

use chrono::{DateTime, Utc};
use entity::{account, account_grant, account_identity, account_session, invitation};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, Set};
use serde_json::{Value, json};
use uuid::Uuid;

use super::accounts::{AccountRow, GrantRow, NewAccount, grant_row, lock_of};
use super::audit::AuditEntry;
use super::connect::{Store, StoreError};
use super::write::WriteTransaction;
use crate::domain::audit::AuditAction;
use crate::domain::ids::{AccountId, RecordId};

/// The roles that invite others, as they stand in the rows.
const INVITING: [&str; 2] = ["CITY_ADMIN", "ADMIN"];

/// A role that was given, and by whom; absent for the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GivenRow {
    /// What.
    pub grant: GrantRow,
    /// By whom.
    pub by: Option<AccountId>,
}

/// An invitation as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct InvitationRow {
    /// Mark of its code.
    pub mark: String,
    /// Who is invited.
    pub account: AccountId,
    /// How far the inviter could decide about accounts.
    pub reach: Value,
    /// Who invited; absent for the command line.
    pub by: Option<AccountId>,
    /// When it is too late.
    pub expires_at: DateTime<Utc>,
}

impl Store {
    /// Begins a change of accounts; other such changes wait until it is over.
    pub async fn begin_account_change(&self, at: DateTime<Utc>) -> Result<WriteTransaction, StoreError> {
        let transaction = self.begin(at).await?;
        transaction.hold("account").await?;
        Ok(transaction)
    }

    /// An invitation by the mark of its code, also when it is too late; several may look at it.
    pub async fn invitation(&self, mark: &str) -> Result<Option<InvitationRow>, StoreError> {
        Ok(invitation::Entity::find_by_id(mark).one(&self.connection).await?.map(Into::into))
    }
}

impl From<invitation::Model> for InvitationRow {
    fn from(row: invitation::Model) -> Self {
        Self {
            mark: row.mark,
            account: AccountId(row.account_id),
            reach: row.reach,
            by: row.invited_by.map(AccountId),
            expires_at: row.expires_at,
        }
    }
}

impl WriteTransaction {
    /// Ends a change of accounts.
    pub async fn commit_accounts(self) -> Result<(), StoreError> {
        self.commit_unlogged().await
    }

    /// Makes an account; false when the address has one.
    pub async fn add_account(&self, new: NewAccount) -> Result<bool, StoreError> {
        let taken = account::Entity::find().filter(account::Column::Email.eq(&new.email)).one(self.connection()).await?;
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
            reach: new.reach,
            disabled_at: None,
            created_at: new.at,
        };
        account::Entity::insert(row.into_active_model()).exec_without_returning(self.connection()).await?;
        let city = new.grant.as_ref().and_then(|(_, city)| *city);
        self.note_audit(AuditEntry::new(new.by, AuditAction::AccountCreated, Some(new.id.0)).in_city(city)).await?;
        if let Some(grant) = new.grant {
            self.give(new.id, grant, new.by).await?;
        }
        Ok(true)
    }

    /// The account of an address, open or closed, held for this transaction.
    pub async fn account_of(&self, email: &str) -> Result<Option<AccountRow>, StoreError> {
        let found = account::Entity::find().filter(account::Column::Email.eq(email)).one(self.connection()).await?;
        let Some(row) = found else { return Ok(None) };
        self.account(AccountId(row.id)).await
    }

    /// The account, open or closed, held for this transaction.
    pub async fn account(&self, account: AccountId) -> Result<Option<AccountRow>, StoreError> {
        self.hold(&lock_of(account)).await?;
        Ok(account::Entity::find_by_id(account.0).one(self.connection()).await?.map(Into::into))
    }

    /// Whether the session of the account goes on.
    pub async fn is_live(&self, account: AccountId, session: Uuid) -> Result<bool, StoreError> {
        let live = account_session::Entity::find_by_id(session)
            .filter(account_session::Column::AccountId.eq(account.0))
            .filter(account_session::Column::ExpiresAt.gt(self.at()));
        Ok(live.one(self.connection()).await?.is_some())
    }

    /// What the account was given, and by whom.
    pub async fn given(&self, account: AccountId) -> Result<Vec<GivenRow>, StoreError> {
        let theirs = account_grant::Column::AccountId.eq(account.0);
        let rows = account_grant::Entity::find().filter(theirs).all(self.connection()).await?;
        Ok(rows.iter().map(|row| GivenRow { grant: grant_row(row), by: row.granted_by.map(AccountId) }).collect())
    }

    /// The open accounts that have a role everywhere, and whether each is joined with one at a provider.
    pub async fn open_accounts_with(&self, role: &str) -> Result<Vec<(AccountRow, bool)>, StoreError> {
        let with_role = account_grant::Column::Role.eq(role);
        let rows = account_grant::Entity::find().filter(with_role).all(self.connection()).await?;
        let mut accounts = Vec::new();
        for row in rows.into_iter().filter(|row| row.city_id.is_nil()) {
            let open = account::Entity::find_by_id(row.account_id).filter(account::Column::DisabledAt.is_null());
            let Some(account) = open.one(self.connection()).await? else { continue };
            let is_joined = self.is_joined(AccountId(account.id)).await?;
            accounts.push((account.into(), is_joined));
        }
        Ok(accounts)
    }

    /// Whether the account is joined with one at a provider.
    pub async fn is_joined(&self, account: AccountId) -> Result<bool, StoreError> {
        let theirs = account_identity::Column::AccountId.eq(account.0);
        Ok(account_identity::Entity::find().filter(theirs).one(self.connection()).await?.is_some())
    }

    /// Gives the account a role, unless it has it.
    pub async fn give(&self, account: AccountId, (role, city): GrantRow, by: Option<AccountId>) -> Result<(), StoreError> {
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

    /// Takes a role from the account; false when it did not have it.
    pub async fn take(&self, account: AccountId, (role, city): GrantRow, by: Option<AccountId>) -> Result<bool, StoreError> {
        let key = (account.0, role.clone(), city.map_or(Uuid::nil(), |city| city.0));
        let removed = account_grant::Entity::delete_by_id(key).exec(self.connection()).await?;
        if removed.rows_affected == 0 {
            return Ok(false);
        }
        let entry = AuditEntry::new(by, AuditAction::RoleRevoked, Some(account.0)).in_city(city).with(json!({ "role": role }));
        self.note_audit(entry).await?;
        self.forget_invitations_by(account).await?;
        Ok(true)
    }

    /// Ends the invitations of an account that may invite nobody any more: getting a role back later does not bring them back.
    async fn forget_invitations_by(&self, account: AccountId) -> Result<(), StoreError> {
        let is_open = account::Entity::find_by_id(account.0).filter(account::Column::DisabledAt.is_null()).one(self.connection()).await?;
        let grants = account_grant::Entity::find().filter(account_grant::Column::AccountId.eq(account.0));
        let inviting = grants.filter(account_grant::Column::Role.is_in(INVITING)).one(self.connection()).await?;
        if is_open.is_none() || inviting.is_none() {
            invitation::Entity::delete_many().filter(invitation::Column::InvitedBy.eq(account.0)).exec(self.connection()).await?;
        }
        Ok(())
    }

    /// Closes the account or opens it again; nothing, when it is so already. Either way its sessions and its invitation end.
    pub async fn set_disabled(&self, account: AccountId, is_disabled: bool, by: Option<AccountId>) -> Result<(), StoreError> {
        let row = account::Entity::find_by_id(account.0).one(self.connection()).await?;
        let Some(row) = row.filter(|row| row.disabled_at.is_some() != is_disabled) else { return Ok(()) };
        let disabled_at = is_disabled.then(|| self.at());
        account::ActiveModel { disabled_at: Set(disabled_at), ..row.into_active_model() }.update(self.connection()).await?;
        let action = if is_disabled { AuditAction::AccountDisabled } else { AuditAction::AccountEnabled };
        self.note_audit(AuditEntry::new(by, action, Some(account.0))).await?;
        self.end_sessions(account, None).await?;
        self.forget_invitations_by(account).await?;
        self.forget_invitation(account).await
    }

    /// Keeps an invitation in the place of the one before it.
    pub async fn invite(&self, new: InvitationRow, city: Option<RecordId>) -> Result<(), StoreError> {
        self.forget_invitation(new.account).await?;
        let entry = AuditEntry::new(new.by, AuditAction::AccountInvited, Some(new.account.0)).in_city(city);
        self.note_audit(entry).await?;
        let row = invitation::Model {
            mark: new.mark,
            account_id: new.account.0,
            reach: new.reach,
            invited_by: new.by.map(|by| by.0),
            created_at: self.at(),
            expires_at: new.expires_at,
        };
        invitation::Entity::insert(row.into_active_model()).exec_without_returning(self.connection()).await?;
        Ok(())
    }

    /// Takes an invitation out: of several who show its code, one gets it.
    pub async fn take_invitation(&self, mark: &str) -> Result<Option<InvitationRow>, StoreError> {
        let found = invitation::Entity::find_by_id(mark).one(self.connection()).await?;
        invitation::Entity::delete_by_id(mark).exec(self.connection()).await?;
        Ok(found.map(Into::into))
    }

    /// Forgets the invitation of the account, if there is one.
    pub(super) async fn forget_invitation(&self, account: AccountId) -> Result<(), StoreError> {
        let theirs = invitation::Column::AccountId.eq(account.0);
        invitation::Entity::delete_many().filter(theirs).exec(self.connection()).await?;
        Ok(())
    }
}
