//! Corrections that say the same are one row: what they say as a digest, and how often it was said.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{integer, string_null};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // SQLite takes one change of a table at a time.
        for column in [string_null("digest"), integer("times").default(1).take()] {
            manager.alter_table(Table::alter().table("suggestion").add_column(column).to_owned()).await?;
        }
        // Asked for each suggestion that comes in; and two of the same that come in at once are not two.
        let index = "CREATE UNIQUE INDEX suggestion_digest ON suggestion (digest) WHERE state = 'OPEN'";
        manager.get_connection().execute_unprepared(index).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_index(Index::drop().name("suggestion_digest").table("suggestion").to_owned()).await?;
        for column in ["times", "digest"] {
            manager.alter_table(Table::alter().table("suggestion").drop_column(column).to_owned()).await?;
        }
        Ok(())
    }
}
