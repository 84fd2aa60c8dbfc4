//! `roteiro keys`: the keys that sign access tokens, and the operator's key that seals secrets.

use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::Outcome;
use crate::config::{Settings, StoreOptions};
use crate::identity::token::{revoke, rotate};
use crate::store::Access;

/// What to do with the keys.
#[derive(Subcommand)]
pub(super) enum KeysCommand {
    /// Add a key. It signs five minutes later, when every process knows it; nobody is signed out.
    Rotate(KeysOptions),
    /// Take a key out at once, because somebody else may have it: what it signed is refused everywhere within a second.
    Revoke(RevokeOptions),
    /// List the keys, the youngest first.
    List(KeysOptions),
    /// Seal the secrets in the database with the operator's key again, after another one was given.
    Reseal(KeysOptions),
}

/// Options of `keys`.
#[derive(Args)]
pub(super) struct KeysOptions {
    #[command(flatten)]
    store: StoreOptions,
}

/// Options of `keys revoke`.
#[derive(Args)]
pub(super) struct RevokeOptions {
    /// The key, as `keys list` names it.
    kid: String,
    #[command(flatten)]
    store: StoreOptions,
}

impl KeysCommand {
    const fn store(&self) -> &StoreOptions {
        match self {
            Self::Rotate(options) | Self::List(options) | Self::Reseal(options) => &options.store,
            Self::Revoke(options) => &options.store,
        }
    }
}

/// Does it.
pub(super) async fn run(command: KeysCommand) -> Outcome {
    let settings = Settings::of_store(command.store())?;
    let access = if matches!(command, KeysCommand::List(_)) { Access::Read } else { Access::Write };
    let store = super::open_existing(&settings, access).await?;
    let now = super::clock(&store).await?.now();
    match command {
        KeysCommand::Rotate(_) => {
            let rotated = rotate(&store, &super::vault(&settings, &store, now).await?, now).await?;
            println!("Key {} was added and signs from {}.", rotated.added, rotated.signs_from.format("%Y-%m-%dT%H:%M:%SZ"));
            for kid in rotated.removed {
                println!("Key {kid} was removed: no token of it holds any more.");
            }
        }
        KeysCommand::Revoke(RevokeOptions { kid, .. }) => {
            let added = revoke(&store, &super::vault(&settings, &store, now).await?, &kid, now).await?;
            println!("Key {kid} was revoked: no process takes its tokens a second from now. Key {added} was added.");
        }
        KeysCommand::List(_) => {
            for key in store.signing_keys().await? {
                println!("{}  made {}", key.kid, key.created_at.format("%Y-%m-%dT%H:%M:%SZ"));
            }
        }
        KeysCommand::Reseal(_) => {
            let vault = super::vault(&settings, &store, now).await?;
            vault.reseal(&store, now).await?;
            println!("All secrets are sealed with the key {}.", vault.key_name());
        }
    }
    store.close().await;
    Ok(ExitCode::SUCCESS)
}
