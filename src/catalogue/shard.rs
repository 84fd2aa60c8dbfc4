//! One city of the snapshot: its records, their indexes. Immutable; shared by all snapshots until the city changes.

use std::collections::HashMap;
use std::sync::Arc;

use super::collation::fold;
use super::reference::ReferenceData;
use super::spatial::SpatialIndex;
use super::text::{BuildError, Field, Language, TextIndex, TextIndexBuilder};
use crate::domain::category::CategoryTree;
use crate::domain::city::City;
use crate::domain::event::{Event, EventRecord};
use crate::domain::ids::{RecordId, RecordType};
use crate::domain::opening_hours::{OpeningHours, mentions_sun};
use crate::domain::point_of_interest::{Hours, PointOfInterest, PointOfInterestRecord};
use crate::domain::provenance::Provenance;
use crate::domain::route::Route;
use crate::domain::schedule::{self, Schedule};
use crate::domain::text::Text;
use crate::store::Quarantined;
use crate::store::records::CityRecords;

/// Everything published in one city.
pub struct CityShard {
    /// The city.
    pub city: City,
    /// The category tree its records point into.
    pub categories: Arc<CategoryTree>,
    /// Places by name, then id.
    pub places: Vec<PointOfInterest>,
    /// Events by name, then id.
    pub events: Vec<Event>,
    /// Routes by name, then id.
    pub routes: Vec<Route>,
    /// Records that were kept out, with the reason.
    pub quarantined: Vec<Quarantined>,
    /// Places by position.
    pub spatial: SpatialIndex,
    /// Texts; documents are numbered places first, then events, routes, the city.
    pub text: TextIndex,
    places_by_id: Box<[u32]>,
    places_by_slug: Box<[u32]>,
    /// Bytes of the name of each document, side by side: a search asks for thousands of them.
    name_lengths: Box<[u16]>,
}

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

impl CityShard {
    /// Builds a city from its records. O(n log n); runs on a thread of its own.
    pub fn build(city: City, records: CityRecords, reference: &ReferenceData) -> Result<Self, BuildError> {
        let mut quarantined = records.quarantined;
        let mut shared = Shared::default();
        let mut places: Vec<PointOfInterest> = records
            .places
            .into_iter()
            .filter_map(|record| shared.place(record, &city, reference).map_err(|error| quarantined.push(error)).ok())
            .collect();
        sort_by_name(&mut places, |place| (fold(place.sorting_name()), place.id));
        let mut events: Vec<Event> = records
            .events
            .into_iter()
            .filter_map(|record| event(record, reference).map_err(|error| quarantined.push(error)).ok())
            .collect();
        sort_by_name(&mut events, |event| (fold(name_of(&event.texts)), event.id));
        let mut routes = records.routes;
        sort_by_name(&mut routes, |route| (fold(name_of(&route.texts)), route.id));
        let text = index_texts(&city, &reference.categories, &places, &events, &routes)?;
        let spatial = SpatialIndex::build(places.iter().map(|place| place.position));
        let mut places_by_id: Box<[u32]> = (0..places.len() as u32).collect();
        let mut places_by_slug = places_by_id.clone();
        places_by_id.sort_unstable_by_key(|number| places[*number as usize].id);
        places_by_slug.sort_unstable_by(|one, other| places[*one as usize].slug.cmp(&places[*other as usize].slug));
        quarantined.sort_by(|one, other| (one.record_type, &one.slug).cmp(&(other.record_type, &other.slug)));
        let name_lengths = places
            .iter()
            .map(PointOfInterest::sorting_name)
            .chain(events.iter().map(|event| name_of(&event.texts)))
            .chain(routes.iter().map(|route| name_of(&route.texts)))
            .chain([name_of(&city.texts)])
            .map(|name| u16::try_from(name.len()).unwrap_or(u16::MAX))
            .collect();
        Ok(Self {
            categories: Arc::clone(&reference.categories),
            city,
            places,
            events,
            routes,
            quarantined,
            spatial,
            text,
            places_by_id,
            places_by_slug,
            name_lengths,
        })
    }

    /// Number of the place with this id. O(log n).
    pub fn place_by_id(&self, id: RecordId) -> Option<u32> {
        self.places_by_id.binary_search_by(|number| self.places[*number as usize].id.cmp(&id)).ok().map(|found| self.places_by_id[found])
    }

    /// Number of the place with this slug. O(log n).
    pub fn place_by_slug(&self, slug: &str) -> Option<u32> {
        self.places_by_slug
            .binary_search_by(|number| (*self.places[*number as usize].slug).cmp(slug))
            .ok()
            .map(|found| self.places_by_slug[found])
    }

    /// What a document of the text index is.
    pub fn document(&self, number: u32) -> Document {
        let (places, events, routes) = (self.places.len() as u32, self.events.len() as u32, self.routes.len() as u32);
        if number < places {
            Document::Place(number)
        } else if number < places + events {
            Document::Event(number - places)
        } else if number < places + events + routes {
            Document::Route(number - places - events)
        } else {
            Document::City
        }
    }

    /// Bytes of the Portuguese name of a document, or of the first there is; at most 65,535.
    pub fn name_length(&self, number: u32) -> u16 {
        self.name_lengths.get(number as usize).copied().unwrap_or(0)
    }

    /// Identity of a document.
    pub fn document_id(&self, number: u32) -> RecordId {
        match self.document(number) {
            Document::Place(number) => self.places[number as usize].id,
            Document::Event(number) => self.events[number as usize].id,
            Document::Route(number) => self.routes[number as usize].id,
            Document::City => self.city.id,
        }
    }
}

/// The Portuguese name, or the first there is.
pub fn name_of(texts: &[Text]) -> &str {
    texts.iter().find(|text| text.language.is_default()).or_else(|| texts.first()).map_or("", |text| &text.name)
}

fn sort_by_name<T>(records: &mut [T], key: impl Fn(&T) -> (String, RecordId)) {
    records.sort_by_cached_key(key);
}

/// Values that many places of a city have alike, kept once.
#[derive(Default)]
struct Shared {
    hours: HashMap<(Box<str>, chrono_tz::Tz, Option<u32>), Hours>,
    provenance: Vec<Arc<Provenance>>,
}

impl Shared {
    fn place(&mut self, record: PointOfInterestRecord, city: &City, reference: &ReferenceData) -> Result<PointOfInterest, Quarantined> {
        let Some(category) = reference.categories.find(&record.category) else {
            return Err(Quarantined {
                record_type: RecordType::PointOfInterest,
                slug: record.slug.into(),
                field: "category_slug",
                reason: format!("there is no category `{}`", record.category),
            });
        };
        let time_zone = record.time_zone.unwrap_or(city.time_zone);
        let municipality = record.municipality.map(|ibge| ibge.0);
        let hours = record.opening_hours.map_or(Hours::Unknown, |raw| self.hours(raw, time_zone, municipality, record.position, reference));
        Ok(PointOfInterest {
            id: record.id,
            slug: record.slug,
            category,
            position: record.position,
            municipality: record.municipality,
            time_zone,
            texts: record.texts.into(),
            hours,
            season: record.season,
            is_accessible_for_free: record.is_accessible_for_free,
            accessibility: record.accessibility.into(),
            particulars: record.particulars,
            provenance: self.provenance(record.provenance),
        })
    }

    fn hours(
        &mut self,
        raw: Box<str>,
        zone: chrono_tz::Tz,
        municipality: Option<u32>,
        position: crate::domain::geo::Position,
        reference: &ReferenceData,
    ) -> Hours {
        let parse = |raw: &str| match OpeningHours::parse(
            raw,
            zone,
            reference.holidays.for_municipality(municipality),
            Some((position.latitude(), position.longitude())),
        ) {
            Ok(hours) => Hours::Known(Arc::new(hours)),
            Err(error) => Hours::Unreadable { raw: raw.into(), reason: error.to_string().into() },
        };
        // Sunrise depends on the position; the rest is the same for all places with the same words.
        if mentions_sun(&raw) {
            return parse(&raw);
        }
        self.hours.entry((raw, zone, municipality)).or_insert_with_key(|(raw, ..)| parse(raw)).clone()
    }

    fn provenance(&mut self, provenance: Provenance) -> Arc<Provenance> {
        // A city has a few dozen sources; beyond that a look-up costs more than it saves.
        if let Some(known) = self.provenance.iter().rev().take(64).find(|known| ***known == provenance) {
            return Arc::clone(known);
        }
        let shared = Arc::new(provenance);
        self.provenance.push(Arc::clone(&shared));
        shared
    }
}

fn event(record: EventRecord, reference: &ReferenceData) -> Result<Event, Quarantined> {
    let bad = |field, reason| Quarantined { record_type: RecordType::Event, slug: record.slug.to_string(), field, reason };
    let category = reference
        .categories
        .find(&record.category)
        .ok_or_else(|| bad("category_slug", format!("there is no category `{}`", record.category)))?;
    let schedule = Schedule::parse(record.schedule.clone(), record.time_zone).map_err(|error| bad(error.field(), error.to_string()))?;
    let previous_start = record
        .previous_start
        .as_deref()
        .map(|value| schedule::instant("previous_start", value, record.time_zone))
        .transpose()
        .map_err(|error| bad("previous_start", error.to_string()))?;
    Ok(Event {
        id: record.id,
        slug: record.slug,
        category,
        series: record.series,
        edition: record.edition,
        venue: record.venue,
        time_zone: record.time_zone,
        schedule,
        status: record.status,
        previous_start,
        is_accessible_for_free: record.is_accessible_for_free,
        texts: record.texts.into(),
        notes: record.notes.into(),
        images: record.images,
        provenance: record.provenance,
    })
}

fn index_texts(
    city: &City,
    categories: &CategoryTree,
    places: &[PointOfInterest],
    events: &[Event],
    routes: &[Route],
) -> Result<TextIndex, BuildError> {
    let mut builder = TextIndexBuilder::new();
    let mut document = 0;
    let category_names = |builder: &mut TextIndexBuilder, document, key| {
        for (tag, name) in categories.get(key).into_iter().flat_map(|category| &category.names) {
            builder.add(document, Field::Category, Language::from_tag(tag.as_str()), name)?;
        }
        Ok::<(), BuildError>(())
    };
    for place in places {
        add_texts(&mut builder, document, &place.texts)?;
        category_names(&mut builder, document, place.category)?;
        builder.add(document, Field::City, Language::Portuguese, name_of(&city.texts))?;
        document += 1;
    }
    for event in events {
        add_texts(&mut builder, document, &event.texts)?;
        category_names(&mut builder, document, event.category)?;
        builder.add(document, Field::City, Language::Portuguese, name_of(&city.texts))?;
        document += 1;
    }
    for route in routes {
        add_texts(&mut builder, document, &route.texts)?;
        builder.add(document, Field::City, Language::Portuguese, name_of(&city.texts))?;
        document += 1;
    }
    add_texts(&mut builder, document, &city.texts)?;
    builder.build()
}

fn add_texts(builder: &mut TextIndexBuilder, document: u32, texts: &[Text]) -> Result<(), BuildError> {
    for text in texts {
        let language = Language::from_tag(text.language.as_str());
        builder.add(document, Field::Name, language, &text.name)?;
        if let Some(summary) = &text.summary {
            builder.add(document, Field::Summary, language, summary)?;
        }
        if let Some(description) = &text.description {
            builder.add(document, Field::Description, language, description)?;
        }
    }
    Ok(())
}
