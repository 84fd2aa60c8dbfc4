//! When images were published and sent again, the bytes that are on their way out, and work that one process at a time does.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{string, timestamp_with_time_zone, timestamp_with_time_zone_null};

#[derive(DeriveMigrationName)]
pub struct Migration;

/// What records show already was published. Nobody has noted when; that it was is all that counts.
const PUBLISHED_BEFORE: &str = "\
UPDATE media_asset SET published_at = uploaded_at WHERE EXISTS (
    SELECT 1 FROM media WHERE media.thumbhash IS NOT NULL AND media.url IN (
        '/media/' || media_asset.sha256 || '.jpg', '/media/' || media_asset.sha256 || '.png', '/media/' || media_asset.sha256 || '.webp'
    )
)";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // SQLite takes one column a statement.
        for column in ["published_at", "sent_again_at"] {
            let column = timestamp_with_time_zone_null(column);
            manager.alter_table(Table::alter().table("media_asset").add_column(column).to_owned()).await?;
        }
        manager.get_connection().execute_unprepared(PUBLISHED_BEFORE).await?;
        // What an account sent in a day is counted at each image.
        let index = Index::create().name("media_asset_account").table("media_asset").col("uploaded_by").col("uploaded_at").to_owned();
        manager.create_index(index).await?;
        let removal = Table::create()
            .table("media_removal")
            .col(string("digest").primary_key())
            .col(timestamp_with_time_zone("at"))
            .col(timestamp_with_time_zone_null("done_at"))
            .to_owned();
        manager.create_table(removal).await?;
        let job = Table::create()
            .table("job")
            .col(string("name").primary_key())
            .col(timestamp_with_time_zone("begun_at"))
            .col(timestamp_with_time_zone_null("done_at"))
            .to_owned();
        manager.create_table(job).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["job", "media_removal"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        manager.drop_index(Index::drop().name("media_asset_account").table("media_asset").to_owned()).await?;
        for column in ["sent_again_at", "published_at"] {
            manager.alter_table(Table::alter().table("media_asset").drop_column(column).to_owned()).await?;
        }
        Ok(())
    }
}
