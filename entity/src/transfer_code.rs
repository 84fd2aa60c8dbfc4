//! Codes by which visitors take their trips along to another phone, of which only the marks are kept; one a visitor.

use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "transfer_code")]
pub struct Model {
    /// Whose trips it moves.
    #[sea_orm(primary_key, auto_increment = false)]
    pub visitor_id: Uuid,
    /// SHA-256, base64url, of the code.
    #[sea_orm(unique)]
    pub mark: String,
    /// When it was made.
    pub created_at: DateTimeUtc,
    /// When it ends.
    pub expires_at: DateTimeUtc,
}

/// Rows are joined in memory, never by the ORM.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
