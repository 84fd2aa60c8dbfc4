//! What is kept of a visitor, as a file: whole, for whoever has the address while it holds, and in little memory.

use chrono::TimeDelta;
use futures::future::join_all;
use roteiro::identity::rights::Role;
use serde_json::{Value, json};

use super::data::{ERASE, EXPORT, address_of_my_data, refused};
use super::{REFRESH, refreshed};
use crate::support::database::{BOTH, Database, TestDatabase};
use crate::support::program::Served;
use crate::support::{TestServer, now};

const SAVE: &str = "mutation($input: SaveTripInput!) { saveTrip(input: $input) { trip { id } userErrors { message } } }";

fn trip(title: &str, date: &str) -> Value {
    let start = json!({ "location": { "latitude": -15.596, "longitude": -56.097 } });
    json!({ "input": { "title": title, "request": { "cities": ["cuiaba"], "days": [{ "date": date, "start": start }] } } })
}

async fn save(server: &TestServer, access: &str, title: &str) -> Value {
    server.ask_as(access, SAVE, trip(title, "2026-12-12")).await["saveTrip"]["trip"]["id"].take()
}

#[tokio::test]
async fn the_file_is_whole_however_many_pages_it_takes() {
    for database in BOTH {
        let server = TestServer::demo_on(database).await;
        let ((mine, _), (other, _)) = (server.sign_in().await, server.sign_in().await);
        let trips = [save(&server, &mine, "Um").await, save(&server, &mine, "Dois").await];
        save(&server, &other, "De outra pessoa").await;
        let update = "mutation($id: ID!, $version: Int!, $title: String!) {
            updateTrip(input: { id: $id, expectedVersion: $version, title: $title }) { outcome } }";
        for version in 1..=14 {
            let title = format!("Um, vez {version}");
            server.ask_as(&mine, update, json!({ "id": trips[0], "version": version, "title": title })).await;
        }
        let share = "mutation($id: ID!) { shareTrip(input: { id: $id }) { share { token } } }";
        server.ask_as(&mine, share, json!({ "id": trips[1] })).await;
        let (closed, number) = match database {
            Database::Sqlite => ("printf('%03d', n)", "WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 450)"),
            Database::Postgres => ("to_char(n, 'FM000')", "WITH s(n) AS (SELECT generate_series(1, 450))"),
        };
        let links = format!(
            "{number} INSERT INTO trip_share (token, trip_id, created_at, revoked_at)
             SELECT 'fechado-' || {closed}, t.trip_id, t.created_at, t.created_at FROM s, (SELECT trip_id, created_at FROM trip_share) t"
        );
        server.database.by_hand(&links).await;

        let url = address_of_my_data(&server, &mine).await;
        let answer = server.client.get(&url).send().await.unwrap();
        let header = |name: &str| answer.headers().get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default();
        assert_eq!((answer.status().as_u16(), header("cache-control")), (200, "private, no-store".to_owned()));
        assert_eq!(header("content-disposition"), "attachment; filename=\"roteiro-my-data.json\"");
        assert_eq!((header("x-content-type-options").as_str(), header("etag").as_str()), ("nosniff", ""));
        assert!(header("content-type").starts_with("application/json"));
        let text = answer.text().await.unwrap();
        assert!(!text.contains("De outra pessoa"));
        let document: Value = serde_json::from_str(&text).unwrap();
        let list = |name: &str| document[name].as_array().unwrap_or_else(|| panic!("no {name}: {document:#}")).clone();
        assert_eq!((list("sessions").len(), list("transferCodes").len(), list("trips").len()), (1, 0, 2));
        let mut tokens: Vec<String> = list("links").iter().map(|link| link["token"].to_string()).collect();
        assert_eq!(tokens.len(), 451);
        tokens.dedup();
        assert_eq!(tokens.len(), 451, "no link comes twice");
        // Of fifteen versions ten are kept, each with what it held.
        let versions = list("tripVersions");
        let of = |title: &str| versions.iter().filter(|version| version["content"]["title"].as_str().unwrap().starts_with(title)).count();
        assert_eq!((of("Um"), of("Dois"), versions.len()), (10, 1, 11), "{database:?}");
        let numbers: Vec<i64> = versions
            .iter()
            .filter(|version| version["content"]["title"] != "Dois")
            .map(|version| version["version"].as_i64().unwrap())
            .collect();
        assert_eq!(numbers, (6..=15).collect::<Vec<_>>());
        assert!(versions.iter().all(|version| version["plan"]["days"].is_array()));
    }
}

#[tokio::test]
async fn the_address_opens_for_minutes_and_no_longer_than_the_session() {
    for database in BOTH {
        let server = TestServer::demo_on(database).await;
        let ((mine, _), (other, refresh)) = (server.sign_in().await, server.sign_in().await);
        let url = address_of_my_data(&server, &mine).await;
        let fetch = async |url: &str| {
            let answer = server.client.get(url).send().await.unwrap();
            let status = answer.status().as_u16();
            // A file that is still being read keeps its place.
            answer.bytes().await.unwrap();
            status
        };
        // As often as it is asked for, and without any header.
        assert_eq!((fetch(&url).await, fetch(&url).await), (200, 200));
        let theirs = server.client.get(&url).bearer_auth(&other).send().await.unwrap().json::<Value>().await.unwrap();
        let own = server.client.get(&url).send().await.unwrap().json::<Value>().await.unwrap();
        assert_eq!(theirs["visitor"], own["visitor"], "whose it is, the address says");
        // No other token is an address, and the address no token.
        let (base, token) = url.rsplit_once('/').unwrap();
        for wrong in [&mine, "x", "", &token[..token.len() - 2]] {
            assert_eq!(refused(&server, &format!("{base}/{wrong}")).await, (404, "NOT_FOUND".to_owned()), "{wrong}");
        }
        assert_eq!(server.refusal_to(token, EXPORT, json!({})).await, "UNAUTHENTICATED");
        // It is for visitors.
        let (_, editor) = server.account(Role::Editor, Some("cuiaba")).await;
        assert_eq!(server.refusal_to(&editor, EXPORT, json!({})).await, "FORBIDDEN");
        server.clock.set(now() + TimeDelta::seconds(299));
        assert_eq!(fetch(&url).await, 200);
        server.clock.set(now() + TimeDelta::seconds(300));
        assert_eq!(refused(&server, &url).await, (410, "GONE".to_owned()));
        server.clock.set(now());
        assert_eq!(fetch(&url).await, 200);
        server.ask_as(&mine, ERASE, json!({})).await;
        assert_eq!(refused(&server, &url).await, (401, "UNAUTHENTICATED".to_owned()));
        // A token that is used after its successor was ends the session, whoever has it.
        let url = address_of_my_data(&server, &other).await;
        assert_eq!(fetch(&url).await, 200);
        let (_, next) = refreshed(&server, &refresh).await;
        refreshed(&server, &next).await;
        assert_eq!(server.refusal(REFRESH, json!({ "token": refresh })).await, "UNAUTHENTICATED");
        assert_eq!(refused(&server, &url).await, (401, "UNAUTHENTICATED".to_owned()));
    }
}

/// The most memory a process ever had, in bytes.
fn high_water(served: &Served) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{}/status", served.child.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<usize>().unwrap() * 1024
}

/// Twenty trips of ten versions, 100 KB each: as much as a visitor may keep. Read whole, such a document takes hundreds of megabytes.
#[tokio::test]
async fn however_much_is_kept_handing_it_over_takes_little_memory_and_one_at_a_time() {
    for database in BOTH {
        let kept = TestDatabase::create(database).await;
        let folder = tempfile::tempdir().unwrap();
        let served = Served::start(folder.path(), &["--database-url", &kept.url]);
        let client = reqwest::Client::new();
        let ask = async |token: Option<&str>, query: &str, variables: Value| {
            let request = client.post(format!("http://{}/graphql", served.address));
            let request = token.iter().fold(request, reqwest::RequestBuilder::bearer_auth);
            let answer = request.json(&json!({ "query": query, "variables": variables })).send().await.unwrap().json::<Value>().await;
            answer.unwrap()["data"].take()
        };
        let signed = ask(None, "mutation { signInAnonymously { accessToken } }", json!({})).await;
        let access = signed["signInAnonymously"]["accessToken"].as_str().unwrap();
        for number in 0..20 {
            // This process has the machine's clock.
            ask(Some(access), SAVE, trip(&format!("Viagem {number}"), "2099-12-12")).await;
        }
        let (plan, numbers) = match database {
            Database::Sqlite => {
                let numbers = "WITH RECURSIVE s(n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM s WHERE n < 10)";
                ("'[' || replace(printf('%.*c', 50000, 'x'), 'x', '1,') || '1]'", numbers)
            }
            Database::Postgres => ("('[' || repeat('1,', 50000) || '1]')::jsonb", "WITH s(n) AS (SELECT generate_series(2, 10))"),
        };
        kept.by_hand(&format!("UPDATE trip_version SET plan = {plan}")).await;
        kept.by_hand(&format!(
            "{numbers} INSERT INTO trip_version (trip_id, version, content, plan, at)
             SELECT t.trip_id, s.n, t.content, t.plan, t.at FROM s, trip_version t WHERE t.version = 1"
        ))
        .await;

        let before = high_water(&served);
        let aliases: Vec<String> = (0..18).map(|number| format!("a{number}: exportMyData {{ url }}")).collect();
        let asked = ask(Some(access), &format!("{{ {} }}", aliases.join(" ")), json!({})).await;
        let urls: Vec<String> = asked.as_object().unwrap().values().map(|export| export["url"].as_str().unwrap().to_owned()).collect();
        assert_eq!(urls.len(), 18);
        let fetched = join_all(urls.iter().map(async |url| {
            let answer = client.get(format!("http://{}{url}", served.address)).send().await.unwrap();
            let (status, retry) = (answer.status().as_u16(), answer.headers().contains_key("retry-after"));
            (status, retry, answer.bytes().await.unwrap())
        }));
        let (whole, busy): (Vec<_>, Vec<_>) = fetched.await.into_iter().partition(|(status, ..)| *status == 200);
        assert!(busy.iter().all(|(status, retry, _)| (*status, *retry) == (503, true)), "{database:?}");
        assert!(!whole.is_empty() && busy.len() >= 10, "{database:?}: {} of 18 were handed over", whole.len());
        for (_, _, file) in whole {
            let document: Value = serde_json::from_slice(&file).unwrap();
            assert_eq!(document["tripVersions"].as_array().unwrap().len(), 200);
        }
        let grown = high_water(&served).saturating_sub(before);
        assert!(grown < 64 * 1024 * 1024, "{database:?}: {} MB more", grown / 1024 / 1024);
    }
}
