//! What can go wrong at the editors' desk.

use crate::domain::draft::{DraftAction, DraftState};
use crate::domain::ids::RecordId;
use crate::domain::work_budget::Spent;
use crate::identity::rights::Denied;
use crate::identity::secret::NoRandomness;
use crate::store::StoreError;

/// What kind of thing is wrong with a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProblemKind {
    /// It must be there.
    Missing,
    /// It cannot be as it is.
    Invalid,
    /// The position is in none of the state's municipalities.
    OutsideState,
    /// The position is far from the city.
    FarFromCity,
}

/// A field that stands in the way of publishing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Its path in the content, with dots.
    pub field: String,
    /// What kind of thing is wrong.
    pub kind: ProblemKind,
    /// The same in words.
    pub message: String,
}

/// Why a step was not taken; nothing of it was written.
#[derive(Debug, thiserror::Error)]
pub enum EditorialError {
    /// There is no such draft.
    #[error("there is no such draft")]
    NotFound,
    /// The work of the request is used up.
    #[error(transparent)]
    Spent(#[from] Spent),
    /// There is nothing published of this id to begin from.
    #[error("nothing is published under this id")]
    NotPublished,
    /// Somebody works on the record already.
    #[error("there is a draft of this record already")]
    DraftExists(RecordId),
    /// The version said to be changed does not exist yet.
    #[error("version {asked} does not exist yet; the last one is {last}")]
    FutureVersion {
        /// The version that was named.
        asked: i32,
        /// The last one there is.
        last: i32,
    },
    /// The revision named does not exist.
    #[error("there is no revision {0}")]
    NoRevision(i32),
    /// The step is not allowed in this state.
    #[error("{} is not allowed in state {}", .action.as_str(), .state.as_str())]
    NotAllowed {
        /// What was wanted.
        action: DraftAction,
        /// The state.
        state: DraftState,
    },
    /// The record was merged into another, and stays so.
    #[error("the record was merged into another one")]
    Merged,
    /// The content cannot be published as it is.
    #[error("the content cannot be published as it is")]
    Problems(Vec<Problem>),
    /// Another record has the slug.
    #[error("another record has this slug")]
    SlugTaken,
    /// The step must be explained.
    #[error("say why: the comment is empty or longer than {max} characters")]
    Comment {
        /// Most characters.
        max: usize,
    },
    /// The content is larger than a draft may be.
    #[error("the content is larger than {max} bytes")]
    TooLarge {
        /// Most bytes.
        max: usize,
    },
    /// There are as many suggestions as anybody reads.
    #[error("there are too many suggestions already; thank you, and come back later")]
    TooManySuggestions,
    /// The moment of publication is over.
    #[error("the moment of publication must lie in the future")]
    NotInFuture,
    /// A record is not merged into itself, into one of another type, or into one that is not published.
    #[error("a record is merged into a published one of its own type")]
    MergeTarget,
    /// Who asks may not do this here.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The store failed before anything was asked of it that could change something.
    #[error("the drafts cannot be reached")]
    Store(#[source] StoreError),
    /// The store failed during the step, and nothing of the step was written.
    #[error("the database failed, and nothing was written")]
    NothingWritten(#[source] StoreError),
    /// The store failed during the step and cannot be asked what became of it.
    #[error("the database failed, and cannot be asked whether the step was taken")]
    OutcomeUnknown(#[source] StoreError),
    /// No identity could be drawn.
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
}

impl From<StoreError> for EditorialError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::SlugTaken { .. } => Self::SlugTaken,
            other => Self::Store(other),
        }
    }
}
