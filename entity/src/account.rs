//! Somebody who works on the catalogue.

use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "account")]
pub struct Model {
    /// Identity.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// E-mail address, lower case; unique.
    pub email: String,
    /// Name shown to colleagues.
    pub name: String,
    /// PHC string of Argon2id; absent when the account signs in by a provider only.
    #[sea_orm(column_type = "Text", nullable)]
    pub password_hash: Option<String>,
    /// Secret of the second factor (RFC 6238), sealed under the operator's key; absent when there is none.
    pub totp_secret: Option<Vec<u8>>,
    /// When the second factor was shown to work; it is asked for from then on.
    pub totp_confirmed_at: Option<DateTimeUtc>,
    /// Time step of the code that was used last: no code works twice.
    pub totp_last_step: Option<i64>,
    /// How far those who set its password up, or let it be set up, could decide about accounts: `"EVERYWHERE"`, or identities of
    /// cities. A role beyond it is not in force for who signs in with the password. Absent while no invitation was accepted.
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub reach: Option<Json>,
    /// When the account was closed; absent while it is open.
    pub disabled_at: Option<DateTimeUtc>,
    /// When it was made.
    pub created_at: DateTimeUtc,
}

/// Rows are joined in memory, never by the ORM.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
