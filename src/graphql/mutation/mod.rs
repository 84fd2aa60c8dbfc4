//! What can be changed: one file a group, merged into the root. Each answers with a payload that has what was changed and, in
//! `userErrors`, what the caller can mend.

mod accounts;
mod drafts;
mod media;
mod session;
mod sign_in;
mod suggestions;
mod transfers;
mod trips;

use async_graphql::MergedObject;

pub use accounts::AccountsMutation;
pub use drafts::DraftsMutation;
pub use media::MediaMutation;
pub use session::SessionMutation;
pub use sign_in::SignInMutation;
pub use suggestions::SuggestionsMutation;
pub use transfers::TransfersMutation;
pub use trips::TripsMutation;

/// What can be changed.
#[derive(MergedObject, Default)]
pub struct Mutation(SessionMutation, TripsMutation, TransfersMutation, SignInMutation, AccountsMutation, EditorsMutation);

/// What editors can change: groups of at most eight, for the types of a merged object nest as deep as it has members.
#[derive(MergedObject, Default)]
pub struct EditorsMutation(DraftsMutation, SuggestionsMutation, MediaMutation);
