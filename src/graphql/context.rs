//! What one request is answered from: a pinned snapshot, an instant, the reader's languages. Made once a request, so that
//! all its fields see one consistent state.

use std::net::IpAddr;
use std::sync::Arc;

use async_graphql::Context;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::failure::{Code, Failure};
use super::loads::{self, Loads};
use super::personal::Personal;
use super::pinned::Pinned;
use super::scalars::Language;
use crate::catalogue::error::CatalogueError;
use crate::catalogue::holder::Freshness;
use crate::domain::client::{Client, Network};
use crate::domain::ids::{AccountId, RecordId, VisitorId};
use crate::domain::text::Preferences;
use crate::domain::work_budget::WorkBudget;
use crate::editorial::desk::Desk;
use crate::identity::accounts::Accounts;
use crate::identity::actor::Actor;
use crate::identity::live::SessionKey;
use crate::identity::rights::{Grants, Operation, Permit};
use crate::identity::session::{SessionError, Sessions};
use crate::media::service::Media;
use crate::trips::saved::SavedTrips;
use crate::trips::service::Trips;

/// The context of a request.
pub struct RequestContext {
    /// The snapshot all fields are answered from.
    pub snapshot: Pinned,
    /// How fresh it is.
    pub freshness: Freshness,
    /// The instant "now" means.
    pub now: DateTime<Utc>,
    /// What is left of the work that the request may make.
    pub budget: WorkBudget,
    /// Languages of the reader, best first.
    pub preferences: Preferences,
    /// Who makes plans.
    pub trips: Arc<Trips>,
    /// Who keeps trips.
    pub saved: Arc<SavedTrips>,
    /// Who gives tokens out.
    pub sessions: Arc<Sessions>,
    /// Who knows what accounts may do.
    pub accounts: Arc<Accounts>,
    /// Where editors work.
    pub desk: Arc<Desk>,
    /// Who keeps images.
    pub media: Arc<Media>,
    /// Who asks.
    pub actor: Actor,
    /// The session of the visitor or account that asks; whether it goes on is asked when it matters.
    pub session: Option<Uuid>,
    /// When the token shown ends.
    pub token_ends: Option<DateTime<Utc>>,
    /// From where it asks, for counting what is tried from there.
    pub address: Option<IpAddr>,
    /// What was read for it already.
    pub loads: Loads,
}

impl RequestContext {
    /// The session of the token shown.
    pub fn session_key(&self) -> Option<SessionKey> {
        match self.actor {
            Actor::Visitor(_) => self.session.map(SessionKey::Visitor),
            Actor::Account(_) => self.session.map(SessionKey::Account),
            Actor::Anyone | Actor::Partner(_) | Actor::Refused(_) => None,
        }
    }

    /// What the account that asks may do now. Fails for everybody else, and when its session has ended.
    pub async fn grants(&self) -> Result<Grants, Failure> {
        Ok(self.accounts.grants(self.account()?, self.session, self.now).await?)
    }

    /// By whose share it is answered.
    pub fn client(&self) -> Client {
        let network = Network::from(self.address);
        match self.actor {
            Actor::Account(account) => Client::Account(account),
            Actor::Partner(partner) => Client::Partner(partner),
            Actor::Visitor(visitor) => Client::Visitor(visitor, network),
            Actor::Anyone | Actor::Refused(_) => Client::Anyone(network),
        }
    }

    /// The account that asks, whose session may have ended. Fails for everybody else.
    pub fn account(&self) -> Result<AccountId, Failure> {
        match self.actor {
            Actor::Account(account) => Ok(account),
            Actor::Anyone => Err(Failure::new(Code::Unauthenticated, "this is for accounts of a secretariat: sign in")),
            Actor::Visitor(_) | Actor::Partner(_) => {
                Err(Failure::new(Code::Forbidden, "this is for accounts of a secretariat, not for visitors or partners"))
            }
            Actor::Refused(error) => Err(Failure::new(Code::Unauthenticated, error.to_string())),
        }
    }
}

/// The context of the request being answered. The HTTP face puts one into every request.
///
/// # Panics
/// When a schema is executed without one, which is a fault of the caller and found by its first query.
pub fn of<'a>(context: &Context<'a>) -> &'a RequestContext {
    context.data_unchecked::<RequestContext>()
}

/// What one field may draw from the work of the request: all that is left but an eighth.
pub fn budget(context: &Context<'_>) -> WorkBudget {
    of(context).budget.share()
}

/// The visitor who asks. Fails when it is nobody in particular, when the token shown does not hold, or when its session has ended.
pub async fn visitor(context: &Context<'_>) -> Result<VisitorId, Failure> {
    Ok(visitor_session(context).await?.0)
}

/// The visitor who asks, and the session. Fails as [`visitor`] does.
pub async fn visitor_session(context: &Context<'_>) -> Result<(VisitorId, Uuid), Failure> {
    Personal::mark(context);
    let request = of(context);
    match request.actor {
        Actor::Visitor(visitor) => {
            let session = request.session.ok_or(SessionError::Ended)?;
            request.sessions.check_visitor(visitor, session, request.now).await?;
            Ok((visitor, session))
        }
        Actor::Anyone => Err(Failure::new(Code::Unauthenticated, "this is for visitors: sign in with signInAnonymously")),
        Actor::Account(_) | Actor::Partner(_) => Err(Failure::new(Code::Forbidden, "this is for visitors, not for accounts or partners")),
        Actor::Refused(error) => Err(Failure::new(Code::Unauthenticated, error.to_string())),
    }
}

/// What the account that asks may do, read anew: a role that was taken away or a session that ended is gone at once. Fails for everybody
/// else.
pub async fn grants(context: &Context<'_>) -> Result<Grants, Failure> {
    Personal::mark(context);
    let request = of(context);
    loads::grants(context, request.account()?).await
}

/// The proof that who asks may use the operation in the city.
pub async fn permit(context: &Context<'_>, operation: Operation, city: RecordId) -> Result<Permit, Failure> {
    Ok(grants(context).await?.permit(operation, city)?)
}

/// The proof that who asks may use the operation in the city of this slug; without one, everywhere.
pub async fn permit_in(context: &Context<'_>, operation: Operation, city: Option<&str>) -> Result<Permit, Failure> {
    let grants = grants(context).await?;
    let Some(slug) = city else { return Ok(grants.permit_everywhere(operation)?) };
    let snapshot = &of(context).snapshot;
    let shard = snapshot.shard_by_slug(slug).ok_or_else(|| Failure::from(CatalogueError::UnknownCity(slug.into())))?;
    Ok(grants.permit(operation, snapshot.shards[shard].city.id)?)
}

/// Languages for a field: the argument's before the request's.
pub fn languages(context: &Context<'_>, argument: Option<Language>) -> Preferences {
    argument.map_or_else(|| of(context).preferences.clone(), |language| Preferences::preferring(language.0))
}
