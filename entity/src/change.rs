//! The numbered log of what was published: snapshots, sync and webhooks follow it.

use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "change")]
pub struct Model {
    /// Gap-free number, ascending in commit order.
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: i64,
    /// When it was written.
    pub at: DateTimeUtc,
    /// City whose shard changes; absent for reference data, which changes all.
    pub city_id: Option<Uuid>,
    /// POINT_OF_INTEREST | EVENT | ROUTE | CITY | CATEGORY | MUNICIPALITY | DATASET.
    pub record_type: String,
    /// The record; absent when the change covers a whole dataset.
    pub record_id: Option<Uuid>,
    /// UPSERT | WITHDRAW.
    pub kind: String,
}

/// Rows are joined in memory by the catalogue, never by the ORM.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
