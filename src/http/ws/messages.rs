//! Messages of the protocol, read and written.

use async_graphql::{Response, ServerError};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::graphql::limits::LIMITS;
use crate::graphql::prescan;

/// Why a connection is closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Close {
    /// The process ends.
    GoingAway,
    /// A message has too many bytes.
    TooLarge,
    /// Frames that are none.
    Frames,
    /// The client does not read what it asked for.
    Slow,
    /// A message that is none of the protocol's.
    Invalid(&'static str),
    /// An operation before the connection was acknowledged.
    Unauthorized,
    /// The token shown does not hold, or no longer.
    Forbidden(String),
    /// Another subprotocol.
    Subprotocol,
    /// No `connection_init` in time.
    InitTimeout,
    /// An id that is in use.
    Subscriber(String),
    /// More than one `connection_init`.
    SecondInit,
}

impl Close {
    /// The code: of RFC 6455 §7.4.1 below 4000, of the subprotocol above.
    pub(super) const fn code(&self) -> u16 {
        match self {
            Self::GoingAway => 1001,
            Self::Frames => 1002,
            Self::TooLarge => 1009,
            Self::Slow => 1013,
            Self::Invalid(_) => 4400,
            Self::Unauthorized => 4401,
            Self::Forbidden(_) => 4403,
            Self::Subprotocol => 4406,
            Self::InitTimeout => 4408,
            Self::Subscriber(_) => 4409,
            Self::SecondInit => 4429,
        }
    }

    /// The reason in words.
    pub(super) fn reason(&self) -> String {
        match self {
            Self::GoingAway => "the server ends".to_owned(),
            Self::Frames => "frames that are none".to_owned(),
            Self::TooLarge => "a message has at most 64 KiB".to_owned(),
            Self::Slow => "answers are not read".to_owned(),
            Self::Invalid(what) => (*what).to_owned(),
            Self::Unauthorized => "Unauthorized".to_owned(),
            Self::Forbidden(why) => why.clone(),
            Self::Subprotocol => "Subprotocol not acceptable".to_owned(),
            Self::InitTimeout => "Connection initialisation timeout".to_owned(),
            Self::Subscriber(id) => format!("Subscriber for {id} already exists"),
            Self::SecondInit => "Too many initialisation requests".to_owned(),
        }
    }
}

/// What a client says.
#[derive(Debug)]
pub(super) enum ClientMessage {
    Init(Map<String, Value>),
    Ping(Option<Value>),
    Pong,
    Subscribe { id: String, parameters: Map<String, Value> },
    Complete { id: String },
}

/// Reads a message.
pub(super) fn read(text: &str) -> Result<ClientMessage, Close> {
    prescan::values(text.as_bytes(), &LIMITS).map_err(|_| Close::Invalid("the message holds too many values"))?;
    let mut message: Map<String, Value> = serde_json::from_str(text).map_err(|_| Close::Invalid("the message is no JSON object"))?;
    let payload = match message.remove("payload") {
        None | Some(Value::Null) => None,
        Some(Value::Object(payload)) => Some(payload),
        Some(_) => return Err(Close::Invalid("`payload` must be an object")),
    };
    let id = match message.remove("id") {
        None => None,
        Some(Value::String(id)) if (1..=200).contains(&id.len()) => Some(id),
        Some(_) => return Err(Close::Invalid("`id` must be a text of 1 to 200 bytes")),
    };
    let named = |id: Option<String>| id.ok_or(Close::Invalid("`id` is missing"));
    match message.get("type").and_then(Value::as_str) {
        Some("connection_init") => Ok(ClientMessage::Init(payload.unwrap_or_default())),
        Some("ping") => Ok(ClientMessage::Ping(payload.map(Value::Object))),
        Some("pong") => Ok(ClientMessage::Pong),
        Some("subscribe") => {
            Ok(ClientMessage::Subscribe { id: named(id)?, parameters: payload.ok_or(Close::Invalid("`payload` is missing"))? })
        }
        Some("complete") => Ok(ClientMessage::Complete { id: named(id)? }),
        _ => Err(Close::Invalid("`type` is none of the protocol's")),
    }
}

/// What the server says.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum ServerMessage<'a> {
    ConnectionAck,
    Pong {
        #[serde(skip_serializing_if = "Option::is_none")]
        payload: Option<Value>,
    },
    Next {
        id: &'a str,
        payload: &'a Response,
    },
    Error {
        id: &'a str,
        payload: &'a [ServerError],
    },
    Complete {
        id: &'a str,
    },
}
