//! A reference to an image of a record.

use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "media")]
pub struct Model {
    /// Identity.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The record it belongs to: a place, an event or a route.
    pub subject_id: Uuid,
    /// Order from 0.
    pub position: i32,
    /// Address of the image.
    pub url: String,
    /// Width in pixels.
    pub width: Option<i32>,
    /// Height in pixels.
    pub height: Option<i32>,
    /// What it shows, by language: object of BCP-47 tag to text.
    pub alternative_text: Json,
    /// SPDX licence id.
    pub licence: String,
    /// Whom to credit.
    pub credit: String,
    /// Where it comes from.
    pub source: String,
    /// ThumbHash, base64; absent for images that others keep.
    pub thumbhash: Option<String>,
    /// The same image in smaller widths: list of width, height, digest; absent for images that others keep.
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub variants: Option<Json>,
}

/// Rows are joined in memory by the catalogue, never by the ORM.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
