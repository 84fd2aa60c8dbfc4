//! Places that hold the words of a text, as a filter and as an order.

use std::collections::HashMap;

use super::error::CatalogueError;
use super::shard::Document;
use super::snapshot::Snapshot;
use super::text::{Position, Selection, TextQuery, Window, matching, search};

/// For each shard the places that hold the words, ascending.
pub struct TextHits {
    query: TextQuery,
    shards: Vec<Vec<u32>>,
}

impl TextHits {
    /// Searches the places of the snapshot.
    pub fn of(text: &str, snapshot: &Snapshot) -> Result<Self, CatalogueError> {
        let query = TextQuery::parse(text).map_err(|error| CatalogueError::Text(error.to_string()))?;
        let indexes: Vec<_> = snapshot.shards.iter().map(|shard| &shard.text).collect();
        // Places are the first documents of a shard, so the number of the document is that of the place.
        let shards = matching(&indexes, &query, |position| is_place(snapshot, position)).documents;
        Ok(Self { query, shards })
    }

    /// Whether the place holds the words.
    pub fn contains(&self, shard: usize, number: u32) -> bool {
        self.shards.get(shard).is_some_and(|hits| hits.binary_search(&number).is_ok())
    }

    /// How well each place fits the words; more is better.
    pub fn scores(&self, snapshot: &Snapshot) -> HashMap<(usize, u32), u32> {
        let indexes: Vec<_> = snapshot.shards.iter().map(|shard| &shard.text).collect();
        let selection = Selection { accept: |position| is_place(snapshot, position), tie_break: |position: Position| position };
        let ranking = search(&indexes, &self.query, &selection, &Window { limit: usize::MAX, after: None });
        ranking.hits.into_iter().map(|hit| ((hit.position.shard, hit.position.document), hit.score.0)).collect()
    }
}

fn is_place(snapshot: &Snapshot, position: Position) -> bool {
    snapshot.shards.get(position.shard).is_some_and(|shard| matches!(shard.document(position.document), Document::Place(_)))
}
