//! Published places, events and routes, their texts and their images.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    boolean_null, double, double_null, integer, integer_null, json_binary, json_binary_null, string, string_null, text, text_null,
    timestamp_with_time_zone_null, uuid, uuid_null,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

/// Rights and provenance, the same columns on every published record.
fn provenance(table: &mut TableCreateStatement) -> &mut TableCreateStatement {
    table
        .col(string("dataset"))
        .col(string("licence"))
        .col(string("credit"))
        .col(text("source"))
        .col(string("confidence"))
        .col(string_null("last_verified_on"))
        .col(json_binary("same_as"))
        .col(timestamp_with_time_zone_null("withdrawn_at"))
}

/// Texts of a record, a row a language; clustered by the record, as the snapshot reads them.
fn texts(table: &'static str, owner: &'static str) -> TableCreateStatement {
    Table::create()
        .table(table)
        .col(uuid(owner))
        .col(string("language"))
        .col(string("name"))
        .col(text_null("summary"))
        .col(text_null("description"))
        .primary_key(Index::create().col(owner).col("language"))
        .to_owned()
}

async fn create_places(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("point_of_interest")
        .col(uuid("id").primary_key())
        .col(string("slug").unique_key())
        .col(uuid("city_id"))
        .col(string("category_slug"))
        .col(double("latitude"))
        .col(double("longitude"))
        .col(integer_null("municipality_ibge"))
        .col(string_null("time_zone"))
        .col(json_binary_null("address"))
        .col(json_binary_null("contact"))
        .col(text_null("opening_hours"))
        .col(json_binary_null("opening_hours_evidence"))
        .col(json_binary_null("access_rules"))
        .col(json_binary_null("season"))
        .col(json_binary_null("prices"))
        .col(boolean_null("is_accessible_for_free"))
        .col(json_binary_null("accessibility"))
        .col(integer_null("typical_visit_minutes"));
    manager.create_table(provenance(&mut table).to_owned()).await?;
    // The snapshot loads a city at a time.
    manager.create_index(Index::create().name("point_of_interest_city").table("point_of_interest").col("city_id").to_owned()).await?;
    manager.create_table(texts("point_of_interest_text", "point_of_interest_id")).await
}

async fn create_events(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("event")
        .col(uuid("id").primary_key())
        .col(string("slug").unique_key())
        .col(uuid("city_id"))
        .col(string("category_slug"))
        .col(string_null("series"))
        .col(integer_null("edition"))
        .col(string_null("venue_name"))
        .col(uuid_null("venue_id"))
        .col(string("time_zone"))
        .col(string_null("dtstart"))
        .col(string_null("dtend"))
        .col(text_null("rrule"))
        .col(json_binary("rdate"))
        .col(json_binary("exdate"))
        .col(string("status"))
        .col(string_null("previous_start"))
        .col(boolean_null("is_accessible_for_free"));
    manager.create_table(provenance(&mut table).to_owned()).await?;
    manager.create_index(Index::create().name("event_city").table("event").col("city_id").to_owned()).await?;
    manager.create_table(texts("event_text", "event_id").col(text_null("note")).to_owned()).await
}

async fn create_routes(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("route")
        .col(uuid("id").primary_key())
        .col(string("slug").unique_key())
        .col(uuid("city_id"))
        .col(string("theme"))
        .col(string("mode"))
        .col(string_null("difficulty"))
        .col(json_binary_null("season"))
        .col(double_null("distance_meters"))
        .col(integer_null("duration_minutes"));
    manager.create_table(provenance(&mut table).to_owned()).await?;
    manager.create_index(Index::create().name("route_city").table("route").col("city_id").to_owned()).await?;
    manager.create_table(texts("route_text", "route_id")).await?;
    manager
        .create_table(
            Table::create()
                .table("route_stop")
                .col(uuid("route_id"))
                .col(integer("position"))
                .col(uuid("point_of_interest_id"))
                .col(json_binary_null("note"))
                .col(integer_null("stay_minutes"))
                .primary_key(Index::create().col("route_id").col("position"))
                .to_owned(),
        )
        .await
}

async fn create_media(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("media")
                .col(uuid("id").primary_key())
                .col(uuid("subject_id"))
                .col(integer("position"))
                .col(text("url"))
                .col(integer_null("width"))
                .col(integer_null("height"))
                .col(json_binary("alternative_text"))
                .col(string("licence"))
                .col(string("credit"))
                .col(text("source"))
                .to_owned(),
        )
        .await?;
    manager.create_index(Index::create().name("media_subject").table("media").col("subject_id").to_owned()).await
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create_places(manager).await?;
        create_events(manager).await?;
        create_routes(manager).await?;
        create_media(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["media", "route_stop", "route_text", "route", "event_text", "event", "point_of_interest_text", "point_of_interest"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}
