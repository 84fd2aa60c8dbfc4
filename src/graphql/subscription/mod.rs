//! What can be followed. A resolver here tells what there is to tell of the state its context is pinned to, and ends; whoever serves
//! asks again when the catalogue changed, for as long as the client listens. So every event is answered from the snapshot it
//! speaks of, and none is held between events.

use std::hash::{Hash, Hasher};

use async_graphql::{Context, Subscription as Subscribed};
use futures::Stream;
use futures::stream;
use siphasher::sip::SipHasher13;

use super::context;
use super::failure::{Code, Failure};
use super::memory::Memory;
use super::model::trip::Trip;
use super::query::plan_inputs::TripLookup;
use super::query::{MAX_TRIPS, find_trip};

/// What can be followed.
pub struct Subscription;

/// What can be followed, over WebSocket with the subprotocol `graphql-transport-ws`.
#[Subscribed]
impl Subscription {
    /// The trip, or each of your trips, as it stands now, and again whenever its `issues` change: when something published breaks
    /// the plan, and when it holds again.
    async fn trip_issues(&self, context: &Context<'_>, by: Option<TripLookup>) -> Result<impl Stream<Item = Trip> + use<>, Failure> {
        let asked = context::of(context);
        let trips = match &by {
            None => asked.saved.of(context::visitor(context)?, MAX_TRIPS).await?.into_iter().map(Trip::of_owner).collect(),
            Some(by) => match find_trip(context, by).await? {
                Some(trip) => vec![trip],
                None => return Err(Failure::new(Code::NotFound, "there is no such trip, or its link was revoked")),
            },
        };
        let memory = context.data_opt::<Memory>();
        let is_news = |trip: &Trip| {
            let mut hasher = SipHasher13::new();
            trip.found(context).hash(&mut hasher);
            memory.is_none_or(|memory| memory.is_news(&trip.key(), hasher.finish()))
        };
        Ok(stream::iter(trips.into_iter().filter(is_news).collect::<Vec<_>>()))
    }
}
