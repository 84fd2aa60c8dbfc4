//! What became of the links that records hold, as they were last tried.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{string, text, timestamp_with_time_zone, timestamp_with_time_zone_null};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let link = Table::create()
            .table("link")
            .col(text("url").primary_key())
            .col(string("outcome"))
            .col(timestamp_with_time_zone("checked_at"))
            .col(timestamp_with_time_zone_null("failing_since"))
            .to_owned();
        manager.create_table(link).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("link").to_owned()).await
    }
}
