//! The steps a draft can take, and what comes of one.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::validation::Override;
use crate::domain::draft::{DraftAction, DraftRecord};
use crate::domain::ids::RecordId;
use crate::identity::rights::{Operation, Permit};

/// A step, taken.
#[derive(Clone, Debug)]
pub struct Done {
    /// What came of it.
    pub taken: Taken,
    /// Whether the current snapshot holds what it changed for the public, so that whoever reads from this process now sees it. Absent
    /// when it changed nothing there.
    pub is_visible: Option<bool>,
}

/// A step to be taken.
#[derive(Clone, Debug)]
pub enum Step {
    /// The content changes.
    Update {
        /// What changes, a JSON Merge Patch (RFC 7396) in the form of catalogue files.
        patch: Value,
        /// Languages whose words were read and found right as they are.
        checked: Vec<String>,
        /// Languages whose words a machine wrote.
        by_machine: Vec<String>,
    },
    /// The content becomes that of an earlier revision.
    Revert {
        /// Which.
        to: i32,
    },
    /// It is handed in.
    Submit,
    /// It is sent back.
    RequestChanges,
    /// It is found good.
    Approve,
    /// It becomes the live version.
    Publish {
        /// The languages whose words are published; all when absent. Of the others stays what is published.
        languages: Option<Vec<String>>,
        /// What is meant so.
        overrides: Vec<Override>,
    },
    /// It becomes the live version at a moment.
    Schedule {
        /// When.
        at: DateTime<Utc>,
        /// What is meant so.
        overrides: Vec<Override>,
    },
    /// It does not after all.
    Unschedule,
    /// The live version goes.
    Unpublish,
    /// It is put away.
    Archive,
    /// It is merged into another record.
    Merge {
        /// Into which.
        into: RecordId,
        /// The proof that this may be done in the other's city too.
        permit: Permit,
    },
}

impl Step {
    /// What is done.
    pub const fn action(&self) -> DraftAction {
        match self {
            Self::Update { .. } => DraftAction::Update,
            Self::Revert { .. } => DraftAction::Revert,
            Self::Submit => DraftAction::Submit,
            Self::RequestChanges => DraftAction::RequestChanges,
            Self::Approve => DraftAction::Approve,
            Self::Publish { .. } => DraftAction::Publish,
            Self::Schedule { .. } => DraftAction::Schedule,
            Self::Unschedule => DraftAction::Unschedule,
            Self::Unpublish => DraftAction::Unpublish,
            Self::Archive => DraftAction::Archive,
            Self::Merge { .. } => DraftAction::Merge,
        }
    }

    /// The operation whose permit it takes.
    pub const fn operation(&self) -> Operation {
        match self {
            Self::Update { .. } => Operation::UpdateDraft,
            Self::Revert { .. } => Operation::RevertTo,
            Self::Submit => Operation::SubmitForReview,
            Self::RequestChanges => Operation::RequestChanges,
            Self::Approve => Operation::Approve,
            Self::Publish { .. } => Operation::Publish,
            Self::Schedule { .. } => Operation::Schedule,
            Self::Unschedule => Operation::Unschedule,
            Self::Unpublish => Operation::Unpublish,
            Self::Archive => Operation::Archive,
            Self::Merge { .. } => Operation::MergeInto,
        }
    }

    /// Whether it can change what the public sees.
    pub const fn is_public(&self) -> bool {
        matches!(self, Self::Publish { .. } | Self::Unpublish | Self::Archive | Self::Merge { .. })
    }

    /// Whether it must be explained.
    pub const fn needs_comment(&self) -> bool {
        matches!(self, Self::RequestChanges | Self::Unpublish)
    }
}

/// A step with what goes with it.
#[derive(Clone, Debug)]
pub struct Request {
    /// The draft.
    pub draft: RecordId,
    /// The version that whoever asks has seen.
    pub expected_version: i32,
    /// The step.
    pub step: Step,
    /// What is said with it.
    pub comment: Option<String>,
}

/// What came of a step.
#[derive(Clone, Debug)]
pub enum Taken {
    /// The draft is as wanted.
    Saved(DraftRecord),
    /// It had been changed meanwhile; both changes are in it.
    Merged(DraftRecord),
    /// It had been changed meanwhile, in the same fields, or the step decides on what was not seen. Nothing was written.
    Conflict(Box<Conflict>),
}

/// Two sides that cannot both be.
#[derive(Clone, Debug)]
pub struct Conflict {
    /// The fields that clash; those that changed since, when the step decides on the whole.
    pub fields: Vec<String>,
    /// The content as whoever asks would have it.
    pub mine: Value,
    /// The draft as it is.
    pub theirs: DraftRecord,
}
