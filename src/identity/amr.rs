//! How a provider says that it asked somebody (`amr`, OpenID Connect Core §2): words of RFC 8176 §2.
//!
//! A factor of its own is what somebody knows, has, or is. The provider asked for a second one when it says so outright (`mfa`), or names
//! ways of two of these kinds, such as `pwd` and `otp`. Two ways of one kind are one factor, and so is `otp` or `sms` alone: it may have
//! been all that was asked for. Where somebody is (`geo`, `wia`), that they were there (`user`), that two channels were used (`mca`) or
//! that a risk was weighed (`rba`) is no factor, and neither is a word that is not in the table.

/// What kind of proof a way is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Something known.
    Knows,
    /// Something one has.
    Has,
    /// Something one is.
    Is,
}

/// The ways that prove something, RFC 8176 §2.
const WAYS: &[(&str, Kind)] = &[
    ("face", Kind::Is),
    ("fpt", Kind::Is),
    ("hwk", Kind::Has),
    ("iris", Kind::Is),
    ("kba", Kind::Knows),
    ("otp", Kind::Has),
    ("pin", Kind::Knows),
    ("pwd", Kind::Knows),
    ("retina", Kind::Is),
    ("sc", Kind::Has),
    ("sms", Kind::Has),
    ("swk", Kind::Has),
    ("tel", Kind::Has),
    ("vbm", Kind::Is),
];

/// Several factors, whichever they were.
const SEVERAL: &str = "mfa";

/// Whether these ways say that a second factor was asked for.
pub fn has_second_factor<'a>(ways: impl IntoIterator<Item = &'a str>) -> bool {
    let mut seen = None;
    ways.into_iter().any(|way| {
        let kind = WAYS.iter().find(|(known, _)| *known == way).map(|(_, kind)| *kind);
        way == SEVERAL || kind.is_some_and(|kind| *seen.get_or_insert(kind) != kind)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_kinds_of_proof_are_two_factors() {
        for ways in ["mfa", "pwd mfa", "pwd otp", "otp pwd", "pin hwk", "fpt swk", "pwd user sms", "pwd kba face", "sc pin"] {
            assert!(has_second_factor(ways.split(' ')), "{ways}");
        }
        for ways in
            ["", "pwd", "pwd pwd", "pwd pin", "pwd kba", "otp", "sms", "otp hwk", "fpt face", "pwd user", "pwd geo rba wia", "pwd mca"]
        {
            assert!(!has_second_factor(ways.split(' ')), "{ways}");
        }
        for ways in ["pwd MFA", "pwd OTP", "pwd totp", "pwd  "] {
            assert!(!has_second_factor(ways.split(' ')), "{ways}: words are those of the standard");
        }
    }
}
