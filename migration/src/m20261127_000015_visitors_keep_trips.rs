//! The successor of a refresh token, sealed, so that every use of the token gives the same one; when a session was ended before its
//! time; and codes by which a visitor takes trips along to another phone.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{string, string_null, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["session", "account_session"] {
            manager.alter_table(Table::alter().table(table).add_column(string_null("next_sealed")).to_owned()).await?;
        }
        manager.alter_table(Table::alter().table("session").add_column(timestamp_with_time_zone_null("ended_at")).to_owned()).await?;
        let code = Table::create()
            .table("transfer_code")
            .col(uuid("visitor_id").primary_key())
            .col(string("mark").unique_key())
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone("expires_at"))
            .to_owned();
        manager.create_table(code).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("transfer_code").to_owned()).await?;
        manager.alter_table(Table::alter().table("session").drop_column("ended_at").to_owned()).await?;
        for table in ["account_session", "session"] {
            manager.alter_table(Table::alter().table(table).drop_column("next_sealed").to_owned()).await?;
        }
        Ok(())
    }
}
