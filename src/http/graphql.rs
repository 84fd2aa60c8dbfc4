//! `POST /graphql` and `GET /graphql` (GraphQL over HTTP, draft of the GraphQL Foundation): read the request, refuse what
//! costs too much before anything else walks it, execute, answer.

mod caching;

use std::sync::Arc;

use actix_web::http::header::{ACCEPT, ACCEPT_LANGUAGE, ALLOW, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use async_graphql::parser::types::OperationType;

use super::answer::{refusal, unparsed, written};
use super::asked::{self, Asked};
use super::negotiate::{self, Events, MediaType, is_json, negotiate};
use super::operation::{self, Prepared, Refused};
use super::operations::{Identity, events_of};
use super::turns::Turns;
use super::{Asker, Face, Requests, address, body, multipart, report, sse};
use crate::fair::work;
use crate::graphql::failure::{Code, Failure};

/// By which a partner is known.
pub(super) const API_KEY: HeaderName = HeaderName::from_static("x-api-key");

/// `POST /graphql`.
pub async fn post<R: Requests>(request: HttpRequest, payload: Payload, face: Data<Face<R>>, turns: Data<Turns>) -> HttpResponse {
    let headers = request.headers();
    let Some((media, events)) = ways(headers) else { return not_acceptable() };
    let content_type = header(headers, &CONTENT_TYPE);
    let asked = if is_json(content_type) {
        body::read(headers, payload).await.and_then(|body| asked::from_body(&body))
    } else if let Some(content_type) = content_type.filter(|content_type| multipart::is_multipart(content_type)) {
        with_file(&face, &request, content_type, payload).await
    } else {
        Err(Failure::new(Code::UnsupportedMediaType, "the body must be application/json, or multipart/form-data with a file"))
    };
    match asked {
        Ok(asked) => {
            let context = face.requests.context(&asker(&request, &face));
            let client = face.requests.client(&context);
            let answered = posted(&request, &face, &turns, (media, events), asked, context);
            turns.run(client, answered).await.unwrap_or_else(|busy| caching::not_stored(refusal(media, &busy.into())))
        }
        Err(failure) => {
            report::failure(&face.requests, &failure);
            caching::not_stored(refusal(media, &failure))
        }
    }
}

/// The answer to a request that was read.
async fn posted<R: Requests>(
    request: &HttpRequest,
    face: &Data<Face<R>>,
    turns: &Turns,
    (media, events): (MediaType, Events),
    asked: Asked,
    context: R::Context,
) -> HttpResponse {
    let response = match Prepared::new(face, &asked) {
        prepared if is_streamed(events, &prepared) => return caching::varied(streamed(face, turns, asked, prepared, request).await),
        Ok(Prepared { kind: OperationType::Subscription, .. }) => refusal(media, &subscription()),
        Ok(prepared) => match operation::admit(face, &asked, &prepared, &context).await {
            Ok(()) => execute(face, media, &asked, &prepared, context).await.answer,
            Err(failure) => refusal(media, &failure),
        },
        Err(refused) => refused_answer(media, &refused),
    };
    caching::not_stored(response)
}

/// A request with a file. It is read for those alone who may have one to send, and only when there is a place for it: all of its
/// bytes are in memory.
async fn with_file<R: Requests>(face: &Face<R>, request: &HttpRequest, content_type: &str, payload: Payload) -> Result<Asked, Failure> {
    let context = face.requests.context(&asker(request, face));
    let client = face.requests.client(&context);
    work::on_behalf_of(client, face.requests.may_send_files(&context)).await?;
    let place = face.requests.upload_place(client)?;
    let body = body::read_within(request.headers(), payload, &body::Bounds::image(multipart::MAX_BODY)).await?;
    multipart::read(content_type, body, place).await
}

/// `GET /graphql`, for queries only, with what caches need; and for subscriptions as streams of events.
pub async fn get<R: Requests>(request: HttpRequest, face: Data<Face<R>>, turns: Data<Turns>) -> HttpResponse {
    let Some((media, events)) = ways(request.headers()) else { return not_acceptable() };
    let asked = match asked::from_query_string(request.query_string()) {
        Ok(asked) => asked,
        Err(failure) => return caching::varied(refusal(media, &failure)),
    };
    let context = face.requests.context(&asker(&request, &face));
    let client = face.requests.client(&context);
    let answered = got(&request, &face, &turns, (media, events), asked, context);
    turns.run(client, answered).await.unwrap_or_else(|busy| caching::varied(refusal(media, &busy.into())))
}

/// The answer to a request whose query string was read.
async fn got<R: Requests>(
    request: &HttpRequest,
    face: &Data<Face<R>>,
    turns: &Turns,
    (media, events): (MediaType, Events),
    asked: Asked,
    context: R::Context,
) -> HttpResponse {
    let prepared = match Prepared::new(face, &asked) {
        prepared if is_streamed(events, &prepared) && !is_mutation(&prepared) => {
            return caching::varied(streamed(face, turns, asked, prepared, request).await);
        }
        Ok(prepared) if prepared.kind == OperationType::Query => prepared,
        Ok(prepared) if prepared.kind == OperationType::Subscription => return caching::varied(refusal(media, &subscription())),
        Ok(_) => {
            let refused = refusal(media, &Failure::new(Code::MethodNotAllowed, "GET only reads; send this with POST"));
            return caching::varied(with_allow(refused, "POST"));
        }
        Err(refused) => return caching::varied(refused_answer(media, &refused)),
    };
    if let Err(failure) = operation::admit(face, &asked, &prepared, &context).await {
        return caching::varied(refusal(media, &failure));
    }
    let tag = caching::entity_tag(&face.requests.version(&context), request.query_string(), media);
    let age = face.requests.max_age(&context);
    let (is_known, is_anyone) = (caching::is_known(request.headers(), &tag), !request.headers().contains_key(AUTHORIZATION));
    let not_modified = || caching::cacheable(HttpResponse::NotModified().finish(), &tag, age);
    if is_known && is_anyone {
        return not_modified();
    }
    let executed = execute(face, media, &asked, &prepared, context).await;
    match (executed.is_kept, is_known) {
        (false, _) => caching::not_stored(executed.answer),
        // Whether an answer is everybody's is known for an asker with a token only when it is there.
        (true, true) => not_modified(),
        (true, false) => caching::cacheable(executed.answer, &tag, age),
    }
}

/// `OPTIONS /graphql` that is not a CORS preflight.
pub async fn options() -> HttpResponse {
    with_allow(HttpResponse::NoContent().finish(), "GET, HEAD, POST, OPTIONS")
}

/// Any other method.
pub async fn other() -> HttpResponse {
    with_allow(refusal(MediaType::Json, &Failure::new(Code::MethodNotAllowed, "ask with GET or POST")), "GET, HEAD, POST, OPTIONS")
}

/// How the client wants to be answered: once, in which media type, and whether as a stream of events. None when there is no way.
fn ways(headers: &HeaderMap) -> Option<(MediaType, Events)> {
    let accept = header(headers, &ACCEPT);
    match (negotiate(accept), negotiate::events(accept)) {
        (None, Events::Never) => None,
        (once, events) => Some((once.unwrap_or(MediaType::GraphqlResponse), events)),
    }
}

/// Whether the answer is a stream of events.
fn is_streamed(events: Events, prepared: &Result<Prepared, Refused>) -> bool {
    match events {
        Events::Never => false,
        Events::Also => prepared.as_ref().is_ok_and(|prepared| prepared.kind == OperationType::Subscription),
        Events::Rather => true,
    }
}

fn is_mutation(prepared: &Result<Prepared, Refused>) -> bool {
    prepared.as_ref().is_ok_and(|prepared| prepared.kind == OperationType::Mutation)
}

async fn streamed<R: Requests>(
    face: &Data<Face<R>>,
    turns: &Turns,
    asked: Asked,
    prepared: Result<Prepared, Refused>,
    request: &HttpRequest,
) -> HttpResponse {
    let who = asker(request, face);
    if let Ok(prepared) = &prepared
        && let Err(failure) = operation::admit(face, &asked, prepared, &face.requests.context(&who)).await
    {
        return refusal(MediaType::GraphqlResponse, &failure);
    }
    let identity = Arc::new(Identity::from(who));
    sse::answer(face, events_of(face, turns, asked, prepared, &identity), &identity).await
}

fn not_acceptable() -> HttpResponse {
    let message = "answers are application/graphql-response+json, application/json or text/event-stream";
    caching::varied(refusal(MediaType::Json, &Failure::new(Code::NotAcceptable, message)))
}

fn with_allow(mut response: HttpResponse, methods: &'static str) -> HttpResponse {
    response.headers_mut().insert(ALLOW, HeaderValue::from_static(methods));
    response
}

fn header<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

pub(super) fn asker<'a, R>(request: &'a HttpRequest, face: &Face<R>) -> Asker<'a> {
    let headers = request.headers();
    Asker {
        accept_language: header(headers, &ACCEPT_LANGUAGE),
        authorization: header(headers, &AUTHORIZATION),
        api_key: header(headers, &API_KEY),
        address: address::of(request, face.proxies),
    }
}

/// What those are told who subscribe by a way that has no second answer.
fn subscription() -> Failure {
    Failure::new(Code::SubscriptionNotSupported, "subscribe over WebSocket (graphql-transport-ws), or accept text/event-stream")
}

fn refused_answer(media: MediaType, refused: &Refused) -> HttpResponse {
    match refused {
        Refused::Unparsed(error) => unparsed(media, error),
        Refused::Failure(failure) => refusal(media, failure),
    }
}

/// An answer, and whether a cache may keep it.
struct Executed {
    answer: HttpResponse,
    is_kept: bool,
}

async fn execute<R: Requests>(face: &Arc<Face<R>>, media: MediaType, asked: &Asked, prepared: &Prepared, context: R::Context) -> Executed {
    let (written, personal) = match operation::execute(face, asked, prepared, context, move |response| written(media, response)).await {
        Ok(executed) => executed,
        Err(unanswered) => return Executed { answer: refusal(media, &unanswered.into()), is_kept: false },
    };
    let is_kept = !written.has_errors && !personal.is_marked();
    Executed { answer: written.into(), is_kept }
}
