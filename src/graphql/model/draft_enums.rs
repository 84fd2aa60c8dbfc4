//! Enums of the work on drafts.

use async_graphql::Enum;

use super::enums::mirror;

mirror! {
    /// How far the work on a record is. What is published of it is another matter: a draft may change beside the live version.
    DraftState of crate::domain::draft::DraftState {
        /// Being written.
        Draft,
        /// Handed in; a reviewer reads it.
        InReview,
        /// Sent back with a comment.
        ChangesRequested,
        /// Found good; not published yet.
        Approved,
        /// To be published at `publishAt`.
        Scheduled,
        /// What is published is this.
        Published,
        /// Was published, and was taken out of the public catalogue.
        Unpublished,
        /// Put away.
        Archived,
    }
}

mirror! {
    /// What is done with a draft; each makes a revision.
    DraftAction of crate::domain::draft::DraftAction {
        /// Work on it begins.
        Create,
        /// Its content changes.
        Update,
        /// Its content becomes that of an earlier revision.
        Revert,
        /// It is handed in.
        Submit,
        /// It is sent back.
        RequestChanges,
        /// It is found good.
        Approve,
        /// It becomes the live version.
        Publish,
        /// It shall become the live version at a moment.
        Schedule,
        /// It shall not after all.
        Unschedule,
        /// The live version is taken out of the public catalogue.
        Unpublish,
        /// It is put away, the live version too.
        Archive,
        /// It is merged into another record.
        Merge,
    }
}

mirror! {
    /// What a publisher may say is meant so.
    PublishOverride of crate::editorial::validation::Override {
        /// The position lies in none of the state's municipalities.
        OutsideState,
        /// The position lies far from the city.
        FarFromCity,
    }
}

/// What kinds of records editors work on.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DraftType {
    /// A place.
    PointOfInterest,
    /// An event.
    Event,
    /// A curated route.
    Route,
}

impl From<DraftType> for crate::domain::ids::RecordType {
    fn from(draft_type: DraftType) -> Self {
        match draft_type {
            DraftType::PointOfInterest => Self::PointOfInterest,
            DraftType::Event => Self::Event,
            DraftType::Route => Self::Route,
        }
    }
}

impl DraftType {
    /// The kind of a record; none for what editors do not work on.
    pub const fn of(record_type: crate::domain::ids::RecordType) -> Option<Self> {
        match record_type {
            crate::domain::ids::RecordType::PointOfInterest => Some(Self::PointOfInterest),
            crate::domain::ids::RecordType::Event => Some(Self::Event),
            crate::domain::ids::RecordType::Route => Some(Self::Route),
            _ => None,
        }
    }
}
