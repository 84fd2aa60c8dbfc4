//! How long the clock has gone on without a jump, for all processes: what has ended is forgotten for good only when it can be believed.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{string, timestamp_with_time_zone};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let watch = Table::create()
            .table("clock_watch")
            .col(string("name").primary_key())
            .col(timestamp_with_time_zone("seen_at"))
            .col(timestamp_with_time_zone("steady_since"))
            .to_owned();
        manager.create_table(watch).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("clock_watch").to_owned()).await
    }
}
