//! Travel from the straight line: geodesic × detour, then speeds by class of distance (`data/travel.json`, with reasons).

use futures::FutureExt;
use futures::future::BoxFuture;
use serde::Deserialize;

use super::{Confidence, Matrix, Travel, TravelError, TravelMode, UNREACHABLE, Way};
use crate::domain::geo::Position;

/// The bundled table.
const TABLE: &str = include_str!("../../data/travel.json");

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Table {
    #[serde(rename = "about")]
    _about: String,
    modes: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Row {
    mode: TravelMode,
    detour: f64,
    overhead_seconds: u32,
    max_meters: Option<u32>,
    classes: Vec<Class>,
    #[serde(rename = "reason")]
    _reason: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Class {
    upto_meters: Option<u32>,
    km_per_hour: f64,
}

/// The table cannot be read; it is bundled, so this is a fault of ours and found by the first test.
#[derive(Debug, thiserror::Error)]
#[error("travel.json cannot be read")]
pub struct TableError(#[from] serde_json::Error);

/// The embedded estimate.
pub struct Estimate {
    modes: Vec<Row>,
}

impl Estimate {
    /// By the bundled table.
    pub fn bundled() -> Result<Self, TableError> {
        let table: Table = serde_json::from_str(TABLE)?;
        Ok(Self { modes: table.modes })
    }

    /// Seconds and metres along the way; `None` when nobody goes so far by this mode, or the mode is not in the table.
    pub fn between(&self, from: Position, to: Position, mode: TravelMode) -> Option<(u32, u32)> {
        let mode = self.modes.iter().find(|row| row.mode == mode)?;
        let metres = from.distance_metres(to) * mode.detour;
        if mode.max_meters.is_some_and(|most| metres > f64::from(most)) {
            return None;
        }
        if metres < 1.0 {
            return Some((0, 0));
        }
        let (mut seconds, mut behind) = (f64::from(mode.overhead_seconds), 0.0);
        for class in &mode.classes {
            let upto = class.upto_meters.map_or(f64::INFINITY, f64::from).min(metres);
            seconds += (upto - behind) * 3.6 / class.km_per_hour;
            behind = upto;
            if behind >= metres {
                break;
            }
        }
        Some((seconds.ceil() as u32, metres.round() as u32))
    }
}

impl Travel for Estimate {
    fn matrix<'a>(&'a self, points: &'a [Position], mode: TravelMode) -> BoxFuture<'a, Result<Matrix, TravelError>> {
        let size = points.len() * points.len();
        let mut matrix = Matrix { seconds: vec![0; size], metres: vec![0; size], confidence: Confidence::Estimated };
        for (row, from) in points.iter().enumerate() {
            for (column, to) in points.iter().enumerate().take(row) {
                let (seconds, metres) = self.between(*from, *to, mode).unwrap_or((UNREACHABLE, 0));
                for place in [row * points.len() + column, column * points.len() + row] {
                    matrix.seconds[place] = seconds;
                    matrix.metres[place] = metres;
                }
            }
        }
        std::future::ready(Ok(matrix)).boxed()
    }

    fn way(&self, from: Position, to: Position, mode: TravelMode) -> BoxFuture<'_, Result<Way, TravelError>> {
        let way = self.between(from, to, mode).ok_or(TravelError::NoWay(mode)).map(|(seconds, metres)| Way {
            seconds,
            metres,
            line: vec![from, to],
            confidence: Confidence::Estimated,
        });
        std::future::ready(way).boxed()
    }

    fn confidence(&self) -> Confidence {
        Confidence::Estimated
    }

    fn version(&self) -> String {
        "estimate-1".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn position() -> impl Strategy<Value = Position> {
        (-18.0..-7.0, -61.0..-50.0).prop_map(|(latitude, longitude)| Position::new(latitude, longitude).unwrap())
    }

    proptest! {
        #[test]
        fn a_detour_is_never_faster_and_farther_is_never_sooner(a in position(), b in position(), c in position()) {
            let estimate = Estimate::bundled().unwrap();
            let seconds = |from, to| estimate.between(from, to, TravelMode::Car).unwrap().0;
            prop_assert!(seconds(a, c) <= seconds(a, b) + seconds(b, c));
            prop_assert_eq!(seconds(a, b), seconds(b, a));
            if a.distance_metres(b) < a.distance_metres(c) {
                prop_assert!(seconds(a, b) <= seconds(a, c));
            }
        }
    }

    #[test]
    fn roads_of_the_state_take_about_as_long_as_they_do() {
        let estimate = Estimate::bundled().unwrap();
        let at = |latitude, longitude| Position::new(latitude, longitude).unwrap();
        let (cuiaba, chapada, alta_floresta) = (at(-15.596, -56.097), at(-15.461, -55.750), at(-9.876, -56.086));
        let hours = |from, to| f64::from(estimate.between(from, to, TravelMode::Car).unwrap().0) / 3600.0;
        assert!((0.8..1.4).contains(&hours(cuiaba, chapada)));
        assert!((10.0..13.5).contains(&hours(cuiaba, alta_floresta)));
        assert_eq!(estimate.between(cuiaba, alta_floresta, TravelMode::Walk), None);
        assert_eq!(estimate.between(cuiaba, chapada, TravelMode::Boat), None);
        assert_eq!(estimate.between(cuiaba, cuiaba, TravelMode::Car), Some((0, 0)));
    }
}
