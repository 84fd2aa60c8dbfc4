//! How a visitor takes trips along to another phone: the old one shows a code, the new one is told it.
//!
//! A code has twelve letters and digits of Crockford's base 32 (<https://www.crockford.com/base32.html>), 60 random bits: short enough to
//! be typed, and far too many to be guessed in ten minutes, in which tries are counted besides (`identity::attempts`).

use chrono::{DateTime, Duration, Utc};

use super::saved::{MAX_TRIPS, SavedError, SavedTrips};
use crate::domain::ids::VisitorId;
use crate::identity::secret;
use crate::store::transfers::{Redeemed, TransferCodeRow};

/// How long a code holds.
pub const CODE_LIFE: Duration = Duration::minutes(10);

/// Letters and digits that are not taken for each other.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// How many of them a code has.
const LETTERS: usize = 12;
/// How many stand together.
const GROUP: usize = 4;

/// A code by which trips can be taken along.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransferCode {
    /// The code, such as `7K3F-9QWX-2MHD`.
    pub code: String,
    /// When it ends.
    pub ends: DateTime<Utc>,
}

impl SavedTrips {
    /// A code for the trips of a visitor; the one before it ends.
    pub async fn create_transfer_code(&self, owner: VisitorId, now: DateTime<Utc>) -> Result<TransferCode, SavedError> {
        let letters = secret::bytes::<LETTERS>()?.map(|byte| char::from(ALPHABET[usize::from(byte % 32)]));
        let groups: Vec<String> = letters.chunks(GROUP).map(|group| group.iter().collect()).collect();
        let ends = now + CODE_LIFE;
        let row =
            TransferCodeRow { visitor: owner, mark: secret::mark(&letters.iter().collect::<String>()), created_at: now, expires_at: ends };
        if self.store.put_transfer_code(row).await? {
            Ok(TransferCode { code: groups.join("-"), ends })
        } else {
            Err(SavedError::SignedOut)
        }
    }

    /// Makes the trips of whoever made the code this visitor's, and says how many. Whoever asks has counted the try.
    pub async fn redeem_transfer_code(&self, owner: VisitorId, code: &str, now: DateTime<Utc>) -> Result<u64, SavedError> {
        let mark = secret::mark(&letters(code).ok_or(SavedError::CodeUnknown)?);
        match self.store.redeem_transfer_code(mark, owner, MAX_TRIPS, now).await? {
            Redeemed::Moved(trips) => Ok(trips),
            Redeemed::Unknown => Err(SavedError::CodeUnknown),
            Redeemed::Own => Err(SavedError::OwnCode),
            Redeemed::TooMany => Err(SavedError::TooManyTogether(MAX_TRIPS)),
            Redeemed::SignedOut => Err(SavedError::SignedOut),
        }
    }
}

/// The letters of a code, however they were typed: small or capital, grouped or not, O for 0, I or L for 1.
fn letters(typed: &str) -> Option<String> {
    let typed = typed.chars().filter(|letter| !letter.is_whitespace() && !matches!(letter, '-' | '‐'..='―')).take(LETTERS + 1);
    let letter = |typed: char| {
        let letter = match typed.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            letter => letter,
        };
        ALPHABET.contains(&u8::try_from(letter).ok()?).then_some(letter)
    };
    let letters: String = typed.map(letter).collect::<Option<_>>()?;
    (letters.len() == LETTERS).then_some(letters)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_however_it_is_typed() {
        for typed in ["7K3F-9QWX-20H1", "7k3f9qwx20h1", " 7K3F 9QWX–2oHl ", "7K3F-9QWX-2OHI"] {
            assert_eq!(letters(typed).as_deref(), Some("7K3F9QWX20H1"), "{typed}");
        }
        for wrong in ["", "7K3F-9QWX-20H", "7K3F-9QWX-20H11", "7K3F-9QWX-20HU", "7K3F-9QWX-20Hã", &"7".repeat(100_000)] {
            assert_eq!(letters(wrong), None, "{wrong:.30}");
        }
    }
}
