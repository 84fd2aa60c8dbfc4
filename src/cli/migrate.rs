//! `roteiro migrate`: the schema of the store, up or down.

use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use clap::Args;

use super::Outcome;
use crate::config::{Settings, StoreOptions};
use crate::store::{Access, Store};

/// Options of `migrate`.
#[derive(Args)]
pub(super) struct MigrateOptions {
    #[command(flatten)]
    store: StoreOptions,

    /// Take the whole schema down, with everything in it.
    #[arg(long)]
    down: bool,

    /// Do not ask whether `--down` is meant.
    #[arg(long, requires = "down")]
    yes: bool,
}

/// Why the schema is left as it is.
#[derive(Debug, thiserror::Error)]
enum MigrateError {
    /// Nobody can be asked.
    #[error("`migrate --down` deletes everything in {0}: say --yes when that is meant")]
    Unconfirmed(String),
    /// Somebody was asked and did not agree.
    #[error("nothing was taken down")]
    Refused,
}

/// Migrates.
pub(super) async fn run(options: MigrateOptions) -> Outcome {
    let settings = Settings::of_store(&options.store)?;
    if options.down {
        let store = Store::open_for(&settings.database_url(), Access::Write).await?;
        store.missing_steps().await?;
        if !options.yes {
            confirm(store.name())?;
        }
        store.migrate_down().await?;
        store.close().await;
        println!("The schema was taken down.");
    } else {
        super::open(&settings).await?.close().await;
        println!("The schema is up to date.");
    }
    Ok(ExitCode::SUCCESS)
}

fn confirm(store: &str) -> Result<(), Box<dyn std::error::Error>> {
    let input = std::io::stdin();
    if !input.is_terminal() {
        return Err(MigrateError::Unconfirmed(store.to_owned()).into());
    }
    print!("Everything in {store} will be deleted. Type yes to go on: ");
    std::io::stdout().flush()?;
    let mut answer = String::new();
    input.read_line(&mut answer)?;
    if answer.trim() == "yes" { Ok(()) } else { Err(MigrateError::Refused.into()) }
}
