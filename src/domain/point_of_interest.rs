//! A place worth a visit, or needed for one: schema.org `TouristAttraction`, `LodgingBusiness`, `FoodEstablishment`… by category.

use std::sync::Arc;

use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::access::AccessRule;
use super::accessibility::FeatureEvidence;
use super::category::CategoryKey;
use super::city::Ibge;
use super::geo::Position;
use super::ids::RecordId;
use super::media::Image;
use super::money::Price;
use super::opening_hours::OpeningHours;
use super::provenance::{PartialDate, Provenance};
use super::season::Season;
use super::text::Text;

/// Postal address (schema.org `PostalAddress`), as far as known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Address {
    /// Street and number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub street_address: Option<Box<str>>,
    /// Town or district.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locality: Option<Box<str>>,
    /// CEP.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<Box<str>>,
}

/// How to reach the place, as far as known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Contact {
    /// Telephone in international form.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub telephone: Option<Box<str>>,
    /// E-mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<Box<str>>,
    /// Web site.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<Box<str>>,
}

/// Who said the opening hours, and when.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct HoursEvidence {
    /// What the hours do not say, in Portuguese.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<Box<str>>,
    /// Where they come from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Box<str>>,
    /// Date of the source.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verified_on: Option<PartialDate>,
}

/// Opening hours as far as they are known.
#[derive(Clone, Debug)]
pub enum Hours {
    /// Nobody said them.
    Unknown,
    /// Somebody said them in a way no rule can read; the state is unknown, the words are kept.
    Unreadable {
        /// The words.
        raw: Box<str>,
        /// Why they cannot be read.
        reason: Box<str>,
    },
    /// Known.
    Known(Arc<OpeningHours>),
}

/// What few places have, kept apart so that the many stay small in memory.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Particulars {
    /// Address.
    pub address: Option<Address>,
    /// Contact.
    pub contact: Option<Contact>,
    /// Evidence of the hours.
    pub hours_evidence: Option<HoursEvidence>,
    /// Access rules.
    pub access_rules: Vec<AccessRule>,
    /// Prices.
    pub prices: Vec<Price>,
    /// Minutes a visit takes.
    pub typical_visit_minutes: Option<u32>,
    /// Images in order.
    pub images: Vec<Image>,
}

/// The particulars of a place of which nothing particular is known.
pub static NO_PARTICULARS: Particulars = Particulars {
    address: None,
    contact: None,
    hours_evidence: None,
    access_rules: Vec::new(),
    prices: Vec::new(),
    typical_visit_minutes: None,
    images: Vec::new(),
};

impl Particulars {
    /// Themselves, or nothing when nothing is known.
    pub fn boxed(self) -> Option<Box<Self>> {
        (self != Self::default()).then(|| Box::new(self))
    }
}

/// A published place.
#[derive(Clone, Debug)]
pub struct PointOfInterest {
    /// Identity.
    pub id: RecordId,
    /// Address in links.
    pub slug: Box<str>,
    /// Leaf of the category tree.
    pub category: CategoryKey,
    /// Where it is.
    pub position: Position,
    /// Municipality whose polygon holds the position; absent when none does.
    pub municipality: Option<Ibge>,
    /// Its zone.
    pub time_zone: Tz,
    /// Texts by language, one at least.
    pub texts: Box<[Text]>,
    /// Opening hours.
    pub hours: Hours,
    /// Season; absent when all the year or unknown.
    pub season: Option<Season>,
    /// Whether one enters without paying; absent when unknown.
    pub is_accessible_for_free: Option<bool>,
    /// What is known of its accessibility.
    pub accessibility: Box<[FeatureEvidence]>,
    /// The rest.
    pub particulars: Option<Box<Particulars>>,
    /// Source and rights, shared by equals.
    pub provenance: Arc<Provenance>,
}

/// A place as it is stored and imported: its category by slug, its hours as words.
#[derive(Clone, Debug, PartialEq)]
pub struct PointOfInterestRecord {
    /// Identity.
    pub id: RecordId,
    /// Address in links.
    pub slug: Box<str>,
    /// Slug of the category.
    pub category: Box<str>,
    /// Where it is.
    pub position: Position,
    /// Municipality whose polygon holds the position.
    pub municipality: Option<Ibge>,
    /// Its zone when not the city's.
    pub time_zone: Option<Tz>,
    /// Texts by language, one at least.
    pub texts: Vec<Text>,
    /// Opening hours as written.
    pub opening_hours: Option<Box<str>>,
    /// Season.
    pub season: Option<Season>,
    /// Whether one enters without paying.
    pub is_accessible_for_free: Option<bool>,
    /// What is known of its accessibility.
    pub accessibility: Vec<FeatureEvidence>,
    /// The rest; absent when nothing of it is known.
    pub particulars: Option<Box<Particulars>>,
    /// Source and rights.
    pub provenance: Provenance,
}
