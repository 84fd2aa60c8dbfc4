//! Secrets that nobody can guess: the only caller of the system's random numbers.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// The system gives no random numbers.
#[derive(Debug, thiserror::Error)]
#[error("the system gives no random numbers")]
pub struct NoRandomness(#[source] getrandom::Error);

/// So many random bytes.
pub fn bytes<const COUNT: usize>() -> Result<[u8; COUNT], NoRandomness> {
    let mut bytes = [0; COUNT];
    getrandom::fill(&mut bytes).map_err(NoRandomness)?;
    Ok(bytes)
}

/// A text of 43 characters (base64url of 256 bits).
pub fn text() -> Result<String, NoRandomness> {
    Ok(written(&bytes()?))
}

/// A secret as a text: base64url.
pub fn written(secret: &[u8; 32]) -> String {
    URL_SAFE_NO_PAD.encode(secret)
}

/// A secret, readable with `key` alone: a one-time pad drawn from the key by HMAC-SHA-256 (RFC 2104). The key must be random and may
/// seal one secret only.
pub fn seal(secret: &[u8; 32], key: &str) -> String {
    written(&padded(secret, key))
}

/// What was sealed under `key`; something else under another key, and `None` when it was never sealed here.
pub fn unseal(sealed: &str, key: &str) -> Option<[u8; 32]> {
    let sealed = URL_SAFE_NO_PAD.decode(sealed).ok()?.try_into().ok()?;
    Some(padded(&sealed, key))
}

fn padded(secret: &[u8; 32], key: &str) -> [u8; 32] {
    let mut padded = authentication_code(key.as_bytes(), b"the secret that follows");
    padded.iter_mut().zip(secret).for_each(|(byte, secret)| *byte ^= secret);
    padded
}

/// A tag that only who has the key can make: 128 bits of HMAC-SHA-256 (RFC 2104 §5 allows half), base64url.
pub fn tag(key: &[u8], text: &str) -> String {
    URL_SAFE_NO_PAD.encode(&authentication_code(key, text.as_bytes())[..16])
}

fn authentication_code(key: &[u8], text: &[u8]) -> [u8; 32] {
    #[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
    let mut code = Hmac::<Sha256>::new_from_slice(key).expect("any length");
    code.update(text);
    code.finalize().into_bytes().into()
}

/// An identity: UUID version 4 (RFC 9562 §5.4).
pub fn id() -> Result<Uuid, NoRandomness> {
    Ok(uuid::Builder::from_random_bytes(bytes()?).into_uuid())
}

/// What is kept of a secret: SHA-256, base64url. A secret of 256 random bits needs no salt and no slow hash.
pub fn mark(secret: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(secret.as_bytes()))
}
