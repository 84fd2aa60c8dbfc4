//! Links under which anybody may read a trip.

use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "trip_share")]
pub struct Model {
    /// The secret of the link. What it opens lies in the same database, so it is kept as it is and can be shown again.
    #[sea_orm(primary_key, auto_increment = false)]
    pub token: String,
    /// What it opens.
    pub trip_id: Uuid,
    /// When it was made.
    pub created_at: DateTimeUtc,
    /// Since when it opens nothing any more.
    pub revoked_at: Option<DateTimeUtc>,
}

/// Rows are joined in memory, never by the ORM.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
