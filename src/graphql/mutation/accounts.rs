//! Deciding who works on the catalogue, and who has a partner's key. Each mutation asks for the right first (`identity/rights.rs`).

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use crate::graphql::context;
use crate::graphql::failure::Failure;
use crate::graphql::model::account::{Account, ApiKey, Role};
use crate::graphql::node::read_local_id;
use crate::graphql::user_error::{Refusal, UserError, outcome};
use crate::identity::accounts::{Authority, Newcomer};
use crate::identity::password::NewPassword;
use crate::identity::rights::Operation;

/// Deciding who works on the catalogue.
#[derive(Default)]
pub struct AccountsMutation;

/// Somebody who shall have an account.
#[derive(InputObject)]
pub struct CreateAccountInput {
    /// E-mail address.
    email: String,
    /// Name shown to colleagues, from 1 to 100 characters.
    name: String,
    /// The role it begins with.
    role: Role,
    /// Slug of the city of the role; none for `ADMIN`.
    city: Option<String>,
    /// Whether it gets a password; else it signs in by an OpenID provider that verified the address.
    #[graphql(default = true)]
    with_password: bool,
}

/// A new account.
#[derive(SimpleObject)]
pub struct CreateAccountPayload {
    /// The account.
    account: Option<Account>,
    /// Its first password, shown this once: to be told to its owner, who should change it.
    password: Option<String>,
    /// What the caller can mend.
    user_errors: Vec<UserError>,
}

/// A role to be given or taken.
#[derive(InputObject)]
pub struct RoleInput {
    /// E-mail address of the account.
    email: String,
    /// The role.
    role: Role,
    /// Slug of the city of the role; none for `ADMIN`.
    city: Option<String>,
}

/// An account to be closed.
#[derive(InputObject)]
pub struct DisableAccountInput {
    /// E-mail address of the account.
    email: String,
    /// Slug of the city you administer; none when you administer all.
    city: Option<String>,
}

/// A closed account to be opened again.
#[derive(InputObject)]
pub struct EnableAccountInput {
    /// E-mail address of the account.
    email: String,
    /// Slug of the city you administer; none when you administer all.
    city: Option<String>,
}

/// An account after a change.
#[derive(SimpleObject)]
pub struct AccountPayload {
    /// The account; null when it could not be changed.
    account: Option<Account>,
    /// What the caller can mend.
    user_errors: Vec<UserError>,
}

/// A partner that shall have a key.
#[derive(InputObject)]
pub struct CreateApiKeyInput {
    /// Whose it is, from 1 to 100 characters.
    name: String,
}

/// A new key.
#[derive(SimpleObject)]
pub struct CreateApiKeyPayload {
    /// The key.
    api_key: Option<ApiKey>,
    /// Its secret, shown this once: to be sent with each request in the header `X-Api-Key`, or `Authorization: ApiKey …`.
    secret: Option<String>,
    /// What the caller can mend.
    user_errors: Vec<UserError>,
}

/// A key to be revoked.
#[derive(InputObject)]
pub struct RevokeApiKeyInput {
    /// The key.
    id: ID,
}

/// A revoked key.
#[derive(SimpleObject)]
pub struct RevokeApiKeyPayload {
    /// The key; null when there is none of this id.
    api_key: Option<ApiKey>,
    /// What the caller can mend.
    user_errors: Vec<UserError>,
}

#[Object]
impl AccountsMutation {
    /// Makes an account with a role in a city you administer, or anywhere when you administer all.
    async fn create_account(&self, context: &Context<'_>, input: CreateAccountInput) -> Result<CreateAccountPayload, Failure> {
        let permit = context::permit_in(context, Operation::CreateAccount, input.city.as_deref()).await?;
        let asked = context::of(context);
        let created = async {
            let password = if input.with_password { Some(NewPassword::random().map_err(|error| Refusal::internal(&error))?) } else { None };
            let role = Some((input.role.into(), permit.city()));
            let new = Newcomer { email: &input.email, name: &input.name, role, password: password.as_ref() };
            let account = asked.accounts.create(Authority::Permit(permit), new, asked.now).await?;
            Ok((Account(account), password.map(|password| password.reveal().to_owned())))
        };
        let (created, user_errors) = outcome(created.await)?;
        let (account, password) = created.unzip();
        Ok(CreateAccountPayload { account, password: password.flatten(), user_errors })
    }

    /// Gives an account a role in a city you administer, `CITY_ADMIN` too; `ADMIN` is given by administrators of all cities. Giving it
    /// twice is giving it once.
    async fn grant_role(&self, context: &Context<'_>, input: RoleInput) -> Result<AccountPayload, Failure> {
        let permit = context::permit_in(context, Operation::GrantRole, input.city.as_deref()).await?;
        let asked = context::of(context);
        let role = (input.role.into(), permit.city());
        let given = asked.accounts.give(Authority::Permit(permit), &input.email, role, asked.now).await;
        let (account, user_errors) = outcome(given.map(Account).map_err(Refusal::from))?;
        Ok(AccountPayload { account, user_errors })
    }

    /// Takes a role from an account: what it may change with it ends at once. Nobody takes an administrator's role from themselves.
    async fn revoke_role(&self, context: &Context<'_>, input: RoleInput) -> Result<AccountPayload, Failure> {
        let permit = context::permit_in(context, Operation::RevokeRole, input.city.as_deref()).await?;
        let asked = context::of(context);
        let role = (input.role.into(), permit.city());
        let taken = asked.accounts.take(Authority::Permit(permit), &input.email, role, asked.now).await;
        let (account, user_errors) = outcome(taken.map(Account).map_err(Refusal::from))?;
        Ok(AccountPayload { account, user_errors })
    }

    /// Closes an account: its sessions end, and it can change nothing from now on. Who administers a city closes accounts that have
    /// roles there and nowhere else. `enableAccount` opens it again.
    async fn disable_account(&self, context: &Context<'_>, input: DisableAccountInput) -> Result<AccountPayload, Failure> {
        let permit = context::permit_in(context, Operation::DisableAccount, input.city.as_deref()).await?;
        let asked = context::of(context);
        let closed = asked.accounts.disable(Authority::Permit(permit), &input.email, asked.now).await;
        let (account, user_errors) = outcome(closed.map(Account).map_err(Refusal::from))?;
        Ok(AccountPayload { account, user_errors })
    }

    /// Opens a closed account again, with the roles, the password and the second factor it had; it signs in anew. Who administers a city
    /// opens accounts that have roles there and nowhere else. Opening one that is open changes nothing.
    async fn enable_account(&self, context: &Context<'_>, input: EnableAccountInput) -> Result<AccountPayload, Failure> {
        let permit = context::permit_in(context, Operation::EnableAccount, input.city.as_deref()).await?;
        let asked = context::of(context);
        let opened = asked.accounts.enable(Authority::Permit(permit), &input.email, asked.now).await;
        let (account, user_errors) = outcome(opened.map(Account).map_err(Refusal::from))?;
        Ok(AccountPayload { account, user_errors })
    }

    /// Gives a partner a key. It is known everywhere within a minute.
    async fn create_api_key(&self, context: &Context<'_>, input: CreateApiKeyInput) -> Result<CreateApiKeyPayload, Failure> {
        let permit = context::permit_in(context, Operation::CreateApiKey, None).await?;
        let asked = context::of(context);
        let created = asked.accounts.create_api_key(permit, &input.name, asked.now).await;
        let (created, user_errors) = outcome(created.map_err(Refusal::from))?;
        let (key, secret) = created.unzip();
        Ok(CreateApiKeyPayload { api_key: key.map(Into::into), secret, user_errors })
    }

    /// Revokes a partner's key. It is known nowhere within a minute.
    async fn revoke_api_key(&self, context: &Context<'_>, input: RevokeApiKeyInput) -> Result<RevokeApiKeyPayload, Failure> {
        let permit = context::permit_in(context, Operation::RevokeApiKey, None).await?;
        let asked = context::of(context);
        let revoked = async {
            let id = read_local_id(&input.id).map_err(|failure| Refusal::at("id", failure))?;
            Ok(asked.accounts.revoke_api_key(permit, id, asked.now).await?)
        };
        let (key, user_errors) = outcome(revoked.await)?;
        Ok(RevokeApiKeyPayload { api_key: key.map(Into::into), user_errors })
    }
}
