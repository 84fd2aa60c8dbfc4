//! An invitation that may be accepted: whoever has its code sets the account's password. At most one an account.

use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "invitation")]
pub struct Model {
    /// SHA-256, base64url, of the code.
    #[sea_orm(primary_key, auto_increment = false)]
    pub mark: String,
    /// Who is invited; unique.
    pub account_id: Uuid,
    /// How far the inviter could decide about accounts: `"EVERYWHERE"`, or identities of cities.
    #[sea_orm(column_type = "JsonBinary")]
    pub reach: Json,
    /// Who invited; absent for the command line.
    pub invited_by: Option<Uuid>,
    /// When it was made.
    pub created_at: DateTimeUtc,
    /// When it is too late.
    pub expires_at: DateTimeUtc,
}

/// Rows are joined in memory, never by the ORM.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
