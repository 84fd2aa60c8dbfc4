//! What visitors own: their sessions, their trips, the links to them; and the keys that sign their tokens.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    binary, integer, json_binary, string, string_null, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let key = Table::create()
            .table("signing_key")
            .col(string("kid").primary_key())
            .col(binary("private_key"))
            .col(timestamp_with_time_zone("created_at"))
            .to_owned();
        let session = Table::create()
            .table("session")
            .col(uuid("id").primary_key())
            .col(uuid("visitor_id"))
            .col(string_null("last_mark"))
            .col(string("next_mark"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone("expires_at"))
            .to_owned();
        let trip = Table::create()
            .table("trip")
            .col(uuid("id").primary_key())
            .col(uuid("visitor_id"))
            .col(string_null("idempotency_key"))
            .col(integer("version"))
            .col(timestamp_with_time_zone("created_at"))
            .to_owned();
        let version = Table::create()
            .table("trip_version")
            .col(uuid("trip_id"))
            .col(integer("version"))
            .col(json_binary("content"))
            .col(json_binary("plan"))
            .col(timestamp_with_time_zone("at"))
            .primary_key(Index::create().col("trip_id").col("version"))
            .to_owned();
        let share = Table::create()
            .table("trip_share")
            .col(string("token").primary_key())
            .col(uuid("trip_id"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone_null("revoked_at"))
            .to_owned();
        for table in [key, session, trip, version, share] {
            manager.create_table(table).await?;
        }
        for index in [
            Index::create().name("session_visitor").table("session").col("visitor_id").to_owned(),
            Index::create().name("session_expiry").table("session").col("expires_at").to_owned(),
            // A visitor's trips; and one trip a key.
            Index::create().name("trip_visitor").table("trip").col("visitor_id").col("idempotency_key").unique().to_owned(),
            Index::create().name("trip_share_trip").table("trip_share").col("trip_id").to_owned(),
        ] {
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["trip_share", "trip_version", "trip", "session", "signing_key"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}
