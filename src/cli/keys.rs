//! `roteiro keys`: the keys that sign access tokens.

use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::Outcome;
use crate::config::{Settings, StoreOptions};
use crate::identity::token::rotate;
use crate::store::Access;

/// What to do with the keys.
#[derive(Subcommand)]
pub(super) enum KeysCommand {
    /// Add a key. It signs five minutes later, when every process knows it; nobody is signed out.
    Rotate(KeysOptions),
    /// List the keys, the youngest first.
    List(KeysOptions),
}

/// Options of `keys`.
#[derive(Args)]
pub(super) struct KeysOptions {
    #[command(flatten)]
    store: StoreOptions,
}

/// Does it.
pub(super) async fn run(command: KeysCommand) -> Outcome {
    let (KeysCommand::Rotate(options) | KeysCommand::List(options)) = &command;
    let access = if matches!(command, KeysCommand::List(_)) { Access::Read } else { Access::Write };
    let store = super::open_existing(&Settings::of_store(&options.store)?, access).await?;
    match command {
        KeysCommand::Rotate(_) => {
            let rotated = rotate(&store, super::clock(&store).await?.now()).await?;
            println!("Key {} was added and signs from {}.", rotated.added, rotated.signs_from.format("%Y-%m-%dT%H:%M:%SZ"));
            for kid in rotated.removed {
                println!("Key {kid} was removed: no token of it holds any more.");
            }
        }
        KeysCommand::List(_) => {
            for key in store.signing_keys().await? {
                println!("{}  made {}", key.kid, key.created_at.format("%Y-%m-%dT%H:%M:%SZ"));
            }
        }
    }
    store.close().await;
    Ok(ExitCode::SUCCESS)
}
