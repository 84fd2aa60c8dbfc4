//! The steps a draft takes, each a mutation of its own.

use async_graphql::{Context, Enum, ID, InputObject, Object, OneofObject, SimpleObject};
use serde_json::Value;

use crate::domain::ids::{RecordId, RecordType};
use crate::editorial::error::EditorialError;
use crate::editorial::step::{Done, Request, Step, Taken};
use crate::graphql::context;
use crate::graphql::directives::{Cost, List};
use crate::graphql::failure::{Code, Failure};
use crate::graphql::model::draft::{Draft, DraftConflict};
use crate::graphql::model::draft_content::{EventContent, PointOfInterestContent, RouteContent};
use crate::graphql::model::draft_enums::PublishOverride;
use crate::graphql::model::draft_form::patch;
use crate::graphql::query::drafts::{city_of, record_of};
use crate::graphql::scalars::{Instant, Language};
use crate::graphql::user_error::{Refusal, UserError, outcome};
use crate::identity::rights::Grants;

/// The steps a draft takes.
#[derive(Default)]
pub struct DraftsMutation;

/// What is written of a record: what is absent stays, null takes away, a list is replaced whole; texts by language.
#[derive(OneofObject)]
pub enum DraftContentInput {
    /// A place.
    PointOfInterest(Box<PointOfInterestContent>),
    /// An event.
    Event(Box<EventContent>),
    /// A route.
    Route(Box<RouteContent>),
}

impl DraftContentInput {
    /// Of which type.
    pub const fn record_type(&self) -> RecordType {
        match self {
            Self::PointOfInterest(_) => RecordType::PointOfInterest,
            Self::Event(_) => RecordType::Event,
            Self::Route(_) => RecordType::Route,
        }
    }
}

/// A record to be begun.
#[derive(InputObject)]
pub struct CreateDraftInput {
    /// Begin from what is published under this id: the draft holds it, and imports leave the record alone from now on. Give this, or
    /// `city` and `content`.
    of: Option<ID>,
    /// Slug of the city a new record belongs to.
    city: Option<String>,
    /// What is written of a new record; as little as is known.
    content: Option<DraftContentInput>,
    /// Languages whose words a machine wrote.
    #[graphql(default)]
    machine_translated: Vec<Language>,
}

/// Changes to a draft.
#[derive(InputObject)]
pub struct UpdateDraftInput {
    /// The record.
    id: ID,
    /// The version that was changed: the one you had.
    expected_version: i32,
    /// What changes.
    content: Option<DraftContentInput>,
    /// Languages whose words were read and say what the Portuguese original says: they are up to date from now on.
    #[graphql(default)]
    checked: Vec<Language>,
    /// Languages whose words a machine wrote.
    #[graphql(default)]
    machine_translated: Vec<Language>,
    /// What is said with it, up to 2,000 characters.
    comment: Option<String>,
}

/// A draft that takes a step.
#[derive(InputObject)]
pub struct DraftStepInput {
    /// The record.
    id: ID,
    /// The version you saw.
    expected_version: i32,
    /// What is said with it, up to 2,000 characters.
    comment: Option<String>,
}

/// A draft that is sent back.
#[derive(InputObject)]
pub struct RequestChangesInput {
    /// The record.
    id: ID,
    /// The version you saw.
    expected_version: i32,
    /// What is to be changed, up to 2,000 characters.
    comment: String,
}

/// A draft to be published.
#[derive(InputObject)]
pub struct PublishInput {
    /// The record.
    id: ID,
    /// The version you saw.
    expected_version: i32,
    /// When; now when absent or past, else it is scheduled.
    at: Option<Instant>,
    /// The languages whose words are published, all when absent: of the others stays what is published. Not with a later `at`.
    languages: Option<Vec<Language>>,
    /// What looks wrong and is meant so.
    #[graphql(default)]
    overrides: Vec<PublishOverride>,
    /// What is said with it, up to 2,000 characters.
    comment: Option<String>,
}

/// A draft to be published later.
#[derive(InputObject)]
pub struct ScheduleInput {
    /// The record.
    id: ID,
    /// The version you saw.
    expected_version: i32,
    /// When.
    at: Instant,
    /// What looks wrong and is meant so.
    #[graphql(default)]
    overrides: Vec<PublishOverride>,
    /// What is said with it, up to 2,000 characters.
    comment: Option<String>,
}

/// A record to be taken out of the public catalogue.
#[derive(InputObject)]
pub struct UnpublishInput {
    /// The record.
    id: ID,
    /// The version you saw.
    expected_version: i32,
    /// Why, up to 2,000 characters.
    reason: String,
}

/// A record to be merged into another.
#[derive(InputObject)]
pub struct MergeIntoInput {
    /// The record that goes.
    id: ID,
    /// The version you saw.
    expected_version: i32,
    /// The published record that answers for it from then on.
    into: ID,
    /// What is said with it, up to 2,000 characters.
    comment: Option<String>,
}

/// A draft to be taken back to what it was.
#[derive(InputObject)]
pub struct RevertToInput {
    /// The record.
    id: ID,
    /// The version you saw.
    expected_version: i32,
    /// The version whose content it gets again.
    revision: i32,
    /// What is said with it, up to 2,000 characters.
    comment: Option<String>,
}

/// How a step came in.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum DraftOutcome {
    /// The draft is as you want it.
    Saved,
    /// It had been changed meanwhile; both changes are in it.
    Merged,
    /// It had been changed meanwhile; nothing was written, and both sides are shown.
    Conflict,
}

/// What became of a step.
#[derive(SimpleObject, Default)]
pub struct DraftPayload {
    /// How it came in; null when there are user errors.
    outcome: Option<DraftOutcome>,
    /// The draft as it is now; null when there are user errors.
    draft: Option<Draft>,
    /// Both sides, when they clash.
    conflict: Option<DraftConflict>,
    /// Whether what the step changed for the public is in the catalogue that this answer, and whatever is read from this server
    /// from now on, is made of: true as a rule; false when that took longer than five seconds, and then it is a matter of waiting. Null
    /// when nothing public was changed. Other servers follow within a second.
    is_visible: Option<bool>,
    /// What you can mend. A `field` that begins with `content` is a path in the draft's content.
    #[graphql(directive = List::apply(3))]
    user_errors: Vec<UserError>,
}

impl DraftPayload {
    /// Of what came of a step, for who took it.
    pub fn of(grants: &Grants, done: Result<Done, Refusal>) -> Result<Self, Failure> {
        let (done, user_errors) = outcome(done)?;
        let Some(Done { taken, is_visible }) = done else { return Ok(Self { user_errors, ..Self::default() }) };
        let (outcome, draft, conflict) = match taken {
            Taken::Saved(draft) => (DraftOutcome::Saved, draft, None),
            Taken::Merged(draft) => (DraftOutcome::Merged, draft, None),
            Taken::Conflict(conflict) => (DraftOutcome::Conflict, conflict.theirs.clone(), Some(*conflict)),
        };
        let reading = grants.reading(draft.city)?;
        let conflict = conflict.map(|conflict| DraftConflict::of(conflict, reading));
        Ok(Self { outcome: Some(outcome), draft: Some(Draft::of(draft, reading)), conflict, is_visible, user_errors })
    }

    /// Of what the caller can mend.
    fn refused(refusal: Refusal) -> Result<Self, Failure> {
        let (_, user_errors) = outcome::<Done>(Err(refusal))?;
        Ok(Self { user_errors, ..Self::default() })
    }
}

/// The content of an input as it was sent, as a patch in the form of catalogue files: what was not sent is not in it, which the parsed
/// input does not tell from null.
pub fn content_patch(context: &Context<'_>) -> Result<Value, Failure> {
    let unreadable = || Failure::new(Code::BadUserInput, "the content cannot be read");
    let arguments = context.field().arguments().map_err(|_| unreadable())?;
    let input = arguments.into_iter().find(|(name, _)| name == "input").map(|(_, input)| input);
    let input = input.and_then(|input| input.into_json().ok()).unwrap_or_default();
    let kinds = input.get("content").and_then(Value::as_object);
    let sent = kinds.and_then(|kinds| kinds.values().find(|kind| !kind.is_null()));
    Ok(sent.map_or_else(|| Value::Object(serde_json::Map::new()), patch))
}

fn tags(languages: &[Language]) -> Vec<String> {
    languages.iter().map(|language| language.0.to_string()).collect()
}

/// Takes a step, with the permit for the city of the draft. The payload is answered from a snapshot that holds what it changed.
async fn take(
    context: &Context<'_>,
    (id, expected_version, comment): (&ID, i32, Option<String>),
    step: Step,
) -> Result<DraftPayload, Failure> {
    let grants = context::grants(context).await?;
    let asked = context::of(context);
    let draft = match record_of(id) {
        Ok((_, draft)) => draft,
        Err(failure) => return DraftPayload::refused(Refusal::at("id", failure)),
    };
    let Some((known, _)) = asked.desk.draft(&grants, draft).await? else { return DraftPayload::refused(EditorialError::NotFound.into()) };
    let permit = grants.permit(step.operation(), known.city)?;
    let request = Request { draft, expected_version, step, comment };
    let done = asked.desk.take(permit, request, asked.now).await.map_err(Refusal::from);
    asked.snapshot.renew();
    DraftPayload::of(&grants, done)
}

async fn simple(context: &Context<'_>, input: DraftStepInput, step: Step) -> Result<DraftPayload, Failure> {
    take(context, (&input.id, input.expected_version, input.comment), step).await
}

#[Object]
impl DraftsMutation {
    /// Begins to work on a record: a new one, or one that is published.
    #[graphql(directive = Cost::apply(1_000))]
    async fn create_draft(&self, context: &Context<'_>, input: CreateDraftInput) -> Result<Option<DraftPayload>, Failure> {
        use crate::identity::rights::Operation;
        let grants = context::grants(context).await?;
        let asked = context::of(context);
        let begun = match (&input.of, &input.city, &input.content) {
            (Some(id), None, None) => {
                let (record_type, id) = record_of(id)?;
                match asked.desk.published_city(record_type, id) {
                    Some(city) => {
                        let permit = grants.permit(Operation::CreateDraft, city)?;
                        asked.desk.begin_from(permit, record_type, id, asked.now).await
                    }
                    None => Err(EditorialError::NotPublished),
                }
            }
            (None, Some(city), Some(written)) => {
                let permit = grants.permit(Operation::CreateDraft, city_of(context, city)?)?;
                let patch = content_patch(context)?;
                asked.desk.begin(permit, written.record_type(), patch, tags(&input.machine_translated), asked.now).await
            }
            _ => {
                let failure = Failure::new(Code::BadUserInput, "give `of` alone, or `city` and `content`");
                return DraftPayload::refused(Refusal::at("", failure)).map(Some);
            }
        };
        let done = begun.map(|draft| Done { taken: Taken::Saved(draft), is_visible: None });
        DraftPayload::of(&grants, done.map_err(Refusal::from)).map(Some)
    }

    /// Changes what is written. When it was changed elsewhere since the version you had, both changes are merged where they touch
    /// different fields; where they touch the same, nothing is written and both sides are shown. A draft that was handed in or approved
    /// goes back to being written: what was reviewed is what is published.
    #[graphql(directive = Cost::apply(1_000))]
    async fn update_draft(&self, context: &Context<'_>, input: UpdateDraftInput) -> Result<Option<DraftPayload>, Failure> {
        let is_other_type = |known: RecordType| input.content.as_ref().is_some_and(|content| content.record_type() != known);
        if record_of(&input.id).is_ok_and(|(known, _)| is_other_type(known)) {
            let failure = Failure::new(Code::BadUserInput, "the content is of another type than the record");
            return DraftPayload::refused(Refusal::at("content", failure)).map(Some);
        }
        let step =
            Step::Update { patch: content_patch(context)?, checked: tags(&input.checked), by_machine: tags(&input.machine_translated) };
        take(context, (&input.id, input.expected_version, input.comment), step).await.map(Some)
    }

    /// Hands a draft in, for a reviewer to read.
    #[graphql(directive = Cost::apply(1_000))]
    async fn submit_for_review(&self, context: &Context<'_>, input: DraftStepInput) -> Result<Option<DraftPayload>, Failure> {
        simple(context, input, Step::Submit).await.map(Some)
    }

    /// Sends a draft back with what is to be changed.
    #[graphql(directive = Cost::apply(1_000))]
    async fn request_changes(&self, context: &Context<'_>, input: RequestChangesInput) -> Result<Option<DraftPayload>, Failure> {
        take(context, (&input.id, input.expected_version, Some(input.comment)), Step::RequestChanges).await.map(Some)
    }

    /// Finds a draft good: it can be published.
    #[graphql(directive = Cost::apply(1_000))]
    async fn approve(&self, context: &Context<'_>, input: DraftStepInput) -> Result<Option<DraftPayload>, Failure> {
        simple(context, input, Step::Approve).await.map(Some)
    }

    /// Publishes what was approved, now or, with a later `at`, then. Everything that stands in the way is told by field.
    #[graphql(directive = Cost::apply(1_000))]
    async fn publish(&self, context: &Context<'_>, input: PublishInput) -> Result<Option<DraftPayload>, Failure> {
        let overrides: Vec<_> = input.overrides.into_iter().map(Into::into).collect();
        let later = input.at.map(Instant::utc).filter(|at| *at > context::of(context).now);
        let step = match later {
            None => Step::Publish { languages: input.languages.as_deref().map(tags), overrides },
            Some(_) if input.languages.is_some() => {
                let failure = Failure::new(Code::BadUserInput, "what is published later is published in all its languages");
                return DraftPayload::refused(Refusal::at("languages", failure)).map(Some);
            }
            Some(at) => Step::Schedule { at, overrides },
        };
        take(context, (&input.id, input.expected_version, input.comment), step).await.map(Some)
    }

    /// Says when a draft is to be published: then it is, once, within a second, whatever process still runs.
    #[graphql(directive = Cost::apply(1_000))]
    async fn schedule(&self, context: &Context<'_>, input: ScheduleInput) -> Result<Option<DraftPayload>, Failure> {
        let step = Step::Schedule { at: input.at.utc(), overrides: input.overrides.into_iter().map(Into::into).collect() };
        take(context, (&input.id, input.expected_version, input.comment), step).await.map(Some)
    }

    /// Says that a scheduled draft is not to be published after all; it stays approved.
    #[graphql(directive = Cost::apply(1_000))]
    async fn unschedule(&self, context: &Context<'_>, input: DraftStepInput) -> Result<Option<DraftPayload>, Failure> {
        simple(context, input, Step::Unschedule).await.map(Some)
    }

    /// Takes a record out of the public catalogue. The work on it stays.
    #[graphql(directive = Cost::apply(1_000))]
    async fn unpublish(&self, context: &Context<'_>, input: UnpublishInput) -> Result<Option<DraftPayload>, Failure> {
        take(context, (&input.id, input.expected_version, Some(input.reason)), Step::Unpublish).await.map(Some)
    }

    /// Puts a record away; what is published of it goes too. `revertTo` takes it out again.
    #[graphql(directive = Cost::apply(1_000))]
    async fn archive(&self, context: &Context<'_>, input: DraftStepInput) -> Result<Option<DraftPayload>, Failure> {
        simple(context, input, Step::Archive).await.map(Some)
    }

    /// Merges a record into another, published one, for good: its id and slug lead there from then on.
    #[graphql(directive = Cost::apply(1_000))]
    async fn merge_into(&self, context: &Context<'_>, input: MergeIntoInput) -> Result<Option<DraftPayload>, Failure> {
        let grants = context::grants(context).await?;
        let target = record_of(&input.into);
        let (record_type, into): (RecordType, RecordId) = match target {
            Ok(target) => target,
            Err(failure) => return DraftPayload::refused(Refusal::at("into", failure)).map(Some),
        };
        let Some(city) = context::of(context).desk.published_city(record_type, into) else {
            return DraftPayload::refused(EditorialError::MergeTarget.into()).map(Some);
        };
        let permit = grants.permit(crate::identity::rights::Operation::MergeInto, city)?;
        take(context, (&input.id, input.expected_version, input.comment), Step::Merge { into, permit }).await.map(Some)
    }

    /// Gives a draft the content of an earlier version again. Nothing of what came in between is lost: it is a step like any other.
    #[graphql(directive = Cost::apply(1_000))]
    async fn revert_to(&self, context: &Context<'_>, input: RevertToInput) -> Result<Option<DraftPayload>, Failure> {
        let step = Step::Revert { to: input.revision };
        take(context, (&input.id, input.expected_version, input.comment), step).await.map(Some)
    }
}
