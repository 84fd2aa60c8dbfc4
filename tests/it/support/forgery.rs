//! Tokens as a forger makes them, who knows what is public.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

/// A JWT over these claims, signed by HS256 (RFC 7518 §3.2) with a shared secret.
pub fn signed_with_secret(kid: &str, claims: &Value, secret: &[u8]) -> String {
    let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let header = json!({ "typ": "JWT", "alg": "HS256", "kid": kid }).to_string();
    let signed = format!("{}.{}", encode(header.as_bytes()), encode(claims.to_string().as_bytes()));
    let mut hmac = Hmac::<Sha256>::new_from_slice(secret).unwrap();
    hmac.update(signed.as_bytes());
    format!("{signed}.{}", encode(&hmac.finalize().into_bytes()))
}
