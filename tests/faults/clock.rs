//! The clock of one process steps two hours forth and back: nothing comes out early, its tokens hold everywhere, and it says that its
//! clock is off.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use roteiro::clock::Clock;
use serde_json::{Value, json};

use super::client::{Answer, Question};
use super::row::Row;
use super::scene::Scene;
use super::stack::{PROCESSES, Stack};
use super::team::named;

/// How long each step lasts: the scheduler looks several times a second.
const WHILE: Duration = Duration::from_secs(4);
/// How long what is due may take to come out: the scheduler looks every 400 ms, and all but one process have the right time.
const PROMPT: Duration = Duration::from_secs(10);

/// What is loaded before libfaketime.
const EARLY_CLOCK: &str = include_str!("early_clock.c");

/// The libraries that fake the time: libfaketime where `faketime` has it, in the form that is made for threads, and what it needs.
fn libraries(folder: &Path) -> String {
    let asked = Command::new("faketime").args(["-m", "-f", "+0", "printenv", "LD_PRELOAD"]).output();
    let asked = asked.expect("faketime was not found; please install: faketime");
    let (source, early) = (folder.join("early_clock.c"), folder.join("early_clock.so"));
    std::fs::write(&source, EARLY_CLOCK).unwrap();
    let made = Command::new("cc").args(["-shared", "-fPIC", "-o"]).arg(&early).arg(&source).arg("-ldl").status();
    assert!(made.is_ok_and(|status| status.success()), "please install: gcc libc6-dev");
    format!("{} {}", early.display(), String::from_utf8(asked.stdout).unwrap().trim())
}

/// Starts the process with a clock that goes by the file `clock` in this folder.
fn faked<'a>(command: &'a mut Command, folder: &Path) -> &'a mut Command {
    command
        .env("LD_PRELOAD", libraries(folder))
        .env("FAKETIME_TIMESTAMP_FILE", folder.join("clock"))
        .env("FAKETIME_NO_CACHE", "1")
        // Nobody sets that one. Both names: that of new versions and that of old ones.
        .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
        .env("DONT_FAKE_MONOTONIC", "1")
}

/// The last process has such a clock.
pub async fn steps(stack: &mut Stack) -> Row {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("clock");
    std::fs::write(&file, "+0\n").unwrap();
    let fast = PROCESSES - 1;
    let row = stack
        .play("clock steps 2 h forth and back", async |stack, scene| {
            stack.kill(fast);
            stack.replace_with(fast, |command| faked(command, folder.path()));
            scene.claim(scene.readiness(fast).await["clock"] == "ok", "a clock that goes right is ok");
            let early = scheduled(scene, Clock::System.now() + TimeDelta::hours(1)).await;
            for step in ["+2h", "-2h"] {
                std::fs::write(&file, format!("{step}\n")).unwrap();
                let told = scene.readiness(fast).await;
                let ahead = if step == "+2h" { 7_200.0 } else { -7_200.0 };
                let is_told = told["clock"] == "off" && (told["clockAheadSeconds"].as_f64().unwrap_or(0.0) - ahead).abs() < 60.0;
                scene.claim(is_told, &format!("/readyz says that the clock is off by {step}: {told}"));
                on_time(scene).await;
                tokens_hold(scene, fast).await;
                tokio::time::sleep(WHILE).await;
                let is_out = scene.sees(&scene.fleet.door(0).unwrap(), &early["slug"]).await;
                scene.claim(!is_out, &format!("what is due in an hour is not out at {step}"));
            }
            std::fs::write(&file, "+0\n").unwrap();
            let told = scene.readiness(fast).await;
            scene.claim(told["clock"] == "ok", "a clock that is right again is ok");
            Instant::now()
        })
        .await;
    stack.kill(fast);
    stack.replace(fast);
    row
}

/// A draft that is to come out then.
async fn scheduled(scene: &mut Scene, due: DateTime<Utc>) -> Value {
    let draft = scene.draft().await;
    let mut input = named(&draft);
    input["at"] = json!(due.to_rfc3339());
    let door = scene.fleet.door(0).unwrap();
    let answer = scene.team.step(&door, "schedule", input).await;
    scene.claim(matches!(answer, Answer::Data(_)), &format!("a draft is scheduled: {answer:?}"));
    draft
}

/// What is due in some seconds comes out then, and no sooner.
async fn on_time(scene: &mut Scene) {
    // Instants are told to the second.
    let due = Clock::System.now().trunc_subsecs(0) + TimeDelta::seconds(4);
    let draft = scheduled(scene, due).await;
    let mut is_out = false;
    while !is_out && Clock::System.now() < due + PROMPT {
        tokio::time::sleep(Duration::from_millis(50)).await;
        is_out = scene.sees(&scene.fleet.door(0).unwrap(), &draft["slug"]).await;
    }
    scene.claim(is_out, "what is due comes out");
    let query = "query($id: ID!) { draft(id: $id) { revisions(first: 1) { action at } } }";
    let history = scene.team.ask(&scene.fleet, query, json!({ "id": draft["id"] })).await;
    let last = &history["draft"]["revisions"][0];
    let at = last["at"].as_str().and_then(|at| at.parse::<DateTime<Utc>>().ok());
    let is_prompt = at.is_some_and(|at| (due..due + PROMPT).contains(&at));
    scene.claim(last["action"] == "PUBLISH" && is_prompt, &format!("it comes out at {due}: {last}"));
}

/// A token that this process gives is good everywhere, and one of another is good there.
async fn tokens_hold(scene: &mut Scene, fast: usize) {
    let doors: Vec<_> = (0..scene.fleet.len()).filter_map(|index| scene.fleet.door(index)).collect();
    for from in [fast, 0] {
        let visit = Question::public("mutation { signInAnonymously { accessToken } }");
        let answer = visit.ask(&scene.team.client, &doors[from], &json!({})).await;
        let Answer::Data(signed) = answer else {
            scene.claim(false, &format!("a visitor is let in: {answer:?}"));
            return;
        };
        let token = signed["signInAnonymously"]["accessToken"].as_str().unwrap_or_default();
        for door in &doors {
            let answer = Question::of(token, "{ trips { id } }").ask(&scene.team.client, door, &json!({})).await;
            let holds = matches!(answer, Answer::Data(_));
            scene.claim(holds, &format!("a token of process {from} is good at {}: {answer:?}", door.address));
        }
    }
}
