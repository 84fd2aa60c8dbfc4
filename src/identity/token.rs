//! Access tokens: JWT (RFC 7519) signed with Ed25519 (RFC 8037), for a quarter of an hour.

use std::sync::{Arc, PoisonError, RwLock};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Duration, Utc};
use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::{DecodePrivateKey, EncodePrivateKey};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::eddsa;
use super::secret::{self, NoRandomness};
use super::vault::{Vault, VaultError};
use crate::domain::ids::{AccountId, VisitorId};
use crate::store::sealed::SealedColumn;
use crate::store::sessions::KeyRow;
use crate::store::{Store, StoreError};

/// How long an access token holds.
pub const LIFE: Duration = Duration::minutes(15);
/// How old a key is before it signs: long enough for every process to have learned of it.
pub const ACTIVATION: Duration = Duration::minutes(5);
/// Who gives the tokens out, and for whom they are.
const NAME: &str = "roteiro";
/// Longest token that is looked at.
const MAX_LENGTH: usize = 2_048;

/// Why a token does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// It was good until a while ago.
    #[error("the access token has expired: exchange the refresh token for a new one")]
    Expired,
    /// It ends later than any that is given out now.
    #[error("the access token was given out by a clock that was fast: exchange the refresh token for a new one")]
    Early,
    /// It is none of ours.
    #[error("this is no access token of ours")]
    Invalid,
    /// The header has another form than `Bearer …`.
    #[error("the Authorization header must look like `Bearer <access token>`")]
    Header,
    /// The key is none of ours, or was revoked.
    #[error("this key is none of ours, or was revoked")]
    Key,
}

/// Why there are no keys.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The store failed.
    #[error("the signing keys cannot be read")]
    Store(#[from] StoreError),
    /// No key could be made.
    #[error("no signing key could be made")]
    Randomness(#[from] NoRandomness),
    /// A kept key is none.
    #[error("the signing key `{0}` cannot be read")]
    Unreadable(String),
    /// A kept key cannot be opened, or a new one sealed.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// There is no such key.
    #[error("there is no signing key `{0}`; `roteiro keys list` names them")]
    NoKey(String),
}

/// Whose a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A visitor's.
    Visitor(VisitorId),
    /// Of somebody who works on the catalogue.
    Account(AccountId),
}

/// What a token that holds says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Read {
    /// Whose it is.
    pub subject: Subject,
    /// The session it was given out for: it is good no longer than that.
    pub session: Uuid,
    /// When it ends.
    pub ends: DateTime<Utc>,
}

/// What a token says.
#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: Uuid,
    /// What kind of subject it is.
    kind: Kind,
    /// The session it was given out for.
    sid: Uuid,
    iat: i64,
    exp: i64,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Visitor,
    Account,
}

impl Claims {
    fn subject(&self) -> Subject {
        match self.kind {
            Kind::Visitor => Subject::Visitor(VisitorId(self.sub)),
            Kind::Account => Subject::Account(AccountId(self.sub)),
        }
    }
}

/// What a token for another purpose than access says.
#[derive(Serialize, Deserialize)]
struct Sealed<C> {
    iss: String,
    /// The purpose: so that none of these opens what an access token opens, nor the other way round.
    aud: String,
    exp: i64,
    about: C,
}

/// A key.
struct Key {
    kid: String,
    made_at: DateTime<Utc>,
    signing: EncodingKey,
    verifying: DecodingKey,
    public: [u8; 32],
}

impl Key {
    fn read(vault: &Vault, row: KeyRow) -> Result<Self, KeyError> {
        eddsa::install();
        let private_key = vault.unseal(SealedColumn::SigningKey, &row.kid, &row.private_key)?;
        let key = SigningKey::from_pkcs8_der(&private_key).map_err(|_| KeyError::Unreadable(row.kid.clone()))?;
        let public = key.verifying_key().to_bytes();
        Ok(Self {
            signing: EncodingKey::from_ed_der(&private_key),
            verifying: DecodingKey::from_ed_der(&public),
            public,
            made_at: row.created_at,
            kid: row.kid,
        })
    }

    /// A new one, as it is kept.
    fn make(vault: &Vault, now: DateTime<Utc>) -> Result<KeyRow, KeyError> {
        let kid = URL_SAFE_NO_PAD.encode(secret::bytes::<9>()?);
        let der = SigningKey::from_bytes(&secret::bytes()?).to_pkcs8_der().map_err(|_| KeyError::Unreadable(kid.clone()))?;
        let private_key = vault.seal(SealedColumn::SigningKey, &kid, der.as_bytes())?;
        Ok(KeyRow { kid, private_key, created_at: now })
    }
}

/// What became of the keys when a new one was added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rotated {
    /// The `kid` of the new one.
    pub added: String,
    /// When it begins to sign.
    pub signs_from: DateTime<Utc>,
    /// Those that no token can be signed with any more, and that were removed.
    pub removed: Vec<String>,
}

/// Adds a key. It signs once every process has had time to learn of it ([`ACTIVATION`]); what was signed before it holds to its end.
pub async fn rotate(store: &Store, vault: &Vault, now: DateTime<Utc>) -> Result<Rotated, KeyError> {
    let keys = store.signing_keys().await?;
    // The youngest first: a key stops signing when the one before it in the list begins, and its last token ends a life later.
    let is_spent = |pair: &[KeyRow]| pair[0].created_at + ACTIVATION + LIFE < now;
    let removed: Vec<String> = keys.windows(2).filter(|pair| is_spent(pair)).map(|pair| pair[1].kid.clone()).collect();
    let added = Key::make(vault, now)?;
    let kid = added.kid.clone();
    store.replace_signing_keys(added, removed.clone()).await?;
    Ok(Rotated { added: kid, signs_from: now + ACTIVATION, removed })
}

/// Takes a key out, because somebody else may have it: whatever it signed is refused as soon as a process has read the keys again. A new
/// one is added, which signs when no older one is left; gives its `kid`. Nobody's session ends: refresh tokens are exchanged as before.
pub async fn revoke(store: &Store, vault: &Vault, kid: &str, now: DateTime<Utc>) -> Result<String, KeyError> {
    if !store.signing_keys().await?.iter().any(|key| key.kid == kid) {
        return Err(KeyError::NoKey(kid.to_owned()));
    }
    let added = Key::make(vault, now)?;
    let new = added.kid.clone();
    store.replace_signing_keys(added, vec![kid.to_owned()]).await?;
    Ok(new)
}

/// Keys, the youngest first: the youngest that everybody knows signs, each verifies.
pub struct Keys {
    vault: Vault,
    keys: RwLock<Arc<[Key]>>,
}

impl Keys {
    /// The keys of the store; the first process makes the first one.
    pub async fn load(store: &Store, vault: Vault, now: DateTime<Utc>) -> Result<Self, KeyError> {
        let rows = store.signing_keys_or(Key::make(&vault, now)?).await?;
        let keys: Vec<Key> = rows.into_iter().map(|row| Key::read(&vault, row)).collect::<Result<_, _>>()?;
        Ok(Self { vault, keys: RwLock::new(keys.into()) })
    }

    /// What opens the keys.
    pub const fn vault(&self) -> &Vault {
        &self.vault
    }

    /// Learns of keys that were added or removed. What cannot be read leaves the keys as they are.
    pub async fn reload(&self, store: &Store) -> Result<(), KeyError> {
        let rows = store.signing_keys().await?;
        if rows.iter().map(|row| &row.kid).eq(self.current().iter().map(|key| &key.kid)) {
            return Ok(());
        }
        let keys: Vec<Key> = rows.into_iter().map(|row| Key::read(&self.vault, row)).collect::<Result<_, _>>()?;
        if !keys.is_empty() {
            *self.keys.write().unwrap_or_else(PoisonError::into_inner) = keys.into();
        }
        Ok(())
    }

    fn current(&self) -> Arc<[Key]> {
        Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The public halves as a JWK Set (RFC 7517 §5, RFC 8037 §2), the youngest first.
    pub fn jwks(&self) -> Value {
        let key = |key: &Key| {
            json!({
                "kty": "OKP", "crv": "Ed25519", "x": URL_SAFE_NO_PAD.encode(key.public), "kid": key.kid, "use": "sig", "alg": "EdDSA",
            })
        };
        json!({ "keys": self.current().iter().map(key).collect::<Vec<_>>() })
    }

    /// A token for the subject in a session, and when it ends. `None` when it cannot be signed, which a key that was read rules out.
    pub fn issue(&self, subject: Subject, session: Uuid, now: DateTime<Utc>) -> Option<(String, DateTime<Utc>)> {
        let ends = now + LIFE;
        let (kind, sub) = match subject {
            Subject::Visitor(visitor) => (Kind::Visitor, visitor.0),
            Subject::Account(account) => (Kind::Account, account.0),
        };
        let claims =
            Claims { iss: NAME.to_owned(), aud: NAME.to_owned(), sub, kind, sid: session, iat: now.timestamp(), exp: ends.timestamp() };
        Some((self.sign(&claims, now)?, ends))
    }

    /// A token for a purpose of this name, which says something until it ends; it opens nothing else. It may not hold longer than an
    /// access token ([`LIFE`]), because no key is kept longer. `None` as with [`Self::issue`].
    pub fn seal<C: Serialize>(&self, purpose: &str, about: C, ends: DateTime<Utc>, now: DateTime<Utc>) -> Option<String> {
        self.sign(&Sealed { iss: NAME.to_owned(), aud: purpose.to_owned(), exp: ends.timestamp(), about }, now)
    }

    /// What a token for this purpose says.
    pub fn unseal<C: DeserializeOwned>(&self, purpose: &str, token: &str, now: DateTime<Utc>) -> Result<C, TokenError> {
        let sealed: Sealed<C> = self.verify(token, purpose, &["iss", "aud", "exp"])?;
        if sealed.exp <= now.timestamp() { Err(TokenError::Expired) } else { Ok(sealed.about) }
    }

    fn sign<C: Serialize>(&self, claims: &C, now: DateTime<Utc>) -> Option<String> {
        let keys = self.current();
        let key = keys.iter().find(|key| key.made_at + ACTIVATION <= now).or_else(|| keys.last())?;
        let header = Header { kid: Some(key.kid.clone()), ..Header::new(Algorithm::EdDSA) };
        jsonwebtoken::encode(&header, claims, &key.signing).ok()
    }

    /// What a token says that one of the keys signed for this audience. Whether it has ended is for the caller to see.
    fn verify<C: DeserializeOwned>(&self, token: &str, audience: &str, required: &[&str]) -> Result<C, TokenError> {
        if token.len() > MAX_LENGTH {
            return Err(TokenError::Invalid);
        }
        let header = jsonwebtoken::decode_header(token).map_err(|_| TokenError::Invalid)?;
        let keys = self.current();
        let key = header.kid.and_then(|kid| keys.iter().find(|key| key.kid == kid)).ok_or(TokenError::Invalid)?;
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_issuer(&[NAME]);
        validation.set_audience(&[audience]);
        validation.set_required_spec_claims(required);
        // The library asks the machine's clock; the caller asks ours.
        validation.validate_exp = false;
        Ok(jsonwebtoken::decode::<C>(token, &key.verifying, &validation).map_err(|_| TokenError::Invalid)?.claims)
    }

    /// Who shows this `Authorization` header.
    pub fn read(&self, authorization: &str, now: DateTime<Utc>) -> Result<Read, TokenError> {
        // The scheme is compared without case (RFC 9110 §11.1).
        let (scheme, token) = authorization.split_once(' ').ok_or(TokenError::Header)?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(TokenError::Header);
        }
        let claims: Claims = self.verify(token.trim(), NAME, &["iss", "aud", "sub", "exp"])?;
        let ends = DateTime::from_timestamp(claims.exp, 0).ok_or(TokenError::Invalid)?;
        // A token that ends later than one given out a life from now was given out while the clock was wrong. Within that, a clock that
        // steps back signs nobody out.
        if ends > now + LIFE * 2 {
            return Err(TokenError::Early);
        }
        if now < ends { Ok(Read { subject: claims.subject(), session: claims.sid, ends }) } else { Err(TokenError::Expired) }
    }
}
