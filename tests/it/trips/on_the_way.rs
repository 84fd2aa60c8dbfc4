//! Verifies the ways of a day: that each leads from where one is to where one goes next, is no shorter than the straight line,
//! and is travelled no faster than anybody does.

use chrono::Duration;
use serde_json::Value;

use super::validator::{Instant, instant, seconds};

/// Where one is for a while. `at` is unknown for an event, whose place is not asked for.
pub struct Spot {
    pub at: Option<[f64; 2]>,
    pub arrive: Instant,
    pub leave: Instant,
}

/// Latitude and longitude of something with a location.
pub fn spot(of: &Value) -> Option<[f64; 2]> {
    let location = &of["location"];
    Some([location["latitude"].as_f64()?, location["longitude"].as_f64()?])
}

/// Metres between two points on a sphere.
fn metres([south, west]: [f64; 2], [north, east]: [f64; 2]) -> f64 {
    let half = |from: f64, to: f64| ((to - from).to_radians() / 2.0).sin().powi(2);
    let chord = half(south, north) + south.to_radians().cos() * north.to_radians().cos() * half(west, east);
    2.0 * 6_371_008.8 * chord.sqrt().asin()
}

/// What is wrong with the legs between the spots.
pub fn leg_faults(legs: &[Value], spots: &[Spot], mode: &str) -> Vec<String> {
    let mut faults = Vec::new();
    for (index, (leg, pair)) in legs.iter().zip(spots.windows(2)).enumerate() {
        let mut fault = |what: String| faults.push(format!("leg {index} {what}"));
        let (depart, arrive) = (instant(&leg["departAt"]), instant(&leg["arriveAt"]));
        if depart < pair[0].leave || arrive != pair[1].arrive {
            fault("does not fit its stops".to_owned());
        }
        let duration = seconds(&leg["duration"]);
        if arrive - depart != Duration::seconds(duration) {
            fault("takes another time than it says".to_owned());
        }
        if leg["mode"].as_str() != Some(mode) {
            fault(format!("goes by {}", leg["mode"]));
        }
        let line = polyline::decode_polyline(leg["geometry"].as_str().unwrap(), 5).unwrap();
        let ends = [line.coords().next().unwrap(), line.coords().last().unwrap()].map(|point| [point.y, point.x]);
        for (end, spot) in ends.iter().zip(pair) {
            if spot.at.is_some_and(|at| metres(at, *end) > 5.0) {
                fault(format!("ends at {end:?}, not at {:?}", spot.at));
            }
        }
        let (straight, along) = (metres(ends[0], ends[1]), leg["distanceMeters"].as_f64().unwrap());
        if along < straight * 0.99 - 5.0 {
            fault(format!("is {along} m long, the straight line is {straight}"));
        }
        let most = match mode {
            "WALK" => 6.0,
            "BICYCLE" => 25.0,
            _ => 110.0,
        };
        if along > (duration as f64 + 1.0) * most / 3.6 {
            fault(format!("goes {along} m in {duration} s"));
        }
    }
    faults
}
