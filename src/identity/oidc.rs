//! OpenID Connect (Core 1.0): a provider vouches for somebody who has an account here. Authorisation code flow with PKCE (RFC 7636),
//! `state` and `nonce`, as RFC 9700 asks.
//!
//! An editor's page in the browser asks for the provider's address and a *ticket*, keeps the ticket (`sessionStorage`), and sends the
//! browser away. The provider sends it back to the page's own address, the one in the settings, with `code` and `state`; the page hands
//! both over with the ticket. Without the ticket, which no address ever carries, nobody's browser can be made to sign in as somebody
//! else (RFC 9700 §4.7). A ticket is good once, for ten minutes. What happens when it is shown is in [`super::sign_in_with`].

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use openidconnect::core::{CoreClient, CoreJwsSigningAlgorithm, CoreProviderMetadata, CoreResponseType, CoreUserInfoClaims};
use openidconnect::{
    AuthenticationFlow, AuthorizationCode, ClaimsVerificationError, ClientId, ClientSecret, CsrfToken, EndpointMaybeSet, EndpointNotSet,
    EndpointSet, HttpRequest, HttpResponse, IssuerUrl, Nonce, OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl,
    RequestTokenError, Scope, SubjectIdentifier, TokenResponse,
};
use tokio::sync::Mutex;

use super::accounts::normal_email;
use super::amr;
use crate::domain::characters::first_forbidden;
use crate::store::pending_sign_ins::Identity;

/// How long what a provider says of itself is believed.
const METADATA_LIFE: Duration = Duration::minutes(10);
/// How long a provider may take to answer.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(10);
/// Most bytes of an answer of a provider.
const MAX_ANSWER: usize = 512 * 1024;
/// Signatures that a holder of the client's secret cannot make.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 5] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

type Client = CoreClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointMaybeSet, EndpointMaybeSet>;

/// A provider, as its operator and ours agreed.
#[derive(Clone)]
pub struct ProviderSettings {
    /// What it is called in the contract.
    pub name: String,
    /// What people call it.
    pub title: String,
    /// `iss`: under it the provider describes itself (OpenID Connect Discovery §4).
    pub issuer: String,
    /// What it calls us.
    pub client_id: String,
    /// By which it knows us; absent for a public client.
    pub client_secret: Option<String>,
    /// The page it sends browsers back to.
    pub redirect_url: String,
    /// What is asked for beside `openid`: the address at least.
    pub scopes: Vec<String>,
}

/// Settings of a provider that cannot work.
#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
    /// An address of it is none, or not of `https` though it is not on this machine.
    #[error("the {what} of the OpenID provider `{name}` must be an address with https")]
    Address {
        /// Which address.
        what: &'static str,
        /// The provider.
        name: String,
    },
    /// Two have one name.
    #[error("two OpenID providers are called `{0}`")]
    Twice(String),
    /// There can be no client.
    #[error("no provider can be asked")]
    Client(#[source] reqwest::Error),
}

/// Why a provider does not vouch for somebody.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OidcError {
    /// None is called so.
    #[error("there is no such provider")]
    Unknown,
    /// It does not answer, or not as a provider does.
    #[error("the provider does not answer: try again, or sign in with a password")]
    Away,
    /// It does not take the code: it was used, is too old, or of somebody else.
    #[error("the provider does not accept this sign-in: begin again")]
    Refused,
    /// What it answers is not meant for us, not for this sign-in, or not from it.
    #[error("the provider's answer does not hold: begin again")]
    Invalid,
}

/// For whom a provider vouches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vouched {
    /// Who it is there.
    pub identity: Identity,
    /// Their address, when the provider verified it.
    pub verified_email: Option<String>,
    /// Whether the provider says in its ID token that it asked for a second factor.
    pub has_second_factor: bool,
}

/// What belongs to one sign-in and is told nobody.
pub struct Secrets {
    /// `nonce`.
    pub nonce: String,
    /// Code verifier.
    pub verifier: String,
}

/// The providers that may vouch.
pub struct Providers {
    by_name: BTreeMap<String, Provider>,
    http: reqwest::Client,
}

struct Provider {
    settings: ProviderSettings,
    issuer: IssuerUrl,
    redirect: RedirectUrl,
    /// What it says of itself, and when it said so.
    known: Mutex<Option<(Arc<CoreProviderMetadata>, DateTime<Utc>)>>,
}

impl Providers {
    /// Those of the settings. None is asked yet: one that is away now may be there later.
    pub fn new(settings: Vec<ProviderSettings>) -> Result<Self, ProviderError> {
        // Who follows redirects asks whomever a provider names.
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).timeout(PATIENCE);
        let http = http.build().map_err(ProviderError::Client)?;
        let mut by_name = BTreeMap::new();
        for settings in settings {
            let bad = |what| ProviderError::Address { what, name: settings.name.clone() };
            let issuer = IssuerUrl::new(settings.issuer.clone()).map_err(|_| bad("issuer"))?;
            let redirect = RedirectUrl::new(settings.redirect_url.clone()).map_err(|_| bad("redirect_url"))?;
            for (what, url) in [("issuer", issuer.url()), ("redirect_url", redirect.url())] {
                let is_here = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
                if url.scheme() != "https" && !(url.scheme() == "http" && is_here) {
                    return Err(bad(what));
                }
            }
            let name = settings.name.clone();
            if by_name.insert(name.clone(), Provider { settings, issuer, redirect, known: Mutex::new(None) }).is_some() {
                return Err(ProviderError::Twice(name));
            }
        }
        Ok(Self { by_name, http })
    }

    /// Names of the providers, and what people call them.
    pub fn names(&self) -> impl Iterator<Item = (&str, &str)> {
        self.by_name.values().map(|provider| (provider.settings.name.as_str(), provider.settings.title.as_str()))
    }

    /// Where the browser is to be sent.
    pub async fn authorization_url(&self, name: &str, state: String, secrets: &Secrets, now: DateTime<Utc>) -> Result<String, OidcError> {
        let provider = self.by_name.get(name).ok_or(OidcError::Unknown)?;
        let client = provider.client(&self.http, now).await?;
        let verifier = PkceCodeVerifier::new(secrets.verifier.clone());
        let nonce = secrets.nonce.clone();
        let (url, _, _) = client
            .authorize_url(
                AuthenticationFlow::<CoreResponseType>::AuthorizationCode,
                move || CsrfToken::new(state),
                move || Nonce::new(nonce),
            )
            .add_scopes(provider.settings.scopes.iter().cloned().map(Scope::new))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            .url();
        Ok(url.into())
    }

    /// For whom the provider vouches with this code.
    pub async fn vouched(&self, name: &str, code: String, secrets: Secrets, now: DateTime<Utc>) -> Result<Vouched, OidcError> {
        let provider = self.by_name.get(name).ok_or(OidcError::Unknown)?;
        let client = provider.client(&self.http, now).await?;
        let fetch = |request| fetch(self.http.clone(), request);
        let request = client.exchange_code(AuthorizationCode::new(code)).map_err(|_| OidcError::Away)?;
        let answer = request.set_pkce_verifier(PkceCodeVerifier::new(secrets.verifier)).request_async(&fetch).await;
        let tokens = answer.map_err(|error| match error {
            RequestTokenError::ServerResponse(_) => told(name, &error, OidcError::Refused),
            RequestTokenError::Request(_) => told(name, &error, OidcError::Away),
            RequestTokenError::Parse(..) | RequestTokenError::Other(_) => told(name, &error, OidcError::Invalid),
        })?;
        let token = tokens.id_token().ok_or(OidcError::Invalid)?;
        let nonce = Nonce::new(secrets.nonce);
        let vouched = match claims(&client, token, &nonce, now) {
            Err(ClaimsVerificationError::SignatureVerification(_)) => {
                // It may sign with a key it did not have when it was asked last.
                *provider.known.lock().await = None;
                let client = provider.client(&self.http, now).await?;
                claims(&client, token, &nonce, now)
            }
            verified => verified,
        }
        .map_err(|error| told(name, &error, OidcError::Invalid))?;
        let texts = [Some(&vouched.identity.subject), vouched.verified_email.as_ref()];
        if texts.into_iter().flatten().any(|text| first_forbidden(text).is_some()) {
            return Err(OidcError::Invalid);
        }
        if vouched.verified_email.is_some() {
            return Ok(vouched);
        }
        // A provider may tell the address at its UserInfo endpoint only (OpenID Connect Core §5.4); there it speaks of the same subject.
        let subject = SubjectIdentifier::new(vouched.identity.subject.clone());
        let Ok(request) = client.user_info(tokens.access_token().clone(), Some(subject)) else { return Ok(vouched) };
        let told_there: CoreUserInfoClaims = request.request_async(&fetch).await.map_err(|error| told(name, &error, OidcError::Invalid))?;
        let email = told_there.email().filter(|email| told_there.email_verified() == Some(true) && first_forbidden(email).is_none());
        Ok(Vouched { verified_email: email.map(|email| normal_email(email.as_str())), ..vouched })
    }
}

/// Logs what a provider did not do well, without a word of what was sent.
fn told(provider: &str, error: &(dyn std::error::Error + 'static), outcome: OidcError) -> OidcError {
    let kind = match &outcome {
        OidcError::Refused => "it refused the code",
        OidcError::Away => "it does not answer",
        OidcError::Unknown | OidcError::Invalid => "its answer does not hold",
    };
    tracing::warn!(provider, kind, cause = error.source().map(crate::causes::chain), "a provider did not vouch");
    outcome
}

fn claims(
    client: &Client,
    token: &openidconnect::core::CoreIdToken,
    nonce: &Nonce,
    now: DateTime<Utc>,
) -> Result<Vouched, ClaimsVerificationError> {
    let verifier = client.id_token_verifier().set_allowed_algs(ALGORITHMS).set_time_fn(move || now);
    let claims = token.claims(&verifier, nonce)?;
    let is_verified = claims.email_verified() == Some(true);
    Ok(Vouched {
        identity: Identity { issuer: claims.issuer().to_string(), subject: claims.subject().to_string() },
        verified_email: claims.email().filter(|_| is_verified).map(|email| normal_email(email.as_str())),
        has_second_factor: amr::has_second_factor(claims.auth_method_refs().into_iter().flatten().map(|way| way.as_str())),
    })
}

impl Provider {
    async fn client(&self, http: &reqwest::Client, now: DateTime<Utc>) -> Result<Client, OidcError> {
        let metadata = self.metadata(http, now).await?;
        let secret = self.settings.client_secret.clone().map(ClientSecret::new);
        let client = CoreClient::from_provider_metadata((*metadata).clone(), ClientId::new(self.settings.client_id.clone()), secret);
        Ok(client.set_redirect_uri(self.redirect.clone()))
    }

    /// What the provider says of itself. Of many who ask at once, one asks it.
    async fn metadata(&self, http: &reqwest::Client, now: DateTime<Utc>) -> Result<Arc<CoreProviderMetadata>, OidcError> {
        let mut known = self.known.lock().await;
        if let Some((metadata, _)) = known.as_ref().filter(|(_, at)| (*at..*at + METADATA_LIFE).contains(&now)) {
            return Ok(Arc::clone(metadata));
        }
        let fetch = |request| fetch(http.clone(), request);
        let discovered = CoreProviderMetadata::discover_async(self.issuer.clone(), &fetch).await;
        let metadata = Arc::new(discovered.map_err(|error| told(&self.settings.name, &error, OidcError::Away))?);
        *known = Some((Arc::clone(&metadata), now));
        Ok(metadata)
    }
}

/// What can go wrong while a provider is asked.
#[derive(Debug, thiserror::Error)]
enum FetchError {
    #[error("the provider cannot be reached")]
    Http(#[from] reqwest::Error),
    #[error("the provider's answer is too long")]
    Length,
    #[error("the provider's answer is none")]
    Form(#[from] openidconnect::http::Error),
}

/// Asks a provider; a bounded answer.
async fn fetch(http: reqwest::Client, request: HttpRequest) -> Result<HttpResponse, FetchError> {
    let mut answer = http.execute(request.try_into()?).await?;
    let mut response = openidconnect::http::Response::builder().status(answer.status());
    if let Some(headers) = response.headers_mut() {
        headers.clone_from(answer.headers());
    }
    let mut body = Vec::new();
    while let Some(part) = answer.chunk().await? {
        if body.len() + part.len() > MAX_ANSWER {
            return Err(FetchError::Length);
        }
        body.extend_from_slice(&part);
    }
    Ok(response.body(body)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn provider(name: &str, issuer: &str, redirect_url: &str) -> ProviderSettings {
        let (name, issuer, redirect_url) = (name.to_owned(), issuer.to_owned(), redirect_url.to_owned());
        let (client_id, scopes) = ("us".to_owned(), vec!["email".to_owned()]);
        ProviderSettings { title: name.clone(), name, issuer, client_id, client_secret: None, redirect_url, scopes }
    }

    #[test]
    fn a_provider_is_asked_over_https_or_on_this_machine() {
        let works = |issuer: &str, redirect: &str| Providers::new(vec![provider("p", issuer, redirect)]).is_ok();
        assert!(works("https://sso.example", "https://editor.example/back"));
        assert!(works("http://127.0.0.1:3000", "http://localhost:5173/back"));
        assert!(!works("http://sso.example", "https://editor.example/back"));
        assert!(!works("https://sso.example", "http://editor.example/back"));
        assert!(!works("sso.example", "https://editor.example/back"));
        let twice = vec![provider("p", "https://a.example", "https://b.example"), provider("p", "https://c.example", "https://d.example")];
        assert!(matches!(Providers::new(twice), Err(ProviderError::Twice(_))));
    }
}
