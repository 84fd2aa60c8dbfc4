//! The records of a catalogue file as they are written there.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::domain::access::AccessRule;
use crate::domain::accessibility::FeatureEvidence;
use crate::domain::event::EventStatus;
use crate::domain::money::Price;
use crate::domain::point_of_interest::{Address, Contact};
use crate::domain::provenance::{Confidence, PartialDate};
use crate::domain::route::{Difficulty, RouteTheme, TravelMode};
use crate::domain::season::Season;
use crate::domain::text::TextState;

/// Texts by language tag; the order of the tags does not matter.
pub(super) type Texts = BTreeMap<String, TextFile>;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct TextFile {
    pub name: String,
    pub summary: Option<String>,
    pub description: Option<String>,
    #[serde(default)]
    pub state: TextState,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct RightsFile {
    pub licence: String,
    pub credit: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ProvenanceFile {
    pub source: String,
    pub confidence: Confidence,
    pub last_verified_on: Option<PartialDate>,
    #[serde(default)]
    pub same_as: Vec<Box<str>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct CityFile {
    pub slug: String,
    pub municipality: u32,
    pub latitude: f64,
    pub longitude: f64,
    pub time_zone: String,
    pub position: i32,
    pub texts: Texts,
    pub provenance: CityProvenanceFile,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct CityProvenanceFile {
    pub source: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct HoursFile {
    pub raw: Option<String>,
    pub note: Option<Box<str>>,
    pub source: Option<Box<str>>,
    pub verified_on: Option<PartialDate>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct PlaceFile {
    pub slug: String,
    pub category: String,
    pub texts: Texts,
    pub latitude: f64,
    pub longitude: f64,
    pub time_zone: Option<String>,
    pub address: Option<Address>,
    pub contact: Option<Contact>,
    pub opening_hours: Option<HoursFile>,
    #[serde(default)]
    pub access_rules: Vec<AccessRule>,
    pub season: Option<Season>,
    #[serde(default)]
    pub prices: Vec<Price>,
    pub is_accessible_for_free: Option<bool>,
    #[serde(default)]
    pub accessibility: Vec<FeatureEvidence>,
    pub typical_visit_minutes: Option<u32>,
    #[serde(default)]
    pub images: Vec<ImageFile>,
    pub rights: RightsFile,
    pub provenance: ProvenanceFile,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ImageFile {
    pub url: String,
    pub width: Option<u32>,
    pub height: Option<u32>,
    #[serde(default)]
    pub alternative_text: BTreeMap<Box<str>, Box<str>>,
    pub licence: String,
    pub credit: String,
    pub source: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct VenueFile {
    pub name: Option<Box<str>>,
    pub point_of_interest: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct EventFile {
    pub slug: String,
    pub series: Option<String>,
    pub edition: Option<u32>,
    pub category: String,
    pub texts: Texts,
    pub venue: Option<VenueFile>,
    pub time_zone: Option<String>,
    pub dtstart: Option<String>,
    pub dtend: Option<String>,
    pub rrule: Option<String>,
    #[serde(default)]
    pub rdate: Vec<String>,
    #[serde(default)]
    pub exdate: Vec<String>,
    pub status: EventStatus,
    pub previous_start: Option<String>,
    pub is_accessible_for_free: Option<bool>,
    #[serde(default)]
    pub note: BTreeMap<String, Box<str>>,
    #[serde(default)]
    pub images: Vec<ImageFile>,
    pub rights: RightsFile,
    pub provenance: ProvenanceFile,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct StopFile {
    pub point_of_interest: String,
    #[serde(default)]
    pub note: BTreeMap<Box<str>, Box<str>>,
    pub stay_minutes: Option<u32>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct RouteFile {
    pub slug: String,
    pub theme: RouteTheme,
    pub mode: TravelMode,
    pub difficulty: Option<Difficulty>,
    pub season: Option<Season>,
    pub distance_meters: Option<f64>,
    pub duration_minutes: Option<u32>,
    pub texts: Texts,
    pub stops: Vec<StopFile>,
    #[serde(default)]
    pub images: Vec<ImageFile>,
    pub rights: RightsFile,
    pub provenance: ProvenanceFile,
}
