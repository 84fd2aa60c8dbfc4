//! Boundaries of municipalities, and polygons clients draw: read from GeoJSON (longitude, latitude; RFC 7946), checked,
//! and asked whether they hold a position.

use std::fmt;
use std::sync::Arc;

use geo::indexed::IntervalTreeMultiPolygon;
use geo::orient::{Direction, Orient};
use geo::{BooleanOps, BoundingRect, Contains, LineString, LinesIter, MultiPolygon, Polygon, Rect, Validation};
use geojson::GeometryValue;
use serde_json::Value;

use super::city::Ibge;
use super::geo::Position;

/// Most vertices a client's polygon may have: checking that it does not cross itself takes time that grows with their
/// square, 10 ms at 1,000. The largest municipality has 900.
pub const MAX_VERTICES: usize = 1_000;

/// Why a polygon was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolygonError {
    /// Not a GeoJSON Polygon or MultiPolygon geometry.
    #[error("not a GeoJSON Polygon or MultiPolygon with [longitude, latitude] positions")]
    NotAPolygon,
    /// More vertices than [`MAX_VERTICES`].
    #[error("the polygon has {0} positions; at most {MAX_VERTICES} are read")]
    TooManyVertices(usize),
    /// A position is not on the earth.
    #[error("a position of the polygon is outside longitude -180 to 180 and latitude -90 to 90")]
    OffTheEarth,
    /// A ring crosses itself, or is not closed, or has fewer than four positions.
    #[error("the polygon is not valid: {0}")]
    Invalid(String),
}

/// An area in degrees, longitude as x. Its sides are straight in longitude and latitude (RFC 7946 §3.1.1).
#[derive(Clone, Debug)]
pub struct Area {
    shape: MultiPolygon,
    bounds: Rect,
    /// Absent of a rectangle, which its bounds describe.
    outside: Option<Outside>,
}

impl PartialEq for Area {
    fn eq(&self, other: &Self) -> bool {
        self.shape == other.shape
    }
}

/// Everything around an area, its sides indexed by latitude: what lies neither in it nor on a side is inside the area or on its edge.
#[derive(Clone)]
struct Outside {
    sides: Arc<IntervalTreeMultiPolygon<f64>>,
    /// Most sides that one parallel crosses.
    most_sides: u64,
}

impl fmt::Debug for Outside {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Outside").field("most_sides", &self.most_sides).finish_non_exhaustive()
    }
}

impl Outside {
    fn of(shape: &MultiPolygon) -> Self {
        // The complement: a frame around the earth, and every ring the other way round.
        let frame = Rect::new((-400.0, -400.0), (400.0, 400.0)).to_polygon().orient(Direction::Default);
        let turned = |ring: &LineString| LineString::new(ring.0.iter().rev().copied().collect());
        let oriented = shape.orient(Direction::Default);
        let rings = oriented.iter().flat_map(|polygon| std::iter::once(polygon.exterior()).chain(polygon.interiors()));
        let (frame, _) = frame.into_inner();
        let complement = MultiPolygon::new(vec![Polygon::new(frame, rings.map(turned).collect())]);
        Self { sides: Arc::new(IntervalTreeMultiPolygon::new(&complement)), most_sides: most_sides(shape) }
    }
}

/// Most sides that one parallel crosses or touches.
fn most_sides(shape: &MultiPolygon) -> u64 {
    let ends = |side: geo::Line| [(side.start.y.min(side.end.y), false), (side.start.y.max(side.end.y), true)];
    let mut ends: Vec<(f64, bool)> = shape.lines_iter().flat_map(ends).collect();
    // A side begins before another ends at the same latitude.
    ends.sort_by(|one, other| one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)));
    let (mut open, mut most) = (0_u64, 0);
    for (_, is_end) in ends {
        open = if is_end { open - 1 } else { open + 1 };
        most = most.max(open);
    }
    most
}

impl Area {
    /// Reads a polygon a client drew; anything wrong with it is an error.
    pub fn from_geojson(geometry: &Value) -> Result<Self, PolygonError> {
        let vertices = count_positions(geometry.get("coordinates").unwrap_or(&Value::Null));
        if vertices > MAX_VERTICES {
            return Err(PolygonError::TooManyVertices(vertices));
        }
        let shape = shape(geometry)?;
        shape.check_validation().map_err(|error| PolygonError::Invalid(error.to_string()))?;
        Self::new(shape)
    }

    /// Units of work that [`Self::from_geojson`] takes: every side is held against every other.
    pub fn reading_effort(geometry: &Value) -> u64 {
        let vertices = count_positions(geometry.get("coordinates").unwrap_or(&Value::Null)).min(MAX_VERTICES) as u64;
        1 + vertices * vertices / 2
    }

    /// Reads a boundary from a public source. One that crosses itself is repaired by uniting its parts (`true` in the
    /// answer), which keeps its area but for the sliver of the crossing.
    pub fn repaired(geometry: &Value) -> Result<(Self, bool), PolygonError> {
        let shape = shape(geometry)?;
        if shape.is_valid() {
            return Ok((Self::new(shape)?, false));
        }
        let united = shape.union(&MultiPolygon::new(Vec::new()));
        united.check_validation().map_err(|error| PolygonError::Invalid(error.to_string()))?;
        Ok((Self::new(united)?, true))
    }

    /// The rectangle between two corners, which must be given as south-west and north-east.
    pub fn rectangle(south_west: Position, north_east: Position) -> Self {
        let bounds = Rect::new(south_west.point(), north_east.point());
        Self { shape: MultiPolygon::new(vec![bounds.to_polygon()]), bounds, outside: None }
    }

    fn new(shape: MultiPolygon) -> Result<Self, PolygonError> {
        let bounds = shape.bounding_rect().ok_or(PolygonError::NotAPolygon)?;
        let inside = |x: f64, y: f64| (-180.0..=180.0).contains(&x) && (-90.0..=90.0).contains(&y);
        if inside(bounds.min().x, bounds.min().y) && inside(bounds.max().x, bounds.max().y) {
            Ok(Self { outside: Some(Outside::of(&shape)), shape, bounds })
        } else {
            Err(PolygonError::OffTheEarth)
        }
    }

    /// Whether the position is inside or on the edge: who asks for the bounds of some places gets all of them. O(log n + k), where k
    /// sides lie at its latitude.
    pub fn contains(&self, position: Position) -> bool {
        let (longitude, latitude) = (position.longitude(), position.latitude());
        let (min, max) = (self.bounds.min(), self.bounds.max());
        (min.x..=max.x).contains(&longitude)
            && (min.y..=max.y).contains(&latitude)
            && self.outside.as_ref().is_none_or(|outside| !outside.sides.contains(&position.point()))
    }

    /// Most units of work that [`Self::contains`] takes: one, and one for each eight sides that a parallel may cross.
    pub fn effort(&self) -> u64 {
        1 + self.outside.as_ref().map_or(0, |outside| outside.most_sides / 8)
    }

    /// South-west and north-east corner of the smallest rectangle around it: (longitude, latitude) each.
    pub fn bounds(&self) -> [(f64, f64); 2] {
        [self.bounds.min().x_y(), self.bounds.max().x_y()]
    }
}

/// Positions and rings in nested GeoJSON coordinates, counted without recursion deeper than GeoJSON goes.
fn count_positions(coordinates: &Value) -> usize {
    let rings = |polygon: &Value| -> usize {
        polygon.as_array().map_or(0, |rings| rings.iter().map(|ring| 1 + ring.as_array().map_or(0, Vec::len)).sum())
    };
    let is_multi = coordinates.pointer("/0/0/0/0").is_some();
    if is_multi { coordinates.as_array().map_or(0, |polygons| polygons.iter().map(rings).sum()) } else { rings(coordinates) }
}

fn shape(geometry: &Value) -> Result<MultiPolygon, PolygonError> {
    let geometry: geojson::Geometry = serde_json::from_value(geometry.clone()).map_err(|_| PolygonError::NotAPolygon)?;
    let polygons = match geometry.value {
        GeometryValue::Polygon { coordinates } => vec![coordinates],
        GeometryValue::MultiPolygon { coordinates } => coordinates,
        GeometryValue::Point { .. }
        | GeometryValue::MultiPoint { .. }
        | GeometryValue::LineString { .. }
        | GeometryValue::MultiLineString { .. }
        | GeometryValue::GeometryCollection { .. } => return Err(PolygonError::NotAPolygon),
    };
    let polygons: Option<Vec<Polygon>> = polygons.iter().map(|rings| polygon(rings)).collect();
    polygons.filter(|polygons| polygons.iter().all(has_a_ring)).map(MultiPolygon::new).ok_or(PolygonError::NotAPolygon)
}

/// The outer ring and the holes of a GeoJSON polygon (RFC 7946 §3.1.6). Heights are dropped.
fn polygon(rings: &[Vec<geojson::Position>]) -> Option<Polygon> {
    let corner = |position: &geojson::Position| match *position.as_slice() {
        [longitude, latitude, ..] => Some((longitude, latitude)),
        _ => None,
    };
    let mut lines = rings.iter().map(|ring| ring.iter().map(corner).collect::<Option<Vec<_>>>().map(LineString::from));
    let outer = lines.next()??;
    Some(Polygon::new(outer, lines.collect::<Option<_>>()?))
}

fn has_a_ring(polygon: &Polygon) -> bool {
    polygon.exterior().0.len() >= 4
}

/// The boundaries of all municipalities.
#[derive(Clone, Debug, Default)]
pub struct Boundaries(Vec<(Ibge, Area)>);

/// What was found wrong with a boundary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BoundaryReport {
    /// Which.
    pub municipality: Ibge,
    /// Whether it could be repaired and is in use; otherwise it is left out.
    pub repaired: bool,
    /// What is wrong.
    pub reason: String,
}

impl Boundaries {
    /// Reads GeoJSON geometries; those that cannot be repaired are left out and reported.
    pub fn build(geometries: Vec<(Ibge, Value)>) -> (Self, Vec<BoundaryReport>) {
        let mut reports = Vec::new();
        let mut areas = Vec::with_capacity(geometries.len());
        for (municipality, geometry) in geometries {
            match Area::repaired(&geometry) {
                Ok((area, repaired)) => {
                    if repaired {
                        reports.push(BoundaryReport { municipality, repaired, reason: "crosses itself".to_owned() });
                    }
                    areas.push((municipality, area));
                }
                Err(error) => reports.push(BoundaryReport { municipality, repaired: false, reason: error.to_string() }),
            }
        }
        (Self(areas), reports)
    }

    /// The municipality whose boundary holds the position.
    pub fn locate(&self, position: Position) -> Option<Ibge> {
        self.0.iter().find(|(_, area)| area.contains(position)).map(|(ibge, _)| *ibge)
    }

    /// The boundary of a municipality.
    pub fn get(&self, municipality: Ibge) -> Option<&Area> {
        self.0.iter().find(|(ibge, _)| *ibge == municipality).map(|(_, area)| area)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::Intersects;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn a_bow_tie_is_refused_from_a_client_and_repaired_from_a_source() {
        let bow_tie = json!({"type": "Polygon", "coordinates": [[[0, 0], [2, 2], [2, 0], [0, 2], [0, 0]]]});
        assert!(matches!(Area::from_geojson(&bow_tie), Err(PolygonError::Invalid(_))));
        let (area, repaired) = Area::repaired(&bow_tie).unwrap();
        assert!(repaired);
        assert!(area.contains(Position::new(1.0, 1.9).unwrap()));
        assert!(!area.contains(Position::new(1.9, 1.0).unwrap()));
    }

    /// A star of so many spikes around a centre, with a hole that is a smaller one, and another star beside it.
    fn stars(radii: &[f64]) -> MultiPolygon {
        let star = |centre: (f64, f64), scale: f64| {
            let point = |(index, radius): (usize, &f64)| {
                let angle = index as f64 / radii.len() as f64 * std::f64::consts::TAU;
                (centre.0 + scale * radius * angle.cos(), centre.1 + scale * radius * angle.sin())
            };
            let mut ring: Vec<(f64, f64)> = radii.iter().enumerate().map(point).collect();
            ring.push(ring[0]);
            LineString::from(ring)
        };
        let with_hole = Polygon::new(star((0.0, 0.0), 1.0), vec![star((0.0, 0.0), 0.4)]);
        MultiPolygon::new(vec![with_hole, Polygon::new(star((5.0, 0.0), 1.0), Vec::new())])
    }

    proptest! {
        #[test]
        fn the_index_agrees_with_the_walk_along_all_sides(
            radii in prop::collection::vec(prop::sample::select(vec![1.0, 1.5, 2.0]), 3..30),
            points in prop::collection::vec((-2.5..7.5_f64, -2.5..2.5_f64), 1..60),
        ) {
            let shape = stars(&radii);
            let area = Area::new(shape.clone()).unwrap();
            // The corners, the middles of sides, and points on the parallels of corners lie where an index errs.
            let sides: Vec<geo::Line> = shape.lines_iter().collect();
            let corners = sides.iter().map(|side| side.start_point().x_y());
            let level = sides.iter().zip(&points).map(|(side, (x, _))| (*x, side.start.y));
            for (x, y) in corners.chain(level).chain(points.iter().copied()) {
                let position = Position::new(y, x).unwrap();
                prop_assert_eq!(area.contains(position), shape.intersects(&geo::Point::new(x, y)), "{} {}", x, y);
            }
            for (_, y) in &points {
                let crossed = sides.iter().filter(|side| (side.start.y.min(side.end.y)..=side.start.y.max(side.end.y)).contains(y)).count();
                prop_assert!(crossed as u64 <= most_sides(&shape));
            }
        }
    }

    #[test]
    fn sides_that_are_parallels_hold_what_lies_on_them() {
        let square = json!({"type": "Polygon", "coordinates": [[[0, 0], [2, 0], [2, 2], [0, 2], [0, 0]], [[0.5, 0.5], [1, 0.5], [1, 1], [0.5, 1], [0.5, 0.5]]]});
        let area = Area::from_geojson(&square).unwrap();
        let holds = |latitude, longitude| area.contains(Position::new(latitude, longitude).unwrap());
        assert!([(0.0, 1.0), (2.0, 0.5), (1.0, 0.0), (1.0, 2.0), (0.0, 0.0), (0.5, 0.7), (1.0, 0.5)].into_iter().all(|(y, x)| holds(y, x)));
        assert!([(0.7, 0.7), (-0.1, 1.0), (2.1, 1.0), (1.0, 2.1)].into_iter().all(|(y, x)| !holds(y, x)));
    }

    #[test]
    fn holes_parts_and_heights_are_read() {
        let square = |from: i32, to: i32| json!([[from, from, 9.5], [to, from], [to, to], [from, to], [from, from]]);
        let geometry = json!({"type": "MultiPolygon", "coordinates": [[square(0, 8), square(2, 4)], [square(10, 12)]]});
        let area = Area::from_geojson(&geometry).unwrap();
        assert_eq!(area.bounds(), [(0.0, 0.0), (12.0, 12.0)]);
        for (at, is_inside) in [(1.0, true), (3.0, false), (9.0, false), (11.0, true)] {
            assert_eq!(area.contains(Position::new(at, at).unwrap()), is_inside, "{at}");
        }
    }

    #[test]
    fn what_is_no_polygon_is_refused() {
        for wrong in [
            json!(null),
            json!({"type": "Point", "coordinates": [0, 0]}),
            json!({"type": "Polygon", "coordinates": []}),
            json!({"type": "Polygon", "coordinates": [[[0, 0], [1, 1]]]}),
            json!({"type": "Polygon", "coordinates": [[[0, 0], [200, 0], [200, 1], [0, 0]]]}),
            json!({"type": "Polygon", "coordinates": [[[0, 0], ["a", 0], [1, 1], [0, 0]]]}),
            json!({"type": "Polygon", "coordinates": [[[0, 0], [5], [1, 1], [0, 0]]]}),
            json!({"type": "MultiPolygon", "coordinates": [[[[0, 0], [1, 0], [1, 1], [0, 0]]], []]}),
            json!({"type": "GeometryCollection", "geometries": []}),
        ] {
            assert!(Area::from_geojson(&wrong).is_err(), "{wrong}");
        }
        let many: Vec<_> = (0..3_000).map(|index| json!([f64::from(index) / 100.0, 0])).collect();
        assert_eq!(Area::from_geojson(&json!({"type": "Polygon", "coordinates": [many]})), Err(PolygonError::TooManyVertices(3_001)));
    }
}
