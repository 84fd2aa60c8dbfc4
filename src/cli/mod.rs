//! The command line: one file a command. A command prints what it did; a failure prints one line for people and exits 1.

mod backup;
mod check;
mod copy;
mod ending;
mod import;
mod keys;
mod links;
mod media;
mod migrate;
mod schema;
mod serve;
mod synth;
mod toptw;
mod user;

use std::path::Path;
use std::process::ExitCode;

use chrono::{DateTime, Utc};
use clap::{Parser, Subcommand};

use crate::clock::Clock;
use crate::config::{SecretKeySource, Settings, StoreOptions};
use crate::identity::rights::CommandLine;
use crate::identity::secret_key::{SecretKey, SecretKeyError};
use crate::identity::vault::{Vault, VaultError};
use crate::store::files::private_folder;
use crate::store::{Access, Store, StoreError};

/// Points of interest, events and routes of ten pilot cities in Mato Grosso, over GraphQL.
#[derive(Parser)]
#[command(name = "roteiro", version, about)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the API; the first start makes the store and loads the demo catalogue.
    Serve(Box<crate::config::ServeOptions>),
    /// Bring the store's schema up to date, or take it down.
    Migrate(migrate::MigrateOptions),
    /// Write the whole store into one file; a server may run meanwhile. For SQLite; PostgreSQL has `pg_dump`.
    Backup(backup::BackupOptions),
    /// Make a store from such a file; never over one that is there.
    Restore(backup::BackupOptions),
    /// Copy a whole store into another database, from SQLite to PostgreSQL or back, and see that both hold the same.
    Copy(copy::CopyOptions),
    /// Load catalogue files: what they hold is written, what their dataset no longer holds is withdrawn.
    Import(import::ImportOptions),
    /// List what is wrong in the store: unreadable hours, records kept out, repaired boundaries.
    Check(StoreOptions),
    /// Fill a store with made-up places, to measure growth.
    Synth(synth::SynthOptions),
    /// Try the links of published records, so that editors see which lead nowhere.
    Links(links::LinksOptions),
    /// The images that editors send: remove those that nobody uses.
    #[command(subcommand)]
    Media(media::MediaCommand),
    /// The keys that sign access tokens, and the one that seals secrets: list, add, revoke, seal anew.
    #[command(subcommand)]
    Keys(keys::KeysCommand),
    /// Who works on the catalogue: make accounts, give roles, close, reset.
    #[command(subcommand)]
    User(user::UserCommand),
    /// Print the GraphQL schema.
    Schema,
    /// Solve an instance of the team orienteering problem with time windows, by the search that plans trips.
    Toptw(toptw::ToptwOptions),
}

/// What a command fails with, told to the person at the terminal with all its causes.
type Outcome = Result<ExitCode, Box<dyn std::error::Error>>;

/// Runs a command of a process that began at `started`.
pub fn run(cli: Cli, started: std::time::Instant) -> ExitCode {
    let outcome = match cli.command {
        Command::Serve(options) => serve::run(&options),
        Command::Migrate(options) => block_on(migrate::run(options)),
        Command::Backup(options) => block_on(backup::run(options)),
        Command::Restore(options) => block_on(backup::restore(options)),
        Command::Copy(options) => block_on(copy::run(options)),
        Command::Import(options) => block_on(import::run(options)),
        Command::Check(options) => block_on(check::run(options)),
        Command::Synth(options) => block_on(synth::run(options)),
        Command::Links(options) => block_on(links::run(options)),
        Command::Media(command) => block_on(media::run(command)),
        Command::Keys(command) => block_on(keys::run(command)),
        Command::User(command) => block_on(user::run(command)),
        Command::Toptw(options) => return toptw::run(&options, started),
        Command::Schema => {
            schema::run();
            Ok(ExitCode::SUCCESS)
        }
    };
    outcome.unwrap_or_else(|error| {
        let mut told = error.to_string();
        let mut cause = error.source();
        while let Some(next) = cause {
            let text = next.to_string();
            // Some libraries repeat their cause in their own message.
            if !told.contains(&text) {
                told = format!("{told}: {text}");
            }
            cause = next.source();
        }
        eprintln!("roteiro: {told}");
        ExitCode::FAILURE
    })
}

/// The authority of whoever may run this program beside its database: such a person could write the tables by hand. It is the only way to
/// act without an account, and nothing that answers the network asks for it (`tests/it/schema.rs`).
pub const fn authority() -> CommandLine {
    CommandLine::new()
}

fn block_on(command: impl Future<Output = Outcome>) -> Outcome {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(command)
}

/// Opens the secrets of the store with the operator's key. Makes the key when nothing was sealed yet and none was given.
async fn vault(settings: &Settings, store: &Store, now: DateTime<Utc>) -> Result<Vault, Box<dyn std::error::Error>> {
    let others = settings.old_secret_key().map(read_key).transpose()?.into_iter().collect();
    let current = match settings.secret_key() {
        SecretKeySource::Default(file) if !file.exists() => match store.sealed_by().await? {
            None => make_key(&file)?,
            // Another process made it meanwhile.
            Some(_) if file.exists() => read_key(SecretKeySource::Default(file))?,
            Some(name) => return Err(VaultError::OtherKey(name).into()),
        },
        source => read_key(source)?,
    };
    Ok(Vault::open(store, current, others, now).await?)
}

fn read_key(source: SecretKeySource) -> Result<SecretKey, SecretKeyError> {
    match source {
        SecretKeySource::Text(text) => SecretKey::parse(&text),
        SecretKeySource::File(file) => SecretKey::read(&file),
        SecretKeySource::Default(file) => {
            SecretKey::shut(&file)?;
            SecretKey::read(&file)
        }
    }
}

fn make_key(file: &Path) -> Result<SecretKey, Box<dyn std::error::Error>> {
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let key = SecretKey::make(file)?;
    println!("First start: the key that seals secrets in the database is in {}. Keep a copy apart from the database's.", file.display());
    Ok(key)
}

/// Opens the store of the settings, makes it when it is missing, and brings its schema up to date.
async fn open(settings: &Settings) -> Result<Store, StoreError> {
    if settings.database_url.is_none() {
        private_folder(&settings.data_dir)?;
    }
    let store = Store::open(&settings.database_url()).await?;
    store.migrate().await?;
    Ok(store)
}

/// The clock that the processes over the store share.
async fn clock(store: &Store) -> Result<Clock, StoreError> {
    let clock = Clock::shared();
    store.tell_time(&clock).await?;
    Ok(clock)
}

/// Opens the store of the settings as it is; fails when there is none, or when it is behind this program.
async fn open_existing(settings: &Settings, access: Access) -> Result<Store, StoreError> {
    let store = Store::open_for(&settings.database_url(), access).await?;
    store.must_be_current().await?;
    Ok(store)
}
