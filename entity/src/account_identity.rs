//! An account at an OpenID provider that signs in one of ours.

use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "account_identity")]
pub struct Model {
    /// `iss` of the provider.
    #[sea_orm(primary_key, auto_increment = false)]
    pub issuer: String,
    /// `sub` there.
    #[sea_orm(primary_key, auto_increment = false)]
    pub subject: String,
    /// Our account.
    pub account_id: Uuid,
    /// When the two were joined.
    pub created_at: DateTimeUtc,
}

/// Rows are joined in memory, never by the ORM.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
