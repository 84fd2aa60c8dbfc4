//! Sessions: an anonymous sign-in, and the exchange of refresh tokens.

use chrono::{DateTime, Duration, Utc};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::actor::Actor;
use super::secret::{self, NoRandomness};
use super::token::{KeyError, Keys, Subject, TokenError};
use crate::domain::ids::{AccountId, VisitorId};
use crate::store::sessions::{NewSession, Renewal};
use crate::store::{Store, StoreError};

/// How long a refresh token holds: who planned a trip in the dry season comes back in the next one.
const REFRESH_LIFE: Duration = Duration::days(400);

/// How often the keys are read again: well below the time a new key waits before it signs ([`super::token::ACTIVATION`]).
const KEY_RELOAD: std::time::Duration = std::time::Duration::from_mins(1);

/// Why there is no session.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The refresh token opens nothing: it is none of ours, or its session has ended.
    #[error("the refresh token opens nothing: sign in again")]
    Unknown,
    /// The refresh token had been used, and its successor too: the session was ended, for two parties hold it.
    #[error("the refresh token was used before, so its session was ended: sign in again")]
    Reused,
    /// The store failed.
    #[error("the session cannot be kept")]
    Store(#[from] StoreError),
    /// No token could be made.
    #[error("no token could be made")]
    Token,
}

impl From<NoRandomness> for SessionError {
    fn from(error: NoRandomness) -> Self {
        tracing::error!(error = &error as &dyn std::error::Error, "no token could be made");
        Self::Token
    }
}

/// A pair of tokens.
#[derive(Clone)]
pub struct Tokens {
    /// Whose.
    pub visitor: VisitorId,
    /// Shown with each request.
    pub access: String,
    /// When it ends.
    pub access_ends: DateTime<Utc>,
    /// Exchanged for the next pair.
    pub refresh: String,
    /// When it ends.
    pub refresh_ends: DateTime<Utc>,
}

/// The room's front.
pub struct Sessions {
    store: Store,
    keys: Keys,
}

impl Sessions {
    /// Over a store; the first process over it makes the key that signs.
    pub async fn open(store: Store, now: DateTime<Utc>) -> Result<Self, KeyError> {
        let keys = Keys::load(&store, now).await?;
        Ok(Self { store, keys })
    }

    /// Learns of keys that other processes, or `roteiro keys rotate`, have added.
    pub async fn reload_keys(&self) -> Result<(), KeyError> {
        self.keys.reload(&self.store).await
    }

    /// Does so for ever.
    pub async fn follow_keys(&self) {
        loop {
            tokio::time::sleep(KEY_RELOAD).await;
            if let Err(error) = self.reload_keys().await {
                tracing::warn!(error = &error as &dyn std::error::Error, "the signing keys cannot be read; going on with those known");
            }
        }
    }

    /// The public keys as a JWK Set.
    pub fn jwks(&self) -> serde_json::Value {
        self.keys.jwks()
    }

    /// Who shows this `Authorization` header, and when the token shown ends.
    pub fn actor(&self, authorization: Option<&str>, now: DateTime<Utc>) -> (Actor, Option<DateTime<Utc>>) {
        match authorization.map(|authorization| self.keys.read(authorization, now)) {
            None => (Actor::Anyone, None),
            Some(Ok((Subject::Visitor(visitor), ends))) => (Actor::Visitor(visitor), Some(ends)),
            Some(Ok((Subject::Account(account), ends))) => (Actor::Account(account), Some(ends)),
            Some(Err(error)) => (Actor::Refused(error), None),
        }
    }

    /// An access token for somebody who has shown to be the account's, and when it ends.
    pub fn access_token(&self, account: AccountId, now: DateTime<Utc>) -> Result<(String, DateTime<Utc>), SessionError> {
        self.keys.issue(Subject::Account(account), now).ok_or(SessionError::Token)
    }

    /// A token for a purpose of this name, see [`Keys::seal`].
    pub fn seal<C: Serialize>(&self, purpose: &str, about: C, ends: DateTime<Utc>, now: DateTime<Utc>) -> Result<String, SessionError> {
        self.keys.seal(purpose, about, ends, now).ok_or(SessionError::Token)
    }

    /// What a token for this purpose says.
    pub fn unseal<C: DeserializeOwned>(&self, purpose: &str, token: &str, now: DateTime<Utc>) -> Result<C, TokenError> {
        self.keys.unseal(purpose, token, now)
    }

    /// A new visitor.
    pub async fn sign_in_anonymously(&self, now: DateTime<Utc>) -> Result<Tokens, SessionError> {
        let (session, visitor) = (secret::id()?, VisitorId(secret::id()?));
        let tokens = self.tokens(session, visitor, now)?;
        let mark = secret::mark(&tokens.refresh);
        self.store.begin_session(NewSession { id: session, visitor, mark, at: now, expires_at: tokens.refresh_ends }).await?;
        Ok(tokens)
    }

    /// The next pair for a refresh token.
    pub async fn refresh(&self, token: &str, now: DateTime<Utc>) -> Result<Tokens, SessionError> {
        let session = session_of(token).ok_or(SessionError::Unknown)?;
        // Whose it is, is known only when the store has seen the mark.
        let (next, ends) = (refresh_token(session)?, now + REFRESH_LIFE);
        match self.store.renew_session(session, secret::mark(token), secret::mark(&next), now, ends).await? {
            Renewal::Renewed(visitor) => {
                let (access, access_ends) = self.keys.issue(Subject::Visitor(visitor), now).ok_or(SessionError::Token)?;
                Ok(Tokens { visitor, access, access_ends, refresh: next, refresh_ends: ends })
            }
            Renewal::Unknown => Err(SessionError::Unknown),
            Renewal::Reused => {
                tracing::warn!("a refresh token was used twice; its session was ended");
                Err(SessionError::Reused)
            }
        }
    }

    fn tokens(&self, session: Uuid, visitor: VisitorId, now: DateTime<Utc>) -> Result<Tokens, SessionError> {
        let (access, access_ends) = self.keys.issue(Subject::Visitor(visitor), now).ok_or(SessionError::Token)?;
        Ok(Tokens { visitor, access, access_ends, refresh: refresh_token(session)?, refresh_ends: now + REFRESH_LIFE })
    }
}

/// A refresh token names its session, so that one that was used before is known as such.
fn refresh_token(session: Uuid) -> Result<String, NoRandomness> {
    Ok(format!("{}.{}", session.simple(), secret::text()?))
}

fn session_of(token: &str) -> Option<Uuid> {
    let (session, _) = token.split_once('.').filter(|_| token.len() < 200)?;
    Uuid::try_parse(session).ok()
}
