//! Images that editors send, and what is known of them where records show them.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, integer, json_binary, json_binary_null, string, string_null, timestamp_with_time_zone, uuid};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("media_asset")
                    .col(uuid("id").primary_key())
                    .col(uuid("city_id"))
                    .col(string("sha256"))
                    .col(string("media_type"))
                    .col(integer("width"))
                    .col(integer("height"))
                    .col(big_integer("byte_length"))
                    .col(string("thumbhash"))
                    .col(json_binary("variants"))
                    .col(uuid("uploaded_by"))
                    .col(timestamp_with_time_zone("uploaded_at"))
                    .to_owned(),
            )
            .await?;
        for index in [
            // The same image twice in a city is one; and by its address from wherever it is asked for.
            Index::create().name("media_asset_image").table("media_asset").col("sha256").col("city_id").unique().to_owned(),
            // An editor's list: one city, the latest first.
            Index::create().name("media_asset_city").table("media_asset").col("city_id").col("uploaded_at").col("id").to_owned(),
        ] {
            manager.create_index(index).await?;
        }
        // SQLite takes one column a statement.
        for column in [string_null("thumbhash"), json_binary_null("variants")] {
            manager.alter_table(Table::alter().table("media").add_column(column).to_owned()).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in ["variants", "thumbhash"] {
            manager.alter_table(Table::alter().table("media").drop_column(column).to_owned()).await?;
        }
        manager.drop_table(Table::drop().table("media_asset").to_owned()).await
    }
}
