//! One edition of an event, with its iCalendar schedule (RFC 5545).

use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "event")]
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
    /// Key shared by the editions of one festival.
    pub series: Option<String>,
    /// Number of this edition.
    pub edition: Option<i32>,
    /// Name of the venue.
    pub venue_name: Option<String>,
    /// The venue when it is a place of the catalogue.
    pub venue_id: Option<Uuid>,
    /// IANA zone of the schedule.
    pub time_zone: String,
    /// DTSTART, local: a date, or a date and time; absent when not announced.
    pub dtstart: Option<String>,
    /// DTEND, local, of the same kind as DTSTART and exclusive.
    pub dtend: Option<String>,
    /// RRULE value.
    pub rrule: Option<String>,
    /// Array of RDATE values.
    pub rdate: Json,
    /// Array of EXDATE values.
    pub exdate: Json,
    /// SCHEDULED | CANCELLED | POSTPONED | RESCHEDULED | TO_BE_ANNOUNCED.
    pub status: String,
    /// DTSTART before it was rescheduled.
    pub previous_start: Option<String>,
    /// Whether one enters without paying; absent when unknown.
    pub is_accessible_for_free: Option<bool>,
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
