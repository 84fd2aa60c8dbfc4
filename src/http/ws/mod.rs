//! GraphQL over WebSocket: the subprotocol `graphql-transport-ws`, as PROTOCOL.md of the npm package `graphql-ws` says it.
//!
//! A subscription is executed in rounds. A resolver tells what there is to tell of the state its context is pinned to, and its
//! stream ends; the face waits until the content changed, makes a new context, and executes the same operation again, for as long
//! as the client listens. So each event is answered from the state it speaks of, and no state is held between events. What a
//! resolver has to remember from round to round is in its [`crate::graphql::memory::Memory`]. As the first round tells how things
//! stand, a client that comes back has missed nothing.
//!
//! One task serves one connection: it reads, executes and writes, and nothing it started outlives it. While a client does not
//! read, its answers are not made: there is one bounded queue of outgoing messages a connection, the framing library's.

mod connection;
mod frames;
mod messages;
mod operations;

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::http::header::{ACCEPT_LANGUAGE, AUTHORIZATION, HeaderMap, HeaderName, UPGRADE};
use actix_web::web::{Bytes, Data, Payload};
use actix_web::{FromRequest, HttpRequest, HttpResponse, guard};
use tokio::sync::watch;

use self::connection::{Connection, Opening};
use super::answer::plain_refusal;
use super::graphql::API_KEY;
use super::{Face, Requests, address};
use crate::graphql::failure::Code;

/// The subprotocol.
const PROTOCOL: &str = "graphql-transport-ws";
/// Most bytes of a message of a client.
const MAX_MESSAGE: usize = 64 * 1024;
/// Most connections of a process.
const MAX_CONNECTIONS: usize = 5_000;

/// The open connections of a process, and the word that it ends.
#[derive(Clone, Debug)]
pub struct Sockets {
    /// Connections that are open, served or not: a client that reads nothing stays connected after we let it go.
    open: Arc<AtomicUsize>,
    /// Connections that are served.
    served: Arc<AtomicUsize>,
    ending: watch::Sender<bool>,
}

impl Default for Sockets {
    fn default() -> Self {
        Self { open: Arc::default(), served: Arc::default(), ending: watch::channel(false).0 }
    }
}

impl Sockets {
    /// Tells all connections to close, and waits until that was said, a moment at most.
    pub async fn end(&self) {
        self.ending.send_replace(true);
        let all_told = async {
            while self.served.load(Ordering::SeqCst) > 0 {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        // Who does not read is not waited for.
        let _ = tokio::time::timeout(Duration::from_secs(2), all_told).await;
    }
}

/// One of the connections that are counted, until it is dropped.
struct Seat(Arc<AtomicUsize>);

impl Seat {
    fn take(count: &Arc<AtomicUsize>) -> (Self, usize) {
        let before = count.fetch_add(1, Ordering::SeqCst);
        (Self(Arc::clone(count)), before)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// What is sent on a connection; it ends with the connection, and so does the seat.
struct Seated {
    body: BoxBody,
    _seat: Seat,
}

impl MessageBody for Seated {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.body).poll_next(context)
    }
}

/// Whether a request wants to become a WebSocket.
pub fn is_upgrade(request: &guard::GuardContext<'_>) -> bool {
    let upgrade = request.head().headers().get(UPGRADE).and_then(|value| value.to_str().ok());
    upgrade.is_some_and(|value| value.eq_ignore_ascii_case("websocket"))
}

/// `GET /graphql` with `Upgrade: websocket`.
pub async fn upgrade<R: Requests>(request: HttpRequest, payload: Payload, face: Data<Face<R>>, sockets: Data<Sockets>) -> HttpResponse {
    let (seat, before) = Seat::take(&sockets.open);
    if before >= MAX_CONNECTIONS {
        return plain_refusal(Code::Busy, "too many WebSockets are open; try again in a while");
    }
    let mut guarded = frames::guarded(payload.into_inner(), MAX_MESSAGE);
    let opened = match Payload::from_request(&request, &mut guarded).await {
        Ok(payload) => actix_ws::handle_with_protocols(&request, payload, &[PROTOCOL]),
        Err(error) => Err(error),
    };
    let Ok((response, session, messages)) = opened else {
        return plain_refusal(Code::BadRequest, "this is no WebSocket handshake");
    };
    let text = |name: &HeaderName| header(request.headers(), name);
    let opening = Opening {
        is_spoken: response.headers().contains_key("sec-websocket-protocol"),
        accept_language: text(&ACCEPT_LANGUAGE),
        authorization: text(&AUTHORIZATION),
        api_key: text(&API_KEY),
        address: address::of(&request, face.proxies),
    };
    let incoming = messages.max_frame_size(MAX_MESSAGE).aggregate_continuations().max_continuation_size(MAX_MESSAGE);
    let ending = sockets.ending.subscribe();
    let (served, _) = Seat::take(&sockets.served);
    actix_web::rt::spawn(async move {
        Connection::new(&face, session, incoming, ending).serve(opening).await;
        drop(served);
    });
    response.map_body(|_, body| BoxBody::new(Seated { body, _seat: seat }))
}

fn header(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    Some(headers.get(name)?.to_str().ok()?.to_owned())
}
