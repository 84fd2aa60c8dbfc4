//! The second factor: codes that change every half minute (TOTP, RFC 6238), SHA-1 and six digits, as all apps know them.

use chrono::{DateTime, Utc};
use totp_rs::{Algorithm, Builder, Totp};

use super::secret::{self, NoRandomness};

/// Seconds of a step.
const STEP: i64 = 30;
/// Steps by which the two clocks may differ, either way (RFC 6238 §5.2 advises one).
const SKEW: u16 = 1;
/// When the step used last lies further ahead than this, ten minutes, the clock that counted it was wrong: it binds nobody.
const FAR: i64 = 20;
/// Who asks for the code, as the app shows it.
const ISSUER: &str = "Roteiro";

/// A secret of 160 bits (RFC 4226 §4).
pub fn new_secret() -> Result<Vec<u8>, NoRandomness> {
    Ok(secret::bytes::<20>()?.to_vec())
}

fn totp(secret: &[u8], email: &str) -> Option<Totp> {
    let builder = Builder::new().with_algorithm(Algorithm::SHA1).with_digits(6).with_skew(SKEW).with_step_duration(STEP as u64);
    builder.with_secret(secret.to_vec()).with_issuer(Some(ISSUER)).with_account_name(email).build().ok()
}

/// The secret as an app reads it: base32, and `otpauth://…` for a picture. `None` when the address cannot stand in one.
pub fn told(secret: &[u8], email: &str) -> Option<(String, String)> {
    let totp = totp(secret, email)?;
    Some((totp.secret().to_base32(), totp.to_url().ok()?))
}

/// The time step the code is of, when it is one that may be used now: no code works twice, nor one older than another that worked.
pub fn check(secret: &[u8], code: &str, last_step: Option<i64>, now: DateTime<Utc>) -> Option<i64> {
    // People type what apps show: in two groups of three.
    let code: String = code.chars().filter(|letter| !letter.is_whitespace()).take(10).collect();
    if code.len() != 6 || !code.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let seconds = u64::try_from(now.timestamp()).ok()?;
    let step = i64::try_from(totp(secret, "x")?.check(&code, seconds)?).ok()?;
    let is_fresh = last_step.is_none_or(|last| step > last || last > now.timestamp() / STEP + FAR);
    is_fresh.then_some(step)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B, the last six digits.
    const SECRET: &[u8] = b"12345678901234567890";

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    #[test]
    fn codes_are_those_of_the_standard() {
        for (seconds, code) in [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924"), (20_000_000_000, "353130")] {
            assert_eq!(check(SECRET, code, None, at(seconds)), Some(seconds / STEP));
        }
    }

    #[test]
    fn a_code_works_once_and_near_its_time() {
        let (code, step) = ("005924", 1_234_567_890 / STEP);
        let near = |steps: i64, last| check(SECRET, code, last, at((step + steps) * STEP));
        assert_eq!([-2, -1, 0, 1, 2].map(|steps| near(steps, None).is_some()), [false, true, true, true, false]);
        assert_eq!(near(0, Some(step - 1)), Some(step));
        for last in [step, step + 1, step + FAR] {
            assert_eq!(near(0, Some(last)), None, "{last}");
        }
        assert_eq!(near(0, Some(step + 100_000)), Some(step), "a clock that was wrong once locks nobody out for ever");
        assert_eq!(check(SECRET, " 005 924", None, at(1_234_567_890)), Some(step));
        for wrong in ["", "5924", "0059240", "00592४", "abcdef", "005925"] {
            assert_eq!(check(SECRET, wrong, None, at(1_234_567_890)), None, "{wrong}");
        }
    }

    #[test]
    fn an_app_reads_the_secret() {
        let (secret, url) = told(SECRET, "maria@cidade.example").unwrap();
        assert_eq!(secret, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert!(url.starts_with("otpauth://totp/") && url.contains("issuer=Roteiro") && url.contains(&secret), "{url}");
    }
}
