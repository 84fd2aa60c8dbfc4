//! A pilot destination; which ones there are is data.

use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "city")]
pub struct Model {
    /// Identity for ever: UUID version 5 of the dataset and the record key; never reused.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Address in links: ASCII kebab-case, unique among its table.
    pub slug: String,
    /// Municipality of the seat, IBGE 7-digit code.
    pub municipality_ibge: i32,
    /// Degrees north, WGS84.
    pub latitude: f64,
    /// Degrees east, WGS84.
    pub longitude: f64,
    /// IANA zone of its places unless they name their own.
    pub time_zone: String,
    /// Order in lists.
    pub position: i32,
    /// Dataset that owns the record.
    pub dataset: String,
    /// Where the facts come from.
    pub source: String,
}

/// Rows are joined in memory by the catalogue, never by the ORM.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
