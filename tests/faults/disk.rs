//! A process on SQLite whose disk is full for a while, and that is killed afterwards.

use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use super::load::Load;
use super::processes::{Processes, create_publisher};
use super::stack::{seen_again, sign_in};
use super::support::SECRET_KEY;
use super::support::program::Served;
use super::support::small_disk::SmallDisk;
use super::table::Row;

const FULL: Duration = Duration::from_secs(5);

fn launch(processes: &Processes, disk: &SmallDisk) {
    let data_dir = disk.path().join("data");
    let mut command = disk.command(env!("CARGO_BIN_EXE_roteiro"));
    command.args(["serve", "--listen", "127.0.0.1:0", "--data-dir", data_dir.to_str().unwrap()]);
    command.args(["--writes-burst", "1000000", "--writes-per-second", "100000"]).stderr(Stdio::null());
    command.env_remove("ROTEIRO_DATABASE_URL").env_remove("ROTEIRO_REDIS_URL").env("ROTEIRO_SECRET_KEY", SECRET_KEY);
    processes.put(0, tokio::task::block_in_place(|| Served::of(&mut command)));
}

/// Filled to 100 KB, freed after five seconds, and at the end killed: what was acknowledged is in the file.
pub async fn full() -> Row {
    let (disk, processes) = (SmallDisk::new(48), Arc::new(Processes::new(1)));
    launch(&processes, &disk);
    let mut command = disk.command(env!("CARGO_BIN_EXE_roteiro"));
    command.env("ROTEIRO_SECRET_KEY", SECRET_KEY);
    let url = format!("sqlite:{}", disk.path().join("data/roteiro.sqlite").display());
    let publisher = sign_in(&processes, create_publisher(command, &url)).await;
    let load = Load::begin("SQLite on a full disk", &processes, &publisher);
    tokio::time::sleep(Duration::from_secs(3)).await;
    let before = processes.memory();
    disk.fill(100 * 1_024);
    tokio::time::sleep(FULL).await;
    disk.free();
    let seen_again = seen_again(&load.client, &processes, &publisher, "visto-disco").await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let client = load.client.clone();
    let (reads, ledger) = load.end().await;
    let memory = (before, processes.memory());
    // Nothing is left to a graceful end.
    processes.kill(0);
    launch(&processes, &disk);
    let verdict = ledger.verdict(&client, &processes, &publisher).await;
    let mut wrong = Vec::new();
    if verdict.refused + verdict.unknown == 0 {
        wrong.push("the disk was never full".to_owned());
    }
    Row { fault: "SQLite: the disk full for 5 s, then killed", reads, verdict, seen_again, memory, wrong }
}
