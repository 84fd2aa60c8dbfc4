//! Clusters of a map.

use async_graphql::{ID, SimpleObject};

use super::facts::Location;
use super::point_of_interest::PointOfInterest;
use crate::catalogue::cluster::Cluster;
use crate::catalogue::snapshot::Snapshot;

/// Places that stand too close to be told apart at a zoom.
#[derive(SimpleObject)]
pub struct MapCluster {
    /// Zoom, column and row of its cell: the same for the same zoom wherever the map looks.
    id: ID,
    /// How many places.
    count: usize,
    /// Mean of their positions.
    location: Location,
    /// South-west corner around them.
    south_west: Location,
    /// North-east corner around them.
    north_east: Location,
    /// The place, when there is only one.
    point_of_interest: Option<PointOfInterest>,
}

impl MapCluster {
    /// A cluster of the snapshot.
    pub fn of(cluster: &Cluster, snapshot: &Snapshot) -> Self {
        let (zoom, column, row) = cluster.cell;
        Self {
            id: ID(format!("{zoom}/{column}/{row}")),
            count: cluster.count,
            location: cluster.position.into(),
            south_west: cluster.bounds.0.into(),
            north_east: cluster.bounds.1.into(),
            point_of_interest: cluster.only.and_then(|(shard, number)| PointOfInterest::of(snapshot, shard, number)),
        }
    }
}
