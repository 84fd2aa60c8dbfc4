//! Deciding who works on the catalogue, and who has a partner's key. Each mutation asks for the right first (`identity/rights.rs`).

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use crate::graphql::context;
use crate::graphql::directives::{Cost, List};
use crate::graphql::failure::Failure;
use crate::graphql::model::account::{Account, ApiKey, Role};
use crate::graphql::node::read_local_id;
use crate::graphql::scalars::Instant;
use crate::graphql::user_error::{Refusal, UserError, outcome};
use crate::identity::accounts::Authority;
use crate::identity::invitation::Guest;
use crate::identity::rights::Operation;

/// Deciding who works on the catalogue.
#[derive(Default)]
pub struct AccountsMutation;

/// Somebody who is invited to an account.
#[derive(InputObject)]
pub struct InviteAccountInput {
    /// E-mail address.
    email: String,
    /// Name shown to colleagues, from 1 to 100 characters; who has an account keeps theirs.
    name: String,
    /// A role for them.
    role: Role,
    /// Slug of the city of the role; none for `ADMIN`.
    city: Option<String>,
}

/// An invitation.
#[derive(SimpleObject)]
pub struct InviteAccountPayload {
    /// The account, as far as you may see it.
    account: Option<Account>,
    /// The code that `acceptInvitation` takes, shown this once: pass it on to the account's owner, whom no message is sent to.
    invitation_code: Option<String>,
    /// Until when the code holds: 72 hours.
    expires_at: Option<Instant>,
    /// What the caller can mend.
    #[graphql(directive = List::apply(3))]
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
    #[graphql(directive = List::apply(3))]
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
    #[graphql(directive = List::apply(3))]
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
    #[graphql(directive = List::apply(3))]
    user_errors: Vec<UserError>,
}

#[Object]
impl AccountsMutation {
    /// Invites somebody to an account with a role in a city you administer, or anywhere when you administer all. The account is made
    /// when there is none; its owner sets the password with `acceptInvitation`, or signs in at an OpenID provider that verified the address.
    /// One that you may decide about as a whole is invited anew: accepting ends its sessions, its password and its second factor; the
    /// code before opens nothing any more. Other accounts are `TAKEN`: give them the role with `grantRole`.
    #[graphql(directive = Cost::apply(5_000))]
    async fn invite_account(&self, context: &Context<'_>, input: InviteAccountInput) -> Result<Option<InviteAccountPayload>, Failure> {
        let permit = context::permit_in(context, Operation::InviteAccount, input.city.as_deref()).await?;
        let asked = context::of(context);
        let guest = Guest { email: &input.email, name: &input.name, role: (input.role.into(), permit.city()) };
        let invited = asked.accounts.invite(Authority::Permit(permit), guest, asked.now).await;
        let (invited, user_errors) = outcome(invited.map_err(Refusal::from))?;
        let expires_at = invited.as_ref().map(|invited| Instant(invited.ends.into()));
        let (account, invitation_code) = invited.map(|invited| (Account(invited.account), invited.code)).unzip();
        Ok(Some(InviteAccountPayload { account, invitation_code, expires_at, user_errors }))
    }

    /// Gives an account a role in a city you administer, `CITY_ADMIN` too; `ADMIN` is given by administrators of all cities. Giving it
    /// twice is giving it once. A role that whoever invited the account could not have given is not in force for its password
    /// (`AccountRole.inForce`) until it accepts an invitation by somebody who may give it.
    #[graphql(directive = Cost::apply(1_000))]
    async fn grant_role(&self, context: &Context<'_>, input: RoleInput) -> Result<Option<AccountPayload>, Failure> {
        let permit = context::permit_in(context, Operation::GrantRole, input.city.as_deref()).await?;
        let asked = context::of(context);
        let role = (input.role.into(), permit.city());
        let given = asked.accounts.give(Authority::Permit(permit), &input.email, role, asked.now).await;
        let (account, user_errors) = outcome(given.map(Account).map_err(Refusal::from))?;
        Ok(Some(AccountPayload { account, user_errors }))
    }

    /// Takes a role from an account: what it may change with it ends at once. Nobody takes an administrator's role from themselves, nor in
    /// a city from those who administer it beside them, unless they gave it; nor any role of an administrator of all cities. The last
    /// of these stays (`LAST_ADMINISTRATOR`).
    #[graphql(directive = Cost::apply(1_000))]
    async fn revoke_role(&self, context: &Context<'_>, input: RoleInput) -> Result<Option<AccountPayload>, Failure> {
        let permit = context::permit_in(context, Operation::RevokeRole, input.city.as_deref()).await?;
        let asked = context::of(context);
        let role = (input.role.into(), permit.city());
        let taken = asked.accounts.take(Authority::Permit(permit), &input.email, role, asked.now).await;
        let (account, user_errors) = outcome(taken.map(Account).map_err(Refusal::from))?;
        Ok(Some(AccountPayload { account, user_errors }))
    }

    /// Closes an account: its sessions end at once. Who administers cities closes accounts that have roles there and nowhere else, and not
    /// those who administer them too, unless they gave that role. The last administrator of all cities stays (`LAST_ADMINISTRATOR`).
    /// `enableAccount` opens it again.
    #[graphql(directive = Cost::apply(1_000))]
    async fn disable_account(&self, context: &Context<'_>, input: DisableAccountInput) -> Result<Option<AccountPayload>, Failure> {
        let permit = context::permit_in(context, Operation::DisableAccount, input.city.as_deref()).await?;
        let asked = context::of(context);
        let closed = asked.accounts.disable(Authority::Permit(permit), &input.email, asked.now).await;
        let (account, user_errors) = outcome(closed.map(Account).map_err(Refusal::from))?;
        Ok(Some(AccountPayload { account, user_errors }))
    }

    /// Opens a closed account again, with the roles, the password and the second factor it had; it signs in anew. Who may
    /// close an account may open it. Opening one that is open changes nothing.
    #[graphql(directive = Cost::apply(1_000))]
    async fn enable_account(&self, context: &Context<'_>, input: EnableAccountInput) -> Result<Option<AccountPayload>, Failure> {
        let permit = context::permit_in(context, Operation::EnableAccount, input.city.as_deref()).await?;
        let asked = context::of(context);
        let opened = asked.accounts.enable(Authority::Permit(permit), &input.email, asked.now).await;
        let (account, user_errors) = outcome(opened.map(Account).map_err(Refusal::from))?;
        Ok(Some(AccountPayload { account, user_errors }))
    }

    /// Gives a partner a key. It is known everywhere within a minute.
    #[graphql(directive = Cost::apply(1_000))]
    async fn create_api_key(&self, context: &Context<'_>, input: CreateApiKeyInput) -> Result<Option<CreateApiKeyPayload>, Failure> {
        let permit = context::permit_in(context, Operation::CreateApiKey, None).await?;
        let asked = context::of(context);
        let created = asked.accounts.create_api_key(permit, &input.name, asked.now).await;
        let (created, user_errors) = outcome(created.map_err(Refusal::from))?;
        let (key, secret) = created.unzip();
        Ok(Some(CreateApiKeyPayload { api_key: key.map(Into::into), secret, user_errors }))
    }

    /// Revokes a partner's key. It is known nowhere within a minute.
    #[graphql(directive = Cost::apply(1_000))]
    async fn revoke_api_key(&self, context: &Context<'_>, input: RevokeApiKeyInput) -> Result<Option<RevokeApiKeyPayload>, Failure> {
        let permit = context::permit_in(context, Operation::RevokeApiKey, None).await?;
        let asked = context::of(context);
        let revoked = async {
            let id = read_local_id(&input.id).map_err(|failure| Refusal::at("id", failure))?;
            Ok(asked.accounts.revoke_api_key(permit, id, asked.now).await?)
        };
        let (key, user_errors) = outcome(revoked.await)?;
        Ok(Some(RevokeApiKeyPayload { api_key: key.map(Into::into), user_errors }))
    }
}
