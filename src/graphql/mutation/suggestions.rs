//! What visitors say is wrong, and what editors make of it.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use uuid::Uuid;

use super::drafts::{DraftContentInput, DraftPayload, content_patch};
use crate::editorial::error::EditorialError;
use crate::graphql::context;
use crate::graphql::directives::{Cost, List};
use crate::graphql::failure::{Code, Failure};
use crate::graphql::query::drafts::record_of;
use crate::graphql::user_error::{Refusal, UserError, outcome};

/// What visitors say is wrong, and what editors make of it.
#[derive(Default)]
pub struct SuggestionsMutation;

/// A correction.
#[derive(InputObject)]
pub struct SuggestEditInput {
    /// The published place, event or route that is wrong.
    id: ID,
    /// Fields as they should be; only those that are wrong.
    content: Option<DraftContentInput>,
    /// The same in words, up to 1,000 characters. Write nothing about yourself.
    comment: Option<String>,
}

/// A suggestion to be settled.
#[derive(InputObject)]
pub struct SettleSuggestionInput {
    /// Its id.
    id: ID,
}

/// What became of a correction.
#[derive(SimpleObject)]
pub struct SuggestEditPayload {
    /// The id of the suggestion; null when it was not kept.
    suggestion_id: Option<ID>,
    /// What you can mend.
    #[graphql(directive = List::apply(3))]
    user_errors: Vec<UserError>,
}

/// What became of a suggestion to be dismissed.
#[derive(SimpleObject)]
pub struct DismissSuggestionPayload {
    /// Its id; null when it was not dismissed.
    dismissed_suggestion_id: Option<ID>,
    /// What you can mend.
    #[graphql(directive = List::apply(3))]
    user_errors: Vec<UserError>,
}

fn suggestion_of(id: &ID) -> Result<Uuid, Refusal> {
    Uuid::try_parse(id).map_err(|_| Refusal::at("id", Failure::new(Code::BadId, "this is not the id of a suggestion")))
}

#[Object]
impl SuggestionsMutation {
    /// Says that something published is wrong. An editor of its city reads it; nothing is kept of who said it. At most 20 a day,
    /// and 100 a day of all visitors of a network in a city; one that says the same as another that is open is counted there.
    #[graphql(directive = Cost::apply(1_000))]
    async fn suggest_edit(&self, context: &Context<'_>, input: SuggestEditInput) -> Result<Option<SuggestEditPayload>, Failure> {
        let (visitor, asked) = (context::visitor(context).await?, context::of(context));
        let suggested = async {
            let record = record_of(&input.id).map_err(|failure| Refusal::at("id", failure))?;
            if input.content.as_ref().is_some_and(|content| content.record_type() != record.0) {
                let failure = Failure::new(Code::BadUserInput, "the content is of another type than the record");
                return Err(Refusal::at("content", failure));
            }
            let changes = content_patch(context)?;
            Ok(asked.desk.suggest((visitor, asked.address.into()), record, changes, input.comment, asked.now).await?)
        };
        let (suggestion, user_errors) = outcome(suggested.await)?;
        Ok(Some(SuggestEditPayload { suggestion_id: suggestion.map(|suggestion| ID(suggestion.id.to_string())), user_errors }))
    }

    /// Takes a suggestion into the draft of its record, which begins when there is none yet. What was said is then forgotten.
    #[graphql(directive = Cost::apply(1_000))]
    async fn take_suggestion(&self, context: &Context<'_>, input: SettleSuggestionInput) -> Result<Option<DraftPayload>, Failure> {
        let (grants, asked) = (context::grants(context).await?, context::of(context));
        let id = match suggestion_of(&input.id) {
            Ok(id) => id,
            Err(refusal) => return DraftPayload::of(&grants, Err(refusal)).map(Some),
        };
        match asked.desk.take_suggestion(&grants, id, asked.now).await {
            Err(EditorialError::Denied(denied)) => Err(denied.into()),
            done => DraftPayload::of(&grants, done.map_err(Refusal::from)).map(Some),
        }
    }

    /// Dismisses a suggestion and forgets what was said.
    #[graphql(directive = Cost::apply(1_000))]
    async fn dismiss_suggestion(
        &self,
        context: &Context<'_>,
        input: SettleSuggestionInput,
    ) -> Result<Option<DismissSuggestionPayload>, Failure> {
        let (grants, asked) = (context::grants(context).await?, context::of(context));
        let dismissed = async {
            asked.desk.dismiss_suggestion(&grants, suggestion_of(&input.id)?, asked.now).await?;
            Ok(input.id.clone())
        };
        let (dismissed_suggestion_id, user_errors) = outcome(dismissed.await)?;
        Ok(Some(DismissSuggestionPayload { dismissed_suggestion_id, user_errors }))
    }
}
