//! Bytes of an image that are to be removed, or were lately.

use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "media_removal")]
pub struct Model {
    /// Digest under which they are kept, 64 hexadecimal digits.
    #[sea_orm(primary_key, auto_increment = false)]
    pub digest: String,
    /// Since when.
    pub at: DateTimeUtc,
    /// When they were removed; absent while they are not.
    pub done_at: Option<DateTimeUtc>,
}

/// Rows are joined in memory, never by the ORM.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
