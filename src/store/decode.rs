//! Rows into domain records. A row that cannot be read is set aside with its reason; the rest goes on.

use std::collections::HashMap;
use std::sync::Arc;

use chrono_tz::Tz;
use entity::{event, event_text, media, point_of_interest, route, route_stop, route_text};
use serde::de::DeserializeOwned;
use serde_json::Value;
use uuid::Uuid;

use crate::domain::city::Ibge;
use crate::domain::event::{EventRecord, Venue};
use crate::domain::geo::Position;
use crate::domain::ids::{RecordId, RecordType};
use crate::domain::language::LanguageTag;
use crate::domain::media::{Image, KeptImage};
use crate::domain::point_of_interest::{Particulars, PointOfInterestRecord};
use crate::domain::provenance::{PartialDate, Provenance};
use crate::domain::rights::Rights;
use crate::domain::route::{Route, RouteStop};
use crate::domain::schedule::ScheduleRecord;
use crate::domain::text::{Text, TextState};

/// A stored row that cannot be read, kept out of the catalogue and reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quarantined {
    /// What it is.
    pub record_type: RecordType,
    /// Which; absent of what is known by its slug alone.
    pub record: Option<RecordId>,
    /// Its slug.
    pub slug: String,
    /// The column that cannot be read.
    pub field: &'static str,
    /// Why.
    pub reason: String,
}

/// The column that cannot be read, and why.
pub(super) struct BadColumn(pub &'static str, pub String);

impl BadColumn {
    fn of(field: &'static str) -> impl Fn(&dyn std::fmt::Display) -> Self {
        move |reason| Self(field, reason.to_string())
    }

    pub(super) fn quarantine(self, record_type: RecordType, record: Option<RecordId>, slug: &str) -> Quarantined {
        Quarantined { record_type, record, slug: slug.to_owned(), field: self.0, reason: self.1 }
    }
}

/// A record that cannot be read.
pub(super) struct BadRecord {
    id: RecordId,
    slug: String,
    column: BadColumn,
}

impl BadRecord {
    pub(super) fn of(self, record_type: RecordType) -> Quarantined {
        self.column.quarantine(record_type, Some(self.id), &self.slug)
    }
}

type Decoded<T> = Result<T, BadColumn>;

/// Equal strings and sources share one allocation: a hundred thousand places have a handful of each.
#[derive(Default)]
pub(super) struct Interner {
    strings: HashMap<Box<str>, Arc<str>>,
    tags: HashMap<Box<str>, LanguageTag>,
}

impl Interner {
    fn string(&mut self, text: String) -> Arc<str> {
        if let Some(known) = self.strings.get(text.as_str()) {
            return Arc::clone(known);
        }
        let shared: Arc<str> = text.as_str().into();
        self.strings.insert(text.into(), Arc::clone(&shared));
        shared
    }

    pub(super) fn tag(&mut self, text: &str) -> Decoded<LanguageTag> {
        if let Some(known) = self.tags.get(text) {
            return Ok(known.clone());
        }
        let tag = LanguageTag::parse(text).map_err(|error| BadColumn::of("language")(&error))?;
        self.tags.insert(text.into(), tag.clone());
        Ok(tag)
    }
}

pub(super) fn json<T: DeserializeOwned>(field: &'static str, value: Value) -> Decoded<T> {
    serde_json::from_value(value).map_err(|error| BadColumn::of(field)(&error))
}

fn optional<T: DeserializeOwned + Default>(field: &'static str, value: Option<Value>) -> Decoded<T> {
    value.map_or_else(|| Ok(T::default()), |value| json(field, value))
}

/// An enum that is stored as its API word.
fn word<T: DeserializeOwned>(field: &'static str, value: String) -> Decoded<T> {
    json(field, Value::String(value))
}

fn zone(field: &'static str, name: &str) -> Decoded<Tz> {
    name.parse().map_err(|error: chrono_tz::ParseError| BadColumn::of(field)(&error))
}

struct ProvenanceColumns {
    dataset: String,
    licence: String,
    credit: String,
    source: String,
    confidence: String,
    last_verified_on: Option<String>,
    same_as: Value,
}

macro_rules! provenance_columns {
    ($row:ident) => {
        ProvenanceColumns {
            dataset: $row.dataset,
            licence: $row.licence,
            credit: $row.credit,
            source: $row.source,
            confidence: $row.confidence,
            last_verified_on: $row.last_verified_on,
            same_as: $row.same_as,
        }
    };
}

impl ProvenanceColumns {
    fn decode(self, interner: &mut Interner) -> Decoded<Provenance> {
        Ok(Provenance {
            dataset: interner.string(self.dataset),
            source: interner.string(self.source),
            confidence: word("confidence", self.confidence)?,
            last_verified_on: self
                .last_verified_on
                .map(PartialDate::try_from)
                .transpose()
                .map_err(|error| BadColumn::of("last_verified_on")(&error))?,
            same_as: json("same_as", self.same_as)?,
            rights: Rights { licence: interner.string(self.licence), credit: interner.string(self.credit) },
        })
    }
}

/// Texts and images of one city's records, by record.
pub(super) type ByRecord<T> = HashMap<Uuid, Vec<T>>;

pub(super) fn group<T>(rows: Vec<T>, key: impl Fn(&T) -> Uuid) -> ByRecord<T> {
    let mut groups: ByRecord<T> = HashMap::new();
    for row in rows {
        groups.entry(key(&row)).or_default().push(row);
    }
    groups
}

fn image(row: media::Model, interner: &mut Interner) -> Decoded<Image> {
    Ok(Image {
        url: row.url.into(),
        width: row.width.and_then(|width| width.try_into().ok()),
        height: row.height.and_then(|height| height.try_into().ok()),
        alternative_text: json("alternative_text", row.alternative_text)?,
        rights: Rights { licence: interner.string(row.licence), credit: interner.string(row.credit) },
        source: row.source.into(),
        kept: row.thumbhash.map(|thumbhash| kept(thumbhash, row.variants)).transpose()?.map(Box::new),
    })
}

pub(super) fn kept(thumbhash: String, variants: Option<Value>) -> Decoded<KeptImage> {
    Ok(KeptImage { thumbhash: thumbhash.into(), variants: optional::<Vec<_>>("variants", variants)?.into() })
}

fn images(rows: Option<Vec<media::Model>>, interner: &mut Interner) -> Decoded<Vec<Image>> {
    rows.unwrap_or_default().into_iter().map(|row| image(row, interner)).collect()
}

/// How far a text is, as its column says.
pub(super) fn text_state(column: Option<&str>) -> Decoded<TextState> {
    let unknown = |word| BadColumn("state", format!("`{word}` is not a state of a text"));
    column.map_or(Ok(TextState::UpToDate), |word| TextState::of_words(word).ok_or_else(|| unknown(word)))
}

/// The columns of a text of a place.
pub(super) struct Words {
    pub(super) language: String,
    pub(super) name: String,
    pub(super) summary: Option<String>,
    pub(super) description: Option<String>,
    pub(super) state: Option<String>,
}

/// The texts of a place as they come in, in any order.
#[derive(Default)]
pub(super) struct Texts {
    good: Vec<Text>,
    bad: Option<BadColumn>,
}

impl Texts {
    /// Takes in a text.
    pub(super) fn add(&mut self, interner: &mut Interner, words: Words) {
        let (summary, description) = (words.summary.map(Into::into), words.description.map(Into::into));
        match interner.tag(&words.language).and_then(|language| Ok((language, text_state(words.state.as_deref())?))) {
            Ok((language, state)) => self.good.push(Text { language, state, name: words.name.into(), summary, description }),
            Err(bad) => self.bad = Some(bad),
        }
    }

    fn finish(self) -> Decoded<Vec<Text>> {
        self.bad.map_or_else(|| at_least_one(self.good), Err)
    }
}

/// Texts in the order of their tags, whatever order the database's collation gave.
fn at_least_one(mut texts: Vec<Text>) -> Decoded<Vec<Text>> {
    texts.sort_by(|one, other| one.language.cmp(&other.language));
    if texts.is_empty() { Err(BadColumn("texts", "there is no text in any language".to_owned())) } else { Ok(texts) }
}

pub(super) fn place(
    mut row: point_of_interest::Model,
    texts: Texts,
    media: Option<Vec<media::Model>>,
    interner: &mut Interner,
) -> Result<PointOfInterestRecord, BadRecord> {
    let (id, slug) = (RecordId(row.id), std::mem::take(&mut row.slug));
    match place_columns(row, texts, media, interner) {
        Ok(record) => Ok(PointOfInterestRecord { slug: slug.into(), ..record }),
        Err(column) => Err(BadRecord { id, slug, column }),
    }
}

fn place_columns(
    row: point_of_interest::Model,
    texts: Texts,
    media: Option<Vec<media::Model>>,
    interner: &mut Interner,
) -> Decoded<PointOfInterestRecord> {
    let particulars = Particulars {
        address: row.address.map(|value| json("address", value)).transpose()?,
        contact: row.contact.map(|value| json("contact", value)).transpose()?,
        hours_evidence: row.opening_hours_evidence.map(|value| json("opening_hours_evidence", value)).transpose()?,
        access_rules: optional("access_rules", row.access_rules)?,
        prices: optional("prices", row.prices)?,
        typical_visit_minutes: row.typical_visit_minutes.and_then(|minutes| minutes.try_into().ok()),
        images: images(media, interner)?,
    };
    Ok(PointOfInterestRecord {
        id: RecordId(row.id),
        slug: Box::default(),
        category: row.category_slug.into(),
        position: Position::new(row.latitude, row.longitude).map_err(|error| BadColumn::of("position")(&error))?,
        municipality: row.municipality_ibge.and_then(|ibge| ibge.try_into().ok()).map(Ibge),
        time_zone: row.time_zone.map(|name| zone("time_zone", &name)).transpose()?,
        texts: texts.finish()?,
        opening_hours: row.opening_hours.map(Into::into),
        season: row.season.map(|value| json("season", value)).transpose()?,
        is_accessible_for_free: row.is_accessible_for_free,
        accessibility: optional("accessibility", row.accessibility)?,
        particulars: particulars.boxed(),
        provenance: provenance_columns!(row).decode(interner)?,
    })
}

pub(super) fn event(
    row: event::Model,
    texts: Vec<event_text::Model>,
    media: Option<Vec<media::Model>>,
    interner: &mut Interner,
) -> Result<EventRecord, BadRecord> {
    let (id, slug) = (RecordId(row.id), row.slug.clone());
    event_columns(row, texts, media, interner).map_err(|column| BadRecord { id, slug, column })
}

fn event_columns(
    row: event::Model,
    texts: Vec<event_text::Model>,
    media: Option<Vec<media::Model>>,
    interner: &mut Interner,
) -> Decoded<EventRecord> {
    let mut notes = Vec::new();
    let texts = texts
        .into_iter()
        .map(|text| {
            let language = interner.tag(&text.language)?;
            if let Some(note) = text.note {
                notes.push((language.clone(), note.into()));
            }
            let (summary, description) = (text.summary.map(Into::into), text.description.map(Into::into));
            Ok(Text { language, state: text_state(text.state.as_deref())?, name: text.name.into(), summary, description })
        })
        .collect::<Decoded<_>>()?;
    notes.sort();
    let venue = (row.venue_name.is_some() || row.venue_id.is_some())
        .then(|| Venue { name: row.venue_name.map(Into::into), point_of_interest: row.venue_id.map(RecordId) });
    Ok(EventRecord {
        id: RecordId(row.id),
        slug: row.slug.into(),
        category: row.category_slug.into(),
        series: row.series.map(Into::into),
        edition: row.edition.and_then(|edition| edition.try_into().ok()),
        venue,
        time_zone: zone("time_zone", &row.time_zone)?,
        schedule: ScheduleRecord {
            dtstart: row.dtstart,
            dtend: row.dtend,
            rrule: row.rrule,
            rdate: json("rdate", row.rdate)?,
            exdate: json("exdate", row.exdate)?,
        },
        status: word("status", row.status)?,
        previous_start: row.previous_start,
        is_accessible_for_free: row.is_accessible_for_free,
        texts: at_least_one(texts)?,
        notes,
        images: images(media, interner)?,
        provenance: provenance_columns!(row).decode(interner)?,
    })
}

pub(super) fn route(
    row: route::Model,
    texts: Vec<route_text::Model>,
    stops: Vec<route_stop::Model>,
    media: Option<Vec<media::Model>>,
    interner: &mut Interner,
) -> Result<Route, BadRecord> {
    let (id, slug) = (RecordId(row.id), row.slug.clone());
    route_columns(row, texts, stops, media, interner).map_err(|column| BadRecord { id, slug, column })
}

fn route_columns(
    row: route::Model,
    texts: Vec<route_text::Model>,
    stops: Vec<route_stop::Model>,
    media: Option<Vec<media::Model>>,
    interner: &mut Interner,
) -> Decoded<Route> {
    let texts = texts
        .into_iter()
        .map(|text| {
            let language = interner.tag(&text.language)?;
            let (summary, description) = (text.summary.map(Into::into), text.description.map(Into::into));
            Ok(Text { language, state: text_state(text.state.as_deref())?, name: text.name.into(), summary, description })
        })
        .collect::<Decoded<_>>()?;
    let stops = stops
        .into_iter()
        .map(|stop| {
            Ok(RouteStop {
                point_of_interest: RecordId(stop.point_of_interest_id),
                note: optional("note", stop.note)?,
                stay_minutes: stop.stay_minutes.and_then(|minutes| minutes.try_into().ok()),
            })
        })
        .collect::<Decoded<_>>()?;
    Ok(Route {
        id: RecordId(row.id),
        slug: row.slug.into(),
        theme: word("theme", row.theme)?,
        mode: word("mode", row.mode)?,
        difficulty: row.difficulty.map(|value| word("difficulty", value)).transpose()?,
        season: row.season.map(|value| json("season", value)).transpose()?,
        distance_metres: row.distance_meters,
        duration_minutes: row.duration_minutes.and_then(|minutes| minutes.try_into().ok()),
        texts: at_least_one(texts)?,
        stops,
        images: images(media, interner)?,
        provenance: provenance_columns!(row).decode(interner)?,
    })
}
