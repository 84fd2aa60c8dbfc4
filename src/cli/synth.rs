//! `roteiro synth`: a store of made-up places, to measure growth.

use std::process::ExitCode;

use clap::Args;

use super::Outcome;
use crate::config::{Settings, StoreOptions};
use crate::ingest::{demo, synth};
use crate::store::wake::Announcer;

/// Options of `synth`.
#[derive(Args)]
pub(super) struct SynthOptions {
    #[command(flatten)]
    store: StoreOptions,

    /// How many places.
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    places: u32,

    /// Seed: the same seed gives the same places.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Fills the store.
pub(super) async fn run(options: SynthOptions) -> Outcome {
    let settings = Settings::of_store(&options.store)?;
    let store = super::open(&settings).await?;
    let clock = super::clock(&store).await?;
    demo::load_first_time(&store, false, clock.now()).await?;
    synth::fill(&store, options.places, options.seed, clock.now()).await?;
    Announcer::new(settings.redis_url.as_deref())?.announce().await;
    store.close().await;
    println!("{} places of seed {} are in the store.", options.places, options.seed);
    Ok(ExitCode::SUCCESS)
}
