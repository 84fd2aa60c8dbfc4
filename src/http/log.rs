//! One line a request: an id that the answer carries too, method, path, status, duration. Never a body, a query string, an
//! address, or the secret of a link to a trip. Requests under way are counted here, so that the end can wait for them.

use std::hash::{BuildHasher, RandomState};
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};
use std::task::{Context, Poll};
use std::time::Instant;

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::web::{Bytes, Data};
use actix_web::{HttpMessage, HttpRequest};

use super::sse::is_event_stream;

/// Longest path that is logged, in characters.
const MAX_PATH: usize = 200;

/// Requests whose answers are not handed over yet.
#[derive(Clone, Debug, Default)]
pub struct UnderWay(Arc<AtomicUsize>);

impl UnderWay {
    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }

    fn begin(&self) -> Guard {
        self.0.fetch_add(1, Ordering::SeqCst);
        Guard(Arc::clone(&self.0))
    }
}

struct Guard(Arc<AtomicUsize>);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// The id of a request, as its answer carries it in `X-Request-Id`.
#[derive(Clone, Debug)]
struct RequestId(String);

/// The id of a request.
pub fn request_id(request: &HttpRequest) -> String {
    request.extensions().get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default()
}

/// The middleware.
pub(super) async fn log(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let begin = Instant::now();
    let guard = request.app_data::<Data<UnderWay>>().map(|under_way| under_way.begin());
    let id = new_id();
    request.extensions_mut().insert(RequestId(id.clone()));
    let (method, path) = (request.method().clone(), shown(request.path()));
    let answered = next.call(request).await;
    let status = answered.as_ref().map_or_else(|error| error.as_response_error().status_code(), ServiceResponse::status).as_u16();
    let milliseconds = (begin.elapsed().as_secs_f64() * 1e6).round() / 1e3;
    // What went well is a line for those who look for it: it would cost a busy server a write a request.
    if status < 400 {
        tracing::debug!(request_id = %id, %method, path, status, milliseconds, "answered");
    } else {
        tracing::info!(request_id = %id, %method, path, status, milliseconds, "answered");
    }
    let mut response = answered?;
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(HeaderName::from_static("x-request-id"), value);
    }
    // A WebSocket or an event stream is no request to be finished: it is told to close (`http/seats`).
    let stays = status == StatusCode::SWITCHING_PROTOCOLS.as_u16() || is_event_stream(response.headers());
    let guard = guard.filter(|_| !stays);
    Ok(response.map_body(|_, body| CountedBody { body: body.boxed(), _guard: guard }))
}

/// The path as it is logged: cut, and without the secret of a link.
fn shown(path: &str) -> String {
    if path.starts_with("/trips/") { "/trips/…".to_owned() } else { path.chars().take(MAX_PATH).collect() }
}

/// Unique among the requests of all processes that ever ran: this process's random mark and a number.
fn new_id() -> String {
    static MARK: LazyLock<u64> = LazyLock::new(|| RandomState::new().hash_one(std::process::id()));
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    format!("{:016x}-{}", *MARK, NUMBER.fetch_add(1, Ordering::Relaxed))
}

/// A body whose request is under way until it is handed over.
struct CountedBody {
    body: BoxBody,
    _guard: Option<Guard>,
}

impl MessageBody for CountedBody {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.body).poll_next(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secret_of_a_link_is_not_logged() {
        assert_eq!(shown("/trips/s3cret.ics"), "/trips/…");
        assert_eq!(shown("/graphql"), "/graphql");
        assert_eq!(shown(&format!("/{}", "ã".repeat(300))).chars().count(), MAX_PATH);
    }
}
