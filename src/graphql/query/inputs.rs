//! Inputs of the contract, and their way into questions of the catalogue.

use async_graphql::{ID, InputObject, OneofObject};
use chrono::{DateTime, Utc};

use super::super::model::enums::{AccessibilityProfile, Difficulty, EventStatus, RouteTheme, SearchType, TravelMode, UnknownPolicy};
use super::super::scalars::{Date, GeoJson, IbgeCode, Instant, Latitude, Longitude, Polyline};
use crate::catalogue::corridor::CorridorLine;
use crate::catalogue::filter::{AreaFilter, PlaceFilter};
use crate::catalogue::happenings;
use crate::catalogue::places::Near;
use crate::catalogue::routes;
use crate::domain::geo::Position;
use crate::domain::ids::RecordId;
use crate::graphql::directives::Cost;
use crate::graphql::failure::{Code, Failure};
use crate::graphql::node::GlobalId;

/// Most slugs in one list of a filter.
pub const MAX_SLUGS: usize = 50;

/// Around where to look.
#[derive(InputObject)]
pub struct NearInput {
    /// Degrees north.
    latitude: Latitude,
    /// Degrees east.
    longitude: Longitude,
    /// At most this far: more than 0, at most 2,500,000 metres, measured as the geodesic on the WGS84 ellipsoid. No limit when absent.
    radius_meters: Option<f64>,
}

impl NearInput {
    /// The question.
    pub fn resolve(self) -> Result<Near, Failure> {
        Ok(Near::new(position(self.latitude, self.longitude)?, self.radius_meters)?)
    }
}

fn position(latitude: Latitude, longitude: Longitude) -> Result<Position, Failure> {
    Position::new(latitude.0, longitude.0).map_err(|error| Failure::new(Code::BadUserInput, error.to_string()))
}

/// A rectangle between two parallels and two meridians. South lies below north, west below east.
#[derive(InputObject)]
pub struct BoundingBoxInput {
    /// Southern edge, degrees north.
    south: Latitude,
    /// Western edge, degrees east.
    west: Longitude,
    /// Northern edge, degrees north.
    north: Latitude,
    /// Eastern edge, degrees east.
    east: Longitude,
}

impl BoundingBoxInput {
    /// South-west and north-east corner.
    pub fn corners(self) -> Result<(Position, Position), Failure> {
        Ok((position(self.south, self.west)?, position(self.north, self.east)?))
    }
}

/// An area, in one of three ways.
#[derive(OneofObject)]
pub enum AreaInput {
    /// Between two parallels and two meridians.
    BoundingBox(BoundingBoxInput),
    /// Inside a GeoJSON Polygon or MultiPolygon of at most 1,000 positions and rings that does not cross itself.
    Polygon(GeoJson),
    /// In this municipality.
    Municipality(IbgeCode),
}

/// A position.
#[derive(InputObject)]
pub struct PositionInput {
    /// Degrees north.
    latitude: Latitude,
    /// Degrees east.
    longitude: Longitude,
}

/// Along a line: give `polyline` or `points`, not both. From 2 to 2,000 points, at most 3,000 km long, geodesic between points.
#[derive(InputObject)]
pub struct CorridorInput {
    /// The line as an encoded polyline; it costs as much as its points do in `points`.
    polyline: Option<Polyline>,
    /// The line as points.
    points: Option<Vec<PositionInput>>,
    /// At most this far from the line: more than 0, at most 100,000 metres.
    max_distance_meters: f64,
}

impl CorridorInput {
    fn resolve(self) -> Result<CorridorLine, Failure> {
        let points = match (self.polyline, self.points) {
            (Some(line), None) => CorridorLine::decode(&line.0)?,
            (None, Some(points)) => points.into_iter().map(|point| position(point.latitude, point.longitude)).collect::<Result<_, _>>()?,
            _ => return Err(Failure::new(Code::BadUserInput, "give `polyline` or `points`, one of them")),
        };
        Ok(CorridorLine::new(&points, self.max_distance_meters)?)
    }
}

/// What the licence of a record must allow.
#[derive(InputObject)]
pub struct ReuseFilter {
    /// Commercial use.
    #[graphql(default)]
    commercial: bool,
    /// Changed versions.
    #[graphql(default)]
    derivatives: bool,
}

/// Which places. Everything left out admits all; what is given must hold together.
#[derive(InputObject, Default)]
pub struct PointOfInterestFilter {
    /// Slugs of cities, any of them; at most 50.
    city: Option<Vec<String>>,
    /// Slugs of categories, any of them or of their descendants; at most 50.
    category: Option<Vec<String>>,
    /// Inside this area.
    within: Option<AreaInput>,
    /// Along this line; the list is ordered by progress along it.
    #[graphql(directive = Cost::apply(500))]
    along_route: Option<CorridorInput>,
    /// Open at this instant, between the years 1990 and 2100.
    #[graphql(directive = Cost::apply(1_000))]
    open_at: Option<Instant>,
    /// What becomes of places whose hours are unknown.
    #[graphql(default_with = "UnknownPolicy::Exclude")]
    open_unknown: UnknownPolicy,
    /// In season on this day; places without a known season count as open all the year.
    in_season_on: Option<Date>,
    /// Accessible, or accessible with limits, for all of these.
    accessible_for: Option<Vec<AccessibilityProfile>>,
    /// What becomes of places whose accessibility is unknown.
    #[graphql(default_with = "UnknownPolicy::Exclude")]
    accessible_unknown: UnknownPolicy,
    /// Free of charge, or not; a place of which it is unknown is neither.
    is_free: Option<bool>,
    /// With these words, in any language, accents and small mistakes aside; at most 200 characters.
    #[graphql(directive = Cost::apply(20))]
    text: Option<String>,
    /// With a licence that allows this.
    licence: Option<ReuseFilter>,
}

impl PointOfInterestFilter {
    /// The question.
    pub fn resolve(self) -> Result<PlaceFilter, Failure> {
        let within = match self.within {
            None => None,
            Some(AreaInput::BoundingBox(corners)) => {
                let (south_west, north_east) = corners.corners()?;
                Some(AreaFilter::Box { south_west: south_west.into(), north_east: north_east.into() })
            }
            Some(AreaInput::Polygon(geometry)) => Some(AreaFilter::Polygon(geometry.0)),
            Some(AreaInput::Municipality(code)) => Some(AreaFilter::Municipality(code.0)),
        };
        let licence = self.licence.unwrap_or(ReuseFilter { commercial: false, derivatives: false });
        Ok(PlaceFilter {
            cities: slugs(self.city)?,
            categories: slugs(self.category)?,
            within,
            along: self.along_route.map(CorridorInput::resolve).transpose()?,
            open_at: self.open_at.map(Instant::utc),
            open_unknown: self.open_unknown.into(),
            in_season_on: self.in_season_on.map(|day| day.0),
            accessible_for: distinct(self.accessible_for.unwrap_or_default()),
            accessible_unknown: self.accessible_unknown.into(),
            is_free: self.is_free,
            text: self.text,
            commercial: licence.commercial,
            derivatives: licence.derivatives,
        })
    }
}

/// A list of slugs of bounded length; an empty list admits nothing and is told so.
pub fn slugs(slugs: Option<Vec<String>>) -> Result<Option<Vec<String>>, Failure> {
    match slugs {
        Some(list) if list.is_empty() || list.len() > MAX_SLUGS => {
            Err(Failure::new(Code::BadUserInput, format!("a list of slugs holds from 1 to {MAX_SLUGS}")))
        }
        other => Ok(other),
    }
}

/// Each value of a list once, so that a list is never longer than its enum.
pub fn distinct<A: Into<B>, B: PartialEq>(list: Vec<A>) -> Vec<B> {
    list.into_iter().map(Into::into).fold(Vec::new(), |mut known, value| {
        if !known.contains(&value) {
            known.push(value);
        }
        known
    })
}

/// Which events. Everything left out admits all.
#[derive(InputObject, Default)]
pub struct EventFilter {
    /// Not over before this instant; now, when absent.
    from: Option<Instant>,
    /// Begins before this instant; a year after `from`, when absent. At most five years.
    to: Option<Instant>,
    /// Going on at this instant.
    ongoing_at: Option<Instant>,
    /// Slugs of cities, any of them; at most 50.
    city: Option<Vec<String>>,
    /// Slugs of categories, any of them or of their descendants; at most 50.
    category: Option<Vec<String>>,
    /// Free of charge, or not; an event of which it is unknown is neither.
    is_free: Option<bool>,
    /// Any of these.
    status: Option<Vec<EventStatus>>,
}

impl EventFilter {
    /// The question, and the window of time as it was asked for.
    pub fn resolve(self) -> Result<(happenings::EventFilter, AskedWindow), Failure> {
        let ongoing_at = self.ongoing_at.map(Instant::utc);
        let asked = match ongoing_at {
            Some(at) if self.from.is_none() && self.to.is_none() => (Some(at), at.checked_add_signed(chrono::Duration::seconds(1))),
            _ => (self.from.map(Instant::utc), self.to.map(Instant::utc)),
        };
        let filter = happenings::EventFilter {
            cities: slugs(self.city)?,
            categories: slugs(self.category)?,
            is_free: self.is_free,
            status: self.status.map(distinct),
            ongoing_at,
            venue: None,
        };
        Ok((filter, asked))
    }
}

/// Begin and end of a window as a client gave them.
pub type AskedWindow = (Option<DateTime<Utc>>, Option<DateTime<Utc>>);

/// Which routes. Everything left out admits all.
#[derive(InputObject, Default)]
pub struct RouteFilter {
    /// Slugs of cities, any of them; at most 50.
    city: Option<Vec<String>>,
    /// Any of these.
    theme: Option<Vec<RouteTheme>>,
    /// Any of these.
    mode: Option<Vec<TravelMode>>,
    /// Any of these; a route of unknown difficulty is none.
    difficulty: Option<Vec<Difficulty>>,
    /// In season on this day.
    in_season_on: Option<Date>,
    /// That stop at this place.
    point_of_interest: Option<ID>,
}

impl RouteFilter {
    /// The question.
    pub fn resolve(self) -> Result<routes::RouteFilter, Failure> {
        Ok(routes::RouteFilter {
            cities: slugs(self.city)?,
            theme: self.theme.map(distinct),
            mode: self.mode.map(distinct),
            difficulty: self.difficulty.map(distinct),
            in_season_on: self.in_season_on.map(|day| day.0),
            stops_at: self.point_of_interest.map(|id| place_id(&id)).transpose()?,
        })
    }
}

/// Which search results. Everything left out admits all.
#[derive(InputObject, Default)]
pub struct SearchFilter {
    /// Slugs of cities, any of them; at most 50.
    pub city: Option<Vec<String>>,
    /// Slugs of categories, any of them or of their descendants; at most 50. Routes and cities have none.
    pub category: Option<Vec<String>>,
    /// Any of these.
    pub types: Option<Vec<SearchType>>,
}

/// One place, in one of two ways.
#[derive(OneofObject)]
pub enum PointOfInterestLookup {
    /// By global id.
    Id(ID),
    /// By slug.
    Slug(String),
}

/// One event, in one of two ways.
#[derive(OneofObject)]
pub enum EventLookup {
    /// By global id.
    Id(ID),
    /// By slug.
    Slug(String),
}

/// One route, in one of two ways.
#[derive(OneofObject)]
pub enum RouteLookup {
    /// By global id.
    Id(ID),
    /// By slug.
    Slug(String),
}

/// The id of a place; one of another type is refused.
pub fn place_id(id: &ID) -> Result<RecordId, Failure> {
    match GlobalId::decode(id)? {
        GlobalId::PointOfInterest(record) => Ok(record),
        other => Err(other.not_a("PointOfInterest")),
    }
}
