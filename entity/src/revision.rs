//! One step in the life of a record: what it was after it, who took it, and why. Never changed.

use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "revision")]
pub struct Model {
    /// The record.
    #[sea_orm(primary_key, auto_increment = false)]
    pub draft_id: Uuid,
    /// Number, from 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub version: i32,
    /// When.
    pub at: DateTimeUtc,
    /// Who; absent for the scheduler and for what a visitor suggested.
    pub author_id: Option<Uuid>,
    /// What was done, see `editorial::transition`.
    pub action: String,
    /// State after it.
    pub state: String,
    /// Content after it.
    #[sea_orm(column_type = "JsonBinary")]
    pub content: Json,
    /// Translations after it.
    #[sea_orm(column_type = "JsonBinary")]
    pub translations: Json,
    /// What was said with it.
    #[sea_orm(column_type = "Text", nullable)]
    pub comment: Option<String>,
}

/// Rows are joined in memory, never by the ORM.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
