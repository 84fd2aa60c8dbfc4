//! A Valhalla beside us, over its HTTP interface: `sources_to_targets` for matrices, `route` for one way with its line
//! (Valhalla's documentation, "Matrix API" and "Turn-by-turn API"). Every answer is read with a bound on size and time.

use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{Confidence, Matrix, Travel, TravelError, TravelMode, UNREACHABLE, Way};
use crate::domain::geo::Position;

/// Longest wait for an answer, connecting included.
const PATIENCE: Duration = Duration::from_secs(5);
/// Largest answer, in bytes: a matrix of 300 points has 90,000 entries of about 100 bytes.
const MAX_ANSWER: usize = 32 * 1024 * 1024;
/// Decimals of Valhalla's encoded lines.
const LINE_DECIMALS: u32 = 6;

/// The client.
pub struct Valhalla {
    address: reqwest::Url,
    client: reqwest::Client,
}

/// The address cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the address of Valhalla must look like http://127.0.0.1:8002")]
pub struct AddressError;

impl Valhalla {
    /// Asks the Valhalla at this address; nothing is sent yet.
    pub fn new(address: &str) -> Result<Self, AddressError> {
        let mut address: reqwest::Url = address.parse().map_err(|_| AddressError)?;
        if !matches!(address.scheme(), "http" | "https") || address.cannot_be_a_base() {
            return Err(AddressError);
        }
        if !address.path().ends_with('/') {
            address.set_path(&format!("{}/", address.path()));
        }
        let client = reqwest::Client::builder().timeout(PATIENCE).build().map_err(|_| AddressError)?;
        Ok(Self { address, client })
    }

    async fn ask<T: DeserializeOwned>(&self, path: &str, question: &Value) -> Result<T, TravelError> {
        let url = self.address.join(path).map_err(|error| TravelError::Answer(error.to_string()))?;
        let lost = |error: reqwest::Error| if error.is_timeout() { TravelError::TimedOut } else { TravelError::Unreachable(error) };
        let mut response = self.client.post(url).json(question).send().await.map_err(lost)?;
        let status = response.status();
        let mut body = Vec::new();
        while let Some(part) = response.chunk().await.map_err(lost)? {
            if body.len() + part.len() > MAX_ANSWER {
                return Err(TravelError::Answer(format!("more than {MAX_ANSWER} bytes")));
            }
            body.extend_from_slice(&part);
        }
        if !status.is_success() {
            return Err(TravelError::Answer(format!("status {}", status.as_u16())));
        }
        serde_json::from_slice(&body).map_err(|error| TravelError::Answer(error.to_string()))
    }
}

fn costing(mode: TravelMode) -> Result<&'static str, TravelError> {
    match mode {
        TravelMode::Walk => Ok("pedestrian"),
        TravelMode::Bicycle => Ok("bicycle"),
        TravelMode::Car => Ok("auto"),
        TravelMode::Boat => Err(TravelError::NoWay(mode)),
    }
}

fn location(position: &Position) -> Value {
    json!({ "lat": position.latitude(), "lon": position.longitude() })
}

#[derive(Deserialize)]
struct MatrixAnswer {
    sources_to_targets: Vec<Vec<MatrixEntry>>,
}

#[derive(Deserialize)]
struct MatrixEntry {
    /// Seconds; null where there is no way.
    time: Option<f64>,
    /// Kilometres.
    distance: Option<f64>,
}

#[derive(Deserialize)]
struct RouteAnswer {
    trip: Trip,
}

#[derive(Deserialize)]
struct Trip {
    legs: Vec<Leg>,
    summary: Summary,
}

#[derive(Deserialize)]
struct Leg {
    shape: String,
}

#[derive(Deserialize)]
struct Summary {
    time: f64,
    length: f64,
}

/// Seconds or metres as the answers of this room hold them.
fn whole(value: f64) -> Result<u32, TravelError> {
    if value.is_finite() && (0.0..f64::from(UNREACHABLE)).contains(&value) {
        Ok(value.round() as u32)
    } else {
        Err(TravelError::Answer(format!("{value} is neither seconds nor metres")))
    }
}

impl Travel for Valhalla {
    fn matrix<'a>(&'a self, points: &'a [Position], mode: TravelMode) -> BoxFuture<'a, Result<Matrix, TravelError>> {
        async move {
            let places: Vec<Value> = points.iter().map(location).collect();
            let question = json!({ "sources": places, "targets": places, "costing": costing(mode)?, "units": "kilometers" });
            let answer: MatrixAnswer = self.ask("sources_to_targets", &question).await?;
            let rows = answer.sources_to_targets;
            if rows.len() != points.len() || rows.iter().any(|row| row.len() != points.len()) {
                return Err(TravelError::Answer("the matrix is not square".to_owned()));
            }
            let mut matrix = Matrix { seconds: Vec::new(), metres: Vec::new(), confidence: Confidence::Routed };
            for entry in rows.into_iter().flatten() {
                let (seconds, metres) = match (entry.time, entry.distance) {
                    (Some(time), Some(kilometres)) => (whole(time)?, whole(kilometres * 1_000.0)?),
                    _ => (UNREACHABLE, 0),
                };
                matrix.seconds.push(seconds);
                matrix.metres.push(metres);
            }
            Ok(matrix)
        }
        .boxed()
    }

    fn way(&self, from: Position, to: Position, mode: TravelMode) -> BoxFuture<'_, Result<Way, TravelError>> {
        async move {
            let question = json!({
                "locations": [location(&from), location(&to)], "costing": costing(mode)?, "units": "kilometers", "directions_type": "none",
            });
            let answer: RouteAnswer = self.ask("route", &question).await?;
            let mut line = Vec::new();
            for leg in &answer.trip.legs {
                let points =
                    polyline::decode_polyline(&leg.shape, LINE_DECIMALS).map_err(|error| TravelError::Answer(error.to_string()))?;
                for point in points.coords() {
                    line.push(Position::new(point.y, point.x).map_err(|error| TravelError::Answer(error.to_string()))?);
                }
            }
            if line.is_empty() {
                return Err(TravelError::Answer("the route has no line".to_owned()));
            }
            let (seconds, metres) = (whole(answer.trip.summary.time)?, whole(answer.trip.summary.length * 1_000.0)?);
            Ok(Way { seconds, metres, line, confidence: Confidence::Routed })
        }
        .boxed()
    }

    fn confidence(&self) -> Confidence {
        Confidence::Routed
    }

    fn version(&self) -> String {
        format!("valhalla {}", self.address)
    }
}
