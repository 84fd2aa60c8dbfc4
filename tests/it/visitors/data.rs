//! What is kept of a visitor: handed over, and erased for good.

use sea_orm::{ConnectionTrait, Database as Connection, DbBackend, Statement};
use serde_json::{Value, json};

use super::{MINE, REFRESH};
use crate::support::TestServer;
use crate::support::database::{BOTH, Database};
use crate::support::program::Served;

pub const EXPORT: &str = "{ exportMyData { url expiresAt } }";
/// Where the visitor may fetch what is kept of them.
pub async fn address_of_my_data(server: &TestServer, access: &str) -> String {
    let exported = server.ask_as(access, EXPORT, json!({})).await["exportMyData"].take();
    server.url(exported["url"].as_str().unwrap())
}

/// What fetching is refused with: the status and the code.
pub async fn refused(server: &TestServer, url: &str) -> (u16, String) {
    let answer = server.client.get(url).send().await.unwrap();
    let status = answer.status().as_u16();
    let body: Value = answer.json().await.unwrap();
    (status, body["errors"][0]["extensions"]["code"].as_str().unwrap_or_default().to_owned())
}

pub const ERASE: &str = "mutation { eraseMe { erasedTrips erasedSessions } }";

/// Words that stand nowhere but in what the visitor saved.
const MARKS: [&str; 3] = ["Zoroastro-titulo", "Zoroastro-nota", "zoroastro-chave"];

fn a_day() -> Value {
    json!({ "cities": ["cuiaba"], "days": [{ "date": "2026-12-12", "start": { "location": { "latitude": -15.596, "longitude": -56.097 } } }] })
}

/// Saves a trip full of marks, shares it, changes it; gives the token of the link.
async fn save_marked(server: &TestServer, access: &str) -> String {
    let input = json!({ "title": MARKS[0], "note": MARKS[1], "idempotencyKey": MARKS[2], "request": a_day() });
    let save = "mutation($input: SaveTripInput!) { saveTrip(input: $input) { trip { id } userErrors { message } } }";
    let id = server.ask_as(access, save, json!({ "input": input })).await["saveTrip"]["trip"]["id"].take();
    let share = "mutation($id: ID!) { shareTrip(input: { id: $id }) { share { token } } }";
    let link = server.ask_as(access, share, json!({ "id": id })).await["shareTrip"]["share"]["token"].take();
    let update = "mutation($id: ID!) { updateTrip(input: { id: $id, expectedVersion: 1, title: \"Outro\" }) { outcome } }";
    server.ask_as(access, update, json!({ "id": id })).await;
    link.as_str().unwrap().to_owned()
}

/// All rows of all tables: as texts, or on SQLite, where ids are bytes, as hexadecimal digits.
pub async fn all_rows(server: &TestServer) -> String {
    let connection = Connection::connect(&server.database.url).await.unwrap();
    let backend = connection.get_database_backend();
    let texts = async |statement: String, column: &str| -> Vec<String> {
        let rows = connection.query_all_raw(Statement::from_string(backend, statement)).await.unwrap();
        rows.iter().map(|row| row.try_get::<String>("", column).unwrap()).collect()
    };
    let tables = match backend {
        DbBackend::Sqlite => "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
        _ => "SELECT tablename::text AS name FROM pg_tables WHERE schemaname = 'public'",
    };
    let mut all = String::new();
    for table in texts(tables.to_owned(), "name").await {
        let row = if backend == DbBackend::Sqlite {
            let columns = texts(format!("SELECT name FROM pragma_table_info('{table}')"), "name").await;
            let column = |name: &String| format!("lower(hex(\"{name}\"))");
            columns.iter().map(column).collect::<Vec<_>>().join(" || ' ' || ")
        } else {
            "t::text".to_owned()
        };
        all.extend(texts(format!("SELECT {row} AS row FROM \"{table}\" t"), "row").await);
    }
    connection.close().await.unwrap();
    all
}

/// Whether a word, or an id without its hyphens, stands in the rows.
pub fn stands_in(rows: &str, word: &str) -> bool {
    let digits: String = word.bytes().map(|byte| format!("{byte:02x}")).collect();
    rows.contains(word) || rows.contains(&digits) || rows.replace('-', "").contains(word)
}

#[tokio::test]
async fn what_is_mine_can_be_taken_along_and_erased_for_good() {
    for database in BOTH {
        let server = TestServer::demo_on(database).await;
        let ((mine, refresh), (other, _)) = (server.sign_in().await, server.sign_in().await);
        let link = save_marked(&server, &mine).await;
        save_marked(&server, &other).await;
        let url = address_of_my_data(&server, &mine).await;
        let text = server.client.get(&url).send().await.unwrap().text().await.unwrap();
        let document: Value = serde_json::from_str(&text).unwrap();
        assert_eq!((document["sessions"].as_array().unwrap().len(), document["tripVersions"].as_array().unwrap().len()), (1, 2));
        assert_eq!((&document["links"][0]["token"], &document["tripVersions"][0]["content"]["note"]), (&json!(link), &json!(MARKS[1])));
        assert!(!text.contains(refresh.split_once('.').unwrap().1), "what is handed over signs nobody in");
        for query in [EXPORT, ERASE] {
            assert_eq!(server.refusal(query, json!({})).await, "UNAUTHENTICATED");
        }

        // The other visitor's words are the same and go first: what is found afterwards is mine.
        let erase = async |access: &str| server.ask_as(access, ERASE, json!({})).await["eraseMe"].take();
        let shared =
            async || server.ask(&format!("{{ trip(by: {{ shareToken: \"{link}\" }}) {{ title }} }}"), json!({})).await["trip"].take();
        assert_eq!(erase(&other).await, json!({ "erasedTrips": 1, "erasedSessions": 1 }));
        assert_eq!(shared().await["title"], "Outro");
        let visitor = document["visitor"].as_str().unwrap().replace('-', "");
        let marks = [MARKS[0], MARKS[1], MARKS[2], &link, &visitor];
        let rows = all_rows(&server).await;
        assert!(marks.iter().all(|mark| stands_in(&rows, mark)), "the search finds what is there");

        assert_eq!(erase(&mine).await, json!({ "erasedTrips": 1, "erasedSessions": 1 }));
        let rows = all_rows(&server).await;
        let found: Vec<&&str> = marks.iter().filter(|mark| stands_in(&rows, mark)).collect();
        assert!(found.is_empty(), "{database:?}: {found:?} is still there");
        if database == Database::Sqlite {
            // Nor does the file remember in what it keeps of deleted rows.
            let files = ["roteiro.sqlite", "roteiro.sqlite-wal"].map(|name| server.database.folder().join(name));
            let bytes = files.map(|file| std::fs::read(file).unwrap_or_default()).concat();
            let holds = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
            assert!(holds("signing_key"), "the search finds what is there");
            assert!(!MARKS.iter().any(|mark| holds(mark)) && !holds(&link), "the file remembers");
        }

        // At once, although the access token has minutes left.
        for query in [MINE, ERASE] {
            assert_eq!(server.refusal_to(&mine, query, json!({})).await, "UNAUTHENTICATED", "{query}");
        }
        assert_eq!(refused(&server, &url).await, (401, "UNAUTHENTICATED".to_owned()));
        let save = "mutation($input: SaveTripInput!) { saveTrip(input: $input) { trip { id } } }";
        assert_eq!(server.refusal_to(&mine, save, json!({ "input": { "title": "x", "request": a_day() } })).await, "UNAUTHENTICATED");
        assert_eq!(server.refusal(REFRESH, json!({ "token": refresh })).await, "UNAUTHENTICATED");
        assert_eq!(shared().await, Value::Null);
    }
}

/// What a process writes down while a visitor saves, shares, reads, asks for everything and is forgotten.
#[tokio::test]
async fn the_logs_hold_nothing_of_a_visitor() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let mut served = Served::logging(folder.path(), &["--log", "info,roteiro=trace"], std::fs::File::create(&log).unwrap());
    let client = reqwest::Client::new();
    let ask = async |token: Option<&str>, query: &str, variables: Value| {
        let request = client.post(format!("http://{}/graphql", served.address)).json(&json!({ "query": query, "variables": variables }));
        let request = token.iter().fold(request, reqwest::RequestBuilder::bearer_auth);
        request.send().await.unwrap().json::<Value>().await.unwrap()["data"].take()
    };
    let signed = ask(None, "mutation { signInAnonymously { accessToken refreshToken } }", json!({})).await["signInAnonymously"].take();
    let (access, refresh) = (signed["accessToken"].as_str().unwrap(), signed["refreshToken"].as_str().unwrap());
    let save = "mutation($input: SaveTripInput!) { saveTrip(input: $input) { trip { id } } }";
    // This process has the machine's clock.
    let mut request = a_day();
    request["days"][0]["date"] = json!("2099-12-12");
    let input = json!({ "title": MARKS[0], "note": MARKS[1], "request": request });
    let id = ask(Some(access), save, json!({ "input": input })).await["saveTrip"]["trip"]["id"].take();
    let share = "mutation($id: ID!) { shareTrip(input: { id: $id }) { share { token } } }";
    let link = ask(Some(access), share, json!({ "id": id })).await["shareTrip"]["share"]["token"].take();
    for form in ["", ".ics"] {
        client.get(format!("http://{}/trips/{}{form}", served.address, link.as_str().unwrap())).send().await.unwrap();
    }
    let exported = ask(Some(access), EXPORT, json!({})).await["exportMyData"]["url"].take();
    let url = exported.as_str().unwrap();
    let document = client.get(format!("http://{}{url}", served.address)).send().await.unwrap().json::<Value>().await.unwrap();
    client.get(format!("http://{}/{url}", served.address)).send().await.unwrap();
    ask(Some("a.forged.token"), EXPORT, json!({})).await;
    ask(Some(access), ERASE, json!({})).await;
    assert_eq!(served.stop(), Some(0));
    let log = std::fs::read_to_string(&log).unwrap();
    assert!(log.lines().filter(|line| line.contains("/graphql")).count() >= 6, "every request is logged:\n{log}");
    let visitor = document["visitor"].as_str().unwrap();
    let secret = refresh.split_once('.').unwrap().1;
    let key_to_all = url.rsplit_once('/').unwrap().1;
    for mark in [MARKS[0], MARKS[1], link.as_str().unwrap(), visitor, access, secret, key_to_all, "127.0.0.1:"] {
        // Where it listens is said once, and no client's address.
        let lines: Vec<&str> = log.lines().filter(|line| line.contains(mark) && !line.contains(&served.address)).collect();
        assert!(lines.is_empty(), "{mark}: {lines:#?}");
    }
}
