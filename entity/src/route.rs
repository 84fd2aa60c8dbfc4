//! A curated tour (schema.org TouristTrip).

use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "route")]
pub struct Model {
    /// Identity for ever: UUID version 5 of the dataset and the record key; never reused.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Address in links: ASCII kebab-case, unique among its table.
    pub slug: String,
    /// The editor's city.
    pub city_id: Uuid,
    /// Theme.
    pub theme: String,
    /// WALK | BICYCLE | CAR | BOAT.
    pub mode: String,
    /// EASY | MODERATE | HARD; absent when unknown.
    pub difficulty: Option<String>,
    /// Object: months, source.
    pub season: Option<Json>,
    /// Length measured on the ground in metres; absent when nobody measured it.
    pub distance_meters: Option<f64>,
    /// Duration in minutes stated by a source.
    pub duration_minutes: Option<i32>,
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
