//! A role of an account in a city.

use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "account_grant")]
pub struct Model {
    /// The account.
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Uuid,
    /// EDITOR | REVIEWER | PUBLISHER | CITY_ADMIN | ADMIN.
    #[sea_orm(primary_key, auto_increment = false)]
    pub role: String,
    /// The city; nil when it holds in every city.
    #[sea_orm(primary_key, auto_increment = false)]
    pub city_id: Uuid,
    /// When it was given.
    pub granted_at: DateTimeUtc,
    /// Who gave it; absent when it came from the command line.
    pub granted_by: Option<Uuid>,
}

/// Rows are joined in memory, never by the ORM.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
