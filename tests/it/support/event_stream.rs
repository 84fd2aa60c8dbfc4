//! A client of server-sent events (HTML standard, §9.2.6 "Interpreting an event stream").

use std::time::Duration;

use reqwest::{RequestBuilder, Response};
use serde_json::{Value, json};

/// Longest wait for what must come.
const PATIENCE: Duration = Duration::from_secs(15);

/// A stream of events.
pub struct EventStream {
    response: Response,
    text: String,
}

impl EventStream {
    /// Sends a request that accepts nothing else.
    pub async fn open(request: RequestBuilder) -> Self {
        let response = request.header("Accept", "text/event-stream").send().await.unwrap();
        assert_eq!((response.status().as_u16(), &response.headers()["content-type"]), (200, &"text/event-stream".parse().unwrap()));
        Self { response, text: String::new() }
    }

    /// Asks with `POST`.
    pub async fn ask(client: &reqwest::Client, url: &str, query: &str, variables: Value) -> Self {
        Self::open(client.post(url).json(&json!({ "query": query, "variables": variables }))).await
    }

    /// Name and data of the next event; none when the stream has ended. Comments are passed over.
    pub async fn next(&mut self) -> Option<(String, Value)> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let (mut name, mut data) = (String::new(), None);
                for line in block.lines() {
                    match line.split_once(": ").unwrap_or((line, "")) {
                        ("event", event) => event.clone_into(&mut name),
                        ("data", text) => data = Some(serde_json::from_str(text).unwrap_or_default()),
                        (comment, _) => assert!(comment.starts_with(':'), "{line}"),
                    }
                }
                self.text = String::from(rest);
                match data {
                    Some(data) => return Some((name, data)),
                    None => continue,
                }
            }
            let chunk = tokio::time::timeout(PATIENCE, self.response.chunk()).await.expect("something must come");
            self.text.push_str(std::str::from_utf8(&chunk.ok().flatten()?).unwrap());
        }
    }

    /// The data of the next event, which is a result.
    pub async fn result(&mut self) -> Value {
        let (name, data) = self.next().await.expect("the stream goes on");
        assert_eq!(name, "next");
        data
    }

    /// What is left of the stream.
    pub async fn rest(mut self) -> Vec<(String, Value)> {
        let mut rest = Vec::new();
        while let Some(event) = self.next().await {
            rest.push(event);
        }
        rest
    }
}
