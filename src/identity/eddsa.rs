//! Ed25519 (RFC 8032) for the JWT library, and no other algorithm: what it cannot do, a forged header cannot ask of it.
//!
//! The collections the library brings along would add RSA, HMAC and the NIST curves, which no token of ours is signed with.

use ed25519_dalek::pkcs8::DecodePrivateKey;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use jsonwebtoken::crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{Error, ErrorKind};
use jsonwebtoken::signature::{self, Signer, Verifier};
use jsonwebtoken::{Algorithm, AlgorithmFamily, DecodingKey, EncodingKey};

static ED25519: CryptoProvider =
    CryptoProvider { signer_factory: signer, verifier_factory: verifier, key_utils: KeyUtils::new_unimplemented() };

/// Gives the library its only algorithm. Must be called before a token is signed or verified; again changes nothing.
pub fn install() {
    // An error says that it was done before.
    let _ = ED25519.install_default();
}

struct Signs(SigningKey);

struct Verifies(VerifyingKey);

fn signer(algorithm: &Algorithm, key: &EncodingKey) -> Result<Box<dyn JwtSigner>, Error> {
    check(*algorithm, key.family())?;
    let key = SigningKey::from_pkcs8_der(key.as_bytes()).map_err(|_| ErrorKind::InvalidEddsaKey)?;
    Ok(Box::new(Signs(key)))
}

fn verifier(algorithm: &Algorithm, key: &DecodingKey) -> Result<Box<dyn JwtVerifier>, Error> {
    check(*algorithm, key.family())?;
    let bytes = key.try_get_as_bytes()?.try_into().map_err(|_| ErrorKind::InvalidEddsaKey)?;
    let key = VerifyingKey::from_bytes(bytes).map_err(|_| ErrorKind::InvalidEddsaKey)?;
    Ok(Box::new(Verifies(key)))
}

fn check(algorithm: Algorithm, family: AlgorithmFamily) -> Result<(), ErrorKind> {
    if algorithm == Algorithm::EdDSA && family == AlgorithmFamily::Ed { Ok(()) } else { Err(ErrorKind::InvalidAlgorithm) }
}

impl Signer<Vec<u8>> for Signs {
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, signature::Error> {
        Ok(self.0.sign(message).to_vec())
    }
}

impl JwtSigner for Signs {
    fn algorithm(&self) -> Algorithm {
        Algorithm::EdDSA
    }
}

impl Verifier<Vec<u8>> for Verifies {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), signature::Error> {
        let signature = Signature::from_slice(signature).map_err(|_| signature::Error::new())?;
        // Strict: a key of small order, for which one signature fits many messages, verifies nothing.
        self.0.verify_strict(message, &signature).map_err(|_| signature::Error::new())
    }
}

impl JwtVerifier for Verifies {
    fn algorithm(&self) -> Algorithm {
        Algorithm::EdDSA
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8037 appendix A.4 and A.5: this key, header and payload have this signature.
    const SEED: &str = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
    const PUBLIC: &str = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
    const SIGNED: &[u8] = b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
    const SIGNATURE: &str = "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";

    fn bytes(hexadecimal: &str) -> Vec<u8> {
        (0..hexadecimal.len()).step_by(2).map(|at| u8::from_str_radix(&hexadecimal[at..at + 2], 16).unwrap()).collect()
    }

    fn private_key() -> EncodingKey {
        use ed25519_dalek::pkcs8::EncodePrivateKey;
        let seed: [u8; 32] = bytes(SEED).try_into().unwrap();
        EncodingKey::from_ed_der(SigningKey::from_bytes(&seed).to_pkcs8_der().unwrap().as_bytes())
    }

    #[test]
    fn the_example_of_the_standard_is_signed_and_verified() {
        install();
        install();
        assert_eq!(jsonwebtoken::crypto::sign(SIGNED, &private_key(), Algorithm::EdDSA).unwrap(), SIGNATURE);
        let public = DecodingKey::from_ed_der(&bytes(PUBLIC));
        let holds = |signature: &str, message: &[u8]| jsonwebtoken::crypto::verify(signature, message, &public, Algorithm::EdDSA).unwrap();
        assert!(holds(SIGNATURE, SIGNED));
        assert!(!holds(SIGNATURE, b"another message"));
        assert!(!holds(&SIGNATURE[..80], SIGNED));
        assert!(!holds("", SIGNED));
    }

    #[test]
    fn no_other_algorithm_and_no_other_key_is_taken() {
        install();
        let public = bytes(PUBLIC);
        for algorithm in [Algorithm::HS256, Algorithm::RS256, Algorithm::PS512, Algorithm::ES256] {
            for key in [DecodingKey::from_secret(&public), DecodingKey::from_ed_der(&public)] {
                assert!(jsonwebtoken::crypto::verify(SIGNATURE, SIGNED, &key, algorithm).is_err(), "{algorithm:?}");
            }
            assert!(jsonwebtoken::crypto::sign(SIGNED, &private_key(), algorithm).is_err(), "{algorithm:?}");
        }
        for key in [DecodingKey::from_secret(&public), DecodingKey::from_ed_der(&public[..31]), DecodingKey::from_ed_der(&[])] {
            assert!(jsonwebtoken::crypto::verify(SIGNATURE, SIGNED, &key, Algorithm::EdDSA).is_err());
        }
        // Of small order: under the plain rule, zeros sign every message for it.
        let mut small = [0; 32];
        small[0] = 1;
        let forged = format!("AQ{}", "A".repeat(84));
        assert!(!matches!(jsonwebtoken::crypto::verify(&forged, SIGNED, &DecodingKey::from_ed_der(&small), Algorithm::EdDSA), Ok(true)));
    }
}
