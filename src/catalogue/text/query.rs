//! What the visitor typed → the words to look for.

use super::analyse::{Language, analyse, is_stop_word, tokens};
use super::index::TextIndex;
use super::stem::stem;

/// Longest query, in characters.
pub const MAX_QUERY_CHARACTERS: usize = 200;

/// Most different words of a query, stop words not counted: the longest name of a museum in Mato Grosso has eleven. No more than
/// the 16 bits in which names note them.
pub const MAX_QUERY_WORDS: usize = 12;

/// Why a query was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Shorten it.
    #[error("the text has {characters} characters; at most {MAX_QUERY_CHARACTERS} are searched")]
    TooLong {
        /// Characters of the text.
        characters: usize,
    },
    /// Leave words out.
    #[error("the text has {words} words; at most {MAX_QUERY_WORDS} are searched")]
    TooManyWords {
        /// Words of the text, stop words not counted.
        words: usize,
    },
    /// Type at least one letter or digit.
    #[error("the text has no letter or digit")]
    NoWords,
}

/// A query, read: one to [`MAX_QUERY_WORDS`] different words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextQuery {
    words: Vec<QueryWord>,
}

/// A word of a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct QueryWord {
    /// The folded word.
    pub(super) text: String,
    /// Its length in characters.
    pub(super) characters: usize,
    /// Its stem in each language that has a stemmer (the query's own language is unknown).
    pub(super) stems: Vec<Stem>,
    /// Whether it may be the beginning of a word still being typed.
    pub(super) is_last: bool,
}

/// A stem to look up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stem {
    /// Key in the dictionary of stems.
    pub(super) key: Vec<u8>,
    /// Bit of its language.
    pub(super) language: u8,
}

impl TextQuery {
    /// Reads a query. Stop words are dropped unless nothing else remains; a word said twice counts once.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        Self::read(text, false)
    }

    /// Reads what has been typed so far: the last word is kept, stop word or not, for it may grow (`do` → `dourado`).
    pub fn parse_prefix(text: &str) -> Result<Self, TextError> {
        Self::read(text, true)
    }

    fn read(text: &str, keep_last: bool) -> Result<Self, TextError> {
        let characters = text.chars().count();
        if characters > MAX_QUERY_CHARACTERS {
            return Err(TextError::TooLong { characters });
        }
        let all: Vec<String> = tokens(text).flat_map(|token| analyse(token).parts).collect();
        let Some(last) = all.last().cloned() else {
            return Err(TextError::NoWords);
        };
        let says_something = all.iter().any(|word| !is_stop_word(word));
        let mut kept: Vec<String> = Vec::with_capacity(all.len());
        for (index, word) in all.iter().enumerate() {
            let is_kept = !says_something || !is_stop_word(word) || (keep_last && index + 1 == all.len());
            if is_kept && !kept.contains(word) {
                kept.push(word.clone());
            }
        }
        if kept.len() > MAX_QUERY_WORDS {
            return Err(TextError::TooManyWords { words: kept.len() });
        }
        Ok(Self { words: kept.into_iter().map(|word| QueryWord::new(word, &last)).collect() })
    }

    /// The words, in order.
    pub(super) fn words(&self) -> &[QueryWord] {
        &self.words
    }
}

impl QueryWord {
    fn new(text: String, last: &str) -> Self {
        let stems = Language::STEMMED
            .iter()
            .filter_map(|&language| {
                let stem = stem(&text, language)?;
                Some(Stem { key: TextIndex::stem_key(&stem, language), language: language.bit() })
            })
            .collect();
        Self { characters: text.chars().count(), is_last: text == last, stems, text }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        TextQuery::parse(text).unwrap().words.into_iter().map(|word| word.text).collect()
    }

    #[test]
    fn stop_words_and_repetitions_are_dropped() {
        assert_eq!(words("Véu da noiva, VEU"), ["veu", "noiva"]);
        assert_eq!(words("de la"), ["de", "la"]);
        assert_eq!(words("Olho d'Água"), ["olho", "agua"]);
        let prefix = TextQuery::parse_prefix("cachoeira do").unwrap();
        assert_eq!(
            prefix.words.iter().map(|word| (word.text.as_str(), word.is_last)).collect::<Vec<_>>(),
            [("cachoeira", false), ("do", true)]
        );
    }

    #[test]
    fn limits_are_told() {
        assert_eq!(TextQuery::parse(" ¿? - "), Err(TextError::NoWords));
        assert_eq!(TextQuery::parse(&"é".repeat(200)).map(|query| query.words.len()), Ok(1));
        assert_eq!(TextQuery::parse(&"é".repeat(201)), Err(TextError::TooLong { characters: 201 }));
        let thirteen: Vec<String> = (10..23).map(|number| number.to_string()).collect();
        assert_eq!(words(&thirteen[1..].join(" de ")).len(), MAX_QUERY_WORDS);
        assert_eq!(TextQuery::parse(&thirteen.join(" ")), Err(TextError::TooManyWords { words: 13 }));
    }
}
