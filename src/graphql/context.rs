//! What one request is answered from: a pinned snapshot, an instant, the reader's languages. Made once a request, so that
//! all its fields see one consistent state.

use std::sync::Arc;

use async_graphql::Context;
use chrono::{DateTime, Utc};

use super::scalars::Language;
use crate::catalogue::holder::Freshness;
use crate::catalogue::snapshot::Snapshot;
use crate::domain::text::Preferences;
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
}

/// The context of the request being answered. The HTTP face puts one into every request.
///
/// # Panics
/// When a schema is executed without one, which is a fault of the caller and found by its first query.
pub fn of<'a>(context: &Context<'a>) -> &'a RequestContext {
    context.data_unchecked::<RequestContext>()
}

/// Languages for a field: the argument's before the request's.
pub fn languages(context: &Context<'_>, argument: Option<Language>) -> Preferences {
    argument.map_or_else(|| of(context).preferences.clone(), |language| Preferences::preferring(language.0))
}
