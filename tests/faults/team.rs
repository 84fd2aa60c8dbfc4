//! Who publishes: one account, made from the command line, that takes a draft through all its steps.

use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use reqwest::Client;
use serde_json::{Value, json};

use super::client::{Answer, Question};
use super::fleet::{Door, Fleet};
use crate::support::program::roteiro;

/// The city that is published in; trips are made in another, so that its plans are kept.
pub const CITY: &str = "caceres";

const EMAIL: &str = "editora@x.example";
const PASSWORD: &str = "a onça bebe água";
const SIGN_IN: &str = "mutation($input: SignInInput!) { signIn(input: $input) { session { refreshToken } userErrors { code } } }";
const REFRESH: &str = "mutation($token: String!) { refreshSession(refreshToken: $token) { accessToken refreshToken } }";

/// What follows on the step before, and what it is called in the history of the draft.
pub const STEPS: [(&str, &str); 3] = [("submitForReview", "SUBMIT"), ("approve", "APPROVE"), ("publish", "PUBLISH")];

/// The account with its session. Clones share it.
#[derive(Clone)]
pub struct Team {
    pub client: Client,
    tokens: Arc<Mutex<(String, String)>>,
}

impl Team {
    /// Makes the account in the store that these options name, and signs it in.
    pub async fn create(fleet: &Fleet, store: &[&str]) -> Self {
        Self::create_by(roteiro(&[]), fleet, store).await
    }

    /// The same by this command, which runs the program.
    pub async fn create_by(mut roteiro: Command, fleet: &Fleet, store: &[&str]) -> Self {
        let command = roteiro.args(["user", "create", EMAIL, "--name", "Editora", "--role", "admin", "--password-stdin"]).args(store);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(format!("{PASSWORD}\n").as_bytes()).unwrap();
        assert!(child.wait().unwrap().success(), "the account is made");
        let client = Client::new();
        let input = json!({ "input": { "email": EMAIL, "password": PASSWORD } });
        let signed = Question::public(SIGN_IN).insist(&client, fleet, &input).await;
        let refresh = signed["signIn"]["session"]["refreshToken"].as_str().unwrap_or_else(|| panic!("{signed}")).to_owned();
        let team = Self { client, tokens: Arc::new(Mutex::new((String::new(), refresh))) };
        team.refresh(fleet).await;
        team
    }

    /// Exchanges the tokens: one of access holds for a quarter of an hour.
    pub async fn refresh(&self, fleet: &Fleet) {
        let refresh = self.tokens.lock().unwrap().1.clone();
        let session = Question::public(REFRESH).insist(&self.client, fleet, &json!({ "token": refresh })).await;
        let token = |name: &str| session["refreshSession"][name].as_str().unwrap().to_owned();
        *self.tokens.lock().unwrap() = (token("accessToken"), token("refreshToken"));
    }

    /// The access token.
    pub fn token(&self) -> String {
        self.tokens.lock().unwrap().0.clone()
    }

    /// Begins a draft.
    pub async fn begin(&self, door: &Door, slug: &str) -> Answer {
        let input = json!({ "city": CITY, "content": { "pointOfInterest": museum(slug) } });
        self.step(door, "createDraft", input).await
    }

    /// Takes a step and gives the draft, as `id`, `version`, `state`.
    pub async fn step(&self, door: &Door, step: &str, input: Value) -> Answer {
        let kind = match step {
            "createDraft" => "CreateDraftInput",
            "publish" => "PublishInput",
            "schedule" => "ScheduleInput",
            _ => "DraftStepInput",
        };
        let query = format!(
            "mutation($input: {kind}!) {{ {step}(input: $input) {{ outcome draft {{ id version state }} conflict {{ fields }} userErrors {{ code }} }} }}"
        );
        let token = self.token();
        match Question::of(&token, &query).ask(&self.client, door, &json!({ "input": input })).await {
            Answer::Data(mut data) if data[step]["outcome"] == "SAVED" => Answer::Data(data[step]["draft"].take()),
            Answer::Data(data) => Answer::Refused(data[step].to_string()),
            other => other,
        }
    }

    /// What this account is answered, asked until it is.
    pub async fn ask(&self, fleet: &Fleet, query: &str, variables: Value) -> Value {
        let token = self.token();
        Question::of(&token, query).insist(&self.client, fleet, &variables).await
    }

    /// A draft that waits for nothing but to be published. What is refused is tried again; all that is needed for it is there.
    pub async fn approved(&self, fleet: &Fleet, slug: &str) -> Value {
        let mut draft = Value::Null;
        for step in ["createDraft", STEPS[0].0, STEPS[1].0] {
            let mut answer = Answer::Unknown;
            for turn in 0..200 {
                let Some(door) = fleet.any(turn) else { continue };
                answer = match step {
                    "createDraft" => self.begin(&door, slug).await,
                    _ => self.step(&door, step, named(&draft)).await,
                };
                match answer {
                    Answer::Refused(_) => tokio::time::sleep(Duration::from_millis(20)).await,
                    Answer::Data(_) | Answer::Unknown => break,
                }
            }
            let Answer::Data(next) = answer else { panic!("{step} of {slug}: {answer:?}") };
            draft = next;
        }
        draft
    }
}

/// What names a draft as it is.
pub fn named(draft: &Value) -> Value {
    json!({ "id": draft["id"], "expectedVersion": draft["version"] })
}

/// What a museum of this slug is called.
pub fn name_of(slug: &str) -> String {
    format!("Museu {slug}")
}

fn museum(slug: &str) -> Value {
    json!({
        "slug": slug, "category": "museum", "latitude": -16.07, "longitude": -57.68,
        "texts": [{ "language": "pt-BR", "name": name_of(slug), "summary": "Um museu." }],
        "openingHours": { "raw": "Tu-Su 09:00-17:00" },
        "rights": { "licence": "CC-BY-4.0", "credit": "Secretaria" },
        "provenance": { "source": "Secretaria", "confidence": "HIGH" },
    })
}
