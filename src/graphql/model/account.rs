//! Accounts and partners, as those see them who may.

use async_graphql::{Context, Enum, ID, Object, SimpleObject};

use super::city::City;
use crate::graphql::context;
use crate::graphql::directives::List;
use crate::graphql::node::local_id;
use crate::graphql::scalars::Instant;
use crate::identity::accounts;
use crate::identity::api_key;
use crate::identity::rights;

/// A role somebody has in a city, or everywhere.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "rights::Role")]
pub enum Role {
    /// Writes drafts.
    Editor,
    /// Approves them, or asks for changes.
    Reviewer,
    /// Publishes and withdraws.
    Publisher,
    /// All of that, and who else may.
    CityAdmin,
    /// All of that in every city, and what belongs to none.
    Admin,
}

/// What can be allowed.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "rights::Right")]
pub enum Right {
    /// See drafts, their history, the queue.
    ReadDrafts,
    /// Change drafts and hand them in.
    Write,
    /// Approve drafts, or ask for changes.
    Review,
    /// Decide what the public sees.
    Publish,
    /// Decide who may do what in a city.
    ManageAccounts,
    /// Read who did what.
    ReadAudit,
    /// Give keys to partners.
    ManagePartners,
}

/// A role of an account.
pub struct AccountRole(accounts::HeldRole);

/// A role of an account.
#[Object]
impl AccountRole {
    /// The role.
    async fn role(&self) -> Role {
        self.0.role.into()
    }

    /// Where it holds; null when everywhere.
    async fn city(&self, context: &Context<'_>) -> Option<City> {
        let snapshot = &context::of(context).snapshot;
        snapshot.shard_by_id(self.0.city?).map(|number| City(snapshot.shards[number].clone()))
    }

    /// What it gives there.
    #[graphql(directive = List::apply(7))]
    async fn rights(&self) -> Vec<Right> {
        self.0.role.rights().iter().map(|right| (*right).into()).collect()
    }

    /// Whether it is in force. A password opens no role that whoever invited the account could not have given: such a role waits until
    /// the account accepts an invitation by somebody who may give it. A sign-in at an OpenID provider opens all roles. Of yourself it
    /// tells of this session, of others of the session that would open most.
    async fn in_force(&self) -> bool {
        self.0.is_in_force
    }
}

/// Somebody who works on the catalogue.
pub struct Account(pub accounts::Account);

/// Somebody who works on the catalogue.
#[Object]
impl Account {
    /// Opaque id.
    async fn id(&self) -> ID {
        local_id(self.0.id.0)
    }

    /// E-mail address, lower case; the name to sign in with.
    async fn email(&self) -> &str {
        &self.0.email
    }

    /// Name shown to colleagues.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// What they may do where; an administrator of cities sees the roles there alone.
    #[graphql(directive = List::apply(5))]
    async fn roles(&self) -> Vec<AccountRole> {
        self.0.roles.iter().copied().map(AccountRole).collect()
    }

    /// Whether they can sign in with a password; else by an OpenID provider, or not before an invitation was accepted. Told to
    /// themselves and to administrators of all cities; null for others.
    async fn has_password(&self) -> Option<bool> {
        self.0.has_password
    }

    /// Whether a code of an authenticator app is asked for. Told to themselves and to administrators of all cities; null for others.
    async fn has_totp(&self) -> Option<bool> {
        self.0.has_totp
    }

    /// When the account was closed; null while it is open.
    async fn disabled_at(&self) -> Option<Instant> {
        self.0.disabled_at.map(|at| Instant(at.into()))
    }

    /// When it was made.
    async fn created_at(&self) -> Instant {
        Instant(self.0.created_at.into())
    }
}

/// A visitor, of whom nothing is known.
#[derive(SimpleObject)]
pub struct Visitor {
    /// The number that stands for the visitor.
    pub id: ID,
}

/// A partner, known by a key.
#[derive(SimpleObject)]
pub struct Partner {
    /// Opaque id of the key.
    pub id: ID,
    /// What the partner is called.
    pub name: String,
}

/// A partner's key; its secret is told once, when it is made.
#[derive(SimpleObject)]
pub struct ApiKey {
    /// Opaque id.
    id: ID,
    /// Whose, for people.
    name: String,
    /// When it was made.
    created_at: Instant,
    /// When it was revoked; null while it holds.
    revoked_at: Option<Instant>,
}

impl From<api_key::ApiKey> for ApiKey {
    fn from(key: api_key::ApiKey) -> Self {
        Self {
            id: local_id(key.id.0),
            name: key.name,
            created_at: Instant(key.created_at.into()),
            revoked_at: key.revoked_at.map(|at| Instant(at.into())),
        }
    }
}
