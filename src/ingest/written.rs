//! Records in the form of catalogue files, which is also the form of drafts: what `record_reader` reads. What is not known is left
//! out. Reading what was written gives the same record.

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::domain::event::EventRecord;
use crate::domain::ids::RecordId;
use crate::domain::media::Image;
use crate::domain::point_of_interest::{NO_PARTICULARS, PointOfInterestRecord};
use crate::domain::provenance::Provenance;
use crate::domain::route::Route;
use crate::domain::text::{Text, TextState};

/// Finds the slug of a place.
pub type SlugOf<'a> = &'a (dyn Fn(RecordId) -> Option<String> + Sync);

/// Members of a JSON object, those that are known.
struct Members(Map<String, Value>);

impl Members {
    fn with(mut self, name: &str, value: impl Serialize) -> Self {
        // Domain values are maps with string keys and plain numbers, which JSON always holds.
        let value = serde_json::to_value(value).unwrap_or(Value::Null);
        let is_empty = value.is_null() || value.as_array().is_some_and(Vec::is_empty) || value.as_object().is_some_and(Map::is_empty);
        if !is_empty {
            self.0.insert(name.to_owned(), value);
        }
        self
    }

    fn described(self, slug: &str, texts: &[Text], provenance: &Provenance) -> Self {
        self.with("slug", slug)
            .with("texts", texts.iter().map(|text| (text.language.to_string(), of_text(text))).collect::<Map<_, _>>())
            .with("rights", json!({ "licence": &*provenance.rights.licence, "credit": &*provenance.rights.credit }))
            .with("provenance", of_provenance(provenance))
    }

    fn done(self) -> Value {
        Value::Object(self.0)
    }
}

fn members() -> Members {
    Members(Map::new())
}

fn of_text(text: &Text) -> Value {
    let state = (text.state != TextState::UpToDate).then_some(text.state);
    members().with("name", &text.name).with("summary", &text.summary).with("description", &text.description).with("state", state).done()
}

fn of_provenance(provenance: &Provenance) -> Value {
    members()
        .with("source", &*provenance.source)
        .with("confidence", provenance.confidence)
        .with("lastVerifiedOn", &provenance.last_verified_on)
        .with("sameAs", &provenance.same_as)
        .done()
}

fn of_images(images: &[Image]) -> Vec<Value> {
    let image = |image: &Image| {
        members()
            .with("url", &image.url)
            .with("width", image.width)
            .with("height", image.height)
            .with("alternativeText", &image.alternative_text)
            .with("licence", &*image.rights.licence)
            .with("credit", &*image.rights.credit)
            .with("source", &image.source)
            .done()
    };
    images.iter().map(image).collect()
}

/// A place.
pub fn place(record: &PointOfInterestRecord) -> Value {
    let particulars = record.particulars.as_deref().unwrap_or(&NO_PARTICULARS);
    let evidence = particulars.hours_evidence.clone().unwrap_or_default();
    let hours = members()
        .with("raw", &record.opening_hours)
        .with("note", evidence.note)
        .with("source", evidence.source)
        .with("verifiedOn", evidence.verified_on);
    members()
        .described(&record.slug, &record.texts, &record.provenance)
        .with("category", &record.category)
        .with("latitude", record.position.latitude())
        .with("longitude", record.position.longitude())
        .with("timeZone", record.time_zone.map(chrono_tz::Tz::name))
        .with("address", &particulars.address)
        .with("contact", &particulars.contact)
        .with("openingHours", hours.done())
        .with("accessRules", &particulars.access_rules)
        .with("season", &record.season)
        .with("prices", &particulars.prices)
        .with("isAccessibleForFree", record.is_accessible_for_free)
        .with("accessibility", &record.accessibility)
        .with("typicalVisitMinutes", particulars.typical_visit_minutes)
        .with("images", of_images(&particulars.images))
        .done()
}

/// An event; its venue by the slug of the place.
pub fn event(record: &EventRecord, slug_of: SlugOf<'_>) -> Value {
    let venue = record.venue.as_ref().map(|venue| {
        let place = venue.point_of_interest.and_then(slug_of);
        members().with("name", &venue.name).with("pointOfInterest", place).done()
    });
    let notes: Map<String, Value> = record.notes.iter().map(|(tag, note)| (tag.to_string(), json!(note))).collect();
    members()
        .described(&record.slug, &record.texts, &record.provenance)
        .with("category", &record.category)
        .with("series", &record.series)
        .with("edition", record.edition)
        .with("venue", venue)
        .with("timeZone", record.time_zone.name())
        .with("dtstart", &record.schedule.dtstart)
        .with("dtend", &record.schedule.dtend)
        .with("rrule", &record.schedule.rrule)
        .with("rdate", &record.schedule.rdate)
        .with("exdate", &record.schedule.exdate)
        .with("status", record.status)
        .with("previousStart", &record.previous_start)
        .with("isAccessibleForFree", record.is_accessible_for_free)
        .with("note", notes)
        .with("images", of_images(&record.images))
        .done()
}

/// A route; its stops by the slugs of the places.
pub fn route(record: &Route, slug_of: SlugOf<'_>) -> Value {
    let stop = |stop: &crate::domain::route::RouteStop| {
        members()
            .with("pointOfInterest", slug_of(stop.point_of_interest))
            .with("note", &stop.note)
            .with("stayMinutes", stop.stay_minutes)
            .done()
    };
    members()
        .described(&record.slug, &record.texts, &record.provenance)
        .with("theme", record.theme)
        .with("mode", record.mode)
        .with("difficulty", record.difficulty)
        .with("season", &record.season)
        .with("distanceMeters", record.distance_metres)
        .with("durationMinutes", record.duration_minutes)
        .with("stops", record.stops.iter().map(stop).collect::<Vec<_>>())
        .with("images", of_images(&record.images))
        .done()
}
