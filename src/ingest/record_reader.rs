//! One record of a catalogue file, or of an editor's draft, which has the same form: read and checked field by field.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use chrono_tz::Tz;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::catalogue_record::{EventFile, ImageFile, PlaceFile, ProvenanceFile, RightsFile, RouteFile, Texts, VenueFile};
use crate::domain::city::{City, Ibge};
use crate::domain::event::{EventRecord, EventStatus, Venue};
use crate::domain::geo::Position;
use crate::domain::ids::{RecordId, RecordType};
use crate::domain::language::LanguageTag;
use crate::domain::media::Image;
use crate::domain::point_of_interest::{HoursEvidence, Particulars, PointOfInterestRecord};
use crate::domain::provenance::Provenance;
use crate::domain::record::Record;
use crate::domain::rights::Rights;
use crate::domain::route::{Route, RouteStop};
use crate::domain::schedule::{self, Schedule, ScheduleRecord};
use crate::domain::text::{Text, TextState};

/// What a record refers to and must exist.
pub struct Known<'a> {
    /// Slugs of categories.
    pub categories: &'a HashSet<String>,
    /// SPDX ids of licences.
    pub licences: &'a HashSet<String>,
    /// The municipality a position lies in.
    pub municipality_of: &'a (dyn Fn(Position) -> Option<Ibge> + Sync),
}

/// Most images of a record.
pub const MOST_IMAGES: usize = 20;

/// A field and what is wrong with it.
pub type FieldFault = (String, String);

/// What the slugs of places in a record mean.
pub enum References<'a> {
    /// Places of the same dataset; whether they exist is checked over the whole file.
    OfDataset,
    /// Whatever this finds.
    Found(&'a (dyn Fn(&str) -> Option<RecordId> + Sync)),
}

/// Reads records of one dataset in one city.
pub struct RecordReader<'a> {
    /// Dataset that owns the records.
    pub dataset: &'a str,
    /// Their city.
    pub city: &'a City,
    /// What they refer to.
    pub known: &'a Known<'a>,
    /// What slugs of places in them mean.
    pub references: References<'a>,
}

pub(super) fn deserialize<T: DeserializeOwned>(value: Value) -> Result<T, FieldFault> {
    serde_path_to_error::deserialize(value).map_err(|error| (error.path().to_string(), error.inner().to_string()))
}

pub(super) fn fault<E: fmt::Display>(field: &str) -> impl Fn(E) -> FieldFault + '_ {
    move |error| (field.to_owned(), error.to_string())
}

pub(super) fn zone(name: &str) -> Result<Tz, FieldFault> {
    name.parse().map_err(|_| ("timeZone".to_owned(), format!("`{name}` is not an IANA time zone")))
}

pub(super) fn slug(slug: String) -> Result<Box<str>, FieldFault> {
    let valid = !slug.is_empty()
        && slug.len() <= 100
        && slug.split('-').all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()));
    if valid { Ok(slug.into()) } else { Err(("slug".to_owned(), format!("`{slug}` is not lower-case ASCII words joined by hyphens"))) }
}

pub(super) fn texts(file: Texts) -> Result<Vec<Text>, FieldFault> {
    let mut texts = Vec::with_capacity(file.len());
    for (tag, text) in file {
        let path = format!("texts.{tag}");
        let language = LanguageTag::parse(&tag).map_err(fault(&path))?;
        if text.name.trim().is_empty() {
            return Err((format!("{path}.name"), "empty".to_owned()));
        }
        let (summary, description) = (text.summary.map(Into::into), text.description.map(Into::into));
        let state = text.state;
        if state == TextState::Missing || (language.is_default() && state != TextState::UpToDate) {
            let what = if language.is_default() { "the original is always UP_TO_DATE" } else { "words that are there are not MISSING" };
            return Err((format!("{path}.state"), what.to_owned()));
        }
        texts.push(Text { language, state, name: text.name.into(), summary, description });
    }
    if !texts.iter().any(|text| text.language.is_default()) {
        return Err(("texts.pt-BR".to_owned(), "missing: every record has a Portuguese name".to_owned()));
    }
    texts.sort_by(|one, other| one.language.cmp(&other.language));
    Ok(texts)
}

impl RecordReader<'_> {
    /// Reads a record of a type. Gives the first field that is wrong.
    pub fn read(&self, record_type: RecordType, content: Value) -> Result<Record, FieldFault> {
        match record_type {
            RecordType::PointOfInterest => Ok(Record::Place(Box::new(self.place(deserialize(content)?)?))),
            RecordType::Event => Ok(Record::Event(Box::new(self.event(deserialize(content)?)?))),
            RecordType::Route => Ok(Record::Route(Box::new(self.route(deserialize(content)?)?))),
            RecordType::City | RecordType::Category | RecordType::Municipality => {
                Err((String::new(), format!("a {} is not edited", record_type.as_str())))
            }
        }
    }

    fn place_named(&self, field: &str, slug: &str) -> Result<RecordId, FieldFault> {
        match self.references {
            References::OfDataset => Ok(RecordId::derive(RecordType::PointOfInterest, self.dataset, slug)),
            References::Found(find) => find(slug).ok_or_else(|| (field.to_owned(), format!("there is no published place `{slug}`"))),
        }
    }

    fn category(&self, slug: String) -> Result<Box<str>, FieldFault> {
        if self.known.categories.contains(&slug) {
            Ok(slug.into())
        } else {
            Err(("category".to_owned(), format!("there is no category `{slug}`")))
        }
    }

    fn licence(&self, field: &str, spdx: &str) -> Result<Arc<str>, FieldFault> {
        if self.known.licences.contains(spdx) {
            Ok(spdx.into())
        } else {
            Err((field.to_owned(), format!("the licence `{spdx}` is not in the rights table")))
        }
    }

    fn provenance(&self, file: ProvenanceFile, rights: RightsFile) -> Result<Provenance, FieldFault> {
        Ok(Provenance {
            dataset: self.dataset.into(),
            source: file.source.into(),
            confidence: file.confidence,
            last_verified_on: file.last_verified_on,
            same_as: file.same_as.into(),
            rights: Rights { licence: self.licence("rights.licence", &rights.licence)?, credit: rights.credit.into() },
        })
    }

    fn images(&self, files: Vec<ImageFile>) -> Result<Vec<Image>, FieldFault> {
        let read = |(index, file): (usize, ImageFile)| {
            Ok(Image {
                rights: Rights { licence: self.licence(&format!("images[{index}].licence"), &file.licence)?, credit: file.credit.into() },
                url: file.url.into(),
                width: file.width,
                height: file.height,
                alternative_text: file.alternative_text,
                source: file.source.into(),
                // Filled in when it is written: by then it is known whose it is.
                kept: None,
            })
        };
        if files.len() > MOST_IMAGES {
            return Err(("images".to_owned(), format!("a record has at most {MOST_IMAGES} images, and these are {}", files.len())));
        }
        files.into_iter().enumerate().map(read).collect()
    }

    fn venue(&self, file: VenueFile) -> Result<Venue, FieldFault> {
        let place = file.point_of_interest.map(|slug| self.place_named("venue.pointOfInterest", &slug));
        Ok(Venue { name: file.name, point_of_interest: place.transpose()? })
    }

    pub(super) fn place(&self, file: PlaceFile) -> Result<PointOfInterestRecord, FieldFault> {
        let slug = slug(file.slug)?;
        let position = Position::new(file.latitude, file.longitude).map_err(|error| match error {
            crate::domain::geo::PositionError::Latitude(_) => ("latitude".to_owned(), error.to_string()),
            crate::domain::geo::PositionError::Longitude(_) => ("longitude".to_owned(), error.to_string()),
        })?;
        let (opening_hours, hours_evidence) = match file.opening_hours {
            None => (None, None),
            Some(hours) => {
                let evidence = HoursEvidence { note: hours.note, source: hours.source, verified_on: hours.verified_on };
                (hours.raw.map(Into::into), Some(evidence))
            }
        };
        Ok(PointOfInterestRecord {
            id: RecordId::derive(RecordType::PointOfInterest, self.dataset, &slug),
            slug,
            category: self.category(file.category)?,
            position,
            municipality: (self.known.municipality_of)(position),
            time_zone: file.time_zone.as_deref().map(zone).transpose()?,
            texts: texts(file.texts)?,
            opening_hours,
            season: file.season,
            is_accessible_for_free: file.is_accessible_for_free,
            accessibility: file.accessibility,
            particulars: Particulars {
                address: file.address,
                contact: file.contact,
                hours_evidence,
                access_rules: file.access_rules,
                prices: file.prices,
                typical_visit_minutes: file.typical_visit_minutes,
                images: self.images(file.images)?,
            }
            .boxed(),
            provenance: self.provenance(file.provenance, file.rights)?,
        })
    }

    pub(super) fn event(&self, file: EventFile) -> Result<EventRecord, FieldFault> {
        let slug = slug(file.slug)?;
        let time_zone = file.time_zone.as_deref().map_or(Ok(self.city.time_zone), zone)?;
        let schedule =
            ScheduleRecord { dtstart: file.dtstart, dtend: file.dtend, rrule: file.rrule, rdate: file.rdate, exdate: file.exdate };
        let parsed = Schedule::parse(schedule.clone(), time_zone).map_err(|error| (error.field().to_owned(), error.to_string()))?;
        if parsed.is_dated() == (file.status == EventStatus::ToBeAnnounced) {
            return Err(("status".to_owned(), "TO_BE_ANNOUNCED goes with no dtstart, every other status with one".to_owned()));
        }
        if let Some(previous) = &file.previous_start {
            schedule::instant("previousStart", previous, time_zone).map_err(fault("previousStart"))?;
        }
        let mut notes = file
            .note
            .into_iter()
            .map(|(tag, note)| Ok((LanguageTag::parse(&tag).map_err(fault("note"))?, note)))
            .collect::<Result<Vec<_>, FieldFault>>()?;
        notes.sort();
        Ok(EventRecord {
            id: RecordId::derive(RecordType::Event, self.dataset, &slug),
            slug,
            category: self.category(file.category)?,
            series: file.series.map(Into::into),
            edition: file.edition,
            venue: file.venue.map(|venue| self.venue(venue)).transpose()?,
            time_zone,
            schedule,
            status: file.status,
            previous_start: file.previous_start,
            is_accessible_for_free: file.is_accessible_for_free,
            texts: texts(file.texts)?,
            notes,
            images: self.images(file.images)?,
            provenance: self.provenance(file.provenance, file.rights)?,
        })
    }

    pub(super) fn route(&self, file: RouteFile) -> Result<Route, FieldFault> {
        let slug = slug(file.slug)?;
        if file.stops.len() < 2 {
            return Err(("stops".to_owned(), "a route has at least two stops".to_owned()));
        }
        let stops = file.stops.into_iter().enumerate().map(|(index, stop)| {
            let field = format!("stops[{index}].pointOfInterest");
            Ok(RouteStop {
                point_of_interest: self.place_named(&field, &stop.point_of_interest)?,
                note: stop.note,
                stay_minutes: stop.stay_minutes,
            })
        });
        Ok(Route {
            id: RecordId::derive(RecordType::Route, self.dataset, &slug),
            slug,
            theme: file.theme,
            mode: file.mode,
            difficulty: file.difficulty,
            season: file.season,
            distance_metres: file.distance_meters,
            duration_minutes: file.duration_minutes,
            texts: texts(file.texts)?,
            stops: stops.collect::<Result<_, FieldFault>>()?,
            images: self.images(file.images)?,
            provenance: self.provenance(file.provenance, file.rights)?,
        })
    }
}
