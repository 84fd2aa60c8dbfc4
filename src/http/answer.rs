//! Answers to clients: results and refusals as GraphQL over HTTP writes them, refusals elsewhere in the same form.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, HeaderValue};
use async_graphql::{Response, ServerError, Value};
use serde_json::json;

use super::negotiate::MediaType;
use crate::graphql::failure::{Code, Failure};

/// Longest message of an error, in characters: a message quotes what the client sent.
const MAX_MESSAGE: usize = 500;
/// Most errors of one answer.
const MAX_ERRORS: usize = 50;

/// The answer to a request that was refused before it was executed. Its status is the code's; `application/json` clients get
/// 200 for a document that is not valid GraphQL, as the specification asks, and the status of the code for a broken request.
pub fn refusal(media: MediaType, failure: &Failure) -> HttpResponse {
    let code = failure.code();
    let well_formed = !matches!(
        code,
        Code::BadRequest
            | Code::BatchNotSupported
            | Code::PayloadTooLarge
            | Code::UnsupportedMediaType
            | Code::NotAcceptable
            | Code::MethodNotAllowed
            | Code::NotFound
            | Code::Overloaded
            | Code::Internal
    );
    let status = if media == MediaType::Json && well_formed { 200 } else { code.status() };
    let error = json!({ "message": short(failure.message()), "extensions": { "code": code.as_str() } });
    body(media, status, json!({ "errors": [error] }).to_string())
}

/// The answer to a request that was executed, or refused by validation.
pub fn executed(media: MediaType, mut response: Response) -> HttpResponse {
    let errors = &mut response.errors;
    errors.truncate(MAX_ERRORS);
    for error in errors.iter_mut() {
        give_code(error);
        error.message = short(&error.message);
    }
    // A request that was never executed has errors without a path and no data; then there is no `data` entry at all.
    let refused = response.data == Value::Null && !errors.is_empty() && errors.iter().all(|error| error.path.is_empty());
    if !refused {
        return match serde_json::to_string(&response) {
            Ok(text) => body(media, 200, text),
            Err(_) => refusal(media, &Failure::new(Code::Internal, "the answer could not be written")),
        };
    }
    let status = if media == MediaType::Json { 200 } else { 400 };
    body(media, status, json!({ "errors": response.errors }).to_string())
}

/// Errors that async-graphql raises itself have no code: those of validation have no path, those of arguments have one.
fn give_code(error: &mut ServerError) {
    let extensions = error.extensions.get_or_insert_with(Default::default);
    if extensions.get("code").is_none() {
        let code = if error.path.is_empty() { Code::GraphqlValidationFailed } else { Code::BadUserInput };
        extensions.set("code", code.as_str());
    }
}

fn body(media: MediaType, status: u16, text: String) -> HttpResponse {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = HttpResponse::build(status);
    response.insert_header((CONTENT_TYPE, HeaderValue::from_static(media.content_type())));
    response.body(text)
}

/// A refusal of a path that is not GraphQL's.
pub fn plain_refusal(code: Code, message: &str) -> HttpResponse {
    refusal(MediaType::Json, &Failure::new(code, message))
}

fn short(message: &str) -> String {
    if message.chars().nth(MAX_MESSAGE).is_none() {
        return message.to_owned();
    }
    message.chars().take(MAX_MESSAGE).chain(['…']).collect()
}
