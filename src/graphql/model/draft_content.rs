//! The content of drafts as the contract has it: the same types for what is read and what is written, all fields optional, for a draft
//! may be laid down at any moment. Inside, a content is JSON in the form of catalogue files (see `draft_form`).

use async_graphql::{InputObject, InputType, SimpleObject, Union, Value as GraphqlValue};
use serde_json::Value;

use super::draft_form::shown;
use super::enums::{
    AccessRuleKind, AccessibilityFeature, Audience, Confidence, Difficulty, EventStatus, FeatureValue, RouteTheme, TravelMode,
};
use crate::domain::ids::RecordType;
use crate::graphql::failure::{Code, Failure};
use crate::graphql::scalars::{Decimal, Language, Latitude, Longitude, ReducedDate};

/// Words of a record in one language.
#[derive(SimpleObject, InputObject, Clone, Debug)]
#[graphql(input_name = "TextContentInput")]
pub struct TextContent {
    /// The language. A text given with null in all other fields takes the language away.
    language: Language,
    /// Name.
    name: Option<String>,
    /// One sentence.
    summary: Option<String>,
    /// A few sentences.
    description: Option<String>,
}

/// A short text in one language.
#[derive(SimpleObject, InputObject, Clone, Debug)]
#[graphql(input_name = "NoteContentInput")]
pub struct NoteContent {
    /// The language.
    language: Language,
    /// The text; null takes it away.
    value: Option<String>,
}

/// A postal address (schema.org `PostalAddress`).
#[derive(SimpleObject, InputObject, Clone, Debug)]
#[graphql(input_name = "AddressContentInput")]
pub struct AddressContent {
    /// Street and number.
    street_address: Option<String>,
    /// Town or district.
    locality: Option<String>,
    /// CEP.
    postal_code: Option<String>,
}

/// How to reach a place.
#[derive(SimpleObject, InputObject, Clone, Debug)]
#[graphql(input_name = "ContactContentInput")]
pub struct ContactContent {
    /// Telephone in international form.
    telephone: Option<String>,
    /// E-mail address.
    email: Option<String>,
    /// Web site.
    url: Option<String>,
}

/// Opening hours with who says so.
#[derive(SimpleObject, InputObject, Clone, Debug)]
#[graphql(input_name = "OpeningHoursContentInput")]
pub struct OpeningHoursContent {
    /// In OSM's `opening_hours` syntax.
    raw: Option<String>,
    /// What the hours do not say, in Portuguese.
    note: Option<String>,
    /// Where they come from.
    source: Option<String>,
    /// When they were verified.
    verified_at: Option<ReducedDate>,
}

/// Something that decides whether a visit is possible.
#[derive(SimpleObject, InputObject, Clone, Debug)]
#[graphql(input_name = "AccessRuleContentInput")]
pub struct AccessRuleContent {
    /// What it demands.
    kind: AccessRuleKind,
    /// Hours to book ahead.
    hours_ahead: Option<u32>,
    /// How many people.
    people: Option<u32>,
    /// Years of age.
    years: Option<u32>,
    /// Where this comes from.
    source: Option<String>,
    /// When it was verified.
    verified_at: Option<ReducedDate>,
}

/// The months in which a visit is possible.
#[derive(SimpleObject, InputObject, Clone, Debug)]
#[graphql(input_name = "SeasonContentInput")]
pub struct SeasonContent {
    /// Months, 1 to 12.
    months: Option<Vec<u8>>,
    /// Where this comes from.
    source: Option<String>,
}

/// A price as a source states it.
#[derive(SimpleObject, InputObject, Clone, Debug)]
#[graphql(input_name = "PriceContentInput")]
pub struct PriceContent {
    /// Whom it is for.
    audience: Audience,
    /// How much.
    amount: Decimal,
    /// ISO 4217 code.
    currency: String,
    /// What is paid for, by language.
    item: Option<Vec<NoteContent>>,
    /// Where it comes from.
    source: Option<String>,
    /// When it was verified.
    verified_at: Option<ReducedDate>,
}

/// A feature as somebody found it.
#[derive(SimpleObject, InputObject, Clone, Debug)]
#[graphql(input_name = "AccessibilityContentInput")]
pub struct AccessibilityContent {
    /// The feature.
    feature: AccessibilityFeature,
    /// What was found.
    value: FeatureValue,
    /// In words.
    evidence: Option<String>,
    /// Where this comes from.
    source: Option<String>,
    /// When it was verified.
    verified_at: Option<ReducedDate>,
}

/// An image.
#[derive(SimpleObject, InputObject, Clone, Debug)]
#[graphql(input_name = "ImageContentInput")]
pub struct ImageContent {
    /// Address.
    url: String,
    /// Width in pixels.
    width: Option<u32>,
    /// Height in pixels.
    height: Option<u32>,
    /// What it shows, by language, for those who cannot see it.
    alternative_text: Option<Vec<NoteContent>>,
    /// Licence, SPDX id.
    licence: Option<String>,
    /// Whom to credit.
    credit: Option<String>,
    /// Where it comes from.
    source: Option<String>,
}

/// What may be done with a record, and whom to credit.
#[derive(SimpleObject, InputObject, Clone, Debug)]
#[graphql(input_name = "RightsContentInput")]
pub struct RightsContent {
    /// Licence, SPDX id.
    licence: Option<String>,
    /// Whom to credit.
    credit: Option<String>,
}

/// Where a record comes from.
#[derive(SimpleObject, InputObject, Clone, Debug)]
#[graphql(input_name = "ProvenanceContentInput")]
pub struct ProvenanceContent {
    /// Where the facts come from.
    source: Option<String>,
    /// How sure they are.
    confidence: Option<Confidence>,
    /// When somebody last verified them.
    last_verified_at: Option<ReducedDate>,
    /// The same thing elsewhere (schema.org `sameAs`).
    same_as: Option<Vec<String>>,
}

/// Where an event takes place.
#[derive(SimpleObject, InputObject, Clone, Debug)]
#[graphql(input_name = "VenueContentInput")]
pub struct VenueContent {
    /// Name.
    name: Option<String>,
    /// Slug of a published place.
    point_of_interest: Option<String>,
}

/// A stop of a route.
#[derive(SimpleObject, InputObject, Clone, Debug)]
#[graphql(input_name = "StopContentInput")]
pub struct StopContent {
    /// Slug of a published place.
    point_of_interest: String,
    /// Note for the visitor, by language.
    note: Option<Vec<NoteContent>>,
    /// Minutes to stay.
    stay_minutes: Option<u32>,
}

/// A place as far as it is written.
#[derive(SimpleObject, InputObject, Clone, Debug)]
#[graphql(input_name = "PointOfInterestContentInput")]
pub struct PointOfInterestContent {
    /// Address in links: lower-case ASCII words joined by hyphens.
    slug: Option<String>,
    /// Slug of the category.
    category: Option<String>,
    /// Words by language.
    texts: Option<Vec<TextContent>>,
    /// Degrees north.
    latitude: Option<Latitude>,
    /// Degrees east.
    longitude: Option<Longitude>,
    /// IANA zone, when not the city's.
    time_zone: Option<String>,
    /// Address.
    address: Option<AddressContent>,
    /// Contact.
    contact: Option<ContactContent>,
    /// Opening hours.
    opening_hours: Option<OpeningHoursContent>,
    /// What decides whether a visit is possible.
    access_rules: Option<Vec<AccessRuleContent>>,
    /// The months in which a visit is possible.
    season: Option<SeasonContent>,
    /// Prices.
    prices: Option<Vec<PriceContent>>,
    /// Whether one enters without paying.
    is_accessible_for_free: Option<bool>,
    /// What is known of its accessibility.
    accessibility: Option<Vec<AccessibilityContent>>,
    /// Minutes a visit takes.
    typical_visit_minutes: Option<u32>,
    /// Images in order.
    images: Option<Vec<ImageContent>>,
    /// What may be done with the record.
    rights: Option<RightsContent>,
    /// Where it comes from.
    provenance: Option<ProvenanceContent>,
}

/// An event as far as it is written.
#[derive(SimpleObject, InputObject, Clone, Debug)]
#[graphql(input_name = "EventContentInput")]
pub struct EventContent {
    /// Address in links: lower-case ASCII words joined by hyphens.
    slug: Option<String>,
    /// Slug of the category.
    category: Option<String>,
    /// Key shared by the editions of one festival.
    series: Option<String>,
    /// Number of this edition.
    edition: Option<u32>,
    /// Words by language.
    texts: Option<Vec<TextContent>>,
    /// Where.
    venue: Option<VenueContent>,
    /// IANA zone of the dates, when not the city's.
    time_zone: Option<String>,
    /// DTSTART of iCalendar, local: `2026-06-18` or `2026-06-18T19:30:00`.
    dtstart: Option<String>,
    /// DTEND, exclusive.
    dtend: Option<String>,
    /// RRULE.
    rrule: Option<String>,
    /// RDATE values.
    rdate: Option<Vec<String>>,
    /// EXDATE values.
    exdate: Option<Vec<String>>,
    /// Status.
    status: Option<EventStatus>,
    /// DTSTART before it was rescheduled.
    previous_start: Option<String>,
    /// Whether one enters without paying.
    is_accessible_for_free: Option<bool>,
    /// What a visitor should know about the dates, by language.
    note: Option<Vec<NoteContent>>,
    /// Images in order.
    images: Option<Vec<ImageContent>>,
    /// What may be done with the record.
    rights: Option<RightsContent>,
    /// Where it comes from.
    provenance: Option<ProvenanceContent>,
}

/// A route as far as it is written.
#[derive(SimpleObject, InputObject, Clone, Debug)]
#[graphql(input_name = "RouteContentInput")]
pub struct RouteContent {
    /// Address in links: lower-case ASCII words joined by hyphens.
    slug: Option<String>,
    /// What it is about.
    theme: Option<RouteTheme>,
    /// How one moves along it.
    mode: Option<TravelMode>,
    /// How hard it is.
    difficulty: Option<Difficulty>,
    /// The months in which it can be made.
    season: Option<SeasonContent>,
    /// Metres, measured on the ground.
    distance_meters: Option<f64>,
    /// Minutes a source states.
    duration_minutes: Option<u32>,
    /// Words by language.
    texts: Option<Vec<TextContent>>,
    /// Stops in order, at least two.
    stops: Option<Vec<StopContent>>,
    /// Images in order.
    images: Option<Vec<ImageContent>>,
    /// What may be done with the record.
    rights: Option<RightsContent>,
    /// Where it comes from.
    provenance: Option<ProvenanceContent>,
}

/// What a draft holds.
#[derive(Union)]
pub enum DraftContent {
    /// A place.
    PointOfInterest(Box<PointOfInterestContent>),
    /// An event.
    Event(Box<EventContent>),
    /// A route.
    Route(Box<RouteContent>),
}

impl DraftContent {
    /// The contract's view of a content in the form of catalogue files.
    pub fn of(record_type: RecordType, content: &Value) -> Result<Self, Failure> {
        let shown = GraphqlValue::from_json(shown(content)).map_err(|_| unreadable())?;
        match record_type {
            RecordType::PointOfInterest => Ok(Self::PointOfInterest(Box::new(parse(shown)?))),
            RecordType::Event => Ok(Self::Event(Box::new(parse(shown)?))),
            RecordType::Route => Ok(Self::Route(Box::new(parse(shown)?))),
            RecordType::City | RecordType::Category | RecordType::Municipality => Err(unreadable()),
        }
    }
}

fn parse<T: InputType>(value: GraphqlValue) -> Result<T, Failure> {
    T::parse(Some(value)).map_err(|_| unreadable())
}

/// Why a draft cannot be shown; nothing a client could have done.
#[derive(Debug, thiserror::Error)]
#[error("the content of a draft is not of the form it is written in")]
struct Unreadable;

fn unreadable() -> Failure {
    Failure::caused(Code::Internal, "the draft could not be read", &Unreadable)
}
