//! Roteiro's own catalogue file (JSON, one a city): read whole, checked record by record, loaded only when every record
//! is right. Each fault names file, record and field.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use chrono_tz::Tz;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::catalogue_record::{CityFile, EventFile, ImageFile, PlaceFile, ProvenanceFile, RightsFile, RouteFile, Texts};
use crate::domain::city::{City, Ibge};
use crate::domain::event::{EventRecord, EventStatus, Venue};
use crate::domain::geo::Position;
use crate::domain::ids::{RecordId, RecordType};
use crate::domain::language::LanguageTag;
use crate::domain::media::Image;
use crate::domain::point_of_interest::{HoursEvidence, Particulars, PointOfInterestRecord};
use crate::domain::provenance::Provenance;
use crate::domain::rights::Rights;
use crate::domain::route::{Route, RouteStop};
use crate::domain::schedule::{self, Schedule, ScheduleRecord};
use crate::domain::text::Text;

/// A fault in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The file.
    pub file: String,
    /// The record: its list and place there, and its slug when it has one; empty for the file itself.
    pub record: String,
    /// The field, as a path; empty for the record itself.
    pub field: String,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.file)?;
        if !self.record.is_empty() {
            write!(formatter, ": {}", self.record)?;
        }
        if !self.field.is_empty() {
            write!(formatter, ": {}", self.field)?;
        }
        write!(formatter, ": {}", self.message)
    }
}

/// What a file holds.
#[derive(Clone, Debug, PartialEq)]
pub struct CatalogueFile {
    /// Dataset that owns the records.
    pub dataset: String,
    /// The city they belong to.
    pub city: City,
    /// Places.
    pub places: Vec<PointOfInterestRecord>,
    /// Events.
    pub events: Vec<EventRecord>,
    /// Routes.
    pub routes: Vec<Route>,
}

/// What a record refers to and must exist.
pub struct Known<'a> {
    /// Slugs of categories.
    pub categories: &'a HashSet<String>,
    /// SPDX ids of licences.
    pub licences: &'a HashSet<String>,
    /// The municipality a position lies in.
    pub municipality_of: &'a (dyn Fn(Position) -> Option<Ibge> + Sync),
}

/// A field and what is wrong with it.
type FieldFault = (String, String);

/// Reads a file. Every fault of it is given, not only the first.
pub fn read(name: &str, json: &str, known: &Known<'_>) -> Result<CatalogueFile, Vec<Fault>> {
    let whole =
        |field: &str, message: String| vec![Fault { file: name.to_owned(), record: String::new(), field: field.to_owned(), message }];
    let mut root: Map<String, Value> = serde_json::from_str(json).map_err(|error| whole("", format!("not a JSON object: {error}")))?;
    let dataset: String = field(&mut root, "dataset").map_err(|(field, message)| whole(&field, message))?;
    let city_file: CityFile = field(&mut root, "city").map_err(|(field, message)| whole(&field, message))?;
    let city = city(&dataset, city_file).map_err(|(field, message)| whole(&format!("city.{field}"), message))?;
    let mut reader = Reader { file: name, dataset: &dataset, city: &city, known, faults: Vec::new() };
    let places = reader.records(&mut root, "pointsOfInterest", Reader::place);
    let events = reader.records(&mut root, "events", Reader::event);
    let routes = reader.records(&mut root, "routes", Reader::route);
    for unknown in root.keys() {
        reader.faults.push(Fault {
            file: name.to_owned(),
            record: String::new(),
            field: unknown.clone(),
            message: "unknown field".to_owned(),
        });
    }
    let mut faults = reader.faults;
    check_references(name, &places, &events, &routes, &mut faults);
    if faults.is_empty() { Ok(CatalogueFile { dataset, city, places, events, routes }) } else { Err(faults) }
}

fn field<T: DeserializeOwned>(root: &mut Map<String, Value>, name: &str) -> Result<T, FieldFault> {
    let value = root.remove(name).ok_or_else(|| (name.to_owned(), "missing".to_owned()))?;
    deserialize(value).map_err(|(field, message)| (format!("{name}.{field}"), message))
}

fn deserialize<T: DeserializeOwned>(value: Value) -> Result<T, FieldFault> {
    serde_path_to_error::deserialize(value).map_err(|error| (error.path().to_string(), error.inner().to_string()))
}

fn fault<E: fmt::Display>(field: &str) -> impl Fn(E) -> FieldFault + '_ {
    move |error| (field.to_owned(), error.to_string())
}

fn zone(name: &str) -> Result<Tz, FieldFault> {
    name.parse().map_err(|_| ("timeZone".to_owned(), format!("`{name}` is not an IANA time zone")))
}

fn slug(slug: String) -> Result<Box<str>, FieldFault> {
    let valid = !slug.is_empty()
        && slug.len() <= 100
        && slug.split('-').all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()));
    if valid { Ok(slug.into()) } else { Err(("slug".to_owned(), format!("`{slug}` is not lower-case ASCII words joined by hyphens"))) }
}

fn texts(file: Texts) -> Result<Vec<Text>, FieldFault> {
    let mut texts = Vec::with_capacity(file.len());
    for (tag, text) in file {
        let path = format!("texts.{tag}");
        let language = LanguageTag::parse(&tag).map_err(fault(&path))?;
        if text.name.trim().is_empty() {
            return Err((format!("{path}.name"), "empty".to_owned()));
        }
        let (summary, description) = (text.summary.map(Into::into), text.description.map(Into::into));
        texts.push(Text { language, name: text.name.into(), summary, description });
    }
    if !texts.iter().any(|text| text.language.is_default()) {
        return Err(("texts.pt-BR".to_owned(), "missing: every record has a Portuguese name".to_owned()));
    }
    texts.sort_by(|one, other| one.language.cmp(&other.language));
    Ok(texts)
}

fn city(dataset: &str, file: CityFile) -> Result<City, FieldFault> {
    let slug = slug(file.slug)?;
    Ok(City {
        id: RecordId::derive(RecordType::City, dataset, &slug),
        slug,
        municipality: Ibge(file.municipality),
        position: Position::new(file.latitude, file.longitude).map_err(fault("latitude"))?,
        time_zone: zone(&file.time_zone)?,
        order: file.position,
        texts: texts(file.texts)?.into_iter().map(|text| Text { description: None, ..text }).collect(),
        source: file.provenance.source.into(),
    })
}

struct Reader<'a> {
    file: &'a str,
    dataset: &'a str,
    city: &'a City,
    known: &'a Known<'a>,
    faults: Vec<Fault>,
}

impl Reader<'_> {
    fn records<F: DeserializeOwned, T>(
        &mut self,
        root: &mut Map<String, Value>,
        list: &str,
        read: impl Fn(&Self, F) -> Result<T, FieldFault>,
    ) -> Vec<T> {
        let mut records = Vec::new();
        let values = match root.remove(list) {
            None => return records,
            Some(Value::Array(values)) => values,
            Some(_) => {
                self.push(list.to_owned(), (String::new(), "not a list".to_owned()));
                return records;
            }
        };
        for (index, value) in values.into_iter().enumerate() {
            let name = value.get("slug").and_then(Value::as_str).map_or_else(String::new, |slug| format!(" `{slug}`"));
            match deserialize::<F>(value).and_then(|file| read(self, file)) {
                Ok(record) => records.push(record),
                Err(found) => self.push(format!("{list}[{index}]{name}"), found),
            }
        }
        records
    }

    fn push(&mut self, record: String, (field, message): FieldFault) {
        self.faults.push(Fault { file: self.file.to_owned(), record, field, message });
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

    fn image(&self, file: ImageFile) -> Result<Image, FieldFault> {
        Ok(Image {
            rights: Rights { licence: self.licence("images.licence", &file.licence)?, credit: file.credit.into() },
            url: file.url.into(),
            width: file.width,
            height: file.height,
            alternative_text: file.alternative_text,
            source: file.source.into(),
        })
    }

    fn place(&self, file: PlaceFile) -> Result<PointOfInterestRecord, FieldFault> {
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
                images: file.images.into_iter().map(|image| self.image(image)).collect::<Result<_, _>>()?,
            }
            .boxed(),
            provenance: self.provenance(file.provenance, file.rights)?,
        })
    }

    fn event(&self, file: EventFile) -> Result<EventRecord, FieldFault> {
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
            venue: file.venue.map(|venue| Venue {
                name: venue.name,
                point_of_interest: venue.point_of_interest.map(|slug| RecordId::derive(RecordType::PointOfInterest, self.dataset, &slug)),
            }),
            time_zone,
            schedule,
            status: file.status,
            previous_start: file.previous_start,
            is_accessible_for_free: file.is_accessible_for_free,
            texts: texts(file.texts)?,
            notes,
            images: Vec::new(),
            provenance: self.provenance(file.provenance, file.rights)?,
        })
    }

    fn route(&self, file: RouteFile) -> Result<Route, FieldFault> {
        let slug = slug(file.slug)?;
        if file.stops.len() < 2 {
            return Err(("stops".to_owned(), "a route has at least two stops".to_owned()));
        }
        let stops = file.stops.into_iter().map(|stop| RouteStop {
            point_of_interest: RecordId::derive(RecordType::PointOfInterest, self.dataset, &stop.point_of_interest),
            note: stop.note,
            stay_minutes: stop.stay_minutes,
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
            stops: stops.collect(),
            images: Vec::new(),
            provenance: self.provenance(file.provenance, file.rights)?,
        })
    }
}

/// Slugs are unique in the file, and stops and venues name places of it.
fn check_references(file: &str, places: &[PointOfInterestRecord], events: &[EventRecord], routes: &[Route], faults: &mut Vec<Fault>) {
    let mut push = |record: String, field: &str, message: String| {
        faults.push(Fault { file: file.to_owned(), record, field: field.to_owned(), message });
    };
    let slugs = [
        ("pointsOfInterest", places.iter().map(|place| &*place.slug).collect::<Vec<_>>()),
        ("events", events.iter().map(|event| &*event.slug).collect()),
        ("routes", routes.iter().map(|route| &*route.slug).collect()),
    ];
    for (list, slugs) in slugs {
        let mut seen = HashSet::new();
        for slug in slugs {
            if !seen.insert(slug) {
                push(format!("{list} `{slug}`"), "slug", "used twice in this file".to_owned());
            }
        }
    }
    let ids: HashSet<RecordId> = places.iter().map(|place| place.id).collect();
    for event in events {
        let place = event.venue.as_ref().and_then(|venue| venue.point_of_interest);
        if place.is_some_and(|place| !ids.contains(&place)) {
            push(format!("events `{}`", event.slug), "venue.pointOfInterest", "names no place of this file".to_owned());
        }
    }
    for route in routes {
        for (index, stop) in route.stops.iter().enumerate() {
            if !ids.contains(&stop.point_of_interest) {
                push(
                    format!("routes `{}`", route.slug),
                    &format!("stops[{index}].pointOfInterest"),
                    "names no place of this file".to_owned(),
                );
            }
        }
    }
}
