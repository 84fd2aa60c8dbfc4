//! What lists of places ask most, answered in place (see [`crate::graphql::flat`]). Every field here answers what the resolver
//! of the same name answers; a test asks both ways and compares.

use async_graphql::ScalarType;
use async_graphql::resolver_utils::enum_value;

use super::category::Category;
use super::change::CatalogueChange;
use super::city::City;
use super::enums::{TextOrigin, TextState};
use super::event::Event;
use super::facts::Location;
use super::node::{Node, SearchResult};
use super::point_of_interest::{PointOfInterest, PointOfInterestEdge};
use super::route::Route;
use super::search::SearchResultEdge;
use crate::catalogue::page::encode;
use crate::domain::text::{Localized, localize};
use crate::graphql::flat::{Answer, FlatObject, Selected};
use crate::graphql::node::GlobalId;

impl FlatObject for Localized<'_> {
    const TYPE_NAME: &'static str = "LocalizedText";

    fn write(&self, field: &Selected<'_>, answer: &mut Answer<'_>) -> Option<()> {
        match field.name {
            "value" => answer.value(self.value),
            "language" => answer.value(self.language.as_str()),
            "origin" => answer.value(&enum_value(TextOrigin::from(self.origin))),
            "state" => answer.value(&self.state.map(|state| enum_value(TextState::from(state)))),
            _ => None,
        }
    }
}

impl FlatObject for Category {
    const TYPE_NAME: &'static str = "Category";

    fn write(&self, field: &Selected<'_>, answer: &mut Answer<'_>) -> Option<()> {
        match field.name {
            "id" => answer.value(&self.global_id().encode()),
            "slug" => answer.value(self.slug_text()),
            "name" => answer.optional(self.localized_name(&answer.request.preferences).as_ref(), field),
            "schemaOrgType" => answer.value(&*self.node()?.schema_org_type),
            _ => None,
        }
    }
}

impl FlatObject for City {
    const TYPE_NAME: &'static str = "City";

    fn write(&self, field: &Selected<'_>, answer: &mut Answer<'_>) -> Option<()> {
        let city = &self.0.city;
        match field.name {
            "id" => answer.value(&GlobalId::City(city.id).encode()),
            "slug" => answer.value(&*city.slug),
            "name" => answer.object(&localize(&city.texts, &answer.request.preferences, |text| Some(&text.name))?, field),
            "timeZone" => answer.value(city.time_zone.name()),
            _ => None,
        }
    }
}

impl FlatObject for PointOfInterest {
    const TYPE_NAME: &'static str = "PointOfInterest";

    fn write(&self, field: &Selected<'_>, answer: &mut Answer<'_>) -> Option<()> {
        let record = self.record();
        let preferences = &answer.request.preferences;
        match field.name {
            "id" => answer.value(&GlobalId::PointOfInterest(record.id).encode()),
            "slug" => answer.value(&*record.slug),
            "name" => answer.object(&localize(&record.texts, preferences, |text| Some(&text.name))?, field),
            "summary" => answer.optional(localize(&record.texts, preferences, |text| text.summary.as_deref()).as_ref(), field),
            "description" => answer.optional(localize(&record.texts, preferences, |text| text.description.as_deref()).as_ref(), field),
            "category" => answer.object(&self.kind(), field),
            "location" => answer.object(&Location::from(record.position), field),
            "city" => answer.object(&self.destination(), field),
            "timeZone" => answer.value(record.time_zone.name()),
            "isAccessibleForFree" => answer.value(&record.is_accessible_for_free),
            _ => None,
        }
    }
}

impl FlatObject for PointOfInterestEdge {
    const TYPE_NAME: &'static str = "PointOfInterestEdge";

    fn write(&self, field: &Selected<'_>, answer: &mut Answer<'_>) -> Option<()> {
        match field.name {
            "node" => answer.object(&self.node, field),
            "cursor" => answer.value(&encode(&self.key, self.fingerprint)),
            "distanceMeters" => answer.value(&self.entry.distance),
            "progressMeters" => answer.value(&self.entry.progress),
            _ => None,
        }
    }
}

impl FlatObject for Event {
    const TYPE_NAME: &'static str = "Event";

    fn write(&self, field: &Selected<'_>, answer: &mut Answer<'_>) -> Option<()> {
        let record = self.record();
        let preferences = &answer.request.preferences;
        match field.name {
            "id" => answer.value(&GlobalId::Event(record.id).encode()),
            "slug" => answer.value(&*record.slug),
            "name" => answer.object(&localize(&record.texts, preferences, |text| Some(&text.name))?, field),
            "summary" => answer.optional(localize(&record.texts, preferences, |text| text.summary.as_deref()).as_ref(), field),
            "category" => answer.object(&self.kind(), field),
            "city" => answer.object(&self.destination(), field),
            _ => None,
        }
    }
}

impl FlatObject for Route {
    const TYPE_NAME: &'static str = "Route";

    fn write(&self, field: &Selected<'_>, answer: &mut Answer<'_>) -> Option<()> {
        let record = self.record();
        let preferences = &answer.request.preferences;
        match field.name {
            "id" => answer.value(&GlobalId::Route(record.id).encode()),
            "slug" => answer.value(&*record.slug),
            "name" => answer.object(&localize(&record.texts, preferences, |text| Some(&text.name))?, field),
            "summary" => answer.optional(localize(&record.texts, preferences, |text| text.summary.as_deref()).as_ref(), field),
            "city" => answer.object(&self.destination(), field),
            _ => None,
        }
    }
}

impl FlatObject for CatalogueChange {
    const TYPE_NAME: &'static str = "CatalogueChange";

    fn write(&self, field: &Selected<'_>, answer: &mut Answer<'_>) -> Option<()> {
        match field.name {
            "number" => answer.value(&self.change_number()),
            "kind" => answer.value(&enum_value(self.change_kind())),
            "at" => answer.value(&self.made_at().to_value()),
            "type" => answer.value(&enum_value(self.record_type())),
            "id" => answer.value(&self.global_id()),
            "city" => answer.optional(self.told_of().as_ref(), field),
            "replacedBy" => answer.value(&self.replacement()),
            "node" => match self.record() {
                Some(Node::PointOfInterest(place)) => answer.object(&place, field),
                Some(Node::Event(event)) => answer.object(&event, field),
                Some(Node::Route(route)) => answer.object(&route, field),
                Some(Node::City(city)) => answer.object(&city, field),
                Some(Node::Category(_) | Node::EventOccurrence(_)) => None,
                None => answer.value(&()),
            },
            _ => None,
        }
    }
}

impl FlatObject for SearchResultEdge {
    const TYPE_NAME: &'static str = "SearchResultEdge";

    fn write(&self, field: &Selected<'_>, answer: &mut Answer<'_>) -> Option<()> {
        match field.name {
            "node" => match &self.node {
                SearchResult::PointOfInterest(place) => answer.object(place, field),
                SearchResult::Event(event) => answer.object(event, field),
                SearchResult::Route(route) => answer.object(route, field),
                SearchResult::City(city) => answer.object(city, field),
            },
            "cursor" => answer.value(&encode(&self.key, self.fingerprint)),
            "score" => answer.value(&self.score),
            "distanceMeters" => answer.value(&self.distance_meters),
            _ => None,
        }
    }
}
