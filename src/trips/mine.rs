//! What is kept of a visitor, handed over and erased (LGPD, Lei 13.709/2018, art. 18, II, V and VI). It is handed over as a file, from an
//! address that holds for minutes, and written page by page as it is read: however much is kept, a page of it is in memory.

use chrono::{DateTime, Duration, SecondsFormat, Utc};
use futures::stream::{self, BoxStream, StreamExt};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::export_places::{ExportPlace, NoPlace, TooSlow};
use super::saved::{SavedError, SavedTrips};
use crate::domain::client::{Client, Network};
use crate::domain::ids::{TripId, VisitorId};
use crate::fair::work;
use crate::identity::session::{SessionError, Sessions};
use crate::identity::token::TokenError;
pub use crate::store::visitors::Erased;
use crate::store::{Store, StoreError};

/// How long an address of the file holds: long enough for a hand to tap it, and for one more try.
const ADDRESS_LIFE: Duration = Duration::minutes(5);
/// What the token in it is for.
const MY_DATA: &str = "roteiro-my-data";
/// Versions a page; one is a few hundred KB at most.
const VERSIONS_A_PAGE: u64 = 4;
/// How often a place is asked for that is taken, and how long the pauses are.
const PLACE_TRIES: usize = 5;
const PLACE_PAUSE: std::time::Duration = std::time::Duration::from_millis(20);
/// Links a page.
const LINKS_A_PAGE: u64 = 200;

/// What the token of an address says: whose data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MyData {
    visitor: VisitorId,
    /// The session in which the address was asked for: it holds no longer.
    session: Uuid,
}

/// An address of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MyDataAddress {
    /// The secret in it.
    pub token: String,
    /// When it ends.
    pub ends: DateTime<Utc>,
}

/// Why the file is not handed over.
#[derive(Debug, thiserror::Error)]
pub enum MyDataError {
    /// The address was never given out.
    #[error("there is nothing at this address; ask exportMyData for one")]
    Unknown,
    /// The address has ended.
    #[error("this address has ended; ask exportMyData for a new one")]
    Ended,
    /// The session has ended, or its end cannot be looked up.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// It is handed over already, or to too many others.
    #[error(transparent)]
    NoPlace(#[from] NoPlace),
    /// It is read so slowly that its place is needed for others.
    #[error(transparent)]
    TooSlow(#[from] TooSlow),
    /// The store failed.
    #[error("what is kept of you cannot be reached")]
    Store(#[from] StoreError),
}

/// The parts of the file, as they are read. After an error nothing follows: what was sent is no whole JSON text.
pub type MyDataParts = BoxStream<'static, Result<String, MyDataError>>;

/// Gives an address to everything that is kept of a visitor. Whoever has it gets the file while the session goes on.
pub fn address(sessions: &Sessions, (visitor, session): (VisitorId, Uuid), now: DateTime<Utc>) -> Result<MyDataAddress, SessionError> {
    let ends = now + ADDRESS_LIFE;
    Ok(MyDataAddress { token: sessions.seal(MY_DATA, MyData { visitor, session }, ends, now)?, ends })
}

/// Whose data the address gives. Fails once the visitor's session has ended, also by erasing everything.
pub async fn resolve(sessions: &Sessions, token: &str, now: DateTime<Utc>) -> Result<MyData, MyDataError> {
    let data: MyData = sessions.unseal(MY_DATA, token, now).map_err(|error| match error {
        TokenError::Expired => MyDataError::Ended,
        TokenError::Early | TokenError::Invalid | TokenError::Header | TokenError::Key => MyDataError::Unknown,
    })?;
    sessions.check_visitor(data.visitor, data.session, now).await?;
    Ok(data)
}

impl MyData {
    /// By whose share it is read.
    pub const fn client(&self, network: Network) -> Client {
        Client::Visitor(self.visitor, network)
    }
}

impl SavedTrips {
    /// All that is kept of a visitor, as one JSON object: sessions, transfer codes, trips, the links to them, and every kept version of
    /// each. Fails when the visitor is handed it already, or too many others are.
    pub async fn hand_over(&self, data: MyData, network: Network, now: DateTime<Utc>) -> Result<MyDataParts, MyDataError> {
        let place = self.place(data.visitor, network).await?;
        let first = first_part(&self.store, data.visitor, now).await?;
        let reading = Reading { store: self.store.clone(), visitor: data.visitor, place };
        let rest = stream::unfold(Some((reading, At::Links(None))), |state| async move {
            let (reading, at) = state?;
            match reading.part(at).await {
                Ok((part, next)) => Some((Ok(part), next.map(|next| (reading, next)))),
                Err(error) => Some((Err(error), None)),
            }
        });
        let parts = stream::once(std::future::ready(Ok(first))).chain(rest.boxed());
        Ok(work::stream_on_behalf_of(data.client(network), parts))
    }

    /// A place for a file. The one before may just have been read to its end, so it is waited for a moment.
    async fn place(&self, visitor: VisitorId, network: Network) -> Result<ExportPlace, NoPlace> {
        for _ in 0..PLACE_TRIES {
            if let Ok(place) = self.export_places.take(visitor, network) {
                return Ok(place);
            }
            tokio::time::sleep(PLACE_PAUSE).await;
        }
        self.export_places.take(visitor, network)
    }

    /// Erases all that is kept of a visitor, at once and for good.
    pub async fn erase_all(&self, owner: VisitorId, now: DateTime<Utc>) -> Result<Erased, SavedError> {
        Ok(self.store.erase_visitor(owner, now).await?)
    }
}

/// Everything that is short, up to the bracket of the list of links.
async fn first_part(store: &Store, visitor: VisitorId, now: DateTime<Utc>) -> Result<String, StoreError> {
    let rows = store.visitor_rows(visitor).await?;
    let sessions: Vec<Value> = (rows.sessions.iter())
        .map(|session| json!({ "createdAt": instant(session.created_at), "expiresAt": instant(session.expires_at) }))
        .collect();
    let trips: Vec<Value> = (rows.trips.iter())
        .map(|row| {
            json!({
                "trip": row.trip, "version": row.version, "createdAt": instant(row.created_at), "idempotencyKey": row.idempotency_key,
            })
        })
        .collect();
    // What the code itself is, only the visitor knows.
    let codes: Vec<Value> =
        (rows.codes.iter()).map(|code| json!({ "createdAt": instant(code.created_at), "expiresAt": instant(code.expires_at) })).collect();
    let (visitor, at) = (json!(visitor), instant(now));
    let (sessions, codes, trips) = (Value::from(sessions), Value::from(codes), Value::from(trips));
    Ok(format!(
        "{{\"visitor\":{visitor},\"exportedAt\":{at},\"sessions\":{sessions},\"transferCodes\":{codes},\"trips\":{trips},\"links\":["
    ))
}

/// How far the file is written.
enum At {
    /// The links behind this one are next.
    Links(Option<String>),
    /// The versions behind this one are.
    Versions(Option<(TripId, i32)>),
}

/// What reads the rest of it. Between two parts no connection is held.
struct Reading {
    store: Store,
    visitor: VisitorId,
    place: ExportPlace,
}

impl Reading {
    /// The next part, and where it goes on.
    async fn part(&self, at: At) -> Result<(String, Option<At>), MyDataError> {
        self.place.check()?;
        match at {
            At::Links(after) => {
                let (is_first, rows) = (after.is_none(), self.store.kept_shares_of(self.visitor, after, LINKS_A_PAGE).await?);
                let is_last = (rows.len() as u64) < LINKS_A_PAGE;
                let next = rows.last().map(|row| row.token.clone());
                let links = rows.iter().map(|row| {
                    json!({
                        "trip": row.trip, "token": row.token, "createdAt": instant(row.created_at),
                        "revokedAt": row.revoked_at.map(instant),
                    })
                });
                let part = listed(is_first, links);
                if is_last { Ok((part + "],\"tripVersions\":[", Some(At::Versions(None)))) } else { Ok((part, Some(At::Links(next)))) }
            }
            At::Versions(after) => {
                let (is_first, rows) = (after.is_none(), self.store.kept_versions_of(self.visitor, after, VERSIONS_A_PAGE).await?);
                let is_last = (rows.len() as u64) < VERSIONS_A_PAGE;
                let next = rows.last().map(|row| (row.trip, row.version));
                let versions = rows.into_iter().map(|row| {
                    json!({ "trip": row.trip, "version": row.version, "at": instant(row.at), "content": row.content, "plan": row.plan })
                });
                let part = listed(is_first, versions);
                if is_last { Ok((part + "]}\n", None)) } else { Ok((part, Some(At::Versions(next)))) }
            }
        }
    }
}

/// Entries of a list that goes on, with the commas before them.
fn listed(is_first: bool, entries: impl Iterator<Item = Value>) -> String {
    use std::fmt::Write;

    let mut part = String::new();
    for (number, entry) in entries.enumerate() {
        let comma = if is_first && number == 0 { "" } else { "," };
        // Writing into a text cannot fail.
        let _ = write!(part, "{comma}{entry}");
    }
    part
}

fn instant(at: DateTime<Utc>) -> Value {
    json!(at.to_rfc3339_opts(SecondsFormat::Millis, true))
}
