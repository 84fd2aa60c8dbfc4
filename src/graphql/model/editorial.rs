//! What helps editors: likely duplicates, clashes, what there is to do, what visitors say.

use async_graphql::{Context, Enum, ID, SimpleObject};

use super::draft_content::DraftContent;
use super::draft_enums::{DraftState, DraftType};
use super::node::Node;
use crate::domain::ids::{RecordId, RecordType};
use crate::domain::suggestion::Suggestion;
use crate::editorial::clash::Clash;
use crate::editorial::duplicate::Duplicate;
use crate::editorial::queue::{self, Task};
use crate::graphql::context;
use crate::graphql::directives::List;
use crate::graphql::failure::Failure;
use crate::graphql::node::GlobalId;
use crate::graphql::query::node;
use crate::graphql::scalars::{Date, Instant};

/// The global id of a record that editors work on.
pub const fn global(record_type: RecordType, id: RecordId) -> GlobalId {
    match record_type {
        RecordType::Event => GlobalId::Event(id),
        RecordType::Route => GlobalId::Route(id),
        _ => GlobalId::PointOfInterest(id),
    }
}

/// A published record that may be the same thing.
#[derive(SimpleObject)]
pub struct PossibleDuplicate {
    /// The record.
    node: Node,
    /// How alike the names are, from 0 to 1.
    name_similarity: f64,
    /// Metres between the two; null when one has no position.
    distance_meters: Option<f64>,
    /// Whether both have the same telephone.
    same_telephone: bool,
}

impl PossibleDuplicate {
    /// As the contract has it; none when it is not published any more.
    pub fn of(context: &Context<'_>, record_type: RecordType, found: &Duplicate) -> Option<Self> {
        Some(Self {
            node: node(&global(record_type, found.id), context::of(context))?,
            name_similarity: found.name_similarity,
            distance_meters: found.distance,
            same_telephone: found.same_telephone,
        })
    }
}

/// A festival of another city on the same weekend.
#[derive(SimpleObject)]
pub struct FestivalClash {
    /// The festival.
    event: Node,
    /// The Saturday of the weekend.
    saturday: Date,
}

impl FestivalClash {
    /// As the contract has it; none when it is not published any more.
    pub fn of(context: &Context<'_>, clash: Clash) -> Option<Self> {
        Some(Self { event: node(&GlobalId::Event(clash.event), context::of(context))?, saturday: Date(clash.saturday) })
    }
}

/// Why a record is in the queue.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "queue::Reason")]
pub enum EditorialReason {
    /// A draft waits for a reviewer.
    WaitsForReview,
    /// A draft has waited for a reviewer for more than a week.
    WaitsLong,
    /// A draft was sent back.
    ChangesRequested,
    /// A draft was approved and is not published.
    WaitsForPublication,
    /// A visitor has said that something is wrong.
    Suggestion,
    /// A link leads nowhere.
    BrokenLink,
    /// The opening hours cannot be read, so nobody learns them.
    HoursUnreadable,
    /// Nobody said the opening hours.
    HoursUnknown,
    /// The opening hours were verified more than 180 days ago, or nobody knows when.
    HoursNotVerified,
    /// An event that is to come has no dates.
    DatesUnknown,
    /// Nobody has looked at the record for two years, or nobody knows when.
    NotVerified,
    /// The Portuguese words were changed since a translation was made.
    TranslationOutdated,
    /// There are no words in English or in Spanish.
    TranslationMissing,
    /// A machine made a translation, and nobody has read it yet.
    TranslationUnread,
    /// There is no image.
    NoImage,
    /// There is no description in Portuguese.
    NoDescription,
}

/// A record with something to do.
#[derive(SimpleObject)]
pub struct EditorialTask {
    /// The id of the record.
    id: ID,
    /// What kind of record.
    #[graphql(name = "type")]
    draft_type: Option<DraftType>,
    /// Its Portuguese name; null of a draft without one.
    name: Option<String>,
    /// What there is to do, the most pressing first.
    #[graphql(directive = List::apply(3))]
    reasons: Vec<EditorialReason>,
    /// How pressing it is in all: the queue is in its order.
    weight: u32,
    /// The state of its draft; null when nobody works on it.
    state: Option<DraftState>,
    /// The record as the public sees it; null when it does not.
    node: Option<Node>,
}

impl EditorialTask {
    /// As the contract has it.
    pub fn of(context: &Context<'_>, task: Task) -> Self {
        let id = global(task.record_type, task.id);
        Self {
            node: node(&id, context::of(context)),
            id: id.encode(),
            draft_type: DraftType::of(task.record_type),
            name: task.name,
            reasons: task.reasons.into_iter().map(Into::into).collect(),
            weight: task.weight,
            state: task.state.map(Into::into),
        }
    }
}

/// What a visitor says is wrong with a record. Nothing is known of the visitor.
#[derive(SimpleObject)]
pub struct EditSuggestion {
    /// Its id: what `takeSuggestion` and `dismissSuggestion` name.
    id: ID,
    /// The record as the public sees it; null when it does not any more.
    node: Option<Node>,
    /// Fields as the visitor would have them; what is null was not touched.
    content: DraftContent,
    /// The same in the visitor's words.
    comment: Option<String>,
    /// How often it was sent: those that say the same of a record are one.
    times: u32,
    /// When it was sent first.
    created_at: Instant,
}

impl EditSuggestion {
    /// As the contract has it.
    pub fn of(context: &Context<'_>, suggestion: Suggestion) -> Result<Self, Failure> {
        Ok(Self {
            id: ID(suggestion.id.to_string()),
            node: node(&global(suggestion.record_type, suggestion.record), context::of(context)),
            content: DraftContent::of(suggestion.record_type, &suggestion.changes)?,
            comment: suggestion.comment,
            times: suggestion.times,
            created_at: Instant(suggestion.created_at.into()),
        })
    }
}
