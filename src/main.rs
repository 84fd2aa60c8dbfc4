//! The program: parse and hand over.

use std::process::ExitCode;

use clap::Parser;
use mimalloc::MiMalloc;
use roteiro::cli::{Cli, run};

/// Answers are made of many small pieces: a fifth of a request went into the system's allocator.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    let started = std::time::Instant::now();
    run(Cli::parse(), started)
}
