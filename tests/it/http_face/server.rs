//! A real server on a free port, in this process, on threads of its own.

use std::net::SocketAddr;
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

use reqwest::{Client, Response};
use roteiro::http::{Face, HttpOptions, Requests, server};
use serde_json::{Value, json};
use tokio::sync::oneshot;

/// Stops when dropped.
pub struct TestServer {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<std::io::Result<()>>>,
    /// A client that keeps connections and follows no proxy.
    pub client: Client,
}

/// Status, headers of interest and body of an answer.
pub struct Answer {
    pub status: u16,
    pub content_type: String,
    pub json: Value,
}

impl TestServer {
    pub fn start(requests: impl Requests) -> Self {
        let (told, address) = mpsc::channel();
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let options = HttpOptions { listen: SocketAddr::from(([127, 0, 0, 1], 0)), workers: 1 };
                let bound = server::bind(Face::new(requests).expect("the schema's text parses"), &options)?;
                told.send(bound.address()).expect("the test waits for the address");
                bound
                    .run_until(async {
                        let _ = stopped.await;
                    })
                    .await
            })
        });
        let address = address.recv_timeout(Duration::from_secs(10)).expect("the server binds a free port");
        let client = Client::builder().no_proxy().timeout(Duration::from_secs(30)).build().unwrap();
        Self { address, stop: Some(stop), thread: Some(thread), client }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Tells the server to stop, without waiting.
    pub fn tell_to_stop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
    }

    /// Waits until the server has ended.
    pub fn ended(&mut self) {
        if let Some(thread) = self.thread.take() {
            thread.join().expect("the server's thread ends well").expect("the server ends well");
        }
    }

    pub async fn get(&self, path: &str) -> Response {
        self.client.get(self.url(path)).send().await.unwrap()
    }

    /// Asks a query with `POST`, accepting `application/graphql-response+json`.
    pub async fn ask(&self, query: &str, variables: Value) -> Answer {
        self.post(json!({ "query": query, "variables": variables }).to_string()).await
    }

    /// Posts a body as JSON, accepting `application/graphql-response+json`.
    pub async fn post(&self, body: impl Into<reqwest::Body>) -> Answer {
        let request = self.client.post(self.url("/graphql")).header("content-type", "application/json");
        Answer::of(request.header("accept", "application/graphql-response+json").body(body).send().await.unwrap()).await
    }
}

impl Answer {
    pub async fn of(response: Response) -> Self {
        let header = response.headers().get("content-type").map(|value| value.to_str().unwrap().to_owned());
        Self {
            status: response.status().as_u16(),
            content_type: header.unwrap_or_default(),
            json: response.json().await.unwrap_or_default(),
        }
    }

    /// The code of the first error; empty when there is none.
    pub fn code(&self) -> &str {
        self.json["errors"][0]["extensions"]["code"].as_str().unwrap_or_default()
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        self.tell_to_stop();
        let ended = self.thread.take().map(JoinHandle::join);
        if !std::thread::panicking() {
            let Some(ended) = ended else { return };
            ended.expect("the server's thread ends well").expect("the server ends well");
        }
    }
}
