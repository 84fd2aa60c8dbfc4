//! `roteiro migrate`: the schema of the store, up or down.

use std::process::ExitCode;

use clap::Args;

use super::Outcome;
use crate::config::{Settings, StoreOptions};
use crate::store::Store;

/// Options of `migrate`.
#[derive(Args)]
pub(super) struct MigrateOptions {
    #[command(flatten)]
    store: StoreOptions,

    /// Take the whole schema down, with everything in it.
    #[arg(long)]
    down: bool,
}

/// Migrates.
pub(super) async fn run(options: MigrateOptions) -> Outcome {
    let settings = Settings::of_store(&options.store)?;
    if options.down {
        Store::open(&settings.database_url()).await?.migrate_down().await?;
        println!("The schema was taken down.");
    } else {
        super::open(&settings).await?;
        println!("The schema is up to date.");
    }
    Ok(ExitCode::SUCCESS)
}
