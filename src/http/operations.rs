//! Operations as streams of events, for every way that has more than one answer.
//!
//! A subscription is executed in rounds. A resolver tells what there is to tell of the state its context is pinned to, and its
//! stream ends; the face waits until the content changed, makes a new context, and executes the same operation again, for as long
//! as the client listens. So each event is answered from the state it speaks of, and no state is held between events. What a
//! resolver has to remember from round to round is in its [`Memory`]; one that has more to tell than an event holds says so there,
//! and the next round begins at once. As the first round tells how things stand, a client that comes back has missed nothing.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use async_graphql::Response;
use async_graphql::parser::types::OperationType;
use futures::stream::{self, BoxStream, LocalBoxStream};
use futures::{FutureExt, StreamExt};
use serde_json::{Map, Value};
use tokio::sync::watch;

use super::answer::{Execution, finish, not_executed, not_parsed};
use super::asked::{self, Asked};
use super::operation::{self, Prepared, Refused, Unanswered, execute, round};
use super::turns::Turns;
use super::{Asker, Face, Requests};
use crate::graphql::failure::{Code, Failure};
use crate::graphql::memory::Memory;

/// Pause before a round that failed for now is tried again.
const RETRY: Duration = Duration::from_secs(2);

/// Who asks, for as long as answers are given.
#[derive(Debug, Default)]
pub(super) struct Identity {
    /// The languages.
    pub accept_language: Option<String>,
    /// The token.
    pub authorization: Option<String>,
    /// The key of a partner.
    pub api_key: Option<String>,
    /// The client's address.
    pub address: Option<IpAddr>,
}

impl From<Asker<'_>> for Identity {
    fn from(asker: Asker<'_>) -> Self {
        Self {
            accept_language: asker.accept_language.map(str::to_owned),
            authorization: asker.authorization.map(str::to_owned),
            api_key: asker.api_key.map(str::to_owned),
            address: asker.address,
        }
    }
}

impl Identity {
    /// The same as the face asks for it.
    pub(super) fn asker(&self) -> Asker<'_> {
        Asker {
            accept_language: self.accept_language.as_deref(),
            authorization: self.authorization.as_deref(),
            api_key: self.api_key.as_deref(),
            address: self.address,
        }
    }
}

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

/// The events of an operation that is to be read and counted, in the turns of its client; the last one is [`Event::Error`] or
/// [`Event::Complete`].
pub(super) fn events<R: Requests>(face: &Arc<Face<R>>, turns: &Turns, parameters: Map<String, Value>, identity: &Arc<Identity>) -> Events {
    let (face, turns, identity) = (Arc::clone(face), turns.clone(), Arc::clone(identity));
    let begun = async move {
        let context = face.requests.context(&identity.asker());
        let client = face.requests.client(&context);
        let begun = async {
            let asked = asked::from_parameters(parameters)?;
            let prepared = Prepared::new(&face, &asked);
            if let Ok(prepared) = &prepared {
                operation::admit(&face, &asked, prepared, &context).await?;
            }
            Ok(events_of(&face, &turns, asked, prepared, &identity))
        };
        let begun: Result<Events, Failure> = turns.run(client, begun).await.map_err(Failure::from).flatten();
        begun.unwrap_or_else(|failure| only(refused(not_executed(&failure))))
    };
    begun.flatten_stream().boxed_local()
}

/// The events of an operation that was looked at and counted.
pub(super) fn events_of<R: Requests>(
    face: &Arc<Face<R>>,
    turns: &Turns,
    asked: Asked,
    prepared: Result<Prepared, Refused>,
    identity: &Arc<Identity>,
) -> Events {
    let prepared = match prepared {
        Ok(prepared) => prepared,
        Err(Refused::Unparsed(error)) => return only(refused(not_parsed(&error))),
        Err(Refused::Failure(failure)) => return only(refused(not_executed(&failure))),
    };
    let (face, identity, asked) = (Arc::clone(face), Arc::clone(identity), Arc::new(asked));
    if prepared.kind == OperationType::Subscription {
        let (changes, memory) = (face.requests.changes(), Memory::default());
        let rounds = Rounds {
            face,
            asked,
            prepared,
            identity,
            changes,
            memory,
            now: None,
            has_begun: false,
            last_round: LastRound::None,
            is_over: false,
        };
        let all = stream::unfold(rounds, |mut rounds| async move { Some((rounds.next().await?, rounds)) });
        return all.flat_map(stream::iter).boxed_local();
    }
    let turns = turns.clone();
    let once = async move {
        let context = face.requests.context(&identity.asker());
        let client = face.requests.client(&context);
        let executed = turns.run(client, execute(&face, &asked, &prepared, context, |response| response)).await;
        outcome(executed.unwrap_or(Err(Unanswered::Busy)).map(|(response, _)| response))
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
fn outcome(executed: Result<Response, Unanswered>) -> Vec<Event> {
    match executed {
        Err(unanswered) => vec![Event::Error(Box::new(not_answered(unanswered)))],
        Ok(mut response) => match finish(&mut response) {
            Execution::Refused => vec![Event::Error(Box::new(response))],
            Execution::Done => vec![Event::Next(Box::new(response)), Event::Complete],
        },
    }
}

fn not_answered(unanswered: Unanswered) -> Response {
    not_executed(&unanswered.into())
}

/// Whether a round failed because something is away or busy, and may succeed in a while.
fn is_for_now(response: &Response) -> bool {
    let code = response.errors.first().and_then(|error| error.extensions.as_ref()?.get("code"));
    let is = |known: Code| code.is_some_and(|code| *code == async_graphql::Value::from(known.as_str()));
    response.data == async_graphql::Value::Null && (is(Code::Unavailable) || is(Code::Busy))
}

/// What came of the round before the one that is on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum LastRound {
    /// There was none.
    None,
    /// It was answered, so that the subscription stands.
    Answered,
    /// The subscription stands, but the round failed for now, which was logged; it is tried again.
    FailedForNow,
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
    now: Option<BoxStream<'static, Result<Response, Unanswered>>>,
    /// Whether the first round has begun.
    has_begun: bool,
    /// What came of the round before.
    last_round: LastRound,
    /// Whether nothing follows.
    is_over: bool,
}

impl<R: Requests> Rounds<R> {
    /// Begins the round again, in a while.
    async fn again(&mut self) {
        self.now = None;
        tokio::time::sleep(RETRY).await;
        self.changes.mark_changed();
    }

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
                        self.last_round = LastRound::Answered;
                    }
                    Some(Err(Unanswered::Busy)) if self.last_round != LastRound::None => self.again().await,
                    // What fails for now only does not end a subscription that stands: the same round is tried again.
                    Some(Ok(response)) if self.last_round != LastRound::None && is_for_now(&response) => {
                        // Said once an outage, not at each try.
                        if std::mem::replace(&mut self.last_round, LastRound::FailedForNow) == LastRound::Answered {
                            self.prepared.report(&self.face, self.asked.operation_name.as_deref(), &response);
                        }
                        self.again().await;
                    }
                    // A resolver that failed as a whole has told so; there is no stream to go on with.
                    Some(Ok(mut response)) if response.errors.is_empty() || response.data != async_graphql::Value::Null => {
                        if self.last_round == LastRound::FailedForNow {
                            self.last_round = LastRound::Answered;
                        }
                        self.prepared.report(&self.face, self.asked.operation_name.as_deref(), &response);
                        finish(&mut response);
                        return Some(vec![Event::Next(Box::new(response))]);
                    }
                    Some(failed) => {
                        self.is_over = true;
                        if let Ok(response) = &failed {
                            self.prepared.report(&self.face, self.asked.operation_name.as_deref(), response);
                        }
                        return Some(outcome(failed));
                    }
                }
                continue;
            }
            if self.has_begun && !self.memory.goes_on() && self.changes.changed().await.is_err() {
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
