//! `POST /graphql` and `GET /graphql` (GraphQL over HTTP, draft of the GraphQL Foundation): read the request, refuse what
//! costs too much before anything else walks it, execute, answer.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use actix_web::http::header::{ACCEPT, ACCEPT_LANGUAGE, ALLOW, CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY};
use actix_web::http::{Method, StatusCode, header::HeaderMap};
use actix_web::web::{Bytes, Data, Query};
use actix_web::{HttpRequest, HttpResponse};
use async_graphql::parser::types::{ExecutableDocument, OperationType};
use async_graphql::{Request, Variables};
use serde_json::{Map, Value};
use siphasher::sip128::{Hasher128, SipHasher13};

use super::Face;
use super::answer::{executed, refusal};
use super::negotiate::{MediaType, is_json, negotiate};
use crate::domain::text::Preferences;
use crate::graphql::failure::{Code, Failure};
use crate::graphql::limits::LIMITS;
use crate::graphql::{cost, prescan};

/// Most bytes of a body: variables hold polygons and lines.
pub const MAX_BODY: usize = 512 * 1024;
/// How long a shared cache may answer for us: a moment, so that a crowd asks once and a change is seen at once.
const MAX_AGE_SECONDS: u32 = 15;

/// What a client sent, whichever way.
#[derive(Debug)]
struct Asked {
    query: String,
    operation_name: Option<String>,
    variables: Value,
}

/// `POST /graphql`.
pub async fn post(request: HttpRequest, body: Result<Bytes, actix_web::Error>, face: Data<Face>) -> HttpResponse {
    let Some(media) = negotiate(header(request.headers(), &ACCEPT)) else { return not_acceptable() };
    if !is_json(header(request.headers(), &CONTENT_TYPE)) {
        return refusal(media, &Failure::new(Code::UnsupportedMediaType, "the body must be application/json"));
    }
    let Ok(body) = body else {
        return refusal(media, &Failure::new(Code::PayloadTooLarge, format!("the body has more than {MAX_BODY} bytes, or broke off")));
    };
    match read_body(&body) {
        Ok(asked) => answer(&request, &face, media, asked).await,
        Err(failure) => refusal(media, &failure),
    }
}

/// `GET /graphql`.
pub async fn get(request: HttpRequest, face: Data<Face>) -> HttpResponse {
    let Some(media) = negotiate(header(request.headers(), &ACCEPT)) else { return not_acceptable() };
    match read_query_string(request.query_string()) {
        Ok(asked) => answer(&request, &face, media, asked).await,
        Err(failure) => refusal(media, &failure),
    }
}

/// Any other method.
pub async fn other() -> HttpResponse {
    let mut response = refusal(MediaType::Json, &Failure::new(Code::MethodNotAllowed, "ask with GET or POST"));
    response.headers_mut().insert(ALLOW, actix_web::http::header::HeaderValue::from_static("GET, POST, OPTIONS"));
    response
}

fn not_acceptable() -> HttpResponse {
    let message = "answers are application/graphql-response+json or application/json";
    refusal(MediaType::Json, &Failure::new(Code::NotAcceptable, message))
}

fn header<'a>(headers: &'a HeaderMap, name: &actix_web::http::header::HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn bad(message: &str) -> Failure {
    Failure::new(Code::BadRequest, message)
}

fn read_body(body: &[u8]) -> Result<Asked, Failure> {
    // An array is refused without being read: it may hold thousands of operations.
    if body.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[') {
        return Err(Failure::new(Code::BatchNotSupported, "send one operation a request"));
    }
    let mut parameters: Map<String, Value> = serde_json::from_slice(body).map_err(|_| bad("the body is not a JSON object"))?;
    let query = match parameters.remove("query") {
        Some(Value::String(query)) => query,
        _ => return Err(bad("`query` must be a string")),
    };
    let operation_name = match parameters.remove("operationName") {
        None | Some(Value::Null) => None,
        Some(Value::String(name)) => Some(name),
        Some(_) => return Err(bad("`operationName` must be a string")),
    };
    let variables = object(parameters.remove("variables"), "`variables` must be an object")?;
    object(parameters.remove("extensions"), "`extensions` must be an object")?;
    Ok(Asked { query, operation_name, variables })
}

fn object(value: Option<Value>, message: &str) -> Result<Value, Failure> {
    match value.unwrap_or_default() {
        value @ (Value::Null | Value::Object(_)) => Ok(value),
        _ => Err(bad(message)),
    }
}

fn read_query_string(text: &str) -> Result<Asked, Failure> {
    let mut parameters =
        Query::<HashMap<String, String>>::from_query(text).map_err(|_| bad("the query string cannot be read"))?.into_inner();
    let query = parameters.remove("query").ok_or_else(|| bad("`query` is missing"))?;
    let operation_name = parameters.remove("operationName").filter(|name| !name.is_empty());
    let mut json = |name: &str, message: &str| match parameters.remove(name).filter(|text| !text.is_empty()) {
        None => Ok(Value::Null),
        Some(text) => object(Some(serde_json::from_str(&text).map_err(|_| bad(message))?), message),
    };
    let variables = json("variables", "`variables` must be a JSON object")?;
    json("extensions", "`extensions` must be a JSON object")?;
    Ok(Asked { query, operation_name, variables })
}

async fn answer(request: &HttpRequest, face: &Face, media: MediaType, asked: Asked) -> HttpResponse {
    let (document, variables) = match prepare(face, &asked) {
        Ok(prepared) => prepared,
        Err(failure) => return refusal(media, &failure),
    };
    if request.method() == Method::GET && names_mutation(&document, asked.operation_name.as_deref()) {
        let mut response = refusal(media, &Failure::new(Code::MethodNotAllowed, "GET only reads; send mutations with POST"));
        *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
        response.headers_mut().insert(ALLOW, actix_web::http::header::HeaderValue::from_static("POST"));
        return response;
    }
    let language = header(request.headers(), &ACCEPT_LANGUAGE).unwrap_or_default();
    let context = face.request_context(Preferences::from_accept_language(language));
    let tag = (request.method() == Method::GET).then(|| entity_tag(&context, &asked, media));
    if let Some(tag) = tag.as_deref().filter(|tag| header(request.headers(), &IF_NONE_MATCH).is_some_and(|known| known.contains(*tag))) {
        return with_caching(HttpResponse::NotModified().finish(), tag);
    }
    let mut query = Request::new(asked.query).variables(variables).data(context);
    query.set_parsed_query((*document).clone());
    if let Some(name) = asked.operation_name {
        query = query.operation_name(name);
    }
    let response = face.schema.execute(query).await;
    let failed = !response.errors.is_empty();
    let response = executed(media, response);
    match tag.filter(|_| !failed) {
        Some(tag) => with_caching(response, &tag),
        None => response,
    }
}

/// Parses the document, or takes it from those parsed before, and counts what it asks for.
fn prepare(face: &Face, asked: &Asked) -> Result<(Arc<ExecutableDocument>, Variables), Failure> {
    let variables = Variables::from_json(asked.variables.clone());
    let document = match face.documents.get(&asked.query) {
        Some(document) => document,
        None => {
            prescan::prescan(&asked.query, &LIMITS)?;
            let parsed = async_graphql::parser::parse_query(&asked.query)
                .map_err(|error| Failure::new(Code::GraphqlParseFailed, error.to_string()))?;
            let document = Arc::new(parsed);
            // Refused documents are not kept: they are cheap to refuse and must not crowd out the good ones.
            cost::check(&document, &variables, &LIMITS)?;
            face.documents.insert(&asked.query, &document);
            return named_operation(document, asked).map(|document| (document, variables));
        }
    };
    cost::check(&document, &variables, &LIMITS)?;
    named_operation(document, asked).map(|document| (document, variables))
}

/// Refuses a name no operation has, and several operations without a name.
fn named_operation(document: Arc<ExecutableDocument>, asked: &Asked) -> Result<Arc<ExecutableDocument>, Failure> {
    let mut operations = document.operations.iter();
    let found = match &asked.operation_name {
        Some(name) => operations.any(|(known, _)| known.is_some_and(|known| known == name)),
        None => operations.count() == 1,
    };
    if found { Ok(document) } else { Err(Failure::new(Code::OperationNotFound, "name one operation of the document in `operationName`")) }
}

fn names_mutation(document: &ExecutableDocument, name: Option<&str>) -> bool {
    let is_named = |known: Option<&async_graphql::Name>| name.is_none_or(|name| known.is_some_and(|known| known == name));
    document.operations.iter().any(|(known, operation)| is_named(known) && operation.node.ty != OperationType::Query)
}

/// A validator for everything that decides the answer. The hour is in it, because answers tell what is open now.
fn entity_tag(context: &crate::graphql::context::RequestContext, asked: &Asked, media: MediaType) -> String {
    let mut hasher = SipHasher13::new_with_keys(0x6574_6167, 0x726f_7465);
    context.snapshot.version.hash(&mut hasher);
    (context.now.timestamp() / i64::from(MAX_AGE_SECONDS)).hash(&mut hasher);
    asked.query.hash(&mut hasher);
    asked.operation_name.hash(&mut hasher);
    asked.variables.hash(&mut hasher);
    for tag in context.preferences.tags() {
        tag.hash(&mut hasher);
    }
    (media == MediaType::Json).hash(&mut hasher);
    format!("W/\"{}-{:x}\"", context.snapshot.version, hasher.finish128().as_u128())
}

fn with_caching(mut response: HttpResponse, tag: &str) -> HttpResponse {
    use actix_web::http::header::HeaderValue;
    let headers = response.headers_mut();
    if let Ok(tag) = HeaderValue::from_str(tag) {
        headers.insert(ETAG, tag);
    }
    if let Ok(age) = HeaderValue::from_str(&format!("public, max-age={MAX_AGE_SECONDS}")) {
        headers.insert(CACHE_CONTROL, age);
    }
    headers.insert(VARY, HeaderValue::from_static("Accept, Accept-Language, Accept-Encoding"));
    response
}
