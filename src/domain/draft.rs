//! The life of a record in the hands of its editors: states, actions, and which action leads from where to where. One table; a test
//! tries every pair.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::ids::{AccountId, RecordId, RecordType};

macro_rules! words {
    ($(#[doc = $about:literal])+ $name:ident { $($(#[doc = $meaning:literal])+ $variant:ident = $word:literal,)+ }) => {
        $(#[doc = $about])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name {
            $($(#[doc = $meaning])+ $variant,)+
        }

        impl $name {
            /// Every one.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The word it is stored as and called in the contract.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }

            /// The one of this word.
            pub fn parse(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|known| known.as_str() == word)
            }
        }
    };
}

words! {
    /// How far the work on a record is. What is published of it is another matter: a draft may change beside the live version.
    DraftState {
        /// Being written.
        Draft = "DRAFT",
        /// Handed in; a reviewer reads it.
        InReview = "IN_REVIEW",
        /// Sent back with a comment.
        ChangesRequested = "CHANGES_REQUESTED",
        /// Found good; not published yet.
        Approved = "APPROVED",
        /// To be published at a known moment.
        Scheduled = "SCHEDULED",
        /// What is published is this.
        Published = "PUBLISHED",
        /// Was published, and was taken out of the public catalogue.
        Unpublished = "UNPUBLISHED",
        /// Put away.
        Archived = "ARCHIVED",
    }
}

words! {
    /// What is done with a draft; each makes a revision.
    DraftAction {
        /// Work on it begins.
        Create = "CREATE",
        /// Its content changes.
        Update = "UPDATE",
        /// Its content becomes that of an earlier revision.
        Revert = "REVERT",
        /// It is handed in.
        Submit = "SUBMIT",
        /// It is sent back.
        RequestChanges = "REQUEST_CHANGES",
        /// It is found good.
        Approve = "APPROVE",
        /// It becomes the live version.
        Publish = "PUBLISH",
        /// It shall become the live version at a moment.
        Schedule = "SCHEDULE",
        /// It shall not after all.
        Unschedule = "UNSCHEDULE",
        /// The live version is taken out of the public catalogue.
        Unpublish = "UNPUBLISH",
        /// It is put away, the live version too.
        Archive = "ARCHIVE",
        /// It is merged into another record, which answers for it from then on.
        Merge = "MERGE",
    }
}

use DraftAction::{Approve, Archive, Merge, Publish, RequestChanges, Revert, Schedule, Submit, Unpublish, Unschedule, Update};
use DraftState::{Approved, Archived, ChangesRequested, Draft, InReview, Published, Scheduled, Unpublished};

/// Action, the states it is allowed in, and the state it leads to; no state: the one before stays.
///
/// What was reviewed is what is published: a change takes a draft back to [`Draft`]. What is scheduled is let go first
/// ([`Unschedule`]), so that nobody changes under the scheduler's hands what was approved for that moment.
const TRANSITIONS: &[(DraftAction, &[DraftState], Option<DraftState>)] = &[
    (Update, &[Draft, InReview, ChangesRequested, Approved, Published, Unpublished], Some(Draft)),
    (Revert, &[Draft, InReview, ChangesRequested, Approved, Published, Unpublished, Archived], Some(Draft)),
    (Submit, &[Draft, ChangesRequested], Some(InReview)),
    (RequestChanges, &[InReview, Approved], Some(ChangesRequested)),
    (Approve, &[InReview], Some(Approved)),
    (Publish, &[Approved, Scheduled, Unpublished], Some(Published)),
    (Schedule, &[Approved, Unpublished], Some(Scheduled)),
    (Unschedule, &[Scheduled], Some(Approved)),
    (Unpublish, &[Published], Some(Unpublished)),
    // The live version goes, the work on the next one stays where it is.
    (Unpublish, &[Draft, InReview, ChangesRequested, Approved], None),
    (Archive, &[Draft, InReview, ChangesRequested, Approved, Published, Unpublished], Some(Archived)),
    (Merge, &[Draft, InReview, ChangesRequested, Approved, Published, Unpublished], Some(Archived)),
];

impl DraftState {
    /// The state after the action; `None` when it is not allowed here. Without a live version there is nothing to unpublish.
    pub fn after(self, action: DraftAction, is_live: bool) -> Option<Self> {
        if action == Unpublish && !is_live {
            return None;
        }
        let (_, _, to) = TRANSITIONS.iter().find(|(known, from, _)| *known == action && from.contains(&self))?;
        Some(to.unwrap_or(self))
    }

    /// The actions that are allowed here.
    pub fn actions(self, is_live: bool) -> impl Iterator<Item = DraftAction> {
        DraftAction::ALL.iter().copied().filter(move |action| self.after(*action, is_live).is_some())
    }
}

/// A draft as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct DraftRecord {
    /// Identity of the record.
    pub id: RecordId,
    /// What kind of record.
    pub record_type: RecordType,
    /// City whose editors work on it.
    pub city: RecordId,
    /// Slug in the content; empty while none is given.
    pub slug: String,
    /// Portuguese name in the content.
    pub name: Option<String>,
    /// State.
    pub state: DraftState,
    /// Number of the last revision.
    pub version: i32,
    /// The record in the form of catalogue files, as far as it is written.
    pub content: Value,
    /// What its translations were made from.
    pub translations: Value,
    /// Revision that is published now.
    pub published_version: Option<i32>,
    /// How much of what visitors ask for is there, in percent.
    pub completeness: i32,
    /// When it is to be published.
    pub publish_at: Option<DateTime<Utc>>,
    /// When work on it began.
    pub created_at: DateTime<Utc>,
    /// Who began.
    pub created_by: Option<AccountId>,
    /// When it was changed last.
    pub updated_at: DateTime<Utc>,
    /// Who changed it last.
    pub updated_by: Option<AccountId>,
}

/// One step in the life of a record.
#[derive(Clone, Debug, PartialEq)]
pub struct RevisionRecord {
    /// The record.
    pub draft: RecordId,
    /// Number, from 1.
    pub version: i32,
    /// When.
    pub at: DateTime<Utc>,
    /// Who; absent for the scheduler and for what a visitor suggested.
    pub author: Option<AccountId>,
    /// What was done.
    pub action: DraftAction,
    /// State after it.
    pub state: DraftState,
    /// Content after it; of a publish, what was published.
    pub content: Value,
    /// Translations after it.
    pub translations: Value,
    /// What was said with it.
    pub comment: Option<String>,
}

/// Which drafts.
#[derive(Clone, Debug, Default)]
pub struct DraftFilter {
    /// Of these cities.
    pub cities: Vec<RecordId>,
    /// In these states; empty for all.
    pub states: Vec<DraftState>,
    /// Of these types; empty for all.
    pub types: Vec<RecordType>,
    /// Changed before this moment, or at it with a smaller id: where the page before ended.
    pub before: Option<(DateTime<Utc>, RecordId)>,
}
