//! Who did what: sign-ins, grants, publishes. The database refuses to change or delete a row.

use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "audit")]
pub struct Model {
    /// Ascending number.
    #[sea_orm(primary_key)]
    pub number: i64,
    /// When.
    pub at: DateTimeUtc,
    /// Who; absent for the command line, the scheduler, and sign-ins that failed.
    pub account_id: Option<Uuid>,
    /// What, as a word in capitals.
    pub action: String,
    /// To whom or what.
    pub subject_id: Option<Uuid>,
    /// Where; absent when it concerns every city.
    pub city_id: Option<Uuid>,
    /// What else is worth knowing; no secrets, no addresses.
    #[sea_orm(column_type = "JsonBinary")]
    pub detail: Json,
}

/// Rows are joined in memory, never by the ORM.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
