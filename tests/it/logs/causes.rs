//! The cause of a failure is one line, found by the id that the answer carries, however the operation came.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use reqwest::Response;
use serde_json::{Value, json};
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

use super::{Logged, id_of, lines, span};
use crate::support::database::{Database, TestDatabase};
use crate::support::eventually;
use crate::support::program::Served;
use crate::support::proxy::Proxy;
use crate::support::web_socket::Client as Socket;

/// The only error among the lines of a request.
fn only_error(own: &[Value]) -> &Value {
    let errors: Vec<&Value> = own.iter().filter(|line| line["level"] == "ERROR").collect();
    assert_eq!(errors.len(), 1, "{own:#?}");
    errors[0]
}

async fn code(answer: Response) -> Value {
    let answer: Value = answer.json().await.unwrap();
    answer["errors"][0]["extensions"]["code"].clone()
}

#[tokio::test]
async fn a_postgres_that_refuses_connections_is_named_with_request_and_operation() {
    let database = TestDatabase::create(Database::Postgres).await;
    let (proxy, url) = Proxy::before_database(&database.url);
    let logged = Logged::start(&["--no-demo", "--database-url", &url]);
    let visitor = logged.visitor().await;
    assert_eq!(logged.ready().await["writing"], true);
    // Without its listener the address refuses.
    drop(proxy);

    let write = "mutation Erase { gone: eraseMe { erasedTrips } }";
    let read = "query Mine { mine: trips { id } again: trips { title } }";
    for (query, operation, kind, field) in [(read, "Mine", "query", "trips"), (write, "Erase", "mutation", "eraseMe")] {
        let answer = logged.post(Some(&visitor), &json!({ "query": query, "operationName": operation })).await;
        let id = id_of(&answer);
        assert_eq!(code(answer).await, "UNAVAILABLE", "{query}");
        let own = logged.of(&id).await;
        let error = only_error(&own);
        let cause = error["fields"]["cause"].as_str().unwrap();
        // A connection that was open is reset first.
        assert!(cause.contains("Connection refused") || cause.contains("Connection reset"), "{cause}");
        assert_eq!(error["fields"]["fields"], field);
        assert_eq!((span(error, "operation"), span(error, "operation_kind")), (Some(&json!(operation)), Some(&json!(kind))));
        assert_eq!(span(error, "client"), Some(&json!("visitor")));
    }
    let state = logged.ready().await;
    assert_eq!((&state["status"], &state["writing"], &state["writeTrouble"]), (&json!("degraded"), &json!(false), &json!("UNREACHABLE")));

    // A link to a trip is no operation, and its path no part of a line.
    let answer = logged.client.get(logged.url("/trips/abcdefghijklmnopqrstuvwx")).send().await.unwrap();
    let own = logged.of(&id_of(&answer)).await;
    assert!(only_error(&own)["fields"]["cause"].as_str().unwrap().contains("Connection refused"));

    // Over a WebSocket the id is that of the handshake.
    let mut request = format!("ws://{}/graphql", logged.served.address).into_client_request().unwrap();
    request.headers_mut().insert("Sec-WebSocket-Protocol", "graphql-transport-ws".parse().unwrap());
    let (stream, handshake) = connect_async(request).await.unwrap();
    let id = handshake.headers()["x-request-id"].to_str().unwrap().to_owned();
    let mut socket = Socket(stream);
    socket.say(&json!({ "type": "connection_init", "payload": { "Authorization": format!("Bearer {visitor}") } })).await;
    assert_eq!(socket.hear().await["type"], "connection_ack");
    socket.subscribe("1", "query OverSocket { trips { id } }").await;
    assert_eq!(socket.hear().await["payload"]["errors"][0]["extensions"]["code"], "UNAVAILABLE");
    let own = logged.of(&id).await;
    let error = only_error(&own);
    assert_eq!((span(error, "operation"), span(error, "request_id")), (Some(&json!("OverSocket")), Some(&json!(id))));
    assert!(error["fields"]["cause"].as_str().unwrap().contains("Connection refused"));
}

#[tokio::test]
async fn a_sqlite_on_a_full_disk_is_named_told_by_readyz_and_found_mended() {
    let folder = tempfile::tempdir().unwrap();
    let (disk, log) = (folder.path().join("disk"), folder.path().join("log"));
    std::fs::create_dir(&disk).unwrap();
    // A disk of its own, in a name space of its own: nobody else sees it, and it goes with the process.
    let mut command = Command::new("unshare");
    command.args(["--user", "--map-root-user", "--mount", "sh", "-c", "mount -t tmpfs -o size=128m disk \"$0\" && exec \"$@\""]);
    command.arg(&disk);
    let served = Served::start_by(command, &disk, &["--no-demo", "--writes-burst", "100000"], std::fs::File::create(&log).unwrap());
    let inside = Path::new("/proc").join(served.child.id().to_string()).join("root").join(disk.strip_prefix("/").unwrap());
    let logged = Logged { served, client: super::plain_client(), log, _folder: folder };
    logged.visitor().await;

    let filler = inside.join("filler");
    let full = std::fs::write(&filler, vec![b'x'; 160 << 20]).unwrap_err();
    assert_eq!(full.raw_os_error(), Some(28), "there is no space left: {full}");
    let sign_in = json!({ "query": "mutation SignIn { signInAnonymously { accessToken } }" });
    let failed = async {
        // What the write-ahead log has room for still goes in.
        for _ in 0..2_000 {
            let answer = logged.post(None, &sign_in).await;
            let id = id_of(&answer);
            if matches!(code(answer).await.as_str(), Some("UNAVAILABLE" | "OUTCOME_UNKNOWN")) {
                return id;
            }
        }
        panic!("a full disk took everything");
    };
    let own = logged.of(&failed.await).await;
    let error = only_error(&own);
    assert!(error["fields"]["cause"].as_str().unwrap().contains("database or disk is full"), "{error:#}");
    assert_eq!((&error["fields"]["fields"], span(error, "operation")), (&json!("signInAnonymously"), Some(&json!("SignIn"))));
    let state = logged.ready().await;
    assert_eq!((&state["status"], &state["writing"], &state["writeTrouble"]), (&json!("degraded"), &json!(false), &json!("FULL")));
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(logged.ready().await["writing"], false, "it is tried, and not believed to be over");

    // Nobody writes, and it is known all the same that writes are taken again.
    std::fs::remove_file(&filler).unwrap();
    eventually("writes are taken again", async || logged.ready().await["writing"] == true).await;
    assert_eq!(logged.ready().await["status"], "ready");
    logged.visitor().await;
    assert!(lines(&logged.log).iter().any(|line| line["fields"]["message"] == "the database takes writes again"));
}
