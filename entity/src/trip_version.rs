//! Versions of saved trips: the last ones are kept, so that changes made from an older one can be merged.

use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "trip_version")]
pub struct Model {
    /// The trip.
    #[sea_orm(primary_key, auto_increment = false)]
    pub trip_id: Uuid,
    /// Its version, from 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub version: i32,
    /// Title, note and wishes: JSON as `trips::saved` writes it.
    pub content: Json,
    /// The plan: JSON as `trips::plan::answer` writes it.
    pub plan: Json,
    /// When it was made.
    pub at: DateTimeUtc,
}

/// Rows are joined in memory, never by the ORM.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
