//! What a sign-in at an OpenID provider needs when a code of ours is asked for after the provider vouched: its code is spent by then, so
//! for whom it vouched is kept until the sign-in is completed or too late.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{string_null, uuid_null};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in [string_null("spent_code"), uuid_null("account_id"), string_null("issuer"), string_null("subject")] {
            manager.alter_table(Table::alter().table("pending_sign_in").add_column(column).to_owned()).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in ["subject", "issuer", "account_id", "spent_code"] {
            manager.alter_table(Table::alter().table("pending_sign_in").drop_column(column).to_owned()).await?;
        }
        Ok(())
    }
}
