//! `roteiro copy`: a whole store from one database into another, SQLite or PostgreSQL.

use std::process::ExitCode;

use clap::Args;

use super::Outcome;
use crate::store::copy::copy;
use crate::store::{Access, Store};

/// Options of `copy`.
#[derive(Args)]
pub(super) struct CopyOptions {
    /// Database that is read: `sqlite:FILE` or `postgres://user@host/name`.
    #[arg(long, value_name = "URL")]
    from: String,

    /// Database that is written, which must hold no store yet, or an empty one.
    #[arg(long, value_name = "URL")]
    to: String,
}

/// Copies, and reads both again to see that they hold the same.
pub(super) async fn run(options: CopyOptions) -> Outcome {
    let source = Store::open_for(&options.from, Access::Read).await?;
    source.must_be_current().await?;
    let target = Store::open(&options.to).await?;
    target.migrate().await?;
    let copied = copy(&source, &target, super::clock(&target).await?.now()).await?;
    println!("{} rows were copied from {} to {}.", copied.rows, source.name(), target.name());
    println!("Both hold the same, SHA-256 {}.", copied.digest);
    source.close().await;
    target.close().await;
    Ok(ExitCode::SUCCESS)
}
