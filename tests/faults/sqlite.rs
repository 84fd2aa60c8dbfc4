//! A process over SQLite is killed in the middle of publishes, again and again.

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use super::fleet::Fleet;
use super::row::Row;
use super::scene::Setting;
use super::team::Team;
use crate::support::program::{Served, roteiro};

/// How often it is killed.
const KILLS: u64 = 8;
/// How long it lives at least, and how much longer each time.
const LIFE: Duration = Duration::from_millis(700);
const LONGER: Duration = Duration::from_millis(37);

/// Starts it in this folder.
fn serve(folder: &Path) -> Served {
    let arguments = ["serve", "--listen", "127.0.0.1:0", "--log", "warn", "--writes-burst", "100000"];
    Served::of(roteiro(&arguments).arg("--data-dir").arg(folder).stderr(Stdio::null()))
}

/// Editors publish without a pause, so that every kill meets some at it.
pub async fn killed() -> Row {
    let folder = tempfile::tempdir().unwrap();
    let mut served = serve(folder.path());
    let fleet = Fleet::of([&served]);
    let team = Team::create(&fleet, &["--data-dir", folder.path().to_str().unwrap()]).await;
    let setting = Setting { name: "SQLite killed", fleet: &fleet, team: &team, publish_pause: Duration::ZERO, memory: None };
    let row = setting
        .play(async |_| {
            for number in 0..KILLS {
                tokio::time::sleep(LIFE + LONGER * number as u32).await;
                fleet.gone(0);
                served.child.kill().unwrap();
                served.child.wait().unwrap();
                served = serve(folder.path());
                fleet.open(0, &served);
            }
            Instant::now()
        })
        .await;
    row.must_bite()
}
