//! The server: routes, what every answer passes through, and an end that finishes what is under way.

use std::hash::{BuildHasher, RandomState};
use std::net::SocketAddr;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use actix_cors::Cors;
use actix_web::dev::{Server, ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::middleware::{Compress, DefaultHeaders, Next, from_fn};
use actix_web::web::{Data, PayloadConfig, get, resource, to};
use actix_web::{App, HttpServer};

use super::{Face, graphql, health, pages};

/// How long an idle connection is kept.
const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// How long a client may take to send its headers.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
/// How long the end waits for what is under way, in seconds.
const SHUTDOWN_SECONDS: u64 = 30;
/// Connections a worker holds at once; more wait in the system's queue.
const MAX_CONNECTIONS: usize = 10_000;

/// A face bound to an address, to be awaited.
pub struct Bound {
    /// The running server.
    pub server: Server,
    /// Where it listens.
    pub address: SocketAddr,
}

/// Binds the face; the server runs while it is awaited and ends with SIGTERM or SIGINT, finishing what is under way.
pub fn bind(face: Data<Face>, listen: SocketAddr, workers: usize) -> std::io::Result<Bound> {
    let server = HttpServer::new(move || {
        App::new()
            .app_data(face.clone())
            .app_data(PayloadConfig::new(graphql::MAX_BODY))
            .wrap(Compress::default())
            .wrap(
                Cors::default()
                    .allow_any_origin()
                    .allowed_methods(["GET", "POST", "OPTIONS"])
                    .allow_any_header()
                    .expose_any_header()
                    .max_age(86_400),
            )
            .wrap(DefaultHeaders::new().add(("X-Content-Type-Options", "nosniff")).add(("Referrer-Policy", "no-referrer")))
            .wrap(from_fn(log))
            .service(resource("/graphql").get(graphql::get).post(graphql::post).default_service(to(graphql::other)))
            .route("/", get().to(pages::landing))
            .route("/graphiql", get().to(pages::graphiql))
            .route("/assets/{path:.*}", get().to(pages::asset))
            .route("/healthz", get().to(health::healthz))
            .route("/readyz", get().to(health::readyz))
            .route("/version", get().to(health::version))
            .default_service(to(pages::nothing))
    })
    .workers(workers)
    .max_connections(MAX_CONNECTIONS)
    .keep_alive(KEEP_ALIVE)
    .client_request_timeout(REQUEST_TIMEOUT)
    .shutdown_timeout(SHUTDOWN_SECONDS)
    .bind(listen)?;
    let address = server.addrs().first().copied().unwrap_or(listen);
    Ok(Bound { server: server.run(), address })
}

/// One line a request: an id that the answer carries too, method, path, status, duration. Never a body, a query string or an
/// address.
async fn log(
    request: ServiceRequest,
    next: Next<impl actix_web::body::MessageBody>,
) -> Result<ServiceResponse<impl actix_web::body::MessageBody>, actix_web::Error> {
    let begin = Instant::now();
    let id = request_id();
    let (method, path) = (request.method().clone(), request.path().to_owned());
    let mut response = next.call(request).await?;
    let milliseconds = begin.elapsed().as_secs_f64() * 1_000.0;
    tracing::debug!(request_id = %id, %method, path, status = response.status().as_u16(), milliseconds, "answered");
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(HeaderName::from_static("x-request-id"), value);
    }
    Ok(response)
}

/// Unique among the requests of all processes that ever ran: this process's random mark and a number.
fn request_id() -> String {
    static MARK: LazyLock<u64> = LazyLock::new(|| RandomState::new().hash_one(std::process::id()));
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    format!("{:016x}-{}", *MARK, NUMBER.fetch_add(1, Ordering::Relaxed))
}
