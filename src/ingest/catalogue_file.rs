//! Roteiro's own catalogue file (JSON, one a city): read whole, checked record by record, loaded only when every record
//! is right. Each fault names file, record and field.

use std::collections::HashSet;
use std::fmt;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::catalogue_record::CityFile;
use super::record_reader::{FieldFault, Known, RecordReader, References, deserialize, fault, slug, texts, zone};
use crate::domain::addresses;
use crate::domain::characters::{check_json, first_forbidden};
use crate::domain::city::{City, Ibge};
use crate::domain::event::EventRecord;
use crate::domain::geo::Position;
use crate::domain::ids::{RecordId, RecordType};
use crate::domain::point_of_interest::PointOfInterestRecord;
use crate::domain::route::Route;
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

/// The text of a file, which is UTF-8 (RFC 8259 §8.1).
pub fn decode(name: &str, bytes: Vec<u8>) -> Result<String, Fault> {
    String::from_utf8(bytes).map_err(|error| {
        let sound = error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default();
        let line = sound.split(|byte| *byte == b'\n').count();
        let column = 1 + sound.iter().rev().take_while(|byte| **byte != b'\n').count();
        let message = format!("not UTF-8: a byte of line {line}, column {column} belongs to no character");
        Fault { file: name.to_owned(), record: String::new(), field: String::new(), message }
    })
}

/// Reads a file. Every fault of it is given, not only the first.
pub fn read(name: &str, json: &str, known: &Known<'_>) -> Result<CatalogueFile, Vec<Fault>> {
    let whole =
        |field: &str, message: String| vec![Fault { file: name.to_owned(), record: String::new(), field: field.to_owned(), message }];
    let mut root: Map<String, Value> = serde_json::from_str(json).map_err(|error| whole("", format!("not a JSON object: {error}")))?;
    let dataset: String = field(&mut root, "dataset").map_err(|(field, message)| whole(&field, message))?;
    let city_file: CityFile = field(&mut root, "city").map_err(|(field, message)| whole(&field, message))?;
    let city = city(&dataset, city_file).map_err(|(field, message)| whole(&format!("city.{field}"), message))?;
    let reader = RecordReader { dataset: &dataset, city: &city, known, references: References::OfDataset };
    let mut reader = Lists { file: name, reader, faults: Vec::new() };
    let places = reader.records(&mut root, "pointsOfInterest", RecordReader::place);
    let events = reader.records(&mut root, "events", RecordReader::event);
    let routes = reader.records(&mut root, "routes", RecordReader::route);
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

/// Refuses a value with a character that no text may hold.
fn characters(value: &Value) -> Result<(), FieldFault> {
    check_json(value).map_err(|forbidden| (forbidden.path.clone(), forbidden.to_string()))
}

/// The addresses of a value that are not of the kind their fields say.
fn wrong_addresses(value: &Value) -> Vec<FieldFault> {
    let path = |steps: Vec<String>| {
        steps.into_iter().fold(String::new(), |path, step| match step.parse::<usize>() {
            Ok(index) => format!("{path}[{index}]"),
            Err(_) if path.is_empty() => step,
            Err(_) => format!("{path}.{step}"),
        })
    };
    addresses::check_record(value).into_iter().map(|wrong| (path(wrong.path), wrong.error.to_string())).collect()
}

fn field<T: DeserializeOwned>(root: &mut Map<String, Value>, name: &str) -> Result<T, FieldFault> {
    let value = root.remove(name).ok_or_else(|| (name.to_owned(), "missing".to_owned()))?;
    let wrong = wrong_addresses(&value).into_iter().next().map_or(Ok(()), Err);
    characters(&value).and(wrong).map_err(|(field, message)| (format!("{name}.{field}"), message))?;
    deserialize(value).map_err(|(field, message)| (format!("{name}.{field}"), message))
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

/// Reads the lists of a file, and gathers what is wrong.
struct Lists<'a> {
    file: &'a str,
    reader: RecordReader<'a>,
    faults: Vec<Fault>,
}

impl<'a> Lists<'a> {
    fn records<F: DeserializeOwned, T>(
        &mut self,
        root: &mut Map<String, Value>,
        list: &str,
        read: impl Fn(&RecordReader<'a>, F) -> Result<T, FieldFault>,
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
            let slug = value.get("slug").and_then(Value::as_str).filter(|slug| first_forbidden(slug).is_none());
            let name = slug.map_or_else(String::new, |slug| format!(" `{slug}`"));
            let record = format!("{list}[{index}]{name}");
            let wrong = wrong_addresses(&value);
            let is_sound = wrong.is_empty();
            for found in wrong {
                self.push(record.clone(), found);
            }
            match characters(&value).and_then(|()| deserialize::<F>(value)).and_then(|file| read(&self.reader, file)) {
                Ok(read) if is_sound => records.push(read),
                Ok(_) => {}
                Err(found) => self.push(record, found),
            }
        }
        records
    }

    fn push(&mut self, record: String, (field, message): FieldFault) {
        self.faults.push(Fault { file: self.file.to_owned(), record, field, message });
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
