//! Addresses that were stored before they were checked ([`crate::domain::addresses`]) and are none of their kind: they are left out of
//! what is shown, and told by `roteiro check`.

use crate::domain::addresses::{AddressError, check_email, check_image, check_mention, check_telephone, check_web};
use crate::domain::event::EventRecord;
use crate::domain::ids::{RecordId, RecordType};
use crate::domain::media::Image;
use crate::domain::point_of_interest::PointOfInterestRecord;
use crate::domain::provenance::Provenance;
use crate::domain::route::Route;
use crate::store::Quarantined;

/// What was left out of one record.
struct Withheld<'a> {
    record: (RecordType, RecordId),
    slug: Box<str>,
    found: &'a mut Vec<Quarantined>,
}

/// Leaves wrong addresses out of a place.
pub(super) fn of_place(place: &mut PointOfInterestRecord, found: &mut Vec<Quarantined>) {
    let mut withheld = Withheld { record: (RecordType::PointOfInterest, place.id), slug: place.slug.clone(), found };
    withheld.provenance(&mut place.provenance);
    if let Some(season) = &mut place.season {
        withheld.optional("season.source", &mut season.source, check_mention);
    }
    for feature in &mut place.accessibility {
        withheld.optional("accessibility.evidence", &mut feature.evidence, check_mention);
        withheld.optional("accessibility.source", &mut feature.source, check_mention);
    }
    let Some(particulars) = place.particulars.as_deref_mut() else { return };
    if let Some(contact) = &mut particulars.contact {
        withheld.optional("contact.url", &mut contact.url, check_web);
        withheld.optional("contact.email", &mut contact.email, check_email);
        withheld.optional("contact.telephone", &mut contact.telephone, check_telephone);
    }
    if let Some(evidence) = &mut particulars.hours_evidence {
        withheld.optional("openingHours.source", &mut evidence.source, check_mention);
    }
    for rule in &mut particulars.access_rules {
        withheld.optional("accessRules.source", &mut rule.source, check_mention);
    }
    for price in &mut particulars.prices {
        withheld.optional("prices.source", &mut price.source, check_mention);
    }
    withheld.images(&mut particulars.images);
}

/// Leaves wrong addresses out of an event.
pub(super) fn of_event(event: &mut EventRecord, found: &mut Vec<Quarantined>) {
    let mut withheld = Withheld { record: (RecordType::Event, event.id), slug: event.slug.clone(), found };
    withheld.provenance(&mut event.provenance);
    withheld.images(&mut event.images);
}

/// Leaves wrong addresses out of a route.
pub(super) fn of_route(route: &mut Route, found: &mut Vec<Quarantined>) {
    let mut withheld = Withheld { record: (RecordType::Route, route.id), slug: route.slug.clone(), found };
    withheld.provenance(&mut route.provenance);
    if let Some(season) = &mut route.season {
        withheld.optional("season.source", &mut season.source, check_mention);
    }
    withheld.images(&mut route.images);
}

impl Withheld<'_> {
    fn tell(&mut self, field: &'static str, error: AddressError) {
        let (record_type, record) = self.record;
        let slug = self.slug.to_string();
        self.found.push(Quarantined { record_type, record: Some(record), slug, field, reason: error.to_string() });
    }

    fn optional(&mut self, field: &'static str, text: &mut Option<Box<str>>, check: fn(&str) -> Result<(), AddressError>) {
        if let Some(Err(error)) = text.as_deref().map(check) {
            self.tell(field, error);
            *text = None;
        }
    }

    fn provenance(&mut self, provenance: &mut Provenance) {
        if provenance.same_as.iter().any(|address| check_web(address).is_err()) {
            self.tell("provenance.sameAs", AddressError::Web);
            provenance.same_as = provenance.same_as.iter().filter(|address| check_web(address).is_ok()).cloned().collect();
        }
        // These two are part of every record: what they say is left out, not the field.
        for (field, text) in [("provenance.source", &mut provenance.source), ("rights.credit", &mut provenance.rights.credit)] {
            if let Err(error) = check_mention(text) {
                self.tell(field, error);
                *text = "".into();
            }
        }
    }

    fn images(&mut self, images: &mut Vec<Image>) {
        let check = |image: &Image| {
            check_image(&image.url).and_then(|()| check_mention(&image.source)).and_then(|()| check_mention(&image.rights.credit))
        };
        if let Some(error) = images.iter().find_map(|image| check(image).err()) {
            self.tell("images", error);
            images.retain(|image| check(image).is_ok());
        }
    }
}
