//! A key by which a partner is known.

use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "api_key")]
pub struct Model {
    /// Identity.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Whose, for people.
    pub name: String,
    /// SHA-256, base64url, of the key; unique.
    pub mark: String,
    /// When it was made.
    pub created_at: DateTimeUtc,
    /// Who made it; nil from the command line.
    pub created_by: Uuid,
    /// When it was revoked.
    pub revoked_at: Option<DateTimeUtc>,
}

/// Rows are joined in memory, never by the ORM.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
