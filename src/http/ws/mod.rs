//! GraphQL over WebSocket: the subprotocol `graphql-transport-ws`, as PROTOCOL.md of the npm package `graphql-ws` says it.
//!
//! One task serves one connection: it reads, executes and writes, and nothing it started outlives it. While a client does not
//! read, its answers are not made: there is one bounded queue of outgoing messages a connection, the framing library's.

mod connection;
mod frames;
mod messages;

use actix_web::body::BoxBody;
use actix_web::http::header::{ACCEPT_LANGUAGE, AUTHORIZATION, HeaderMap, HeaderName, UPGRADE};
use actix_web::web::{Data, Payload};
use actix_web::{FromRequest, HttpRequest, HttpResponse, guard};
use tracing::Instrument;

use self::connection::{Connection, Opening};
use super::answer::plain_refusal;
use super::graphql::{API_KEY, asker};
use super::turns::Turns;
use super::{Face, Requests, address, seats};
use crate::graphql::failure::Code;

/// The subprotocol.
const PROTOCOL: &str = "graphql-transport-ws";
/// Most bytes of a message of a client.
const MAX_MESSAGE: usize = 64 * 1024;

/// Whether a request wants to become a WebSocket.
pub fn is_upgrade(request: &guard::GuardContext<'_>) -> bool {
    let upgrade = request.head().headers().get(UPGRADE).and_then(|value| value.to_str().ok());
    upgrade.is_some_and(|value| value.eq_ignore_ascii_case("websocket"))
}

/// `GET /graphql` with `Upgrade: websocket`.
pub async fn upgrade<R: Requests>(request: HttpRequest, payload: Payload, face: Data<Face<R>>, turns: Data<Turns>) -> HttpResponse {
    let seats = &face.seats;
    let client = face.requests.client(&face.requests.context(&asker(&request, &face)));
    let Some(seat) = seats.take(client) else { return seats::full() };
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
    let (ending, served) = (seats.ending(), seats.serve());
    let serve = async move {
        Connection::new(&face, &turns, session, incoming, ending).serve(opening).await;
        drop(served);
    };
    actix_web::rt::spawn(serve.in_current_span());
    response.map_body(|_, body| BoxBody::new(seat.hold(body)))
}

fn header(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    Some(headers.get(name)?.to_str().ok()?.to_owned())
}
