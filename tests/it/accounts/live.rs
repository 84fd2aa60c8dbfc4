//! An ended session is refused at once, in every process, and its connections are closed.

use std::time::Duration;

use roteiro::identity::rights::Role;
use serde_json::{Value, json};

use super::{CHANGE, PASSWORD, newcomer, tokens};
use crate::support::TestServer;
use crate::support::database::BOTH;
use crate::support::event_stream::EventStream;
use crate::support::web_socket::Client;

const ME: &str = "{ viewer { __typename } }";
const OUT: &str = "mutation { signOut { signedOut } }";
const WATCH: &str = "subscription { catalogueChanged { __typename } }";

/// Two processes over one database.
async fn two(database: crate::support::database::Database) -> (TestServer, TestServer) {
    let one = TestServer::demo_on(database).await;
    let other = TestServer::over(one.database.again(), roteiro::store::Store::open(&one.database.url).await.unwrap()).await;
    (one, other)
}

async fn assert_over(servers: [&TestServer; 2], token: &str, what: &str) {
    for server in servers {
        for query in [ME, "{ drafts(cities: [\"cuiaba\"]) { __typename } }", "{ trips { id } }", "mutation { eraseMe { erasedTrips } }"] {
            let code = server.refusal_to(token, query, json!({})).await;
            // A visitor is no account, and an account no visitor, whatever became of the session.
            assert!(code == "UNAUTHENTICATED" || code == "FORBIDDEN", "{what}: {query}: {code}");
        }
        assert_eq!(server.refusal_to(token, ME, json!({})).await, "UNAUTHENTICATED", "{what}");
        // What everybody may read is read on.
        server.ask_as(token, "{ cities { slug } }", json!({})).await;
    }
}

#[tokio::test]
async fn an_access_token_is_good_no_longer_than_its_session() {
    for database in BOTH {
        let (one, other) = two(database).await;
        let servers = [&one, &other];
        newcomer(&one, "ana@x.example", Some((Role::Editor, Some(one.city("cuiaba"))))).await;
        let (out, _) = tokens(&one, "ana@x.example", PASSWORD).await;
        let (changed, _) = tokens(&one, "ana@x.example", PASSWORD).await;
        let (stays, _) = tokens(&one, "ana@x.example", PASSWORD).await;
        assert_eq!(one.ask_as(&out, OUT, json!({})).await["signOut"]["signedOut"], true);
        assert_over(servers, &out, "signed out").await;

        let input = json!({ "oldPassword": PASSWORD, "newPassword": "capivara no rio" });
        assert_eq!(one.ask_as(&stays, CHANGE, json!({ "input": input })).await["changePassword"]["changed"], true);
        assert_over(servers, &changed, "another password").await;
        other.ask_as(&stays, "{ drafts(cities: [\"cuiaba\"]) { __typename } }", json!({})).await;

        let (_, admin) = one.account(Role::Admin, None).await;
        let close = "mutation { disableAccount(input: { email: \"ana@x.example\" }) { userErrors { code } } }";
        one.ask_as(&admin, close, json!({})).await;
        assert_over(servers, &stays, "closed").await;

        let (visitor, _) = one.sign_in().await;
        other.ask_as(&visitor, "{ trips { id } }", json!({})).await;
        one.ask_as(&visitor, "mutation { eraseMe { erasedTrips } }", json!({})).await;
        assert_over(servers, &visitor, "erased").await;
    }
}

#[tokio::test]
async fn an_address_for_an_image_holds_no_longer_than_the_session_it_was_asked_for_in() {
    let server = TestServer::demo_on(BOTH[0]).await;
    newcomer(&server, "ana@x.example", Some((Role::Editor, Some(server.city("cuiaba"))))).await;
    let (ana, _) = tokens(&server, "ana@x.example", PASSWORD).await;
    let create =
        "mutation { createMediaUpload(input: { city: \"cuiaba\", byteLength: 3, contentType: \"image/png\" }) { upload { uploadUrl } } }";
    let url = server.ask_as(&ana, create, json!({})).await["createMediaUpload"]["upload"]["uploadUrl"].take();
    server.ask_as(&ana, OUT, json!({})).await;
    let request = server.client.put(server.url(url.as_str().unwrap())).header("Content-Type", "image/png").body("abc");
    let answer: Value = request.send().await.unwrap().json().await.unwrap();
    assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAUTHENTICATED", "{answer}");
}

#[tokio::test]
async fn connections_of_an_ended_session_are_closed_in_every_process() {
    for database in BOTH {
        let (one, other) = two(database).await;
        newcomer(&one, "ana@x.example", Some((Role::Editor, Some(one.city("cuiaba"))))).await;
        let (ana, _) = tokens(&one, "ana@x.example", PASSWORD).await;
        let (visitor, _) = one.sign_in().await;
        let (stays, _) = one.sign_in().await;
        let url = |server: &TestServer| server.url("/graphql");
        let payload = |token: &str| json!({ "Authorization": format!("Bearer {token}") });
        let mut sockets = Vec::new();
        for server in [&one, &other] {
            for token in [&ana, &visitor] {
                let mut socket = Client::acknowledged(&url(server), payload(token)).await;
                socket.subscribe("1", WATCH).await;
                sockets.push(socket);
            }
        }
        let mut open = Client::acknowledged(&url(&other), payload(&stays)).await;
        let ask = |token: &str| {
            let body = json!({ "query": WATCH });
            other.client.post(other.url("/graphql")).bearer_auth(token).json(&body)
        };
        let mut streams = [EventStream::open(ask(&ana)).await, EventStream::open(ask(&visitor)).await];

        one.ask_as(&ana, OUT, json!({})).await;
        one.ask_as(&visitor, "mutation { eraseMe { erasedTrips } }", json!({})).await;
        for socket in sockets {
            assert_eq!(socket.closed().await, (4403, "the session has ended".to_owned()), "{database:?}");
        }
        for stream in &mut streams {
            let over = async { while stream.next().await.is_some() {} };
            tokio::time::timeout(Duration::from_secs(15), over).await.expect("the stream ends");
        }
        // One whose session goes on is not touched, and a new one with the old token is refused at the door.
        open.say(&json!({ "type": "ping" })).await;
        assert_eq!(open.hear().await["type"], "pong");
        let mut refused = Client::connect(&url(&other), "graphql-transport-ws").await;
        refused.say(&json!({ "type": "connection_init", "payload": payload(&ana) })).await;
        assert_eq!(refused.closed().await.0, 4403, "{database:?}");
        let answer: Value = ask(&ana).header("Accept", "text/event-stream").send().await.unwrap().json().await.unwrap();
        assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
    }
}
