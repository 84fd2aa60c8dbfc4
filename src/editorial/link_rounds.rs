//! Trying the links of published records, a bounded number at a time: by hand, or by the server in the background, where one process does
//! it for all. A server asks foreign hosts only when it was told to.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use futures::StreamExt;

use super::links::{Found, check, names_its_host, of_city};
use super::reach::Reach;
use crate::catalogue::holder::Holder;
use crate::catalogue::snapshot::Snapshot;
use crate::causes;
use crate::clock::Clock;
use crate::store::jobs::Job;
use crate::store::links::LinkOutcome;
use crate::store::{Store, StoreError};
use crate::supervise::Stop;

/// Addresses that are asked at once.
const AT_ONCE: usize = 8;
/// Addresses of one round of the server. With each of them silent, that takes less than the patience below.
const MOST_OF_A_ROUND: usize = 200;
/// The rounds of the server.
const ROUND: Job = Job { name: "link_check", every: TimeDelta::minutes(10), patience: TimeDelta::hours(1) };
/// How often each process asks whether it is its turn.
const LOOK: std::time::Duration = std::time::Duration::from_mins(1);

/// Which links are tried.
#[derive(Clone, Debug)]
pub struct Due {
    /// Those that were not tried since.
    pub before: DateTime<Utc>,
    /// At most so many, those first that were never tried, then those tried longest ago.
    pub most: usize,
    /// Which addresses may be asked.
    pub reach: Reach,
    /// Ends the round early: what was asked and not answered yet counts as not tried.
    pub stop: Stop,
}

/// What was tried.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tried {
    /// Links that records hold, each once.
    pub links: usize,
    /// Those asked now.
    pub asked: usize,
    /// Those of them that lead nowhere.
    pub broken: usize,
}

/// Tries the links that are due and keeps what came of it; `tell` hears of each at once.
pub async fn try_due(
    store: &Store,
    snapshot: &Snapshot,
    due: Due,
    clock: &Clock,
    mut tell: impl FnMut(&str, LinkOutcome),
) -> Result<Tried, StoreError> {
    let tried = store.tried_links().await?;
    let urls: BTreeSet<&str> = snapshot.shards.iter().flat_map(|shard| of_city(shard)).map(|(url, _)| url).collect();
    let is_due = |url: &&str| tried.get(*url).is_none_or(|at| *at <= due.before);
    let mut wanted: Vec<&str> = urls.iter().copied().filter(is_due).collect();
    wanted.sort_by_key(|url| tried.get(*url));
    wanted.truncate(due.most);
    let links = urls.len();
    let wanted: Vec<String> = wanted.into_iter().map(ToOwned::to_owned).collect();
    let outcomes = futures::stream::iter(wanted).map(|url| ask(url, due.reach)).buffer_unordered(AT_ONCE).take_until(due.stop.asked());
    let mut outcomes = std::pin::pin!(outcomes);
    let mut found = Tried { links, ..Tried::default() };
    let (mut nameless, mut are_names_found) = (Vec::new(), false);
    let mut note = async |url: String, outcome| {
        found.asked += 1;
        found.broken += usize::from(outcome == LinkOutcome::Broken);
        tell(&url, outcome);
        store.note_link(url, outcome, clock.now()).await
    };
    while let Some((url, came_of_it)) = outcomes.next().await {
        match came_of_it {
            Found::Outcome(outcome) => {
                are_names_found |= outcome == LinkOutcome::Works && names_its_host(&url);
                note(url, outcome).await?;
            }
            Found::NoName => nameless.push(url),
        }
    }
    if due.stop.is_asked() {
        return Ok(found);
    }
    // Where no name at all is found, it is not the sites that are gone.
    let outcome = if are_names_found { LinkOutcome::Broken } else { LinkOutcome::Unsure };
    for url in nameless {
        note(url, outcome).await?;
    }
    Ok(found)
}

async fn ask(url: String, reach: Reach) -> (String, Found) {
    let found = check(&url, reach).await;
    (url, found)
}

/// How the server tries links.
#[derive(Clone, Copy, Debug)]
pub struct Rounds {
    /// From one try of a link to the next.
    pub every: TimeDelta,
    /// Which addresses may be asked.
    pub reach: Reach,
}

/// Tries links as they fall due, in whichever process comes first, until it is asked to stop. What a process that ends has not tried is
/// due for the next.
pub async fn run(store: Store, holder: Arc<Holder>, clock: Clock, rounds: Rounds, stop: Stop) {
    loop {
        match round(&store, &holder, &clock, rounds, &stop).await {
            Ok(Some(tried)) if tried.asked > 0 => tracing::info!(asked = tried.asked, broken = tried.broken, "links were tried"),
            Ok(_) => {}
            Err(error) => tracing::warn!(cause = causes::chain(&error), "links cannot be tried now"),
        }
        if !stop.pause(LOOK).await {
            return;
        }
    }
}

/// One round, when it is this process's turn. One that is stopped in its midst falls to the next process that looks.
async fn round(store: &Store, holder: &Holder, clock: &Clock, rounds: Rounds, stop: &Stop) -> Result<Option<Tried>, StoreError> {
    let now = clock.now();
    // While the database is away nothing is due; the follower says that it is.
    if !store.begin_job(ROUND, now).await.unwrap_or(false) {
        return Ok(None);
    }
    let due = Due { before: now - rounds.every, most: MOST_OF_A_ROUND, reach: rounds.reach, stop: stop.clone() };
    let tried = try_due(store, &holder.current(), due, clock, |_, _| {}).await?;
    if stop.is_asked() {
        store.leave_job(ROUND, now, clock.now()).await?;
    } else {
        store.end_job(ROUND, now, clock.now()).await?;
    }
    Ok(Some(tried))
}
