//! Questions for places.

use async_graphql::{Context, Object};

use super::inputs::{BoundingBoxInput, NearInput, PointOfInterestFilter, PointOfInterestLookup, place_id};
use crate::catalogue::cluster::{self, MapView};
use crate::catalogue::page::PageRequest;
use crate::graphql::context;
use crate::graphql::directives::{Cost, List, Paged};
use crate::graphql::failure::Failure;
use crate::graphql::model::cluster::MapCluster;
use crate::graphql::model::enums::PointOfInterestOrder;
use crate::graphql::model::point_of_interest::{PointOfInterest, PointOfInterestConnection, Question};

/// Questions for places.
#[derive(Default)]
pub struct PlacesQuery;

#[Object]
impl PlacesQuery {
    /// One place, or the one it was merged into; null when there is none.
    #[graphql(directive = Cost::apply(5))]
    async fn point_of_interest(&self, context: &Context<'_>, by: PointOfInterestLookup) -> Result<Option<PointOfInterest>, Failure> {
        let snapshot = &context::of(context).snapshot;
        let found = match by {
            PointOfInterestLookup::Id(id) => snapshot.place_or_successor(place_id(&id)?),
            PointOfInterestLookup::Slug(slug) => snapshot.place_or_successor_by_slug(&slug),
        };
        Ok(found.and_then(|found| PointOfInterest::of(snapshot, found.shard, found.number)))
    }

    /// Places, a page at a time: `first` (or `last`) from 1 to 100, 20 when absent.
    #[graphql(directive = Cost::apply(10), directive = Paged::apply(20, &["first", "last"], &["edges", "nodes"]))]
    #[expect(clippy::too_many_arguments, reason = "the contract names them")]
    async fn points_of_interest(
        &self,
        context: &Context<'_>,
        r#where: Option<PointOfInterestFilter>,
        near: Option<NearInput>,
        order_by: Option<PointOfInterestOrder>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<Option<PointOfInterestConnection>, Failure> {
        let question = Question {
            filter: r#where.unwrap_or_default().resolve()?,
            near: near.map(NearInput::resolve).transpose()?,
            order: order_by.map(Into::into),
            except: None,
        };
        let request = PageRequest { first: first.map(Into::into), after, last: last.map(Into::into), before };
        PointOfInterestConnection::list(context, question, &request).map(Some)
    }

    /// Places gathered for a map at a zoom from 0 to 22, where a tile is 256 pixels wide; at most 1,000 clusters.
    #[graphql(directive = Cost::apply(1_000), directive = List::apply(300))]
    async fn map_clusters(
        &self,
        context: &Context<'_>,
        within: BoundingBoxInput,
        zoom: i32,
        r#where: Option<PointOfInterestFilter>,
    ) -> Result<Option<Vec<MapCluster>>, Failure> {
        let snapshot = &context::of(context).snapshot;
        let (south_west, north_east) = within.corners()?;
        let filter = r#where.unwrap_or_default().resolve()?;
        let view = MapView { south_west, north_east, zoom };
        let clusters = cluster::clusters(view, &filter, snapshot, &context::budget(context))?;
        Ok(Some(clusters.iter().map(|cluster| MapCluster::of(cluster, snapshot)).collect()))
    }
}
