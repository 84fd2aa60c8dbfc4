//! One connection: what it hears, what it says, and when it ends.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use actix_web::web::Data;
use actix_ws::{AggregatedMessage, AggregatedMessageStream, CloseCode, CloseReason, ProtocolError, Session};
use futures::stream::{AbortHandle, Abortable, SelectAll};
use futures::{StreamExt, stream};
use serde_json::{Map, Value};
use tokio::sync::watch;
use tokio::time::{Instant, Interval, MissedTickBehavior};
use tracing::field::Empty;

use super::messages::{ClientMessage, Close, ServerMessage, read};
use crate::graphql::failure::{Code, Failure};
use crate::http::answer::not_executed;
use crate::http::operations::{Event, Identity, events};
use crate::http::seats::ended;
use crate::http::turns::Turns;
use crate::http::{Face, Requests, Standing};

/// How long a client may take to say `connection_init`.
const INIT_WAIT: Duration = Duration::from_secs(3);
/// Most operations at a time.
const MAX_OPERATIONS: usize = 10;
/// How often the client is asked whether it is still there.
const PING: Duration = Duration::from_secs(20);
/// How long it may say nothing at all.
const SILENCE: Duration = Duration::from_mins(1);
/// How long an answer may wait for the client to read those before it.
const UNREAD: Duration = Duration::from_secs(10);

/// What the handshake said.
pub(super) struct Opening {
    /// Whether the client speaks the subprotocol.
    pub is_spoken: bool,
    /// The header `Accept-Language`.
    pub accept_language: Option<String>,
    /// The header `Authorization`.
    pub authorization: Option<String>,
    /// The header `X-Api-Key`.
    pub api_key: Option<String>,
    /// The client's address.
    pub address: Option<IpAddr>,
}

/// Who asks, from the payload of `connection_init`, and the handshake where that says nothing.
fn identity(opening: Opening, payload: &Map<String, Value>) -> Identity {
    let text = |names: [&str; 2]| names.iter().find_map(|name| payload.get(*name)).and_then(Value::as_str).map(str::to_owned);
    Identity {
        accept_language: text(["acceptLanguage", "Accept-Language"]).or(opening.accept_language),
        authorization: text(["Authorization", "authorization"]).or(opening.authorization),
        api_key: text(["X-Api-Key", "apiKey"]).or(opening.api_key),
        address: opening.address,
    }
}

/// What happened to which operation.
type Told = (String, Event);

/// A connection.
pub(super) struct Connection<R: Requests> {
    face: Arc<Face<R>>,
    turns: Turns,
    session: Session,
    incoming: AggregatedMessageStream,
    ending: watch::Receiver<bool>,
    /// How the operations under way are ended.
    operations: HashMap<String, AbortHandle>,
    told: SelectAll<stream::LocalBoxStream<'static, Told>>,
    heard_at: Instant,
    /// Operations begun so far.
    begun: u64,
}

/// Why the service of a connection is over.
enum Over {
    /// We close it.
    Closing(Close),
    /// It is gone.
    Gone,
}

impl From<Close> for Over {
    fn from(close: Close) -> Self {
        Self::Closing(close)
    }
}

impl<R: Requests> Connection<R> {
    pub(super) fn new(
        face: &Data<Face<R>>,
        turns: &Turns,
        session: Session,
        incoming: AggregatedMessageStream,
        ending: watch::Receiver<bool>,
    ) -> Self {
        Self {
            face: Arc::clone(face),
            turns: turns.clone(),
            session,
            incoming,
            ending,
            operations: HashMap::new(),
            told: SelectAll::new(),
            heard_at: Instant::now(),
            begun: 0,
        }
    }

    /// Serves it to its end.
    pub(super) async fn serve(mut self, opening: Opening) {
        let Err(over) = self.speak(opening).await else { return };
        // What is under way is dropped first: nothing is said after the last word.
        self.told = SelectAll::new();
        if let Over::Closing(close) = over {
            tracing::debug!(code = close.code(), "a WebSocket is closed");
            let code = match close.code() {
                1001 => CloseCode::Away,
                1002 => CloseCode::Protocol,
                1009 => CloseCode::Size,
                code => CloseCode::Other(code),
            };
            let reason = CloseReason { code, description: Some(close.reason()) };
            // A client that reads nothing does not read this either.
            let _ = tokio::time::timeout(Duration::from_secs(1), self.session.close(Some(reason))).await;
        }
    }

    async fn speak(&mut self, opening: Opening) -> Result<(), Over> {
        if !opening.is_spoken {
            return Err(Close::Subprotocol.into());
        }
        let mut pings = tokio::time::interval(PING);
        pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let identity = self.init(opening, &mut pings).await?;
        let standing = match self.face.requests.standing(&self.face.requests.context(&identity.asker())).await {
            Standing::Refused(failure) => return Err(Close::Forbidden(failure.message().to_owned()).into()),
            known @ (Standing::Known { .. } | Standing::Anyone) => known,
        };
        self.say(&ServerMessage::ConnectionAck).await?;
        let identity = Arc::new(identity);
        let over = standing.over();
        tokio::pin!(over);
        loop {
            tokio::select! {
                biased;
                () = ended(&mut self.ending) => return Err(Close::GoingAway.into()),
                reason = &mut over => return Err(Close::Forbidden(reason.to_owned()).into()),
                _ = pings.tick() => self.ask_whether_there().await?,
                message = self.incoming.recv() => {
                    if let Some(message) = self.heard(message).await? {
                        self.answer(message, &identity).await?;
                    }
                }
                Some((id, event)) = self.told.next(), if !self.told.is_empty() => self.tell(&id, event).await?,
            }
        }
    }

    /// Waits for `connection_init`.
    async fn init(&mut self, opening: Opening, pings: &mut Interval) -> Result<Identity, Over> {
        let deadline = tokio::time::sleep(INIT_WAIT);
        tokio::pin!(deadline);
        loop {
            tokio::select! {
                biased;
                () = ended(&mut self.ending) => return Err(Close::GoingAway.into()),
                () = &mut deadline => return Err(Close::InitTimeout.into()),
                _ = pings.tick() => {}
                message = self.incoming.recv() => match self.heard(message).await? {
                    None | Some(ClientMessage::Pong | ClientMessage::Complete { .. }) => {}
                    Some(ClientMessage::Init(payload)) => return Ok(identity(opening, &payload)),
                    Some(ClientMessage::Ping(payload)) => self.say(&ServerMessage::Pong { payload }).await?,
                    Some(ClientMessage::Subscribe { .. }) => return Err(Close::Unauthorized.into()),
                },
            }
        }
    }

    /// The protocol's message in what was received, if it is one.
    async fn heard(&mut self, message: Option<Result<AggregatedMessage, ProtocolError>>) -> Result<Option<ClientMessage>, Over> {
        self.heard_at = Instant::now();
        match message {
            None | Some(Ok(AggregatedMessage::Close(_))) => Err(Over::Gone),
            Some(Ok(AggregatedMessage::Text(text))) => Ok(Some(read(&text)?)),
            Some(Ok(AggregatedMessage::Binary(_))) => Err(Close::Invalid("messages are text").into()),
            Some(Ok(AggregatedMessage::Ping(bytes))) => {
                let session = &mut self.session;
                within(async { session.pong(&bytes).await }).await.map(|()| None)
            }
            Some(Ok(AggregatedMessage::Pong(_))) => Ok(None),
            // The framing library calls it an I/O error when fragments are too much together.
            Some(Err(ProtocolError::Overflow | ProtocolError::Io(_))) => Err(Close::TooLarge.into()),
            Some(Err(_)) => Err(Close::Frames.into()),
        }
    }

    async fn answer(&mut self, message: ClientMessage, identity: &Arc<Identity>) -> Result<(), Over> {
        match message {
            ClientMessage::Init(_) => Err(Close::SecondInit.into()),
            ClientMessage::Ping(payload) => self.say(&ServerMessage::Pong { payload }).await,
            ClientMessage::Pong => Ok(()),
            ClientMessage::Complete { id } => {
                if let Some(operation) = self.operations.remove(&id) {
                    operation.abort();
                }
                Ok(())
            }
            ClientMessage::Subscribe { id, .. } if self.operations.contains_key(&id) => Err(Close::Subscriber(id).into()),
            ClientMessage::Subscribe { id, .. } if self.operations.len() >= MAX_OPERATIONS => {
                let message = format!("at most {MAX_OPERATIONS} operations at a time; complete one");
                let refused = not_executed(&Failure::new(Code::TooManyStreams, message));
                self.say(&ServerMessage::Error { id: &id, payload: &refused.errors }).await
            }
            ClientMessage::Subscribe { id, parameters } => {
                let (handle, registration) = AbortHandle::new_pair();
                self.operations.insert(id.clone(), handle);
                self.begun += 1;
                // Its number, and not the id that the client chose.
                let number = self.begun;
                let span = tracing::error_span!("operation", number, operation = Empty, operation_kind = Empty, client = Empty);
                let mut events = span.in_scope(|| events(&self.face, &self.turns, parameters, identity));
                let within = stream::poll_fn(move |context| span.in_scope(|| events.poll_next_unpin(context)));
                let told = within.map(move |event| (id.clone(), event));
                self.told.push(Abortable::new(told, registration).boxed_local());
                Ok(())
            }
        }
    }

    async fn tell(&mut self, id: &str, event: Event) -> Result<(), Over> {
        match event {
            Event::Next(response) => self.say(&ServerMessage::Next { id, payload: &response }).await,
            Event::Error(response) => {
                self.operations.remove(id);
                self.say(&ServerMessage::Error { id, payload: &response.errors }).await
            }
            Event::Complete => {
                self.operations.remove(id);
                self.say(&ServerMessage::Complete { id }).await
            }
        }
    }

    async fn ask_whether_there(&mut self) -> Result<(), Over> {
        if self.heard_at.elapsed() > SILENCE {
            return Err(Over::Gone);
        }
        let session = &mut self.session;
        within(async { session.ping(b"").await }).await
    }

    async fn say(&mut self, message: &ServerMessage<'_>) -> Result<(), Over> {
        let text = serde_json::to_string(message).map_err(|_| Close::Invalid("an answer cannot be written"))?;
        let session = &mut self.session;
        within(async { session.text(text).await }).await
    }
}

/// The time a client has to read what was said before.
async fn within(said: impl Future<Output = Result<(), actix_ws::Closed>>) -> Result<(), Over> {
    match tokio::time::timeout(UNREAD, said).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) => Err(Over::Gone),
        Err(_) => Err(Close::Slow.into()),
    }
}
