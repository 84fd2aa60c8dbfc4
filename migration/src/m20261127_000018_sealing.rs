//! Secrets are sealed under the operator's key: which one, and sign-ins under way at a provider without the secrets that follow from the
//! ticket. What is in the clear is sealed by the first process that has the key, which no migration has.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{string, timestamp_with_time_zone};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let sealing = Table::create()
            .table("sealing")
            .col(string("name").primary_key())
            .col(string("key_name"))
            .col(timestamp_with_time_zone("sealed_at"))
            .to_owned();
        manager.create_table(sealing).await?;
        for column in ["nonce", "verifier"] {
            manager.alter_table(Table::alter().table("pending_sign_in").drop_column(column).to_owned()).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in ["nonce", "verifier"] {
            let column = string(column).default("").to_owned();
            manager.alter_table(Table::alter().table("pending_sign_in").add_column(column).to_owned()).await?;
        }
        manager.drop_table(Table::drop().table("sealing").to_owned()).await
    }
}
