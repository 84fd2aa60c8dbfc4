//! Text → words, the same way for documents and queries.
//!
//! A *token* is a run of letters and digits, with apostrophes and hyphens inside it (`d'Água`, `bem-te-vi`, `MT-251`). It
//! gives its *parts* (`agua`; `bem te vi`; `mt 251`) and, when it was put together from several pieces, its *joined* form
//! (`dagua`, `bemtevi`, `mt251`), so that both ways of writing it are found. All words are folded: lower case, without
//! accents, compatibility forms resolved (Unicode NFKD), ordinal signs dropped (`14º` → `14`).

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Longest word kept, in characters after folding; the rest of a longer one is cut off, in documents and queries alike.
const MAX_WORD_CHARACTERS: usize = 32;

/// Language of a text, as far as analysis cares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Language {
    /// Portuguese of any country.
    Portuguese,
    /// English of any country.
    English,
    /// Spanish of any country.
    Spanish,
    /// Any other language: words are folded and not stemmed.
    Other,
}

impl Language {
    /// The languages that have a stemmer.
    pub(super) const STEMMED: [Self; 3] = [Self::Portuguese, Self::English, Self::Spanish];

    /// The language of a BCP-47 tag, by its primary subtag: `pt-BR` is Portuguese.
    pub fn from_tag(tag: &str) -> Self {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        match primary.to_ascii_lowercase().as_str() {
            "pt" | "por" => Self::Portuguese,
            "en" | "eng" => Self::English,
            "es" | "spa" => Self::Spanish,
            _ => Self::Other,
        }
    }

    /// The bit of this language in a set of languages; none for [`Language::Other`].
    pub(super) const fn bit(self) -> u8 {
        match self {
            Self::Portuguese => 1,
            Self::English => 2,
            Self::Spanish => 4,
            Self::Other => 0,
        }
    }
}

/// Words that carry no meaning of their own, folded, of the three languages together (the reader's language is unknown):
/// articles, and prepositions contracted with them. They are found in names only.
const STOP_WORDS: [&str; 63] = [
    "a", "al", "an", "and", "ao", "aos", "as", "at", "by", "com", "con", "d", "da", "das", "de", "del", "dela", "dele", "do", "dos", "e",
    "el", "em", "en", "for", "from", "in", "is", "la", "las", "lo", "los", "na", "nas", "no", "nos", "num", "numa", "o", "of", "on", "or",
    "os", "ou", "para", "pela", "pelas", "pelo", "pelos", "por", "que", "s", "se", "the", "to", "um", "uma", "un", "una", "unas", "unos",
    "with", "y",
];

/// Whether a folded word is a stop word.
pub(super) fn is_stop_word(word: &str) -> bool {
    STOP_WORDS.binary_search(&word).is_ok()
}

/// What a token is made of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Analysed {
    /// The folded words, in order.
    pub(super) parts: Vec<String>,
    /// The pieces written together, when there were several.
    pub(super) joined: Option<String>,
}

/// The tokens of a text, in order, as slices of it.
pub(super) fn tokens(text: &str) -> Tokens<'_> {
    Tokens { rest: text }
}

/// Iterator over the tokens of a text.
pub(super) struct Tokens<'a> {
    rest: &'a str,
}

impl<'a> Iterator for Tokens<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let start = self.rest.find(is_word_character)?;
        let text = &self.rest[start..];
        // Most tokens are plain letters up to a blank or the end: they need no look at characters.
        let plain = text.bytes().position(|byte| !byte.is_ascii_alphanumeric()).unwrap_or(text.len());
        let end = match text.as_bytes().get(plain) {
            None | Some(b' ' | b',' | b'.') => plain,
            Some(_) => token_length(text),
        };
        self.rest = &text[end..];
        Some(&text[..end])
    }
}

/// Length in bytes of the token that `text` begins with. A joiner is inside only between two word characters.
fn token_length(text: &str) -> usize {
    let mut end = 0;
    let mut after_joiner = false;
    for (offset, character) in text.char_indices() {
        if is_word_character(character) || is_combining_mark(character) || is_ordinal_sign(character) {
            after_joiner = false;
            end = offset + character.len_utf8();
        } else if is_joiner(character) && !after_joiner {
            after_joiner = true;
        } else {
            break;
        }
    }
    end
}

/// Analyses one token.
pub(super) fn analyse(token: &str) -> Analysed {
    let pieces: Vec<String> = token.split(is_joiner).map(fold).filter(|piece| !piece.is_empty()).collect();
    if pieces.len() < 2 {
        return Analysed { parts: pieces, joined: None };
    }
    let joined = cut(pieces.concat());
    // The elided article of `d'Água` and the `s` of `Bride's` say nothing alone.
    let mut parts: Vec<String> = pieces.iter().filter(|piece| !matches!(piece.as_str(), "d" | "l" | "s")).cloned().collect();
    if parts.is_empty() {
        parts = pieces;
    }
    Analysed { parts, joined: Some(joined) }
}

/// Folds a piece of a token: lower case, no accents, letters and digits only.
pub(super) fn fold(piece: &str) -> String {
    let mut folded = String::with_capacity(piece.len());
    if piece.is_ascii() {
        folded.extend(piece.bytes().filter(u8::is_ascii_alphanumeric).map(|byte| char::from(byte.to_ascii_lowercase())));
        return cut(folded);
    }
    let characters = piece.chars().filter(|&character| !is_ordinal_sign(character));
    for character in characters.nfkd().filter(|&character| !is_combining_mark(character)).flat_map(char::to_lowercase) {
        match character {
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            'ø' => folded.push('o'),
            'đ' | 'ð' => folded.push('d'),
            'ł' => folded.push('l'),
            'ı' => folded.push('i'),
            'þ' => folded.push_str("th"),
            _ if character.is_alphanumeric() => folded.push(character),
            _ => {}
        }
    }
    cut(folded)
}

fn cut(mut word: String) -> String {
    if let Some((end, _)) = word.char_indices().nth(MAX_WORD_CHARACTERS) {
        word.truncate(end);
    }
    word
}

fn is_word_character(character: char) -> bool {
    if character.is_ascii() { character.is_ascii_alphanumeric() } else { character.is_alphanumeric() && !is_joiner(character) }
}

/// Hyphens and apostrophes in the forms people type, the modifier letter apostrophe included.
fn is_joiner(character: char) -> bool {
    matches!(character, '-' | '\'' | '\u{2010}' | '\u{2011}' | '\u{2018}' | '\u{2019}' | '\u{02bc}' | '`' | '\u{b4}')
}

fn is_ordinal_sign(character: char) -> bool {
    matches!(character, 'º' | 'ª' | '°')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        tokens(text).flat_map(|token| analyse(token).parts).collect()
    }

    #[test]
    fn stop_words_are_sorted_for_the_search() {
        assert!(STOP_WORDS.is_sorted());
    }

    #[test]
    fn case_accents_and_signs_are_folded() {
        assert_eq!(words("VÉU DE NOIVA"), ["veu", "de", "noiva"]);
        assert_eq!(words("Ve\u{301}u, São João (14º)"), ["veu", "sao", "joao", "14"]);
        assert_eq!(words("ﬁo İstanbul Straße Ærø 1ª"), ["fio", "istanbul", "strasse", "aero", "1"]);
        assert_eq!(words("Rodovia MT-251 km 20.000"), ["rodovia", "mt", "251", "km", "20", "000"]);
        assert_eq!(words("  --- ' º 東京 "), ["東京"]);
    }

    #[test]
    fn joined_words_are_found_both_ways() {
        for token in ["d'Água", "d’água", "d´agua", "D-ÁGUA"] {
            let analysed = analyse(token);
            assert_eq!(analysed.parts, ["agua"], "{token}");
            assert_eq!(analysed.joined.as_deref(), Some("dagua"), "{token}");
        }
        assert_eq!(analyse("bem-te-vi").parts, ["bem", "te", "vi"]);
        assert_eq!(analyse("bem-te-vi").joined.as_deref(), Some("bemtevi"));
        assert_eq!(analyse("d'l").parts, ["d", "l"]);
        assert_eq!(tokens("olho-d'água- fim--ponto").collect::<Vec<_>>(), ["olho-d'água", "fim", "ponto"]);
    }

    #[test]
    fn long_words_are_cut() {
        assert_eq!(fold(&"é".repeat(500)).len(), MAX_WORD_CHARACTERS);
    }

    #[test]
    fn languages_come_from_the_primary_subtag() {
        assert_eq!(Language::from_tag("pt-BR"), Language::Portuguese);
        assert_eq!(Language::from_tag("EN"), Language::English);
        assert_eq!(Language::from_tag("es-419"), Language::Spanish);
        assert_eq!(Language::from_tag("gyn"), Language::Other);
    }
}
