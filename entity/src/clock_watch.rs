//! How long the clock has gone on without a jump.

use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "clock_watch")]
pub struct Model {
    /// Who watches it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: String,
    /// What it showed when it was looked at last.
    pub seen_at: DateTimeUtc,
    /// What it showed after its last jump, or when it was first looked at.
    pub steady_since: DateTimeUtc,
}

/// Rows are joined in memory, never by the ORM.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
