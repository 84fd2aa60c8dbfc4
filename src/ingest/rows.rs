//! Records into rows.

use entity::{city, city_text, event, event_text, media, point_of_interest, point_of_interest_text, route, route_stop, route_text};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use crate::domain::city::City;
use crate::domain::event::EventRecord;
use crate::domain::ids::RecordId;
use crate::domain::media::Image;
use crate::domain::point_of_interest::{NO_PARTICULARS, PointOfInterestRecord};
use crate::domain::route::Route;
use crate::domain::text::{Text, TextState};
use crate::store::save::{EventRows, PlaceRows, RouteRows};

/// Domain values are maps with string keys and plain numbers, which JSON always holds.
fn json<T: Serialize>(value: &T) -> Value {
    serde_json::to_value(value).unwrap_or(Value::Null)
}

/// A list as JSON; nothing when it is empty, for most places have none.
fn list<T: Serialize>(values: &[T]) -> Option<Value> {
    (!values.is_empty()).then(|| json(&values))
}

/// An enum as its API word.
fn word<T: Serialize>(value: T) -> String {
    json(&value).as_str().unwrap_or_default().to_owned()
}

fn owned(text: Option<&str>) -> Option<String> {
    text.map(ToOwned::to_owned)
}

/// How far a text is; nothing of one that is up to date, as most are.
fn state(text: &Text) -> Option<String> {
    (text.state != TextState::UpToDate).then(|| text.state.as_str().to_owned())
}

fn number(value: Option<u32>) -> Option<i32> {
    value.and_then(|value| value.try_into().ok())
}

pub(super) fn city(city: &City, dataset: &str) -> (city::Model, Vec<city_text::Model>) {
    let row = city::Model {
        id: city.id.0,
        slug: city.slug.to_string(),
        municipality_ibge: city.municipality.0.try_into().unwrap_or(i32::MAX),
        latitude: city.position.latitude(),
        longitude: city.position.longitude(),
        time_zone: city.time_zone.name().to_owned(),
        position: city.order,
        dataset: dataset.to_owned(),
        source: city.source.to_string(),
    };
    let texts = city.texts.iter().map(|text| city_text::Model {
        city_id: city.id.0,
        language: text.language.to_string(),
        state: state(text),
        name: text.name.to_string(),
        summary: owned(text.summary.as_deref()),
    });
    (row, texts.collect())
}

/// The rows of the images of a record.
fn media(subject: Uuid, images: &[Image]) -> Vec<media::Model> {
    let row = |(image, position): (&Image, i32)| media::Model {
        id: Uuid::new_v5(&subject, format!("image/{position}").as_bytes()),
        subject_id: subject,
        position,
        url: image.url.to_string(),
        width: number(image.width),
        height: number(image.height),
        alternative_text: json(&image.alternative_text),
        licence: image.rights.licence.to_string(),
        credit: image.rights.credit.to_string(),
        source: image.source.to_string(),
        thumbhash: image.kept.as_ref().map(|kept| kept.thumbhash.to_string()),
        variants: image.kept.as_ref().map(|kept| json(&kept.variants)),
    };
    images.iter().zip(0..).map(row).collect()
}

/// The rows of a place.
pub fn place(record: &PointOfInterestRecord, city: RecordId) -> PlaceRows {
    let particulars = record.particulars.as_deref().unwrap_or(&NO_PARTICULARS);
    let provenance = &record.provenance;
    let id = record.id.0;
    let row = point_of_interest::Model {
        id,
        slug: record.slug.to_string(),
        city_id: city.0,
        category_slug: record.category.to_string(),
        latitude: record.position.latitude(),
        longitude: record.position.longitude(),
        municipality_ibge: record.municipality.and_then(|ibge| ibge.0.try_into().ok()),
        time_zone: record.time_zone.map(|zone| zone.name().to_owned()),
        address: particulars.address.as_ref().map(json),
        contact: particulars.contact.as_ref().map(json),
        opening_hours: owned(record.opening_hours.as_deref()),
        opening_hours_evidence: particulars.hours_evidence.as_ref().map(json),
        access_rules: list(&particulars.access_rules),
        season: record.season.as_ref().map(json),
        prices: list(&particulars.prices),
        is_accessible_for_free: record.is_accessible_for_free,
        accessibility: list(&record.accessibility),
        typical_visit_minutes: number(particulars.typical_visit_minutes),
        dataset: provenance.dataset.to_string(),
        licence: provenance.rights.licence.to_string(),
        credit: provenance.rights.credit.to_string(),
        source: provenance.source.to_string(),
        confidence: word(provenance.confidence),
        last_verified_on: provenance.last_verified_on.as_ref().map(ToString::to_string),
        same_as: json(&provenance.same_as),
        withdrawn_at: None,
    };
    let texts = record.texts.iter().map(|text| point_of_interest_text::Model {
        point_of_interest_id: id,
        language: text.language.to_string(),
        state: state(text),
        name: text.name.to_string(),
        summary: owned(text.summary.as_deref()),
        description: owned(text.description.as_deref()),
    });
    PlaceRows { place: row, texts: texts.collect(), media: media(id, &particulars.images) }
}

/// The rows of an event: itself, its texts, its images.
pub fn event(record: &EventRecord, city: RecordId) -> EventRows {
    let provenance = &record.provenance;
    let row = event::Model {
        id: record.id.0,
        slug: record.slug.to_string(),
        city_id: city.0,
        category_slug: record.category.to_string(),
        series: owned(record.series.as_deref()),
        edition: number(record.edition),
        venue_name: record.venue.as_ref().and_then(|venue| owned(venue.name.as_deref())),
        venue_id: record.venue.as_ref().and_then(|venue| venue.point_of_interest).map(|place| place.0),
        time_zone: record.time_zone.name().to_owned(),
        dtstart: record.schedule.dtstart.clone(),
        dtend: record.schedule.dtend.clone(),
        rrule: record.schedule.rrule.clone(),
        rdate: json(&record.schedule.rdate),
        exdate: json(&record.schedule.exdate),
        status: word(record.status),
        previous_start: record.previous_start.clone(),
        is_accessible_for_free: record.is_accessible_for_free,
        dataset: provenance.dataset.to_string(),
        licence: provenance.rights.licence.to_string(),
        credit: provenance.rights.credit.to_string(),
        source: provenance.source.to_string(),
        confidence: word(provenance.confidence),
        last_verified_on: provenance.last_verified_on.as_ref().map(ToString::to_string),
        same_as: json(&provenance.same_as),
        withdrawn_at: None,
    };
    let note =
        |text: &crate::domain::text::Text| record.notes.iter().find(|(tag, _)| *tag == text.language).map(|(_, note)| note.to_string());
    let texts = record.texts.iter().map(|text| event_text::Model {
        event_id: record.id.0,
        language: text.language.to_string(),
        state: state(text),
        name: text.name.to_string(),
        summary: owned(text.summary.as_deref()),
        description: owned(text.description.as_deref()),
        note: note(text),
    });
    EventRows { event: row, texts: texts.collect(), media: media(record.id.0, &record.images) }
}

/// The rows of a route: itself, its texts, its stops, its images.
pub fn route(record: &Route, city: RecordId) -> RouteRows {
    let provenance = &record.provenance;
    let row = route::Model {
        id: record.id.0,
        slug: record.slug.to_string(),
        city_id: city.0,
        theme: word(record.theme),
        mode: word(record.mode),
        difficulty: record.difficulty.map(word),
        season: record.season.as_ref().map(json),
        distance_meters: record.distance_metres,
        duration_minutes: number(record.duration_minutes),
        dataset: provenance.dataset.to_string(),
        licence: provenance.rights.licence.to_string(),
        credit: provenance.rights.credit.to_string(),
        source: provenance.source.to_string(),
        confidence: word(provenance.confidence),
        last_verified_on: provenance.last_verified_on.as_ref().map(ToString::to_string),
        same_as: json(&provenance.same_as),
        withdrawn_at: None,
    };
    let texts = record.texts.iter().map(|text| route_text::Model {
        route_id: record.id.0,
        language: text.language.to_string(),
        state: state(text),
        name: text.name.to_string(),
        summary: owned(text.summary.as_deref()),
        description: owned(text.description.as_deref()),
    });
    let stops = record.stops.iter().zip(0..).map(|(stop, position)| route_stop::Model {
        route_id: record.id.0,
        position,
        point_of_interest_id: stop.point_of_interest.0,
        note: (!stop.note.is_empty()).then(|| json(&stop.note)),
        stay_minutes: number(stop.stay_minutes),
    });
    RouteRows { route: row, texts: texts.collect(), stops: stops.collect(), media: media(record.id.0, &record.images) }
}
