//! Coming in because an OpenID provider vouches ([`super::oidc`]).
//!
//! Where the account has a second factor here, it is asked for here too, unless the provider says that it asked for one of its own
//! ([`super::amr`]). By then the provider's code is spent: so for whom it vouched is kept with the sign-in, and whoever holds its ticket,
//! its `state` and that same code completes it with a code of the authenticator app, as often as tries are allowed, until it is too late.

use std::net::IpAddr;

use chrono::{DateTime, Duration, Utc};
use serde_json::json;

use super::accounts::Accounts;
use super::attempts::{Allowed, Tried};
use super::oidc::{Secrets, Vouched};
use super::reach::Proof;
use super::secret;
use super::session::Tokens;
use super::sign_in::{Beginning, SignInError, shown_code};
use crate::domain::ids::AccountId;
use crate::store::accounts::AccountRow;
use crate::store::pending_sign_ins::{Identity, PendingRow, ProvenRow};

/// How long a sign-in at a provider may take, the code of ours with it.
const TICKET_LIFE: Duration = Duration::minutes(10);

/// The nonce (OpenID Connect Core §3.1.2.1) and the code verifier (RFC 7636 §4.1) of a sign-in: they follow from the ticket, which whoever
/// began it holds and of which the database has the mark alone, so they are kept nowhere.
fn secrets_of(ticket: &str) -> Secrets {
    Secrets { nonce: secret::mark(&format!("nonce {ticket}")), verifier: secret::mark(&format!("verifier {ticket}")) }
}

/// A sign-in that was begun at a provider.
pub struct BegunSignIn {
    /// Where the browser is to be sent.
    pub url: String,
    /// What completes it, together with what the provider sends back.
    pub ticket: String,
}

/// What a provider sent back, the ticket, and a code of ours.
#[derive(Clone, Copy)]
pub struct SentBack<'a> {
    /// The ticket.
    pub ticket: &'a str,
    /// `state`.
    pub state: &'a str,
    /// `code`.
    pub code: &'a str,
    /// Code of the second factor.
    pub totp_code: Option<&'a str>,
    /// The client's address.
    pub place: Option<IpAddr>,
}

impl Accounts {
    /// The providers that may vouch: names, and what people call them.
    pub fn providers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.providers.names()
    }

    /// Begins a sign-in at a provider.
    pub async fn begin_sign_in_with(&self, provider: &str, place: Option<IpAddr>, now: DateTime<Utc>) -> Result<BegunSignIn, SignInError> {
        if let Allowed::After(seconds) = self.attempts.count_other("provider", place, now).await? {
            return Err(SignInError::TooMany(seconds));
        }
        let (ticket, state) = (secret::text()?, secret::text()?);
        let secrets = secrets_of(&ticket);
        let url = self.providers.authorization_url(provider, state.clone(), &secrets, now).await?;
        let pending = PendingRow {
            mark: secret::mark(&ticket),
            provider: provider.to_owned(),
            state: secret::mark(&state),
            expires_at: now + TICKET_LIFE,
            proven: None,
        };
        self.store.begin_pending(pending, now).await?;
        Ok(BegunSignIn { url, ticket })
    }

    /// Completes a sign-in at a provider. The account is the one that is joined with the provider's; the first time the open one whose
    /// address the provider verified, and the two are joined.
    pub async fn complete_sign_in_with(&self, sent: SentBack<'_>, now: DateTime<Utc>) -> Result<Tokens, SignInError> {
        let pending = self.store.take_pending(secret::mark(sent.ticket), now).await?.ok_or(SignInError::Ticket)?;
        if pending.state != secret::mark(sent.state) {
            return Err(SignInError::Ticket);
        }
        match pending.proven {
            Some(proven) if proven.spent_code != secret::mark(sent.code) => Err(SignInError::Ticket),
            Some(proven) => self.complete_proven(pending.mark, proven, sent, now).await,
            None => self.complete_vouched(pending, sent, now).await,
        }
    }

    /// Asks the provider, and goes on with whom it vouches for.
    async fn complete_vouched(&self, pending: PendingRow, sent: SentBack<'_>, now: DateTime<Utc>) -> Result<Tokens, SignInError> {
        let secrets = secrets_of(sent.ticket);
        let vouched = self.providers.vouched(&pending.provider, sent.code.to_owned(), secrets, now).await?;
        let (found, joins) = self.vouched_account(&vouched).await?;
        let id = found.as_ref().map(|account| account.id);
        let Some(account) = found.filter(|account| account.disabled_at.is_none()) else { return self.not_ours(id, now).await };
        if account.asked_totp().is_some() && !vouched.has_second_factor {
            let proven = ProvenRow { spent_code: secret::mark(sent.code), account: account.id, identity: vouched.identity };
            let (mark, kept) = (pending.mark.clone(), PendingRow { proven: Some(proven.clone()), ..pending });
            if self.store.keep_proven(kept, joins, now).await? {
                return self.complete_proven(mark, proven, sent, now).await;
            }
            return self.not_ours(id, now).await;
        }
        let beginning = Beginning { account, step: None, settled: None, joins, completes: None, by: Proof::Provider };
        match self.begin(beginning, now).await? {
            Some(tokens) => Ok(tokens),
            None => self.not_ours(id, now).await,
        }
    }

    /// The account somebody has here, open or closed, and what is to be joined with it.
    async fn vouched_account(&self, vouched: &Vouched) -> Result<(Option<AccountRow>, Option<Identity>), SignInError> {
        let joined = self.store.joined_account(&vouched.identity).await?;
        Ok(match (joined, &vouched.verified_email) {
            (Some(account), _) => (self.store.account(account).await?, None),
            (None, Some(email)) => (self.store.account_by_email(email).await?, Some(vouched.identity.clone())),
            (None, None) => (None, None),
        })
    }

    /// Completes a sign-in that the provider vouched for before, with a code of ours.
    async fn complete_proven(
        &self,
        mark: String,
        proven: ProvenRow,
        sent: SentBack<'_>,
        now: DateTime<Utc>,
    ) -> Result<Tokens, SignInError> {
        let joined = self.store.joined_account(&proven.identity).await?;
        let found = self.store.account(proven.account).await?;
        let is_same = |account: &AccountRow| account.disabled_at.is_none() && joined.is_none_or(|joined| joined == account.id);
        let Some(account) = found.filter(is_same) else { return self.not_ours(Some(proven.account), now).await };
        let (step, settled) = match account.asked_totp() {
            Some(secret) => {
                let code = shown_code(sent.totp_code)?;
                let tried = Tried { name: &account.email, place: sent.place };
                self.count(tried, now).await?;
                let step = self.step(&account, secret, code, now).await?;
                (Some(step), Some(self.attempts.settled(tried, now).await?))
            }
            // It was taken away meanwhile.
            None => (None, None),
        };
        let joins = joined.is_none().then_some(proven.identity);
        let beginning = Beginning { account, step, settled, joins, completes: Some(mark), by: Proof::Provider };
        self.begin(beginning, now).await?.ok_or(SignInError::Ticket)
    }

    /// Notes that somebody whom a provider vouches for does not come in.
    async fn not_ours<T>(&self, account: Option<AccountId>, now: DateTime<Utc>) -> Result<T, SignInError> {
        self.store.note_failed_sign_in(account, json!({ "by": Proof::Provider.as_str() }), now).await?;
        Err(SignInError::NotOurs)
    }
}
