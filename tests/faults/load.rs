//! What goes on while something fails: public reads, publishes, trips being saved; and what each was answered.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use reqwest::Client;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::client::{Answer, NOT_SENT, PATIENCE, Question};
use super::fleet::Fleet;
use super::team::{STEPS, Team, named};

/// Between two reads of one process.
const READ_PAUSE: Duration = Duration::from_millis(50);
/// Longest wait for a public read: it waits for nothing, but the machine may be busy.
const READ_PATIENCE: Duration = Duration::from_secs(5);
/// Between two trips of one visitor.
const SAVE_PAUSE: Duration = Duration::from_millis(200);
/// Between two tries with the same key.
const TRY_PAUSE: Duration = Duration::from_millis(200);
/// Visitors who save trips; every other one gives each trip a key and tries until it is acknowledged.
const VISITORS: usize = 6;
/// After so many another one comes: a visitor may have 100.
const TRIPS: usize = 95;
/// How long those with a key wait for the first answer: many are lost on the way, and what they asked for is done.
const HASTE: Duration = Duration::from_millis(30);
/// How long a key is tried.
const INSISTENCE: Duration = Duration::from_mins(1);
/// Editors who take one draft after another through its steps.
const EDITORS: usize = 2;

const READ: &str = "{ pointsOfInterest(first: 5, where: { city: [\"cuiaba\"] }) { nodes { id name { value } } } catalogue { version } }";
const SAVE: &str = "mutation($input: SaveTripInput!) { saveTrip(input: $input) { trip { id } userErrors { code } } }";
const VISIT: &str = "mutation { signInAnonymously { accessToken } }";

/// What became of a write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was acknowledged.
    Acknowledged,
    /// It was said that nothing was written, and why.
    Refused(String),
    /// It was not answered, or that nobody knows.
    Unknown,
}

/// A trip that a visitor saved, or tried to.
pub struct Save {
    pub title: String,
    pub outcome: Outcome,
}

/// What a visitor did.
pub struct Visitor {
    pub token: String,
    pub saves: Vec<Save>,
}

/// A draft on its way to the public.
pub struct Chain {
    pub slug: String,
    /// Once it was begun.
    pub id: Option<Value>,
    /// What was done, with what is called so in its history.
    pub steps: Vec<(&'static str, Outcome)>,
}

impl Chain {
    /// Whether it was acknowledged that the public sees it.
    pub fn is_published(&self) -> bool {
        self.steps.contains(&("PUBLISH", Outcome::Acknowledged))
    }
}

/// Everything that was done.
#[derive(Default)]
pub struct Written {
    pub reads: usize,
    pub failed: Vec<String>,
    pub visitors: Vec<Visitor>,
    pub chains: Vec<Chain>,
}

/// How it is laid on.
#[derive(Clone)]
pub struct Pace {
    /// Part of every name, so that one load is told from the next.
    pub name: String,
    /// Between two drafts of one editor.
    pub publish_pause: Duration,
}

/// A load that goes on.
pub struct Load {
    stop: Arc<AtomicBool>,
    parts: JoinSet<Written>,
}

/// What each part of it knows.
#[derive(Clone)]
struct Part {
    fleet: Fleet,
    client: Client,
    pace: Pace,
    stop: Arc<AtomicBool>,
    /// Whose turn it is among the processes.
    turn: Arc<AtomicUsize>,
}

impl Load {
    /// Begins it.
    pub async fn begin(fleet: &Fleet, team: &Team, pace: Pace) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let part = Part { fleet: fleet.clone(), client: Client::new(), pace, stop: Arc::clone(&stop), turn: Arc::default() };
        let mut parts = JoinSet::new();
        for number in 0..VISITORS {
            let visitor = part.clone();
            let first = visitor.come().await;
            parts.spawn(async move { visitor.save(number, first).await });
        }
        for number in 0..EDITORS {
            let (editor, team) = (part.clone(), team.clone());
            parts.spawn(async move { editor.publish(number, &team).await });
        }
        for index in 0..fleet.len() {
            let reader = part.clone();
            parts.spawn(async move { reader.read(index).await });
        }
        Self { stop, parts }
    }

    /// Ends it, once what is under way is answered.
    pub async fn end(self) -> Written {
        self.stop.store(true, Ordering::Relaxed);
        let mut all = Written::default();
        for part in self.parts.join_all().await {
            all.reads += part.reads;
            all.failed.extend(part.failed);
            all.visitors.extend(part.visitors);
            all.chains.extend(part.chains);
        }
        all
    }
}

impl Part {
    fn goes_on(&self) -> bool {
        !self.stop.load(Ordering::Relaxed)
    }

    fn next_turn(&self) -> usize {
        self.turn.fetch_add(1, Ordering::Relaxed)
    }

    /// Reads from one process while it is there. What it fails to answer counts, unless it was killed meanwhile.
    async fn read(&self, index: usize) -> Written {
        let mut done = Written::default();
        let question = Question { patience: READ_PATIENCE, ..Question::public(READ) };
        while self.goes_on() {
            tokio::time::sleep(READ_PAUSE).await;
            let Some(door) = self.fleet.door(index) else { continue };
            let answer = question.ask(&self.client, &door, &json!({})).await;
            let is_right =
                matches!(&answer, Answer::Data(data) if data["pointsOfInterest"]["nodes"].as_array().is_some_and(|it| it.len() == 5));
            if is_right {
                done.reads += 1;
            } else if self.fleet.survives(&door) {
                done.reads += 1;
                done.failed.push(format!("{answer:?}"));
            }
        }
        done
    }

    /// A new visitor.
    async fn come(&self) -> Visitor {
        let signed = Question::public(VISIT).insist(&self.client, &self.fleet, &json!({})).await;
        let token = signed["signInAnonymously"]["accessToken"].as_str().unwrap().to_owned();
        Visitor { token, saves: Vec::new() }
    }

    /// Saves trips until it is over.
    async fn save(&self, number: usize, mut visitor: Visitor) -> Written {
        let mut visitors = Vec::new();
        while self.goes_on() {
            if visitor.saves.len() == TRIPS {
                visitors.push(std::mem::replace(&mut visitor, self.come().await));
            }
            let title = format!("{} {number} {}-{}", self.pace.name, visitors.len(), visitor.saves.len());
            let mut input = json!({ "title": title, "request": a_day() });
            if number.is_multiple_of(2) {
                input["idempotencyKey"] = json!(title);
            }
            let outcome = self.save_one(&visitor.token, &json!({ "input": input })).await;
            visitor.saves.push(Save { title, outcome });
            tokio::time::sleep(SAVE_PAUSE).await;
        }
        visitors.push(visitor);
        Written { visitors, ..Written::default() }
    }

    /// What becomes of a trip; with a key it is tried until it is acknowledged.
    async fn save_one(&self, token: &str, variables: &Value) -> Outcome {
        let (begun, is_keyed) = (Instant::now(), variables["input"]["idempotencyKey"].is_string());
        let (mut was_unknown, mut patience) = (false, if is_keyed { HASTE } else { PATIENCE });
        loop {
            let answer = match self.fleet.any(self.next_turn()) {
                Some(door) => Question { patience, ..Question::of(token, SAVE) }.ask(&self.client, &door, variables).await,
                None => Answer::Refused(NOT_SENT.to_owned()),
            };
            let code = match answer {
                Answer::Data(data) if data["saveTrip"]["trip"]["id"].is_string() => return Outcome::Acknowledged,
                Answer::Data(data) => data["saveTrip"]["userErrors"].to_string(),
                Answer::Refused(code) => code,
                Answer::Unknown => {
                    was_unknown = true;
                    String::new()
                }
            };
            let was_not_sent = code == NOT_SENT && begun.elapsed() < INSISTENCE;
            if !was_not_sent && (!is_keyed || begun.elapsed() > INSISTENCE) {
                return if was_unknown { Outcome::Unknown } else { Outcome::Refused(code) };
            }
            patience = PATIENCE;
            tokio::time::sleep(TRY_PAUSE).await;
        }
    }

    /// Takes one draft after another to the public; one that meets something else than success is left where it is.
    async fn publish(&self, number: usize, team: &Team) -> Written {
        let mut chains = Vec::new();
        while self.goes_on() {
            let slug = format!("{}-{number}-{}", self.pace.name, chains.len());
            chains.push(self.publish_one(slug, team).await);
            tokio::time::sleep(self.pace.publish_pause).await;
        }
        Written { chains, ..Written::default() }
    }

    async fn publish_one(&self, slug: String, team: &Team) -> Chain {
        let mut chain = Chain { slug, id: None, steps: Vec::new() };
        let mut draft = Value::Null;
        for (step, action) in [("createDraft", "CREATE")].into_iter().chain(STEPS) {
            let Some(door) = self.fleet.any(self.next_turn()) else { break };
            let answer = match step {
                "createDraft" => team.begin(&door, &chain.slug).await,
                _ => team.step(&door, step, named(&draft)).await,
            };
            let outcome = match answer {
                Answer::Data(next) => {
                    draft = next;
                    chain.id = Some(draft["id"].clone());
                    Outcome::Acknowledged
                }
                Answer::Refused(code) => Outcome::Refused(code),
                Answer::Unknown => Outcome::Unknown,
            };
            let goes_on = outcome == Outcome::Acknowledged;
            chain.steps.push((action, outcome));
            if !goes_on {
                break;
            }
        }
        chain
    }
}

/// A day in Cuiabá.
fn a_day() -> Value {
    let start = json!({ "location": { "latitude": -15.596, "longitude": -56.097 } });
    json!({ "cities": ["cuiaba"], "days": [{ "date": "2027-03-13", "start": start }], "interests": [{ "category": "museum" }] })
}
