//! `POST /graphql` and `GET /graphql` (GraphQL over HTTP, draft of the GraphQL Foundation): read the request, refuse what
//! costs too much before anything else walks it, execute, answer.

mod asked;
mod caching;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use actix_web::http::header::{ACCEPT, ACCEPT_LANGUAGE, ALLOW, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use async_graphql::parser::types::{ExecutableDocument, OperationDefinition, OperationType};
use async_graphql::{Executor, Request};
use futures::FutureExt;

use self::asked::Asked;
use super::answer::{executed, refusal, unparsed};
use super::documents::Document;
use super::log::request_id;
use super::negotiate::{MediaType, is_json, negotiate};
use super::{Asker, Face, Requests, body};
use crate::graphql::failure::{Code, Failure};
use crate::graphql::flat::WritesLists;
use crate::graphql::{cost, prescan};

/// `POST /graphql`.
pub async fn post<R: Requests>(request: HttpRequest, payload: Payload, face: Data<Face<R>>) -> HttpResponse {
    let headers = request.headers();
    let Some(media) = negotiate(header(headers, &ACCEPT)) else { return not_acceptable() };
    if !is_json(header(headers, &CONTENT_TYPE)) {
        return caching::varied(refusal(media, &Failure::new(Code::UnsupportedMediaType, "the body must be application/json")));
    }
    let asked = body::read(headers, payload).await.and_then(|body| asked::from_body(&body));
    let response = match asked {
        Ok(asked) => match Prepared::new(&face, &asked) {
            Ok(prepared) => execute(&request, &face, media, asked, prepared, face.requests.context(&asker(headers))).await.answer,
            Err(refused) => refused.answer(media),
        },
        Err(failure) => refusal(media, &failure),
    };
    caching::varied(response)
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
        Ok(prepared) if prepared.reads => prepared,
        Ok(_) => {
            return caching::varied(with_allow(
                refusal(media, &Failure::new(Code::MethodNotAllowed, "GET only reads; send this with POST")),
                "POST",
            ));
        }
        Err(refused) => return caching::varied(refused.answer(media)),
    };
    let context = face.requests.context(&asker(headers));
    let tag = caching::entity_tag(&face.requests.version(&context), request.query_string(), media);
    let age = face.requests.max_age(&context);
    if caching::is_known(headers, &tag) {
        return caching::cacheable(HttpResponse::NotModified().finish(), &tag, age);
    }
    let executed = execute(&request, &face, media, asked, prepared, context).await;
    if executed.failed { caching::not_stored(executed.answer) } else { caching::cacheable(executed.answer, &tag, age) }
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

/// A document that may be executed.
struct Prepared {
    document: Arc<Document>,
    /// Whether the operation is a query.
    reads: bool,
}

/// Why a document is not executed.
enum Refused {
    Unparsed(async_graphql::parser::Error),
    Failure(Failure),
}

impl From<Failure> for Refused {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

impl Refused {
    fn answer(&self, media: MediaType) -> HttpResponse {
        match self {
            Self::Unparsed(error) => unparsed(media, error),
            Self::Failure(failure) => refusal(media, failure),
        }
    }
}

impl Prepared {
    /// Parses the document, or takes it from those parsed before, finds the operation and counts what it asks for.
    fn new<R: Requests>(face: &Face<R>, asked: &Asked) -> Result<Self, Refused> {
        let limits = face.requests.limits();
        if let Some(document) = face.documents.get(&asked.query) {
            let reads = examine(face, &document.parsed, asked)?;
            return Ok(Self { document, reads });
        }
        prescan::prescan(&asked.query, limits)?;
        let parsed = async_graphql::parser::parse_query(&asked.query).map_err(Refused::Unparsed)?;
        let reads = examine(face, &parsed, asked)?;
        let document = Arc::new(Document::new(parsed));
        // Refused documents are not kept: they are cheap to refuse and must not crowd out the good ones.
        face.documents.insert(&asked.query, &document);
        Ok(Self { document, reads })
    }
}

/// Whether the operation asked for is a query; refuses what costs too much, and variables it does not declare so.
fn examine<R: Requests>(face: &Face<R>, document: &ExecutableDocument, asked: &Asked) -> Result<bool, Failure> {
    let operation = operation(document, asked.operation_name.as_deref())?;
    cost::check(document, operation, &asked.variables, face.requests.limits())?;
    face.input_types.check(operation, &asked.variables)?;
    Ok(operation.ty == OperationType::Query)
}

/// The operation of this name, or the only one.
fn operation<'a>(document: &'a ExecutableDocument, name: Option<&str>) -> Result<&'a OperationDefinition, Failure> {
    let mut operations = document.operations.iter();
    let found = match name {
        Some(name) => operations.find(|(known, _)| known.is_some_and(|known| known == name)),
        None => operations.next().filter(|_| operations.next().is_none()),
    };
    let (_, operation) =
        found.ok_or_else(|| Failure::new(Code::OperationNotFound, "name one operation of the document in `operationName`"))?;
    Ok(&operation.node)
}

/// An answer, and whether it tells an error.
struct Executed {
    answer: HttpResponse,
    failed: bool,
}

async fn execute<R: Requests>(
    request: &HttpRequest,
    face: &Face<R>,
    media: MediaType,
    asked: Asked,
    prepared: Prepared,
    context: R::Context,
) -> Executed {
    let mut query =
        Request::new(asked.query).variables(asked.variables).data(context).data(WritesLists(!prepared.document.repeats_objects));
    query.set_parsed_query(prepared.document.parsed.clone());
    query.operation_name.clone_from(&asked.operation_name);
    // A fault of ours in a resolver must not take the connection, and the requests behind it, down.
    let known = prepared.document.is_valid();
    let schema = if known { face.requests.schema_for_validated() } else { face.requests.schema() };
    let Ok(mut response) = AssertUnwindSafe(schema.execute(query)).catch_unwind().await else {
        tracing::error!(request_id = request_id(request), "a resolver panicked");
        return Executed { answer: refusal(media, &Failure::new(Code::Internal, "something went wrong on our side")), failed: true };
    };
    let failed = !response.errors.is_empty();
    // Only an execution without any error is sure to have passed validation.
    if !known && !failed {
        prepared.document.is_found_valid();
    }
    if failed && let Ok(operation) = operation(&prepared.document.parsed, asked.operation_name.as_deref()) {
        face.field_types.complete(&mut response, &prepared.document.parsed, operation);
    }
    Executed { answer: executed(media, response), failed }
}
