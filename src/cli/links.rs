//! `roteiro links`: tries the links of published records, so that editors see which lead nowhere.

use std::process::ExitCode;

use chrono::TimeDelta;
use clap::Args;

use super::Outcome;
use crate::catalogue::reference::Tables;
use crate::catalogue::snapshot::Snapshot;
use crate::config::{Settings, StoreOptions};
use crate::editorial::link_rounds::{Due, Tried, try_due};
use crate::editorial::reach::Reach;
use crate::store::Access;
use crate::store::links::LinkOutcome;
use crate::supervise::Stop;

/// Options of `links`.
#[derive(Args)]
pub(super) struct LinksOptions {
    #[command(flatten)]
    store: StoreOptions,

    /// Try again what was tried within so many days.
    #[arg(long, default_value_t = 7)]
    older_than_days: u16,

    /// Ask addresses of this machine and of private networks too.
    #[arg(long)]
    private: bool,
}

/// Tries every link that was not tried lately; prints those that lead nowhere.
pub(super) async fn run(options: LinksOptions) -> Outcome {
    let store = super::open_existing(&Settings::of_store(&options.store)?, Access::Write).await?;
    let snapshot = Snapshot::load(&store, &Tables::bundled()?).await?;
    let clock = super::clock(&store).await?;
    let reach = if options.private { Reach::Anywhere } else { Reach::Public };
    let before = clock.now() - TimeDelta::days(i64::from(options.older_than_days));
    let tell = |url: &str, outcome| {
        if outcome == LinkOutcome::Broken {
            println!("leads nowhere: {url}");
        }
    };
    let due = Due { before, most: usize::MAX, reach, stop: Stop::never() };
    let Tried { links, asked, broken } = try_due(&store, &snapshot, due, &clock, tell).await?;
    println!("{links} links, {asked} tried now, {broken} of them lead nowhere");
    store.close().await;
    Ok(ExitCode::SUCCESS)
}
