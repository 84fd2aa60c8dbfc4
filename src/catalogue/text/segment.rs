//! An index among those searched. A shard is searched in several: the one it was built with, of which some documents may be
//! gone, and what came since. A document that is gone counts nowhere, not even for the question whether anybody writes a word.

use super::index::TextIndex;
use super::weight::{Match, Scope};
use crate::catalogue::number_set::NumberSet;

/// A document of one of the shards searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// Its shard.
    pub shard: usize,
    /// Its number in the shard: the number given to the builder, counted from the first of its segment.
    pub document: u32,
}

/// One index of one shard.
#[derive(Clone, Copy, Debug)]
pub struct Segment<'a> {
    /// Which shard it is of.
    pub shard: usize,
    /// Number of its first document in the shard.
    pub first: u32,
    /// The index.
    pub index: &'a TextIndex,
    /// Documents of the index that are gone, as numbered there.
    pub gone: &'a NumberSet,
}

impl Segment<'_> {
    /// A document of the index, as the caller knows it.
    pub(super) fn position(&self, document: u32) -> Position {
        Position { shard: self.shard, document: self.first + document }
    }

    /// Whether a document that is not gone has the word, within `scope`, so that `kind` holds.
    pub(super) fn has(&self, word: u32, kind: Match, scope: Scope) -> bool {
        let may_have = scope == Scope::AllFields || self.index.is_in_names(word, kind);
        may_have && (self.gone.is_empty() || self.is_left(word, kind, scope))
    }

    fn is_left(&self, word: u32, kind: Match, scope: Scope) -> bool {
        let contributions = scope.contributions(kind);
        let mut postings = self.index.postings(word);
        postings.any(|(document, payload)| !self.gone.contains(document) && !contributions[usize::from(payload)].is_none())
    }
}
