//! Results of a search, and suggestions while typing.

use std::sync::Arc;

use async_graphql::{ComplexObject, Context, Object, SimpleObject};

use super::city::City;
use super::enums::{MatchQuality, SearchType};
use super::event::Event;
use super::node::SearchResult;
use super::page::PageInfo;
use super::point_of_interest::PointOfInterest;
use super::route::Route;
use super::text;
use crate::catalogue::documents::Document;
use crate::catalogue::page::{Fingerprint, PageRequest, SortKey, Taken, encode};
use crate::catalogue::places::Near;
use crate::catalogue::search::{self, Kinds, Search, SearchEntry, SearchQuery};
use crate::catalogue::snapshot::Snapshot;
use crate::catalogue::text::MatchQuality as Quality;
use crate::graphql::context;
use crate::graphql::directives::Cost;
use crate::graphql::failure::Failure;
use crate::graphql::flat::FlatList;
use crate::graphql::query::inputs::{SearchFilter, slugs};

/// A page of search results.
pub struct SearchResultConnection {
    snapshot: Arc<Snapshot>,
    text: String,
    filter: search::SearchFilter,
    near: Option<Near>,
    taken: Taken<SearchEntry>,
    quality: Quality,
    fingerprint: Fingerprint,
}

impl SearchResultConnection {
    /// A page of the list.
    pub fn list(
        context: &Context<'_>,
        text: String,
        filter: SearchFilter,
        near: Option<Near>,
        request: &PageRequest,
    ) -> Result<Self, Failure> {
        let snapshot = Arc::clone(&context::of(context).snapshot);
        let kinds = filter.types.map_or(Kinds::ALL, |types| Kinds {
            places: types.contains(&SearchType::PointOfInterest),
            events: types.contains(&SearchType::Event),
            routes: types.contains(&SearchType::Route),
            cities: types.contains(&SearchType::City),
        });
        let filter = search::SearchFilter { cities: slugs(filter.city)?, categories: slugs(filter.category)?, kinds };
        let place = near.map(|near| near.bits());
        let fingerprint = Fingerprint::of("search", &(&text, &filter, place));
        let page = request.resolve(fingerprint)?;
        let budget = context::budget(context);
        let query = SearchQuery { text: &text, filter: &filter, near };
        let (taken, quality) = Search::new(query, &snapshot, &budget)?.page(&page)?;
        Ok(Self { snapshot, text, filter, near, taken, quality, fingerprint })
    }
}

fn result(snapshot: &Snapshot, shard: usize, document: Document) -> Option<SearchResult> {
    Some(match document {
        Document::Place(number) => SearchResult::PointOfInterest(PointOfInterest::of(snapshot, shard, number)?),
        Document::Event(number) => SearchResult::Event(Event::of(snapshot, shard, number)?),
        Document::Route(number) => SearchResult::Route(Route::of(snapshot, shard, number)?),
        Document::City => SearchResult::City(City(Arc::clone(snapshot.shards.get(shard)?))),
    })
}

/// A page of search results (Relay).
#[Object]
impl SearchResultConnection {
    /// The results with what the search knows of each.
    async fn edges(&self) -> FlatList<SearchResultEdge> {
        let edge = |(key, entry): &(SortKey, SearchEntry)| {
            let node = result(&self.snapshot, entry.shard, entry.document)?;
            Some(SearchResultEdge {
                node,
                score: -key.number,
                distance_meters: entry.distance,
                key: key.clone(),
                fingerprint: self.fingerprint,
            })
        };
        FlatList(self.taken.entries.iter().filter_map(edge).collect())
    }

    /// The results alone.
    async fn nodes(&self) -> Vec<SearchResult> {
        self.taken.entries.iter().filter_map(|(_, entry)| result(&self.snapshot, entry.shard, entry.document)).collect()
    }

    /// Where the page stands in the list.
    async fn page_info(&self) -> PageInfo {
        PageInfo::of(&self.taken, self.fingerprint)
    }

    /// How far the results answer the words.
    async fn match_quality(&self) -> MatchQuality {
        match self.quality {
            Quality::AllWords => MatchQuality::AllWords,
            Quality::SomeWords { .. } => MatchQuality::SomeWords,
            Quality::Nothing => MatchQuality::Nothing,
        }
    }

    /// How many results the whole list has; computed only when asked for.
    #[graphql(directive = Cost::apply(500))]
    async fn total_count(&self, context: &Context<'_>) -> Result<Option<usize>, Failure> {
        let budget = context::budget(context);
        let query = SearchQuery { text: &self.text, filter: &self.filter, near: self.near };
        Ok(Some(Search::new(query, &self.snapshot, &budget)?.count()?))
    }
}

/// A result in a list (Relay).
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct SearchResultEdge {
    /// The result.
    pub(super) node: SearchResult,
    /// How well it fits; only its order means something.
    pub(super) score: f64,
    /// Geodesic metres from `near`; null without it, or where the position is not known.
    pub(super) distance_meters: Option<f64>,
    /// What its cursor is made of.
    #[graphql(skip)]
    pub(super) key: SortKey,
    #[graphql(skip)]
    pub(super) fingerprint: Fingerprint,
}

#[ComplexObject]
impl SearchResultEdge {
    /// Its cursor.
    async fn cursor(&self) -> String {
        encode(&self.key, self.fingerprint)
    }
}

/// Something whose name begins with what was typed.
#[derive(SimpleObject)]
pub struct Suggestion {
    /// Its name in the reader's language.
    text: String,
    /// What it is.
    r#type: SearchType,
    /// The destination that offers it.
    city: City,
    /// The thing itself.
    node: SearchResult,
}

/// Suggestions for what was typed.
pub fn suggestions(context: &Context<'_>, typed: (&str, Option<&str>), limit: usize) -> Result<Vec<Suggestion>, Failure> {
    let request = context::of(context);
    let snapshot = &request.snapshot;
    let found = search::suggestions(typed, limit, snapshot, &context::budget(context))?;
    let suggestion = |(shard, document): (usize, Document)| {
        let records = snapshot.shards.get(shard)?;
        let (texts, kind) = match document {
            Document::Place(number) => (&records.places.get(number as usize)?.texts[..], SearchType::PointOfInterest),
            Document::Event(number) => (&records.events.get(number as usize)?.texts[..], SearchType::Event),
            Document::Route(number) => (&records.routes.get(number as usize)?.texts[..], SearchType::Route),
            Document::City => (&records.city.texts[..], SearchType::City),
        };
        Some(Suggestion {
            text: text::name(texts, &request.preferences).into_value(),
            r#type: kind,
            city: City(Arc::clone(records)),
            node: result(snapshot, shard, document)?,
        })
    };
    Ok(found.into_iter().filter_map(suggestion).collect())
}
