//! Somebody who asks from an address of theirs, as a proxy of ours tells it.

use reqwest::RequestBuilder;
use serde_json::{Value, json};

use crate::support::TestServer;

/// Who asks, and from where.
#[derive(Clone)]
pub struct Caller<'a> {
    pub server: &'a TestServer,
    pub address: String,
    pub token: Option<String>,
}

impl<'a> Caller<'a> {
    /// Somebody who shows no token.
    pub fn at(server: &'a TestServer, address: &str) -> Self {
        Self { server, address: address.to_owned(), token: None }
    }

    /// The same with a token.
    pub fn showing(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    /// The same as a new visitor.
    pub async fn signed_in(&self) -> Self {
        let answer = self.ask(SIGN_IN, json!({})).await;
        self.showing(answer["data"]["signInAnonymously"]["accessToken"].as_str().unwrap_or_else(|| panic!("no token: {answer}")))
    }

    /// A question about to be sent.
    pub fn request(&self, query: &str, variables: &Value) -> RequestBuilder {
        let request = self.server.client.post(self.server.url("/graphql")).header("X-Forwarded-For", &self.address);
        let request = self.token.iter().fold(request, RequestBuilder::bearer_auth);
        request.json(&json!({ "query": query, "variables": variables }))
    }

    /// The whole answer.
    pub async fn ask(&self, query: &str, variables: Value) -> Value {
        self.request(query, &variables).send().await.unwrap().json().await.unwrap()
    }

    /// The code of the first error; none when there are none.
    pub async fn code(&self, query: &str, variables: Value) -> Option<String> {
        code(&self.ask(query, variables).await)
    }
}

/// The code of the first error of an answer.
pub fn code(answer: &Value) -> Option<String> {
    answer["errors"][0]["extensions"]["code"].as_str().map(str::to_owned)
}

pub const SIGN_IN: &str = "mutation { signInAnonymously { accessToken } }";
