//! What must not be read from a dump of the database lies in it sealed under the operator's key ([`SecretKey`]): the keys that sign tokens,
//! the secrets of second factors, and the secret that tries of signing in are counted under. Each is bound to the row it stands in, so
//! that none can be moved to another; and what is not sealed is not taken once the store was sealed.
//!
//! A sealed value is the word `roteiro` and a version, the name of the key, the nonce, and ChaCha20-Poly1305 of the secret (RFC 8439).

use std::sync::Arc;

use chrono::{DateTime, Utc};
use ring::aead::NONCE_LEN;

use super::secret::NoRandomness;
use super::secret_key::{ID_LENGTH, SecretKey};
use crate::store::sealed::{SealedColumn, Sealing};
use crate::store::{Store, StoreError};

/// What a sealed value begins with.
const MAGIC: &[u8; 8] = b"roteiro\x01";

/// Why a secret cannot be sealed or opened.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// The database was sealed with a key that was not given.
    #[error(
        "the secrets in this database are sealed with the secret key {0}, which was not given: give the file that was made at the first \
         start, by --secret-key-file, ROTEIRO_SECRET_KEY_FILE or ROTEIRO_SECRET_KEY"
    )]
    OtherKey(String),
    /// A value is not sealed, or was changed, or stood in another row.
    #[error("the secret of {0} cannot be opened: it was changed, moved, or is not sealed")]
    Broken(String),
    /// Nothing could be drawn.
    #[error("no secret could be sealed")]
    Randomness(#[from] NoRandomness),
    /// The store failed.
    #[error("the secrets cannot be reached")]
    Store(#[from] StoreError),
}

/// Seals with the first key and opens with each. Clones share the keys.
#[derive(Clone, Debug)]
pub struct Vault(Arc<Keyring>);

#[derive(Debug)]
struct Keyring {
    current: SecretKey,
    others: Vec<SecretKey>,
}

impl Vault {
    /// Over a store. The first time, everything in it is sealed. Fails with [`VaultError::OtherKey`] when the store was sealed with a
    /// key that is not among these; `others` open what was sealed before, until [`Self::reseal`].
    pub async fn open(store: &Store, current: SecretKey, others: Vec<SecretKey>, now: DateTime<Utc>) -> Result<Self, VaultError> {
        let vault = Self(Arc::new(Keyring { current, others }));
        let name = if let Some(name) = store.sealed_by().await? {
            name
        } else {
            let (sealing, first) = (vault.clone(), vault.0.current.name());
            // Another process may have come first, with another key.
            store.seal_all(Sealing::First(first), move |column, id, value| sealing.sealed(column, id, value), now).await?
        };
        if vault.knows(&name) { Ok(vault) } else { Err(VaultError::OtherKey(name)) }
    }

    /// Seals everything with the current key again, so that the others are no longer needed.
    pub async fn reseal(&self, store: &Store, now: DateTime<Utc>) -> Result<(), VaultError> {
        let (vault, name) = (self.clone(), self.0.current.name());
        let anew = move |column, id: &str, value: &[u8]| vault.seal(column, id, &vault.unseal(column, id, value)?);
        store.seal_all(Sealing::Again(name), anew, now).await?;
        Ok(())
    }

    /// The name of the key that seals.
    pub fn key_name(&self) -> String {
        self.0.current.name()
    }

    fn keys(&self) -> impl Iterator<Item = &SecretKey> {
        std::iter::once(&self.0.current).chain(&self.0.others)
    }

    fn knows(&self, name: &str) -> bool {
        self.keys().any(|key| key.name() == name)
    }

    /// The value sealed, unless it is.
    fn sealed(&self, column: SealedColumn, id: &str, value: &[u8]) -> Result<Vec<u8>, VaultError> {
        if value.starts_with(MAGIC) { Ok(value.to_vec()) } else { self.seal(column, id, value) }
    }

    /// A secret as it stands in the row of this identity.
    pub fn seal(&self, column: SealedColumn, id: &str, secret: &[u8]) -> Result<Vec<u8>, VaultError> {
        let (key, mut bytes) = (&self.0.current, secret.to_vec());
        let nonce = key.encrypt(&purpose(column, id), &mut bytes)?;
        Ok([MAGIC.as_slice(), key.id(), &nonce, &bytes].concat())
    }

    /// The secret of a row.
    pub fn unseal(&self, column: SealedColumn, id: &str, value: &[u8]) -> Result<Vec<u8>, VaultError> {
        let broken = || VaultError::Broken(purpose(column, id));
        let rest = value.strip_prefix(MAGIC).ok_or_else(broken)?;
        let (key_id, rest) = rest.split_first_chunk::<ID_LENGTH>().ok_or_else(broken)?;
        let (nonce, sealed) = rest.split_first_chunk::<NONCE_LEN>().ok_or_else(broken)?;
        let key = self.keys().find(|key| key.id() == key_id).ok_or_else(|| VaultError::OtherKey(SecretKey::name_of(*key_id)))?;
        key.decrypt(&purpose(column, id), *nonce, &mut sealed.to_vec()).ok_or_else(broken)
    }
}

/// What a value is bound to.
fn purpose(column: SealedColumn, id: &str) -> String {
    format!("{} {id}", column.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vault(current: &str, others: &[&str]) -> Vault {
        let key = |text: &str| SecretKey::parse(&text.repeat(64)).unwrap();
        Vault(Arc::new(Keyring { current: key(current), others: others.iter().map(|text| key(text)).collect() }))
    }

    #[test]
    fn a_secret_opens_in_its_own_row_alone_and_with_its_own_key_alone() {
        let (ours, column) = (vault("a", &[]), SealedColumn::SigningKey);
        let sealed = ours.seal(column, "kid", b"secret").unwrap();
        assert_eq!(ours.unseal(column, "kid", &sealed).unwrap(), b"secret");
        assert_ne!(ours.seal(column, "kid", b"secret").unwrap(), sealed, "twice the same looks different");
        assert!(!sealed.windows(6).any(|window| window == b"secret"));
        let broken = |outcome| matches!(outcome, Err(VaultError::Broken(_)));
        assert!(broken(ours.unseal(column, "another", &sealed)), "moved to another row");
        assert!(broken(ours.unseal(SealedColumn::ServerSecret, "kid", &sealed)), "moved to another table");
        assert!(broken(ours.unseal(column, "kid", b"secret")), "not sealed");
        for index in MAGIC.len() + ID_LENGTH..sealed.len() {
            let mut changed = sealed.clone();
            changed[index] ^= 1;
            assert!(broken(ours.unseal(column, "kid", &changed)), "changed at {index}");
        }
        for length in 0..sealed.len() {
            assert!(ours.unseal(column, "kid", &sealed[..length]).is_err(), "cut at {length}");
        }
        assert!(matches!(vault("b", &[]).unseal(column, "kid", &sealed), Err(VaultError::OtherKey(_))));
        assert_eq!(vault("b", &["a"]).unseal(column, "kid", &sealed).unwrap(), b"secret");
    }

    #[test]
    fn a_key_is_read_in_the_forms_that_people_make_one_in() {
        let (hex, bare, padded) = ("00".repeat(31) + "fb", "A".repeat(41) + "Ps", "A".repeat(41) + "Ps=");
        let name = |text: &str| SecretKey::parse(text).unwrap().name();
        assert_eq!(name(&hex), name(&bare));
        assert_eq!(name(&bare), name(&padded));
        assert_eq!(name(&format!(" {hex}\n")), name(&hex));
        for wrong in ["", "abc", &"0".repeat(63), &"g".repeat(64), &"A".repeat(42), &"A".repeat(46)] {
            assert!(SecretKey::parse(wrong).is_err(), "{wrong}");
        }
    }
}
