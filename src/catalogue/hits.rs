//! Places that hold the words of a text, as a filter and as an order.

use std::collections::HashMap;

use super::documents::Document;
use super::error::CatalogueError;
use super::snapshot::Snapshot;
use super::text::{Hit, Position, Selection, TextQuery, Window, matching, search};
use crate::domain::work_budget::{Spent, WorkBudget};

/// For each shard the places that hold the words, ascending.
pub struct TextHits {
    query: TextQuery,
    shards: Vec<Vec<u32>>,
}

impl TextHits {
    /// Searches the places of the snapshot.
    pub fn of(text: &str, snapshot: &Snapshot, budget: &WorkBudget) -> Result<Self, CatalogueError> {
        let query = TextQuery::parse(text).map_err(|error| CatalogueError::Text(error.to_string()))?;
        let found = matching(&snapshot.text(), &query, |position| place(snapshot, position).is_some(), budget)?.documents;
        let places = |(shard, documents): (usize, Vec<u32>)| {
            let number = |document| place(snapshot, Position { shard, document });
            let mut places: Vec<u32> = documents.into_iter().filter_map(number).collect();
            places.sort_unstable();
            places
        };
        Ok(Self { query, shards: found.into_iter().enumerate().map(places).collect() })
    }

    /// Whether the place holds the words.
    pub fn contains(&self, shard: usize, number: u32) -> bool {
        self.shards.get(shard).is_some_and(|hits| hits.binary_search(&number).is_ok())
    }

    /// How well each place fits the words; more is better.
    pub fn scores(&self, snapshot: &Snapshot, budget: &WorkBudget) -> Result<HashMap<(usize, u32), u32>, Spent> {
        let is_place = |position| place(snapshot, position).is_some();
        let selection = Selection { accept: is_place, tie_break: |position: Position| position, budget };
        let ranking = search(&snapshot.text(), &self.query, &selection, &Window { limit: usize::MAX, after: None })?;
        let score = |hit: Hit<Position>| Some(((hit.position.shard, place(snapshot, hit.position)?), hit.score.0));
        Ok(ranking.hits.into_iter().filter_map(score).collect())
    }
}

/// The number of the place that a document is.
fn place(snapshot: &Snapshot, position: Position) -> Option<u32> {
    match snapshot.shards.get(position.shard)?.document(position.document) {
        Document::Place(number) => Some(number),
        Document::Event(_) | Document::Route(_) | Document::City => None,
    }
}
