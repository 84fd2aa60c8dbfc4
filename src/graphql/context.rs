//! What one request is answered from: a pinned snapshot, an instant, the reader's languages. Made once a request, so that
//! all its fields see one consistent state.

use std::sync::Arc;

use async_graphql::Context;
use chrono::{DateTime, Utc};

use super::failure::{Code, Failure};
use super::personal::Personal;
use super::scalars::Language;
use crate::catalogue::holder::Freshness;
use crate::catalogue::snapshot::Snapshot;
use crate::domain::ids::VisitorId;
use crate::domain::text::Preferences;
use crate::identity::actor::Actor;
use crate::identity::session::Sessions;
use crate::trips::saved::SavedTrips;
use crate::trips::service::Trips;

/// The context of a request.
pub struct RequestContext {
    /// The snapshot all fields are answered from.
    pub snapshot: Arc<Snapshot>,
    /// How fresh it is.
    pub freshness: Freshness,
    /// The instant "now" means.
    pub now: DateTime<Utc>,
    /// Languages of the reader, best first.
    pub preferences: Preferences,
    /// Who makes plans.
    pub trips: Arc<Trips>,
    /// Who keeps trips.
    pub saved: Arc<SavedTrips>,
    /// Who gives tokens out.
    pub sessions: Arc<Sessions>,
    /// Who asks.
    pub actor: Actor,
    /// When the token shown ends.
    pub token_ends: Option<DateTime<Utc>>,
}

/// The context of the request being answered. The HTTP face puts one into every request.
///
/// # Panics
/// When a schema is executed without one, which is a fault of the caller and found by its first query.
pub fn of<'a>(context: &Context<'a>) -> &'a RequestContext {
    context.data_unchecked::<RequestContext>()
}

/// The visitor who asks. Fails when it is nobody in particular, or when the token shown does not hold.
pub fn visitor(context: &Context<'_>) -> Result<VisitorId, Failure> {
    Personal::mark(context);
    match of(context).actor {
        Actor::Visitor(visitor) => Ok(visitor),
        Actor::Anyone => Err(Failure::new(Code::Unauthenticated, "this is for visitors: sign in with signInAnonymously")),
        Actor::Refused(error) => Err(Failure::new(Code::Unauthenticated, error.to_string())),
    }
}

/// Languages for a field: the argument's before the request's.
pub fn languages(context: &Context<'_>, argument: Option<Language>) -> Preferences {
    argument.map_or_else(|| of(context).preferences.clone(), |language| Preferences::preferring(language.0))
}
