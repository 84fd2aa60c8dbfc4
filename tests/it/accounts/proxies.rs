//! Behind proxies: from where somebody tries to sign in is told by ours, and by nobody else.

use roteiro::identity::attempts::OF_NAME_FROM_PLACE;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

use super::SIGN_IN;
use crate::support::program::Served;
use crate::support::web_socket::Client;

/// A running program behind so many proxies, and who asks it.
struct Behind {
    served: Served,
    client: reqwest::Client,
    _folder: TempDir,
}

fn input(name: &str) -> Value {
    json!({ "input": { "email": format!("{name}@x.example"), "password": "errada errada" } })
}

/// Whether the try was looked at; else there were too many.
fn was_looked_at(answer: &Value) -> bool {
    match answer["errors"][0]["extensions"]["code"].as_str() {
        Some("TOO_MANY_ATTEMPTS") => false,
        Some(code) => panic!("{code}: {answer}"),
        None => {
            assert_eq!(answer["data"]["signIn"]["userErrors"][0]["code"], "WRONG_CREDENTIALS", "{answer}");
            true
        }
    }
}

impl Behind {
    fn new(options: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let served = Served::start(folder.path(), &[&["--no-demo"], options].concat());
        Self { served, client: reqwest::Client::new(), _folder: folder }
    }

    /// Somebody tries this name, and the connection says this in `X-Forwarded-For`, a line each.
    async fn looked_at(&self, name: &str, lines: &[&str]) -> bool {
        let request = self.client.post(format!("http://{}/graphql", self.served.address));
        let request = lines.iter().fold(request, |request, line| request.header("X-Forwarded-For", *line));
        let answer = request.json(&json!({ "query": SIGN_IN, "variables": input(name) })).send().await.unwrap();
        was_looked_at(&answer.json().await.unwrap())
    }

    /// The same over a WebSocket.
    async fn looked_at_over_web_socket(&self, name: &str, line: &str) -> bool {
        let mut request = format!("ws://{}/graphql", self.served.address).into_client_request().unwrap();
        request.headers_mut().insert("Sec-WebSocket-Protocol", "graphql-transport-ws".parse().unwrap());
        request.headers_mut().insert("X-Forwarded-For", line.parse().unwrap());
        let mut client = Client(connect_async(request).await.unwrap().0);
        client.say(&json!({ "type": "connection_init" })).await;
        assert_eq!(client.hear().await, json!({ "type": "connection_ack" }));
        let payload = json!({ "query": SIGN_IN, "variables": input(name) });
        client.say(&json!({ "id": "1", "type": "subscribe", "payload": payload })).await;
        was_looked_at(&client.hear().await["payload"])
    }

    /// All tries that a name has from one place, each with what the number of the try says.
    async fn use_up(&self, name: &str, lines: impl Fn(i32) -> Vec<String>) {
        for number in 0..OF_NAME_FROM_PLACE {
            let lines = lines(number);
            let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
            assert!(self.looked_at(name, &lines).await, "try {number} of {name} from {lines:?} was not looked at");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_proxy_of_ours_what_clients_say_of_their_address_is_not_believed() {
    for options in [&[][..], &["--proxies", "0"]] {
        let behind = Behind::new(options);
        behind.use_up("ana", |number| vec![format!("198.51.100.{number}")]).await;
        assert!(!behind.looked_at("ana", &["198.51.100.99"]).await, "who names another address has no more tries");
        assert!(!behind.looked_at("ana", &["198.51.100.98", "198.51.100.99, 203.0.113.1"]).await);
        assert!(!behind.looked_at("ana", &[]).await);
        assert!(!behind.looked_at_over_web_socket("ana", "198.51.100.99").await);
        assert!(behind.looked_at("bia", &[]).await, "another name is another count");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_a_proxy_of_ours_the_address_it_heard_from_counts_and_not_what_stands_before() {
    let behind = Behind::new(&["--proxies", "1"]);
    // What the client sent itself stands before, in the same line or in lines of its own.
    let lines = |number| match number % 3 {
        0 => vec![format!("203.0.113.{number}, 198.51.100.7")],
        1 => vec![format!("203.0.113.{number}"), "198.51.100.7".to_owned()],
        _ => vec!["198.51.100.7".to_owned()],
    };
    behind.use_up("ana", lines).await;
    for lines in [&["203.0.113.99, 198.51.100.7"][..], &["203.0.113.99", "198.51.100.7"], &["::ffff:198.51.100.7"]] {
        assert!(!behind.looked_at("ana", lines).await, "{lines:?}");
    }
    assert!(!behind.looked_at_over_web_socket("ana", "203.0.113.99, 198.51.100.7").await);
    // Others are not shut out with it, even who says to be it.
    assert!(behind.looked_at("ana", &["198.51.100.8"]).await);
    assert!(behind.looked_at("ana", &["198.51.100.7, 198.51.100.8"]).await);
    assert!(behind.looked_at_over_web_socket("ana", "198.51.100.7, 198.51.100.8").await);

    // Of IPv6 a subscriber has 64 bits.
    behind.use_up("bia", |number| vec![format!("2001:db8:1:2::{number:x}")]).await;
    assert!(!behind.looked_at("bia", &["2001:db8:1:2:ffff:ffff:ffff:ffff"]).await);
    assert!(behind.looked_at("bia", &["2001:db8:1:3::1"]).await);

    // Where it says nothing that is an address, it is the connection's that counts.
    let nothing = [vec![], vec!["unknown".to_owned()], vec![String::new()], vec!["198.51.100.7, _hidden".to_owned()]];
    behind.use_up("caio", |number| nothing[number as usize % nothing.len()].clone()).await;
    assert!(!behind.looked_at("caio", &["127.0.0.1"]).await);
    assert!(behind.looked_at("caio", &["198.51.100.9"]).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_two_proxies_of_ours_the_first_of_them_tells_the_address() {
    let behind = Behind::new(&["--proxies", "2"]);
    behind.use_up("ana", |number| vec![format!("203.0.113.{number}, 198.51.100.7, 10.0.0.{number}")]).await;
    assert!(!behind.looked_at("ana", &["203.0.113.99", "198.51.100.7", "10.0.0.99"]).await);
    assert!(behind.looked_at("ana", &["198.51.100.7, 198.51.100.8, 10.0.0.1"]).await);
}
