//! A sign-in on one device: a family of refresh tokens, of which two at most are live. Their marks are kept, and the younger one sealed
//! under the older, which is kept nowhere.

use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "session")]
pub struct Model {
    /// Identity of the family.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Whose.
    pub visitor_id: Uuid,
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
    /// When it was ended before that, because two parties held it. It opens nothing from then on.
    pub ended_at: Option<DateTimeUtc>,
}

/// Rows are joined in memory, never by the ORM.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
