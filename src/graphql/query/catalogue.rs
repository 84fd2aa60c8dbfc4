//! Questions for the catalogue itself, its cities and categories, and for anything by id.

use std::sync::Arc;

use async_graphql::{Context, ID, Object, SimpleObject};

use crate::catalogue::happenings::EXPANSION_EFFORT;
use crate::domain::ids::RecordId;
use crate::graphql::context::{self, RequestContext};
use crate::graphql::directives::{Cost, List, Sliced};
use crate::graphql::failure::{Code, Failure};
use crate::graphql::model::category::Category;
use crate::graphql::model::city::City;
use crate::graphql::model::event::{Event, EventOccurrence};
use crate::graphql::model::node::Node;
use crate::graphql::model::point_of_interest::PointOfInterest;
use crate::graphql::model::route::Route;
use crate::graphql::node::GlobalId;
use crate::graphql::scalars::Instant;

/// Most ids of one `nodes`.
const MAX_NODES: usize = 100;

/// What is published, as a whole.
#[derive(SimpleObject)]
struct Catalogue {
    /// Version: it grows with every change, and all answers of one request are of the same.
    version: String,
    /// When the catalogue was last known to be complete. It stands still while the database cannot be reached.
    as_of: Instant,
    /// How many cities.
    cities: usize,
    /// How many places.
    points_of_interest: usize,
    /// How many events, past editions included.
    events: usize,
    /// How many routes.
    routes: usize,
    /// How many categories.
    categories: usize,
    /// How many records are kept out because they cannot be read.
    quarantined: usize,
}

impl Catalogue {
    fn of(request: &RequestContext) -> Self {
        let snapshot = &request.snapshot;
        Self {
            version: snapshot.version.to_string(),
            as_of: Instant(request.freshness.as_of.fixed_offset()),
            cities: snapshot.shards.len(),
            points_of_interest: snapshot.shards.iter().map(|shard| shard.places.len()).sum(),
            events: snapshot.shards.iter().map(|shard| shard.events.len()).sum(),
            routes: snapshot.shards.iter().map(|shard| shard.routes.len()).sum(),
            categories: snapshot.reference.categories.iter().count(),
            quarantined: snapshot.all_quarantined().count(),
        }
    }
}

/// Questions for the catalogue itself.
#[derive(Default)]
pub struct CatalogueQuery;

#[Object]
impl CatalogueQuery {
    /// Anything by its global id (Relay), or what it was merged into; null when there is nothing of that id any more.
    #[graphql(directive = Cost::apply(5))]
    async fn node(&self, context: &Context<'_>, id: ID) -> Result<Option<Node>, Failure> {
        node_or_successor(&GlobalId::decode(&id)?, context::of(context))
    }

    /// Things by their global ids, in the same order; at most 100.
    #[graphql(directive = Cost::apply(5), directive = Sliced::apply(100, &["ids"]))]
    async fn nodes(&self, context: &Context<'_>, ids: Vec<ID>) -> Result<Option<Vec<Option<Node>>>, Failure> {
        if ids.len() > MAX_NODES {
            return Err(Failure::new(Code::BadPage, format!("`ids` holds at most {MAX_NODES}")));
        }
        let request = context::of(context);
        ids.iter().map(|id| node_or_successor(&GlobalId::decode(id)?, request)).collect::<Result<_, _>>().map(Some)
    }

    /// Version, freshness and size of what is published.
    #[graphql(directive = Cost::apply(5))]
    async fn catalogue(&self, context: &Context<'_>) -> Catalogue {
        Catalogue::of(context::of(context))
    }

    /// The pilot cities in their order.
    #[graphql(directive = List::apply(10))]
    async fn cities(&self, context: &Context<'_>) -> Vec<City> {
        context::of(context).snapshot.shards.iter().map(|shard| City(Arc::clone(shard))).collect()
    }

    /// One city; null when there is none.
    async fn city(&self, context: &Context<'_>, slug: String) -> Option<City> {
        let snapshot = &context::of(context).snapshot;
        Some(City(Arc::clone(snapshot.shards.get(snapshot.shard_by_slug(&slug)?)?)))
    }

    /// The category tree of places and events, parents before children; only its roots with `rootsOnly`.
    #[graphql(directive = Cost::apply(5), directive = List::apply(60))]
    async fn categories(&self, context: &Context<'_>, #[graphql(default)] roots_only: bool) -> Vec<Category> {
        let tree = &context::of(context).snapshot.reference.categories;
        let nodes = tree.iter().filter(|(_, node)| !roots_only || node.parent.is_none());
        nodes.map(|(key, _)| Category::new(Arc::clone(tree), key)).collect()
    }
}

/// What is published under a global id, or what that was merged into.
pub fn node_or_successor(id: &GlobalId, request: &RequestContext) -> Result<Option<Node>, Failure> {
    let target = |record: &RecordId| request.snapshot.redirects.target(*record);
    let successor = || match id {
        GlobalId::PointOfInterest(record) => target(record).map(GlobalId::PointOfInterest),
        GlobalId::Event(record) => target(record).map(GlobalId::Event),
        GlobalId::EventOccurrence(record, start) => target(record).map(|event| GlobalId::EventOccurrence(event, *start)),
        GlobalId::Route(record) => target(record).map(GlobalId::Route),
        GlobalId::City(_) | GlobalId::Category(_) | GlobalId::Trip(_) | GlobalId::MediaAsset(_) | GlobalId::Whole(_) => None,
    };
    if matches!(id, GlobalId::EventOccurrence(..)) {
        request.budget.draw(EXPANSION_EFFORT)?;
    }
    Ok(node(id, request).or_else(|| node(&successor()?, request)))
}

/// What is published under a global id; none when nothing is.
pub fn node(id: &GlobalId, request: &RequestContext) -> Option<Node> {
    let snapshot = &request.snapshot;
    Some(match id {
        GlobalId::City(id) => Node::City(City(Arc::clone(snapshot.shards.get(snapshot.shard_by_id(*id)?)?))),
        GlobalId::Category(slug) => {
            let tree = &snapshot.reference.categories;
            Node::Category(Category::new(Arc::clone(tree), tree.find(slug)?))
        }
        GlobalId::PointOfInterest(id) => {
            let found = snapshot.place(*id)?;
            Node::PointOfInterest(PointOfInterest::of(snapshot, found.shard, found.number)?)
        }
        GlobalId::Event(id) => {
            let found = snapshot.event(*id)?;
            Node::Event(Event::of(snapshot, found.shard, found.number)?)
        }
        GlobalId::EventOccurrence(id, start) => {
            let found = snapshot.event(*id)?;
            let occurrence = found.record.schedule.occurrence_at(*start)?;
            Node::EventOccurrence(EventOccurrence { event: Event::of(snapshot, found.shard, found.number)?, occurrence })
        }
        // A trip is a visitor's own, and asked for with `trip`; an image is its city's, and asked for with `mediaAssets`; a list as a whole
        // is asked for by its own field.
        GlobalId::Trip(_) | GlobalId::MediaAsset(_) | GlobalId::Whole(_) => return None,
        GlobalId::Route(id) => {
            let found = snapshot.route(*id)?;
            Node::Route(Route::of(snapshot, found.shard, found.number)?)
        }
    })
}
