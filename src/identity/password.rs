//! Passwords: what is one, and Argon2id (RFC 9106) off the threads that answer, so many at a time as memory allows.

use std::sync::atomic::{AtomicU64, Ordering};

use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use unicode_normalization::UnicodeNormalization;

use super::secret::{self, NoRandomness};
use crate::fair::queue::{Bounds, Busy, FairQueue};
use crate::fair::work;

/// Fewest characters (NIST SP 800-63B-4 §3.1.1.2 asks for at least 8, better 15).
pub const MIN_LENGTH: usize = 12;
/// Most characters.
pub const MAX_LENGTH: usize = 200;
/// Memory of one hash, in KiB; with two passes and one lane what OWASP's Password Storage Cheat Sheet (2025) asks for at least.
const MEMORY: u32 = 19 * 1024;
/// Passes over it.
const PASSES: u32 = 2;
/// Lanes.
const LANES: u32 = 1;
/// Hashes at a time in this process: 76 MiB.
const AT_A_TIME: usize = 4;
/// How many may wait for their turn: a few seconds.
const WAITING: usize = 64;

/// Why a password cannot be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordRule {
    /// Too short or too long.
    #[error("a password has from {MIN_LENGTH} to {MAX_LENGTH} characters")]
    Length,
    /// It is the address, or the part of it before the `@`.
    #[error("the e-mail address is no password")]
    Email,
}

/// Why nothing was hashed.
#[derive(Debug, thiserror::Error)]
pub enum HashError {
    /// Too many wait.
    #[error("too many passwords are being checked; try again in a moment")]
    Busy(#[from] Busy),
    /// No salt could be made.
    #[error("no salt could be made")]
    Randomness(#[from] NoRandomness),
    /// The thread died, or the memory was not there.
    #[error("the password could not be hashed")]
    Failed,
}

/// A password that may be taken; its text is shown nowhere.
pub struct NewPassword(String);

impl NewPassword {
    /// Refuses what anybody would try first. Forms of one character are one (NFKC, as NIST SP 800-63B-4 §3.1.1.2 says).
    pub fn new(text: &str, email: &str) -> Result<Self, PasswordRule> {
        let normal = normal(text).filter(|normal| (MIN_LENGTH..=MAX_LENGTH).contains(&normal.chars().count()));
        let normal = normal.ok_or(PasswordRule::Length)?;
        let lower = normal.to_lowercase();
        let name = email.split('@').next().unwrap_or_default();
        if lower == email || lower == name { Err(PasswordRule::Email) } else { Ok(Self(normal)) }
    }

    /// One drawn at random: 120 bits.
    pub fn random() -> Result<Self, NoRandomness> {
        use base64::Engine;
        Ok(Self(base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(secret::bytes::<15>()?)))
    }

    /// Its text, to be told once to whom it is for.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

/// The normal form of what somebody typed; `None` when it is too long for any password.
fn normal(text: &str) -> Option<String> {
    (text.len() <= 4 * MAX_LENGTH).then(|| text.nfkc().collect())
}

/// Hashes passwords and compares them.
pub struct Hasher {
    turns: FairQueue,
    hashed: AtomicU64,
    /// Of a password nobody knows: what is compared with where there is none, so that it takes as long.
    nobody: String,
}

fn argon2() -> Argon2<'static> {
    // The constants are within the bounds of the function, whatever becomes of them.
    let params = Params::new(MEMORY, PASSES, LANES, None).unwrap_or(Params::DEFAULT);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

fn hash_now(password: &str) -> Result<String, HashError> {
    let salt = secret::bytes::<16>()?;
    Ok(argon2().hash_password_with_salt(password.as_bytes(), &salt).map_err(|_| HashError::Failed)?.to_string())
}

impl Hasher {
    /// Ready to hash.
    pub async fn start() -> Result<Self, HashError> {
        let turns = FairQueue::new(Bounds::new(AT_A_TIME, WAITING));
        let mut hasher = Self { turns, hashed: AtomicU64::new(0), nobody: String::new() };
        hasher.nobody = hasher.hash(&NewPassword::random()?).await?;
        Ok(hasher)
    }

    /// What is kept of a password: a PHC string.
    pub async fn hash(&self, password: &NewPassword) -> Result<String, HashError> {
        let password = password.0.clone();
        self.in_turn(move || hash_now(&password)).await?
    }

    /// Whether this is the password of which that is kept. It takes as long when none is kept; then it is none.
    pub async fn is_right(&self, password: &str, kept: Option<&str>) -> Result<bool, HashError> {
        let typed = normal(password);
        let is_there = typed.is_some() && kept.is_some();
        let (typed, kept) = (typed.unwrap_or_default(), kept.unwrap_or(&self.nobody).to_owned());
        let is_same = self.in_turn(move || argon2().verify_password(typed.as_bytes(), kept.as_str()).is_ok()).await?;
        Ok(is_same && is_there)
    }

    /// How many passwords were hashed since the start.
    pub fn hashed(&self) -> u64 {
        self.hashed.load(Ordering::Relaxed)
    }

    async fn in_turn<T: Send + 'static>(&self, task: impl FnOnce() -> T + Send + 'static) -> Result<T, HashError> {
        let turn = self.turns.acquire(work::client()).await?;
        self.hashed.fetch_add(1, Ordering::Relaxed);
        // The turn is over when the work is, whether or not somebody still waits for it.
        let span = tracing::Span::current();
        let hash = move || {
            let done = span.in_scope(task);
            drop(turn);
            done
        };
        tokio::task::spawn_blocking(hash).await.map_err(|_| HashError::Failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_anybody_would_try_first_is_no_password() {
        let email = "maria.aparecida@cidade.example";
        let rule = |text: &str| NewPassword::new(text, email).map(|_| ());
        assert_eq!(rule("onze letras"), Err(PasswordRule::Length));
        assert_eq!(rule("doze letras!"), Ok(()));
        assert_eq!(rule(&"ã".repeat(MAX_LENGTH)), Ok(()));
        assert_eq!(rule(&"ã".repeat(MAX_LENGTH + 1)), Err(PasswordRule::Length));
        assert_eq!(rule("Maria.Aparecida@Cidade.example"), Err(PasswordRule::Email));
        assert_eq!(rule("maria.aparecida"), Err(PasswordRule::Email));
    }

    #[test]
    fn the_parameters_are_those_that_are_promised() {
        let hash = hash_now("doze letras!").unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
    }

    #[tokio::test]
    async fn forms_of_one_character_are_one_and_nothing_is_nobodys_password() {
        let hasher = Hasher::start().await.unwrap();
        let kept = hasher.hash(&NewPassword::new("cora\u{e7}a\u{303}o de leao", "x@y.example").unwrap()).await.unwrap();
        assert!(hasher.is_right("corac\u{327}\u{e3}o de leao", Some(&kept)).await.unwrap());
        for wrong in ["coracao de leao", "", &"x".repeat(10_000)] {
            assert!(!hasher.is_right(wrong, Some(&kept)).await.unwrap());
            assert!(!hasher.is_right(wrong, None).await.unwrap());
        }
        assert!(!hasher.is_right("coração de leao", Some("no hash")).await.unwrap());
    }
}
