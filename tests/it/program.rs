//! The program as a person and a service manager meet it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;

use roteiro::store::Store;

use crate::support::TestServer;
use crate::support::database::{BOTH, Database, TestDatabase};
use crate::support::everything::assert_same;
use crate::support::program::{Served, roteiro, run};

/// What `serve` prints until it says how to stop it, and the address it serves.
struct Greeting {
    child: Child,
    text: String,
    address: String,
    /// Reads what it logs, so that it never waits for a full pipe.
    log: Option<JoinHandle<String>>,
}

impl Greeting {
    fn of(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut error = child.stderr.take().unwrap();
        let log = std::thread::spawn(move || {
            let mut log = String::new();
            error.read_to_string(&mut log).unwrap();
            log
        });
        let mut text = String::new();
        for line in BufReader::new(child.stdout.as_mut().unwrap()).lines() {
            let line = line.unwrap();
            text.push_str(&line);
            text.push('\n');
            if line.starts_with("Stop with") {
                break;
            }
        }
        let address = text.lines().find_map(|line| line.split_once("http://")?.1.strip_suffix("/graphiql")).unwrap_or_default().to_owned();
        Self { child, text, address, log: Some(log) }
    }

    fn ask(&self, query: &str) -> String {
        let body = format!("{{\"query\": \"{query}\"}}");
        let head = format!(
            "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            body.len()
        );
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.write_all((head + &body).as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// Stops it; its exit code and everything it said since.
    fn stop(mut self) -> (Option<i32>, String) {
        terminate(&self.child);
        let mut rest = String::new();
        self.child.stdout.take().unwrap().read_to_string(&mut rest).unwrap();
        rest.push_str(&self.log.take().unwrap().join().unwrap());
        (self.child.wait().unwrap().code(), rest)
    }
}

impl Drop for Greeting {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn terminate(child: &Child) {
    assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
}

fn serve(data_dir: &Path, arguments: &[&str]) -> Greeting {
    Greeting::of(roteiro(&["serve", "--listen", "127.0.0.1:0", "--data-dir", data_dir.to_str().unwrap()]).args(arguments))
}

const COUNTS: &str = "{ catalogue { version cities pointsOfInterest } }";

#[tokio::test]
async fn the_first_start_loads_the_demo_and_says_where_to_click_and_the_second_loads_nothing() {
    for kind in BOTH {
        let database = TestDatabase::create(kind).await;
        let folder = tempfile::tempdir().unwrap();
        // SQLite where nothing is configured: the file in the data folder, which is made.
        let data_dir = folder.path().join("new/folder");
        let arguments = match kind {
            Database::Sqlite => vec![],
            Database::Postgres => vec!["--database-url", database.url.as_str()],
        };
        let first = serve(&data_dir, &arguments);
        assert!(first.text.contains("First start"), "{}", first.text);
        assert!(first.text.contains("10 cities, 101 places"), "{}", first.text);
        for path in ["/", "/graphiql", "/graphql"] {
            assert!(first.text.contains(&format!("http://{}{path}\n", first.address)), "{path}\n{}", first.text);
        }
        let counts = first.ask(COUNTS);
        assert!(counts.starts_with("HTTP/1.1 200") && counts.contains("\"pointsOfInterest\":101"), "{counts}");
        let version = counts.split_once("\"version\":").unwrap().1.split(',').next().unwrap().to_owned();
        assert!(data_dir.join("media").is_dir(), "images have a folder");
        assert_eq!(first.stop().0, Some(0));
        let second = serve(&data_dir, &arguments);
        assert!(!second.text.contains("First start") && second.text.contains("10 cities, 101 places"), "{}", second.text);
        assert!(second.ask(COUNTS).contains(&version), "no new change");
        assert_eq!(second.stop().0, Some(0));
    }
}

#[tokio::test]
async fn without_the_demo_an_empty_catalogue_is_served() {
    for kind in BOTH {
        let database = TestDatabase::create(kind).await;
        let folder = tempfile::tempdir().unwrap();
        let server = serve(folder.path(), &["--no-demo", "--database-url", &database.url]);
        assert!(server.text.contains("0 cities, 0 places"), "{}", server.text);
        assert!(server.ask(COUNTS).contains("\"cities\":0,\"pointsOfInterest\":0"));
        assert!(
            server
                .ask("{ pointsOfInterest { totalCount nodes { id } } search(text: \\\"rio\\\") { totalCount } }")
                .contains("\"totalCount\":0")
        );
        // It stays empty: the demo belongs to the first start.
        assert_eq!(server.stop().0, Some(0));
        assert!(serve(folder.path(), &["--database-url", &database.url]).text.contains("0 cities, 0 places"));
    }
}

#[test]
fn an_option_is_taken_from_the_flag_before_the_environment_before_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let file = path("options.toml");
    std::fs::write(&file, format!("listen = \"127.0.0.3:0\"\ndata_dir = \"{}\"\nno_demo = true\nlog = \"warn\"\n", path("by-file")))
        .unwrap();
    let serves = |arguments: &[&str], environment: &[(&str, &str)]| {
        let mut command = roteiro(&["serve", "--config", &file]);
        Greeting::of(command.args(arguments).envs(environment.iter().copied()))
    };
    let by_file = serves(&[], &[]);
    assert!(
        by_file.address.starts_with("127.0.0.3:") && by_file.text.contains("by-file") && by_file.text.contains("0 places"),
        "{}",
        by_file.text
    );
    let by_environment = (path("by-environment"), path("by-flag"));
    let environment = [("ROTEIRO_LISTEN", "127.0.0.2:0"), ("ROTEIRO_DATA_DIR", by_environment.0.as_str())];
    let by_environment_server = serves(&[], &environment);
    assert!(
        by_environment_server.address.starts_with("127.0.0.2:") && by_environment_server.text.contains("by-environment"),
        "{}",
        by_environment_server.text
    );
    let by_flag = serves(&["--listen", "127.0.0.1:0", "--data-dir", &by_environment.1], &environment);
    assert!(by_flag.address.starts_with("127.0.0.1:") && by_flag.text.contains("by-flag"), "{}", by_flag.text);
    let mut named_by_environment = roteiro(&["serve"]);
    let named = Greeting::of(named_by_environment.env("ROTEIRO_CONFIG", &file));
    assert!(named.address.starts_with("127.0.0.3:"), "{}", named.text);
}

#[test]
fn a_switch_may_be_written_as_people_write_switches() {
    for (value, places) in [("1", "0 places"), ("true", "0 places"), ("0", "101 places"), ("false", "101 places")] {
        let folder = tempfile::tempdir().unwrap();
        let mut command = roteiro(&["serve", "--listen", "127.0.0.1:0", "--data-dir", folder.path().to_str().unwrap()]);
        let server = Greeting::of(command.env("ROTEIRO_NO_DEMO", value));
        assert!(server.text.contains(places), "ROTEIRO_NO_DEMO={value}: {}", server.text);
    }
}

#[test]
fn a_misspelt_key_or_a_wrong_value_in_the_file_is_an_error_that_names_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("options.toml");
    let file = file.to_str().unwrap();
    for (text, word) in [
        ("databse_url = \"sqlite:x\"", "databse_url"),
        ("listen = \"everywhere\"", "listen"),
        ("workers = -3", "workers"),
        ("= 1", "options.toml"),
    ] {
        std::fs::write(file, text).unwrap();
        for command in ["serve", "check"] {
            let output = run(&[command, "--config", file]);
            let error = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(1), "{text}: {error}");
            assert!(error.starts_with("roteiro: ") && error.contains(word), "{text}: {error}");
        }
    }
    let output = run(&["serve", "--config", "not/there.toml"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().contains("not/there.toml"));
}

#[test]
fn the_help_of_serve_lists_every_option_with_its_variable() {
    let output = run(&["serve", "--help"]);
    assert_eq!(output.status.code(), Some(0));
    let help = String::from_utf8(output.stdout).unwrap();
    for name in ["listen", "database-url", "redis-url", "data-dir", "no-demo", "config", "workers", "log", "media-url"] {
        let variable = format!("ROTEIRO_{}", name.to_uppercase().replace('-', "_"));
        assert!(help.contains(&format!("--{name}")) && help.contains(&variable), "{name}\n{help}");
    }
}

#[test]
fn the_end_waits_for_the_request_under_way_and_for_no_idle_connection() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Served::start(folder.path(), &[]);
    let mut idle = TcpStream::connect(&server.address).unwrap();
    let body = b"{\"query\": \"{ cities { slug } }\"}";
    let head = |connection: &str| {
        format!(
            "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nConnection: {connection}\r\nContent-Length: {}\r\n\r\n",
            body.len()
        )
    };
    // One that was used and stays open, as those of apps do.
    idle.write_all(&[head("keep-alive").as_bytes(), body].concat()).unwrap();
    assert!(idle.read(&mut [0; 9]).unwrap() > 0);
    let mut stream = TcpStream::connect(&server.address).unwrap();
    stream.write_all(head("close").as_bytes()).unwrap();
    stream.write_all(&body[..10]).unwrap();
    stream.flush().unwrap();
    // Whoever asks after it has taken the first half, on the same worker or not: one full request each.
    for _ in 0..8 {
        let mut other = TcpStream::connect(&server.address).unwrap();
        other.write_all(&[head("close").as_bytes(), body].concat()).unwrap();
        other.read_to_end(&mut Vec::new()).unwrap();
    }
    terminate(&server.child);
    // Long enough for an end that does not wait to be over.
    std::thread::sleep(std::time::Duration::from_millis(1_500));
    assert!(server.child.try_wait().unwrap().is_none(), "it ended under a request");
    stream.write_all(&body[10..]).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("chapada-dos-guimaraes"), "{answer}");
    assert_eq!(server.child.wait().unwrap().code(), Some(0));
}

#[tokio::test]
async fn the_same_seed_gives_the_same_places_on_both_databases_and_another_gives_others() {
    let mut catalogues = Vec::new();
    for (kind, seed) in [(Database::Sqlite, "3"), (Database::Postgres, "3"), (Database::Sqlite, "4")] {
        let database = TestDatabase::create(kind).await;
        let output = run(&["synth", "--places", "500", "--seed", seed, "--database-url", &database.url]);
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        let store = Store::open(&database.url).await.unwrap();
        let server = TestServer::over(database, store).await;
        catalogues.push(server.everything(&["cachoeira", "buriti"]).await);
    }
    assert_eq!(catalogues[0]["rest"]["catalogue"]["pointsOfInterest"], 500);
    assert_same(&catalogues[0], &catalogues[1], "SQLite and PostgreSQL");
    assert_ne!(catalogues[0], catalogues[2]);
}

#[test]
fn the_schema_it_prints_is_the_one_in_the_repository() {
    let output = run(&["schema"]);
    assert!(output.status.success());
    assert!(
        output.stdout == std::fs::read("schema.graphql").unwrap(),
        "schema.graphql is stale: run `cargo run -- schema > schema.graphql`"
    );
}

#[test]
fn a_database_that_cannot_be_opened_is_one_clear_line_without_its_password() {
    let addresses = [
        ("mysql://root:verysecret@127.0.0.1/x", "sqlite: or postgres:"),
        ("postgres://root:verysecret@127.0.0.1:1/x", "postgres://root@127.0.0.1:1/x"),
        ("postgres://root:verysecret@127.0.0.1:notaport/x", "database"),
        ("sqlite:/not/there/at/all.sqlite", "/not/there/at/all.sqlite"),
        ("", "sqlite: or postgres:"),
    ];
    for (address, word) in addresses {
        for command in [&["serve", "--listen", "127.0.0.1:0"][..], &["check"], &["migrate"], &["synth", "--places", "1"]] {
            let output = run(&[command, &["--database-url", address]].concat());
            let error = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(1), "{address}: {error}");
            assert_eq!(error.trim_end().lines().count(), 1, "{address}: {error}");
            assert!(error.starts_with("roteiro: ") && error.contains(word) && !error.contains("verysecret"), "{address}: {error}");
            assert_eq!(output.stdout, b"", "{address}");
        }
    }
}

#[tokio::test]
async fn no_password_is_printed_or_logged() {
    let database = TestDatabase::create(Database::Postgres).await;
    let url = with_password(&database.url);
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["--database-url", &url, "--redis-url", "redis://user:verysecret@127.0.0.1:1/", "--log", "trace"];
    let server = serve(folder.path(), &arguments);
    assert!(server.ask(COUNTS).contains("101"));
    // A change makes the follower speak.
    let output = run(&["synth", "--places", "10", "--database-url", &url, "--redis-url", "redis://user:verysecret@127.0.0.1:1/"]);
    assert!(output.status.success(), "{output:?}");
    crate::support::eventually("the change is seen", async || server.ask(COUNTS).contains("111")).await;
    let text = server.text.clone();
    let (code, rest) = server.stop();
    assert_eq!(code, Some(0));
    assert!(rest.contains("the catalogue changed"), "it logs");
    assert!(!text.contains("verysecret") && !rest.contains("verysecret"), "{text}{rest}");
    assert!(!String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).contains("verysecret"));
}

/// The test server trusts everybody from loopback, whatever the password.
fn with_password(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap();
    let (user, host) = rest.split_once('@').unwrap();
    let user = user.split(':').next().unwrap();
    format!("{scheme}://{user}:verysecret@{host}")
}
