//! Three processes over a private PostgreSQL and a private Redis, each behind a proxy.

use std::fs::File;
use std::process::Command;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::fleet::Fleet;
use super::postgres_server::PostgresServer;
use super::redis_server::RedisServer;
use super::row::Row;
use super::scene::{Scene, Setting};
use super::team::Team;
use crate::support::program::{Served, roteiro};
use crate::support::proxy::Proxy;

/// How many processes there are.
pub const PROCESSES: usize = 3;
/// Between two drafts of one editor.
const PUBLISH_PAUSE: Duration = Duration::from_millis(300);

/// Everything that may fail.
pub struct Stack {
    // Dropped first: nobody complains of servers that are gone.
    pub processes: Vec<Served>,
    pub to_postgres: Proxy,
    pub to_redis: Proxy,
    pub postgres: PostgresServer,
    pub redis: RedisServer,
    pub fleet: Fleet,
    pub team: Team,
    /// Addresses as the processes know them.
    database_url: String,
    redis_url: String,
    folder: TempDir,
    /// What memory is held against.
    pub memory: Option<u64>,
}

impl Stack {
    /// Starts everything, with the demo catalogue.
    pub async fn start() -> Self {
        let (postgres, redis) = (PostgresServer::start(), RedisServer::start());
        let (to_postgres, database_url) = Proxy::before_database(&postgres.url());
        let to_redis = Proxy::before(redis.address());
        let redis_url = format!("redis://{}/", to_redis.address);
        let folder = tempfile::tempdir().unwrap();
        let start = |index| Served::of(&mut command(&folder, &database_url, &redis_url, index));
        let processes: Vec<_> = (0..PROCESSES).map(start).collect();
        let fleet = Fleet::of(&processes);
        let team = Team::create(&fleet, &["--database-url", &database_url]).await;
        Self { processes, to_postgres, to_redis, postgres, redis, fleet, team, database_url, redis_url, folder, memory: None }
    }

    /// Lets something happen to it under load.
    pub async fn play(&mut self, name: &str, fault: impl AsyncFnOnce(&mut Self, &mut Scene) -> Instant) -> Row {
        let (fleet, team) = (self.fleet.clone(), self.team.clone());
        let setting = Setting { name, fleet: &fleet, team: &team, publish_pause: PUBLISH_PAUSE, memory: self.memory };
        setting.play(async |scene| fault(self, scene).await).await
    }

    /// Kills a process where it is.
    pub fn kill(&mut self, index: usize) {
        self.fleet.gone(index);
        self.processes[index].child.kill().unwrap();
        self.processes[index].child.wait().unwrap();
    }

    /// Starts another one in its place.
    pub fn replace(&mut self, index: usize) {
        self.replace_with(index, |command| command);
    }

    /// The same, of a command that is changed before.
    pub fn replace_with(&mut self, index: usize, change: impl FnOnce(&mut Command) -> &mut Command) {
        let mut command = command(&self.folder, &self.database_url, &self.redis_url, index);
        self.processes[index] = Served::of(change(&mut command));
        self.fleet.open(index, &self.processes[index]);
    }

    /// What the processes complained of, the last lines of each.
    pub fn complaints(&self) -> String {
        let of = |index: usize| {
            let log = std::fs::read_to_string(self.folder.path().join(format!("{index}.log"))).unwrap_or_default();
            let lines: Vec<&str> = log.lines().collect();
            format!("process {index}:\n{}\n", lines[lines.len().saturating_sub(30)..].join("\n"))
        };
        (0..PROCESSES).map(of).collect()
    }
}

fn command(folder: &TempDir, database_url: &str, redis_url: &str, index: usize) -> Command {
    let data_dir = folder.path().join("data");
    let log = File::options().create(true).append(true).open(folder.path().join(format!("{index}.log"))).unwrap();
    let mut command = roteiro(&["serve", "--listen", "127.0.0.1:0", "--log", "warn", "--workers", "2", "--writes-burst", "100000"]);
    command.arg("--data-dir").arg(data_dir).args(["--database-url", database_url, "--redis-url", redis_url]).stderr(log);
    command
}
