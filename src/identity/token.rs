//! Access tokens: JWT (RFC 7519) signed with Ed25519 (RFC 8037), for a quarter of an hour.

use std::collections::HashMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Duration, Utc};
use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::{DecodePrivateKey, EncodePrivateKey};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::secret::{self, NoRandomness};
use crate::domain::ids::VisitorId;
use crate::store::sessions::KeyRow;
use crate::store::{Store, StoreError};

/// How long an access token holds.
pub const LIFE: Duration = Duration::minutes(15);
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
    /// It is none of ours.
    #[error("this is no access token of ours")]
    Invalid,
    /// The header has another form than `Bearer …`.
    #[error("the Authorization header must look like `Bearer <access token>`")]
    Header,
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
}

/// What a token says.
#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: Uuid,
    iat: i64,
    exp: i64,
}

/// Keys: the youngest signs, each verifies.
pub struct Keys {
    kid: String,
    signing: EncodingKey,
    verifying: HashMap<String, DecodingKey>,
}

impl Keys {
    /// The keys of the store; the first process makes the first one.
    pub async fn load(store: &Store, now: DateTime<Utc>) -> Result<Self, KeyError> {
        let made = SigningKey::from_bytes(&secret::bytes()?);
        let kid = URL_SAFE_NO_PAD.encode(secret::bytes::<9>()?);
        let der = made.to_pkcs8_der().map_err(|_| KeyError::Unreadable(kid.clone()))?;
        let rows = store.signing_keys(KeyRow { kid, private_key: der.as_bytes().to_vec() }, now).await?;
        let mut verifying = HashMap::new();
        for row in &rows {
            let key = SigningKey::from_pkcs8_der(&row.private_key).map_err(|_| KeyError::Unreadable(row.kid.clone()))?;
            verifying.insert(row.kid.clone(), DecodingKey::from_ed_der(key.verifying_key().as_bytes()));
        }
        let youngest = rows.first().ok_or_else(|| KeyError::Unreadable("none".to_owned()))?;
        Ok(Self { kid: youngest.kid.clone(), signing: EncodingKey::from_ed_der(&youngest.private_key), verifying })
    }

    /// A token for the visitor, and when it ends. `None` when it cannot be signed, which a key that was read rules out.
    pub fn issue(&self, visitor: VisitorId, now: DateTime<Utc>) -> Option<(String, DateTime<Utc>)> {
        let ends = now + LIFE;
        let claims = Claims { iss: NAME.to_owned(), aud: NAME.to_owned(), sub: visitor.0, iat: now.timestamp(), exp: ends.timestamp() };
        let header = Header { kid: Some(self.kid.clone()), ..Header::new(Algorithm::EdDSA) };
        Some((jsonwebtoken::encode(&header, &claims, &self.signing).ok()?, ends))
    }

    /// The visitor who shows this `Authorization` header, and when the token ends.
    pub fn read(&self, authorization: &str, now: DateTime<Utc>) -> Result<(VisitorId, DateTime<Utc>), TokenError> {
        // The scheme is compared without case (RFC 9110 §11.1).
        let (scheme, token) = authorization.split_once(' ').ok_or(TokenError::Header)?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(TokenError::Header);
        }
        let token = token.trim();
        if token.len() > MAX_LENGTH {
            return Err(TokenError::Invalid);
        }
        let header = jsonwebtoken::decode_header(token).map_err(|_| TokenError::Invalid)?;
        let key = header.kid.and_then(|kid| self.verifying.get(&kid)).ok_or(TokenError::Invalid)?;
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_issuer(&[NAME]);
        validation.set_audience(&[NAME]);
        validation.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
        // The library asks the machine's clock; ours is asked below.
        validation.validate_exp = false;
        let claims = jsonwebtoken::decode::<Claims>(token, key, &validation).map_err(|_| TokenError::Invalid)?.claims;
        let ends = DateTime::from_timestamp(claims.exp, 0).ok_or(TokenError::Invalid)?;
        if ends <= now { Err(TokenError::Expired) } else { Ok((VisitorId(claims.sub), ends)) }
    }
}
