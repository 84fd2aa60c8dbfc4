//! An image that an editor sent.

use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "media_asset")]
pub struct Model {
    /// Identity.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// City it belongs to.
    pub city_id: Uuid,
    /// Digest of the original as it is kept, 64 hexadecimal digits; unique in a city.
    pub sha256: String,
    /// Media type of the original.
    pub media_type: String,
    /// Width in pixels, as it is shown.
    pub width: i32,
    /// Height in pixels, as it is shown.
    pub height: i32,
    /// Bytes of the original as it is kept.
    pub byte_length: i64,
    /// ThumbHash, base64.
    pub thumbhash: String,
    /// The same image in smaller widths: list of width, height, digest.
    #[sea_orm(column_type = "JsonBinary")]
    pub variants: Json,
    /// Who sent it.
    pub uploaded_by: Uuid,
    /// When.
    pub uploaded_at: DateTimeUtc,
    /// When a published record of the city showed it first; absent while none did.
    pub published_at: Option<DateTimeUtc>,
    /// When the same bytes came again for the city; absent when they came once.
    pub sent_again_at: Option<DateTimeUtc>,
}

/// Rows are joined in memory, never by the ORM.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
