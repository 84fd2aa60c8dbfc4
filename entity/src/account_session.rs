//! A sign-in of an account on one device: a family of refresh tokens, kept as those of a visitor are ([`super::session`]).

use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "account_session")]
pub struct Model {
    /// Identity of the family.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Whose.
    pub account_id: Uuid,
    /// By what it was begun: PASSWORD | PROVIDER.
    pub proven_by: String,
    /// SHA-256, base64url, of the refresh token that was used last; absent before the first use.
    pub last_mark: Option<String>,
    /// SHA-256, base64url, of the refresh token that was given out last.
    pub next_mark: String,
    /// That token, sealed under the one that was used last (`identity::secret::seal`); absent before the first use.
    pub next_sealed: Option<String>,
    /// When it began.
    pub created_at: DateTimeUtc,
    /// When it ends unless it is used before.
    pub expires_at: DateTimeUtc,
}

/// Rows are joined in memory, never by the ORM.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
