//! A process on a machine whose clock is set wrong while it runs.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use chrono::{TimeDelta, Utc};
use serde_json::{Value, json};

use super::client::{Client, Outcome};
use super::load::{draft_of, place};
use super::stack::Stack;
use super::support::SECRET_KEY;
use super::support::program::Served;
use super::table::Row;

/// Builds what tells a program another time.
fn wrong_clock(folder: &Path) -> PathBuf {
    let (source, library) = (Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/faults/wrong_clock.c"), folder.join("wrong_clock.so"));
    let built = Command::new("cc").args(["-shared", "-fPIC", "-O1", "-o"]).arg(&library).arg(source).status();
    assert!(built.expect("a C compiler is there, as for the build").success());
    library
}

/// The first process gets a clock of its own, which steps two hours forth, four back, and is right again.
pub async fn steps(stack: &mut Stack) -> Row {
    let folder = tempfile::tempdir().unwrap();
    let steps = folder.path().join("step");
    std::fs::write(&steps, "0").unwrap();
    let mut wrong = Vec::new();
    let stepped = async |stack: &mut Stack| {
        restart_with_clock(stack, folder.path(), &steps);
        let client = Client::new();
        let (odd, other) = (stack.processes.at(0).unwrap().0, stack.processes.at(1).unwrap().0);
        let soon = schedule(&client, &other, &stack.publisher, "em-meia-hora", 30).await;
        for step in [7_200, -7_200, 0] {
            std::fs::write(&steps, step.to_string()).unwrap();
            tokio::time::sleep(Duration::from_secs(3)).await;
            let told = client.readiness(&odd).await;
            let is_off = told["clock"] == "off";
            let is_near = (told["clockAheadSeconds"].as_f64().unwrap() - f64::from(step)).abs() < 2.0;
            if is_off != (step != 0) || !is_near {
                wrong.push(format!("at {step} it says {} and {}", told["clock"], told["clockAheadSeconds"]));
            }
            let state = draft_of(&client, &other, &stack.publisher, &soon).await.map(|draft| draft.state);
            if state.as_deref() != Some("SCHEDULED") {
                wrong.push(format!("at {step} what is due in half an hour is {state:?}"));
            }
            // A token of the odd one is good elsewhere, and the other way round.
            for (from, to) in [(&odd, &other), (&other, &odd)] {
                let signed = client.ask(from, None, "mutation { signInAnonymously { accessToken } }", json!({})).await.data();
                let token = signed["signInAnonymously"]["accessToken"].as_str().unwrap();
                if let Outcome::Refused(code) = client.ask(to, Some(token), "{ trips { id } }", json!({})).await {
                    wrong.push(format!("at {step} a token is refused with {code}"));
                }
            }
        }
        stack.processes.kill(0);
        stack.launch(0);
    };
    let row = stack.under("a process's clock steps 2 h forth and back", stepped).await;
    Row { wrong, ..row }
}

fn restart_with_clock(stack: &Stack, folder: &Path, steps: &Path) {
    stack.processes.kill(0);
    let mut launcher = Command::new("env");
    launcher.env("LD_PRELOAD", wrong_clock(folder)).env("WRONG_CLOCK_FILE", steps);
    launcher.env("ROTEIRO_SECRET_KEY", SECRET_KEY);
    let arguments = stack.arguments();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let log = std::fs::File::create(folder.join("log")).unwrap();
    let served = tokio::task::block_in_place(|| Served::start_by(launcher, folder, &arguments, log));
    stack.processes.put(0, served);
}

/// A draft that is due in so many minutes.
async fn schedule(client: &Client, address: &str, publisher: &str, slug: &str, minutes: i64) -> String {
    let step = async |step: &str, kind: &str, input: Value| -> Value {
        let query =
            format!("mutation($input: {kind}!) {{ {step}(input: $input) {{ draft {{ id version state }} userErrors {{ message }} }} }}");
        let data = client.ask(address, Some(publisher), &query, json!({ "input": input })).await.data();
        assert!(data[step]["draft"].is_object(), "{data:#}");
        data[step]["draft"].clone()
    };
    let draft = step("createDraft", "CreateDraftInput", json!({ "city": "cuiaba", "content": { "pointOfInterest": place(slug) } })).await;
    let on = |draft: &Value| json!({ "id": draft["id"], "expectedVersion": draft["version"] });
    let draft = step("submitForReview", "DraftStepInput", on(&draft)).await;
    let draft = step("approve", "DraftStepInput", on(&draft)).await;
    #[expect(clippy::disallowed_methods, reason = "the processes go by a clock that no test sets")]
    let at = Utc::now() + TimeDelta::minutes(minutes);
    let mut input = on(&draft);
    input["at"] = json!(at.to_rfc3339());
    let draft = step("schedule", "ScheduleInput", input).await;
    draft["id"].as_str().unwrap().to_owned()
}
