//! The disk under SQLite is full for a while, and the process is killed once there is space again: nothing is left to a graceful end.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::fleet::Fleet;
use super::row::Row;
use super::scene::Setting;
use super::team::Team;
use crate::support::SECRET_KEY;
use crate::support::program::Served;
use crate::support::small_disk::SmallDisk;

/// How long it is full.
const FULL: Duration = Duration::from_secs(6);
/// What is left, in bytes: it fills up while there are writes under way.
const LEFT: u64 = 100 * 1_024;

/// The program, where the disk is seen.
fn program(disk: &SmallDisk) -> Command {
    let mut command = disk.command(env!("CARGO_BIN_EXE_roteiro"));
    command.env_remove("ROTEIRO_DATABASE_URL").env_remove("ROTEIRO_REDIS_URL").env("ROTEIRO_SECRET_KEY", SECRET_KEY);
    command
}

fn serve(disk: &SmallDisk, data_dir: &Path) -> Served {
    let mut command = program(disk);
    command.args(["serve", "--listen", "127.0.0.1:0", "--log", "warn", "--writes-burst", "100000", "--data-dir"]).arg(data_dir);
    Served::of(command.stderr(Stdio::null()))
}

/// Filled, freed, and killed.
pub async fn full() -> Row {
    let disk = SmallDisk::new(64);
    let data_dir = disk.path().join("data");
    let mut served = serve(&disk, &data_dir);
    let fleet = Fleet::of([&served]);
    let team = Team::create_by(program(&disk), &fleet, &["--data-dir", data_dir.to_str().unwrap()]).await;
    let setting = Setting { name: "disk full", fleet: &fleet, team: &team, publish_pause: Duration::from_millis(300), memory: None };
    let row = setting
        .play(async |scene| {
            let draft = scene.draft().await;
            disk.fill(LEFT);
            tokio::time::sleep(FULL).await;
            let told = scene.readiness(0).await;
            scene.claim(told["writing"] == false && told["writeTrouble"] == "FULL", "/readyz says that the disk is full");
            disk.free();
            let freed = Instant::now();
            scene.publish(draft, freed).await;
            fleet.gone(0);
            served.child.kill().unwrap();
            served.child.wait().unwrap();
            served = serve(&disk, &data_dir);
            fleet.open(0, &served);
            Instant::now()
        })
        .await;
    row.must_bite()
}
