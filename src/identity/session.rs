//! Sessions: an anonymous sign-in, the exchange of refresh tokens, and who shows which token.

use chrono::{DateTime, Duration, Utc};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::watch;
use uuid::Uuid;

use super::actor::Actor;
use super::api_key::Partners;
use super::live::{LiveSessions, SessionKey};
use super::secret::{self, NoRandomness};
use super::token::{KeyError, Keys, Read, Subject, TokenError};
use super::vault::Vault;
use crate::causes;
use crate::clock::Clock;
use crate::domain::ids::{AccountId, PartnerId, VisitorId};
use crate::store::account_sessions::Lives;
use crate::store::ended_sessions::Forgotten;
use crate::store::renewal::{Renewal, Shown, Successor};
use crate::store::sealed::SealedColumn;
use crate::store::sessions::NewSession;
use crate::store::{Store, StoreError};
use crate::supervise::Stop;

/// Name of the key of refresh tokens' tags.
const REFRESH_KEY: &str = "refresh";
/// How long a refresh token holds: who planned a trip in the dry season comes back in the next one.
const REFRESH_LIFE: Duration = Duration::days(400);

/// How long a session of an account may go on: a month without use, half a year at all.
pub const ACCOUNT_LIVES: Lives = Lives { unused: Duration::days(30), whole: Duration::days(180) };

/// What a refresh token of an account begins with; whose a session is, is decided by the table it stands in all the same.
const ACCOUNT_PREFIX: &str = "account-";

/// How often the signing keys are read again: one that is revoked is known nowhere within a second.
const KEY_RELOAD: std::time::Duration = std::time::Duration::from_millis(500);

/// How often the keys of partners are read again, in reads of the signing keys.
const PARTNER_RELOAD: u32 = 120;

/// How often sessions that have ended are looked for: many times in [`crate::store::ended_sessions::GRACE`].
const FORGET_EVERY: std::time::Duration = std::time::Duration::from_hours(1);

/// Why there is no session.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The refresh token opens nothing: it is none of ours, or its session has ended.
    #[error("the refresh token opens nothing: sign in again")]
    Unknown,
    /// The session of the access token has ended.
    #[error("this session has ended: sign in again")]
    Ended,
    /// The refresh token had been used, and its successor too: two parties hold the session, so it was ended.
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
    /// The session of a visitor or an account; whether it goes on is asked when it matters.
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
    /// By which refresh tokens that were given out are known; it opens nothing.
    refresh_key: Vec<u8>,
    live: LiveSessions,
}

impl Sessions {
    /// Over a store; the first process over it makes the key that signs.
    pub async fn open(store: Store, vault: Vault, now: DateTime<Utc>) -> Result<Self, KeyError> {
        let (keys, partners) = (Keys::load(&store, vault, now).await?, Partners::default());
        partners.reload(&store).await?;
        let vault = keys.vault();
        let first = vault.seal(SealedColumn::ServerSecret, REFRESH_KEY, &secret::bytes::<32>()?)?;
        let refresh_key = vault.unseal(SealedColumn::ServerSecret, REFRESH_KEY, &store.secret_or(REFRESH_KEY, first, now).await?)?;
        Ok(Self { store, keys, partners, refresh_key, live: LiveSessions::default() })
    }

    /// What opens the secrets of the store.
    pub const fn vault(&self) -> &Vault {
        self.keys.vault()
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

    /// Does so again and again until it is asked to stop, and for the keys of partners now and then.
    pub async fn follow_keys(&self, stop: Stop) {
        let (mut round, mut is_away) = (0_u32, false);
        while stop.pause(KEY_RELOAD).await {
            round = round.wrapping_add(1);
            match self.reload_keys().await {
                Ok(()) => is_away = false,
                Err(error) => {
                    // Said once an outage, not at each read.
                    if !std::mem::replace(&mut is_away, true) {
                        tracing::warn!(cause = causes::chain(&error), "the signing keys cannot be read; going on with those known");
                    }
                }
            }
            if round.is_multiple_of(PARTNER_RELOAD)
                && let Err(error) = self.reload_partners().await
            {
                tracing::warn!(cause = causes::chain(&error), "the keys of partners cannot be read; going on with those known");
            }
        }
    }

    /// Whether the session goes on.
    pub async fn is_live(&self, session: SessionKey, now: DateTime<Utc>) -> Result<bool, SessionError> {
        Ok(self.store.live_sessions(vec![session.id()], now).await?.contains(&session.id()))
    }

    /// Fails with [`SessionError::Ended`] unless the visitor's session goes on.
    pub async fn check_visitor(&self, visitor: VisitorId, session: Uuid, now: DateTime<Utc>) -> Result<(), SessionError> {
        if self.store.is_visitor_in_session(visitor, session, now).await? { Ok(()) } else { Err(SessionError::Ended) }
    }

    /// Turns true once the session has ended, within a second wherever that was done. Needs [`Self::follow_live`].
    pub fn watch(&self, session: SessionKey) -> watch::Receiver<bool> {
        self.live.watch(session)
    }

    /// Looks at once whether sessions that are watched have ended.
    pub fn look(&self) {
        self.live.look();
    }

    /// Tells those who watch sessions, again and again until it is asked to stop.
    pub async fn follow_live(&self, clock: &Clock, stop: Stop) {
        self.live.follow(&self.store, clock, stop).await;
    }

    /// Forgets sessions that ended long enough ago ([`Store::forget_ended_sessions`]), again and again until it is asked to stop.
    pub async fn forget_ended(&self, clock: &Clock, stop: Stop) {
        loop {
            match self.store.forget_ended_sessions(clock.now()).await {
                Ok(Some(Forgotten { sessions, trips })) => tracing::debug!(sessions, trips, "sessions that ended are forgotten"),
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
                    Asking { actor, session: Some(session), token_ends: Some(ends) }
                }
                Err(error) => Asking::alone(Actor::Refused(error)),
            },
            (None, None, None) => Asking::alone(Actor::Anyone),
        }
    }

    /// An access token of a session of the account, and when it ends. It is good as long as the session.
    pub fn access_token(&self, account: AccountId, session: Uuid, now: DateTime<Utc>) -> Result<(String, DateTime<Utc>), SessionError> {
        self.keys.issue(Subject::Account(account), session, now).ok_or(SessionError::Token)
    }

    /// The first pair of a session of an account that is to begin, and its identity; they hold once the store has it.
    pub fn account_tokens(&self, account: AccountId, ends: DateTime<Utc>, now: DateTime<Utc>) -> Result<(Uuid, Tokens), SessionError> {
        let session = secret::id()?;
        let refresh = self.refresh_token(&format!("{ACCOUNT_PREFIX}{}", session.simple()), &secret::bytes()?);
        Ok((session, self.pair((Subject::Account(account), session), (refresh, ends), now)?))
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
        let next = (self.refresh_token(&session.simple().to_string(), &secret::bytes()?), now + REFRESH_LIFE);
        let tokens = self.pair((Subject::Visitor(visitor), session), next, now)?;
        let mark = secret::mark(&tokens.refresh);
        self.store.begin_session(NewSession { id: session, visitor, mark, at: now, expires_at: tokens.refresh_ends }).await?;
        Ok(tokens)
    }

    /// The next pair for a refresh token: the same refresh token as often as this one is shown, until that was used.
    pub async fn refresh(&self, token: &str, now: DateTime<Utc>) -> Result<Tokens, SessionError> {
        let (family, _) = token.split_once('.').filter(|_| token.len() < 200).ok_or(SessionError::Unknown)?;
        let session = family.strip_prefix(ACCOUNT_PREFIX).unwrap_or(family);
        let session = Uuid::try_parse(session).map_err(|_| SessionError::Unknown)?;
        let offered = secret::bytes()?;
        let successor = Successor { mark: secret::mark(&self.refresh_token(family, &offered)), sealed: secret::seal(&offered, token) };
        let shown = Shown { mark: secret::mark(token), is_ours: self.gave_out(token), offered: successor };
        // Whose it is, is known only when the store has seen the mark.
        let (of, ends, next) = if family.starts_with(ACCOUNT_PREFIX) {
            let ((account, ends), next) = renewed(self.store.renew_account_session(session, shown, now, ACCOUNT_LIVES).await?)?;
            ((Subject::Account(account), session), ends, next)
        } else {
            let ends = now + REFRESH_LIFE;
            let (visitor, next) = renewed(self.store.renew_session(session, shown, now, ends).await?)?;
            ((Subject::Visitor(visitor), session), ends, next)
        };
        let refresh = secret::unseal(&next.sealed, token).map(|secret| self.refresh_token(family, &secret));
        let refresh = refresh.filter(|refresh| secret::mark(refresh) == next.mark).ok_or(SessionError::Unknown)?;
        self.pair(of, (refresh, ends), now)
    }

    /// A refresh token names its session, so that one that was used before is known as such, and has a tag of ours, so that one that
    /// never was given out is known too.
    fn refresh_token(&self, family: &str, secret: &[u8; 32]) -> String {
        let token = format!("{family}.{}", secret::written(secret));
        let tag = secret::tag(&self.refresh_key, &token);
        format!("{token}.{tag}")
    }

    fn gave_out(&self, token: &str) -> bool {
        token.rsplit_once('.').is_some_and(|(token, tag)| secret::tag(&self.refresh_key, token) == tag)
    }

    fn pair(
        &self,
        (subject, session): (Subject, Uuid),
        (refresh, refresh_ends): (String, DateTime<Utc>),
        now: DateTime<Utc>,
    ) -> Result<Tokens, SessionError> {
        let (access, access_ends) = self.keys.issue(subject, session, now).ok_or(SessionError::Token)?;
        Ok(Tokens { subject, access, access_ends, refresh, refresh_ends })
    }
}

fn renewed<T>(renewal: Renewal<T>) -> Result<(T, Successor), SessionError> {
    match renewal {
        Renewal::Renewed(whose, next) => Ok((whose, next)),
        Renewal::Unknown => Err(SessionError::Unknown),
        Renewal::Reused => {
            tracing::warn!("a refresh token was used after its successor; its session was ended");
            Err(SessionError::Reused)
        }
    }
}
