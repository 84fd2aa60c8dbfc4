//! How long from one place to another, by which line, and how sure. One trait, several ways to know: the embedded estimate,
//! a street router beside us. To add one: a file here that implements [`Travel`], a line in `cli/serve` that chooses it.

pub mod estimate;
pub mod fallback;
pub mod valhalla;

use futures::future::BoxFuture;

use crate::domain::geo::Position;
pub use crate::domain::route::TravelMode;

/// How sure a travel time is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Confidence {
    /// From the straight line, a detour factor and usual speeds.
    Estimated,
    /// Along streets, by a router.
    Routed,
}

/// Travel between all pairs of points, row by row: entry `from * points + to`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matrix {
    /// Seconds; [`UNREACHABLE`] where there is no way.
    pub seconds: Vec<u32>,
    /// Metres along the way; 0 where there is none.
    pub metres: Vec<u32>,
    /// The least sure of its entries.
    pub confidence: Confidence,
}

/// In a matrix: there is no way.
pub const UNREACHABLE: u32 = u32::MAX;

/// One way from a point to another.
#[derive(Clone, Debug, PartialEq)]
pub struct Way {
    /// Seconds.
    pub seconds: u32,
    /// Metres along the way.
    pub metres: u32,
    /// The line, from and to included.
    pub line: Vec<Position>,
    /// How sure.
    pub confidence: Confidence,
}

/// Why travel is not known.
#[derive(Debug, thiserror::Error)]
pub enum TravelError {
    /// Nobody goes that way: too far for the mode, or a mode that is not planned with.
    #[error("there is no way on {0:?} between the two")]
    NoWay(TravelMode),
    /// The router did not answer in time.
    #[error("the router did not answer in time")]
    TimedOut,
    /// The router answered something else than a route.
    #[error("the router's answer cannot be used: {0}")]
    Answer(String),
    /// The router cannot be reached.
    #[error("the router cannot be reached")]
    Unreachable(#[source] reqwest::Error),
}

/// A way to know how long from one place to another.
pub trait Travel: Send + Sync {
    /// Seconds and metres between all pairs of the points.
    fn matrix<'a>(&'a self, points: &'a [Position], mode: TravelMode) -> BoxFuture<'a, Result<Matrix, TravelError>>;

    /// One way with its line.
    fn way(&self, from: Position, to: Position, mode: TravelMode) -> BoxFuture<'_, Result<Way, TravelError>>;

    /// How sure its answers are when all goes well.
    fn confidence(&self) -> Confidence;

    /// What decides its answers: part of the key of cached plans.
    fn version(&self) -> String;
}
