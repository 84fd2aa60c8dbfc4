//! A record that was merged into another. Kept for ever, as ids are never used again.

use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "redirect")]
pub struct Model {
    /// The record that is no more.
    #[sea_orm(primary_key, auto_increment = false)]
    pub from_id: Uuid,
    /// Its type, and that of the other.
    pub record_type: String,
    /// Its slug.
    pub from_slug: String,
    /// The record it was merged into.
    pub to_id: Uuid,
    /// When.
    pub at: DateTimeUtc,
}

/// Rows are joined in memory, never by the ORM.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
