//! What can be changed: one file a group, merged into the root. Each answers with a payload that has what was changed and, in
//! `userErrors`, what the caller can mend.

mod accounts;
mod drafts;
mod session;
mod sign_in;
mod suggestions;
mod trips;

use async_graphql::MergedObject;

pub use accounts::AccountsMutation;
pub use drafts::DraftsMutation;
pub use session::SessionMutation;
pub use sign_in::SignInMutation;
pub use suggestions::SuggestionsMutation;
pub use trips::TripsMutation;

/// What can be changed.
#[derive(MergedObject, Default)]
pub struct Mutation(SessionMutation, TripsMutation, SignInMutation, AccountsMutation, DraftsMutation, SuggestionsMutation);
