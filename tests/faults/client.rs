//! One who asks a process over HTTP and wants to know what became of it.

use std::time::Duration;

use reqwest::Client;
use serde_json::{Value, json};

use super::fleet::{Door, Fleet};

/// Longest wait for an answer to a write: the service says within less what it knows.
pub const PATIENCE: Duration = Duration::from_secs(40);

/// What is said of a question that reached nobody.
pub const NOT_SENT: &str = "NOT_SENT";
/// Words with which a write may be refused while something is broken.
pub const EXCUSES: [&str; 4] = ["UNAVAILABLE", "BUSY", "RATE_LIMITED", NOT_SENT];

/// What became of a question.
#[derive(Clone, Debug)]
pub enum Answer {
    /// It was answered.
    Data(Value),
    /// It was refused with this code: nothing was done.
    Refused(String),
    /// Nobody knows.
    Unknown,
}

/// What is asked, and in whose name.
#[derive(Clone, Copy)]
pub struct Question<'a> {
    /// The document.
    pub query: &'a str,
    /// Access token.
    pub token: Option<&'a str>,
    /// Longest wait.
    pub patience: Duration,
}

impl<'a> Question<'a> {
    /// In nobody's name.
    pub fn public(query: &'a str) -> Self {
        Self { query, token: None, patience: PATIENCE }
    }

    /// In the name of whoever has this token.
    pub fn of(token: &'a str, query: &'a str) -> Self {
        Self { query, token: Some(token), patience: PATIENCE }
    }

    /// Asks a process once.
    pub async fn ask(self, client: &Client, door: &Door, variables: &Value) -> Answer {
        let url = format!("http://{}/graphql", door.address);
        let mut request = client.post(url).timeout(self.patience).json(&json!({ "query": self.query, "variables": variables }));
        if let Some(token) = self.token {
            request = request.bearer_auth(token);
        }
        let answer = match request.send().await {
            Ok(response) => response.json::<Value>().await,
            // Nothing was sent.
            Err(error) if error.is_connect() => return Answer::Refused(NOT_SENT.to_owned()),
            Err(error) => Err(error),
        };
        let Ok(mut answer) = answer else { return Answer::Unknown };
        match answer["errors"][0]["extensions"]["code"].as_str() {
            None if answer["data"].is_object() => Answer::Data(answer["data"].take()),
            None | Some("OUTCOME_UNKNOWN") => Answer::Unknown,
            Some(code) => Answer::Refused(code.to_owned()),
        }
    }

    /// Asks whichever may be asked, again and again until there is an answer. Only for what may be asked twice.
    pub async fn insist(self, client: &Client, fleet: &Fleet, variables: &Value) -> Value {
        let mut last = Answer::Unknown;
        for turn in 0..1_500 {
            if let Some(door) = fleet.any(turn) {
                last = self.ask(client, &door, variables).await;
            }
            match last {
                Answer::Data(data) => return data,
                Answer::Refused(_) | Answer::Unknown => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
        panic!("{}\nis never answered: {last:?}", self.query);
    }
}
