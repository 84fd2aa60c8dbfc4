//! A full disk: what was acknowledged is in the file, and once there is space again everything works as before.

use std::collections::BTreeSet;
use std::process::{Command, Stdio};

use reqwest::Client;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::support::program::Served;
use crate::support::small_disk::SmallDisk;
use crate::support::{SECRET_KEY, eventually};
use crate::trips::saved::{SAVE, a_day};

const THREADS: usize = 4;
/// What may be tried while the disk is full: far more than fits.
const TRIES: usize = 25;

/// A visitor of a running server.
#[derive(Clone)]
struct Visitor {
    address: String,
    client: Client,
    token: Option<String>,
}

impl Visitor {
    async fn new(address: &str) -> Self {
        let mut visitor = Self { address: address.to_owned(), client: Client::new(), token: None };
        let signed = visitor.ask("mutation { signInAnonymously { accessToken } }", json!({})).await;
        visitor.token = Some(signed["data"]["signInAnonymously"]["accessToken"].as_str().unwrap().to_owned());
        visitor
    }

    async fn ask(&self, query: &str, variables: Value) -> Value {
        let body = json!({ "query": query, "variables": variables });
        let request = self.client.post(format!("http://{}/graphql", self.address)).json(&body);
        let request = match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        };
        request.send().await.unwrap().json().await.unwrap()
    }

    /// The id of the trip that was acknowledged, or the code of the error.
    async fn save(&self) -> Result<String, String> {
        let answer = self.ask(SAVE, json!({ "input": { "title": "Museus", "request": a_day() } })).await;
        match answer["data"]["saveTrip"]["trip"]["id"].as_str() {
            Some(id) => Ok(id.to_owned()),
            None => Err(answer["errors"][0]["extensions"]["code"].as_str().unwrap_or_else(|| panic!("{answer:#}")).to_owned()),
        }
    }

    async fn trips(&self) -> BTreeSet<String> {
        let trips = self.ask("{ trips { id } }", json!({})).await;
        let trips = trips["data"]["trips"].as_array().unwrap_or_else(|| panic!("{trips:#}")).clone();
        trips.iter().map(|trip| trip["id"].as_str().unwrap().to_owned()).collect()
    }

    async fn readiness(&self) -> (u16, Value) {
        let answer = self.client.get(format!("http://{}/readyz", self.address)).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }
}

/// All of them save at once; the ids that were acknowledged, by visitor, and the codes of the errors.
async fn save_together(visitors: &[Visitor], each: usize) -> (Vec<BTreeSet<String>>, Vec<String>) {
    let mut saving = JoinSet::new();
    for (number, visitor) in visitors.iter().cloned().enumerate() {
        saving.spawn(async move {
            let mut saved = Vec::new();
            for _ in 0..each {
                saved.push(visitor.save().await);
            }
            (number, saved)
        });
    }
    let (mut acknowledged, mut refused) = (vec![BTreeSet::new(); visitors.len()], Vec::new());
    for (number, saved) in saving.join_all().await {
        for outcome in saved {
            match outcome {
                Ok(id) => assert!(acknowledged[number].insert(id)),
                Err(code) => refused.push(code),
            }
        }
    }
    (acknowledged, refused)
}

fn serve(disk: &SmallDisk) -> Served {
    let data_dir = disk.path().join("data");
    let mut command: Command = disk.command(env!("CARGO_BIN_EXE_roteiro"));
    command
        .args(["serve", "--listen", "127.0.0.1:0", "--data-dir", data_dir.to_str().unwrap(), "--writes-burst", "100000"])
        .stderr(Stdio::null());
    Served::of(command.env_remove("ROTEIRO_DATABASE_URL").env_remove("ROTEIRO_REDIS_URL").env("ROTEIRO_SECRET_KEY", SECRET_KEY))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_while_the_disk_was_full_is_in_the_file() {
    let disk = SmallDisk::new(32);
    let mut served = serve(&disk);
    let mut visitors = Vec::new();
    for _ in 0..THREADS {
        visitors.push(Visitor::new(&served.address).await);
    }
    let (mut acknowledged, refused) = save_together(&visitors, 2).await;
    assert_eq!(refused, Vec::<String>::new());
    let mut add = |more: Vec<BTreeSet<String>>| acknowledged.iter_mut().zip(more).for_each(|(all, more)| all.extend(more));

    disk.fill(100 * 1_024);
    let (saved, refused) = save_together(&visitors, TRIES).await;
    add(saved);
    assert!(refused.len() > THREADS, "the disk is full: {refused:?}");
    let known = |code: &String| ["UNAVAILABLE", "OUTCOME_UNKNOWN"].contains(&code.as_str());
    assert!(refused.iter().all(known), "{refused:?}");
    let (_, told) = visitors[0].readiness().await;
    assert_eq!(told["writing"], false, "{told:#}");

    disk.free();
    // The first may meet what the last one left; no restart is needed.
    eventually("somebody saves a trip again", async || visitors[0].save().await.is_ok()).await;
    let (saved, refused) = save_together(&visitors, 5).await;
    add(saved);
    assert_eq!(refused, Vec::<String>::new(), "there is space again");
    let (status, told) = visitors[0].readiness().await;
    assert_eq!((status, &told["writing"]), (200, &json!(true)), "{told:#}");
    for (visitor, acknowledged) in visitors.iter().zip(&acknowledged) {
        assert!(visitor.trips().await.is_superset(acknowledged));
    }

    // Nothing is left to a graceful end.
    served.child.kill().unwrap();
    served.child.wait().unwrap();
    let served = serve(&disk);
    for (visitor, acknowledged) in visitors.iter().zip(&acknowledged) {
        let there = Visitor { address: served.address.clone(), ..visitor.clone() }.trips().await;
        let lost: Vec<_> = acknowledged.difference(&there).collect();
        assert!(lost.is_empty(), "{} of {} acknowledged trips are lost", lost.len(), acknowledged.len());
    }
}
