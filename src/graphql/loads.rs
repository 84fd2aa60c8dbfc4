//! What one query has read of the store already. A document may ask for the same thing under a hundred aliases; it is loaded once.
//! Mutations read anew each time: what one field changed, the next must see.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use async_graphql::Context;
use async_graphql::parser::types::OperationType;
use tokio::sync::Mutex;

use super::context;
use super::failure::Failure;
use crate::domain::ids::{AccountId, TripId, VisitorId};
use crate::identity::rights::Grants;
use crate::trips::saved::{SavedError, SavedTrip};
use crate::trips::share::Share;

/// Most trips of one answer; a visitor has no more.
pub const MAX_TRIPS: usize = 100;

/// What was loaded. One thing of a kind is loaded at a time, so a query never waits for many connections at once.
#[derive(Default)]
pub struct Loads {
    grants: Once<AccountId, Grants>,
    trip: Once<TripId, Option<Arc<SavedTrip>>>,
    trips: Mutex<Option<Loaded>>,
    shares: Once<VisitorId, Arc<HashMap<TripId, Vec<Share>>>>,
}

/// The trips of a visitor that were changed last.
struct Loaded {
    trips: Vec<Arc<SavedTrip>>,
    is_all: bool,
}

/// Values by key, each loaded once.
struct Once<K, V>(Mutex<HashMap<K, V>>);

impl<K, V> Default for Once<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash, V: Clone> Once<K, V> {
    async fn get<E>(&self, key: K, load: impl Future<Output = Result<V, E>>) -> Result<V, E> {
        let mut loaded = self.0.lock().await;
        if let Some(value) = loaded.get(&key) {
            return Ok(value.clone());
        }
        let value = load.await?;
        loaded.insert(key, value.clone());
        Ok(value)
    }
}

fn is_query(context: &Context<'_>) -> bool {
    context.query_env.operation.node.ty == OperationType::Query
}

/// What an account may do.
pub async fn grants(context: &Context<'_>, account: AccountId) -> Result<Grants, Failure> {
    let asked = context::of(context);
    let load = async { Ok(asked.accounts.grants(account, asked.session, asked.now).await?) };
    if is_query(context) { asked.loads.grants.get(account, load).await } else { load.await }
}

/// A trip of the visitor; `None` when they have none of this id.
pub async fn trip(context: &Context<'_>, owner: VisitorId, id: TripId) -> Result<Option<Arc<SavedTrip>>, Failure> {
    let asked = context::of(context);
    let load = async {
        match asked.saved.own(owner, id).await {
            Ok(trip) => Ok(Some(Arc::new(trip))),
            Err(SavedError::NotFound) => Ok(None),
            Err(error) => Err(error.into()),
        }
    };
    if is_query(context) { asked.loads.trip.get(id, load).await } else { load.await }
}

/// The visitor's trips, those changed last first, at most `first`.
pub async fn trips(context: &Context<'_>, owner: VisitorId, first: usize) -> Result<Vec<Arc<SavedTrip>>, Failure> {
    let asked = context::of(context);
    let mut loaded = asked.loads.trips.lock().await;
    let known = loaded.as_ref().filter(|loaded| loaded.is_all || loaded.trips.len() >= first);
    if let Some(known) = known {
        return Ok(known.trips.iter().take(first).cloned().collect());
    }
    // Who asks a second time, for more, gets all there are: there is no third load.
    let most = if loaded.is_none() { first } else { MAX_TRIPS };
    let trips: Vec<_> = asked.saved.of(owner, most).await?.into_iter().map(Arc::new).collect();
    let first = trips.iter().take(first).cloned().collect();
    *loaded = Some(Loaded { is_all: trips.len() < most || most == MAX_TRIPS, trips });
    Ok(first)
}

/// The open links to a trip of the visitor, the oldest first.
pub async fn shares(context: &Context<'_>, owner: VisitorId, id: TripId) -> Result<Vec<Share>, Failure> {
    let asked = context::of(context);
    if !is_query(context) {
        return Ok(asked.saved.shares(id).await?);
    }
    let all = async { asked.saved.shares_of_visitor(owner).await.map(Arc::new).map_err(Failure::from) };
    let all = asked.loads.shares.get(owner, all).await?;
    Ok(all.get(&id).cloned().unwrap_or_default())
}
