//! Work that one process at a time does, every so often.

use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "job")]
pub struct Model {
    /// Which work.
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: String,
    /// When it was begun last.
    pub begun_at: DateTimeUtc,
    /// When that was done; absent while somebody is at it, or died at it.
    pub done_at: Option<DateTimeUtc>,
}

/// Rows are joined in memory, never by the ORM.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
