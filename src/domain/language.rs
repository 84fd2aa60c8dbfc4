//! Language tags (BCP 47, RFC 5646). A tag that is well formed but names no language (`xx-nonsense`) is refused, so that a
//! spelling mistake is told at once and not answered in Portuguese.

use std::fmt;
use std::sync::Arc;

/// Longest tag read, in characters.
const MAX_LENGTH: usize = 35;

/// ISO 639-1 codes (ISO 639 registration authority, 2025).
const TWO_LETTER: &str = "\
    aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee \
    el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is \
    it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms \
    mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk \
    sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi \
    yo za zh zu";

/// Variant subtags a reader of Portuguese, Spanish or English may send, and the commonest others (IANA Language Subtag Registry).
const VARIANTS: [&str; 24] = [
    "1901", "1996", "abl1943", "ao1990", "arevela", "arevmda", "baku1926", "colb1945", "ekavsk", "fonipa", "hepburn", "ijekavsk",
    "jyutping", "monoton", "nedis", "oxendict", "pinyin", "polyton", "rozaj", "scotland", "scouse", "tarask", "valencia", "wadegile",
];

/// Why a tag was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LanguageError {
    /// Not of the form of RFC 5646 §2.1, or longer than 35 characters.
    #[error("not a BCP-47 language tag of at most 35 characters")]
    Malformed,
    /// Its first subtag is no ISO 639 language.
    #[error("`{0}` is not an ISO 639 language")]
    UnknownLanguage(String),
    /// A variant that is not registered.
    #[error("`{0}` is not a registered variant")]
    UnknownVariant(String),
}

/// A valid language tag in canonical case: `pt-BR`, `zh-Hant-TW`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LanguageTag(Arc<str>);

impl LanguageTag {
    /// Reads a tag: language, then script, region, variants and private use, each optional. Extensions (`-u-…`) are
    /// accepted and dropped: they say how to format, not which text to show.
    pub fn parse(input: &str) -> Result<Self, LanguageError> {
        if input.is_empty() || input.len() > MAX_LENGTH || !input.is_ascii() {
            return Err(LanguageError::Malformed);
        }
        let mut subtags = input.split('-');
        let language = subtags.next().unwrap_or_default().to_ascii_lowercase();
        check_language(&language)?;
        let mut canonical = language;
        let mut stage = 0;
        for subtag in subtags {
            if !(1..=8).contains(&subtag.len()) || !subtag.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
                return Err(LanguageError::Malformed);
            }
            let letters = subtag.bytes().all(|byte| byte.is_ascii_alphabetic());
            let digits = subtag.bytes().all(|byte| byte.is_ascii_digit());
            canonical.push('-');
            match subtag.len() {
                1 => {
                    canonical.pop();
                    break;
                }
                4 if stage < 1 && letters => {
                    canonical.push_str(&subtag[..1].to_ascii_uppercase());
                    canonical.push_str(&subtag[1..].to_ascii_lowercase());
                    stage = 1;
                }
                2 | 3 if stage < 2 && ((subtag.len() == 2 && letters) || (subtag.len() == 3 && digits)) => {
                    canonical.push_str(&subtag.to_ascii_uppercase());
                    stage = 2;
                }
                4..=8 => {
                    let variant = subtag.to_ascii_lowercase();
                    if VARIANTS.binary_search(&variant.as_str()).is_err() {
                        return Err(LanguageError::UnknownVariant(variant));
                    }
                    canonical.push_str(&variant);
                    stage = 3;
                }
                _ => return Err(LanguageError::Malformed),
            }
        }
        Ok(Self(canonical.into()))
    }

    /// The language editors write first: `pt-BR`.
    pub fn portuguese() -> Self {
        Self("pt-BR".into())
    }

    /// Whether this is `pt-BR`.
    pub fn is_default(&self) -> bool {
        &*self.0 == "pt-BR"
    }

    /// The tag in canonical case.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first subtag: `pt` of `pt-BR`.
    pub fn primary(&self) -> &str {
        self.0.split('-').next().unwrap_or_default()
    }

    /// How many leading subtags both have in common.
    pub fn shared_subtags(&self, other: &Self) -> usize {
        self.0.split('-').zip(other.0.split('-')).take_while(|(one, two)| one == two).count()
    }
}

/// Two letters must be an ISO 639-1 code; three letters are taken as ISO 639-2/3, of which there are 8,000.
fn check_language(language: &str) -> Result<(), LanguageError> {
    if !language.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return Err(LanguageError::Malformed);
    }
    match language.len() {
        2 if TWO_LETTER.split(' ').any(|code| code == language) => Ok(()),
        2 => Err(LanguageError::UnknownLanguage(language.to_owned())),
        3 => Ok(()),
        _ => Err(LanguageError::Malformed),
    }
}

impl fmt::Display for LanguageTag {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Debug for LanguageTag {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_come_out_in_canonical_case() {
        for (input, canonical) in [
            ("PT-br", "pt-BR"),
            ("zh-hant-tw", "zh-Hant-TW"),
            ("es-419", "es-419"),
            ("gyn", "gyn"),
            ("ca-valencia", "ca-valencia"),
            ("en-u-hc-h12", "en"),
        ] {
            assert_eq!(LanguageTag::parse(input).map(|tag| tag.to_string()), Ok(canonical.to_owned()));
        }
    }

    #[test]
    fn nonsense_is_refused() {
        for input in ["xx-nonsense", "xx", "en-nonsense", "", "p", "portuguese", "pt_BR", "pt-", "pt--BR", "pt-BR-BR", "日本"] {
            assert!(LanguageTag::parse(input).is_err(), "{input} was accepted");
        }
    }
}
