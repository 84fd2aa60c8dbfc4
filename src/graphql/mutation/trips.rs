//! Changing saved trips.

use async_graphql::{Context, Enum, ID, InputObject, MaybeUndefined, Object, SimpleObject};

use crate::domain::ids::TripId;
use crate::graphql::context;
use crate::graphql::directives::{Cost, List};
use crate::graphql::failure::Failure;
use crate::graphql::model::trip::{Trip, TripConflict, TripShare};
use crate::graphql::node::GlobalId;
use crate::graphql::query::plan_inputs::TripPlanRequest;
use crate::graphql::user_error::{Refusal, UserError, outcome};
use crate::trips::saved::{Changes, Content, Updated};

/// Changing saved trips.
#[derive(Default)]
pub struct TripsMutation;

/// A trip to be saved.
#[derive(InputObject)]
pub struct SaveTripInput {
    /// What you call it, from 1 to 200 characters.
    title: String,
    /// What you want to remember, up to 5,000 characters; whoever you give a link reads it too.
    note: Option<String>,
    /// What the trip shall be.
    request: TripPlanRequest,
    /// A key of your own, up to 100 characters. The same key saves one trip, however often the request is sent: use one where answers
    /// may be lost.
    idempotency_key: Option<String>,
}

/// Changes to a trip; what is absent stays.
#[derive(InputObject)]
pub struct UpdateTripInput {
    /// The trip.
    id: ID,
    /// The version that was changed: the one you had.
    expected_version: u32,
    /// Another title.
    title: Option<String>,
    /// Another note; null takes it away.
    note: MaybeUndefined<String>,
    /// Other wishes; they replace those of the version you had.
    request: Option<TripPlanRequest>,
    /// Whether to take the trip's `repair`: a plan for the same wishes over what is published now, that keeps what can be kept.
    #[graphql(default)]
    accept_repair: bool,
}

/// A trip to be deleted.
#[derive(InputObject)]
pub struct DeleteTripInput {
    /// The trip.
    id: ID,
    /// Delete only when this version is in force.
    expected_version: Option<u32>,
}

/// A trip to be shared.
#[derive(InputObject)]
pub struct ShareTripInput {
    /// The trip.
    id: ID,
}

/// A link to be closed.
#[derive(InputObject)]
pub struct RevokeShareInput {
    /// Its token.
    token: String,
}

/// What became of a trip to be saved.
#[derive(SimpleObject)]
pub struct SaveTripPayload {
    /// The trip; null when it was not saved.
    trip: Option<Trip>,
    /// What you can mend.
    #[graphql(directive = List::apply(3))]
    user_errors: Vec<UserError>,
}

/// How a change came in.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum TripUpdateOutcome {
    /// The trip is as you want it.
    Saved,
    /// It had been changed meanwhile; both changes are in it.
    Merged,
    /// It had been changed meanwhile, in the same fields; nothing was written, and both sides are shown.
    Conflict,
}

/// What became of a change.
#[derive(SimpleObject)]
pub struct UpdateTripPayload {
    /// How it came in; null when there are user errors.
    outcome: Option<TripUpdateOutcome>,
    /// The trip as it is now; null when there are user errors.
    trip: Option<Trip>,
    /// Both sides, when they clash.
    conflict: Option<TripConflict>,
    /// What you can mend.
    #[graphql(directive = List::apply(3))]
    user_errors: Vec<UserError>,
}

/// What became of a trip to be deleted.
#[derive(SimpleObject)]
pub struct DeleteTripPayload {
    /// Its id; null when it was not deleted.
    deleted_trip_id: Option<ID>,
    /// What you can mend.
    #[graphql(directive = List::apply(3))]
    user_errors: Vec<UserError>,
}

/// What became of a trip to be shared.
#[derive(SimpleObject)]
pub struct ShareTripPayload {
    /// The link; null when none was made.
    share: Option<TripShare>,
    /// The trip.
    trip: Option<Trip>,
    /// What you can mend.
    #[graphql(directive = List::apply(3))]
    user_errors: Vec<UserError>,
}

/// What became of a link to be closed.
#[derive(SimpleObject)]
pub struct RevokeSharePayload {
    /// The trip it led to; null when nothing was closed.
    trip: Option<Trip>,
    /// What you can mend.
    #[graphql(directive = List::apply(3))]
    user_errors: Vec<UserError>,
}

fn trip_id(id: &ID) -> Result<TripId, Refusal> {
    match GlobalId::decode(id) {
        Ok(GlobalId::Trip(id)) => Ok(id),
        Ok(other) => Err(Refusal::at("id", other.not_a("Trip"))),
        Err(failure) => Err(Refusal::at("id", failure)),
    }
}

#[Object]
impl TripsMutation {
    /// Saves a trip of yours with the plan for it. You have at most 100.
    #[graphql(directive = Cost::apply(2_000))]
    async fn save_trip(&self, context: &Context<'_>, input: SaveTripInput) -> Result<Option<SaveTripPayload>, Failure> {
        let (owner, asked) = (context::visitor(context).await?, context::of(context));
        let saved = async {
            let request = input.request.resolve(&asked.snapshot).map_err(|failure| Refusal::at("request", failure))?;
            let wanted = Content { title: input.title.into(), note: input.note.map(Into::into), request };
            Ok(asked.saved.save(owner, wanted, input.idempotency_key, &asked.snapshot, asked.now).await?)
        };
        let (trip, user_errors) = outcome(saved.await)?;
        Ok(Some(SaveTripPayload { trip: trip.map(Trip::of_owner), user_errors }))
    }

    /// Changes a trip of yours. When it was changed elsewhere since the version you had, both changes are merged where they touch
    /// different fields; where they touch the same, nothing is written and both sides are shown.
    #[graphql(directive = Cost::apply(2_000))]
    async fn update_trip(&self, context: &Context<'_>, input: UpdateTripInput) -> Result<Option<UpdateTripPayload>, Failure> {
        let (owner, asked) = (context::visitor(context).await?, context::of(context));
        let updated = async {
            let request = input.request.map(|request| request.resolve(&asked.snapshot)).transpose();
            let changes = Changes {
                title: input.title.map(Into::into),
                note: match input.note {
                    MaybeUndefined::Undefined => None,
                    MaybeUndefined::Null => Some(None),
                    MaybeUndefined::Value(note) => Some(Some(note.into())),
                },
                request: request.map_err(|failure| Refusal::at("request", failure))?,
                accept_repair: input.accept_repair,
            };
            let id = trip_id(&input.id)?;
            Ok(asked.saved.update(owner, id, input.expected_version, &changes, &asked.snapshot, asked.now).await?)
        };
        let (updated, user_errors) = outcome(updated.await)?;
        Ok(Some(match updated {
            None => UpdateTripPayload { outcome: None, trip: None, conflict: None, user_errors },
            Some(Updated::Saved(trip)) => {
                UpdateTripPayload { outcome: Some(TripUpdateOutcome::Saved), trip: Some(Trip::of_owner(trip)), conflict: None, user_errors }
            }
            Some(Updated::Merged(trip)) => UpdateTripPayload {
                outcome: Some(TripUpdateOutcome::Merged),
                trip: Some(Trip::of_owner(trip)),
                conflict: None,
                user_errors,
            },
            Some(Updated::Conflict(conflict)) => UpdateTripPayload {
                outcome: Some(TripUpdateOutcome::Conflict),
                trip: Some(Trip::of_owner(conflict.theirs.clone())),
                conflict: Some((*conflict).into()),
                user_errors,
            },
        }))
    }

    /// Deletes a trip of yours with its links, for good.
    #[graphql(directive = Cost::apply(1_000))]
    async fn delete_trip(&self, context: &Context<'_>, input: DeleteTripInput) -> Result<Option<DeleteTripPayload>, Failure> {
        let (owner, asked) = (context::visitor(context).await?, context::of(context));
        let deleted = async {
            let id = trip_id(&input.id)?;
            asked.saved.delete(owner, id, input.expected_version, asked.now).await?;
            Ok(GlobalId::Trip(id).encode())
        };
        let (deleted_trip_id, user_errors) = outcome(deleted.await)?;
        Ok(Some(DeleteTripPayload { deleted_trip_id, user_errors }))
    }

    /// Makes a link under which anybody may read a trip of yours as it is then, but not change it. A trip has at most 20.
    #[graphql(directive = Cost::apply(1_000))]
    async fn share_trip(&self, context: &Context<'_>, input: ShareTripInput) -> Result<Option<ShareTripPayload>, Failure> {
        let (owner, asked) = (context::visitor(context).await?, context::of(context));
        let shared = async { Ok(asked.saved.share(owner, trip_id(&input.id)?, asked.now).await?) };
        let (shared, user_errors) = outcome(shared.await)?;
        let (trip, share) = shared.unzip();
        Ok(Some(ShareTripPayload { share: share.map(Into::into), trip: trip.map(Trip::of_owner), user_errors }))
    }

    /// Closes a link to a trip of yours, at once and for good.
    #[graphql(directive = Cost::apply(1_000))]
    async fn revoke_share(&self, context: &Context<'_>, input: RevokeShareInput) -> Result<Option<RevokeSharePayload>, Failure> {
        let (owner, asked) = (context::visitor(context).await?, context::of(context));
        let revoked = async { Ok(asked.saved.revoke(owner, &input.token, asked.now).await?) };
        let (trip, user_errors) = outcome(revoked.await)?;
        Ok(Some(RevokeSharePayload { trip: trip.map(Trip::of_owner), user_errors }))
    }
}
