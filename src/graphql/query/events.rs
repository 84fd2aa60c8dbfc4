//! Questions for events and routes.

use async_graphql::{Context, Object};

use super::inputs::{EventFilter, EventLookup, NearInput, RouteFilter, RouteLookup};
use crate::catalogue::page::PageRequest;
use crate::graphql::context;
use crate::graphql::directives::{Cost, Paged};
use crate::graphql::failure::Failure;
use crate::graphql::model::event::Event;
use crate::graphql::model::event_lists::{EventConnection, EventOccurrenceConnection, EventQuestion};
use crate::graphql::model::route::{Route, RouteConnection};
use crate::graphql::node::GlobalId;

/// Questions for events and routes.
#[derive(Default)]
pub struct EventsQuery;

#[Object]
impl EventsQuery {
    /// What takes place, by start, a page at a time: `first` from 1 to 100, 20 when absent. Without `where.from` it begins now.
    #[graphql(directive = Cost::apply(500), directive = Paged::apply(20, &["first"], &["edges", "nodes"]))]
    async fn events(
        &self,
        context: &Context<'_>,
        r#where: Option<EventFilter>,
        near: Option<NearInput>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<Option<EventOccurrenceConnection>, Failure> {
        let (filter, asked) = r#where.unwrap_or_default().resolve()?;
        let near = near.map(NearInput::resolve).transpose()?;
        let request = PageRequest { first: first.map(Into::into), after, ..PageRequest::default() };
        let question = EventQuestion::new(filter, near, asked, context::of(context).now)?;
        EventOccurrenceConnection::list(context, &question, &request).map(Some)
    }

    /// Events whose dates are to be announced, by name, a page at a time; the dates of the filter do not matter.
    #[graphql(directive = Cost::apply(20), directive = Paged::apply(20, &["first"], &["edges", "nodes"]))]
    async fn unannounced_events(
        &self,
        context: &Context<'_>,
        r#where: Option<EventFilter>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<Option<EventConnection>, Failure> {
        let (filter, _) = r#where.unwrap_or_default().resolve()?;
        let request = PageRequest { first: first.map(Into::into), after, ..PageRequest::default() };
        EventConnection::unannounced(context, &filter, &request).map(Some)
    }

    /// One event, or the one it was merged into; null when there is none.
    #[graphql(directive = Cost::apply(5))]
    async fn event(&self, context: &Context<'_>, by: EventLookup) -> Result<Option<Event>, Failure> {
        let snapshot = &context::of(context).snapshot;
        let found = match by {
            EventLookup::Id(id) => match GlobalId::decode(&id)? {
                GlobalId::Event(record) => snapshot.event_or_successor(record),
                other => return Err(other.not_a("Event")),
            },
            EventLookup::Slug(slug) => snapshot.event_or_successor_by_slug(&slug),
        };
        Ok(found.and_then(|found| Event::of(snapshot, found.shard, found.number)))
    }

    /// Curated routes, nearest first with `near`, else by name; a page at a time: `first` from 1 to 100, 20 when absent.
    #[graphql(directive = Cost::apply(20), directive = Paged::apply(20, &["first"], &["edges", "nodes"]))]
    async fn routes(
        &self,
        context: &Context<'_>,
        r#where: Option<RouteFilter>,
        near: Option<NearInput>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<Option<RouteConnection>, Failure> {
        let filter = r#where.unwrap_or_default().resolve()?;
        let near = near.map(NearInput::resolve).transpose()?;
        let request = PageRequest { first: first.map(Into::into), after, ..PageRequest::default() };
        RouteConnection::list(context, &filter, near, &request).map(Some)
    }

    /// One route, or the one it was merged into; null when there is none.
    #[graphql(directive = Cost::apply(5))]
    async fn route(&self, context: &Context<'_>, by: RouteLookup) -> Result<Option<Route>, Failure> {
        let snapshot = &context::of(context).snapshot;
        let found = match by {
            RouteLookup::Id(id) => match GlobalId::decode(&id)? {
                GlobalId::Route(record) => snapshot.route_or_successor(record),
                other => return Err(other.not_a("Route")),
            },
            RouteLookup::Slug(slug) => snapshot.route_or_successor_by_slug(&slug),
        };
        Ok(found.and_then(|found| Route::of(snapshot, found.shard, found.number)))
    }
}
