//! The operations of a connection as streams of events.

use std::sync::Arc;
use std::time::Duration;

use async_graphql::Response;
use async_graphql::parser::types::OperationType;
use futures::stream::{self, BoxStream, LocalBoxStream};
use futures::{FutureExt, StreamExt};
use serde_json::{Map, Value};
use tokio::sync::watch;

use super::connection::Identity;
use crate::graphql::failure::{Code, Failure};
use crate::graphql::memory::Memory;
use crate::http::answer::{Execution, finish, not_executed, not_parsed};
use crate::http::asked::{self, Asked};
use crate::http::operation::{Panicked, Prepared, Refused, execute, round};
use crate::http::{Face, Requests};

/// Pause before a round that failed for now is tried again.
const RETRY: Duration = Duration::from_secs(2);

/// What happens to an operation.
pub(super) enum Event {
    /// There is a result.
    Next(Box<Response>),
    /// It was not executed; nothing follows.
    Error(Box<Response>),
    /// There are no more results.
    Complete,
}

/// Events of one operation.
pub(super) type Events = LocalBoxStream<'static, Event>;

/// The events of an operation; the last one is [`Event::Error`] or [`Event::Complete`].
pub(super) fn events<R: Requests>(face: &Arc<Face<R>>, parameters: Map<String, Value>, identity: &Arc<Identity>) -> Events {
    let asked = match asked::from_parameters(parameters) {
        Ok(asked) => Arc::new(asked),
        Err(failure) => return only(refused(not_executed(&failure))),
    };
    let prepared = match Prepared::new(face, &asked) {
        Ok(prepared) => prepared,
        Err(Refused::Unparsed(error)) => return only(refused(not_parsed(&error))),
        Err(Refused::Failure(failure)) => return only(refused(not_executed(&failure))),
    };
    let (face, identity) = (Arc::clone(face), Arc::clone(identity));
    if prepared.kind == OperationType::Subscription {
        let (changes, memory) = (face.requests.changes(), Memory::default());
        let rounds =
            Rounds { face, asked, prepared, identity, changes, memory, now: None, has_begun: false, stands: false, is_over: false };
        let all = stream::unfold(rounds, |mut rounds| async move { Some((rounds.next().await?, rounds)) });
        return all.flat_map(stream::iter).boxed_local();
    }
    let once = async move {
        let context = face.requests.context(&identity.asker());
        outcome(execute(&face, &asked, &prepared, context).await.map(|(response, _)| response))
    };
    once.into_stream().flat_map(stream::iter).boxed_local()
}

fn only(event: Event) -> Events {
    stream::iter([event]).boxed_local()
}

fn refused(mut response: Response) -> Event {
    finish(&mut response);
    Event::Error(Box::new(response))
}

/// The events of something that has one result.
fn outcome(executed: Result<Response, Panicked>) -> Vec<Event> {
    match executed {
        Err(Panicked) => vec![Event::Error(Box::new(panicked()))],
        Ok(mut response) => match finish(&mut response) {
            Execution::Refused => vec![Event::Error(Box::new(response))],
            Execution::Done => vec![Event::Next(Box::new(response)), Event::Complete],
        },
    }
}

fn panicked() -> Response {
    tracing::error!("a resolver panicked under a WebSocket");
    not_executed(&Failure::new(Code::Internal, "something went wrong on our side"))
}

/// Whether a round failed because something is away or busy, and may succeed in a while.
fn is_for_now(response: &Response) -> bool {
    let code = response.errors.first().and_then(|error| error.extensions.as_ref()?.get("code"));
    let is = |known: Code| code.is_some_and(|code| *code == async_graphql::Value::from(known.as_str()));
    response.data == async_graphql::Value::Null && (is(Code::Unavailable) || is(Code::Busy))
}

/// A subscription between its rounds, or in one.
struct Rounds<R: Requests> {
    face: Arc<Face<R>>,
    asked: Arc<Asked>,
    prepared: Prepared,
    identity: Arc<Identity>,
    changes: watch::Receiver<i64>,
    memory: Memory,
    /// The events of the round that is on.
    now: Option<BoxStream<'static, Result<Response, Panicked>>>,
    /// Whether the first round has begun.
    has_begun: bool,
    /// Whether a round was answered, so that the subscription stands.
    stands: bool,
    /// Whether nothing follows.
    is_over: bool,
}

impl<R: Requests> Rounds<R> {
    /// The next event; none when nothing follows.
    async fn next(&mut self) -> Option<Vec<Event>> {
        loop {
            if self.is_over {
                return None;
            }
            if let Some(events) = &mut self.now {
                match events.next().await {
                    None => {
                        self.now = None;
                        self.stands = true;
                    }
                    // What fails for now only does not end a subscription that stands: the same round is tried again.
                    Some(Ok(response)) if self.stands && is_for_now(&response) => {
                        self.now = None;
                        tokio::time::sleep(RETRY).await;
                        self.changes.mark_changed();
                    }
                    // A resolver that failed as a whole has told so; there is no stream to go on with.
                    Some(Ok(mut response)) if response.errors.is_empty() || response.data != async_graphql::Value::Null => {
                        finish(&mut response);
                        return Some(vec![Event::Next(Box::new(response))]);
                    }
                    Some(failed) => {
                        self.is_over = true;
                        return Some(outcome(failed));
                    }
                }
                continue;
            }
            if self.has_begun && self.changes.changed().await.is_err() {
                self.is_over = true;
                return Some(vec![Event::Complete]);
            }
            self.has_begun = true;
            // Seen before the context is made, so that a change in between begins another round.
            self.changes.borrow_and_update();
            let context = self.face.requests.context(&self.identity.asker());
            self.now = Some(round(Arc::clone(&self.face), Arc::clone(&self.asked), self.prepared.clone(), context, &self.memory));
        }
    }
}
