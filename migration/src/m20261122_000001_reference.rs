//! Cities, municipalities and the category tree: what every record refers to.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{double, integer, integer_null, json_binary, json_binary_null, string, string_null, text_null, uuid};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("municipality")
                    .col(integer("ibge").primary_key())
                    .col(string("name"))
                    .col(double("latitude"))
                    .col(double("longitude"))
                    .col(integer_null("population"))
                    .col(json_binary_null("boundary"))
                    .col(string("source"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("city")
                    .col(uuid("id").primary_key())
                    .col(string("slug").unique_key())
                    .col(integer("municipality_ibge"))
                    .col(double("latitude"))
                    .col(double("longitude"))
                    .col(string("time_zone"))
                    .col(integer("position"))
                    .col(string("dataset"))
                    .col(string("source"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("city_text")
                    .col(uuid("city_id"))
                    .col(string("language"))
                    .col(string("name"))
                    .col(text_null("summary"))
                    .primary_key(Index::create().col("city_id").col("language"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("category")
                    .col(string("slug").primary_key())
                    .col(string_null("parent_slug"))
                    .col(integer("position"))
                    .col(string("schema_org_type"))
                    .col(json_binary("osm_tags"))
                    .col(string_null("invtur_code"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("category_text")
                    .col(string("category_slug"))
                    .col(string("language"))
                    .col(string("name"))
                    .primary_key(Index::create().col("category_slug").col("language"))
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["category_text", "category", "city_text", "city", "municipality"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}
