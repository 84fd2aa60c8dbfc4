//! A span and a line a request. The span carries the request's id, which its answer has in `X-Request-Id`, to every line that is written
//! on its behalf; the line tells the route that matched, status, duration, and size. Nothing that a client chose is logged but the name
//! of its operation: no path, query string, header, body, or address.
//!
//! Requests under way are counted here, so that the end can wait for them.

use std::num::NonZeroU32;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Instant;

use actix_web::HttpMessage;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::web::{Bytes, Data};
use tracing::Span;
use tracing::field::Empty;
use tracing_actix_web::{RequestId, RootSpanBuilder};

use super::sse::is_event_stream;

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

/// Of how many requests that went well one is logged. What failed always is.
#[derive(Debug)]
pub(super) struct Sample {
    one_in: NonZeroU32,
    seen: AtomicU64,
}

impl Sample {
    pub(super) const fn new(one_in: NonZeroU32) -> Self {
        Self { one_in, seen: AtomicU64::new(0) }
    }

    fn takes(&self, status: u16) -> bool {
        status >= 400 || self.seen.fetch_add(1, Ordering::Relaxed).is_multiple_of(self.one_in.get().into())
    }
}

/// Makes the span of a request. It is one of errors, so that it is there whatever level is logged.
pub(super) struct RequestSpan;

impl RootSpanBuilder for RequestSpan {
    fn on_request_start(request: &ServiceRequest) -> Span {
        let span = tracing::error_span!(
            "request",
            request_id = Empty,
            method = method(request.method()),
            path = request.match_pattern(),
            operation = Empty,
            operation_kind = Empty,
            client = Empty,
        );
        if let Some(id) = request.extensions().get::<RequestId>() {
            span.record("request_id", tracing::field::display(id));
        }
        span
    }

    fn on_request_end<B: MessageBody>(_: Span, _: &Result<ServiceResponse<B>, actix_web::Error>) {}
}

/// A method is any word a client likes.
fn method(method: &Method) -> &'static str {
    let known = [
        (Method::GET, "GET"),
        (Method::HEAD, "HEAD"),
        (Method::POST, "POST"),
        (Method::PUT, "PUT"),
        (Method::DELETE, "DELETE"),
        (Method::OPTIONS, "OPTIONS"),
        (Method::PATCH, "PATCH"),
    ];
    known.into_iter().find(|(known, _)| known == method).map_or("other", |(_, word)| word)
}

/// The middleware.
pub(super) async fn log(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let begin = Instant::now();
    let guard = request.app_data::<Data<UnderWay>>().map(|under_way| under_way.begin());
    let sample = request.app_data::<Data<Sample>>().cloned();
    let id = request.extensions().get::<RequestId>().map(ToString::to_string).unwrap_or_default();
    let (method, path) = (method(request.method()), request.match_pattern());
    let answered = next.call(request).await;
    let status = answered.as_ref().map_or_else(|error| error.as_response_error().status_code(), ServiceResponse::status).as_u16();
    let line = Line { begin, span: Span::current(), id, method, path, status };
    let is_logged = sample.is_none_or(|sample| sample.takes(status));
    let mut response = match answered {
        Ok(response) => response,
        Err(error) => {
            line.write(None);
            return Err(error);
        }
    };
    if let Ok(value) = HeaderValue::from_str(&line.id) {
        response.headers_mut().insert(HeaderName::from_static("x-request-id"), value);
    }
    // A WebSocket or an event stream is no request to be finished: it is told to close (`http/seats`).
    let stays = status == StatusCode::SWITCHING_PROTOCOLS.as_u16() || is_event_stream(response.headers());
    let guard = guard.filter(|_| !stays);
    if stays && is_logged {
        line.write(None);
    }
    let line = (is_logged && !stays).then_some(line);
    Ok(response.map_body(|_, body| CountedBody { body: body.boxed(), bytes: 0, line, _guard: guard }))
}

/// What is said of a request.
struct Line {
    begin: Instant,
    span: Span,
    id: String,
    method: &'static str,
    /// The pattern of the route that matched; a path may be a secret.
    path: Option<String>,
    status: u16,
}

impl Line {
    /// Writes it, with the bytes of the body when they are known.
    fn write(&self, bytes: Option<u64>) {
        let milliseconds = (self.begin.elapsed().as_secs_f64() * 1e6).round() / 1e3;
        let Self { span, id, method, path, status, .. } = self;
        let _entered = span.enter();
        tracing::info!(request_id = id, method, path, status, milliseconds, bytes, "answered");
    }
}

/// A body whose request is under way until it is handed over.
struct CountedBody {
    body: BoxBody,
    bytes: u64,
    /// What is written when it is over.
    line: Option<Line>,
    _guard: Option<Guard>,
}

impl MessageBody for CountedBody {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        let polled = Pin::new(&mut self.body).poll_next(context);
        if let Poll::Ready(Some(Ok(bytes))) = &polled {
            self.bytes += bytes.len() as u64;
        }
        polled
    }
}

impl Drop for CountedBody {
    fn drop(&mut self) {
        if let Some(line) = self.line.take() {
            line.write(Some(self.bytes));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_in_so_many_is_logged_and_every_failure() {
        let sample = Sample::new(NonZeroU32::new(10).unwrap());
        assert_eq!((0..100).filter(|_| sample.takes(200)).count(), 10);
        assert_eq!((0..100).filter(|_| sample.takes(404)).count(), 100);
        let all = Sample::new(NonZeroU32::MIN);
        assert_eq!((0..100).filter(|_| all.takes(200)).count(), 100);
    }

    #[test]
    fn a_method_that_nobody_knows_is_not_logged() {
        assert_eq!(method(&Method::from_bytes(b"S3CRET").unwrap()), "other");
        assert_eq!(method(&Method::PUT), "PUT");
    }
}
