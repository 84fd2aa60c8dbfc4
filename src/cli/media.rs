//! `roteiro media`: removes images that nobody uses, as the server does once a day.

use std::path::Path;
use std::process::ExitCode;

use chrono::{SecondsFormat, TimeDelta};
use clap::{Args, Subcommand};

use super::Outcome;
use crate::config::{Settings, SweepOptions};
use crate::media::storage::{BucketAccess, MediaStorage, StorageError};
use crate::media::sweep::Sweep;
use crate::store::Access;

/// What is done with images.
#[derive(Subcommand)]
pub(super) enum MediaCommand {
    /// Remove images that no draft, no revision and no record names, that were never published, and that were sent long ago.
    Sweep(MediaSweepOptions),
}

/// Options of `media sweep`.
#[derive(Args)]
pub(super) struct MediaSweepOptions {
    #[command(flatten)]
    settings: SweepOptions,

    /// Say what would be removed, and remove nothing.
    #[arg(long)]
    dry_run: bool,
}

/// Does it.
pub(super) async fn run(command: MediaCommand) -> Outcome {
    let MediaCommand::Sweep(options) = command;
    let settings = Settings::of_media(&options.settings)?;
    let access = if options.dry_run { Access::Read } else { Access::Write };
    let store = super::open_existing(&settings, access).await?;
    let now = super::clock(&store).await?.now();
    let sweep = Sweep::new(store.clone(), storage(&settings)?, unused_for(&settings));
    let (images, done) = if options.dry_run { (sweep.unused(now).await?, "would be") } else { (sweep.run(now).await?.images, "were") };
    for image in &images {
        println!("{} of {}, {} bytes", image.address(), image.uploaded_at.to_rfc3339_opts(SecondsFormat::Secs, true), image.byte_length);
    }
    println!("{} images {done} removed", images.len());
    store.close().await;
    Ok(ExitCode::SUCCESS)
}

/// How long an image is kept that nobody uses.
pub(super) fn unused_for(settings: &Settings) -> TimeDelta {
    TimeDelta::days(settings.media_unused_days.get().into())
}

/// Where images are: in a bucket, in a folder that is named, or beside the database.
pub(super) fn storage(settings: &Settings) -> Result<MediaStorage, StorageError> {
    match &settings.media_url {
        Some(url) if url.starts_with("s3:") => {
            let access = BucketAccess {
                endpoint: settings.aws_endpoint_url.clone(),
                region: settings.aws_region.clone(),
                access_key_id: settings.aws_access_key_id.clone(),
                secret_access_key: settings.aws_secret_access_key.clone(),
                session_token: settings.aws_session_token.clone(),
            };
            MediaStorage::bucket(url, access)
        }
        Some(folder) => MediaStorage::folder(Path::new(folder)),
        None => MediaStorage::folder(&settings.data_dir.join("media")),
    }
}
