//! Positions on the earth and the distance between them. Everything is WGS84; fields are named, so that no tuple order
//! can be confused, and every distance the API shows is the geodesic on the ellipsoid.

use std::fmt;

use geo::{Distance, Geodesic, Point};

/// Semi-major axis of the WGS84 ellipsoid in metres (NIMA TR8350.2, table 3.1).
const SEMI_MAJOR_AXIS_METRES: f64 = 6_378_137.0;
/// First eccentricity squared of the WGS84 ellipsoid (NIMA TR8350.2, table 3.3).
const ECCENTRICITY_SQUARED: f64 = 6.694_379_990_14e-3;

/// Why a position was refused.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum PositionError {
    /// Not a finite number of −90 to 90.
    #[error("latitude {0} is not between -90 and 90 degrees")]
    Latitude(f64),
    /// Not a finite number of −180 to 180.
    #[error("longitude {0} is not between -180 and 180 degrees")]
    Longitude(f64),
}

/// A position, degrees WGS84, always inside the valid ranges.
#[derive(Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "(f64, f64)", into = "(f64, f64)")]
pub struct Position {
    latitude: f64,
    longitude: f64,
}

impl fmt::Debug for Position {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "latitude {} longitude {}", self.latitude, self.longitude)
    }
}

impl TryFrom<(f64, f64)> for Position {
    type Error = PositionError;

    /// Of (latitude, longitude).
    fn try_from((latitude, longitude): (f64, f64)) -> Result<Self, PositionError> {
        Self::new(latitude, longitude)
    }
}

impl From<Position> for (f64, f64) {
    /// (latitude, longitude).
    fn from(position: Position) -> Self {
        (position.latitude, position.longitude)
    }
}

impl Position {
    /// A position of degrees north and degrees east; refuses what is out of range or not finite.
    pub fn new(latitude: f64, longitude: f64) -> Result<Self, PositionError> {
        if !(-90.0..=90.0).contains(&latitude) {
            return Err(PositionError::Latitude(latitude));
        }
        if !(-180.0..=180.0).contains(&longitude) {
            return Err(PositionError::Longitude(longitude));
        }
        Ok(Self { latitude, longitude })
    }

    /// Degrees north.
    pub const fn latitude(self) -> f64 {
        self.latitude
    }

    /// Degrees east.
    pub const fn longitude(self) -> f64 {
        self.longitude
    }

    /// The point as the `geo` crate writes it: x = longitude, y = latitude.
    pub fn point(self) -> Point {
        Point::new(self.longitude, self.latitude)
    }

    /// Length in metres of the geodesic to `other` on the WGS84 ellipsoid (Karney 2013, by the `geo` crate; error
    /// below a millimetre).
    pub fn distance_metres(self, other: Self) -> f64 {
        Geodesic.distance(self.point(), other.point())
    }

    /// Earth-centred, earth-fixed coordinates in metres on the surface of the ellipsoid (height 0). The straight line
    /// between two such points is never longer than the geodesic between them: the spatial index stands on that.
    pub fn earth_centred(self) -> [f64; 3] {
        let (latitude, longitude) = (self.latitude.to_radians(), self.longitude.to_radians());
        let normal = SEMI_MAJOR_AXIS_METRES / (1.0 - ECCENTRICITY_SQUARED * latitude.sin().powi(2)).sqrt();
        [
            normal * latitude.cos() * longitude.cos(),
            normal * latitude.cos() * longitude.sin(),
            normal * (1.0 - ECCENTRICITY_SQUARED) * latitude.sin(),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_agree_with_karneys_published_values() {
        // GeographicLib `GeodSolve -i`: JFK to LHR.
        let jfk = Position::new(40.6, -73.8).unwrap();
        let lhr = Position::new(51.6, -0.5).unwrap();
        assert!((jfk.distance_metres(lhr) - 5_551_759.400).abs() < 0.01);
    }

    #[test]
    fn refuses_what_is_not_on_the_earth() {
        assert_eq!(Position::new(95.0, 0.0), Err(PositionError::Latitude(95.0)));
        assert!(Position::new(f64::NAN, 0.0).is_err());
        assert!(Position::new(0.0, 180.1).is_err());
    }
}
