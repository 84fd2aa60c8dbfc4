//! A visitor's word that something is wrong with a record.

use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

use super::ids::{RecordId, RecordType};

/// What became of a suggestion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SuggestionState {
    /// Nobody has decided yet.
    Open,
    /// It went into a draft.
    Taken,
    /// It was found wrong.
    Dismissed,
}

impl SuggestionState {
    /// The word it is stored as.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "OPEN",
            Self::Taken => "TAKEN",
            Self::Dismissed => "DISMISSED",
        }
    }

    /// The state of that word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Open, Self::Taken, Self::Dismissed].into_iter().find(|known| known.as_str() == word)
    }
}

/// A suggestion. Nothing is known of who made it.
#[derive(Clone, Debug, PartialEq)]
pub struct Suggestion {
    /// Identity.
    pub id: Uuid,
    /// What kind of record it is about.
    pub record_type: RecordType,
    /// The record.
    pub record: RecordId,
    /// Its city.
    pub city: RecordId,
    /// What should change, a JSON Merge Patch (RFC 7396) in the form of catalogue files.
    pub changes: Value,
    /// The same in the visitor's words.
    pub comment: Option<String>,
    /// What became of it.
    pub state: SuggestionState,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}
