//! What signing in needs beside accounts: secrets all processes share, and sign-ins that are under way at an OpenID provider.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{binary, string, timestamp_with_time_zone};

#[derive(DeriveMigrationName)]
pub struct Migration;

fn tables() -> [TableCreateStatement; 2] {
    let secret = Table::create()
        .table("server_secret")
        .col(string("name").primary_key())
        .col(binary("value"))
        .col(timestamp_with_time_zone("created_at"))
        .to_owned();
    let pending = Table::create()
        .table("pending_sign_in")
        .col(string("mark").primary_key())
        .col(string("provider"))
        .col(string("state"))
        .col(string("nonce"))
        .col(string("verifier"))
        .col(timestamp_with_time_zone("expires_at"))
        .to_owned();
    [secret, pending]
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in tables() {
            manager.create_table(table).await?;
        }
        // What is over is found without reading all.
        for (name, table, column) in
            [("sign_in_attempt_end", "sign_in_attempt", "window_ends_at"), ("pending_sign_in_expiry", "pending_sign_in", "expires_at")]
        {
            manager.create_index(Index::create().name(name).table(table).col(column).to_owned()).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_index(Index::drop().name("sign_in_attempt_end").table("sign_in_attempt").to_owned()).await?;
        for table in ["pending_sign_in", "server_secret"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}
