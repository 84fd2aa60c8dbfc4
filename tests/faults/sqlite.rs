//! A process on SQLite that is killed in the midst of publishing.

use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;

use super::load::Load;
use super::processes::{Processes, create_publisher};
use super::stack::{seen_again, sign_in};
use super::support::program::{Served, roteiro};
use super::table::Row;

const KILLS: usize = 6;

fn launch(processes: &Processes, folder: &TempDir) {
    let served =
        tokio::task::block_in_place(|| Served::start(folder.path(), &["--writes-burst", "1000000", "--writes-per-second", "100000"]));
    processes.put(0, served);
}

/// Killed six times, each time at another moment of what is being written.
pub async fn killed_while_publishing() -> Row {
    let (folder, processes) = (tempfile::tempdir().unwrap(), Arc::new(Processes::new(1)));
    launch(&processes, &folder);
    let url = format!("sqlite:{}", folder.path().join("roteiro.sqlite").display());
    let publisher = sign_in(&processes, create_publisher(roteiro(&[]), &url)).await;
    let load = Load::begin("SQLite, the process killed six times while it publishes", &processes, &publisher);
    tokio::time::sleep(Duration::from_secs(3)).await;
    let before = processes.memory();
    for number in 0..KILLS as u64 {
        tokio::time::sleep(Duration::from_millis(1_500 + 137 * number)).await;
        processes.kill(0);
        launch(&processes, &folder);
    }
    let seen_again = seen_again(&load.client, &processes, &publisher, "visto-sqlite").await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let client = load.client.clone();
    let (reads, ledger) = load.end().await;
    let verdict = ledger.verdict(&client, &processes, &publisher).await;
    let memory = (before, processes.memory());
    Row { fault: "SQLite: killed six times while it publishes", reads, verdict, seen_again, memory, wrong: Vec::new() }
}
