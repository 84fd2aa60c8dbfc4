//! A sign-in that is under way at an OpenID provider. It is deleted when it is completed, so that nothing completes it twice. The last
//! four columns are of one that the provider vouched for and that waits for a code of ours; else they are absent together.

use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "pending_sign_in")]
pub struct Model {
    /// SHA-256, base64url, of the ticket that who began it holds.
    #[sea_orm(primary_key, auto_increment = false)]
    pub mark: String,
    /// The provider, as it is called in the settings.
    pub provider: String,
    /// SHA-256, base64url, of `state` (RFC 6749 §10.12).
    pub state: String,
    /// When it is too late.
    pub expires_at: DateTimeUtc,
    /// SHA-256, base64url, of the provider's code, which is spent.
    pub spent_code: Option<String>,
    /// Our account that is to be signed in.
    pub account_id: Option<Uuid>,
    /// `iss` of the account at the provider.
    pub issuer: Option<String>,
    /// `sub` of the account at the provider.
    pub subject: Option<String>,
}

/// Rows are joined in memory, never by the ORM.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
