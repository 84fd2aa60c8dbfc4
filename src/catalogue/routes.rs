//! Lists of curated routes.

use chrono::{Datelike, NaiveDate};

use super::collation::fold;
use super::error::CatalogueError;
use super::filter::check_year;
use super::page::SortKey;
use super::places::Near;
use super::records::name_of;
use super::snapshot::Snapshot;
use super::spatial::DistanceFrom;
use crate::domain::geo::Position;
use crate::domain::ids::RecordId;
use crate::domain::route::{Difficulty, Route, RouteTheme, TravelMode};
use crate::domain::work_budget::WorkBudget;

/// Units of work of looking up a stop among all cities.
const LOOK_UP_EFFORT: u64 = 10;

/// What routes are asked for; everything left empty admits all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct RouteFilter {
    /// Slugs of cities, any of them.
    pub cities: Option<Vec<String>>,
    /// Any of these.
    pub theme: Option<Vec<RouteTheme>>,
    /// Any of these.
    pub mode: Option<Vec<TravelMode>>,
    /// Any of these; unknown is none.
    pub difficulty: Option<Vec<Difficulty>>,
    /// In season on this day.
    pub in_season_on: Option<NaiveDate>,
    /// That stop at this place.
    pub stops_at: Option<RecordId>,
}

/// A route of a list.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RouteEntry {
    /// Which shard.
    pub shard: usize,
    /// Its number there.
    pub number: u32,
    /// Geodesic metres from the centre to the nearest stop.
    pub distance: Option<f64>,
}

/// Routes that pass the filter with their keys, unordered: by distance to the nearest stop with a centre, else by name.
pub fn list(
    filter: &RouteFilter,
    near: Option<Near>,
    snapshot: &Snapshot,
    budget: &WorkBudget,
) -> Result<Vec<(SortKey, RouteEntry)>, CatalogueError> {
    let cities = filter.cities.as_ref().map(|slugs| snapshot.city_mask(slugs)).transpose()?;
    if let Some(day) = filter.in_season_on {
        check_year(day.year())?;
    }
    let mut found = Vec::new();
    for (index, shard) in snapshot.shards.iter().enumerate() {
        if cities.as_ref().is_some_and(|mask| !mask[index]) {
            continue;
        }
        for (number, route) in shard.routes.numbered() {
            // Its stops are compared or looked up; then its folded name, and its turn when all are sorted.
            budget.draw(8 + 2 * route.stops.len() as u64 * if near.is_some() { LOOK_UP_EFFORT } else { 1 })?;
            if !admits(filter, route) {
                continue;
            }
            let distance = near.and_then(|near| {
                let from = DistanceFrom::new(near.centre);
                positions(route, snapshot).map(|position| from.to(position)).min_by(f64::total_cmp)
            });
            if near.is_some_and(|near| distance.is_none_or(|metres| near.radius.is_some_and(|radius| metres > radius))) {
                continue;
            }
            let key = distance
                .map_or_else(|| SortKey::word(0, fold(name_of(&route.texts)), route.id), |metres| SortKey::number(0, metres, route.id));
            found.push((key, RouteEntry { shard: index, number, distance }));
        }
    }
    Ok(found)
}

fn admits(filter: &RouteFilter, route: &Route) -> bool {
    filter.theme.as_ref().is_none_or(|wanted| wanted.contains(&route.theme))
        && filter.mode.as_ref().is_none_or(|wanted| wanted.contains(&route.mode))
        && filter.difficulty.as_ref().is_none_or(|wanted| route.difficulty.is_some_and(|known| wanted.contains(&known)))
        && filter.in_season_on.is_none_or(|day| route.season.as_ref().is_none_or(|season| season.months.contains(day.month())))
        && filter.stops_at.is_none_or(|place| route.stops.iter().any(|stop| stop.point_of_interest == place))
}

fn positions<'a>(route: &'a Route, snapshot: &'a Snapshot) -> impl Iterator<Item = Position> + 'a {
    route.stops.iter().filter_map(|stop| snapshot.place(stop.point_of_interest).map(|found| found.record.position))
}

/// The sum of the geodesics between the stops in metres: no way is shorter.
pub fn straight_line_metres(route: &Route, snapshot: &Snapshot) -> f64 {
    let stops: Vec<Position> = positions(route, snapshot).collect();
    stops.windows(2).map(|pair| pair[0].distance_metres(pair[1])).sum()
}
