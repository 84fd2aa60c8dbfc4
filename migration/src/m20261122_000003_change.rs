//! The change log and the one row its numbers come from.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, integer, string, timestamp_with_time_zone, uuid_null};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("change")
                    .col(big_integer("number").primary_key())
                    .col(timestamp_with_time_zone("at"))
                    .col(uuid_null("city_id"))
                    .col(string("record_type"))
                    .col(uuid_null("record_id"))
                    .col(string("kind"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(Table::create().table("change_counter").col(integer("id").primary_key()).col(big_integer("last")).to_owned())
            .await?;
        manager
            .execute(Query::insert().into_table("change_counter").columns(["id", "last"]).values_panic([1.into(), 0i64.into()]).to_owned())
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["change_counter", "change"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}
