//! Boundaries of municipalities, and polygons clients draw: read from GeoJSON (longitude, latitude; RFC 7946), checked,
//! and asked whether they hold a position.

use geo::{BooleanOps, BoundingRect, Intersects, LineString, MultiPolygon, Polygon, Rect, Validation};
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
#[derive(Clone, Debug, PartialEq)]
pub struct Area {
    shape: MultiPolygon,
    bounds: Rect,
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
        Self { shape: MultiPolygon::new(vec![bounds.to_polygon()]), bounds }
    }

    fn new(shape: MultiPolygon) -> Result<Self, PolygonError> {
        let bounds = shape.bounding_rect().ok_or(PolygonError::NotAPolygon)?;
        let inside = |x: f64, y: f64| (-180.0..=180.0).contains(&x) && (-90.0..=90.0).contains(&y);
        if inside(bounds.min().x, bounds.min().y) && inside(bounds.max().x, bounds.max().y) {
            Ok(Self { shape, bounds })
        } else {
            Err(PolygonError::OffTheEarth)
        }
    }

    /// Whether the position is inside or on the edge: who asks for the bounds of some places gets all of them.
    pub fn contains(&self, position: Position) -> bool {
        let (longitude, latitude) = (position.longitude(), position.latitude());
        let (min, max) = (self.bounds.min(), self.bounds.max());
        (min.x..=max.x).contains(&longitude) && (min.y..=max.y).contains(&latitude) && self.shape.intersects(&position.point())
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
