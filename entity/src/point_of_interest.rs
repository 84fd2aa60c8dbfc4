//! A published place.

use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "point_of_interest")]
pub struct Model {
    /// Identity for ever: UUID version 5 of the dataset and the record key; never reused.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Address in links: ASCII kebab-case, unique among its table.
    pub slug: String,
    /// The editor's city.
    pub city_id: Uuid,
    /// Leaf of the category tree.
    pub category_slug: String,
    /// Degrees north, WGS84.
    pub latitude: f64,
    /// Degrees east, WGS84.
    pub longitude: f64,
    /// Municipality whose polygon holds the position, IBGE code; absent when none does.
    pub municipality_ibge: Option<i32>,
    /// IANA zone when not the city's.
    pub time_zone: Option<String>,
    /// Object: streetAddress, locality, postalCode.
    pub address: Option<Json>,
    /// Object: telephone, email, url.
    pub contact: Option<Json>,
    /// OSM opening_hours value as the source or editor wrote it.
    pub opening_hours: Option<String>,
    /// Object: note, source, verifiedOn of the opening hours.
    pub opening_hours_evidence: Option<Json>,
    /// Array of access rules.
    pub access_rules: Option<Json>,
    /// Object: months, source.
    pub season: Option<Json>,
    /// Array of prices.
    pub prices: Option<Json>,
    /// Whether one enters without paying; absent when unknown.
    pub is_accessible_for_free: Option<bool>,
    /// Array of accessibility features with evidence.
    pub accessibility: Option<Json>,
    /// Minutes a visit takes, when a source says so.
    pub typical_visit_minutes: Option<i32>,
    /// Dataset that owns the record: an import changes only its own.
    pub dataset: String,
    /// SPDX licence id.
    pub licence: String,
    /// Whom to credit.
    pub credit: String,
    /// Where the facts come from.
    pub source: String,
    /// HIGH | MEDIUM | LOW.
    pub confidence: String,
    /// Last verification, ISO 8601 with reduced precision (`2025`, `2025-03`, `2025-03-01`).
    pub last_verified_on: Option<String>,
    /// Array of URLs of the same thing elsewhere.
    pub same_as: Json,
    /// Set when the record was taken out of the public catalogue; the row stays so that its id is never reused.
    pub withdrawn_at: Option<DateTimeUtc>,
}

/// Rows are joined in memory by the catalogue, never by the ORM.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
