//! `roteiro backup` and `roteiro restore`: a store of SQLite as one file, and back.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::Outcome;
use crate::config::{Settings, StoreOptions};
use crate::store::files::private_folder;
use crate::store::{Access, Store, backup};

/// Options of `backup` and `restore`.
#[derive(Args)]
pub(super) struct BackupOptions {
    #[command(flatten)]
    store: StoreOptions,

    /// The backup.
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

/// Writes a backup, whether or not a server runs.
pub(super) async fn run(options: BackupOptions) -> Outcome {
    let settings = Settings::of_store(&options.store)?;
    let store = Store::open_for(&settings.database_url(), Access::Read).await?;
    store.missing_steps().await?;
    store.back_up(&options.file).await?;
    println!("{} is a whole copy of the store, {} bytes.", options.file.display(), std::fs::metadata(&options.file)?.len());
    println!("Images are not in it: copy their folder ({} by default) or bucket too.", settings.data_dir.join("media").display());
    store.close().await;
    Ok(ExitCode::SUCCESS)
}

/// Makes a store from a backup; never over one that is there.
pub(super) async fn restore(options: BackupOptions) -> Outcome {
    let settings = Settings::of_store(&options.store)?;
    if settings.database_url.is_none() {
        private_folder(&settings.data_dir)?;
    }
    backup::restore(&options.file, &settings.database_url()).await?;
    println!("The store was restored from {}. `roteiro serve` serves it.", options.file.display());
    Ok(ExitCode::SUCCESS)
}
