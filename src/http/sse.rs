//! GraphQL over server-sent events: the distinct connections mode of PROTOCOL.md of the npm package `graphql-sse`. Each operation
//! is a request of its own; its results are events `next`, and an event `complete` says that none follow. What is wrong with a
//! document is told in a `next` too, because browsers show no other answer to a script.
//!
//! One task serves one stream. It ends with the client, with the token or its session, with the process, and when the client does not read; a
//! stream that ends without `complete` is asked for again by clients, with the cursor where they stand.

use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::body::BoxBody;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName};
use actix_web::web::Bytes;
use futures::{StreamExt, stream};
use serde::Serialize;
use serde_json::json;
use tokio::sync::{mpsc, watch};
use tracing::Instrument;

use super::answer::refusal;
use super::negotiate::MediaType;
use super::operations::{Event, Events, Identity};
use super::seats::{self, ended};
use super::{Face, Requests, Standing};
use crate::fair::work;

/// The media type.
const EVENT_STREAM: &str = "text/event-stream";
/// How long a stream may be silent before a comment shows that it is there; so it is found out when the client is not.
const SILENCE: Duration = Duration::from_secs(12);
/// How long an event may wait for the client to read those before it.
const UNREAD: Duration = Duration::from_secs(10);
/// A comment.
const COMMENT: Bytes = Bytes::from_static(b":\n\n");
/// That nothing follows. `EventSource` shows no event without data.
const COMPLETE: &str = "event: complete\ndata: \n\n";

/// Whether an answer with these headers is a stream of events.
pub(super) fn is_event_stream(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_TYPE).is_some_and(|value| value.as_bytes() == EVENT_STREAM.as_bytes())
}

/// The answer that gives these events as they come.
pub(super) async fn answer<R: Requests>(face: &Face<R>, events: Events, identity: &Identity) -> HttpResponse {
    let context = face.requests.context(&identity.asker());
    let standing = match work::on_behalf_of(face.requests.client(&context), face.requests.standing(&context)).await {
        Standing::Refused(failure) => return refusal(MediaType::GraphqlResponse, &failure),
        known @ (Standing::Known { .. } | Standing::Anyone) => known,
    };
    let seats = &face.seats;
    let Some(seat) = seats.take(face.requests.client(&context)) else { return seats::full() };
    let (sender, mut receiver) = mpsc::channel(1);
    let (ending, served) = (seats.ending(), seats.serve());
    let serve = async move {
        tokio::select! {
            () = give(events, sender, ending) => {}
            _ = standing.over() => {}
        }
        drop(served);
    };
    actix_web::rt::spawn(serve.in_current_span());
    let events = stream::poll_fn(move |context| receiver.poll_recv(context)).map(Ok::<_, actix_web::Error>);
    let response = HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, EVENT_STREAM))
        // Compressed, an event would wait for the ones after it; so it would in a proxy that gathers.
        .insert_header((CONTENT_ENCODING, "identity"))
        .insert_header((HeaderName::from_static("x-accel-buffering"), "no"))
        .insert_header((CACHE_CONTROL, "no-store"))
        .streaming(events);
    response.map_body(|_, body| BoxBody::new(seat.hold(body)))
}

/// Gives the events to whoever writes them, until there are no more, the client is gone or does not read, or the process ends.
async fn give(mut events: Events, sender: mpsc::Sender<Bytes>, mut ending: watch::Receiver<bool>) {
    // Shows at once that the stream is there.
    let mut next = Some(COMMENT);
    while let Some(bytes) = next {
        if !matches!(tokio::time::timeout(UNREAD, sender.send(bytes)).await, Ok(Ok(()))) {
            return;
        }
        next = tokio::select! {
            biased;
            () = ended(&mut ending) => None,
            () = sender.closed() => None,
            event = events.next() => event.map(|event| written(&event)),
            () = tokio::time::sleep(SILENCE) => Some(COMMENT),
        };
    }
}

fn written(event: &Event) -> Bytes {
    match event {
        Event::Next(response) => next(response).into(),
        // What was not executed has no data, not even null.
        Event::Error(response) => (next(&json!({ "errors": response.errors })) + COMPLETE).into(),
        Event::Complete => Bytes::from_static(COMPLETE.as_bytes()),
    }
}

/// JSON has no line breaks of its own.
fn next(response: &impl Serialize) -> String {
    let json = serde_json::to_string(response).unwrap_or_default();
    format!("event: next\ndata: {json}\n\n")
}
