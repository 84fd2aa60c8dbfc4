//! An ordered stop of a route.

use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "route_stop")]
pub struct Model {
    /// The route.
    #[sea_orm(primary_key, auto_increment = false)]
    pub route_id: Uuid,
    /// Order from 0.
    #[sea_orm(primary_key, auto_increment = false)]
    pub position: i32,
    /// The place.
    pub point_of_interest_id: Uuid,
    /// Note for the visitor by language: object of BCP-47 tag to text.
    pub note: Option<Json>,
    /// Minutes to stay, when a source says so.
    pub stay_minutes: Option<i32>,
}

/// Rows are joined in memory by the catalogue, never by the ORM.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
