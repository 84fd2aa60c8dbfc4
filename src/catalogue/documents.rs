//! The documents of a shard: what each is, the indexes of their texts, the lengths of their names. Those of the base come first,
//! places, events, routes and the city; then those that came since.

use std::sync::Arc;

use super::number_set::NumberSet;
use super::records::{Record, Records, name_of};
use super::text::{BuildError, Field, Language, Segment, TextIndex, TextIndexBuilder};
use crate::domain::category::CategoryTree;
use crate::domain::city::City;
use crate::domain::event::Event;
use crate::domain::point_of_interest::PointOfInterest;
use crate::domain::route::Route;
use crate::domain::text::Text;

/// A document of the text index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Document {
    /// Number of a place.
    Place(u32),
    /// Number of an event.
    Event(u32),
    /// Number of a route.
    Route(u32),
    /// The city.
    City,
}

/// What has texts.
#[derive(Clone, Copy)]
pub struct Texts<'a> {
    /// The city.
    pub city: &'a City,
    /// The tree its records point into.
    pub categories: &'a CategoryTree,
    /// Places.
    pub places: &'a Records<PointOfInterest>,
    /// Events.
    pub events: &'a Records<Event>,
    /// Routes.
    pub routes: &'a Records<Route>,
}

/// All documents.
pub struct Documents {
    base: Arc<Base>,
    /// Documents of the base that are gone.
    gone: NumberSet,
    /// What came since, numbered from 0.
    recent: TextIndex,
    recent_kinds: Vec<Document>,
    recent_name_lengths: Vec<u16>,
}

struct Base {
    places: u32,
    events: u32,
    routes: u32,
    index: TextIndex,
    /// Bytes of the name of each document, side by side: a search asks for thousands of them.
    name_lengths: Box<[u16]>,
}

/// Nothing in a recent index is gone: it is built anew with each change.
static NOTHING: NumberSet = NumberSet::new();

impl Documents {
    /// Indexes all texts of records that were just laid down.
    pub fn build(texts: Texts<'_>) -> Result<Self, BuildError> {
        let mut writer = Writer::new(texts);
        texts.places.iter().try_for_each(|place| writer.record(place))?;
        texts.events.iter().try_for_each(|event| writer.record(event))?;
        texts.routes.iter().try_for_each(|route| writer.record(route))?;
        writer.city()?;
        let (index, name_lengths) = writer.finish()?;
        let base = Base {
            places: texts.places.base_len(),
            events: texts.events.base_len(),
            routes: texts.routes.base_len(),
            index,
            name_lengths: name_lengths.into(),
        };
        let (gone, recent) = (NumberSet::new(), TextIndex::default());
        Ok(Self { base: Arc::new(base), gone, recent, recent_kinds: Vec::new(), recent_name_lengths: Vec::new() })
    }

    /// The documents of records over the same base. Indexes the texts of those that came since, however long ago.
    pub fn next(&self, texts: Texts<'_>) -> Result<Self, BuildError> {
        let mut gone = NumberSet::new();
        let first_event = self.base.places;
        let first_route = first_event + self.base.events;
        let of_base = (texts.places.gone().below(self.base.places))
            .chain(texts.events.gone().below(self.base.events).map(|number| first_event + number))
            .chain(texts.routes.gone().below(self.base.routes).map(|number| first_route + number));
        of_base.for_each(|document| gone.insert(document));
        let mut writer = Writer::new(texts);
        let mut recent_kinds = Vec::new();
        for number in texts.places.recent_numbers() {
            writer.record(&texts.places[number as usize])?;
            recent_kinds.push(Document::Place(number));
        }
        for number in texts.events.recent_numbers() {
            writer.record(&texts.events[number as usize])?;
            recent_kinds.push(Document::Event(number));
        }
        for number in texts.routes.recent_numbers() {
            writer.record(&texts.routes[number as usize])?;
            recent_kinds.push(Document::Route(number));
        }
        let (recent, recent_name_lengths) = writer.finish()?;
        Ok(Self { base: Arc::clone(&self.base), gone, recent, recent_kinds, recent_name_lengths })
    }

    /// Whether both stand on one base.
    pub fn shares_base(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.base, &other.base)
    }

    /// The indexes to search, of the shard that is the `shard`th of those searched.
    pub fn segments(&self, shard: usize) -> impl Iterator<Item = Segment<'_>> {
        let base = Segment { shard, first: 0, index: &self.base.index, gone: &self.gone };
        let recent = Segment { shard, first: self.base.name_lengths.len() as u32, index: &self.recent, gone: &NOTHING };
        std::iter::once(base).chain((!self.recent_kinds.is_empty()).then_some(recent))
    }

    /// What a document is.
    pub fn get(&self, number: u32) -> Document {
        let Base { places, events, routes, .. } = *self.base;
        if number < places {
            Document::Place(number)
        } else if number < places + events {
            Document::Event(number - places)
        } else if number < places + events + routes {
            Document::Route(number - places - events)
        } else {
            let recent = number - places - events - routes;
            recent.checked_sub(1).and_then(|recent| self.recent_kinds.get(recent as usize).copied()).unwrap_or(Document::City)
        }
    }

    /// Bytes of the Portuguese name of a document, or of the first there is; at most 65,535.
    pub fn name_length(&self, number: u32) -> u16 {
        let number = number as usize;
        let base = &self.base.name_lengths;
        base.get(number).or_else(|| self.recent_name_lengths.get(number - base.len())).copied().unwrap_or(0)
    }
}

/// Writes documents into an index, one after the other.
struct Writer<'a> {
    texts: Texts<'a>,
    index: TextIndexBuilder,
    name_lengths: Vec<u16>,
}

impl<'a> Writer<'a> {
    fn new(texts: Texts<'a>) -> Self {
        Self { texts, index: TextIndexBuilder::new(), name_lengths: Vec::new() }
    }

    /// Number of the next document.
    fn document(&self) -> u32 {
        self.name_lengths.len() as u32
    }

    fn record(&mut self, record: &impl Record) -> Result<(), BuildError> {
        let document = self.document();
        self.own_texts(record.texts())?;
        let category = record.category().and_then(|key| self.texts.categories.get(key));
        for (tag, name) in category.into_iter().flat_map(|category| &category.names) {
            self.index.add(document, Field::Category, Language::from_tag(tag.as_str()), name)?;
        }
        self.index.add(document, Field::City, Language::Portuguese, name_of(&self.texts.city.texts))
    }

    fn city(&mut self) -> Result<(), BuildError> {
        self.own_texts(&self.texts.city.texts)
    }

    fn own_texts(&mut self, texts: &[Text]) -> Result<(), BuildError> {
        let document = self.document();
        for text in texts {
            let language = Language::from_tag(text.language.as_str());
            self.index.add(document, Field::Name, language, &text.name)?;
            if let Some(summary) = &text.summary {
                self.index.add(document, Field::Summary, language, summary)?;
            }
            if let Some(description) = &text.description {
                self.index.add(document, Field::Description, language, description)?;
            }
        }
        self.name_lengths.push(u16::try_from(name_of(texts).len()).unwrap_or(u16::MAX));
        Ok(())
    }

    fn finish(self) -> Result<(TextIndex, Vec<u16>), BuildError> {
        Ok((self.index.build()?, self.name_lengths))
    }
}
