//! Under which of the operator's keys the secrets of the database are sealed.

use sea_orm::entity::prelude::*;

/// One row, and only one.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "sealing")]
pub struct Model {
    /// What is sealed: all of it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: String,
    /// Name of the key that sealed last; it tells nothing of the key.
    pub key_name: String,
    /// When.
    pub sealed_at: DateTimeUtc,
}

/// Rows are joined in memory, never by the ORM.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
