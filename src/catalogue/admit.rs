//! Records as stored become records as shown: category found, hours and schedule read. What cannot be read is kept out, with
//! the reason.

use std::collections::HashMap;
use std::sync::Arc;

use super::reference::ReferenceData;
use crate::domain::city::City;
use crate::domain::event::{Event, EventRecord};
use crate::domain::geo::Position;
use crate::domain::ids::RecordType;
use crate::domain::opening_hours::{OpeningHours, mentions_sun};
use crate::domain::point_of_interest::{Hours, PointOfInterest, PointOfInterestRecord};
use crate::domain::provenance::Provenance;
use crate::domain::schedule::{self, Schedule};
use crate::store::Quarantined;

/// Values that many places of a city have alike, kept once.
#[derive(Default)]
pub(super) struct Shared {
    hours: HashMap<(Box<str>, chrono_tz::Tz, Option<u32>), Hours>,
    provenance: Vec<Arc<Provenance>>,
}

impl Shared {
    /// The place, its category found and its hours read.
    pub(super) fn place(
        &mut self,
        record: PointOfInterestRecord,
        city: &City,
        reference: &ReferenceData,
    ) -> Result<PointOfInterest, Quarantined> {
        let Some(category) = reference.categories.find(&record.category) else {
            return Err(Quarantined {
                record_type: RecordType::PointOfInterest,
                record: Some(record.id),
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
        position: Position,
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

/// The event, its category found and its schedule read.
pub(super) fn event(record: EventRecord, reference: &ReferenceData) -> Result<Event, Quarantined> {
    let bad = |field, reason| Quarantined {
        record_type: RecordType::Event,
        record: Some(record.id),
        slug: record.slug.to_string(),
        field,
        reason,
    };
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
