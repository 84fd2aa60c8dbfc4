//! Keys that sign access tokens. All processes over one database sign and verify with the same ones.

use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "signing_key")]
pub struct Model {
    /// `kid` of the tokens it signs.
    #[sea_orm(primary_key, auto_increment = false)]
    pub kid: String,
    /// Private key, PKCS #8 DER (RFC 8410, Ed25519), sealed under the operator's key.
    pub private_key: Vec<u8>,
    /// When it was made; the youngest signs.
    pub created_at: DateTimeUtc,
}

impl std::fmt::Debug for Model {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The private key must not come into a log.
        formatter.debug_struct("signing_key::Model").field("kid", &self.kid).finish_non_exhaustive()
    }
}

/// Rows are joined in memory, never by the ORM.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
