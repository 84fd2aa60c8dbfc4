//! A private Redis that can be killed, emptied, held and filled.

use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::postgres_server::free_port;

/// A server that keeps nothing.
pub struct RedisServer {
    port: u16,
    process: Child,
}

impl RedisServer {
    /// Starts an empty one and waits until it answers.
    pub fn start() -> Self {
        let port = free_port();
        let server = Self { port, process: spawn(port) };
        server.wait();
        server
    }

    /// Kills it, with everything it holds.
    pub fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// Starts it again, empty.
    pub fn resume(&mut self) {
        self.process = spawn(self.port);
        self.wait();
    }

    /// Holds it: connections stay, and nothing is answered.
    pub fn hold(&self) {
        self.signal("-STOP");
    }

    /// Lets it go on.
    pub fn go_on(&self) {
        self.signal("-CONT");
        self.wait();
    }

    /// Throws away everything it holds.
    pub fn empty(&self) {
        self.command(&["FLUSHALL"]);
        self.command(&["SCRIPT", "FLUSH"]);
    }

    /// Lets it take no more than so many bytes; 0 is no bound.
    pub fn bound(&self, bytes: u64) {
        self.command(&["CONFIG", "SET", "maxmemory", &bytes.to_string()]);
    }

    /// Whether it takes what it is given.
    pub fn takes(&self) -> bool {
        self.try_command(&["SET", "faults:trial", "1"]).is_ok()
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.port))
    }

    fn wait(&self) {
        for _ in 0..600 {
            if self.try_command(&["PING"]).is_ok() {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("Redis does not start");
    }

    fn command(&self, words: &[&str]) {
        self.try_command(words).unwrap();
    }

    fn try_command(&self, words: &[&str]) -> redis::RedisResult<redis::Value> {
        let client = redis::Client::open(format!("redis://{}/", self.address()))?;
        let mut connection = client.get_connection_with_timeout(Duration::from_secs(2))?;
        connection.set_read_timeout(Some(Duration::from_secs(2)))?;
        words.iter().fold(redis::Cmd::new(), |command, word| command.clone().arg(*word).clone()).query(&mut connection)
    }

    fn signal(&self, signal: &str) {
        assert!(Command::new("kill").args([signal, &self.process.id().to_string()]).status().unwrap().success());
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

fn spawn(port: u16) -> Child {
    Command::new("redis-server")
        .args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--daemonize", "no"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("redis-server was not found; please install: redis-server")
}
