//! Starts servers and speaks to them as a client does; test bodies have no plumbing.

pub mod city_file;
pub mod database;
pub mod event_stream;
pub mod everything;
pub mod forgery;
pub mod graphql_ws;
pub mod hours_comparison;
pub mod hours_oracle;
pub mod pages;
pub mod program;
pub mod proxy;
pub mod small_disk;
pub mod toptw;
pub mod valhalla;
pub mod web_socket;

use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::JoinHandle;

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::Client;
use roteiro::catalogue::follow::{self, Follower};
use roteiro::catalogue::holder::Holder;
use roteiro::catalogue::reference::Tables;
use roteiro::catalogue::snapshot::Snapshot;
use roteiro::clock::Clock;
use roteiro::domain::ids::{AccountId, RecordId};
use roteiro::editorial::desk::Desk;
use roteiro::http::catalogue::{CatalogueRequests, Rooms};
use roteiro::http::{Face, HttpOptions, server};
use roteiro::identity::accounts::Accounts;
use roteiro::identity::oidc::{ProviderSettings, Providers};
use roteiro::identity::reach::{Proof, Reach};
use roteiro::identity::rights::Role;
use roteiro::identity::secret;
use roteiro::identity::secret_key::SecretKey;
use roteiro::identity::session::Sessions;
use roteiro::identity::vault::Vault;
use roteiro::ingest::demo;
use roteiro::media::service::{A_DAY, Media};
use roteiro::media::storage::MediaStorage;
use roteiro::store::Store;
use roteiro::store::account_sessions::SignIn;
use roteiro::store::accounts::NewAccount;
use roteiro::store::media::DayBound;
use roteiro::store::wake::{Announcer, Wake};
use roteiro::supervise::{Stop, Tasks};
use roteiro::travel::estimate::Estimate;
use roteiro::trips::plan::visits::VisitKinds;
use roteiro::trips::plan_cache::PlanCache;
use roteiro::trips::saved::SavedTrips;
use roteiro::trips::service::Trips;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::oneshot;

use database::{Database, TestDatabase};

/// When the clock of a test server stands: a Monday, 10:00 in Cuiabá, no holiday.
pub const NOW: &str = "2026-11-23T14:00:00Z";

/// What a server has otherwise than most.
struct Options {
    storage: Option<MediaStorage>,
    providers: Vec<ProviderSettings>,
    day: DayBound,
    clock: Option<Clock>,
}

impl Default for Options {
    fn default() -> Self {
        Self { storage: None, providers: Vec::new(), day: A_DAY, clock: None }
    }
}

/// A server on a free port over a database of its own, with a clock that stands still.
pub struct TestServer {
    pub address: SocketAddr,
    pub clock: Clock,
    pub store: Store,
    pub holder: Arc<Holder>,
    pub sessions: Arc<Sessions>,
    pub accounts: Arc<Accounts>,
    pub desk: Arc<Desk>,
    pub media: Arc<Media>,
    pub storage: MediaStorage,
    /// Where its images are, unless it was given another storage.
    pub media_folder: TempDir,
    /// What goes on beside the requests; nothing, unless the test begins it. Asked to stop when the server is dropped.
    pub tasks: Tasks,
    /// Tells followers of what the desk publishes.
    pub announcer: Announcer,
    pub client: Client,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
    /// Dropped last: the database goes with it.
    pub database: TestDatabase,
}

impl TestServer {
    /// With the demo catalogue on SQLite.
    pub async fn demo() -> Self {
        Self::demo_on(Database::Sqlite).await
    }

    /// With the demo catalogue on this database.
    pub async fn demo_on(database: Database) -> Self {
        let database = TestDatabase::create(database).await;
        let store = Store::open(&database.url).await.unwrap();
        store.migrate().await.unwrap();
        demo::load_first_time(&store, true, now()).await.unwrap();
        Self::over(database, store).await
    }

    /// Without a city: only what all cities refer to is there, and of the boundaries, which take long to read without
    /// optimisation, those of Cuiabá and Nobres.
    pub async fn bare_on(database: Database) -> Self {
        let database = TestDatabase::create(database).await;
        let store = Store::open(&database.url).await.unwrap();
        store.migrate().await.unwrap();
        demo::load_first_time(&store, false, now()).await.unwrap();
        database.by_hand("UPDATE municipality SET boundary = NULL WHERE ibge NOT IN (5103403, 5105903)").await;
        Self::over(database, store).await
    }

    /// Over a store that was filled before.
    pub async fn over(database: TestDatabase, store: Store) -> Self {
        Self::with(database, store, Options::default()).await
    }

    /// With images elsewhere than in a folder of its own.
    pub async fn with_media(database: TestDatabase, store: Store, storage: Option<MediaStorage>) -> Self {
        Self::with(database, store, Options { storage, ..Options::default() }).await
    }

    /// With OpenID providers.
    pub async fn over_with(database: TestDatabase, store: Store, providers: Vec<ProviderSettings>) -> Self {
        Self::with(database, store, Options { providers, ..Options::default() }).await
    }

    /// With the demo catalogue, and another bound on what one account may send in a day.
    pub async fn demo_bounded(database: Database, day: DayBound) -> Self {
        let database = TestDatabase::create(database).await;
        let store = Store::open(&database.url).await.unwrap();
        store.migrate().await.unwrap();
        demo::load_first_time(&store, true, now()).await.unwrap();
        Self::with(database, store, Options { day, ..Options::default() }).await
    }

    /// With the demo catalogue and this clock.
    pub async fn with_clock(database: Database, clock: Clock) -> Self {
        let database = TestDatabase::create(database).await;
        let store = Store::open(&database.url).await.unwrap();
        store.migrate().await.unwrap();
        demo::load_first_time(&store, true, now()).await.unwrap();
        Self::with(database, store, Options { clock: Some(clock), ..Options::default() }).await
    }

    async fn with(database: TestDatabase, store: Store, options: Options) -> Self {
        let Options { storage, providers, day, clock } = options;
        let snapshot = Snapshot::load(&store, &Tables::bundled().unwrap()).await.unwrap();
        let clock = clock.unwrap_or_else(|| Clock::fixed(now()));
        let holder = Arc::new(Holder::new(snapshot, now()));
        let (sender, receiver) = std::sync::mpsc::channel();
        let (stop, stopped) = oneshot::channel::<()>();
        let trips = Arc::new(trips(None));
        let saved = Arc::new(SavedTrips::new(store.clone(), Arc::clone(&trips)));
        let sessions = Arc::new(Sessions::open(store.clone(), vault(&store).await, now()).await.unwrap());
        let providers = Providers::new(providers).unwrap();
        let accounts = Arc::new(Accounts::open(store.clone(), Arc::clone(&sessions), providers, now()).await.unwrap());
        let announcer = Announcer::default();
        let desk = Arc::new(Desk::new(store.clone(), Arc::clone(&holder), announcer.clone()));
        let media_folder = tempfile::tempdir().unwrap();
        let storage = storage.unwrap_or_else(|| MediaStorage::folder(media_folder.path()).unwrap());
        let media = Media::new(store.clone(), storage.clone(), Arc::clone(&accounts), Arc::clone(&sessions)).bounded(day);
        let media = Arc::new(media);
        let rooms = Rooms {
            trips,
            saved,
            sessions: Arc::clone(&sessions),
            accounts: Arc::clone(&accounts),
            desk: Arc::clone(&desk),
            media: Arc::clone(&media),
        };
        let tasks = Tasks::default();
        let requests = CatalogueRequests::new(Arc::clone(&holder), clock.clone(), rooms).watching(tasks.clone(), store.writes().clone());
        let (live, time) = (Arc::clone(&sessions), clock.clone());
        let thread = std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let options = HttpOptions { listen: SocketAddr::from(([127, 0, 0, 1], 0)), workers: 1 };
                let bound = server::bind(Face::new(requests).unwrap(), &options).unwrap();
                sender.send(bound.address()).unwrap();
                actix_web::rt::spawn(async move { live.follow_live(&time, Stop::never()).await });
                bound.run_until(async { drop(stopped.await) }).await.unwrap();
            });
        });
        let address = receiver.recv().unwrap();
        Self {
            address,
            clock,
            store,
            holder,
            sessions,
            accounts,
            desk,
            media,
            storage,
            media_folder,
            tasks,
            announcer,
            client: Client::new(),
            stop: Some(stop),
            thread: Some(thread),
            database,
        }
    }

    /// Follows the change log once, as the follower does when woken.
    pub async fn catch_up(&self) {
        follow::step(&self.holder, &self.store, &Tables::bundled().unwrap()).await.unwrap();
    }

    /// Follows the change log from now on, through this store.
    pub fn follow(&self, store: Store, wake: Wake) {
        let (holder, clock) = (Arc::clone(&self.holder), self.clock.clone());
        let follower = Follower { holder, store, tables: Tables::bundled().unwrap(), wake, clock };
        self.tasks.spawn("follow", move |stop| follower.again().run(stop));
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The whole answer to a question.
    pub async fn answer(&self, query: &str, variables: Value) -> Value {
        let body = json!({ "query": query, "variables": variables });
        self.client.post(self.url("/graphql")).json(&body).send().await.unwrap().json().await.unwrap()
    }

    /// The data of an answer that has no errors.
    pub async fn ask(&self, query: &str, variables: Value) -> Value {
        let mut answer = self.answer(query, variables).await;
        assert!(answer.get("errors").is_none(), "{query}\n{answer:#}");
        answer["data"].take()
    }

    /// The whole answer to a visitor who shows this access token.
    pub async fn answer_to(&self, token: &str, query: &str, variables: Value) -> Value {
        let body = json!({ "query": query, "variables": variables });
        self.client.post(self.url("/graphql")).bearer_auth(token).json(&body).send().await.unwrap().json().await.unwrap()
    }

    /// The data of an answer to a visitor, that has no errors.
    pub async fn ask_as(&self, token: &str, query: &str, variables: Value) -> Value {
        let mut answer = self.answer_to(token, query, variables).await;
        assert!(answer.get("errors").is_none(), "{query}\n{answer:#}");
        answer["data"].take()
    }

    /// The code of the first error of an answer to a visitor.
    pub async fn refusal_to(&self, token: &str, query: &str, variables: Value) -> String {
        let answer = self.answer_to(token, query, variables).await;
        answer["errors"][0]["extensions"]["code"].as_str().unwrap_or_else(|| panic!("not refused: {query}\n{answer:#}")).to_owned()
    }

    /// Tokens of a new visitor: access and refresh.
    pub async fn sign_in(&self) -> (String, String) {
        let signed = self.ask("mutation { signInAnonymously { accessToken refreshToken } }", json!({})).await;
        let token = |name: &str| signed["signInAnonymously"][name].as_str().unwrap().to_owned();
        (token("accessToken"), token("refreshToken"))
    }

    /// A new account with a role in the city of this slug, or everywhere, and its access token.
    pub async fn account(&self, role: Role, city: Option<&str>) -> (AccountId, String) {
        let id = AccountId(secret::id().unwrap());
        let email = format!("{}@example.org", id.0.simple());
        let grant = Some((role.as_str().to_owned(), city.map(|slug| self.city(slug))));
        let reach = Some(Reach::Everywhere.to_json());
        let name = format!("{role:?}");
        let new = NewAccount { id, email, name, password_hash: None, reach, grant, by: None, at: now() };
        assert!(self.store.add_account(new).await.unwrap());
        (id, self.session_of(id).await)
    }

    /// The access token of a session that the account begins, as by a password.
    pub async fn session_of(&self, id: AccountId) -> String {
        let (account, at) = (self.store.account(id).await.unwrap().unwrap(), self.clock.now());
        let expires_at = at + TimeDelta::days(30);
        let (session, tokens) = self.sessions.account_tokens(id, expires_at, at).unwrap();
        let begun = SignIn {
            session,
            account,
            mark: secret::mark(&tokens.refresh),
            step: None,
            settled: None,
            joins: None,
            completes: None,
            by: Proof::Password.as_str(),
            ends_invitation: false,
            at,
            expires_at,
        };
        assert!(self.store.begin_account_session(begun).await.unwrap());
        tokens.access
    }

    /// Another access token of the session that this one is of, whose own may have expired.
    pub fn anew(&self, access: &str) -> String {
        let claims = claims(access);
        let id = |name: &str| claims[name].as_str().unwrap().parse().unwrap();
        self.sessions.access_token(AccountId(id("sub")), id("sid"), self.clock.now()).unwrap().0
    }

    /// Identity of the city of this slug.
    pub fn city(&self, slug: &str) -> RecordId {
        let snapshot = self.holder.current();
        snapshot.shards[snapshot.shard_by_slug(slug).unwrap_or_else(|| panic!("there is no city {slug}"))].city.id
    }

    /// The code of the first error of an answer.
    pub async fn refusal(&self, query: &str, variables: Value) -> String {
        let answer = self.answer(query, variables).await;
        answer["errors"][0]["extensions"]["code"].as_str().unwrap_or_else(|| panic!("not refused: {query}\n{answer:#}")).to_owned()
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        // The server finishes by itself; its thread is not waited for, so that a failing test fails at once.
        drop(self.stop.take());
        drop(self.thread.take());
    }
}

/// The Redis of the tests.
pub fn redis_url() -> String {
    database::variable("ROTEIRO_TEST_REDIS_URL")
}

/// Who makes plans, by the estimate.
pub fn trips(redis_url: Option<&str>) -> Trips {
    Trips::new(Arc::new(Estimate::bundled().unwrap()), VisitKinds::bundled().unwrap(), PlanCache::new(redis_url).unwrap())
}

/// Waits until it is so; how long it takes is nobody's business here.
pub async fn eventually(what: &str, is_so: impl AsyncFn() -> bool) {
    for _ in 0..1_000 {
        if is_so().await {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(30)).await;
    }
    panic!("it never came to this: {what}");
}

/// What an access token says.
pub fn claims(access: &str) -> Value {
    use base64::Engine;
    let claims = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(access.split('.').nth(1).unwrap()).unwrap();
    serde_json::from_slice(&claims).unwrap()
}

/// The operator's key of the tests.
pub const SECRET_KEY: &str = "c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00";

/// What opens the secrets of a store of the tests.
pub async fn vault(store: &Store) -> Vault {
    Vault::open(store, SecretKey::parse(SECRET_KEY).unwrap(), Vec::new(), now()).await.unwrap()
}

/// The instant the clock of a test server stands at.
pub fn now() -> DateTime<Utc> {
    NOW.parse().unwrap()
}
