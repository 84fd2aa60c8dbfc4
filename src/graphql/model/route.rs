//! Curated routes and lists of them.

use std::sync::Arc;

use async_graphql::{Context, ID, Object, SimpleObject};

use super::city::City;
use super::enums::{Difficulty, DistanceBasis, RouteTheme, TravelMode};
use super::facts::{Image, Provenance, Season};
use super::page::PageInfo;
use super::point_of_interest::PointOfInterest;
use super::text::{self, LocalizedText, of_map};
use crate::catalogue::page::{Fingerprint, PageRequest, SortKey, Taken, encode};
use crate::catalogue::places::Near;
use crate::catalogue::routes::{self, RouteEntry, RouteFilter};
use crate::catalogue::shard::CityShard;
use crate::catalogue::snapshot::Snapshot;
use crate::domain::route as domain;
use crate::graphql::context;
use crate::graphql::directives::{Cost, List};
use crate::graphql::failure::Failure;
use crate::graphql::node::GlobalId;
use crate::graphql::scalars::{Duration, Language};

/// A curated tour (schema.org `TouristTrip`): ordered stops an editor recommends.
#[derive(Clone)]
pub struct Route {
    shard: Arc<CityShard>,
    number: usize,
}

impl Route {
    /// The route of that number in that shard of the snapshot; `None` when there is none.
    pub fn of(snapshot: &Snapshot, shard: usize, number: u32) -> Option<Self> {
        let shard = Arc::clone(snapshot.shards.get(shard)?);
        let number = number as usize;
        shard.routes.get(number)?;
        Some(Self { shard, number })
    }

    /// The destination that offers it.
    pub fn destination(&self) -> City {
        City(Arc::clone(&self.shard))
    }

    /// The record.
    pub fn record(&self) -> &domain::Route {
        // `of` checked the number, and a shard never changes.
        &self.shard.routes[self.number]
    }
}

/// A curated tour (schema.org `TouristTrip`): ordered stops an editor recommends.
#[Object]
impl Route {
    /// Opaque global id; never reused.
    pub async fn id(&self) -> ID {
        GlobalId::Route(self.record().id).encode()
    }

    /// Address in links, unique among routes.
    async fn slug(&self) -> &str {
        &self.record().slug
    }

    /// The destination that offers it.
    async fn city(&self) -> City {
        self.destination()
    }

    /// Name.
    async fn name(&self, context: &Context<'_>, language: Option<Language>) -> LocalizedText {
        text::name(&self.record().texts, &context::languages(context, language))
    }

    /// One sentence.
    async fn summary(&self, context: &Context<'_>, language: Option<Language>) -> Option<LocalizedText> {
        text::summary(&self.record().texts, &context::languages(context, language))
    }

    /// A few sentences.
    async fn description(&self, context: &Context<'_>, language: Option<Language>) -> Option<LocalizedText> {
        text::description(&self.record().texts, &context::languages(context, language))
    }

    /// What it is about.
    async fn theme(&self) -> RouteTheme {
        self.record().theme.into()
    }

    /// How one moves along it.
    async fn mode(&self) -> TravelMode {
        self.record().mode.into()
    }

    /// How hard it is; null when unknown.
    async fn difficulty(&self) -> Option<Difficulty> {
        self.record().difficulty.map(Into::into)
    }

    /// When in the year it can be made; null when all the year or unknown.
    async fn season(&self) -> Option<Season> {
        self.record().season.as_ref().map(Into::into)
    }

    /// Its length in metres; read `distanceBasis` with it.
    async fn distance_meters(&self, context: &Context<'_>) -> f64 {
        let snapshot = &context::of(context).snapshot;
        self.record().distance_metres.unwrap_or_else(|| routes::straight_line_metres(self.record(), snapshot))
    }

    /// What the length rests on.
    async fn distance_basis(&self) -> DistanceBasis {
        if self.record().distance_metres.is_some() { DistanceBasis::Measured } else { DistanceBasis::StraightLine }
    }

    /// How long it takes; null when no source says so.
    async fn duration(&self) -> Option<Duration> {
        self.record().duration_minutes.map(Duration::minutes)
    }

    /// Its stops in order.
    #[graphql(directive = Cost::apply(5), directive = List::apply(10))]
    async fn stops(&self, context: &Context<'_>) -> Vec<RouteStop> {
        let snapshot = &context::of(context).snapshot;
        let stop = |(stop, position): (&domain::RouteStop, usize)| {
            let found = snapshot.place(stop.point_of_interest)?;
            Some(RouteStop { position, stop: stop.clone(), place: PointOfInterest::of(snapshot, found.shard, found.number)? })
        };
        self.record().stops.iter().zip(1..).filter_map(stop).collect()
    }

    /// Images in order, at most 20.
    #[graphql(directive = List::apply(5))]
    async fn images(&self) -> Vec<Image> {
        self.record().images.iter().cloned().map(Image).collect()
    }

    /// The line to show beside the route: whom to credit, under which licence.
    async fn attribution_text(&self, context: &Context<'_>, language: Option<Language>) -> String {
        let provenance = &self.record().provenance;
        let table = &context::of(context).snapshot.reference.licences;
        provenance.rights.attribution(&provenance.source, table, &context::languages(context, language))
    }

    /// Where it comes from and how sure it is.
    async fn provenance(&self, context: &Context<'_>) -> Provenance {
        Provenance::of(&self.record().provenance, &context::of(context).snapshot.reference.licences)
    }
}

/// A stop of a route. A place that was withdrawn is no longer a stop.
pub struct RouteStop {
    position: usize,
    stop: domain::RouteStop,
    place: PointOfInterest,
}

/// A stop of a route. A place that was withdrawn is no longer a stop.
#[Object]
impl RouteStop {
    /// Its number, from 1.
    async fn position(&self) -> usize {
        self.position
    }

    /// The place.
    async fn point_of_interest(&self) -> &PointOfInterest {
        &self.place
    }

    /// What the editor says of it here.
    async fn note(&self, context: &Context<'_>, language: Option<Language>) -> Option<LocalizedText> {
        of_map(&self.stop.note, &context::languages(context, language))
    }

    /// How long to stay; null when no source says so.
    async fn stay(&self) -> Option<Duration> {
        self.stop.stay_minutes.map(Duration::minutes)
    }
}

/// A page of routes.
pub struct RouteConnection {
    snapshot: Arc<Snapshot>,
    total: usize,
    taken: Taken<RouteEntry>,
    fingerprint: Fingerprint,
}

impl RouteConnection {
    /// A page of the list: by distance to the nearest stop with `near`, else by name.
    pub fn list(context: &Context<'_>, filter: &RouteFilter, near: Option<Near>, request: &PageRequest) -> Result<Self, Failure> {
        let snapshot = Arc::clone(&context::of(context).snapshot);
        let place = near.map(|near| near.bits());
        let fingerprint = Fingerprint::of("routes", &(filter, place));
        let page = request.resolve(fingerprint)?;
        let entries = routes::list(filter, near, &snapshot, &context::budget(context))?;
        Ok(Self { total: entries.len(), taken: page.take(entries), snapshot, fingerprint })
    }
}

/// A page of routes (Relay).
#[Object]
impl RouteConnection {
    /// The routes with what the list knows of each.
    async fn edges(&self) -> Vec<RouteEdge> {
        let edge = |(key, entry): &(SortKey, RouteEntry)| {
            let node = Route::of(&self.snapshot, entry.shard, entry.number)?;
            Some(RouteEdge { node, cursor: encode(key, self.fingerprint), distance_meters: entry.distance })
        };
        self.taken.entries.iter().filter_map(edge).collect()
    }

    /// The routes alone.
    async fn nodes(&self) -> Vec<Route> {
        self.taken.entries.iter().filter_map(|(_, entry)| Route::of(&self.snapshot, entry.shard, entry.number)).collect()
    }

    /// Where the page stands in the list.
    async fn page_info(&self) -> PageInfo {
        PageInfo::of(&self.taken, self.fingerprint)
    }

    /// How many routes the whole list has.
    async fn total_count(&self) -> usize {
        self.total
    }
}

/// A route in a list (Relay).
#[derive(SimpleObject)]
pub struct RouteEdge {
    /// The route.
    node: Route,
    /// Its cursor.
    cursor: String,
    /// Geodesic metres from `near` to the nearest stop; null without it.
    distance_meters: Option<f64>,
}
