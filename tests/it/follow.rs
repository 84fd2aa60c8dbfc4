//! Following the change log: the same as a rebuild from nothing, shared where nothing changed, and going on when the
//! database or Redis goes away.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use futures::FutureExt;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use reqwest::Client;
use roteiro::catalogue::fold::{FoldPolicy, Folder};
use roteiro::catalogue::snapshot::Snapshot;
use roteiro::domain::ids::{RecordId, RecordType};
use roteiro::ingest::demo;
use roteiro::store::Store;
use roteiro::store::wake::{Announcer, RedisWake, Wake};
use roteiro::store::write::{ChangeKind, NewChange};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::support::city_file::{event, file, place, route};
use crate::support::database::{BOTH, Database, TestDatabase, variable};
use crate::support::everything::assert_same;
use crate::support::program::{Served, run};
use crate::support::proxy::Proxy;
use crate::support::{TestServer, eventually, now};

/// Files for three cities by two datasets, at random. Records come, change, go, and move between cities.
pub struct Histories {
    pub random: StdRng,
}

const CITIES: [(&str, f64, f64); 3] = [("nobres", -14.72, -56.33), ("cuiaba", -15.6, -56.1), ("caceres", -16.07, -57.68)];
const WORDS: [&str; 4] = ["Cachoeira do Rio", "Museu do Rio", "Mirante da Serra", "Véu de Noiva"];

impl Histories {
    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        *from.choose(&mut self.random).unwrap()
    }

    fn place(&mut self, slug: &str, (latitude, longitude): (f64, f64)) -> Value {
        let name = format!("{} {}", self.pick(&WORDS), self.pick(&["", "Velho", "Novo"]));
        let offset = |random: &mut StdRng| f64::from(random.random_range(-5..=5)) / 50.0;
        let position = (latitude + offset(&mut self.random), longitude + offset(&mut self.random));
        let mut place = place(slug, name.trim_end(), position.0, position.1);
        place["category"] = json!(self.pick(&["waterfall", "museum", "viewpoint"]));
        place["isAccessibleForFree"] = self.pick(&[None, Some(true), Some(false)]).into();
        if let Some(hours) = self.pick(&[None, Some("24/7"), Some("Mo-Fr 08:00-18:00"), Some("sunrise-sunset"), Some("às vezes")]) {
            place["openingHours"] = json!({ "raw": hours });
        }
        place
    }

    pub fn next(&mut self) -> Value {
        let dataset = self.pick(&["alpha", "beta"]);
        let (city, latitude, longitude) = self.pick(&CITIES);
        let slugs: Vec<String> = (0..8).filter(|_| self.random.random_bool(0.4)).map(|number| format!("{dataset}-{number}")).collect();
        let places: Vec<Value> = slugs.iter().map(|slug| self.place(slug, (latitude, longitude))).collect();
        let (mut events, mut routes) = (Vec::new(), Vec::new());
        if let Some(venue) = slugs.first() {
            let day = self.pick(&["2026-12-05", "2026-12-24", "2027-02-09"]);
            events.extend(self.random.random_bool(0.6).then(|| event(&format!("{dataset}-festa"), self.pick(&WORDS), venue, day)));
        }
        if slugs.len() > 1 {
            let stops: Vec<&str> = slugs.iter().map(String::as_str).collect();
            routes.extend(self.random.random_bool(0.6).then(|| route(&format!("{dataset}-rota"), self.pick(&WORDS), &stops)));
        }
        let mut file = file(dataset, city, &places, &events, &routes);
        if self.random.random_bool(0.2) {
            file["city"]["texts"]["pt-BR"]["summary"] = json!(self.pick(&WORDS));
        }
        file
    }
}

/// Words that come and go, as they are written and misspelt.
const SOUGHT: [&str; 8] = ["cachoeira rio", "museu", "veu noiva", "velho", "nova", "museo", "mirente", "serra noivo"];

/// How many records of the current snapshot came or went since their cities were built.
fn changed(server: &TestServer) -> usize {
    server.holder.current().shards.iter().map(|shard| shard.changed()).sum()
}

/// Gives the most records that stood on an older base, and how often a city was folded.
async fn following_equals_rebuilding(kind: Database, seed: u64) -> (usize, usize) {
    let mut histories = Histories { random: StdRng::seed_from_u64(seed) };
    let server = TestServer::bare_on(kind).await;
    let mut folder = Folder::new(FoldPolicy { full: 1, quiet: Duration::ZERO });
    let (mut most_changed, mut folds) = (0, 0);
    for step in 0..8 {
        // Now and then a city is folded, and changes go on meanwhile.
        let is_folding = histories.random.random_bool(0.4) && changed(&server) > 0;
        if is_folding {
            folder.begin(&server.holder.current());
        }
        // Now and then several changes are followed at once.
        for _ in 0..histories.pick(&[1, 1, 2]) {
            let file = histories.next();
            crate::support::city_file::import_into(&server.store, &file).await.unwrap();
        }
        server.catch_up().await;
        if is_folding {
            let before = changed(&server);
            folder.next().await.put_under(&server.holder).await.unwrap();
            folds += usize::from(changed(&server) < before);
        }
        most_changed = most_changed.max(changed(&server));
        let fresh = TestServer::over(server.database.again(), Store::open(&server.database.url).await.unwrap()).await;
        let (followed, rebuilt) = (server.everything(&SOUGHT).await, fresh.everything(&SOUGHT).await);
        assert_same(&followed, &rebuilt, &format!("{kind:?}, seed {seed}, step {step}"));
        assert_eq!(changed(&fresh), 0);
    }
    (most_changed, folds)
}

async fn following_equals_rebuilding_from_nothing(kind: Database, seeds: std::ops::Range<u64>) {
    let (mut most_changed, mut folds) = (0, 0);
    for seed in seeds {
        let history = following_equals_rebuilding(kind, seed).await;
        (most_changed, folds) = (most_changed.max(history.0), folds + history.1);
    }
    assert!(most_changed > 4 && folds > 2, "{kind:?}: the histories are too tame: {most_changed} {folds}");
}

#[tokio::test]
async fn following_equals_rebuilding_from_nothing_on_sqlite() {
    following_equals_rebuilding_from_nothing(Database::Sqlite, 0..8).await;
}

#[tokio::test]
async fn following_equals_rebuilding_from_nothing_on_postgresql() {
    following_equals_rebuilding_from_nothing(Database::Postgres, 100..108).await;
}

fn new_place(slug: &str) -> Value {
    file("extra", "nobres", &[place(slug, "Lugar Novo", -14.7, -56.3)], &[], &[])
}

#[tokio::test]
async fn cities_that_did_not_change_are_shared_and_a_pinned_snapshot_stays_as_it_was_until_it_is_dropped() {
    for kind in BOTH {
        let server = TestServer::demo_on(kind).await;
        let pinned = server.holder.current();
        let (version, places) = (pinned.version, pinned.shards.iter().map(|shard| shard.places.len()).sum::<usize>());
        server.import(&new_place("lugar-novo")).await;
        let next = server.holder.current();
        assert!(next.version > version, "{kind:?}");
        assert_eq!(next.shards.len(), 10);
        for (before, after) in pinned.shards.iter().zip(&next.shards) {
            assert_eq!(Arc::ptr_eq(before, after), &*before.city.slug != "nobres", "{kind:?}: {}", before.city.slug);
        }
        assert!(Arc::ptr_eq(&pinned.reference, &next.reference), "{kind:?}");
        // A request that began before the change still sees what was.
        assert_eq!((pinned.version, pinned.shards.iter().map(|shard| shard.places.len()).sum()), (version, places), "{kind:?}");
        assert!(pinned.place_by_slug("lugar-novo").is_none() && next.place_by_slug("lugar-novo").is_some(), "{kind:?}");
        assert_eq!(server.holder.generations(), 2, "{kind:?}");
        let old = Arc::downgrade(&pinned);
        drop((pinned, next));
        eventually("the old snapshot is dropped", async || old.upgrade().is_none()).await;
        assert_eq!(server.holder.generations(), 1, "{kind:?}");
    }
}

#[tokio::test]
async fn records_that_did_not_change_are_shared_and_a_city_stays_as_it_is_when_folded() {
    for kind in BOTH {
        let server = TestServer::demo_on(kind).await;
        let nobres = |snapshot: &Snapshot| Arc::clone(&snapshot.shards[snapshot.shard_by_slug("nobres").unwrap()]);
        let before = nobres(&server.holder.current());
        server.import(&new_place("lugar-novo")).await;
        let after = nobres(&server.holder.current());
        assert_eq!((after.places.len(), after.changed()), (before.places.len() + 1, 1), "{kind:?}");
        for place in before.places.iter() {
            let same = &after.places[after.places.by_id(place.id).unwrap() as usize];
            assert!(std::ptr::eq(place, same), "{kind:?}: {} was copied", place.slug);
        }
        let everything = server.everything(&["lugar novo", "rio"]).await;
        let mut changes = server.holder.changes();
        let mut folder = Folder::new(FoldPolicy { full: 1, quiet: Duration::MAX });
        folder.begin(&server.holder.current());
        folder.next().await.put_under(&server.holder).await.unwrap();
        assert_eq!(changed(&server), 0, "{kind:?}");
        assert_same(&everything, &server.everything(&["lugar novo", "rio"]).await, &format!("{kind:?} folded"));
        assert!(!changes.has_changed().unwrap(), "{kind:?}: nobody is told, for nothing changed");
        server.import(&new_place("lugar-novo-2")).await;
        assert!(changes.has_changed().unwrap() && changes.changed().await.is_ok(), "{kind:?}");
    }
}

#[tokio::test]
async fn a_record_that_cannot_be_read_is_set_aside_until_it_can_and_the_others_stay() {
    for kind in BOTH {
        let server = TestServer::bare_on(kind).await;
        let places = [place("bom", "Lugar Bom", -14.7, -56.3), place("ruim", "Lugar Ruim", -14.7, -56.3)];
        server.import(&file("alpha", "nobres", &places, &[], &[])).await;
        let city = server.city("nobres");
        let touch = async |slug: &str, statement: &str| {
            server.database.by_hand(statement).await;
            let record = Some(RecordId::derive(RecordType::PointOfInterest, "alpha", slug));
            let mut transaction = server.store.begin(now()).await.unwrap();
            transaction.note(NewChange { city: Some(city), record_type: RecordType::PointOfInterest, record, kind: ChangeKind::Upsert });
            transaction.commit().await.unwrap();
            server.catch_up().await;
            let snapshot = server.holder.current();
            let there = |slug| snapshot.place_by_slug(slug).is_some();
            let kept_out: Vec<String> = snapshot.all_quarantined().map(|kept| format!("{} {}", kept.slug, kept.field)).collect();
            (there("bom"), there("ruim"), kept_out)
        };
        let spoil = "UPDATE point_of_interest SET time_zone = 'Lua/Mare' WHERE slug = 'ruim'";
        assert_eq!(touch("ruim", spoil).await, (true, false, vec!["ruim time_zone".to_owned()]), "{kind:?}");
        let other = "UPDATE point_of_interest SET category_slug = 'nada' WHERE slug = 'bom'";
        let both = vec!["bom category_slug".to_owned(), "ruim time_zone".to_owned()];
        assert_eq!(touch("bom", other).await, (false, false, both), "{kind:?}");
        let mend = "UPDATE point_of_interest SET time_zone = NULL, category_slug = 'waterfall'";
        assert_eq!(touch("ruim", mend).await, (false, true, vec!["bom category_slug".to_owned()]), "{kind:?}");
        assert_eq!(touch("bom", "SELECT 1").await, (true, true, Vec::new()), "{kind:?}");
        assert!(changed(&server) > 0, "{kind:?}");
    }
}

#[tokio::test]
async fn a_change_that_names_no_record_has_its_city_read_whole() {
    for kind in BOTH {
        let server = TestServer::demo_on(kind).await;
        server.import(&new_place("lugar-novo")).await;
        assert_eq!(changed(&server), 1, "{kind:?}");
        let before = server.holder.current();
        let mut folder = Folder::new(FoldPolicy { full: 1, quiet: Duration::MAX });
        folder.begin(&before);
        server.database.by_hand("UPDATE point_of_interest_text SET name = 'Outro Nome' WHERE name = 'Lugar Novo'").await;
        let mut transaction = server.store.begin(now()).await.unwrap();
        let (city, record_type) = (Some(server.city("nobres")), RecordType::PointOfInterest);
        transaction.note(NewChange { city, record_type, record: None, kind: ChangeKind::Upsert });
        transaction.commit().await.unwrap();
        server.catch_up().await;
        assert_eq!(changed(&server), 0, "{kind:?}");
        let data = server.ask("{ pointOfInterest(by: {slug: \"lugar-novo\"}) { name { value } } }", Value::Null).await;
        assert_eq!(data["pointOfInterest"]["name"]["value"], json!("Outro Nome"), "{kind:?}");
        let after = server.holder.current();
        let shared = before.shards.iter().zip(&after.shards).filter(|(before, after)| Arc::ptr_eq(before, after)).count();
        assert_eq!((shared, after.shards.len()), (9, 10), "{kind:?}");
        // What was folded meanwhile is of a city that is no more.
        folder.next().await.put_under(&server.holder).await.unwrap();
        assert!(Arc::ptr_eq(&after, &server.holder.current()), "{kind:?}");
    }
}

#[tokio::test]
async fn snapshots_do_not_pile_up() {
    let server = TestServer::bare_on(Database::Sqlite).await;
    for number in 0..12 {
        server.import(&new_place(&format!("lugar-{number}"))).await;
    }
    eventually("only one snapshot is left", async || server.holder.generations() == 1).await;
}

async fn ready(client: &Client, address: &str) -> Value {
    client.get(format!("http://{address}/readyz")).send().await.unwrap().json().await.unwrap()
}

async fn has_place(client: &Client, address: &str, slug: &str) -> bool {
    let body = json!({ "query": format!("{{ pointOfInterest(by: {{slug: \"{slug}\"}}) {{ id }} }}") });
    let answer: Value = client.post(format!("http://{address}/graphql")).json(&body).send().await.unwrap().json().await.unwrap();
    assert!(answer.get("errors").is_none(), "{answer}");
    answer["data"]["pointOfInterest"] != Value::Null
}

/// Takes the database away from whoever uses the address.
enum Outage {
    /// SQLite: the log has another name for a while.
    Renamed(TestDatabase),
    /// PostgreSQL: the line is cut.
    Cut(Proxy),
}

impl Outage {
    async fn of(kind: Database) -> (TestDatabase, String, Self) {
        let database = TestDatabase::create(kind).await;
        match kind {
            Database::Sqlite => {
                let (again, url) = (database.again(), database.url.clone());
                (database, url, Self::Renamed(again))
            }
            Database::Postgres => {
                let (proxy, url) = Proxy::before_database(&database.url);
                (database, url, Self::Cut(proxy))
            }
        }
    }

    async fn begin(&self) {
        match self {
            Self::Renamed(database) => database.by_hand("ALTER TABLE change RENAME TO change_away").await,
            Self::Cut(proxy) => proxy.cut(),
        }
    }

    async fn end(&self) {
        match self {
            Self::Renamed(database) => database.by_hand("ALTER TABLE change_away RENAME TO change").await,
            Self::Cut(proxy) => proxy.heal(),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_go_on_without_the_database_say_how_old_they_are_and_catch_up_when_it_is_back() {
    for kind in BOTH {
        let (database, url, outage) = Outage::of(kind).await;
        let store = Store::open(&url).await.unwrap();
        store.migrate().await.unwrap();
        demo::load_first_time(&store, true, now()).await.unwrap();
        let server = TestServer::over(database, store.clone()).await;
        let address = server.address.to_string();
        server.follow(store, Wake::by_the_clock());
        assert_eq!(ready(&server.client, &address).await["following"], true, "{kind:?}");
        let before = server.everything(&["rio"]).await;
        outage.begin().await;
        eventually("the follower says that it cannot follow", async || ready(&server.client, &address).await["following"] == false).await;
        let later = now() + TimeDelta::hours(1);
        server.clock.set(later);
        assert_same(&before, &server.everything(&["rio"]).await, &format!("{kind:?} without the database"));
        let state = ready(&server.client, &address).await;
        assert_eq!((&state["status"], &state["following"]), (&json!("ready"), &json!(false)), "{kind:?}: {state}");
        assert_eq!(state["asOf"].as_str().unwrap().parse::<chrono::DateTime<chrono::Utc>>().unwrap(), now(), "{kind:?}");
        let data = server.ask("{ catalogue { asOf } }", Value::Null).await;
        assert_eq!(data["catalogue"]["asOf"].as_str().unwrap().parse::<chrono::DateTime<chrono::Utc>>().unwrap(), now(), "{kind:?}");
        outage.end().await;
        let direct = Store::open(&server.database.url).await.unwrap();
        crate::support::city_file::import_into(&direct, &new_place("depois")).await.unwrap();
        eventually("the change is followed", async || has_place(&server.client, &address, "depois").await).await;
        eventually("it follows again", async || {
            let freshness = server.holder.freshness();
            freshness.failure.is_none() && freshness.as_of == later
        })
        .await;
    }
}

#[tokio::test]
async fn a_store_that_is_gone_for_good_does_not_take_the_reads_with_it() {
    for kind in BOTH {
        let server = TestServer::demo_on(kind).await;
        let before = server.everything(&["cachoeira"]).await;
        server.store.clone().close().await;
        match kind {
            Database::Sqlite => std::fs::remove_dir_all(server.database.folder()).unwrap(),
            Database::Postgres => {}
        }
        assert!(server.store.last_change().await.is_err(), "{kind:?}");
        assert_same(&before, &server.everything(&["cachoeira"]).await, &format!("{kind:?}"));
    }
}

/// Writes a file for the command.
fn written(folder: &std::path::Path, slug: &str) -> String {
    let path = folder.join(format!("{slug}.json"));
    std::fs::write(&path, new_place(slug).to_string()).unwrap();
    path.to_str().unwrap().to_owned()
}

fn import_by_command(arguments: &[&str]) {
    let output = run(&[&["import"], arguments].concat());
    assert!(output.status.success(), "{output:?}");
}

#[tokio::test]
async fn the_program_goes_on_through_an_outage_and_shows_the_change_after_it_without_a_restart() {
    let client = Client::new();
    for kind in BOTH {
        let (database, url, outage) = Outage::of(kind).await;
        let folder = tempfile::tempdir().unwrap();
        let mut served = Served::start(folder.path(), &["--database-url", &url]);
        outage.begin().await;
        eventually("it says that it cannot follow", async || ready(&client, &served.address).await["following"] == false).await;
        assert!(has_place(&client, &served.address, "cachoeira-veu-de-noiva").await, "{kind:?}");
        outage.end().await;
        import_by_command(&["--database-url", &database.url, &written(folder.path(), "depois")]);
        eventually("the change is seen", async || has_place(&client, &served.address, "depois").await).await;
        assert_eq!(ready(&client, &served.address).await["following"], true, "{kind:?}");
        assert_eq!(served.stop(), Some(0), "{kind:?}");
    }
}

#[tokio::test]
async fn an_import_is_seen_by_every_process_with_redis_without_and_when_redis_is_not_there() {
    let client = Client::new();
    let redis = variable("ROTEIRO_TEST_REDIS_URL");
    let server = TestServer::bare_on(Database::Postgres).await;
    let folder = tempfile::tempdir().unwrap();
    let (url, nowhere) = (["--database-url", server.database.url.as_str()], "redis://127.0.0.1:1/");
    let processes = [vec!["--redis-url", &redis], vec!["--redis-url", &redis], vec![], vec!["--redis-url", nowhere]]
        .map(|wake| Served::start(folder.path(), &[&url[..], &wake].concat()));
    for (slug, wake) in [("com-redis", vec!["--redis-url", &redis]), ("sem-redis", vec![]), ("redis-fora", vec!["--redis-url", nowhere])] {
        import_by_command(&[&url[..], &wake, &[&written(folder.path(), slug)]].concat());
        for served in &processes {
            eventually(slug, async || has_place(&client, &served.address, slug).await).await;
        }
    }
    for mut served in processes {
        assert_eq!(ready(&client, &served.address).await["following"], true);
        assert_eq!(served.stop(), Some(0));
    }
}

#[tokio::test]
async fn a_redis_message_wakes_those_who_wait_and_nothing_else_does() {
    let redis = variable("ROTEIRO_TEST_REDIS_URL");
    let mut waiting = RedisWake::new(&redis).unwrap();
    // The first look connects and gives back at once; from then on only a message does.
    waiting.next().await;
    let (announcer, mut woken) = (Announcer::new(Some(&redis)).unwrap(), JoinSet::new());
    woken.spawn(async move { waiting.next().await });
    announcer.announce().await;
    woken.join_next().await.unwrap().unwrap();
}

#[tokio::test]
async fn a_process_is_woken_by_its_own_announcement_even_when_nobody_waited() {
    let announcer = Announcer::new(None).unwrap();
    let mut wake = Wake::new(None, &announcer).unwrap();
    assert!(wake.wait().now_or_never().is_none());
    announcer.announce().await;
    announcer.clone().announce().await;
    assert!(wake.wait().now_or_never().is_some(), "it is told");
    assert!(wake.wait().now_or_never().is_none(), "one look answers both");
}

#[tokio::test]
async fn announcing_goes_on_after_redis_was_away() {
    let redis = variable("ROTEIRO_TEST_REDIS_URL");
    let host = redis.trim_start_matches("redis://").split('/').next().unwrap().replace("localhost", "127.0.0.1");
    let proxy = Proxy::before(host.parse().unwrap());
    let announcer = Announcer::new(Some(&format!("redis://{}/", proxy.address))).unwrap();
    let mut waiting = RedisWake::new(&redis).unwrap();
    waiting.next().await;
    announcer.announce().await;
    waiting.next().await;
    proxy.cut();
    announcer.announce().await;
    proxy.heal();
    // The first may still find the broken line; one of them gets through.
    for _ in 0..20 {
        announcer.announce().await;
    }
    waiting.next().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_background_task_that_panics_is_begun_again_and_readyz_tells_of_it() {
    let server = TestServer::bare_on(Database::Sqlite).await;
    let address = server.address.to_string();
    let task = async |name: &str| {
        let state = ready(&server.client, &address).await;
        let task = state["tasks"].as_array().unwrap().iter().find(|task| task["name"] == name).cloned().unwrap_or_default();
        (state["status"].clone(), task["running"].clone(), task["restarts"].as_u64().unwrap_or_default())
    };
    let begun = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    server.tasks.spawn("shaky", move |stop| {
        let number = begun.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        async move {
            assert!(number >= 4, "on purpose");
            stop.asked().await;
        }
    });
    eventually("it is told that the task is down", async || task("shaky").await.0 == "degraded").await;
    eventually("the task runs", async || task("shaky").await == (json!("ready"), json!(true), 4)).await;
}
