//! The feed told as it grows, over WebSocket and as server-sent events: nothing is missed and nothing told twice, however often the
//! connection is lost.

use std::collections::BTreeSet;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};

use super::reader::Reader;
use crate::follow::Histories;
use crate::support::city_file::{file, place};
use crate::support::database::{BOTH, Database};
use crate::support::event_stream::EventStream;
use crate::support::web_socket::Client;
use crate::support::{TestServer, eventually};

const EVENT: &str = "entries { number kind at type id city { slug } replacedBy node { __typename id
    ... on PointOfInterest { slug name { value } city { slug } } ... on Event { slug name { value } city { slug } }
    ... on Route { slug name { value } city { slug } } ... on City { slug summary { value } } } }
    cursor hasMore resync { reason message }";

/// A subscription by either way.
enum Line {
    WebSocket(Box<Client>),
    EventStream(Box<EventStream>),
}

#[derive(Clone, Copy, Debug)]
enum By {
    WebSocket,
    EventStream,
}

impl Line {
    async fn open(by: By, server: &TestServer, after: Option<&str>, cities: &[&str]) -> Self {
        let query = format!("subscription {{ page: catalogueChanged(after: {}, cities: {}) {{ {EVENT} }} }}", json!(after), json!(cities));
        let url = server.url("/graphql");
        match by {
            By::WebSocket => {
                let mut client = Client::acknowledged(&url, Value::Null).await;
                client.subscribe("s", &query).await;
                Self::WebSocket(Box::new(client))
            }
            By::EventStream => Self::EventStream(Box::new(EventStream::ask(&server.client, &url, &query, Value::Null).await)),
        }
    }

    async fn page(&mut self) -> Value {
        let mut result = match self {
            Self::WebSocket(client) => client.hear().await["payload"].take(),
            Self::EventStream(stream) => stream.result().await,
        };
        assert!(result.get("errors").is_none(), "{result}");
        result["data"]["page"].take()
    }
}

fn places(dataset: &str, city: &str, slugs: &[&str], word: &str) -> Value {
    let places: Vec<Value> = slugs.iter().map(|slug| place(slug, word, -14.72, -56.33)).collect();
    file(dataset, city, &places, &[], &[])
}

fn kinds(page: &Value) -> Vec<String> {
    let kind = |change: &Value| format!("{} {}", change["kind"].as_str().unwrap(), change["node"]["slug"].as_str().unwrap_or("-"));
    page["entries"].as_array().unwrap().iter().map(kind).collect()
}

#[tokio::test]
async fn without_a_cursor_it_begins_with_what_changes_from_now_on_in_the_cities_followed() {
    for (kind, by) in BOTH.into_iter().zip([By::WebSocket, By::EventStream]) {
        let server = TestServer::bare_on(kind).await;
        server.import(&places("um", "nobres", &["a"], "Lugar")).await;
        server.import(&places("um", "cuiaba", &["x"], "Lugar")).await;
        let mut line = Line::open(by, &server, None, &["nobres"]).await;
        let first = line.page().await;
        assert_eq!((&first["entries"], &first["hasMore"], &first["resync"]), (&json!([]), &json!(false), &Value::Null), "{by:?}");
        server.import(&places("um", "nobres", &["a", "b"], "Lugar")).await;
        assert_eq!(kinds(&line.page().await), ["CREATED b"], "{by:?}");
        // What happens elsewhere is no event; what follows it is.
        server.import(&places("um", "cuiaba", &["x"], "Novo")).await;
        server.import(&places("um", "nobres", &["b"], "Lugar")).await;
        let last = line.page().await;
        assert_eq!(kinds(&last), ["DELETED -"], "{by:?}");
        drop(line);
        // The first cursor tells all that came since, the last one nothing but that it holds.
        let mut line = Line::open(by, &server, first["cursor"].as_str(), &["nobres"]).await;
        assert_eq!(kinds(&line.page().await), ["CREATED b", "DELETED -"], "{by:?}");
        let mut line = Line::open(by, &server, last["cursor"].as_str(), &["nobres"]).await;
        assert_eq!(kinds(&line.page().await), Vec::<String>::new(), "{by:?}");
    }
}

#[tokio::test]
async fn with_a_cursor_what_was_missed_comes_first_in_pages_and_no_snapshot_is_held_between_events() {
    for (kind, by) in BOTH.into_iter().zip([By::EventStream, By::WebSocket]) {
        let server = TestServer::bare_on(kind).await;
        server.import(&places("um", "nobres", &["a"], "Lugar")).await;
        let mut reader = Reader::default();
        reader.catch_up(&server).await;
        roteiro::ingest::synth::fill(&server.store, 350, 5, crate::support::now()).await.unwrap();
        server.catch_up().await;
        let mut line = Line::open(by, &server, reader.cursor.as_deref(), &[]).await;
        let mut sizes = Vec::new();
        loop {
            let page = line.page().await;
            sizes.push(page["entries"].as_array().unwrap().len());
            reader.take(&page);
            if page["hasMore"] == json!(false) {
                break;
            }
        }
        assert_eq!((&sizes[..3], sizes.len()), (&[100, 100, 100][..], 4), "{by:?}");
        server.import(&places("um", "nobres", &["a"], "Novo")).await;
        let page = line.page().await;
        assert_eq!(kinds(&page), ["UPDATED a"], "{by:?}");
        reader.take(&page);
        eventually("only one snapshot is left", async || server.holder.generations() == 1).await;
        let mut fresh = Reader::default();
        fresh.catch_up(&server).await;
        assert_eq!(reader.records, fresh.records, "{by:?}");
    }
}

#[tokio::test]
async fn whoever_comes_back_with_the_last_cursor_misses_nothing_and_hears_nothing_twice() {
    for (by, seed) in [(By::WebSocket, 1), (By::EventStream, 2)] {
        let mut histories = Histories { random: StdRng::seed_from_u64(seed) };
        let server = TestServer::bare_on(Database::Sqlite).await;
        server.import(&histories.next()).await;
        let (mut reader, mut told) = (Reader::default(), BTreeSet::new());
        for _ in 0..8 {
            let mut line = Line::open(by, &server, reader.cursor.as_deref(), &[]).await;
            // Before the first cursor there is nothing to come back to.
            let first = line.page().await;
            if reader.cursor.is_none() {
                reader.catch_up(&server).await;
            } else {
                heard(&mut reader, &mut told, &first);
            }
            for _ in 0..histories.random.random_range(0..3) {
                let before = server.holder.current().version;
                server.import(&histories.next()).await;
                // One or two events may be left unheard when the line is cut.
                if server.holder.current().version > before && histories.random.random_bool(0.7) {
                    heard(&mut reader, &mut told, &line.page().await);
                }
            }
            drop(line);
            server.import(&histories.next()).await;
        }
        reader.catch_up(&server).await;
        let mut fresh = Reader::default();
        fresh.catch_up(&server).await;
        assert_eq!(reader.records, fresh.records, "{by:?}");
    }
}

/// Takes a page in, all of which is new.
fn heard(reader: &mut Reader, told: &mut BTreeSet<(String, String)>, page: &Value) {
    for change in page["entries"].as_array().unwrap() {
        let key = |name: &str| change[name].as_str().unwrap().to_owned();
        assert!(told.insert((key("number"), key("id"))), "told twice: {change}");
    }
    reader.take(page);
}

#[tokio::test]
async fn a_cursor_that_leads_nowhere_is_refused_or_answered_with_a_load_from_the_beginning() {
    let server = TestServer::bare_on(Database::Sqlite).await;
    server.import(&places("um", "nobres", &["a"], "Lugar")).await;
    let mut reader = Reader::default();
    reader.catch_up(&server).await;
    let url = server.url("/graphql");
    let query = "subscription($after: Cursor, $cities: [String!]) { catalogueChanged(after: $after, cities: $cities) { cursor } }";
    for (variables, code) in [
        (json!({ "after": "x" }), "BAD_CURSOR"),
        (json!({ "after": reader.cursor, "cities": ["nobres"] }), "BAD_CURSOR"),
        (json!({ "cities": ["atlantis"] }), "UNKNOWN_CITY"),
    ] {
        let mut stream = EventStream::ask(&server.client, &url, query, variables).await;
        assert_eq!(stream.result().await["errors"][0]["extensions"]["code"], code);
        assert_eq!(stream.rest().await, [("complete".to_owned(), Value::Null)]);
    }
    // Another catalogue: forget everything, and here it comes.
    server.database.by_hand("UPDATE change SET at = '2026-11-23 14:00:00.000001+00:00' WHERE number = 1").await;
    let other = TestServer::over(server.database.again(), server.store.clone()).await;
    let mut line = Line::open(By::EventStream, &other, reader.cursor.as_deref(), &[]).await;
    let page = line.page().await;
    assert_eq!((&page["resync"]["reason"], &page["entries"]), (&json!("CURSOR_OF_ANOTHER_CATALOGUE"), &json!([])));
    assert_eq!(kinds(&line.page().await), ["CREATED nobres", "CREATED a"]);
}
