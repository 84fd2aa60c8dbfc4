//! How often somebody may try to sign in. Tries are counted before anything is hashed, in the store, for all processes together, and only
//! under keyed marks: no address, of mail or of a machine, is kept.
//!
//! In a quarter of an hour there may be
//! - 10 tries of one name from one place,
//! - 50 of one name from all places where it never signed in before,
//! - 100 from one place, whatever the names.
//!
//! A good sign-in is taken out of the counts. Where a name signed in before, in the last 90 days, the second bound does not hold: so who
//! tries an owner's name from a thousand places shuts the strangers out, not the owner at their desk. Who is shut out is told when the
//! window ends; there is no other lock, and none that lasts.
//!
//! Codes by which visitors take trips along are counted in the same way: 10 tries of one visitor, 100 from one place.

use std::net::IpAddr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Duration, Utc};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::secret::{self, NoRandomness};
use super::vault::{Vault, VaultError};
use crate::domain::client::Network;
use crate::domain::ids::VisitorId;
use crate::store::attempts::{Bound, Counted, Settled};
use crate::store::sealed::SealedColumn;
use crate::store::{Store, StoreError};

/// Name of the key of the marks.
const NAME: &str = "attempts";
/// In which tries are counted.
pub const WINDOW: Duration = Duration::minutes(15);
/// Most tries of a name from a place.
pub const OF_NAME_FROM_PLACE: i32 = 10;
/// Most tries of a name from places where it never signed in.
pub const OF_NAME: i32 = 50;
/// Most tries from a place.
pub const FROM_PLACE: i32 = 100;
/// Most tries of a code by which trips are taken along, by one visitor.
pub const OF_VISITOR: i32 = 10;
/// How long a place is known where somebody signed in.
const KNOWN: Duration = Duration::days(90);

/// Why tries cannot be counted.
#[derive(Debug, thiserror::Error)]
pub enum AttemptsError {
    /// The store failed.
    #[error("tries cannot be counted")]
    Store(#[from] StoreError),
    /// No key could be made.
    #[error("no key could be made")]
    Randomness(#[from] NoRandomness),
    /// The key that is kept cannot be opened.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// Whether something may be tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Allowed {
    /// It may, and was counted.
    Yes,
    /// It may again in so many seconds.
    After(u32),
}

/// Counts tries.
pub struct Attempts {
    store: Store,
    key: Vec<u8>,
}

/// Who tries, and from where.
#[derive(Clone, Copy, Debug)]
pub struct Tried<'a> {
    /// The name: an e-mail address, lower case.
    pub name: &'a str,
    /// The client's address; absent when there is none, as for a Unix socket.
    pub place: Option<IpAddr>,
}

/// What one subscriber has.
fn subscriber(place: Option<IpAddr>) -> String {
    Network::from(place).to_string()
}

impl Attempts {
    /// Over a store; the first process over it makes the key.
    pub async fn open(store: Store, vault: &Vault, now: DateTime<Utc>) -> Result<Self, AttemptsError> {
        let first = vault.seal(SealedColumn::ServerSecret, NAME, &secret::bytes::<32>()?)?;
        let key = vault.unseal(SealedColumn::ServerSecret, NAME, &store.secret_or(NAME, first, now).await?)?;
        Ok(Self { store, key })
    }

    /// Counts a try of a name, unless there were too many.
    pub async fn count(&self, tried: Tried<'_>, now: DateTime<Utc>) -> Result<Allowed, StoreError> {
        let marks = self.marks(tried);
        let is_known = self.store.has_mark(marks.known, now).await?;
        let mut bounds = vec![Bound { mark: marks.pair, most: OF_NAME_FROM_PLACE }, Bound { mark: marks.place, most: FROM_PLACE }];
        if !is_known {
            bounds.push(Bound { mark: marks.name, most: OF_NAME });
        }
        self.counted(bounds, now).await
    }

    /// Counts something else that is tried from a place.
    pub async fn count_other(&self, what: &str, place: Option<IpAddr>, now: DateTime<Utc>) -> Result<Allowed, StoreError> {
        self.counted(vec![Bound { mark: self.mark(&[what, &subscriber(place)]), most: FROM_PLACE }], now).await
    }

    /// Counts a try of a code by which trips are taken along.
    pub async fn count_transfer(&self, visitor: VisitorId, place: Option<IpAddr>, now: DateTime<Utc>) -> Result<Allowed, StoreError> {
        let by_visitor = self.mark(&["transfer", &visitor.0.to_string()]);
        let from_place = self.mark(&["transfer from", &subscriber(place)]);
        self.counted(vec![Bound { mark: by_visitor, most: OF_VISITOR }, Bound { mark: from_place, most: FROM_PLACE }], now).await
    }

    async fn counted(&self, bounds: Vec<Bound>, now: DateTime<Utc>) -> Result<Allowed, StoreError> {
        Ok(match self.store.count_attempt(bounds, WINDOW, now).await? {
            Counted::Yes => Allowed::Yes,
            Counted::TooMany(end) => Allowed::After(u32::try_from((end - now).num_seconds()).unwrap_or(0).saturating_add(1)),
        })
    }

    /// What a good end changes in the counts.
    pub async fn settled(&self, tried: Tried<'_>, now: DateTime<Utc>) -> Result<Settled, StoreError> {
        let marks = self.marks(tried);
        let mut lowered = vec![marks.place];
        // What was not counted under the name is not taken out there: else a stranger had one try more for each of the owner's.
        if !self.store.has_mark(marks.known.clone(), now).await? {
            lowered.push(marks.name);
        }
        Ok(Settled { cleared: vec![marks.pair], lowered, known: (marks.known, now + KNOWN) })
    }

    fn marks(&self, tried: Tried<'_>) -> Marks {
        let place = subscriber(tried.place);
        Marks {
            pair: self.mark(&["pair", tried.name, &place]),
            known: self.mark(&["known", tried.name, &place]),
            name: self.mark(&["name", tried.name]),
            place: self.mark(&["place", &place]),
        }
    }

    /// HMAC-SHA-256 (RFC 2104), base64url, of the parts, each after its length.
    fn mark(&self, parts: &[&str]) -> String {
        #[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
        let mut code = Hmac::<Sha256>::new_from_slice(&self.key).expect("any length");
        for part in parts {
            code.update(&(part.len() as u64).to_be_bytes());
            code.update(part.as_bytes());
        }
        URL_SAFE_NO_PAD.encode(code.finalize().into_bytes())
    }
}

/// Marks of what is counted.
struct Marks {
    pair: String,
    known: String,
    name: String,
    place: String,
}
