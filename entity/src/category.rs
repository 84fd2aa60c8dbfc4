//! A node of the one category tree.

use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "category")]
pub struct Model {
    /// Slug, the key used everywhere.
    #[sea_orm(primary_key, auto_increment = false)]
    pub slug: String,
    /// Parent node; absent for a root.
    pub parent_slug: Option<String>,
    /// Order among siblings.
    pub position: i32,
    /// schema.org type.
    pub schema_org_type: String,
    /// Array of OSM tags, key=value.
    pub osm_tags: Json,
    /// INVTUR code; absent when not surely known.
    pub invtur_code: Option<String>,
}

/// Rows are joined in memory by the catalogue, never by the ORM.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
