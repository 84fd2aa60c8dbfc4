//! A Brazilian municipality with its boundary.

use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "municipality")]
pub struct Model {
    /// IBGE 7-digit code.
    #[sea_orm(primary_key, auto_increment = false)]
    pub ibge: i32,
    /// Official name.
    pub name: String,
    /// Degrees north of the seat, WGS84.
    pub latitude: f64,
    /// Degrees east of the seat, WGS84.
    pub longitude: f64,
    /// Inhabitants; absent when unknown.
    pub population: Option<i32>,
    /// GeoJSON geometry (longitude, latitude); absent when no source has it.
    pub boundary: Option<Json>,
    /// Where the boundary comes from.
    pub source: String,
}

/// Rows are joined in memory by the catalogue, never by the ORM.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
