//! Clusters for a map: places of an area gathered in the cells of a grid in Web Mercator, 64 pixels wide at the zoom.

use std::collections::HashMap;
use std::f64::consts::PI;

use super::error::CatalogueError;
use super::filter::{PlaceFilter, rectangle};
use super::places::{Fitting, PlaceList, PlaceQuery};
use super::snapshot::Snapshot;
use crate::domain::geo::Position;
use crate::domain::work_budget::WorkBudget;

/// Most clusters of one answer.
pub const MAX_CLUSTERS: usize = 1_000;
/// Deepest zoom of slippy maps.
const MAX_ZOOM: i32 = 22;
/// A tile is 256 pixels wide (OSM wiki, "Slippy map tilenames"); a cell is a quarter of it.
const CELLS_PER_TILE: f64 = 4.0;

/// Places that stand too close to be told apart at a zoom.
#[derive(Clone, Debug, PartialEq)]
pub struct Cluster {
    /// Zoom, column and row of its cell: the same for the same zoom wherever the map looks.
    pub cell: (i32, u32, u32),
    /// How many places.
    pub count: usize,
    /// Mean of their positions.
    pub position: Position,
    /// South-west and north-east corner around them.
    pub bounds: (Position, Position),
    /// The place, when there is one.
    pub only: Option<(usize, u32)>,
}

struct Gathering {
    count: usize,
    latitude: f64,
    longitude: f64,
    south_west: (f64, f64),
    north_east: (f64, f64),
    first: (usize, u32),
}

/// What part of the map is gathered.
#[derive(Clone, Copy, Debug)]
pub struct MapView {
    /// Corner.
    pub south_west: Position,
    /// Corner.
    pub north_east: Position,
    /// Zoom of slippy maps, from 0 to 22.
    pub zoom: i32,
}

/// Gathers the places between two corners that the filter admits, in the order of their cells.
pub fn clusters(view: MapView, filter: &PlaceFilter, snapshot: &Snapshot, budget: &WorkBudget) -> Result<Vec<Cluster>, CatalogueError> {
    let MapView { south_west, north_east, zoom } = view;
    if !(0..=MAX_ZOOM).contains(&zoom) {
        return Err(CatalogueError::Zoom);
    }
    let area = rectangle(south_west, north_east)?;
    let list = PlaceList::new(&PlaceQuery { filter, near: None, order: None }, snapshot, budget)?;
    let mut cells: HashMap<(u32, u32), Gathering> = HashMap::new();
    list.each_fitting(4, |Fitting { shard, number, place, .. }| {
        if cells.len() > MAX_CLUSTERS || !area.contains(place.position) {
            return;
        }
        let (latitude, longitude) = (place.position.latitude(), place.position.longitude());
        let cell = cells.entry(cell(place.position, zoom)).or_insert(Gathering {
            count: 0,
            latitude: 0.0,
            longitude: 0.0,
            south_west: (latitude, longitude),
            north_east: (latitude, longitude),
            first: (shard, number),
        });
        cell.count += 1;
        cell.latitude += latitude;
        cell.longitude += longitude;
        cell.south_west = (cell.south_west.0.min(latitude), cell.south_west.1.min(longitude));
        cell.north_east = (cell.north_east.0.max(latitude), cell.north_east.1.max(longitude));
    })?;
    if cells.len() > MAX_CLUSTERS {
        return Err(CatalogueError::TooManyClusters(MAX_CLUSTERS));
    }
    let mut clusters = cells
        .into_iter()
        .map(|((column, row), cell)| {
            let count = cell.count as f64;
            Ok(Cluster {
                cell: (zoom, column, row),
                count: cell.count,
                position: Position::new(cell.latitude / count, cell.longitude / count)?,
                bounds: (Position::new(cell.south_west.0, cell.south_west.1)?, Position::new(cell.north_east.0, cell.north_east.1)?),
                only: (cell.count == 1).then_some(cell.first),
            })
        })
        .collect::<Result<Vec<_>, CatalogueError>>()?;
    clusters.sort_by_key(|cluster| cluster.cell);
    Ok(clusters)
}

/// Column and row of the cell a position falls in (OSM wiki, "Slippy map tilenames", four cells a tile).
fn cell(position: Position, zoom: i32) -> (u32, u32) {
    let across = CELLS_PER_TILE * 2_f64.powi(zoom);
    let latitude = position.latitude().clamp(-85.051_128, 85.051_128).to_radians();
    let x = (position.longitude() + 180.0) / 360.0;
    let y = (1.0 - latitude.tan().asinh() / PI) / 2.0;
    ((x * across) as u32, (y * across) as u32)
}
