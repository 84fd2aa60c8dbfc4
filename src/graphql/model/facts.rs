//! Facts with their evidence: positions, rights, provenance, prices, rules, accessibility.

use async_graphql::{Object, SimpleObject};

use super::enums::{AccessRuleKind, AccessibilityFeature, AccessibilityProfile, Audience, Confidence, FeatureValue, Verdict};
use super::media::{ImageVariant, variants};
use super::text::{LocalizedText, of_map};
use crate::domain::accessibility::FeatureEvidence;
use crate::domain::geo::Position;
use crate::domain::media;
use crate::domain::money;
use crate::domain::provenance;
use crate::domain::rights::{LicenceTable, Rights};
use crate::domain::season;
use crate::domain::{access, point_of_interest};
use crate::graphql::context;
use crate::graphql::directives::List;
use crate::graphql::flat::{Answer, FlatObject, Selected, flat_output};
use crate::graphql::scalars::{Decimal, Language, Latitude, Longitude, ReducedDate};

/// A position in WGS84.
#[derive(SimpleObject)]
#[graphql(name = "Location")]
pub struct DescribedLocation {
    /// Degrees north.
    latitude: Latitude,
    /// Degrees east.
    longitude: Longitude,
}

/// A position as it is answered.
pub struct Location(Position);

impl FlatObject for Location {
    const TYPE_NAME: &'static str = "Location";

    fn write(&self, field: &Selected<'_>, answer: &mut Answer<'_>) -> Option<()> {
        match field.name {
            "latitude" => answer.value(&self.0.latitude()),
            "longitude" => answer.value(&self.0.longitude()),
            _ => None,
        }
    }
}

flat_output!(Location, DescribedLocation);

impl From<Position> for Location {
    fn from(position: Position) -> Self {
        Self(position)
    }
}

/// A postal address, as far as it is known (schema.org `PostalAddress`).
#[derive(SimpleObject)]
#[expect(clippy::struct_field_names, reason = "streetAddress is schema.org's word")]
pub struct Address {
    /// Street and number.
    street_address: Option<String>,
    /// Town or district.
    locality: Option<String>,
    /// CEP.
    postal_code: Option<String>,
}

impl From<&point_of_interest::Address> for Address {
    fn from(address: &point_of_interest::Address) -> Self {
        Self {
            street_address: owned(address.street_address.as_ref()),
            locality: owned(address.locality.as_ref()),
            postal_code: owned(address.postal_code.as_ref()),
        }
    }
}

/// How to reach a place, as far as it is known.
#[derive(SimpleObject)]
pub struct Contact {
    /// Telephone in international form.
    telephone: Option<String>,
    /// E-mail address.
    email: Option<String>,
    /// Web site.
    url: Option<String>,
}

impl From<&point_of_interest::Contact> for Contact {
    fn from(contact: &point_of_interest::Contact) -> Self {
        Self { telephone: owned(contact.telephone.as_ref()), email: owned(contact.email.as_ref()), url: owned(contact.url.as_ref()) }
    }
}

/// A copy for the answer.
#[expect(clippy::borrowed_box, reason = "what `as_ref` of an optional boxed text gives")]
pub fn owned(text: Option<&Box<str>>) -> Option<String> {
    text.map(ToString::to_string)
}

fn date(date: Option<&provenance::PartialDate>) -> Option<ReducedDate> {
    date.cloned().map(ReducedDate)
}

/// Something that decides whether a visit is possible.
#[derive(SimpleObject)]
pub struct AccessRule {
    /// What it demands.
    kind: AccessRuleKind,
    /// Hours to book ahead; null when unknown or not about booking.
    hours_ahead: Option<u32>,
    /// How many people; null when unknown or not about capacity.
    people: Option<u32>,
    /// Years of age; null when not about age.
    years: Option<u32>,
    /// Where this comes from.
    source: Option<String>,
    /// Date of the source.
    verified_at: Option<ReducedDate>,
}

impl From<&access::AccessRule> for AccessRule {
    fn from(rule: &access::AccessRule) -> Self {
        Self {
            kind: rule.kind.into(),
            hours_ahead: rule.hours_ahead,
            people: rule.people,
            years: rule.years,
            source: owned(rule.source.as_ref()),
            verified_at: date(rule.verified_on.as_ref()),
        }
    }
}

/// The months in which a visit is possible.
#[derive(SimpleObject)]
pub struct Season {
    /// Months, 1 to 12, ascending.
    #[graphql(directive = List::apply(12))]
    months: Vec<u8>,
    /// Where this comes from.
    source: Option<String>,
}

impl From<&season::Season> for Season {
    fn from(season: &season::Season) -> Self {
        Self { months: season.months.iter().collect(), source: owned(season.source.as_ref()) }
    }
}

/// A price as a source states it. Prices age: read the date.
pub struct Price(pub money::Price);

/// A price as a source states it. Prices age: read the date.
#[Object]
impl Price {
    /// Whom it is for.
    async fn audience(&self) -> Audience {
        self.0.audience.into()
    }

    /// How much.
    async fn amount(&self) -> Decimal {
        Decimal(self.0.amount.as_str().to_owned())
    }

    /// ISO 4217 code.
    async fn currency(&self) -> &str {
        &self.0.currency
    }

    /// What is paid for.
    async fn item(&self, context: &async_graphql::Context<'_>, language: Option<Language>) -> Option<LocalizedText> {
        of_map(&self.0.item, &context::languages(context, language))
    }

    /// Where it comes from.
    async fn source(&self) -> Option<&str> {
        self.0.source.as_deref()
    }

    /// Date of the source.
    async fn verified_at(&self) -> Option<ReducedDate> {
        date(self.0.verified_on.as_ref())
    }
}

/// A feature as somebody found it.
#[derive(SimpleObject)]
pub struct AccessibilityEvidence {
    /// The feature.
    feature: AccessibilityFeature,
    /// What was found.
    value: FeatureValue,
    /// In words, Portuguese.
    evidence: Option<String>,
    /// Where it comes from.
    source: Option<String>,
    /// Date of the source.
    verified_at: Option<ReducedDate>,
}

impl From<&FeatureEvidence> for AccessibilityEvidence {
    fn from(evidence: &FeatureEvidence) -> Self {
        Self {
            feature: evidence.feature.into(),
            value: evidence.value.into(),
            evidence: owned(evidence.evidence.as_ref()),
            source: owned(evidence.source.as_ref()),
            verified_at: date(evidence.verified_on.as_ref()),
        }
    }
}

/// Whether a visitor of a profile can visit, and what decides it.
#[derive(SimpleObject)]
pub struct AccessibilityVerdict {
    /// The profile.
    pub profile: AccessibilityProfile,
    /// The verdict.
    pub verdict: Verdict,
    /// The feature that decides: missing, present in part, or unknown. Null when everything needed is there.
    pub decided_by: Option<AccessibilityFeature>,
    /// Everything known of the place's accessibility.
    #[graphql(directive = List::apply(5))]
    pub features: Vec<AccessibilityEvidence>,
}

/// Licence and credit.
#[derive(SimpleObject)]
pub struct License {
    /// SPDX id.
    spdx: String,
    /// Name to show; null for a licence we do not know.
    name: Option<String>,
    /// Address of the legal text.
    url: Option<String>,
    /// Whether commercial use is allowed.
    commercial: bool,
    /// Whether changed versions may be shared.
    derivatives: bool,
    /// Whom to credit.
    credit: String,
}

impl License {
    /// Looks the licence up in the rights table.
    pub fn of(rights: &Rights, table: &LicenceTable) -> Self {
        let known = table.get(&rights.licence);
        Self {
            spdx: rights.licence.to_string(),
            name: known.map(|licence| licence.name.clone()),
            url: known.and_then(|licence| licence.url.clone()),
            commercial: known.is_some_and(|licence| licence.commercial),
            derivatives: known.is_some_and(|licence| licence.derivatives),
            credit: rights.credit.to_string(),
        }
    }
}

/// Where a record comes from and how sure it is.
#[derive(SimpleObject)]
pub struct Provenance {
    /// Where the facts come from.
    source: String,
    /// How sure they are.
    confidence: Confidence,
    /// When somebody last verified them; null when nobody said.
    last_verified_at: Option<ReducedDate>,
    /// The same thing elsewhere (schema.org `sameAs`).
    #[graphql(directive = List::apply(3))]
    same_as: Vec<String>,
    /// What a reader may do with the record.
    license: License,
}

impl Provenance {
    /// With the licence looked up.
    pub fn of(provenance: &provenance::Provenance, table: &LicenceTable) -> Self {
        Self {
            source: provenance.source.to_string(),
            confidence: provenance.confidence.into(),
            last_verified_at: date(provenance.last_verified_on.as_ref()),
            same_as: provenance.same_as.iter().map(ToString::to_string).collect(),
            license: License::of(&provenance.rights, table),
        }
    }
}

/// An image with its rights and a text for those who cannot see it.
pub struct Image(pub media::Image);

/// An image with its rights and a text for those who cannot see it.
#[Object]
impl Image {
    /// Address; on this host when it begins with `/`.
    async fn url(&self) -> &str {
        &self.0.url
    }

    /// Width in pixels; null when unknown.
    async fn width(&self) -> Option<u32> {
        self.0.width
    }

    /// Height in pixels; null when unknown.
    async fn height(&self) -> Option<u32> {
        self.0.height
    }

    /// What it shows.
    async fn alternative_text(&self, context: &async_graphql::Context<'_>, language: Option<Language>) -> Option<LocalizedText> {
        of_map(&self.0.alternative_text, &context::languages(context, language))
    }

    /// Licence and credit.
    async fn license(&self, context: &async_graphql::Context<'_>) -> License {
        License::of(&self.0.rights, &context::of(context).snapshot.reference.licences)
    }

    /// Where it comes from.
    async fn source(&self) -> &str {
        &self.0.source
    }

    /// ThumbHash (evanw.github.io/thumbhash) in base64: a blurred image of about 25 bytes, to be shown until the image has come. Null
    /// for images that others keep.
    async fn thumbhash(&self) -> Option<&str> {
        self.0.kept.as_ref().map(|kept| &*kept.thumbhash)
    }

    /// The same image in smaller widths, the smallest first; empty for images that others keep.
    #[graphql(directive = List::apply(4))]
    async fn variants(&self) -> Vec<ImageVariant> {
        let address = media::ImageAddress::parse(&self.0.url);
        self.0.kept.as_ref().zip(address).map(|(kept, address)| variants(address.original(), kept)).unwrap_or_default()
    }
}
