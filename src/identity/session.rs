//! Sessions: an anonymous sign-in, the exchange of refresh tokens, and who shows which token.

use chrono::{DateTime, Duration, Utc};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::actor::Actor;
use super::api_key::Partners;
use super::secret::{self, NoRandomness};
use super::token::{KeyError, Keys, Read, Subject, TokenError};
use crate::causes;
use crate::clock::Clock;
use crate::domain::ids::{AccountId, PartnerId, VisitorId};
use crate::store::account_sessions::Lives;
use crate::store::sessions::{NewSession, Renewal};
use crate::store::{Store, StoreError};
use crate::supervise::Stop;

/// How long a refresh token holds: who planned a trip in the dry season comes back in the next one.
const REFRESH_LIFE: Duration = Duration::days(400);

/// How long a session of an account may go on: a month without use, half a year at all.
pub const ACCOUNT_LIVES: Lives = Lives { unused: Duration::days(30), whole: Duration::days(180) };

/// What a refresh token of an account begins with; whose a session is, is decided by the table it stands in all the same.
const ACCOUNT_PREFIX: &str = "account-";

/// How often the keys are read again: well below the time a new key waits before it signs ([`super::token::ACTIVATION`]).
const KEY_RELOAD: std::time::Duration = std::time::Duration::from_mins(1);

/// How often sessions that have ended are looked for: many times in [`crate::store::ended_sessions::GRACE`].
const FORGET_EVERY: std::time::Duration = std::time::Duration::from_hours(1);

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
    /// No secret could be made for one.
    #[error("no token could be made")]
    Randomness(#[from] NoRandomness),
}

/// What a request shows of who sends it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Credentials<'a> {
    /// The header `Authorization`: `Bearer …` with an access token, or `ApiKey …`.
    pub authorization: Option<&'a str>,
    /// The header `X-Api-Key`.
    pub api_key: Option<&'a str>,
}

/// Who sends a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asking {
    /// Who.
    pub actor: Actor,
    /// The session of an account.
    pub session: Option<Uuid>,
    /// When the token shown ends.
    pub token_ends: Option<DateTime<Utc>>,
}

impl Asking {
    const fn alone(actor: Actor) -> Self {
        Self { actor, session: None, token_ends: None }
    }
}

/// A pair of tokens.
#[derive(Clone)]
pub struct Tokens {
    /// Whose.
    pub subject: Subject,
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
    partners: Partners,
}

impl Sessions {
    /// Over a store; the first process over it makes the key that signs.
    pub async fn open(store: Store, now: DateTime<Utc>) -> Result<Self, KeyError> {
        let (keys, partners) = (Keys::load(&store, now).await?, Partners::default());
        partners.reload(&store).await?;
        Ok(Self { store, keys, partners })
    }

    /// Learns of keys of partners that other processes have added or revoked.
    pub async fn reload_partners(&self) -> Result<(), StoreError> {
        self.partners.reload(&self.store).await
    }

    /// What a partner is called.
    pub fn partner_name(&self, partner: PartnerId) -> Option<String> {
        self.partners.name(partner)
    }

    /// Learns of keys that other processes, or `roteiro keys rotate`, have added.
    pub async fn reload_keys(&self) -> Result<(), KeyError> {
        self.keys.reload(&self.store).await
    }

    /// Does so again and again until it is asked to stop.
    pub async fn follow_keys(&self, stop: Stop) {
        while stop.pause(KEY_RELOAD).await {
            if let Err(error) = self.reload_keys().await {
                tracing::warn!(cause = causes::chain(&error), "the signing keys cannot be read; going on with those known");
            }
            if let Err(error) = self.reload_partners().await {
                tracing::warn!(cause = causes::chain(&error), "the keys of partners cannot be read; going on with those known");
            }
        }
    }

    /// Forgets sessions that ended long enough ago ([`Store::forget_ended_sessions`]), again and again until it is asked to stop.
    pub async fn forget_ended(&self, clock: &Clock, stop: Stop) {
        loop {
            match self.store.forget_ended_sessions(clock.now()).await {
                Ok(Some(forgotten)) => tracing::debug!(forgotten, "sessions that ended are forgotten"),
                Ok(None) => tracing::debug!("the clock has not gone on long enough without a jump to forget sessions"),
                Err(error) => tracing::warn!(cause = causes::chain(&error), "sessions that ended cannot be forgotten"),
            }
            if !stop.pause(FORGET_EVERY).await {
                return;
            }
        }
    }

    /// The public keys as a JWK Set.
    pub fn jwks(&self) -> serde_json::Value {
        self.keys.jwks()
    }

    /// Who shows this. A token comes before a key.
    pub fn asking(&self, shown: Credentials<'_>, now: DateTime<Utc>) -> Asking {
        let in_header =
            shown.authorization.and_then(|value| value.split_once(' ')).filter(|(scheme, _)| scheme.eq_ignore_ascii_case("apikey"));
        match (in_header, shown.authorization, shown.api_key) {
            (Some((_, key)), ..) | (None, None, Some(key)) => {
                Asking::alone(self.partners.of_key(key).map_or(Actor::Refused(TokenError::Key), Actor::Partner))
            }
            (None, Some(authorization), _) => match self.keys.read(authorization, now) {
                Ok(Read { subject, session, ends }) => {
                    let actor = match subject {
                        Subject::Visitor(visitor) => Actor::Visitor(visitor),
                        Subject::Account(account) => Actor::Account(account),
                    };
                    Asking { actor, session, token_ends: Some(ends) }
                }
                Err(error) => Asking::alone(Actor::Refused(error)),
            },
            (None, None, None) => Asking::alone(Actor::Anyone),
        }
    }

    /// An access token for somebody who has shown to be the account's, and when it ends.
    pub fn access_token(&self, account: AccountId, now: DateTime<Utc>) -> Result<(String, DateTime<Utc>), SessionError> {
        self.keys.issue(Subject::Account(account), None, now).ok_or(SessionError::Token)
    }

    /// The first pair of a session of an account that is to begin, and its identity; they hold once the store has it.
    pub(super) fn account_tokens(
        &self,
        account: AccountId,
        ends: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<(Uuid, Tokens), SessionError> {
        let session = secret::id()?;
        let refresh = format!("{ACCOUNT_PREFIX}{}", refresh_token(session)?);
        Ok((session, self.pair((Subject::Account(account), Some(session)), (refresh, ends), now)?))
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
        let next = (refresh_token(session)?, now + REFRESH_LIFE);
        let tokens = self.pair((Subject::Visitor(visitor), None), next, now)?;
        let mark = secret::mark(&tokens.refresh);
        self.store.begin_session(NewSession { id: session, visitor, mark, at: now, expires_at: tokens.refresh_ends }).await?;
        Ok(tokens)
    }

    /// The next pair for a refresh token.
    pub async fn refresh(&self, token: &str, now: DateTime<Utc>) -> Result<Tokens, SessionError> {
        if let Some(of_account) = token.strip_prefix(ACCOUNT_PREFIX) {
            let session = session_of(of_account).ok_or(SessionError::Unknown)?;
            let next = format!("{ACCOUNT_PREFIX}{}", refresh_token(session)?);
            let marks = (secret::mark(token), secret::mark(&next));
            let (account, ends) = renewed(self.store.renew_account_session(session, marks, now, ACCOUNT_LIVES).await?)?;
            return self.pair((Subject::Account(account), Some(session)), (next, ends), now);
        }
        let session = session_of(token).ok_or(SessionError::Unknown)?;
        // Whose it is, is known only when the store has seen the mark.
        let (next, ends) = (refresh_token(session)?, now + REFRESH_LIFE);
        let visitor = renewed(self.store.renew_session(session, secret::mark(token), secret::mark(&next), now, ends).await?)?;
        self.pair((Subject::Visitor(visitor), None), (next, ends), now)
    }

    fn pair(
        &self,
        (subject, session): (Subject, Option<Uuid>),
        (refresh, refresh_ends): (String, DateTime<Utc>),
        now: DateTime<Utc>,
    ) -> Result<Tokens, SessionError> {
        let (access, access_ends) = self.keys.issue(subject, session, now).ok_or(SessionError::Token)?;
        Ok(Tokens { subject, access, access_ends, refresh, refresh_ends })
    }
}

fn renewed<T>(renewal: Renewal<T>) -> Result<T, SessionError> {
    match renewal {
        Renewal::Renewed(whose) => Ok(whose),
        Renewal::Unknown => Err(SessionError::Unknown),
        Renewal::Reused => {
            tracing::warn!("a refresh token was used twice; its session was ended");
            Err(SessionError::Reused)
        }
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
