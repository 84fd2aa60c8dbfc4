//! A visitor's word that something is wrong with a record.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use unicode_normalization::UnicodeNormalization;
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

impl Suggestion {
    /// A digest of what it says about which record (SHA-256, base64url); alike ones have the same. Members of an object have no
    /// order, and words are compared without regard to case, accents' encoding and white space.
    pub fn digest(&self) -> String {
        let mut hasher = Sha256::new();
        let comment = self.comment.as_deref().unwrap_or_default();
        let comment: String = comment.nfkc().collect::<String>().to_lowercase();
        let comment = comment.split_whitespace().collect::<Vec<_>>().join(" ");
        let said = json!([self.record_type.as_str(), self.record, ordered(&self.changes), comment]);
        hasher.update(said.to_string().as_bytes());
        URL_SAFE_NO_PAD.encode(hasher.finalize())
    }
}

/// The value with the members of its objects in order.
fn ordered(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(ordered).collect(),
        Value::Object(members) => {
            let ordered: BTreeMap<_, _> = members.iter().map(|(name, member)| (name, self::ordered(member))).collect();
            Value::Array(ordered.into_iter().map(|(name, member)| json!([name, member])).collect())
        }
        Value::String(text) => Value::String(text.trim().nfkc().collect()),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
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
    /// How often it was made; alike ones are one.
    pub times: u32,
    /// What became of it.
    pub state: SuggestionState,
    /// When it was made first.
    pub created_at: DateTime<Utc>,
}
