//! The program as a person starts it.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use super::SECRET_KEY;

/// The program with these arguments, in an environment of ours: with the key of the tests, so that it opens what their servers sealed.
pub fn roteiro(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_roteiro"));
    command.args(arguments).env_remove("ROTEIRO_DATABASE_URL").env_remove("ROTEIRO_REDIS_URL").env("ROTEIRO_SECRET_KEY", SECRET_KEY);
    command
}

/// Runs it to its end.
pub fn run(arguments: &[&str]) -> Output {
    roteiro(arguments).output().unwrap()
}

/// A running `roteiro serve`.
pub struct Served {
    pub child: Child,
    pub address: String,
    /// What it goes on to say; kept so that it can say it.
    _lines: Receiver<String>,
}

impl Served {
    /// Starts it on a free port and waits until it says where.
    pub fn start(data_dir: &Path, arguments: &[&str]) -> Self {
        Self::spawn(data_dir, arguments, Stdio::null())
    }

    /// The same, with what it logs in this file.
    pub fn logging(data_dir: &Path, arguments: &[&str], log: std::fs::File) -> Self {
        Self::spawn(data_dir, arguments, log.into())
    }

    fn spawn(data_dir: &Path, arguments: &[&str], log: Stdio) -> Self {
        Self::spawn_by(roteiro(&[]), data_dir, arguments, log)
    }

    /// The same by way of another program, which runs what it is given.
    pub fn start_by(mut launcher: Command, data_dir: &Path, arguments: &[&str], log: std::fs::File) -> Self {
        launcher.arg(env!("CARGO_BIN_EXE_roteiro")).env_remove("ROTEIRO_DATABASE_URL").env_remove("ROTEIRO_REDIS_URL");
        Self::spawn_by(launcher, data_dir, arguments, log.into())
    }

    fn spawn_by(mut command: Command, data_dir: &Path, arguments: &[&str], log: Stdio) -> Self {
        let data_dir = data_dir.to_str().unwrap();
        command.args(["serve", "--listen", "127.0.0.1:0", "--data-dir", data_dir]).args(arguments);
        Self::of(command.stderr(log))
    }

    /// Starts this command, which serves, and waits until it says where.
    pub fn of(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = channel();
        std::thread::spawn(move || output.lines().map_while(Result::ok).for_each(|line| drop(sender.send(line))));
        let address = loop {
            let line = lines.recv_timeout(Duration::from_mins(1)).expect("the server says where it listens");
            if let Some((_, url)) = line.split_once("http://").filter(|(_, url)| url.ends_with("/graphql")) {
                break url.trim_end_matches("/graphql").to_owned();
            }
        };
        Self { child, address, _lines: lines }
    }

    /// Asks it to stop, as a service manager does, and gives its exit code.
    pub fn stop(&mut self) -> Option<i32> {
        Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        self.child.wait().unwrap().code()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
