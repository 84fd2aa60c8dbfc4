//! A client of one process: an answer, a refusal with its code, or nothing, from which nobody knows what became of it.

use std::time::Duration;

use reqwest::Client as Http;
use serde_json::{Value, json};

/// How long a client waits for an answer.
const PATIENCE: Duration = Duration::from_secs(15);

/// What came of a request.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// The data, without errors.
    Answered(Value),
    /// The code of the first error: nothing was done.
    Refused(String),
    /// The line broke, or the server said that it does not know.
    Unknown(String),
}

/// Clones share connections.
#[derive(Clone)]
pub struct Client(Http);

impl Client {
    pub fn new() -> Self {
        Self(Http::builder().timeout(PATIENCE).build().unwrap())
    }

    /// Asks the process at `address`.
    pub async fn ask(&self, address: &str, token: Option<&str>, query: &str, variables: Value) -> Outcome {
        let request = self.0.post(format!("http://{address}/graphql")).json(&json!({ "query": query, "variables": variables }));
        let request = token.into_iter().fold(request, reqwest::RequestBuilder::bearer_auth);
        let answer = async { request.send().await?.json::<Value>().await };
        let mut answer = match answer.await {
            Ok(answer) => answer,
            Err(error) => return Outcome::Unknown(format!("{error:?}").chars().take(300).collect()),
        };
        match answer["errors"][0]["extensions"]["code"].as_str() {
            None => Outcome::Answered(answer["data"].take()),
            Some("OUTCOME_UNKNOWN") => Outcome::Unknown("OUTCOME_UNKNOWN".to_owned()),
            Some(code) => Outcome::Refused(code.to_owned()),
        }
    }

    /// The answer of `/readyz`.
    pub async fn readiness(&self, address: &str) -> Value {
        self.0.get(format!("http://{address}/readyz")).send().await.unwrap().json().await.unwrap()
    }
}

impl Outcome {
    /// The data of an answer that must come.
    pub fn data(self) -> Value {
        match self {
            Self::Answered(data) => data,
            Self::Refused(trouble) | Self::Unknown(trouble) => panic!("not answered: {trouble}"),
        }
    }
}
