//! Trips that visitors saved; what they hold is in the rows of their versions.

use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "trip")]
pub struct Model {
    /// Identity.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Whose.
    pub visitor_id: Uuid,
    /// Key under which the visitor's app saved it, so that a repeated request saves it once.
    pub idempotency_key: Option<String>,
    /// Version in force.
    pub version: i32,
    /// When it was saved first.
    pub created_at: DateTimeUtc,
}

/// Rows are joined in memory, never by the ORM.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
