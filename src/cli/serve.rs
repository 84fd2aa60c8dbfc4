//! `roteiro serve`: open the store, load the snapshot, serve until told to stop.

use std::num::NonZeroU16;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

use super::{Outcome, ending, media};
use crate::catalogue::follow::Follower;
use crate::catalogue::holder::Holder;
use crate::catalogue::reference::Tables;
use crate::catalogue::snapshot::Snapshot;
use crate::clock::Clock;
use crate::config::{ConfigError, OidcOptions, ServeOptions, Settings};
use crate::editorial::desk::Desk;
use crate::editorial::link_rounds::{self, Rounds};
use crate::editorial::reach::Reach;
use crate::editorial::scheduler;
use crate::fair::admission::Admission;
use crate::fair::buckets::{Buckets, Rate};
use crate::fair::redis::SharedBuckets;
use crate::http::catalogue::{CatalogueRequests, Rooms};
use crate::http::{Face, HttpOptions, server};
use crate::identity::accounts::Accounts;
use crate::identity::oidc::{ProviderSettings, Providers};
use crate::identity::secret;
use crate::identity::session::Sessions;
use crate::identity::vault::Vault;
use crate::ingest::demo;
use crate::media::service::Media;
use crate::media::sweep::{self, Sweep};
use crate::store::Store;
use crate::store::media::DayBound;
use crate::store::sealed::SealedColumn;
use crate::store::wake::{Announcer, Wake};
use crate::supervise::{self, Tasks};
use crate::travel::Travel;
use crate::travel::estimate::Estimate;
use crate::travel::fallback::Fallback;
use crate::travel::valhalla::Valhalla;
use crate::trips::plan::visits::VisitKinds;
use crate::trips::plan_cache::PlanCache;
use crate::trips::saved::SavedTrips;
use crate::trips::service::Trips;

/// Why nothing is served.
#[derive(Debug, thiserror::Error)]
enum ServeError {
    /// The address is taken, or not ours.
    #[error("{address} cannot be listened on (--listen takes another)")]
    Listen {
        /// Which.
        address: std::net::SocketAddr,
        /// Why.
        source: std::io::Error,
    },
}
/// How long background tasks may take to finish what they are at when the process ends.
const GRACE: Duration = Duration::from_secs(10);

/// Serves.
pub(super) fn run(options: &ServeOptions) -> Outcome {
    let settings = Settings::of_serve(options)?;
    log_to_standard_error(&settings.log)?;
    actix_web::rt::System::with_tokio_rt(|| {
        tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap_or_else(|error| panic!("no runtime: {error}"))
    })
    .block_on(serve(settings))
}

/// JSON lines, each with the spans it was written in; what a thread that panics says is one too.
fn log_to_standard_error(directives: &str) -> Result<(), Box<dyn std::error::Error>> {
    // A level alone is that of this program: what its libraries tell in detail is also what clients sent.
    let filter = match directives.trim().parse::<LevelFilter>() {
        // Bytes that are no request are a client's fault, which this part of the library calls an error.
        Ok(level) if level > LevelFilter::WARN => EnvFilter::try_new(format!("warn,actix_http::h1::dispatcher=off,roteiro={level}"))?,
        _ => EnvFilter::try_new(directives)?,
    };
    let lines = tracing_subscriber::fmt().json().with_current_span(false).with_span_list(true);
    lines.with_env_filter(filter).with_writer(std::io::stderr).init();
    std::panic::set_hook(Box::new(|panic| {
        let (cause, location) = (supervise::words(panic.payload()), panic.location().map(ToString::to_string));
        tracing::error!(cause, location, "a thread panicked");
    }));
    Ok(())
}

async fn serve(settings: Settings) -> Outcome {
    let tables = Tables::bundled()?;
    let store = super::open(&settings).await?;
    let clock = super::clock(&store).await?;
    if let Some(applied) = demo::load_first_time(&store, !settings.no_demo, clock.now()).await? {
        println!("First start: the store was made with {} demo records.", applied.written);
        // A copy of the file alone is whole from the beginning.
        store.fold_log().await;
    }
    let snapshot = Snapshot::load(&store, &tables).await?;
    let holder = Arc::new(Holder::new(snapshot, clock.now()));
    let trips = Arc::new(trips(&settings)?);
    let saved = Arc::new(SavedTrips::new(store.clone(), Arc::clone(&trips)));
    let sessions = Arc::new(Sessions::open(store.clone(), super::vault(&settings, &store, clock.now()).await?, clock.now()).await?);
    let providers = Providers::new(settings.oidc.iter().map(provider).collect::<Result<_, _>>()?)?;
    let accounts = Arc::new(Accounts::open(store.clone(), Arc::clone(&sessions), providers, clock.now()).await?);
    let announcer = Announcer::new(settings.redis_url.as_deref())?;
    let desk = Arc::new(Desk::new(store.clone(), Arc::clone(&holder), announcer.clone()));
    let storage = media::storage(&settings)?;
    let day = DayBound { images: settings.media_images_a_day, bytes: settings.media_bytes_a_day };
    let media = Media::new(store.clone(), storage.clone(), Arc::clone(&accounts), Arc::clone(&sessions)).bounded(day);
    let media = Arc::new(media);
    let rooms = Rooms { trips, saved, sessions: Arc::clone(&sessions), accounts, desk: Arc::clone(&desk), media };
    let admission = admission(&settings, &store, sessions.vault(), &clock).await?;
    let tasks = Tasks::default();
    let requests = CatalogueRequests::new(Arc::clone(&holder), clock.clone(), rooms)
        .watching(tasks.clone(), store.writes().clone())
        .admitting(admission);
    let face = Face::new(requests)?.behind(settings.proxies).logging_one_in(settings.log_sample);
    let stop = ending::told_to_stop()?;
    let bound = server::bind(face, &HttpOptions { listen: settings.listen, workers: settings.workers })
        .map_err(|source| ServeError::Listen { address: settings.listen, source })?;
    greet(&settings, &holder.current(), bound.address());
    let wake = Wake::new(settings.redis_url.as_deref(), &announcer)?;
    let sweep = Sweep::new(store.clone(), storage, media::unused_for(&settings));
    let follower = Follower { holder: Arc::clone(&holder), store: store.clone(), tables, wake, clock: clock.clone() };
    let rounds = link_rounds(&settings);
    begin(&tasks, Background { follower, desk, sessions, sweep, rounds });
    bound.run_until(stop).await?;
    tasks.end(GRACE).await;
    store.close().await;
    println!("Stopped.");
    Ok(ExitCode::SUCCESS)
}

/// What goes on beside the requests.
struct Background {
    follower: Follower,
    desk: Arc<Desk>,
    sessions: Arc<Sessions>,
    sweep: Sweep,
    rounds: Option<Rounds>,
}

/// Begins the background tasks.
fn begin(tasks: &Tasks, background: Background) {
    let Background { follower, desk, sessions, sweep, rounds } = background;
    let (store, holder, clock) = (follower.store.clone(), Arc::clone(&follower.holder), follower.clock.clone());
    tasks.spawn("follow", move |stop| follower.again().run(stop));
    let time = clock.clone();
    tasks.spawn("scheduler", move |stop| scheduler::run(Arc::clone(&desk), time.clone(), stop));
    let known = Arc::clone(&sessions);
    tasks.spawn("keys", move |stop| {
        let known = Arc::clone(&known);
        async move { known.follow_keys(stop).await }
    });
    let (live, time) = (Arc::clone(&sessions), clock.clone());
    tasks.spawn("live_sessions", move |stop| {
        let (live, time) = (Arc::clone(&live), time.clone());
        async move { live.follow_live(&time, stop).await }
    });
    let time = clock.clone();
    tasks.spawn("sessions", move |stop| {
        let (sessions, time) = (Arc::clone(&sessions), time.clone());
        async move { sessions.forget_ended(&time, stop).await }
    });
    let (written, time) = (store.clone(), clock.clone());
    tasks.spawn("writes", move |stop| {
        let (written, time) = (written.clone(), time.clone());
        async move { written.watch_writes(&time, stop).await }
    });
    let (told, time) = (store.clone(), clock.clone());
    tasks.spawn("clock", move |stop| {
        let (told, time) = (told.clone(), time.clone());
        async move { told.follow_time(&time, stop).await }
    });
    let time = clock.clone();
    tasks.spawn("media_sweep", move |stop| sweep::daily(sweep.clone(), time.clone(), stop));
    if let Some(rounds) = rounds {
        tasks.spawn("link_check", move |stop| link_rounds::run(store.clone(), Arc::clone(&holder), clock.clone(), rounds, stop));
    }
}

/// How links are tried; not at all, unless somebody wants it.
fn link_rounds(settings: &Settings) -> Option<Rounds> {
    let reach = if settings.link_check_private { Reach::Anywhere } else { Reach::Public };
    let rounds = |hours: NonZeroU16| Rounds { every: TimeDelta::hours(hours.get().into()), reach };
    settings.link_check_hours.map(rounds)
}

/// Who makes plans: by the embedded estimate, or by a Valhalla with the estimate behind it.
fn trips(settings: &Settings) -> Result<Trips, Box<dyn std::error::Error>> {
    let estimate = Estimate::bundled()?;
    let travel: Arc<dyn Travel> = match &settings.valhalla_url {
        Some(address) => Arc::new(Fallback::new(Valhalla::new(address)?, estimate)),
        None => Arc::new(estimate),
    };
    Ok(Trips::new(travel, VisitKinds::bundled()?, PlanCache::new(settings.redis_url.as_deref())?))
}

/// Name of the key by which the shared counts know clients.
const BUCKETS_KEY: &str = "buckets";

/// How often clients may ask: writes are counted over all processes when there is a Redis, reads wait for nothing.
async fn admission(settings: &Settings, store: &Store, vault: &Vault, clock: &Clock) -> Result<Admission, Box<dyn std::error::Error>> {
    let rate = Rate { a_second: settings.writes_per_second, burst: settings.writes_burst };
    let mut writes = Buckets::new(rate, clock.clone());
    if let Some(url) = &settings.redis_url {
        let first = vault.seal(SealedColumn::ServerSecret, BUCKETS_KEY, &secret::bytes::<32>()?)?;
        let key = vault.unseal(SealedColumn::ServerSecret, BUCKETS_KEY, &store.secret_or(BUCKETS_KEY, first, clock.now()).await?)?;
        writes = writes.shared(SharedBuckets::new(url, "writes", &key)?);
    }
    let reads = settings.reads_per_second.map(|count| Buckets::new(Rate { a_second: count, burst: count }, clock.clone()));
    Ok(Admission { writes: Some(writes), reads })
}

/// What was done and where to click.
fn greet(settings: &Settings, snapshot: &Snapshot, address: std::net::SocketAddr) {
    let count = |of: fn(&crate::catalogue::shard::CityShard) -> usize| snapshot.shards.iter().map(|shard| of(shard)).sum::<usize>();
    let database = if settings.database_url().starts_with("sqlite:") { settings.database_url() } else { "PostgreSQL".to_owned() };
    println!("Roteiro {} with {database}", env!("CARGO_PKG_VERSION"));
    println!(
        "Catalogue version {}: {} cities, {} places, {} events, {} routes",
        snapshot.version,
        snapshot.shards.len(),
        count(|shard| shard.places.len()),
        count(|shard| shard.events.len()),
        count(|shard| shard.routes.len()),
    );
    println!("  Map and list   http://{address}/");
    println!("  Try questions  http://{address}/graphiql");
    println!("  API            http://{address}/graphql");
    println!("Stop with Ctrl-C.");
}

/// The settings of a provider with its secret.
fn provider(options: &OidcOptions) -> Result<ProviderSettings, ConfigError> {
    Ok(ProviderSettings {
        title: options.title.clone().unwrap_or_else(|| options.name.clone()),
        client_secret: options.client_secret()?,
        name: options.name.clone(),
        issuer: options.issuer.clone(),
        client_id: options.client_id.clone(),
        redirect_url: options.redirect_url.clone(),
        scopes: options.scopes.clone(),
    })
}
