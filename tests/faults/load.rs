//! The load: somebody reads from each process all the time, three visitors save trips, an editor publishes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::client::{Client, Outcome};
use super::ledger::{Known, Ledger, Published, WantedTrip};
use super::processes::Processes;

const SAVERS: usize = 3;
/// A visitor keeps a hundred trips at most.
const TRIPS_A_VISITOR: usize = 80;
const BETWEEN_READS: Duration = Duration::from_millis(50);
const BETWEEN_WRITES: Duration = Duration::from_millis(100);
/// How long somebody who wants to know whether it was done goes on asking.
const PERSISTENCE: Duration = Duration::from_mins(1);

/// Public reads.
#[derive(Default)]
pub struct Reads {
    pub count: usize,
    pub failed: usize,
    pub first_failure: Option<String>,
}

/// The load of one fault, until it is ended.
pub struct Load {
    pub client: Client,
    pub ledger: Arc<Ledger>,
    is_over: Arc<AtomicBool>,
    readers: JoinSet<Reads>,
    writers: JoinSet<()>,
}

/// What writers share.
#[derive(Clone)]
struct Writer {
    client: Client,
    processes: Arc<Processes>,
    ledger: Arc<Ledger>,
    is_over: Arc<AtomicBool>,
    fault: &'static str,
}

impl Load {
    /// Begins. `publisher` is the token of who publishes.
    pub fn begin(fault: &'static str, processes: &Arc<Processes>, publisher: &str) -> Self {
        let (client, ledger, is_over) = (Client::new(), Arc::<Ledger>::default(), Arc::new(AtomicBool::new(false)));
        let (mut readers, mut writers) = (JoinSet::new(), JoinSet::new());
        for number in 0..processes.count() {
            readers.spawn(read(number, Client::new(), Arc::clone(processes), Arc::clone(&is_over)));
        }
        let writer = Writer {
            client: Client::new(),
            processes: Arc::clone(processes),
            ledger: Arc::clone(&ledger),
            is_over: Arc::clone(&is_over),
            fault,
        };
        for number in 0..SAVERS {
            writers.spawn(writer.clone().save(number));
        }
        writers.spawn(writer.publish(publisher.to_owned()));
        Self { client, ledger, is_over, readers, writers }
    }

    /// Ends, when whoever wants to know whether it was done does.
    pub async fn end(mut self) -> (Reads, Arc<Ledger>) {
        self.is_over.store(true, Ordering::SeqCst);
        while let Some(ended) = self.writers.join_next().await {
            ended.unwrap();
        }
        let mut all = Reads::default();
        while let Some(reads) = self.readers.join_next().await {
            let reads = reads.unwrap();
            all.count += reads.count;
            all.failed += reads.failed;
            all.first_failure = all.first_failure.or(reads.first_failure);
        }
        (all, self.ledger)
    }
}

async fn read(number: usize, client: Client, processes: Arc<Processes>, is_over: Arc<AtomicBool>) -> Reads {
    let query = "{ pointsOfInterest(first: 5, near: { latitude: -15.6, longitude: -56.1 }) { nodes { id name { value } } } }";
    let mut reads = Reads::default();
    while !is_over.load(Ordering::SeqCst) {
        if let Some((address, life)) = processes.at(number) {
            let failure = match client.ask(&address, None, query, json!({})).await {
                Outcome::Answered(data) if data["pointsOfInterest"]["nodes"].as_array().is_some_and(|nodes| nodes.len() == 5) => None,
                Outcome::Answered(data) => Some(data.to_string()),
                Outcome::Refused(trouble) | Outcome::Unknown(trouble) => Some(trouble),
            };
            // One that was told to go, or was killed, in the meantime owes nothing.
            if processes.lives_on(number, life) {
                reads.count += 1;
                reads.failed += usize::from(failure.is_some());
                reads.first_failure = reads.first_failure.or(failure);
            }
        }
        tokio::time::sleep(BETWEEN_READS).await;
    }
    reads
}

impl Writer {
    fn is_over(&self) -> bool {
        self.is_over.load(Ordering::SeqCst)
    }

    /// Asks one of the processes; when none is up, nothing was done.
    async fn ask(&self, token: Option<&str>, query: &str, variables: Value) -> Outcome {
        match self.processes.any() {
            Some(address) => self.client.ask(&address, token, query, variables).await,
            None => Outcome::Refused("nobody is there".to_owned()),
        }
    }

    /// Saves trips: every other one with a key, under which it is tried until it is acknowledged.
    async fn save(self, number: usize) {
        let mut visitor = String::new();
        for count in 0.. {
            if self.is_over() {
                return;
            }
            if count % TRIPS_A_VISITOR == 0 {
                let Some(token) = self.sign_in().await else { return };
                visitor = token;
            }
            let title = format!("{} {number} {count}", self.fault);
            let known =
                if count % 2 == 0 { self.save_once(&visitor, &title, None).await } else { self.save_surely(&visitor, &title).await };
            self.ledger.trips.lock().unwrap().push(WantedTrip { visitor: visitor.clone(), title, known });
            tokio::time::sleep(BETWEEN_WRITES).await;
        }
    }

    async fn sign_in(&self) -> Option<String> {
        while !self.is_over() {
            let signed = self.ask(None, "mutation { signInAnonymously { accessToken } }", json!({})).await;
            if let Outcome::Answered(data) = signed {
                return Some(data["signInAnonymously"]["accessToken"].as_str().unwrap().to_owned());
            }
            tokio::time::sleep(BETWEEN_WRITES).await;
        }
        None
    }

    async fn save_once(&self, visitor: &str, title: &str, key: Option<&str>) -> Known {
        const SAVE: &str = "mutation($input: SaveTripInput!) { saveTrip(input: $input) { trip { id title } userErrors { code message } } }";
        let start = json!({ "location": { "latitude": -15.596, "longitude": -56.097 } });
        // The process has the machine's clock.
        let request = json!({ "cities": ["cuiaba"], "days": [{ "date": "2099-12-12", "start": start }] });
        let input = json!({ "title": title, "idempotencyKey": key, "request": request });
        match self.ask(Some(visitor), SAVE, json!({ "input": input })).await {
            Outcome::Answered(data) => {
                assert_eq!(data["saveTrip"]["trip"]["title"], title, "{data:#}");
                Known::Written
            }
            Outcome::Refused(_) => Known::Refused,
            Outcome::Unknown(_) => Known::Unknown,
        }
    }

    async fn save_surely(&self, visitor: &str, title: &str) -> Known {
        // What was refused after something unknown may be there of the earlier try.
        let (begun, mut known) = (Instant::now(), Known::Refused);
        while begun.elapsed() < PERSISTENCE {
            match self.save_once(visitor, title, Some(title)).await {
                Known::Written => return Known::Written,
                Known::Unknown => known = Known::Unknown,
                Known::Refused => {}
            }
            tokio::time::sleep(BETWEEN_WRITES).await;
        }
        known
    }

    /// Publishes one record after another.
    async fn publish(self, publisher: String) {
        for count in 0.. {
            if self.is_over() {
                return;
            }
            let words: Vec<String> = self
                .fault
                .split(|letter: char| !letter.is_ascii_alphanumeric())
                .filter(|word| !word.is_empty())
                .map(str::to_lowercase)
                .collect();
            let slug = format!("falha-{}-{count}", words.join("-"));
            if let Some(draft) = publish_one(&self.client, &self.processes, &publisher, &slug, Some(&self.ledger)).await {
                self.ledger.published.lock().unwrap().push(Published { draft });
            }
            tokio::time::sleep(BETWEEN_WRITES).await;
        }
    }
}

/// What a draft has come to.
pub struct DraftSteps {
    pub version: i64,
    pub state: String,
    pub actions: Vec<String>,
}

/// Reads a draft; `None` when the process does not answer now.
pub async fn draft_of(client: &Client, address: &str, publisher: &str, draft: &str) -> Option<DraftSteps> {
    let query = "query($id: ID!) { draft(id: $id) { version state revisions(first: 50) { action } } }";
    let Outcome::Answered(data) = client.ask(address, Some(publisher), query, json!({ "id": draft })).await else { return None };
    let draft = &data["draft"];
    let actions = draft["revisions"].as_array()?.iter().map(|step| step["action"].as_str().unwrap().to_owned()).collect();
    Some(DraftSteps { version: draft["version"].as_i64()?, state: draft["state"].as_str()?.to_owned(), actions })
}

/// Takes a record from nothing to the public, as an editor does: when a step is not answered, looks what became of it and goes on from
/// there. Gives its id once it is known to be published; `None` when it could not even be begun.
pub async fn publish_one(client: &Client, processes: &Processes, publisher: &str, slug: &str, ledger: Option<&Ledger>) -> Option<String> {
    let note = |outcome: &Outcome| {
        let known = if matches!(outcome, Outcome::Refused(_)) { Known::Refused } else { Known::Unknown };
        if let Some(ledger) = ledger {
            ledger.steps.lock().unwrap().push(known);
        }
    };
    let create = "mutation($input: CreateDraftInput!) { createDraft(input: $input) { draft { id } userErrors { field code message } } }";
    let input = json!({ "input": { "city": "cuiaba", "content": { "pointOfInterest": place(slug) } } });
    let created = client.ask(&processes.any()?, Some(publisher), create, input).await;
    let Outcome::Answered(data) = created else {
        note(&created);
        return None;
    };
    let draft = data["createDraft"]["draft"]["id"].as_str().unwrap_or_else(|| panic!("{data:#}")).to_owned();
    let begun = Instant::now();
    while begun.elapsed() < PERSISTENCE {
        let steps = match processes.any() {
            Some(address) => draft_of(client, &address, publisher, &draft).await,
            None => None,
        };
        let Some(DraftSteps { version, state, .. }) = steps else {
            tokio::time::sleep(BETWEEN_WRITES).await;
            continue;
        };
        let (step, kind) = match state.as_str() {
            "DRAFT" => ("submitForReview", "DraftStepInput"),
            "IN_REVIEW" => ("approve", "DraftStepInput"),
            "APPROVED" => ("publish", "PublishInput"),
            "PUBLISHED" => return Some(draft),
            other => panic!("a draft is {other}"),
        };
        let query = format!("mutation($input: {kind}!) {{ {step}(input: $input) {{ outcome userErrors {{ field code message }} }} }}");
        let Some(address) = processes.any() else { continue };
        let taken = client.ask(&address, Some(publisher), &query, json!({ "input": { "id": draft, "expectedVersion": version } })).await;
        match &taken {
            Outcome::Answered(data) => {
                let payload = &data[step];
                // Another try of the same step may have come first.
                let is_taken = payload["outcome"] == "SAVED";
                assert!(is_taken || payload["userErrors"][0]["code"] != "INVALID", "{payload:#}");
            }
            Outcome::Refused(_) | Outcome::Unknown(_) => note(&taken),
        }
    }
    panic!("{draft} did not come to be published in {PERSISTENCE:?}");
}

/// The content of a place that can be published.
pub fn place(slug: &str) -> Value {
    json!({
        "slug": slug, "category": "museum", "latitude": -15.6, "longitude": -56.09,
        "texts": [{ "language": "pt-BR", "name": format!("Museu {slug}"), "summary": "Um museu." }],
        "openingHours": { "raw": "Tu-Su 09:00-17:00" },
        "rights": { "licence": "CC-BY-4.0", "credit": "Secretaria" },
        "provenance": { "source": "Secretaria", "confidence": "HIGH" },
    })
}
