//! The operator's key, under which the secrets of the database are sealed ([`super::vault`]): 32 bytes from a file or the environment, and
//! never in the database.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
#[cfg(unix)]
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use sha2::{Digest, Sha256};

use super::secret::{self, NoRandomness};

/// Bytes of a key (RFC 8439 §2.8).
const LENGTH: usize = 32;
/// Bytes by which a key is named; they tell nothing of it.
pub const ID_LENGTH: usize = 8;
/// Longest file that is read as a key.
const MAX_FILE: u64 = 1_024;

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum SecretKeyError {
    /// It has another form.
    #[error("the secret key must be 32 bytes, as 64 hexadecimal digits or in base64")]
    Form,
    /// The file holds something else.
    #[error("the file {} holds no secret key: 32 bytes, as 64 hexadecimal digits or in base64", .0.display())]
    FileForm(PathBuf),
    /// The file cannot be read or made.
    #[error("the secret key cannot be kept in {}", .path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// No key could be drawn.
    #[error("no secret key could be drawn")]
    Randomness(#[from] NoRandomness),
}

/// A key that seals and opens: ChaCha20-Poly1305 (RFC 8439).
pub struct SecretKey {
    id: [u8; ID_LENGTH],
    key: LessSafeKey,
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The key itself must not come into a log.
        formatter.debug_struct("SecretKey").field("id", &self.name()).finish_non_exhaustive()
    }
}

impl SecretKey {
    fn of(bytes: &[u8]) -> Result<Self, SecretKeyError> {
        let key = UnboundKey::new(&CHACHA20_POLY1305, bytes).map_err(|_| SecretKeyError::Form)?;
        let mut digest = Sha256::new();
        digest.update(b"roteiro secret key");
        digest.update(bytes);
        let mut id = [0; ID_LENGTH];
        id.copy_from_slice(&digest.finalize()[..ID_LENGTH]);
        Ok(Self { id, key: LessSafeKey::new(key) })
    }

    /// Reads a key: 64 hexadecimal digits, or base64 of either alphabet.
    pub fn parse(text: &str) -> Result<Self, SecretKeyError> {
        let text = text.trim();
        let bytes = if text.len() == LENGTH * 2 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            let byte = |index: usize| u8::from_str_radix(&text[index * 2..index * 2 + 2], 16);
            (0..LENGTH).map(byte).collect::<Result<Vec<u8>, _>>().map_err(|_| SecretKeyError::Form)?
        } else {
            let bare = text.trim_end_matches('=');
            let decoded = URL_SAFE_NO_PAD.decode(bare).or_else(|_| STANDARD.decode(text));
            decoded.map_err(|_| SecretKeyError::Form)?
        };
        Self::of(&bytes)
    }

    /// Reads the key in a file.
    pub fn read(path: &Path) -> Result<Self, SecretKeyError> {
        let wrong = |source| SecretKeyError::File { path: path.to_owned(), source };
        let mut text = String::new();
        File::open(path).and_then(|file| file.take(MAX_FILE).read_to_string(&mut text)).map_err(wrong)?;
        Self::parse(&text).map_err(|_| SecretKeyError::FileForm(path.to_owned()))
    }

    /// Draws a key into a new file that its owner alone may read. Of several processes that do this at once, all read the key of the one
    /// that came first.
    pub fn make(path: &Path) -> Result<Self, SecretKeyError> {
        let wrong = |source| SecretKeyError::File { path: path.to_owned(), source };
        let drawn = secret::bytes::<LENGTH>()?;
        // The file appears whole or not at all: written beside, and given its name when it is on the disk.
        let beside = path.with_extension(format!("key-{}", secret::id()?.simple()));
        let kept = write_new(&beside, &format!("{}\n", URL_SAFE_NO_PAD.encode(drawn))).and_then(|()| match fs::hard_link(&beside, path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
            Ok(()) | Err(_) => Ok(()),
        });
        let cleared = fs::remove_file(&beside);
        kept.and(cleared).map_err(wrong)?;
        Self::read(path)
    }

    /// Takes a key file of ours from everybody but its owner, when it was copied or restored with wider permissions.
    pub fn shut(path: &Path) -> Result<(), SecretKeyError> {
        let wrong = |source| SecretKeyError::File { path: path.to_owned(), source };
        let mut permissions = fs::metadata(path).map_err(wrong)?.permissions();
        #[cfg(unix)]
        if permissions.mode() & 0o077 != 0 {
            permissions.set_mode(0o600);
            fs::set_permissions(path, permissions).map_err(wrong)?;
        }
        Ok(())
    }

    /// By what it is named in the database.
    pub fn name(&self) -> String {
        Self::name_of(self.id)
    }

    /// The name of the key of this id.
    pub(super) fn name_of(id: [u8; ID_LENGTH]) -> String {
        URL_SAFE_NO_PAD.encode(id)
    }

    pub(super) const fn id(&self) -> &[u8; ID_LENGTH] {
        &self.id
    }

    /// Encrypts in place with a nonce drawn at random, bound to what it is for, and gives the nonce; the tag is appended.
    pub(super) fn encrypt(&self, purpose: &str, bytes: &mut Vec<u8>) -> Result<[u8; NONCE_LEN], NoRandomness> {
        let nonce = secret::bytes::<NONCE_LEN>()?;
        let bound = Aad::from(purpose.as_bytes());
        #[expect(clippy::expect_used, reason = "it fails only beyond 256 GiB, and what is sealed here has some dozens of bytes")]
        self.key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), bound, bytes).expect("a short text");
        Ok(nonce)
    }

    /// Decrypts in place what was encrypted for this purpose; `None` when it was not, or not with this key.
    pub(super) fn decrypt(&self, purpose: &str, nonce: [u8; NONCE_LEN], bytes: &mut [u8]) -> Option<Vec<u8>> {
        let opened = self.key.open_in_place(Nonce::assume_unique_for_key(nonce), Aad::from(purpose.as_bytes()), bytes);
        opened.ok().map(|plain| plain.to_vec())
    }
}

fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    options.mode(0o600);
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}
