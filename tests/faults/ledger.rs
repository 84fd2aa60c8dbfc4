//! What was asked for and what became of it, held against what is found afterwards.

use std::collections::BTreeMap;
use std::sync::Mutex;

use serde_json::json;

use super::client::Client;
use super::load::draft_of;
use super::processes::Processes;

/// What a client knows of something it wanted written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// It was acknowledged.
    Written,
    /// It was refused.
    Refused,
    /// Nobody said.
    Unknown,
}

/// A trip that somebody wanted saved; its title stands nowhere else.
pub struct WantedTrip {
    pub visitor: String,
    pub title: String,
    pub known: Known,
}

/// A record that was published.
pub struct Published {
    pub draft: String,
}

/// Everything that was wanted during one fault.
#[derive(Default)]
pub struct Ledger {
    pub trips: Mutex<Vec<WantedTrip>>,
    pub published: Mutex<Vec<Published>>,
    /// Steps of drafts that nobody answered, or that were refused.
    pub steps: Mutex<Vec<Known>>,
}

/// What was found.
#[derive(Default)]
pub struct Verdict {
    /// Trips that were acknowledged, and records that were published.
    pub trips: usize,
    pub published: usize,
    pub unknown: usize,
    pub refused: usize,
    pub lost: Vec<String>,
    pub twice: Vec<String>,
    pub refused_and_found: Vec<String>,
}

impl Ledger {
    /// Looks for everything through a process, and for what was published through all that are up.
    pub async fn verdict(&self, client: &Client, processes: &Processes, publisher: &str) -> Verdict {
        let mut verdict = Verdict::default();
        self.judge_trips(client, processes, &mut verdict).await;
        let drafts: Vec<String> = self.published.lock().unwrap().iter().map(|published| published.draft.clone()).collect();
        for draft in drafts {
            verdict.published += 1;
            for address in processes.up() {
                let query = "query($id: ID!) { node(id: $id) { ... on PointOfInterest { slug } } }";
                let found = client.ask(&address, None, query, json!({ "id": draft })).await.data();
                if found["node"]["slug"].is_null() {
                    verdict.lost.push(format!("{draft} at {address}"));
                }
            }
            let address = processes.any().unwrap();
            let steps = draft_of(client, &address, publisher, &draft).await.expect("the draft can be read");
            let times = steps.actions.iter().filter(|action| *action == "PUBLISH").count();
            if times != 1 {
                verdict.twice.push(format!("{draft} was published {times} times"));
            }
        }
        for known in self.steps.lock().unwrap().iter() {
            verdict.unknown += usize::from(*known == Known::Unknown);
            verdict.refused += usize::from(*known == Known::Refused);
        }
        verdict
    }

    async fn judge_trips(&self, client: &Client, processes: &Processes, verdict: &mut Verdict) {
        let visitors: Vec<String> = self.trips.lock().unwrap().iter().map(|trip| trip.visitor.clone()).collect();
        let mut found: BTreeMap<String, usize> = BTreeMap::new();
        for visitor in std::collections::BTreeSet::from_iter(visitors) {
            let address = processes.any().unwrap();
            let answer = client.ask(&address, Some(&visitor), "{ trips(first: 100) { title } }", json!({})).await.data();
            for trip in answer["trips"].as_array().unwrap() {
                *found.entry(trip["title"].as_str().unwrap().to_owned()).or_default() += 1;
            }
        }
        for WantedTrip { title, known, .. } in self.trips.lock().unwrap().iter() {
            let times = found.get(title).copied().unwrap_or(0);
            match known {
                Known::Written => verdict.trips += 1,
                Known::Unknown => verdict.unknown += 1,
                Known::Refused => verdict.refused += 1,
            }
            match (known, times) {
                (Known::Written, 0) => verdict.lost.push(title.clone()),
                (Known::Refused, 1..) => verdict.refused_and_found.push(title.clone()),
                (_, 2..) => verdict.twice.push(title.clone()),
                (Known::Written | Known::Unknown, _) | (Known::Refused, 0) => {}
            }
        }
    }
}
