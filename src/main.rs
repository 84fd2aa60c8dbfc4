//! The program: parse and hand over.

use std::process::ExitCode;

use clap::Parser;
use roteiro::cli::{Cli, run};

fn main() -> ExitCode {
    run(Cli::parse())
}
