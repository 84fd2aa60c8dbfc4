//! `roteiro serve`: open the store, load the snapshot, serve until told to stop.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use tracing_subscriber::EnvFilter;

use super::Outcome;
use crate::catalogue::follow::follow;
use crate::catalogue::holder::Holder;
use crate::catalogue::reference::Tables;
use crate::catalogue::snapshot::Snapshot;
use crate::clock::Clock;
use crate::config::{ServeOptions, Settings};
use crate::editorial::desk::Desk;
use crate::editorial::scheduler;
use crate::http::catalogue::{CatalogueRequests, Rooms};
use crate::http::{Face, HttpOptions, server};
use crate::identity::accounts::Accounts;
use crate::identity::session::Sessions;
use crate::ingest::demo;
use crate::media::service::Media;
use crate::media::storage::{BucketAccess, MediaStorage, StorageError};
use crate::store::wake::{Announcer, Wake};
use crate::travel::Travel;
use crate::travel::estimate::Estimate;
use crate::travel::fallback::Fallback;
use crate::travel::valhalla::Valhalla;
use crate::trips::plan::visits::VisitKinds;
use crate::trips::plan_cache::PlanCache;
use crate::trips::saved::SavedTrips;
use crate::trips::service::Trips;

/// Serves.
pub(super) fn run(options: &ServeOptions) -> Outcome {
    let settings = Settings::of_serve(options)?;
    let filter = EnvFilter::try_new(&settings.log)?;
    tracing_subscriber::fmt().json().with_env_filter(filter).with_writer(std::io::stderr).init();
    actix_web::rt::System::with_tokio_rt(|| {
        tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap_or_else(|error| panic!("no runtime: {error}"))
    })
    .block_on(serve(settings))
}

async fn serve(settings: Settings) -> Outcome {
    let clock = Clock::System;
    let tables = Tables::bundled()?;
    let store = super::open(&settings).await?;
    if let Some(applied) = demo::load_first_time(&store, !settings.no_demo, clock.now()).await? {
        println!("First start: the store was made with {} demo records.", applied.written);
    }
    let snapshot = Snapshot::load(&store, &tables).await?;
    let holder = Arc::new(Holder::new(snapshot, clock.now()));
    let trips = Arc::new(trips(&settings)?);
    let saved = Arc::new(SavedTrips::new(store.clone(), Arc::clone(&trips)));
    let sessions = Arc::new(Sessions::open(store.clone(), clock.now()).await?);
    let accounts = Arc::new(Accounts::new(store.clone()));
    let announcer = Announcer::new(settings.redis_url.as_deref())?;
    let desk = Arc::new(Desk::new(store.clone(), Arc::clone(&holder), announcer.clone()));
    let media = Arc::new(Media::new(store.clone(), media_storage(&settings)?, Arc::clone(&accounts), Arc::clone(&sessions)));
    let rooms = Rooms { trips, saved, sessions: Arc::clone(&sessions), accounts, desk: Arc::clone(&desk), media };
    let face = Face::new(CatalogueRequests::new(Arc::clone(&holder), clock.clone(), rooms))?;
    let stop = server::told_to_stop()?;
    let bound = server::bind(face, &HttpOptions { listen: settings.listen, workers: settings.workers })?;
    greet(&settings, &holder.current(), bound.address());
    let wake = Wake::new(settings.redis_url.as_deref(), &announcer)?;
    #[expect(clippy::disallowed_methods, reason = "the follower lives as long as the server and is ended with it below")]
    let follower = tokio::spawn(follow(Arc::clone(&holder), store.clone(), tables, wake, clock.clone()));
    #[expect(clippy::disallowed_methods, reason = "it lives as long as the server and is ended with it below")]
    let scheduler = tokio::spawn(scheduler::run(desk, clock));
    #[expect(clippy::disallowed_methods, reason = "it lives as long as the server and is ended with it below")]
    let keys = tokio::spawn(async move { sessions.follow_keys().await });
    bound.run_until(stop).await?;
    follower.abort();
    scheduler.abort();
    keys.abort();
    store.close().await;
    println!("Stopped.");
    Ok(ExitCode::SUCCESS)
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

/// Where images are: in a bucket, in a folder that is named, or beside the database.
fn media_storage(settings: &Settings) -> Result<MediaStorage, StorageError> {
    match &settings.media_url {
        Some(url) if url.starts_with("s3:") => {
            let access = BucketAccess {
                endpoint: settings.aws_endpoint_url.clone(),
                region: settings.aws_region.clone(),
                access_key_id: settings.aws_access_key_id.clone(),
                secret_access_key: settings.aws_secret_access_key.clone(),
                session_token: settings.aws_session_token.clone(),
            };
            MediaStorage::bucket(url, access)
        }
        Some(folder) => MediaStorage::folder(Path::new(folder)),
        None => MediaStorage::folder(&settings.data_dir.join("media")),
    }
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
