//! What a visitor says is wrong with a record. Nothing is kept of the visitor.

use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "suggestion")]
pub struct Model {
    /// Identity.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Type of the record.
    pub record_type: String,
    /// The record.
    pub record_id: Uuid,
    /// Its city.
    pub city_id: Uuid,
    /// Fields as the visitor would have them, in the form of catalogue files.
    #[sea_orm(column_type = "JsonBinary")]
    pub changes: Json,
    /// What the visitor says.
    #[sea_orm(column_type = "Text", nullable)]
    pub comment: Option<String>,
    /// SHA-256, base64url, of what it says about which record; absent once it is settled.
    pub digest: Option<String>,
    /// How often it was said.
    pub times: i32,
    /// OPEN | TAKEN | DISMISSED.
    pub state: String,
    /// When it was sent.
    pub created_at: DateTimeUtc,
    /// When somebody decided.
    pub settled_at: Option<DateTimeUtc>,
    /// Who.
    pub settled_by: Option<Uuid>,
}

/// Rows are joined in memory, never by the ORM.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
