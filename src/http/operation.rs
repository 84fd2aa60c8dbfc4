//! One operation, whichever way it comes: read before anything else walks it, refused when it costs too much, executed on the thread that
//! read it or, when it is heavy, in its client's turn on another, its answer completed.

use std::future::ready;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use async_graphql::parser::types::{ExecutableDocument, OperationDefinition, OperationType, Selection, SelectionSet};
use async_graphql::{Executor, Name, Request, Response};
use futures::stream::{self, BoxStream};
use futures::{FutureExt, StreamExt};

use super::answer::not_executed;
use super::asked::Asked;
use super::documents::Document;
use super::{Demand, Face, Requests, report};
use crate::domain::client::Client;
use crate::fair::pool::{Pool, PoolError};
use crate::fair::queue::Busy;
use crate::fair::work;
use crate::graphql::cost::Guard;
use crate::graphql::executable::{Executable, unmark};
use crate::graphql::failure::{Code, Failure};
use crate::graphql::flat::WritesLists;
use crate::graphql::memory::Memory;
use crate::graphql::personal::Personal;
use crate::graphql::{characters, cost, prescan};

/// Points from which an operation may take a core for more than 5 ms, and is not done on a thread that answers others.
const HEAVY: u64 = 1_000;
/// Longest name of an operation in the log, in characters.
const MAX_NAME: usize = 100;

/// A document that may be executed.
#[derive(Clone)]
pub(super) struct Prepared {
    document: Arc<Document>,
    /// What kind of operation is asked for.
    pub kind: OperationType,
    points: u64,
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
            let (kind, points) = examine(face, &document.parsed, asked)?;
            return Ok(Self { document, kind, points });
        }
        prescan::prescan(&asked.query, limits)?;
        let parsed = async_graphql::parser::parse_query(&asked.query).map_err(Refused::Unparsed)?;
        characters::check_document(&parsed)?;
        let (kind, points) = examine(face, &parsed, asked)?;
        let document = Arc::new(Document::new(parsed, &face.field_types));
        // Refused documents are not kept: they are cheap to refuse and must not crowd out the good ones.
        face.documents.insert(&asked.query, &document);
        Ok(Self { document, kind, points })
    }

    /// The price of the operation in points, as the cost guard counted it: what tells heavy operations from light ones.
    pub const fn points(&self) -> u64 {
        self.points
    }

    /// What the operation asks of those that count.
    fn demand(&self, asked: &Asked) -> Demand {
        match operation(&self.document.parsed, asked.operation_name.as_deref()) {
            Ok(operation) if self.kind == OperationType::Mutation => {
                Demand::Writes(root_fields(&self.document.parsed, &operation.definition.selection_set.node))
            }
            _ => Demand::Read,
        }
    }

    /// Whether it is left to the threads for heavy operations.
    const fn is_heavy(&self) -> bool {
        self.points() >= HEAVY
    }

    /// What is executed, and under what name objects are marked in its answer.
    fn request<R: Requests>(
        &self,
        face: &Face<R>,
        asked: &Asked,
        context: R::Context,
        personal: &Personal,
    ) -> Result<(Request, Option<Name>), Failure> {
        tracing::trace!(points = self.points(), "executes an operation");
        let operation = operation(&self.document.parsed, asked.operation_name.as_deref())?;
        let document = (&self.document.parsed, self.document.is_plain);
        let executable = Executable::new(document, (operation.name, operation.definition), &asked.variables, &face.field_types);
        let mark = executable.mark().cloned();
        let mut request = Request::new(asked.query.clone())
            .variables(executable.variables)
            .data(context)
            .data(personal.clone())
            .data(asked.file.clone())
            // Of a list that is text already, nothing can be taken out.
            .data(WritesLists(!self.document.repeats_objects && mark.is_none()));
        request.set_parsed_query(executable.document);
        request.operation_name.clone_from(&asked.operation_name);
        Ok((request, mark))
    }

    /// The document as it was sent, for validation; `None` when it was found valid before.
    fn unvalidated(&self, asked: &Asked) -> Option<Request> {
        if self.document.is_valid() {
            return None;
        }
        let mut request = Request::new(asked.query.clone()).variables(asked.variables.clone());
        request.set_parsed_query(self.document.parsed.clone());
        request.operation_name.clone_from(&asked.operation_name);
        Some(request)
    }

    /// Fails with the answer that a document gets which is not valid.
    async fn validate<R: Requests>(&self, face: &Face<R>, unvalidated: Option<Request>) -> Result<(), Response> {
        let Some(request) = unvalidated else { return Ok(()) };
        let response = face.requests.validating_schema().execute(request).await;
        if !response.errors.is_empty() {
            return Err(response);
        }
        self.document.is_found_valid();
        Ok(())
    }

    /// Takes marks out of an answer, and puts nulls where fields failed.
    fn complete<R: Requests>(&self, face: &Face<R>, (name, mark): (Option<&str>, Option<&Name>), response: &mut Response) {
        if let Some(mark) = mark {
            unmark(response, mark);
        }
        if let (false, Ok(operation)) = (response.errors.is_empty(), operation(&self.document.parsed, name)) {
            face.field_types.complete(response, &self.document.parsed, operation.definition);
        }
    }

    /// Logs what fields failed with.
    pub fn report<R: Requests>(&self, face: &Face<R>, name: Option<&str>, response: &Response) {
        if let (false, Ok(operation)) = (response.errors.is_empty(), operation(&self.document.parsed, name)) {
            report::errors(&face.requests, &response.errors, &self.document.parsed, operation.definition);
        }
    }
}

/// What kind of operation is asked for, and its price in points; refuses what costs too much, and variables it does not declare so.
fn examine<R: Requests>(face: &Face<R>, document: &ExecutableDocument, asked: &Asked) -> Result<(OperationType, u64), Failure> {
    let operation = operation(document, asked.operation_name.as_deref())?;
    note(&operation);
    let operation = operation.definition;
    let points = cost::check(document, operation, &asked.variables, Guard { limits: face.requests.limits(), prices: &face.prices })?;
    face.input_types.check(operation, &asked.variables)?;
    Ok((operation.ty, points))
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

/// How many fields a selection of the root has, those of its fragments included. The price of the document bounds the walk.
fn root_fields(document: &ExecutableDocument, selections: &SelectionSet) -> u32 {
    let fields = selections.items.iter().map(|selection| match &selection.node {
        Selection::Field(field) => u32::from(!field.node.name.node.starts_with("__")),
        Selection::InlineFragment(fragment) => root_fields(document, &fragment.node.selection_set.node),
        Selection::FragmentSpread(spread) => {
            let fragment = document.fragments.get(&spread.node.fragment_name.node);
            fragment.map_or(0, |fragment| root_fields(document, &fragment.node.selection_set.node))
        }
    });
    fields.fold(0, u32::saturating_add)
}

/// Why an operation that was admitted has no answer.
#[derive(Clone, Copy, Debug)]
pub(super) enum Unanswered {
    /// A resolver panicked: a fault of ours, which must not take the connection, and the requests behind it, down.
    Panicked,
    /// The client has more heavy operations under way than its share.
    Busy,
}

impl From<PoolError> for Unanswered {
    fn from(error: PoolError) -> Self {
        match error {
            PoolError::Busy(_) => Self::Busy,
            PoolError::Panicked => Self::Panicked,
        }
    }
}

impl From<Unanswered> for Failure {
    fn from(unanswered: Unanswered) -> Self {
        match unanswered {
            Unanswered::Panicked => Self::new(Code::Internal, "something went wrong on our side"),
            Unanswered::Busy => Busy.into(),
        }
    }
}

/// Counts an operation that is about to be executed, whole; fails when its client has asked too often.
pub(super) async fn admit<R: Requests>(face: &Face<R>, asked: &Asked, prepared: &Prepared, context: &R::Context) -> Result<(), Failure> {
    face.requests.admit(context, prepared.demand(asked)).await
}

/// Executes a query or a mutation once, and makes what is wanted of the answer where it was executed. The mark says whether the answer is
/// for the asker alone.
pub(super) async fn execute<R: Requests, T: Send + 'static>(
    face: &Arc<Face<R>>,
    asked: &Asked,
    prepared: &Prepared,
    context: R::Context,
    make: impl FnOnce(Response) -> T + Send + 'static,
) -> Result<(T, Personal), Unanswered> {
    let (personal, client) = (Personal::default(), face.requests.client(&context));
    tracing::Span::current().record("client", face.requests.client_kind(&context));
    let (unvalidated, request) = (prepared.unvalidated(asked), prepared.request(face, asked, context, &personal));
    let (within, prepared, name) = (Arc::clone(face), prepared.clone(), asked.operation_name.clone());
    let is_heavy = prepared.is_heavy();
    let executed = async move {
        let response = match (prepared.validate(&within, unvalidated).await, request) {
            (Ok(()), Ok((request, mark))) => {
                let mut response = within.requests.schema().execute(request).await;
                prepared.complete(&within, (name.as_deref(), mark.as_ref()), &mut response);
                response
            }
            (Ok(()), Err(failure)) => not_executed(&failure),
            (Err(response), _) => response,
        };
        prepared.report(&within, name.as_deref(), &response);
        make(response)
    };
    let answer = if is_heavy {
        face.heavy.run(client, executed).await?
    } else {
        AssertUnwindSafe(work::on_behalf_of(client, executed)).catch_unwind().await.map_err(|_| Unanswered::Panicked)?
    };
    Ok((answer, personal))
}

/// The events of a subscription that the state of this context has to tell; it ends when they are told.
pub(super) fn round<R: Requests>(
    face: Arc<Face<R>>,
    asked: Arc<Asked>,
    prepared: Prepared,
    context: R::Context,
    memory: &Memory,
) -> BoxStream<'static, Result<Response, Unanswered>> {
    let client = face.requests.client(&context);
    tracing::Span::current().record("client", face.requests.client_kind(&context));
    let (unvalidated, request) = (prepared.unvalidated(&asked), prepared.request(&face, &asked, context, &Personal::default()));
    let (request, mark) = match request {
        Ok((request, mark)) => (request.data(memory.clone()), mark),
        Err(failure) => return stream::once(ready(Ok(not_executed(&failure)))).boxed(),
    };
    let (within, validated) = (Arc::clone(&face), prepared.clone());
    let begun = async move {
        match validated.validate(&within, unvalidated).await {
            Ok(()) => within.requests.schema().execute_stream(request, None),
            Err(response) => stream::once(ready(response)).boxed(),
        }
    };
    let events = stream::once(begun).flatten().boxed();
    let events = if prepared.is_heavy() { in_turns(Arc::clone(&face.heavy), client, events) } else { at_once(client, events) };
    let completed = events.map(move |event| {
        let mut response = event?;
        prepared.complete(&face, (asked.operation_name.as_deref(), mark.as_ref()), &mut response);
        Ok(response)
    });
    completed.boxed()
}

/// Events that are made on the thread that asks.
fn at_once(client: Client, events: BoxStream<'static, Response>) -> BoxStream<'static, Result<Response, Unanswered>> {
    let events = AssertUnwindSafe(work::stream_on_behalf_of(client, events)).catch_unwind();
    events.map(|event| event.map_err(|_| Unanswered::Panicked)).boxed()
}

/// Events each of which is made in a turn of its client.
fn in_turns(pool: Arc<Pool>, client: Client, events: BoxStream<'static, Response>) -> BoxStream<'static, Result<Response, Unanswered>> {
    let next = move |(pool, events): (Arc<Pool>, Option<BoxStream<'static, Response>>)| async move {
        let mut events = events?;
        match pool.run(client, async move { (events.next().await, events) }).await {
            Ok((Some(event), events)) => Some((Ok(event), (pool, Some(events)))),
            Ok((None, _)) => None,
            Err(error) => Some((Err(error.into()), (pool, None))),
        }
    };
    stream::unfold((pool, Some(events)), next).boxed()
}
