//! The npm package `graphql-ws`, which most apps speak with over a WebSocket.

use std::path::Path;
use std::process::Command;

const FOLDER: &str = "tests/oracle/graphql-ws";

/// A script of the folder, about to be run by node with the package beside it; it is fetched once.
pub fn client(script: &str) -> Command {
    let lock = std::fs::File::create(Path::new(env!("CARGO_TARGET_TMPDIR")).join("graphql-ws.lock")).unwrap();
    lock.lock().unwrap();
    if !Path::new(FOLDER).join("node_modules/graphql-ws").is_dir() {
        let output = Command::new("npm")
            .args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"])
            .current_dir(FOLDER)
            .output()
            .expect("the client needs `npm`, which cannot be started: install npm");
        assert!(output.status.success(), "npm ci failed in {FOLDER}: {}", String::from_utf8_lossy(&output.stderr));
    }
    let mut node = Command::new("node");
    node.arg(script).current_dir(FOLDER);
    node
}
