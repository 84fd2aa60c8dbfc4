//! What can be changed: one file a group, merged into the root. Each answers with a payload that has what was changed and, in
//! `userErrors`, what the caller can mend.

mod drafts;
mod media;
mod session;
mod suggestions;
mod trips;

use async_graphql::MergedObject;

pub use drafts::DraftsMutation;
pub use media::MediaMutation;
pub use session::SessionMutation;
pub use suggestions::SuggestionsMutation;
pub use trips::TripsMutation;

/// What can be changed.
#[derive(MergedObject, Default)]
pub struct Mutation(SessionMutation, TripsMutation, DraftsMutation, SuggestionsMutation, MediaMutation);
