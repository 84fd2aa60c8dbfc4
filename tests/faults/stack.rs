//! Three processes on a PostgreSQL and a Redis of their own, each behind a line that can be led elsewhere or slowed.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::json;
use tempfile::TempDir;

use super::client::{Client, Outcome};
use super::load::{Load, publish_one};
use super::processes::{Processes, create_publisher};
use super::servers::{Postgres, Redis};
use super::support::program::{Served, roteiro};
use super::support::proxy::Proxy;
use super::table::Row;

const PROCESSES: usize = 3;
/// How long the load runs before a fault, and after it.
const BEFORE: Duration = Duration::from_secs(1);
const AFTER: Duration = Duration::from_secs(1);
/// How long memory has to settle.
const SETTLE: Duration = Duration::from_millis(500);
/// How often it is looked whether something is seen.
const LOOK: Duration = Duration::from_millis(20);

pub struct Stack {
    pub processes: Arc<Processes>,
    pub postgres: Postgres,
    pub redis: Redis,
    pub database_line: Proxy,
    pub redis_line: Proxy,
    pub publisher: String,
    /// Memory after the calm run, in MB.
    calm_memory: f64,
    folder: TempDir,
    seen: usize,
}

impl Stack {
    pub async fn start() -> Self {
        let (postgres, redis) = (Postgres::start_new(), Redis::start_new());
        let (database_line, redis_line) = (Proxy::before(postgres.address()), Proxy::before(redis.address()));
        let folder = tempfile::tempdir().unwrap();
        let processes = Arc::new(Processes::new(PROCESSES));
        let mut stack = Self {
            processes,
            postgres,
            redis,
            database_line,
            redis_line,
            publisher: String::new(),
            calm_memory: f64::MAX,
            folder,
            seen: 0,
        };
        for number in 0..PROCESSES {
            stack.launch(number);
        }
        let account = create_publisher(roteiro(&[]), &stack.database_url());
        stack.publisher = sign_in(&stack.processes, account).await;
        stack
    }

    fn database_url(&self) -> String {
        format!("postgres://postgres@{}/postgres?sslmode=disable", self.database_line.address)
    }

    /// What every process is started with.
    pub fn arguments(&self) -> Vec<String> {
        let redis = format!("redis://{}/", self.redis_line.address);
        let bounds = ["--writes-burst", "1000000", "--writes-per-second", "100000"];
        let of_stack = ["--database-url".to_owned(), self.database_url(), "--redis-url".to_owned(), redis];
        of_stack.into_iter().chain(bounds.map(str::to_owned)).collect()
    }

    /// Starts a process in a place that is free.
    pub fn launch(&self, number: usize) {
        let arguments = self.arguments();
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let served = tokio::task::block_in_place(|| Served::start(self.folder.path(), &arguments));
        self.processes.put(number, served);
    }

    /// What there is without any fault, and how much memory that takes.
    pub async fn calm(&mut self) -> Row {
        let row = self.under("nothing fails", async |_| tokio::time::sleep(Duration::from_secs(5)).await).await;
        self.calm_memory = self.processes.memory();
        Row { memory: (self.calm_memory, self.calm_memory), ..row }
    }

    /// Runs a fault under load, from its begin to the moment when everything is there again, and judges.
    pub async fn under(&mut self, fault: &'static str, run: impl AsyncFnOnce(&mut Self)) -> Row {
        let load = Load::begin(fault, &self.processes, &self.publisher);
        tokio::time::sleep(BEFORE).await;
        run(self).await;
        self.seen += 1;
        let seen_again = seen_again(&load.client, &self.processes, &self.publisher, &format!("visto-{}", self.seen)).await;
        tokio::time::sleep(AFTER).await;
        let client = load.client.clone();
        let (reads, ledger) = load.end().await;
        let verdict = ledger.verdict(&client, &self.processes, &self.publisher).await;
        tokio::time::sleep(SETTLE).await;
        Row { fault, reads, verdict, seen_again, memory: (self.calm_memory, self.processes.memory()), wrong: Vec::new() }
    }

    /// After everything: nothing that was found after its own fault got lost by a later one, and the log has no gap.
    pub fn check_everything(&self) {
        let gaps = "SELECT count(*) = max(number) AND max(number) = (SELECT last FROM change_counter) FROM change";
        assert_eq!(self.postgres.ask(gaps), "t", "the log of changes has a gap");
        let twice =
            "SELECT count(*) FROM (SELECT content->>'title' FROM trip_version GROUP BY 1 HAVING count(DISTINCT trip_id) > 1) AS twice";
        assert_eq!(self.postgres.ask(twice), "0", "a trip is there twice");
    }
}

/// The token of who publishes.
pub async fn sign_in(processes: &Processes, (email, password): (&str, &str)) -> String {
    let query = "mutation($input: SignInInput!) { signIn(input: $input) { session { accessToken } userErrors { code message } } }";
    let input = json!({ "input": { "email": email, "password": password } });
    let data = Client::new().ask(&processes.any().unwrap(), None, query, input).await.data();
    data["signIn"]["session"]["accessToken"].as_str().unwrap_or_else(|| panic!("{data:#}")).to_owned()
}

/// From now until something that is published now is seen by every process that is up, in seconds.
pub async fn seen_again(client: &Client, processes: &Processes, publisher: &str, slug: &str) -> f64 {
    let begun = Instant::now();
    let draft = loop {
        if let Some(draft) = publish_one(client, processes, publisher, slug, None).await {
            break draft;
        }
        tokio::time::sleep(LOOK).await;
    };
    let query = "query($id: ID!) { node(id: $id) { ... on PointOfInterest { slug } } }";
    for address in processes.up() {
        let is_seen = async || {
            let answer = client.ask(&address, None, query, json!({ "id": draft })).await;
            matches!(answer, Outcome::Answered(data) if !data["node"]["slug"].is_null())
        };
        while !is_seen().await {
            assert!(begun.elapsed() < Duration::from_mins(1), "{address} never showed what was published");
            tokio::time::sleep(LOOK).await;
        }
    }
    begun.elapsed().as_secs_f64()
}
