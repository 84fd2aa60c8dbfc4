//! RxDB, the database inside many apps, follows the catalogue with its own GraphQL replication, unchanged: as npm has it.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::support::TestServer;
use crate::support::city_file::{file, place};
use crate::support::database::Database;

const FOLDER: &str = "tests/oracle/rxdb";
/// Longest wait for what must come.
const PATIENCE: Duration = Duration::from_secs(30);

fn node_packages() {
    if Path::new(FOLDER).join("node_modules/rxdb").is_dir() {
        return;
    }
    let output = Command::new("npm")
        .args(["ci", "--no-audit", "--no-fund", "--ignore-scripts", "--legacy-peer-deps"])
        .current_dir(FOLDER)
        .output()
        .expect("the app needs `npm`, which cannot be started: install npm");
    assert!(output.status.success(), "npm ci failed in {FOLDER}: {}", String::from_utf8_lossy(&output.stderr));
}

/// The app.
struct App {
    child: Child,
    input: ChildStdin,
    said: UnboundedReceiver<Value>,
    /// What it said before it was waited for.
    heard: Vec<Value>,
}

impl App {
    fn start(url: &str, batch: usize) -> Self {
        node_packages();
        let mut command = Command::new("node");
        command.args(["client.mjs", url, &batch.to_string()]).current_dir(FOLDER).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (input, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let (sender, said) = unbounded_channel();
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                let Ok(()) = sender.send(serde_json::from_str(&line).unwrap_or_else(|_| json!({ "error": line }))) else { return };
            }
        });
        Self { child, input, said, heard: Vec::new() }
    }

    fn tell(&mut self, word: &str) {
        writeln!(self.input, "{word}").unwrap();
    }

    /// Waits until the app has said this; what else it says may be waited for later, but an error is none.
    async fn says(&mut self, wanted: &Value) {
        while !self.heard.contains(wanted) {
            let said = tokio::time::timeout(PATIENCE, self.said.recv()).await;
            let Ok(Some(said)) = said else { panic!("it never said {wanted}, but {:?}", self.heard) };
            assert!(said.get("error").is_none(), "{said}");
            self.heard.push(said);
        }
        self.heard.retain(|said| said != wanted);
    }
}

impl Drop for App {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn places(named: &[(&str, &str)]) -> Value {
    let places: Vec<Value> = named.iter().map(|(slug, name)| place(slug, name, -14.72, -56.33)).collect();
    file("um", "nobres", &places, &[], &[])
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_pulls_hears_what_changes_and_resumes_where_it_stood() {
    let server = TestServer::bare_on(Database::Sqlite).await;
    server.import(&places(&[("a", "A"), ("b", "B"), ("c", "C"), ("d", "D"), ("e", "E")])).await;
    // Two at a time, so that the first load takes several pages.
    let mut app = App::start(&server.url("/graphql"), 2);
    app.says(&json!({ "has": { "a": "A", "b": "B", "c": "C", "d": "D", "e": "E" } })).await;
    app.says(&json!({ "pulled": 6 })).await;
    // Live.
    server.import(&places(&[("a", "A"), ("b", "Novo"), ("d", "D"), ("e", "E"), ("f", "F")])).await;
    app.says(&json!({ "has": { "a": "A", "b": "Novo", "d": "D", "e": "E", "f": "F" } })).await;
    server.import(&places(&[("a", "A"), ("b", "Novo"), ("c", "C"), ("d", "D"), ("e", "E")])).await;
    app.says(&json!({ "has": { "a": "A", "b": "Novo", "c": "C", "d": "D", "e": "E" } })).await;
    // Away, while much happens.
    app.tell("offline");
    app.says(&json!({ "offline": true })).await;
    server.import(&places(&[("a", "Longe"), ("c", "C"), ("d", "D"), ("g", "G")])).await;
    server.import(&places(&[("a", "Perto"), ("c", "C"), ("d", "D"), ("g", "G")])).await;
    app.tell("online");
    app.says(&json!({ "has": { "a": "Perto", "c": "C", "d": "D", "g": "G" } })).await;
    server.import(&places(&[("a", "Perto"), ("c", "C"), ("d", "D")])).await;
    app.says(&json!({ "has": { "a": "Perto", "c": "C", "d": "D" } })).await;
    app.tell("end");
}
