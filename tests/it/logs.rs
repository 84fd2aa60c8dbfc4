//! What a process writes down: a line a request, the cause of what failed in one line with the request's id, and no secret.

mod causes;
mod secrets;

use std::fs::File;
use std::path::{Path, PathBuf};

use reqwest::{Client, Response};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::eventually;
use crate::support::program::Served;

/// A process and what it logs.
struct Logged {
    served: Served,
    client: Client,
    log: PathBuf,
    _folder: TempDir,
}

impl Logged {
    fn start(arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        let data = folder.path().join("data");
        let served = Served::logging(&data, arguments, File::create(&log).unwrap());
        Self { served, client: plain_client(), log, _folder: folder }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.served.address)
    }

    async fn post(&self, token: Option<&str>, question: &Value) -> Response {
        let request = self.client.post(self.url("/graphql")).json(question);
        token.iter().fold(request, reqwest::RequestBuilder::bearer_auth).send().await.unwrap()
    }

    async fn ready(&self) -> Value {
        let answer = self.client.get(self.url("/readyz")).send().await.unwrap();
        assert_eq!(answer.status(), 200, "reads go on");
        answer.json().await.unwrap()
    }

    /// A new visitor's access token.
    async fn visitor(&self) -> String {
        let signed = self.post(None, &json!({ "query": "mutation { signInAnonymously { accessToken } }" })).await;
        let signed: Value = signed.json().await.unwrap();
        signed["data"]["signInAnonymously"]["accessToken"].as_str().unwrap_or_else(|| panic!("not signed in: {signed}")).to_owned()
    }

    fn lines(&self) -> Vec<Value> {
        lines(&self.log)
    }

    /// The lines that carry this request id, once its answer was logged.
    async fn of(&self, request_id: &str) -> Vec<Value> {
        let own = || self.lines().into_iter().filter(|line| line.to_string().contains(request_id)).collect::<Vec<_>>();
        let is_answered = async || own().iter().any(|line| line["fields"]["message"] == "answered");
        eventually("the answer is logged", is_answered).await;
        own()
    }
}

/// A client that takes answers as they are, so that their bytes can be counted.
fn plain_client() -> Client {
    Client::builder().no_gzip().build().unwrap()
}

/// Every line is a JSON object.
fn lines(log: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(log).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect()
}

fn id_of(answer: &Response) -> String {
    answer.headers()["x-request-id"].to_str().unwrap().to_owned()
}

/// The fields of the spans of a line, the innermost last.
fn span<'a>(line: &'a Value, field: &str) -> Option<&'a Value> {
    line["spans"].as_array()?.iter().rev().find_map(|span| span.get(field))
}

#[tokio::test]
async fn every_request_is_a_line_at_the_level_of_the_readme() {
    let logged = Logged::start(&["--no-demo"]);
    let question = json!({ "query": "query Cities { cities { slug } }" });
    let answer = logged.post(None, &question).await;
    let (id, bytes) = (id_of(&answer), answer.bytes().await.unwrap().len());
    let own = logged.of(&id).await;
    assert_eq!(own.len(), 1, "{own:#?}");
    let line = &own[0];
    assert_eq!(line["level"], "INFO");
    let fields = &line["fields"];
    assert_eq!(
        (&fields["request_id"], &fields["method"], &fields["path"], &fields["status"]),
        (&json!(id), &json!("POST"), &json!("/graphql"), &json!(200))
    );
    assert!(fields["milliseconds"].as_f64().unwrap() > 0.0);
    assert_eq!(fields["bytes"], bytes);
    assert_eq!(
        (span(line, "operation"), span(line, "operation_kind"), span(line, "client")),
        (Some(&json!("Cities")), Some(&json!("query")), Some(&json!("anyone")))
    );
}

#[tokio::test]
async fn what_went_well_can_be_sampled_and_what_did_not_never_is() {
    let logged = Logged::start(&["--no-demo", "--log-sample", "10"]);
    for _ in 0..50 {
        logged.client.get(logged.url("/healthz")).send().await.unwrap();
    }
    for _ in 0..7 {
        logged.client.get(logged.url("/nowhere")).send().await.unwrap();
    }
    let last = logged.client.get(logged.url("/nowhere")).send().await.unwrap();
    logged.of(&id_of(&last)).await;
    let count = |status: u64| logged.lines().iter().filter(|line| line["fields"]["status"] == status).count();
    assert_eq!((count(200), count(404)), (5, 8));
}
