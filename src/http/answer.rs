//! Answers to clients: results and refusals as GraphQL over HTTP writes them, refusals elsewhere in the same form.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use async_graphql::{Response, ServerError, Value};
use serde_json::json;

use super::negotiate::MediaType;
use crate::graphql::failure::{Code, Failure};

/// Longest message of an error, in characters: a message quotes what the client sent.
const MAX_MESSAGE: usize = 300;
/// Most errors of one answer.
const MAX_ERRORS: usize = 20;

/// The answer to a request that was refused before it was executed. Its status is the code's; but clients that only know
/// `application/json` get 200 for a well-formed request whose document cannot be executed, as the specification asks.
pub fn refusal(media: MediaType, failure: &Failure) -> HttpResponse {
    let code = failure.code();
    let well_formed = code.status() == 400 && !matches!(code, Code::BadRequest | Code::BatchNotSupported);
    let status = if media == MediaType::Json && well_formed { 200 } else { code.status() };
    let mut error = json!({ "message": short(failure.message()), "extensions": { "code": code.as_str() } });
    if let Some(seconds) = failure.seconds_to_wait() {
        error["extensions"]["retryAfter"] = seconds.into();
    }
    let mut response = with_body(media, status, json!({ "errors": [error] }).to_string());
    if let Some(seconds) = failure.seconds_to_wait() {
        response.headers_mut().insert(RETRY_AFTER, seconds.into());
    }
    response
}

/// The answer to a document that does not parse.
pub fn unparsed(media: MediaType, error: &async_graphql::parser::Error) -> HttpResponse {
    executed(media, not_parsed(error))
}

/// What is said of a document that does not parse, with the place where reading stopped.
pub fn not_parsed(error: &async_graphql::parser::Error) -> Response {
    let position = error.positions().next();
    let message = match error {
        // The parser draws the line of the document over several lines; its last one says what was expected.
        async_graphql::parser::Error::Syntax { message, .. } => {
            message.lines().last().unwrap_or_default().trim_start_matches([' ', '=']).to_owned()
        }
        other => other.to_string(),
    };
    let mut refused = ServerError::new(format!("the document does not parse: {message}"), position);
    refused.extensions.get_or_insert_default().set("code", Code::GraphqlParseFailed.as_str());
    Response::from_errors(vec![refused])
}

/// What is said of a document that is refused.
pub fn not_executed(failure: &Failure) -> Response {
    let mut refused = ServerError::new(failure.message(), None);
    let extensions = refused.extensions.get_or_insert_default();
    extensions.set("code", failure.code().as_str());
    if let Some(seconds) = failure.seconds_to_wait() {
        extensions.set("retryAfter", seconds);
    }
    Response::from_errors(vec![refused])
}

/// The answer to a request that was executed, or refused by validation.
pub fn executed(media: MediaType, response: Response) -> HttpResponse {
    written(media, response).into()
}

/// An answer as it is sent.
#[derive(Clone, Debug)]
pub struct Written {
    media: MediaType,
    status: u16,
    text: String,
    /// Whether it tells an error.
    pub has_errors: bool,
}

impl From<Written> for HttpResponse {
    fn from(written: Written) -> Self {
        with_body(written.media, written.status, written.text)
    }
}

/// Writes the answer to a request that was executed, or refused by validation.
pub fn written(media: MediaType, mut response: Response) -> Written {
    let has_errors = !response.errors.is_empty();
    if finish(&mut response) == Execution::Refused {
        let status = if media == MediaType::Json { 200 } else { 400 };
        return Written { media, status, text: json!({ "errors": response.errors }).to_string(), has_errors };
    }
    if let Ok(text) = serde_json::to_string(&response) {
        return Written { media, status: 200, text, has_errors };
    }
    let error = json!({ "message": "the answer could not be written", "extensions": { "code": Code::Internal.as_str() } });
    Written { media, status: Code::Internal.status(), text: json!({ "errors": [error] }).to_string(), has_errors: true }
}

/// Whether a request was executed at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Execution {
    /// It was, with whatever errors its fields have.
    Done,
    /// Its document or its variables were refused: there are errors without a path and no data.
    Refused,
}

/// Gives every error a code, cuts what is too long, and says whether there was an execution.
pub fn finish(response: &mut Response) -> Execution {
    response.errors.truncate(MAX_ERRORS);
    for error in &mut response.errors {
        give_code(error);
        error.message = short(&error.message);
    }
    let is_refused =
        response.data == Value::Null && !response.errors.is_empty() && response.errors.iter().all(|error| error.path.is_empty());
    if is_refused { Execution::Refused } else { Execution::Done }
}

/// Errors that async-graphql raises itself have no code: those of validation have no path, those of arguments have one.
fn give_code(error: &mut ServerError) {
    let extensions = error.extensions.get_or_insert_default();
    if extensions.get("code").is_none() {
        let code = if error.path.is_empty() { Code::GraphqlValidationFailed } else { Code::BadUserInput };
        extensions.set("code", code.as_str());
    }
}

fn with_body(media: MediaType, status: u16, text: String) -> HttpResponse {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = HttpResponse::build(status);
    response.insert_header((CONTENT_TYPE, HeaderValue::from_static(media.content_type())));
    response.body(text)
}

/// A refusal of a path that is not GraphQL's.
pub fn plain_refusal(code: Code, message: &str) -> HttpResponse {
    let mut response = refusal(MediaType::Json, &Failure::new(code, message));
    // Where no document was sent, none of a document's errors is a 200.
    *response.status_mut() = StatusCode::from_u16(code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response
}

fn short(message: &str) -> String {
    if message.chars().nth(MAX_MESSAGE).is_none() {
        return message.to_owned();
    }
    message.chars().take(MAX_MESSAGE).chain(['…']).collect()
}
