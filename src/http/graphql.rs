//! `POST /graphql` and `GET /graphql` (GraphQL over HTTP, draft of the GraphQL Foundation): read the request, refuse what
//! costs too much before anything else walks it, execute, answer.

mod caching;

use actix_web::http::header::{ACCEPT, ACCEPT_LANGUAGE, ALLOW, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use async_graphql::parser::types::OperationType;

use super::answer::{executed, refusal, unparsed};
use super::asked::{self, Asked};
use super::log::request_id;
use super::negotiate::{MediaType, is_json, negotiate};
use super::operation::{self, Prepared, Refused};
use super::{Asker, Face, Requests, body, multipart};
use crate::graphql::failure::{Code, Failure};

/// `POST /graphql`.
pub async fn post<R: Requests>(request: HttpRequest, payload: Payload, face: Data<Face<R>>) -> HttpResponse {
    let headers = request.headers();
    let Some(media) = negotiate(header(headers, &ACCEPT)) else { return not_acceptable() };
    let content_type = header(headers, &CONTENT_TYPE);
    let asked = if is_json(content_type) {
        body::read(headers, payload).await.and_then(|body| asked::from_body(&body))
    } else if let Some(content_type) = content_type.filter(|content_type| multipart::is_multipart(content_type)) {
        with_file(&face, headers, content_type, payload).await
    } else {
        Err(Failure::new(Code::UnsupportedMediaType, "the body must be application/json, or multipart/form-data with a file"))
    };
    let response = match asked {
        Ok(asked) => match Prepared::new(&face, &asked) {
            Ok(Prepared { kind: OperationType::Subscription, .. }) => refusal(media, &subscription()),
            Ok(prepared) => execute(&request, &face, media, &asked, &prepared, face.requests.context(&asker(headers))).await.answer,
            Err(refused) => refused_answer(media, &refused),
        },
        Err(failure) => refusal(media, &failure),
    };
    caching::varied(response)
}

/// A request with a file. It is read for those alone who may have one to send, and only when there is a place for it: all of its
/// bytes are in memory.
async fn with_file<R: Requests>(face: &Face<R>, headers: &HeaderMap, content_type: &str, payload: Payload) -> Result<Asked, Failure> {
    face.requests.may_send_files(&face.requests.context(&asker(headers)))?;
    let place = face.requests.upload_place()?;
    let body = body::read_within(headers, payload, &body::Bounds::image(multipart::MAX_BODY)).await?;
    multipart::read(content_type, body, place).await
}

/// `GET /graphql`, for queries only, with what caches need.
pub async fn get<R: Requests>(request: HttpRequest, face: Data<Face<R>>) -> HttpResponse {
    let headers = request.headers();
    let Some(media) = negotiate(header(headers, &ACCEPT)) else { return not_acceptable() };
    let asked = match asked::from_query_string(request.query_string()) {
        Ok(asked) => asked,
        Err(failure) => return caching::varied(refusal(media, &failure)),
    };
    let prepared = match Prepared::new(&face, &asked) {
        Ok(prepared) if prepared.kind == OperationType::Query => prepared,
        Ok(prepared) if prepared.kind == OperationType::Subscription => return caching::varied(refusal(media, &subscription())),
        Ok(_) => {
            return caching::varied(with_allow(
                refusal(media, &Failure::new(Code::MethodNotAllowed, "GET only reads; send this with POST")),
                "POST",
            ));
        }
        Err(refused) => return caching::varied(refused_answer(media, &refused)),
    };
    let context = face.requests.context(&asker(headers));
    let tag = caching::entity_tag(&face.requests.version(&context), request.query_string(), media);
    let age = face.requests.max_age(&context);
    if caching::is_known(headers, &tag) {
        return caching::cacheable(HttpResponse::NotModified().finish(), &tag, age);
    }
    let executed = execute(&request, &face, media, &asked, &prepared, context).await;
    if executed.is_kept { caching::cacheable(executed.answer, &tag, age) } else { caching::not_stored(executed.answer) }
}

/// `OPTIONS /graphql` that is not a CORS preflight.
pub async fn options() -> HttpResponse {
    with_allow(HttpResponse::NoContent().finish(), "GET, POST, OPTIONS")
}

/// Any other method.
pub async fn other() -> HttpResponse {
    with_allow(refusal(MediaType::Json, &Failure::new(Code::MethodNotAllowed, "ask with GET or POST")), "GET, POST, OPTIONS")
}

fn not_acceptable() -> HttpResponse {
    let message = "answers are application/graphql-response+json or application/json";
    caching::varied(refusal(MediaType::Json, &Failure::new(Code::NotAcceptable, message)))
}

fn with_allow(mut response: HttpResponse, methods: &'static str) -> HttpResponse {
    response.headers_mut().insert(ALLOW, HeaderValue::from_static(methods));
    response
}

fn header<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn asker(headers: &HeaderMap) -> Asker<'_> {
    Asker { accept_language: header(headers, &ACCEPT_LANGUAGE), authorization: header(headers, &AUTHORIZATION) }
}

/// What those are told who subscribe by a way that has no second answer.
fn subscription() -> Failure {
    Failure::new(Code::SubscriptionNotSupported, "subscribe over WebSocket, with the subprotocol graphql-transport-ws")
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

async fn execute<R: Requests>(
    request: &HttpRequest,
    face: &Face<R>,
    media: MediaType,
    asked: &Asked,
    prepared: &Prepared,
    context: R::Context,
) -> Executed {
    let Ok((response, personal)) = operation::execute(face, asked, prepared, context).await else {
        tracing::error!(request_id = request_id(request), "a resolver panicked");
        let failure = Failure::new(Code::Internal, "something went wrong on our side");
        return Executed { answer: refusal(media, &failure), is_kept: false };
    };
    let is_kept = response.errors.is_empty() && !personal.is_marked();
    Executed { answer: executed(media, response), is_kept }
}
