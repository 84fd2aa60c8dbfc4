//! Signing in and staying so.

use async_graphql::{Context, Object, SimpleObject};

use crate::graphql::context;
use crate::graphql::directives::Cost;
use crate::graphql::failure::Failure;
use crate::graphql::personal::Personal;
use crate::graphql::scalars::Instant;
use crate::identity::session::Tokens;

/// Signing in and staying so.
#[derive(Default)]
pub struct SessionMutation;

/// A pair of tokens. Keep both where other apps cannot read them.
#[derive(SimpleObject)]
pub struct SessionPayload {
    /// To be sent with each request in the header `Authorization: Bearer …`.
    access_token: String,
    /// When the access token ends; a quarter of an hour.
    access_token_expires_at: Instant,
    /// To be exchanged for the next pair with `refreshSession`. It ends with its use.
    refresh_token: String,
    /// When the refresh token ends unless it is used before.
    refresh_token_expires_at: Instant,
}

impl From<Tokens> for SessionPayload {
    fn from(tokens: Tokens) -> Self {
        Self {
            access_token: tokens.access,
            access_token_expires_at: Instant(tokens.access_ends.into()),
            refresh_token: tokens.refresh,
            refresh_token_expires_at: Instant(tokens.refresh_ends.into()),
        }
    }
}

/// How much was erased.
#[derive(SimpleObject)]
pub struct EraseMePayload {
    /// Trips, each with all its versions and links.
    erased_trips: u64,
    /// Sessions: no token of yours opens anything any more.
    erased_sessions: u64,
}

#[Object]
impl SessionMutation {
    /// A new visitor, of whom nothing is known and nothing asked. What they save is theirs as long as they keep the tokens.
    #[graphql(directive = Cost::apply(1_000))]
    async fn sign_in_anonymously(&self, context: &Context<'_>) -> Result<Option<SessionPayload>, Failure> {
        Personal::mark(context);
        let request = context::of(context);
        Ok(Some(request.sessions.sign_in_anonymously(request.now).await?.into()))
    }

    /// The next pair for a refresh token. When the answer was lost on the way, the same token may be sent again. One that was used
    /// before that ends the session, because somebody else must have it: sign in again then.
    #[graphql(directive = Cost::apply(1_000))]
    async fn refresh_session(&self, context: &Context<'_>, refresh_token: String) -> Result<Option<SessionPayload>, Failure> {
        Personal::mark(context);
        let request = context::of(context);
        Ok(Some(request.sessions.refresh(&refresh_token, request.now).await?.into()))
    }

    /// Erases all that is kept of you, at once and for good (LGPD, art. 18): trips with their versions and links, and sessions. There
    /// is no way back.
    #[graphql(directive = Cost::apply(1_000))]
    async fn erase_me(&self, context: &Context<'_>) -> Result<Option<EraseMePayload>, Failure> {
        let (owner, request) = (context::visitor(context).await?, context::of(context));
        let erased = request.saved.erase_all(owner, request.now).await?;
        request.sessions.look();
        Ok(Some(EraseMePayload { erased_trips: erased.trips, erased_sessions: erased.sessions }))
    }
}
