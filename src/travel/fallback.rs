//! A router first, the estimate when it fails; the answer says which it is. A router that failed is left alone for a moment, so
//! that its outage costs one wait and not one a plan.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use futures::FutureExt;
use futures::future::BoxFuture;

use super::estimate::Estimate;
use super::{Confidence, Matrix, Travel, TravelError, TravelMode, Way};
use crate::causes;
use crate::domain::geo::Position;

/// How long a router that failed is not asked.
const PAUSE: Duration = Duration::from_secs(10);

/// A router with the estimate behind it.
pub struct Fallback<R> {
    router: R,
    estimate: Estimate,
    failed_at: Mutex<Option<Instant>>,
}

impl<R: Travel> Fallback<R> {
    /// The router before the estimate.
    pub const fn new(router: R, estimate: Estimate) -> Self {
        Self { router, estimate, failed_at: Mutex::new(None) }
    }

    fn is_resting(&self) -> bool {
        let failed_at = self.failed_at.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        failed_at.is_some_and(|failed_at| failed_at.elapsed() < PAUSE)
    }

    fn note(&self, error: &TravelError) {
        // That there is no way is an answer, not a failure.
        if !matches!(error, TravelError::NoWay(_)) {
            tracing::warn!(cause = causes::chain(error), "travel times are estimated, the router failed");
            *self.failed_at.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(Instant::now());
        }
    }
}

impl<R: Travel> Travel for Fallback<R> {
    fn matrix<'a>(&'a self, points: &'a [Position], mode: TravelMode) -> BoxFuture<'a, Result<Matrix, TravelError>> {
        async move {
            if !self.is_resting() {
                match self.router.matrix(points, mode).await {
                    Ok(matrix) => return Ok(matrix),
                    Err(error) => self.note(&error),
                }
            }
            self.estimate.matrix(points, mode).await
        }
        .boxed()
    }

    fn way(&self, from: Position, to: Position, mode: TravelMode) -> BoxFuture<'_, Result<Way, TravelError>> {
        async move {
            if !self.is_resting() {
                match self.router.way(from, to, mode).await {
                    Ok(way) => return Ok(way),
                    Err(error) => self.note(&error),
                }
            }
            self.estimate.way(from, to, mode).await
        }
        .boxed()
    }

    fn confidence(&self) -> Confidence {
        self.router.confidence()
    }

    fn version(&self) -> String {
        format!("{} {}", self.router.version(), self.estimate.version())
    }
}
