//! `opening_hours.js`, the reference implementation of the OSM specification, asked through node. It shares no code with us.

use std::{
    io::Write,
    path::Path,
    process::{Command, Stdio},
    sync::OnceLock,
};

use serde_json::{Value, json};

/// A state as the oracle tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Open,
    Closed,
    Unknown,
}

/// The states over the asked time: each entry holds from its minute (of the Unix epoch) on; neighbours differ.
pub type Timeline = Vec<(i64, State)>;

/// What to evaluate: minutes count from the Unix epoch, `from` included, `to` not.
pub struct Request<'a> {
    pub values: &'a [String],
    pub zone: &'a str,
    pub from: i64,
    pub to: i64,
}

/// One answer a value, in order: its states, or why the oracle cannot read it.
pub fn evaluate(request: &Request) -> Vec<Result<Timeline, String>> {
    install();
    let probes: Vec<i64> = (request.from..request.to).step_by(4_567).collect();
    let question = json!({
        "from": request.from, "to": request.to, "probes": probes, "values": request.values,
        "address": {"country_code": "br", "state": "Mato Grosso"}, "position": {"lat": "-15.6", "lon": "-56.1"},
    });
    let mut node = Command::new("node")
        .arg("opening_hours.js")
        .current_dir(folder())
        .env("TZ", request.zone)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the oracle of the opening hours needs `node`, which cannot be started: install nodejs");
    node.stdin.take().expect("a pipe").write_all(question.to_string().as_bytes()).expect("node reads the request");
    let output = node.wait_with_output().expect("node ends");
    assert!(output.status.success(), "the oracle failed: {}", String::from_utf8_lossy(&output.stderr));
    let answers: Vec<_> = String::from_utf8(output.stdout)
        .expect("UTF-8")
        .lines()
        .map(|line| answer(&serde_json::from_str(line).expect("JSON"), request, &probes))
        .collect();
    assert_eq!(answers.len(), request.values.len(), "one answer a value");
    answers
}

/// The state a timeline gives at a minute.
pub fn state_at(timeline: &Timeline, minute: i64) -> State {
    let next = timeline.partition_point(|(from, _)| *from <= minute);
    timeline[next - 1].1
}

fn answer(line: &Value, request: &Request, probes: &[i64]) -> Result<Timeline, String> {
    if let Some(error) = line["error"].as_str() {
        return Err(error.to_owned());
    }
    let mut timeline = vec![(request.from, State::Closed)];
    for interval in line["intervals"].as_array().expect("intervals") {
        let minute = |index: usize| interval[index].as_f64().expect("a minute").floor() as i64;
        let state = if interval[2] == "open" { State::Open } else { State::Unknown };
        put(&mut timeline, minute(0), state);
        put(&mut timeline, minute(1).min(request.to), State::Closed);
    }
    // That the year ends is no change.
    timeline.retain(|(change, _)| *change < request.to);
    let told = line["probes"].as_str().expect("probes").chars();
    for (minute, told) in probes.iter().zip(told) {
        let derived = match state_at(&timeline, *minute) {
            State::Open => 'O',
            State::Closed => 'C',
            State::Unknown => 'U',
        };
        if derived != told {
            return Err(format!("its two entry points disagree at minute {minute}"));
        }
    }
    Ok(timeline)
}

/// Lets `state` hold from `minute` on; what begins where the last entry began takes its place.
pub fn put(timeline: &mut Timeline, minute: i64, state: State) {
    if timeline.last().is_some_and(|last| last.0 == minute) {
        timeline.pop();
    }
    if timeline.last().is_none_or(|last| last.1 != state) {
        timeline.push((minute, state));
    }
}

fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracle"))
}

/// Installs the locked packages once, unless they are there.
fn install() {
    static INSTALLED: OnceLock<()> = OnceLock::new();
    INSTALLED.get_or_init(|| {
        // Each test is a process of its own, and all of them begin together.
        let lock = std::fs::File::create(Path::new(env!("CARGO_TARGET_TMPDIR")).join("oracle.lock")).expect("a lock file");
        lock.lock().expect("the lock");
        if folder().join("node_modules/opening_hours/package.json").exists() {
            return;
        }
        let output = Command::new("npm")
            .args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"])
            .current_dir(folder())
            .output()
            .expect("the oracle of the opening hours needs `npm`, which cannot be started: install npm");
        assert!(output.status.success(), "npm ci failed in tests/oracle: {}", String::from_utf8_lossy(&output.stderr));
    });
}
