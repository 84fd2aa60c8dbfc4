//! Links that the server tries by itself: when it was told to, in one of the processes, a few at a time.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::TimeDelta;
use roteiro::editorial::link_rounds::{Due, Tried, try_due};
use roteiro::editorial::reach::Reach;
use roteiro::supervise::Stop;
use serde_json::json;

use super::Team;
use crate::support::database::{BOTH, Database};
use crate::support::program::Served;
use crate::support::{TestServer, city_file, eventually, now};

/// A web server that counts who asks for what, and how many ask at once.
struct Web {
    site: String,
    asked: Arc<Mutex<HashMap<String, usize>>>,
    most_at_once: Arc<AtomicUsize>,
}

impl Web {
    /// Each answer takes so long; what is called `gone` is not there.
    fn start(pause: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let site = format!("http://{}", listener.local_addr().unwrap());
        let asked: Arc<Mutex<HashMap<String, usize>>> = Arc::default();
        let (most_at_once, at_once) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let (counts, most) = (Arc::clone(&asked), Arc::clone(&most_at_once));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (counts, most, at_once) = (Arc::clone(&counts), Arc::clone(&most), Arc::clone(&at_once));
                std::thread::spawn(move || {
                    let Ok(mut stream) = stream else { return };
                    let mut line = String::new();
                    BufReader::new(&stream).read_line(&mut line).ok();
                    let path = line.split(' ').nth(1).unwrap_or("/").to_owned();
                    most.fetch_max(at_once.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    std::thread::sleep(pause);
                    at_once.fetch_sub(1, Ordering::SeqCst);
                    let status = if path.contains("gone") { "404 Not Found" } else { "200 OK" };
                    *counts.lock().unwrap().entry(path).or_default() += 1;
                    write!(stream, "HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").ok();
                });
            }
        });
        Self { site, asked, most_at_once }
    }

    /// How often each path was asked for.
    fn asked(&self) -> HashMap<String, usize> {
        self.asked.lock().unwrap().clone()
    }

    /// A place with a link to each of these paths.
    async fn linked(&self, server: &TestServer, paths: &[String]) {
        let links: Vec<(&str, String)> = paths.iter().map(|path| (path.as_str(), format!("{}/{path}", self.site))).collect();
        linked(server, &links).await;
    }
}

/// Places with these links.
async fn linked(server: &TestServer, links: &[(&str, String)]) {
    let place = |(slug, url): &(&str, String)| {
        let mut place = city_file::place(slug, slug, -15.6, -56.09);
        place["contact"] = json!({ "url": url });
        place
    };
    let places: Vec<_> = links.iter().map(place).collect();
    server.import(&city_file::file("cuiaba-tourism", "cuiaba", &places, &[], &[])).await;
}

async fn broken(team: &Team<'_>) -> usize {
    let query = "{ editorialQueue(city: \"cuiaba\", reasons: [BROKEN_LINK]) { totalCount } }";
    team.server.ask_as(&team.token, query, json!({})).await["editorialQueue"]["totalCount"].as_u64().unwrap() as usize
}

#[tokio::test]
async fn one_of_the_processes_tries_the_links_and_the_queue_shows_it() {
    for database in BOTH {
        let server = TestServer::bare_on(database).await;
        let web = Web::start(Duration::from_millis(30));
        let paths: Vec<String> = (0..30).map(|number| format!("{}-{number}", if number % 10 == 0 { "gone" } else { "there" })).collect();
        web.linked(&server, &paths).await;
        let team = Team::of(&server).await;
        let folder = tempfile::tempdir().unwrap();
        let start = || {
            let settings = ["--link-check-hours", "24", "--link-check-private"];
            Served::start(folder.path(), &[&["--database-url", &server.database.url][..], &settings].concat())
        };
        let _processes = [start(), start(), start()];
        eventually("those that lead nowhere stand in the queue", async || broken(&team).await == 3).await;
        eventually("all were tried", async || server.store.tried_links().await.unwrap().len() == 30).await;
        let asked = web.asked();
        assert!(asked.len() == 30 && asked.values().all(|times| *times == 1), "{asked:?}");
        let most = web.most_at_once.load(Ordering::SeqCst);
        assert!((2..=8).contains(&most), "{most} at once");
    }
}

#[tokio::test]
async fn nobody_is_asked_by_a_server_that_was_not_told_to_nor_on_this_machine_by_one_that_was() {
    let server = TestServer::bare_on(Database::Sqlite).await;
    let web = Web::start(Duration::ZERO);
    web.linked(&server, &["there".to_owned(), "gone".to_owned()]).await;
    let team = Team::of(&server).await;
    let folder = tempfile::tempdir().unwrap();
    let start = |more: &[&str]| Served::start(folder.path(), &[&["--database-url", &server.database.url][..], more].concat());
    let mut silent = start(&["--link-check-private"]);
    // It has begun what it does beside its requests when it has swept images, which it begins before links.
    let has_begun = "SELECT 1 FROM job WHERE name = 'media_sweep' AND done_at IS NOT NULL";
    eventually("the server is at work", async || server.database.has(has_begun).await).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(!server.database.has("SELECT 1 FROM job WHERE name = 'link_check'").await);
    assert_eq!(silent.stop(), Some(0));
    // An address of this machine is none that a server asks for an editor: it is as good as nowhere.
    let _guarded = start(&["--link-check-hours", "24"]);
    eventually("the links were tried", async || broken(&team).await == 2).await;
    assert_eq!(web.asked(), HashMap::new());
}

#[tokio::test]
async fn a_round_is_bounded_and_begins_with_what_was_never_tried_and_then_the_oldest() {
    for database in BOTH {
        let server = TestServer::bare_on(database).await;
        let web = Web::start(Duration::ZERO);
        let paths: Vec<String> = (0..6).map(|number| format!("p{number}")).collect();
        web.linked(&server, &paths).await;
        let round = async |hours: i64, most: usize| {
            server.clock.set(now() + TimeDelta::hours(hours));
            let due = Due { before: server.clock.now() - TimeDelta::hours(24), most, reach: Reach::Anywhere, stop: Stop::never() };
            try_due(&server.store, &server.holder.current(), due, &server.clock, |_, _| {}).await.unwrap()
        };
        let tried = |asked| Tried { links: 6, asked, broken: 0 };
        assert_eq!(round(0, 2).await, tried(2));
        assert_eq!(round(1, 2).await, tried(2));
        // Nothing is asked twice within its day, and what was never asked comes first.
        assert_eq!(round(24, 3).await, tried(3));
        assert_eq!(web.asked().len(), 6);
        assert_eq!(round(24, 9).await, tried(1));
        assert_eq!(round(24, 9).await, tried(0));
        assert_eq!(round(25, 9).await, tried(2));
        assert_eq!(web.asked().values().sum::<usize>(), 10);
    }
}

/// A name that is not found says that a site is gone only where other names are: else nobody could be asked for names.
#[tokio::test]
async fn while_no_name_is_found_no_site_is_taken_for_gone() {
    let server = TestServer::bare_on(Database::Sqlite).await;
    let web = Web::start(Duration::ZERO);
    // Longer than a name may be (RFC 1035 §2.3.4), so that nobody is asked for it.
    let nobody = ("nobody", format!("http://{}.invalid/", "a".repeat(64)));
    let by_name = ("by-name", web.site.replace("127.0.0.1", "localhost") + "/there");
    let by_number = ("by-number", format!("{}/here", web.site));
    let round = async |hours: i64| {
        server.clock.set(now() + TimeDelta::hours(hours));
        let due = Due { before: server.clock.now(), most: 9, reach: Reach::Anywhere, stop: Stop::never() };
        try_due(&server.store, &server.holder.current(), due, &server.clock, |_, _| {}).await.unwrap()
    };
    linked(&server, &[nobody.clone(), by_number.clone()]).await;
    assert_eq!(round(0).await, Tried { links: 2, asked: 2, broken: 0 });
    linked(&server, &[nobody, by_number, by_name]).await;
    assert_eq!(round(1).await, Tried { links: 3, asked: 3, broken: 1 });
    assert_eq!(server.store.broken_links().await.unwrap().len(), 1);
    assert_eq!(web.asked(), HashMap::from([("/here".to_owned(), 2), ("/there".to_owned(), 1)]));
}

/// A process that is told to stop while it tries links hands what remains to the next, which need not wait until it would be missed.
#[tokio::test]
async fn a_round_that_is_stopped_in_its_midst_goes_on_in_the_next_process_at_once() {
    for database in BOTH {
        let server = TestServer::bare_on(database).await;
        let web = Web::start(Duration::from_millis(700));
        let paths: Vec<String> = (0..40).map(|number| format!("p{number}")).collect();
        web.linked(&server, &paths).await;
        let folder = tempfile::tempdir().unwrap();
        let start = || {
            let settings = ["--link-check-hours", "24", "--link-check-private"];
            Served::start(folder.path(), &[&["--database-url", &server.database.url][..], &settings].concat())
        };
        let tried = async || server.store.tried_links().await.unwrap().len();
        let mut first = start();
        eventually("the round is under way", async || tried().await > 0).await;
        assert_eq!(first.stop(), Some(0));
        let before = tried().await;
        assert!(before < 40, "{database:?}: the round was not over");
        let _second = start();
        eventually("the next process tries the rest", async || tried().await == 40).await;
        // What was asked and not answered yet is asked again, and nothing else is.
        assert!(web.asked().values().sum::<usize>() <= 40 + 8, "{database:?}: {:?}", web.asked());
    }
}
