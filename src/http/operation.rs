//! One operation, whichever way it comes: read before anything else walks it, refused when it costs too much, executed, its answer
//! completed.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use async_graphql::parser::types::{ExecutableDocument, OperationDefinition, OperationType};
use async_graphql::{Executor, Request, Response};
use futures::stream::BoxStream;
use futures::{FutureExt, StreamExt};

use super::asked::Asked;
use super::documents::Document;
use super::{Face, Requests, report};
use crate::graphql::failure::{Code, Failure};
use crate::graphql::flat::WritesLists;
use crate::graphql::memory::Memory;
use crate::graphql::personal::Personal;
use crate::graphql::{characters, cost, prescan};

/// Longest name of an operation in the log, in characters.
const MAX_NAME: usize = 100;

/// A document that may be executed.
#[derive(Clone)]
pub(super) struct Prepared {
    document: Arc<Document>,
    /// What kind of operation is asked for.
    pub kind: OperationType,
}

/// Names the operation in the span of whoever asks for it.
fn note(operation: &Named<'_>) {
    let kind = match operation.definition.ty {
        OperationType::Query => "query",
        OperationType::Mutation => "mutation",
        OperationType::Subscription => "subscription",
    };
    let name = operation.name.map(|name| name.chars().take(MAX_NAME).collect::<String>());
    tracing::Span::current().record("operation", name).record("operation_kind", kind);
}

/// Why a document is not executed.
pub(super) enum Refused {
    /// It does not parse.
    Unparsed(async_graphql::parser::Error),
    /// It breaks a limit, or its variables are not of the types declared.
    Failure(Failure),
}

impl From<Failure> for Refused {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

impl Prepared {
    /// Parses the document, or takes it from those parsed before, finds the operation and counts what it asks for.
    pub fn new<R: Requests>(face: &Face<R>, asked: &Asked) -> Result<Self, Refused> {
        let limits = face.requests.limits();
        if let Some(document) = face.documents.get(&asked.query) {
            let kind = examine(face, &document.parsed, asked)?;
            return Ok(Self { document, kind });
        }
        prescan::prescan(&asked.query, limits)?;
        let parsed = async_graphql::parser::parse_query(&asked.query).map_err(Refused::Unparsed)?;
        characters::check_document(&parsed)?;
        let kind = examine(face, &parsed, asked)?;
        let document = Arc::new(Document::new(parsed));
        // Refused documents are not kept: they are cheap to refuse and must not crowd out the good ones.
        face.documents.insert(&asked.query, &document);
        Ok(Self { document, kind })
    }

    fn request<C: Send + Sync + 'static>(&self, asked: &Asked, context: C, personal: &Personal) -> Request {
        let mut request = Request::new(asked.query.clone())
            .variables(asked.variables.clone())
            .data(context)
            .data(personal.clone())
            .data(asked.file.clone())
            .data(WritesLists(!self.document.repeats_objects));
        request.set_parsed_query(self.document.parsed.clone());
        request.operation_name.clone_from(&asked.operation_name);
        request
    }

    fn schema<'a, R: Requests>(&self, face: &'a Face<R>) -> &'a R::Schema {
        if self.document.is_valid() { face.requests.schema_for_validated() } else { face.requests.schema() }
    }

    /// Notes that a document without any error has passed validation, and puts nulls where fields failed.
    fn complete<R: Requests>(&self, face: &Face<R>, asked: &Asked, response: &mut Response) {
        if response.errors.is_empty() {
            self.document.is_found_valid();
        } else if let Ok(operation) = operation(&self.document.parsed, asked.operation_name.as_deref()) {
            face.field_types.complete(response, &self.document.parsed, operation.definition);
        }
    }

    /// Logs what fields failed with.
    pub fn report<R: Requests>(&self, face: &Face<R>, asked: &Asked, response: &Response) {
        if let (false, Ok(operation)) = (response.errors.is_empty(), operation(&self.document.parsed, asked.operation_name.as_deref())) {
            report::errors(&face.requests, &response.errors, &self.document.parsed, operation.definition);
        }
    }
}

/// What kind of operation is asked for; refuses what costs too much, and variables it does not declare so.
fn examine<R: Requests>(face: &Face<R>, document: &ExecutableDocument, asked: &Asked) -> Result<OperationType, Failure> {
    let operation = operation(document, asked.operation_name.as_deref())?;
    note(&operation);
    let operation = operation.definition;
    cost::check(document, operation, &asked.variables, face.requests.limits())?;
    face.input_types.check(operation, &asked.variables)?;
    Ok(operation.ty)
}

/// An operation and its name.
struct Named<'a> {
    name: Option<&'a str>,
    definition: &'a OperationDefinition,
}

/// The operation of this name, or the only one.
fn operation<'a>(document: &'a ExecutableDocument, name: Option<&str>) -> Result<Named<'a>, Failure> {
    let mut operations = document.operations.iter();
    let found = match name {
        Some(name) => operations.find(|(known, _)| known.is_some_and(|known| known == name)),
        None => operations.next().filter(|_| operations.next().is_none()),
    };
    let (name, operation) =
        found.ok_or_else(|| Failure::new(Code::OperationNotFound, "name one operation of the document in `operationName`"))?;
    Ok(Named { name: name.map(async_graphql::Name::as_str), definition: &operation.node })
}

/// A resolver panicked: a fault of ours, which must not take the connection, and the requests behind it, down.
#[derive(Clone, Copy, Debug)]
pub(super) struct Panicked;

/// Executes a query or a mutation once. The mark says whether the answer is for the asker alone.
pub(super) async fn execute<R: Requests>(
    face: &Face<R>,
    asked: &Asked,
    prepared: &Prepared,
    context: R::Context,
) -> Result<(Response, Personal), Panicked> {
    let personal = Personal::default();
    tracing::Span::current().record("client", face.requests.client_kind(&context));
    let request = prepared.request(asked, context, &personal);
    let mut response = AssertUnwindSafe(prepared.schema(face).execute(request)).catch_unwind().await.map_err(|_| Panicked)?;
    prepared.complete(face, asked, &mut response);
    prepared.report(face, asked, &response);
    Ok((response, personal))
}

/// The events of a subscription that the state of this context has to tell; it ends when they are told.
pub(super) fn round<R: Requests>(
    face: Arc<Face<R>>,
    asked: Arc<Asked>,
    prepared: Prepared,
    context: R::Context,
    memory: &Memory,
) -> BoxStream<'static, Result<Response, Panicked>> {
    tracing::Span::current().record("client", face.requests.client_kind(&context));
    let request = prepared.request(&asked, context, &Personal::default()).data(memory.clone());
    let events = AssertUnwindSafe(prepared.schema(&face).execute_stream(request, None)).catch_unwind();
    let completed = events.map(move |event| {
        let mut response = event.map_err(|_| Panicked)?;
        prepared.complete(&face, &asked, &mut response);
        Ok(response)
    });
    completed.boxed()
}
