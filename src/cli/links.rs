//! `roteiro links`: tries the links of published records, so that editors see which lead nowhere.

use std::collections::BTreeSet;
use std::process::ExitCode;

use chrono::TimeDelta;
use clap::Args;
use futures::StreamExt;

use super::Outcome;
use crate::catalogue::reference::Tables;
use crate::catalogue::snapshot::Snapshot;
use crate::clock::Clock;
use crate::config::{Settings, StoreOptions};
use crate::editorial::links::{Reach, check, of_city};
use crate::store::links::LinkOutcome;

/// Addresses that are asked at once.
const AT_ONCE: usize = 8;

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
    let store = super::open(&Settings::of_store(&options.store)?).await?;
    let snapshot = Snapshot::load(&store, &Tables::bundled()?).await?;
    let (clock, reach) = (Clock::System, if options.private { Reach::Anywhere } else { Reach::Public });
    let since = clock.now() - TimeDelta::days(i64::from(options.older_than_days));
    let tried = store.tried_links().await?;
    let urls: BTreeSet<&str> = snapshot.shards.iter().flat_map(|shard| of_city(shard)).map(|(url, _)| url).collect();
    let due = urls.iter().copied().filter(|url| tried.get(*url).is_none_or(|at| *at <= since));
    let outcomes = futures::stream::iter(due).map(async |url| (url, check(url, reach).await)).buffer_unordered(AT_ONCE);
    let mut outcomes = std::pin::pin!(outcomes);
    let (mut asked, mut broken) = (0, 0);
    while let Some((url, outcome)) = outcomes.next().await {
        asked += 1;
        if outcome == LinkOutcome::Broken {
            broken += 1;
            println!("leads nowhere: {url}");
        }
        store.note_link(url.to_owned(), outcome, clock.now()).await?;
    }
    println!("{} links, {asked} tried now, {broken} of them lead nowhere", urls.len());
    store.close().await;
    Ok(ExitCode::SUCCESS)
}
