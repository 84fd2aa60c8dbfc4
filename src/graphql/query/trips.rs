//! Questions about trips.

use async_graphql::{Context, Object};

use super::plan_inputs::{StopInput, TripPlanRequest};
use crate::graphql::context;
use crate::graphql::failure::{Code, Failure};
use crate::graphql::model::enums::TravelMode;
use crate::graphql::model::leg::Leg;
use crate::graphql::model::plan::TripPlan;
use crate::graphql::scalars::Instant;
use crate::travel::TravelError;

/// Questions about trips.
#[derive(Default)]
pub struct TripsQuery;

#[Object]
impl TripsQuery {
    /// A plan for these wishes: what to see, in which order, on which day, and why. The same request and catalogue version give
    /// the same plan. Wishes that cannot be kept come back as warnings and drops with their reasons, never as an empty failure.
    async fn trip_plan(&self, context: &Context<'_>, request: TripPlanRequest) -> Result<TripPlan, Failure> {
        TripPlan::of(context, request).await
    }

    /// One way from a place to another.
    async fn directions(
        &self,
        context: &Context<'_>,
        from: StopInput,
        to: StopInput,
        mode: TravelMode,
        depart_at: Option<Instant>,
    ) -> Result<Leg, Failure> {
        let asked = context::of(context);
        let (from, to) = (from.resolve(&asked.snapshot)?.position, to.resolve(&asked.snapshot)?.position);
        let mode = mode.into();
        let way = asked.trips.way(from, to, mode).await.map_err(|error| match error {
            TravelError::NoWay(_) => Failure::new(Code::NoWay, "nobody goes so far by this mode, or trips are not planned with it"),
            _ => Failure::new(Code::Internal, "the way could not be found"),
        })?;
        Ok(Leg::alone(way, mode, [from, to], depart_at))
    }
}
