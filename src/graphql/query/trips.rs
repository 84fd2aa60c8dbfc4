//! Questions about trips.

use async_graphql::{Context, Object};

use super::plan_inputs::{StopInput, TripLookup, TripPlanRequest};
use crate::graphql::context;
use crate::graphql::directives::{Cost, Sliced};
use crate::graphql::failure::{Code, Failure};
use crate::graphql::loads::{self, MAX_TRIPS};
use crate::graphql::model::enums::TravelMode;
use crate::graphql::model::leg::Leg;
use crate::graphql::model::plan::TripPlan;
use crate::graphql::model::trip::Trip;
use crate::graphql::node::GlobalId;
use crate::graphql::personal::Personal;
use crate::graphql::scalars::Instant;
use crate::trips::share::Opened;

/// Questions about trips.
#[derive(Default)]
pub struct TripsQuery;

#[Object]
impl TripsQuery {
    /// A plan for these wishes: what to see, in which order, on which day, and why. The same request and catalogue version give
    /// the same plan. Wishes that cannot be kept come back as warnings and drops with their reasons, never as an empty failure.
    #[graphql(directive = Cost::apply(2_000))]
    async fn trip_plan(&self, context: &Context<'_>, request: TripPlanRequest) -> Result<Option<TripPlan>, Failure> {
        TripPlan::of(context, request.resolve(&context::of(context).snapshot)?).await.map(Some)
    }

    /// One way from a place to another.
    #[graphql(directive = Cost::apply(100))]
    async fn directions(
        &self,
        context: &Context<'_>,
        from: StopInput,
        to: StopInput,
        mode: TravelMode,
        depart_at: Option<Instant>,
    ) -> Result<Option<Leg>, Failure> {
        let asked = context::of(context);
        let (from, to) = (from.resolve(&asked.snapshot)?.position, to.resolve(&asked.snapshot)?.position);
        let mode = mode.into();
        let way = asked.trips.way(from, to, mode).await?;
        Ok(Some(Leg::alone(way, mode, [from, to], depart_at)))
    }

    /// A saved trip; null when you have none of this id, or when the link was revoked or never made.
    #[graphql(directive = Cost::apply(50))]
    async fn trip(&self, context: &Context<'_>, by: TripLookup) -> Result<Option<Trip>, Failure> {
        find_trip(context, &by).await
    }

    /// The trips you saved, those changed last first; from 1 to 100, which is all a visitor has.
    #[graphql(directive = Cost::apply(50), directive = Sliced::apply(20, &["first"]))]
    async fn trips(&self, context: &Context<'_>, #[graphql(default = 20)] first: i32) -> Result<Option<Vec<Trip>>, Failure> {
        let owner = context::visitor(context).await?;
        let first = usize::try_from(first).ok().filter(|first| (1..=MAX_TRIPS).contains(first));
        let first = first.ok_or_else(|| Failure::new(Code::BadPage, format!("`first` is from 1 to {MAX_TRIPS}")))?;
        let trips = loads::trips(context, owner, first).await?;
        Ok(Some(trips.into_iter().map(Trip::of_owner).collect()))
    }
}

/// A saved trip, when the asker may read it.
pub async fn find_trip(context: &Context<'_>, by: &TripLookup) -> Result<Option<Trip>, Failure> {
    Personal::mark(context);
    let saved = &context::of(context).saved;
    match by {
        TripLookup::ShareToken(token) => Ok(match saved.open(token).await? {
            Opened::Trip(trip) => Some(Trip::of_reader(*trip)),
            Opened::Revoked | Opened::Unknown => None,
        }),
        TripLookup::Id(id) => {
            let owner = context::visitor(context).await?;
            let id = match GlobalId::decode(id)? {
                GlobalId::Trip(id) => id,
                other => return Err(other.not_a("Trip")),
            };
            Ok(loads::trip(context, owner, id).await?.map(Trip::of_owner))
        }
    }
}
