//! A private PostgreSQL that can be stopped, brought down at once, and replaced by its standby.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use crate::support::small_disk::is_root;

/// Who owns the database.
const USER: &str = "roteiro";
/// What the database is called.
const NAME: &str = "roteiro";

/// How a server is brought down.
#[derive(Clone, Copy)]
pub enum Stop {
    /// In order: sessions are ended and everything is written out.
    Fast,
    /// At once: what is needed is found in its log at the next start.
    Immediate,
}

/// A server with its data in a folder that goes with it.
pub struct PostgresServer {
    folder: TempDir,
    port: u16,
    is_running: bool,
}

impl PostgresServer {
    /// Starts an empty one with a database.
    pub fn start() -> Self {
        let mut server = Self { folder: folder(), port: free_port(), is_running: false };
        server.program("initdb", &["--username", USER, "--auth=trust", "--encoding=UTF8", "--no-sync", "-D", &server.cluster()]);
        server.resume();
        server.sql("postgres", &format!("CREATE DATABASE {NAME}"));
        server
    }

    /// A standby of this one that has everything which this one has acknowledged: from now on a commit waits for it.
    pub fn standby(&self) -> Self {
        let mut standby = Self { folder: folder(), port: free_port(), is_running: false };
        let port = self.port.to_string();
        let from = ["--host=127.0.0.1", "--port", &port, "--username", USER, "--write-recovery-conf", "--wal-method=stream", "--no-sync"];
        let cluster = standby.cluster();
        standby.program("pg_basebackup", &[&from[..], &["--checkpoint=fast", "--pgdata", &cluster]].concat());
        standby.resume();
        self.sql(NAME, "ALTER SYSTEM SET synchronous_standby_names = '*'");
        self.sql(NAME, "SELECT pg_reload_conf()");
        for _ in 0..600 {
            if self.sql(NAME, "SELECT sync_state FROM pg_stat_replication") == "sync" {
                return standby;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("the standby does not follow");
    }

    /// Makes a standby a server of its own right, which takes writes.
    pub fn promote(&self) {
        self.program("pg_ctl", &["promote", "-w", "-D", &self.cluster()]);
    }

    /// Starts it again and waits until it answers.
    pub fn resume(&mut self) {
        // What is written outlasts the server without being forced to the disk; what must outlast it is not left in its memory.
        let options = format!(
            "-p {} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c max_connections=100 -c fsync=off -c synchronous_commit=on",
            self.port
        );
        let log = self.folder.path().join("data/log");
        self.program("pg_ctl", &["start", "-w", "-t", "60", "-D", &self.cluster(), "-l", log.to_str().unwrap(), "-o", &options]);
        self.is_running = true;
    }

    /// Brings it down and waits until it is.
    pub fn stop(&mut self, how: Stop) {
        let mode = match how {
            Stop::Fast => "fast",
            Stop::Immediate => "immediate",
        };
        self.program("pg_ctl", &["stop", "-w", "-m", mode, "-D", &self.cluster()]);
        self.is_running = false;
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.port))
    }

    /// The address of its database.
    pub fn url(&self) -> String {
        format!("postgres://{USER}@{}/{NAME}", self.address())
    }

    /// What it answers to a statement.
    fn sql(&self, database: &str, statement: &str) -> String {
        let at = ["--host=127.0.0.1", "--port", &self.port.to_string(), "--username", USER].map(ToOwned::to_owned);
        let at: Vec<&str> = at.iter().map(String::as_str).collect();
        self.program("psql", &[&at[..], &["--no-psqlrc", "-Atc", statement, database]].concat()).trim().to_owned()
    }

    fn cluster(&self) -> String {
        self.folder.path().join("data/cluster").to_str().unwrap().to_owned()
    }

    /// Runs one of its programs to its end and gives what it said.
    fn program(&self, name: &str, arguments: &[&str]) -> String {
        let program = programs().join(name);
        // The server refuses to run as root.
        let mut command = if is_root() {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]).arg(&program);
            command
        } else {
            Command::new(&program)
        };
        // A server that `pg_ctl` starts keeps what it was given: a pipe would never end.
        let said = self.folder.path().join(format!("{name}.out"));
        let out = std::fs::File::create(&said).unwrap();
        let command = command.args(arguments).current_dir(self.folder.path().join("data")).stdin(Stdio::null());
        let status = command.stdout(out.try_clone().unwrap()).stderr(out).status().expect("please install: util-linux");
        let said = std::fs::read_to_string(said).unwrap();
        assert!(status.success(), "{name} {arguments:?} failed: {said}");
        said
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        if self.is_running && !std::thread::panicking() {
            self.stop(Stop::Immediate);
        } else if self.is_running {
            // A second panic would hide the first.
            let pid = std::fs::read_to_string(format!("{}/postmaster.pid", self.cluster())).unwrap_or_default();
            Command::new("kill").args(["-QUIT", pid.lines().next().unwrap_or_default()]).status().ok();
        }
    }
}

/// A folder whose `data` belongs to who runs the server.
fn folder() -> TempDir {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    std::fs::create_dir(&data).unwrap();
    if is_root() {
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o711)).unwrap();
        let status = Command::new("chown").arg("postgres").arg(&data).status().unwrap();
        assert!(status.success(), "there is no user postgres; please install: postgresql");
    }
    folder
}

/// Where the server's programs are: Debian keeps them outside PATH, one folder a version.
fn programs() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().filter_map(Result::ok);
    let number = |folder: &Path| folder.file_name().and_then(|name| name.to_str()?.parse::<u32>().ok());
    let newest = versions.map(|version| version.path()).filter(|folder| folder.join("bin/initdb").exists()).max_by_key(|it| number(it));
    newest.map(|folder| folder.join("bin")).or_else(on_path).expect("PostgreSQL's initdb was not found; please install: postgresql")
}

fn on_path() -> Option<PathBuf> {
    let found = Command::new("sh").args(["-c", "command -v initdb"]).output().ok().filter(|found| found.status.success())?;
    let program = std::fs::canonicalize(String::from_utf8(found.stdout).ok()?.trim()).ok()?;
    program.parent().map(Path::to_owned)
}

/// A port below those that connections take by themselves, so that a server which is away for a while finds it free when it is back.
pub fn free_port() -> u16 {
    static TRIED: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
    loop {
        let tried = TRIED.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let port = 20_000 + ((std::process::id().wrapping_mul(31) + tried) % 12_000) as u16;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}
