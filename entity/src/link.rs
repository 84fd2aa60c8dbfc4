//! A link that records hold, as it was last tried.

use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "link")]
pub struct Model {
    /// The address.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub url: String,
    /// WORKS | BROKEN | UNSURE.
    pub outcome: String,
    /// When it was tried last.
    pub checked_at: DateTimeUtc,
    /// Since when it is broken; absent while it is not.
    pub failing_since: Option<DateTimeUtc>,
}

/// Rows are joined in memory, never by the ORM.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
