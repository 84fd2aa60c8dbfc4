//! Rows of the audit log.

use async_graphql::{Context, Enum, ID, Object, SimpleObject};
use serde_json::Value;
use uuid::Uuid;

use super::city::City;
use super::page::PageInfo;
use crate::domain::audit::{self, AuditSubject};
use crate::domain::ids::RecordId;
use crate::graphql::context;
use crate::graphql::model::editorial::global;
use crate::graphql::node::local_id;
use crate::graphql::scalars::Instant;
use crate::identity::audit::AuditRow;

macro_rules! actions {
    ($($(#[doc = $meaning:literal])+ $variant:ident,)+) => {
        /// Something that was done.
        #[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[graphql(remote = "audit::AuditAction")]
        pub enum AuditAction {
            $($(#[doc = $meaning])+ $variant,)+
        }
    };
}

actions! {
    /// An account signed in.
    SignedIn,
    /// A sign-in failed.
    SignInFailed,
    /// An account ended a session.
    SignedOut,
    /// A refresh token was used twice, so its session was ended.
    SessionReused,
    /// An account was made.
    AccountCreated,
    /// An account was invited to set its password.
    AccountInvited,
    /// An account accepted an invitation: it has a new password, no second factor, and its sessions ended.
    InvitationAccepted,
    /// An account was closed.
    AccountDisabled,
    /// A closed account was opened again.
    AccountEnabled,
    /// An account was given a new password and lost its second factor.
    AccountReset,
    /// An account changed its password.
    PasswordChanged,
    /// An account has a second factor from then on.
    TotpEnabled,
    /// An account has no second factor any more.
    TotpDisabled,
    /// An account was joined with one at an OpenID provider.
    IdentityJoined,
    /// A role was given.
    RoleGranted,
    /// A role was taken away.
    RoleRevoked,
    /// A partner was given a key.
    ApiKeyCreated,
    /// A partner's key was revoked.
    ApiKeyRevoked,
    /// A record was published.
    Published,
    /// A record is to be published later.
    Scheduled,
    /// A record is not to be published later after all.
    Unscheduled,
    /// A record was taken out of the public catalogue.
    Unpublished,
    /// A record was put away for good.
    Archived,
    /// A record was merged into another.
    Merged,
}

/// Something that somebody did.
pub struct AuditEntry(pub AuditRow);

/// Something that somebody did. It is never changed or deleted.
#[Object]
impl AuditEntry {
    /// Opaque id; what came later has another.
    async fn id(&self) -> ID {
        ID(self.0.number.to_string())
    }

    /// When.
    async fn at(&self) -> Instant {
        Instant(self.0.at.into())
    }

    /// What; null when it is something this version does not know.
    async fn action(&self) -> Option<AuditAction> {
        audit::AuditAction::parse(&self.0.action).map(Into::into)
    }

    /// Id of the account that did it, as in `Account.id`; null for the command line, the scheduler, and whoever did not prove who they
    /// are: a sign-in that failed, a refresh token used twice.
    async fn account_id(&self) -> Option<ID> {
        self.0.by.map(|account| local_id(account.0))
    }

    /// What it was done to: `Account.id`, `ApiKey.id`, or the id of the record, which `node` and `draft` take; null for a sign-in under a
    /// name that has no account.
    async fn subject_id(&self) -> Option<ID> {
        match audit::AuditAction::parse(&self.0.action)?.subject() {
            AuditSubject::Account | AuditSubject::ApiKey => self.0.subject.map(local_id),
            AuditSubject::Record => self.record_id(self.0.subject?),
        }
    }

    /// Where; null when it concerns no city in particular.
    async fn city(&self, context: &Context<'_>) -> Option<City> {
        let snapshot = &context::of(context).snapshot;
        snapshot.shard_by_id(self.0.city?).map(|number| City(snapshot.shards[number].clone()))
    }

    /// What else is kept of it, as a text that is one JSON object. Ids, roles and overrides in it are those of the contract.
    async fn detail(&self) -> String {
        let mut detail = self.0.detail.clone();
        // A record is merged into one of its own type.
        if let Some(into) = detail.get_mut("into") {
            let id = into.as_str().and_then(|id| Uuid::try_parse(id).ok()).and_then(|id| self.record_id(id));
            *into = id.map_or(Value::Null, |id| Value::String(id.0));
        }
        detail.to_string()
    }
}

impl AuditEntry {
    /// The id in the contract of a record of the subject's type.
    fn record_id(&self, id: Uuid) -> Option<ID> {
        Some(global(self.0.record_type?, RecordId(id)).encode())
    }
}

/// A page of the audit log.
#[derive(SimpleObject)]
pub struct AuditConnection {
    /// What was done, the latest first.
    pub nodes: Vec<AuditEntry>,
    /// Where the page stands.
    pub page_info: PageInfo,
}
