//! A PostgreSQL and a Redis of our own, which are stopped, restarted and frozen as nobody would one of somebody else's.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

/// A port that is free now.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Runs a command to its end, which must be a good one; gives what it printed.
fn run(command: &mut Command) -> String {
    let output = command.stdin(Stdio::null()).output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{command:?}: {said}");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// Where the programs of the newest PostgreSQL are; Debian keeps them outside PATH.
fn postgres_programs() -> PathBuf {
    let of_debian = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|entry| entry.path().join("bin"));
    #[expect(clippy::disallowed_methods, reason = "as a shell finds programs")]
    let in_path = std::env::var_os("PATH").unwrap_or_default();
    let has_all = |folder: &PathBuf| ["initdb", "pg_ctl", "pg_basebackup", "psql"].iter().all(|program| folder.join(program).is_file());
    let mut folders: Vec<PathBuf> = of_debian.chain(std::env::split_paths(&in_path)).filter(has_all).collect();
    folders.sort();
    folders.pop().expect("PostgreSQL's programs are there: install the package postgresql")
}

/// A cluster of PostgreSQL.
pub struct Postgres {
    programs: PathBuf,
    folder: TempDir,
    port: u16,
    is_running: bool,
}

impl Postgres {
    /// A new one, running.
    pub fn start_new() -> Self {
        let mut postgres = Self::placed();
        let data = postgres.data();
        run(postgres.program("initdb").arg("-D").arg(data).args(["--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-sync"]));
        postgres.configure("max_connections = 60\nwal_level = replica\nmax_wal_senders = 4\nfsync = off\n");
        postgres.start();
        postgres
    }

    /// A standby that streams from this one, running.
    pub fn standby(&self) -> Self {
        let mut standby = Self::placed();
        let (data, from) = (standby.data(), self.port.to_string());
        let mut copy = standby.program("pg_basebackup");
        run(copy.arg("-D").arg(data).args(["-R", "-X", "stream", "-c", "fast", "-h", "127.0.0.1", "-p", &from, "-U", "postgres"]));
        standby.configure("");
        standby.start();
        standby
    }

    /// A folder that the server's user may write to: it refuses to run as root.
    fn placed() -> Self {
        let (programs, folder) = (postgres_programs(), tempfile::tempdir().unwrap());
        if is_root() {
            run(Command::new("chown").arg("postgres").arg(folder.path()));
        }
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o700)).unwrap();
        Self { programs, folder, port: free_port(), is_running: false }
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn program(&self, name: &str) -> Command {
        let path = self.programs.join(name);
        let mut command = if is_root() {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]).arg(path);
            command
        } else {
            Command::new(path)
        };
        // Its user may not be allowed into our working folder.
        command.current_dir("/");
        command
    }

    fn configure(&self, lines: &str) {
        let own = format!("port = {}\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = ''\n{lines}", self.port);
        let mut file = std::fs::OpenOptions::new().append(true).open(self.data().join("postgresql.conf")).unwrap();
        file.write_all(own.as_bytes()).unwrap();
    }

    fn control(&self, arguments: &[&str]) {
        let log = self.folder.path().join("log");
        run(self.program("pg_ctl").args(arguments).arg("-w").arg("-D").arg(self.data()).arg("-l").arg(log).stdout(Stdio::null()));
    }

    /// Starts it, and waits until it answers.
    pub fn start(&mut self) {
        self.control(&["start"]);
        self.is_running = true;
    }

    /// Stops it: `fast` ends sessions in order, `immediate` is like a crash.
    pub fn stop(&mut self, mode: &str) {
        self.control(&["stop", "-m", mode]);
        self.is_running = false;
    }

    /// Makes a standby the primary.
    pub fn promote(&self) {
        run(self.program("pg_ctl").args(["promote", "-w", "-D"]).arg(self.data()));
    }

    /// Asks, and gives the answer as `psql` prints it.
    pub fn ask(&self, sql: &str) -> String {
        let url = self.url("postgres");
        run(self.program("psql").args(["--no-psqlrc", "-At", "-d", &url, "-c", sql]))
    }

    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    pub fn address(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.port))
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if self.is_running {
            self.program("pg_ctl").args(["stop", "-m", "immediate", "-D"]).arg(self.data()).stdout(Stdio::null()).status().ok();
        }
    }
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0)
}

/// A Redis.
pub struct Redis {
    child: Child,
    folder: TempDir,
    port: u16,
}

impl Redis {
    pub fn start_new() -> Self {
        let (folder, port) = (tempfile::tempdir().unwrap(), free_port());
        Self { child: launch(folder.path(), port), folder, port }
    }

    pub fn address(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.port))
    }

    /// Ends it as a crash does.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Starts it again, empty, where it was.
    pub fn start(&mut self) {
        self.child = launch(self.folder.path(), self.port);
    }

    /// Freezes it, or lets it go on.
    pub fn signal(&self, signal: &str) {
        run(Command::new("kill").args([signal, &self.child.id().to_string()]));
    }

    /// Says something, which must be taken well.
    pub fn say(&self, words: &str) {
        let mut stream = TcpStream::connect(self.address()).unwrap();
        stream.write_all(format!("{words}\r\n").as_bytes()).unwrap();
        let mut line = String::new();
        BufReader::new(stream).read_line(&mut line).unwrap();
        assert!(line.starts_with('+'), "{words}: {line}");
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn launch(folder: &Path, port: u16) -> Child {
    let mut server = Command::new("redis-server");
    server.args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--daemonize", "no", "--port", &port.to_string(), "--dir"]);
    let mut child =
        server.arg(folder).stdin(Stdio::null()).stdout(Stdio::null()).spawn().expect("redis-server is there: install the package");
    for _ in 0..500 {
        if TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return child;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    child.kill().ok();
    child.wait().ok();
    panic!("Redis does not answer on port {port}");
}
