//! What editors work on: drafts, every revision of them, redirects of merged records, and visitors' suggestions.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    integer, integer_null, json_binary, string, text_null, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid, uuid_null,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

fn tables() -> Vec<TableCreateStatement> {
    let draft = Table::create()
        .table("draft")
        .col(uuid("id").primary_key())
        .col(string("record_type"))
        .col(uuid("city_id"))
        .col(string("slug"))
        .col(text_null("name"))
        .col(string("state"))
        .col(integer("version"))
        .col(json_binary("content"))
        .col(json_binary("translations"))
        .col(integer_null("published_version"))
        .col(integer_null("completeness"))
        .col(timestamp_with_time_zone_null("publish_at"))
        .col(timestamp_with_time_zone("created_at"))
        .col(uuid_null("created_by"))
        .col(timestamp_with_time_zone("updated_at"))
        .col(uuid_null("updated_by"))
        .to_owned();
    let revision = Table::create()
        .table("revision")
        .col(uuid("draft_id"))
        .col(integer("version"))
        .col(timestamp_with_time_zone("at"))
        .col(uuid_null("author_id"))
        .col(string("action"))
        .col(string("state"))
        .col(json_binary("content"))
        .col(json_binary("translations"))
        .col(text_null("comment"))
        .primary_key(Index::create().col("draft_id").col("version"))
        .to_owned();
    let redirect = Table::create()
        .table("redirect")
        .col(uuid("from_id").primary_key())
        .col(string("record_type"))
        .col(string("from_slug"))
        .col(uuid("to_id"))
        .col(timestamp_with_time_zone("at"))
        .to_owned();
    let suggestion = Table::create()
        .table("suggestion")
        .col(uuid("id").primary_key())
        .col(string("record_type"))
        .col(uuid("record_id"))
        .col(uuid("city_id"))
        .col(json_binary("changes"))
        .col(text_null("comment"))
        .col(string("state"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone_null("settled_at"))
        .col(uuid_null("settled_by"))
        .to_owned();
    vec![draft, revision, redirect, suggestion]
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in tables() {
            manager.create_table(table).await?;
        }
        for index in [
            // An editor's list: one city, the latest first.
            Index::create().name("draft_city").table("draft").col("city_id").col("updated_at").col("id").to_owned(),
            // What is due: the scheduler asks twice a second.
            Index::create().name("draft_due").table("draft").col("state").col("publish_at").to_owned(),
            Index::create().name("draft_slug").table("draft").col("record_type").col("slug").to_owned(),
            Index::create().name("redirect_to").table("redirect").col("to_id").to_owned(),
            Index::create().name("suggestion_city").table("suggestion").col("city_id").col("state").col("created_at").to_owned(),
            // The feed of changes asks what happened to a record before; and a city's log in its order.
            Index::create().name("change_record").table("change").col("record_id").col("number").to_owned(),
            Index::create().name("change_city").table("change").col("city_id").col("number").to_owned(),
        ] {
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for index in ["change_record", "change_city"] {
            manager.drop_index(Index::drop().name(index).table("change").to_owned()).await?;
        }
        for table in ["suggestion", "redirect", "revision", "draft"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}
