//! Ways from one place to another, within a plan or by themselves.

use async_graphql::{Context, Object};
use chrono_tz::Tz;

use super::enums::TravelMode;
use super::plan_codes::TravelConfidence;
use crate::domain::geo::Position;
use crate::graphql::context;
use crate::graphql::directives::Cost;
use crate::graphql::failure::{Code, Failure};
use crate::graphql::scalars::{Duration, Instant, Polyline};
use crate::travel;
use crate::trips::plan::answer;

/// A way from one place to another.
pub struct Leg {
    mode: travel::TravelMode,
    depart: Option<Instant>,
    arrive: Option<Instant>,
    seconds: i64,
    metres: u32,
    ends: [Position; 2],
    line: Option<Vec<Position>>,
    confidence: travel::Confidence,
}

impl Leg {
    /// Of a plan, with its times in the zone.
    pub fn planned(leg: &answer::TripLeg, zone: Tz) -> Self {
        Self {
            mode: leg.mode,
            depart: Some(Instant::in_zone(leg.depart, zone)),
            arrive: Some(Instant::in_zone(leg.arrive, zone)),
            seconds: (leg.arrive - leg.depart).num_seconds(),
            metres: leg.metres,
            ends: [leg.from, leg.to],
            line: None,
            confidence: leg.confidence,
        }
    }

    /// A way by itself.
    pub fn alone(way: travel::Way, mode: travel::TravelMode, ends: [Position; 2], depart: Option<Instant>) -> Self {
        let arrive = depart.map(|depart| Instant(depart.0 + chrono::Duration::seconds(i64::from(way.seconds))));
        Self {
            mode,
            depart,
            arrive,
            seconds: i64::from(way.seconds),
            metres: way.metres,
            ends,
            line: Some(way.line),
            confidence: way.confidence,
        }
    }
}

/// A way from one place to another.
#[Object]
impl Leg {
    /// How one moves.
    async fn mode(&self) -> TravelMode {
        self.mode.into()
    }

    /// When one leaves; null when no departure was given.
    async fn depart_at(&self) -> Option<Instant> {
        self.depart
    }

    /// When one arrives; null when no departure was given.
    async fn arrive_at(&self) -> Option<Instant> {
        self.arrive
    }

    /// Metres along the way.
    async fn distance_meters(&self) -> f64 {
        f64::from(self.metres)
    }

    /// How long it takes.
    async fn duration(&self) -> Duration {
        Duration(chrono::Duration::seconds(self.seconds))
    }

    /// The line: along streets where it is routed, straight where it is estimated.
    #[graphql(directive = Cost::apply(20))]
    async fn geometry(&self, context: &Context<'_>) -> Result<Polyline, Failure> {
        let line = match &self.line {
            Some(line) => line.clone(),
            None if self.confidence == travel::Confidence::Estimated => self.ends.to_vec(),
            None => {
                let [from, to] = self.ends;
                let way = context::of(context).trips.way(from, to, self.mode).await;
                way.map_or_else(|_| self.ends.to_vec(), |way| way.line)
            }
        };
        let points = line.iter().map(|position| geo::Coord { x: position.longitude(), y: position.latitude() });
        let encoded = polyline::encode_coordinates(points, 5);
        encoded.map(Polyline).map_err(|_| Failure::new(Code::Internal, "the line could not be written"))
    }

    /// How sure.
    async fn confidence(&self) -> TravelConfidence {
        self.confidence.into()
    }
}
