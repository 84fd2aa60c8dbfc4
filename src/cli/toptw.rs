//! `roteiro toptw`: one instance of the (team) orienteering problem with time windows, one JSON object on standard output.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Args;

use crate::toptw::{self, Decimals, Run};

/// Exit status for a file or option that cannot be used.
const BAD_INPUT: u8 = 2;
/// Longest time a search may take.
const MAX_SECONDS: f64 = 86_400.0;

/// Options of `toptw`.
#[derive(Args)]
pub(super) struct ToptwOptions {
    /// Instance in the format of KU Leuven's benchmark.
    #[arg(long, value_name = "FILE")]
    instance: PathBuf,

    /// Decimals to which travel times are rounded down: 1 for Solomon's instances, 2 for Cordeau's.
    #[arg(long, value_name = "1|2", value_parser = clap::value_parser!(u8).range(1..=2))]
    decimals: u8,

    /// Tours allowed.
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..=31))]
    tours: u32,

    /// Seconds after which the best tours so far are printed, counted from the start of the process.
    #[arg(long, value_name = "SECONDS")]
    time_limit: f64,

    /// Seed: the same seed and iterations give the same tours.
    #[arg(long, default_value_t = 1)]
    seed: u64,

    /// Iterations to do; until the time is up when absent.
    #[arg(long, value_name = "COUNT")]
    iterations: Option<u64>,
}

/// Solves and prints; exits 2 with a message for what cannot be read.
pub(super) fn run(options: &ToptwOptions, started: Instant) -> ExitCode {
    match solve(options, started) {
        Ok(json) => {
            println!("{json}");
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("roteiro: {}: {message}", options.instance.display());
            ExitCode::from(BAD_INPUT)
        }
    }
}

fn solve(options: &ToptwOptions, started: Instant) -> Result<String, String> {
    if !(options.time_limit > 0.0 && options.time_limit <= MAX_SECONDS) {
        return Err(format!("--time-limit is more than 0 and at most {MAX_SECONDS} seconds"));
    }
    let text = std::fs::read_to_string(&options.instance).map_err(|error| error.to_string())?;
    let decimals = if options.decimals == 1 { Decimals::One } else { Decimals::Two };
    let instance = toptw::Instance::read(&text, decimals).map_err(|error| error.to_string())?;
    let run = Run {
        tours: options.tours as usize,
        seed: options.seed,
        started,
        time_limit: Duration::from_secs_f64(options.time_limit),
        iterations: options.iterations,
    };
    let report = toptw::run(&instance, &run).map_err(|error| error.to_string())?;
    serde_json::to_string(&report).map_err(|error| error.to_string())
}
