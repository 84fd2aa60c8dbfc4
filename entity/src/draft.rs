//! A record as editors work on it, beside what is published of it.

use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "draft")]
pub struct Model {
    /// Identity of the record, published or not.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// POINT_OF_INTEREST | EVENT | ROUTE.
    pub record_type: String,
    /// City whose editors work on it.
    pub city_id: Uuid,
    /// Slug in the content; empty while none is given.
    pub slug: String,
    /// Portuguese name in the content, for lists.
    #[sea_orm(column_type = "Text", nullable)]
    pub name: Option<String>,
    /// State of the work on it, see `editorial::transition`.
    pub state: String,
    /// Number of its last revision: what `expectedVersion` is held against.
    pub version: i32,
    /// The record in the form of catalogue files, as far as it is written.
    #[sea_orm(column_type = "JsonBinary")]
    pub content: Json,
    /// By language, which Portuguese words a translation was made from, and whether by a machine.
    #[sea_orm(column_type = "JsonBinary")]
    pub translations: Json,
    /// Revision that is published now; absent when none is.
    pub published_version: Option<i32>,
    /// How much of what visitors ask for is there, in percent.
    pub completeness: Option<i32>,
    /// When it is to be published; only in state SCHEDULED.
    pub publish_at: Option<DateTimeUtc>,
    /// When work on it began.
    pub created_at: DateTimeUtc,
    /// Who began; absent when a visitor suggested it.
    pub created_by: Option<Uuid>,
    /// When it was changed last.
    pub updated_at: DateTimeUtc,
    /// Who changed it last; absent for the scheduler.
    pub updated_by: Option<Uuid>,
}

/// Rows are joined in memory, never by the ORM.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
