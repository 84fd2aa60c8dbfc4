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
use super::loads::MAX_TRIPS;
use super::memory::Memory;
use super::model::change::ChangePage;
use super::model::trip::Trip;
use super::query::find_trip;
use super::query::plan_inputs::TripLookup;
use super::scalars::Cursor;
use crate::catalogue::feed::page::FeedRequest;
use crate::graphql::directives::{Cost, Paged};

/// What can be followed.
pub struct Subscription;

/// What can be followed: over WebSocket with the subprotocol `graphql-transport-ws`, or as server-sent events
/// (`Accept: text/event-stream`).
#[Subscribed]
impl Subscription {
    /// The trip, or each of your trips, as it stands now, and again whenever its `issues` change: when something published breaks
    /// the plan, and when it holds again.
    #[graphql(directive = Cost::apply(1_000))]
    async fn trip_issues(&self, context: &Context<'_>, by: Option<TripLookup>) -> Result<impl Stream<Item = Trip> + use<>, Failure> {
        let asked = context::of(context);
        let trips = match &by {
            None => asked.saved.of(context::visitor(context).await?, MAX_TRIPS).await?.into_iter().map(Trip::of_owner).collect(),
            Some(by) => match find_trip(context, by).await? {
                Some(trip) => vec![trip],
                None => return Err(Failure::new(Code::NotFound, "there is no such trip, or its link was revoked")),
            },
        };
        let memory = context.data_opt::<Memory>();
        let is_news = |trip: &Trip| -> Result<bool, Failure> {
            let mut hasher = SipHasher13::new();
            trip.found(context)?.hash(&mut hasher);
            Ok(memory.is_none_or(|memory| memory.is_news(&trip.key(), hasher.finish())))
        };
        let mut news: Vec<Trip> = Vec::new();
        for trip in trips {
            if is_news(&trip)? {
                news.push(trip);
            }
        }
        Ok(stream::iter(news))
    }

    /// What changes in the catalogue, as `changes` tells it, in pages of at most 100, as soon as it is published. Without `after` it
    /// begins with what changes from now on: the first event is an empty page with the cursor where you stand. With `after` what
    /// you missed comes first, and that first event comes also when it is empty. From then on an event comes only when something
    /// changed in the cities you follow. Whoever comes back with the cursor of the last event misses nothing and hears nothing twice.
    #[graphql(directive = Cost::apply(20), directive = Paged::apply(100, &[], &["entries"]))]
    async fn catalogue_changed(
        &self,
        context: &Context<'_>,
        after: Option<Cursor>,
        cities: Option<Vec<String>>,
    ) -> Result<impl Stream<Item = ChangePage> + use<>, Failure> {
        let memory = context.data_opt::<Memory>();
        let field = context.item.node.response_key().node.as_str();
        let stood = memory.and_then(|memory| memory.position(field));
        let (is_first, cities) = (stood.is_none(), cities.unwrap_or_default());
        let page = match stood.or(after.map(|cursor| cursor.0)) {
            Some(after) => ChangePage::of(context, &FeedRequest { cities, after: Some(after), first: None })?,
            None => ChangePage::present(context, &cities)?,
        };
        if let Some(memory) = memory {
            memory.stand(field, page.position().to_owned(), page.goes_on());
        }
        Ok(stream::iter((is_first || page.is_news()).then_some(page)))
    }
}
