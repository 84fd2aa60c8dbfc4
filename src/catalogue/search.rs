//! Questions in words over everything a city has: places, events, routes and the city itself.

use std::cmp::Ordering;

use super::documents::Document;
use super::error::CatalogueError;
use super::page::{Page, SortKey, Taken};
use super::places::Near;
use super::shard::CityShard;
use super::snapshot::Snapshot;
use super::spatial::DistanceFrom;
use super::text::{MatchQuality, Position as Place, Score, Selection, TextQuery, Window, matching, search, suggest};
use crate::domain::geo::Position;
use crate::domain::ids::RecordId;
use crate::domain::work_budget::{Spent, WorkBudget};

/// What kinds are searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::struct_excessive_bools, reason = "a set of four kinds, each in or out")]
pub struct Kinds {
    /// Places.
    pub places: bool,
    /// Events.
    pub events: bool,
    /// Routes.
    pub routes: bool,
    /// Cities.
    pub cities: bool,
}

impl Kinds {
    /// All kinds.
    pub const ALL: Self = Self { places: true, events: true, routes: true, cities: true };
}

/// Which results.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SearchFilter {
    /// Slugs of cities, any of them.
    pub cities: Option<Vec<String>>,
    /// Slugs of categories; routes and cities have none.
    pub categories: Option<Vec<String>>,
    /// Which kinds.
    pub kinds: Kinds,
}

/// A result.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SearchEntry {
    /// Which shard.
    pub shard: usize,
    /// What.
    pub document: Document,
    /// Geodesic metres from the centre, when one was given and the position is known.
    pub distance: Option<f64>,
}

/// A question in words, resolved against a snapshot.
pub struct Search<'a> {
    snapshot: &'a Snapshot,
    query: TextQuery,
    kinds: Kinds,
    cities: Option<Vec<bool>>,
    categories: Option<Vec<bool>>,
    near: Option<(Near, DistanceFrom)>,
    budget: &'a WorkBudget,
}

/// What is asked in words.
#[derive(Clone, Copy)]
pub struct SearchQuery<'a> {
    /// The words.
    pub text: &'a str,
    /// Which results.
    pub filter: &'a SearchFilter,
    /// Around where.
    pub near: Option<Near>,
}

impl<'a> Search<'a> {
    /// Resolves the question.
    pub fn new(
        SearchQuery { text, filter, near }: SearchQuery<'_>,
        snapshot: &'a Snapshot,
        budget: &'a WorkBudget,
    ) -> Result<Self, CatalogueError> {
        Ok(Self {
            budget,
            query: TextQuery::parse(text).map_err(|error| CatalogueError::Text(error.to_string()))?,
            kinds: filter.kinds,
            cities: filter.cities.as_ref().map(|slugs| snapshot.city_mask(slugs)).transpose()?,
            categories: filter.categories.as_ref().map(|slugs| snapshot.category_mask(slugs, budget)).transpose()?,
            near: near.map(|near| (near, DistanceFrom::new(near.centre))),
            snapshot,
        })
    }

    /// A page of the results, best first, and how far they answer.
    pub fn page(&self, page: &Page) -> Result<(Taken<SearchEntry>, MatchQuality), Spent> {
        let segments = self.snapshot.text();
        let selection =
            Selection { accept: |place: Place| self.accepts(place), tie_break: |place: Place| self.tie_break(place), budget: self.budget };
        let after = page.after.as_ref().map(|key| {
            let key_of = TieBreak { length: key.word.parse().unwrap_or(0), id: Identity::Known(key.id) };
            (Score((-key.number) as u32), key_of)
        });
        let ranking = search(&segments, &self.query, &selection, &Window { limit: page.limit + 1, after })?;
        let more = ranking.hits.len() > page.limit;
        let entries = ranking.hits.into_iter().take(page.limit).map(|hit| {
            let document = self.document(hit.position);
            let distance = self.near.as_ref().zip(self.position(hit.position)).map(|((_, from), position)| from.to(position));
            let word = format!("{:05}", hit.key.length).into();
            let key = SortKey { group: 0, number: -f64::from(hit.score.0), word, id: hit.key.id.get() };
            (key, SearchEntry { shard: hit.position.shard, document, distance })
        });
        Ok((page.taken(entries.collect(), more), ranking.quality))
    }

    /// How many results there are.
    pub fn count(&self) -> Result<usize, Spent> {
        Ok(matching(&self.snapshot.text(), &self.query, |place| self.accepts(place), self.budget)?.count())
    }

    fn document(&self, place: Place) -> Document {
        self.snapshot.shards.get(place.shard).map_or(Document::City, |shard| shard.document(place.document))
    }

    fn tie_break(&self, place: Place) -> TieBreak<'a> {
        // A position comes from the index of one of these shards, so the shard is there.
        let shard = &self.snapshot.shards[place.shard];
        TieBreak { length: shard.name_length(place.document), id: Identity::Of(shard, place.document) }
    }

    fn position(&self, place: Place) -> Option<Position> {
        let shard = self.snapshot.shards.get(place.shard)?;
        match shard.document(place.document) {
            Document::Place(number) => Some(shard.places.get(number as usize)?.position),
            Document::Event(number) => super::happenings::position_of(shard.events.get(number as usize)?, self.snapshot),
            Document::Route(number) => {
                let first = shard.routes.get(number as usize)?.stops.first()?;
                self.snapshot.place(first.point_of_interest).map(|found| found.record.position)
            }
            Document::City => Some(shard.city.position),
        }
    }

    fn accepts(&self, place: Place) -> bool {
        let Some(shard) = self.snapshot.shards.get(place.shard) else { return false };
        if self.cities.as_ref().is_some_and(|mask| !mask[place.shard]) {
            return false;
        }
        let (kind, category) = match shard.document(place.document) {
            Document::Place(number) => (self.kinds.places, shard.places.get(number as usize).map(|place| place.category)),
            Document::Event(number) => (self.kinds.events, shard.events.get(number as usize).map(|event| event.category)),
            Document::Route(_) => (self.kinds.routes, None),
            Document::City => (self.kinds.cities, None),
        };
        let fits = |mask: &Vec<bool>| category.and_then(|key| mask.get(key.0 as usize).copied()).unwrap_or(false);
        kind && self.categories.as_ref().is_none_or(fits) && self.within_radius(place)
    }

    fn within_radius(&self, place: Place) -> bool {
        let Some((Near { radius: Some(radius), .. }, from)) = &self.near else { return true };
        self.position(place).is_some_and(|position| from.to(position) <= *radius)
    }
}

/// Among equals the shorter name first, for it holds less that was not asked; then the id, which is looked up only when it
/// decides: thousands of documents are compared, and each look-up waits for memory.
struct TieBreak<'a> {
    length: u16,
    id: Identity<'a>,
}

enum Identity<'a> {
    Known(RecordId),
    Of(&'a CityShard, u32),
}

impl Identity<'_> {
    fn get(&self) -> RecordId {
        match self {
            Self::Known(id) => *id,
            Self::Of(shard, document) => shard.document_id(*document),
        }
    }
}

impl Ord for TieBreak<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.length.cmp(&other.length).then_with(|| self.id.get().cmp(&other.id.get()))
    }
}
impl PartialOrd for TieBreak<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl PartialEq for TieBreak<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}
impl Eq for TieBreak<'_> {}

/// Records whose names begin with what was typed, best first, in one city or all.
pub fn suggestions(
    (prefix, city): (&str, Option<&str>),
    limit: usize,
    snapshot: &Snapshot,
    budget: &WorkBudget,
) -> Result<Vec<(usize, Document)>, CatalogueError> {
    let query = TextQuery::parse_prefix(prefix).map_err(|error| CatalogueError::Text(error.to_string()))?;
    let mask = city.map(|slug| snapshot.city_mask(&[slug.to_owned()])).transpose()?;
    let selection = Selection {
        accept: |place: Place| mask.as_ref().is_none_or(|mask| mask[place.shard]),
        tie_break: |place: Place| snapshot.shards[place.shard].document_id(place.document),
        budget,
    };
    let hits = suggest(&snapshot.text(), &query, &selection, limit)?;
    Ok(hits.into_iter().map(|hit| (hit.position.shard, snapshot.shards[hit.position.shard].document(hit.position.document))).collect())
}
