//! How often a sign-in was tried lately, under one name.

use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "sign_in_attempt")]
pub struct Model {
    /// SHA-256, base64url, of what is counted: never an address itself.
    #[sea_orm(primary_key, auto_increment = false)]
    pub mark: String,
    /// Tries in the window.
    pub count: i32,
    /// When the count begins again.
    pub window_ends_at: DateTimeUtc,
}

/// Rows are joined in memory, never by the ORM.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
