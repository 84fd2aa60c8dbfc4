//! The server: routes, what every answer passes through, and an end that finishes what is under way.

use std::any::Any;
use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;

use actix_cors::Cors;
use actix_web::dev::{Extensions, Server, ServerHandle};
use actix_web::http::header::{ETAG, HeaderName};
use actix_web::middleware::{Compress, DefaultHeaders, from_fn};
use actix_web::rt::net::TcpStream;
use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{App, HttpServer, Resource, guard};
use tokio::signal::unix::{SignalKind, signal};
use tracing_actix_web::TracingLogger;

use super::log::{RequestSpan, Sample, UnderWay, log};
use super::seats::Seats;
use super::turns::Turns;
use super::{Face, HttpOptions, Requests, graphql, health, media, my_data, pages, text, trips, ws};

/// How long an idle connection is kept.
const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// How long a client may take to send its headers.
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);
/// How long the end waits for requests under way.
pub const PATIENCE: Duration = Duration::from_secs(30);
/// How long the end then waits for the last bytes to be written, in seconds. Idle connections are kept no longer than this.
const LAST_BYTES_SECONDS: u64 = 1;
/// Connections a worker holds at once; more wait in the system's queue.
const MAX_CONNECTIONS: usize = 10_000;

/// A face bound to an address. Connections are taken from now on, and answered while [`Self::run_until`] is awaited.
pub struct Bound {
    server: Server,
    address: SocketAddr,
    under_way: UnderWay,
    seats: Seats,
}

/// Binds the face. Must be called inside an actix system. Fails when the address is taken or not ours.
pub fn bind<R: Requests>(face: Face<R>, options: &HttpOptions) -> std::io::Result<Bound> {
    let seats = face.seats.clone();
    let sample = Data::new(Sample::new(face.log_one_in));
    let (face, under_way) = (Data::new(face), UnderWay::default());
    let counted = Data::new(under_way.clone());
    let server = HttpServer::new(move || {
        App::new()
            .app_data(face.clone())
            .app_data(counted.clone())
            // This is made once for each thread.
            .app_data(Data::new(Turns::default()))
            .app_data(sample.clone())
            .configure(routes::<R>)
            .default_service(web::to(pages::nothing))
            .wrap(from_fn(text::only_sound))
            .wrap(Compress::default())
            .wrap(cross_origin())
            .wrap(DefaultHeaders::new().add(("X-Content-Type-Options", "nosniff")).add(("Referrer-Policy", "no-referrer")))
            .wrap(from_fn(log))
            .wrap(TracingLogger::<RequestSpan>::new())
    })
    .workers(options.workers.max(1))
    .on_connect(send_at_once)
    .max_connections(MAX_CONNECTIONS)
    .keep_alive(KEEP_ALIVE)
    .client_request_timeout(HEADER_TIMEOUT)
    .shutdown_timeout(LAST_BYTES_SECONDS)
    .disable_signals()
    .bind(options.listen)?;
    let address = server.addrs().first().copied().unwrap_or(options.listen);
    Ok(Bound { server: server.run(), address, under_way, seats })
}

/// A compressed answer is written in parts; with Nagle's algorithm (RFC 896) the second waits for the client's delayed
/// acknowledgement of the first, 40 ms on most systems (benches/plan).
fn send_at_once(connection: &dyn Any, _: &mut Extensions) {
    if let Some(stream) = connection.downcast_ref::<TcpStream>() {
        // A connection that is gone already is found by the first read.
        let _ = stream.set_nodelay(true);
    }
}

fn routes<R: Requests>(config: &mut ServiceConfig) {
    config
        .service(
            web::resource("/graphql")
                .route(web::get().guard(guard::fn_guard(ws::is_upgrade)).to(ws::upgrade::<R>))
                .route(web::get().to(graphql::get::<R>))
                .route(web::head().to(graphql::get::<R>))
                .route(web::post().to(graphql::post::<R>))
                .route(web::method(actix_web::http::Method::OPTIONS).to(graphql::options))
                .default_service(web::to(graphql::other)),
        )
        .service(readable("/").get(pages::landing).head(pages::landing))
        .service(readable("/graphiql").get(pages::graphiql).head(pages::graphiql))
        .service(readable("/graphiql/{path:.*}").get(pages::graphiql_asset).head(pages::graphiql_asset))
        .service(readable("/assets/{path:.*}").get(pages::asset).head(pages::asset))
        .service(readable("/trips/{file}").get(trips::shared::<R>).head(trips::shared::<R>))
        .service(readable("/my-data/{token}").get(my_data::file::<R>).head(my_data::file::<R>))
        // Before the images: `uploads` is no digest.
        .service(readable("/media/uploads/{token}").put(media::receive::<R>))
        .service(readable("/media/{file:.*}").get(media::image::<R>).head(media::image::<R>))
        .service(readable("/.well-known/jwks.json").get(health::jwks::<R>).head(health::jwks::<R>))
        .service(readable("/healthz").get(health::healthz).head(health::healthz))
        .service(readable("/readyz").get(health::readyz::<R>).head(health::readyz::<R>))
        .service(readable("/version").get(health::version).head(health::version));
}

fn readable(path: &str) -> Resource {
    web::resource(path).default_service(web::to(pages::other_method))
}

/// Any page may read, without cookies or other credentials.
fn cross_origin() -> Cors {
    Cors::default()
        .allow_any_origin()
        .send_wildcard()
        .allowed_methods(["GET", "HEAD", "POST", "PUT", "OPTIONS"])
        .allow_any_header()
        .expose_headers([ETAG, HeaderName::from_static("x-request-id")])
        .max_age(86_400)
        .disable_vary_header()
}

impl Bound {
    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `end` is over, then takes no more connections, finishes what is under way, and returns.
    pub async fn run_until(self, end: impl Future<Output = ()>) -> std::io::Result<()> {
        let Self { mut server, under_way, seats, .. } = self;
        let handle = server.handle();
        tokio::select! {
            ended = &mut server => return ended,
            () = end => {}
        }
        let (ended, ()) = tokio::join!(server, finish(handle, under_way, seats));
        ended
    }
}

async fn finish(handle: ServerHandle, under_way: UnderWay, seats: Seats) {
    handle.pause().await;
    seats.end().await;
    tracing::info!(requests = under_way.count(), "stopping");
    let all_answered = async {
        while under_way.count() > 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    if tokio::time::timeout(PATIENCE, all_answered).await.is_err() {
        tracing::warn!(requests = under_way.count(), "requests are cut off");
    }
    handle.stop(true).await;
}

/// Over when the process is told to stop: SIGTERM or SIGINT (Ctrl-C). Fails when signals cannot be listened for.
pub fn told_to_stop() -> std::io::Result<impl Future<Output = ()>> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
