//! Words of one family → one stem: plural and gender in Portuguese and Spanish, Snowball in English.
//!
//! Portuguese and Spanish are stemmed lightly, after the idea of J. Savoy, "Light stemming approaches for the French,
//! Portuguese, German and Hungarian languages" (2006): plural to singular, then the final vowel. The full Snowball stemmers
//! of both languages look for accents, which folded words (and most queries) have lost, and throw verbs and nouns together.
//! All stemmers take folded words. A stem is compared with stems of the same language only and never shown.

use std::borrow::Cow;

use rust_stemmers::{Algorithm, Stemmer};

use super::analyse::Language;

/// Shortest stem, in bytes: what would become shorter stays as it is.
const MIN_STEM: usize = 3;

/// Portuguese plurals: ending, its singular, least length of the word. The first that fits counts.
const PORTUGUESE_PLURALS: [(&str, &str, usize); 9] = [
    ("oes", "ao", 4),
    ("aes", "ao", 4),
    ("ais", "al", 5),
    ("eis", "el", 5),
    ("ois", "ol", 5),
    ("ns", "m", 4),
    ("is", "il", 6),
    ("ss", "ss", 4),
    ("s", "", 4),
];

/// Spanish plurals that are more than a final `s` (with the vowel before it dropped later).
const SPANISH_PLURALS: [(&str, &str, usize); 3] = [("ces", "z", 5), ("ss", "ss", 4), ("s", "", 4)];

/// The stem of a folded word; none in a language without a stemmer.
pub(super) fn stem(word: &str, language: Language) -> Option<Cow<'_, str>> {
    match language {
        Language::Portuguese => Some(without_final_vowel(singular(word, &PORTUGUESE_PLURALS))),
        Language::Spanish => Some(without_final_vowel(singular(word, &SPANISH_PLURALS))),
        Language::English => Some(Stemmer::create(Algorithm::English).stem(word)),
        Language::Other => None,
    }
}

fn singular<'a>(word: &'a str, plurals: &[(&str, &str, usize)]) -> Cow<'a, str> {
    for (ending, replacement, least) in plurals {
        if let Some(root) = word.strip_suffix(ending) {
            return match word.len() >= *least {
                false => Cow::Borrowed(word),
                true if replacement.is_empty() => Cow::Borrowed(root),
                true => Cow::Owned(format!("{root}{replacement}")),
            };
        }
    }
    Cow::Borrowed(word)
}

/// Drops the vowel that tells gender (`bonito`, `bonita`) or joins the plural (`bar`, `bares`); `-ão` is no such ending.
fn without_final_vowel(mut word: Cow<'_, str>) -> Cow<'_, str> {
    if word.len() > MIN_STEM && word.ends_with(['a', 'e', 'o']) && !word.ends_with("ao") {
        match &mut word {
            Cow::Borrowed(slice) => *slice = &slice[..slice.len() - 1],
            Cow::Owned(text) => {
                text.pop();
            }
        }
    }
    word
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_share_a_stem() {
        let families: [(Language, &[&str]); 24] = [
            (Language::Portuguese, &["cachoeira", "cachoeiras"]),
            (Language::Portuguese, &["museu", "museus"]),
            (Language::Portuguese, &["atracao", "atracoes"]),
            (Language::Portuguese, &["hotel", "hoteis"]),
            (Language::Portuguese, &["animal", "animais"]),
            (Language::Portuguese, &["lencol", "lencois"]),
            (Language::Portuguese, &["jardim", "jardins"]),
            (Language::Portuguese, &["bar", "bares"]),
            (Language::Portuguese, &["torre", "torres"]),
            (Language::Portuguese, &["luz", "luzes"]),
            (Language::Portuguese, &["rio", "rios"]),
            (Language::Portuguese, &["praia", "praias"]),
            (Language::Portuguese, &["bonito", "bonita", "bonitos", "bonitas"]),
            (Language::Portuguese, &["trem", "trens"]),
            (Language::Portuguese, &["barril", "barris"]),
            (Language::Portuguese, &["rapel", "rapeis"]),
            (Language::English, &["waterfall", "waterfalls"]),
            (Language::English, &["church", "churches"]),
            (Language::English, &["hike", "hiking", "hikes"]),
            (Language::Spanish, &["cascada", "cascadas"]),
            (Language::Spanish, &["atraccion", "atracciones"]),
            (Language::Spanish, &["museo", "museos"]),
            (Language::Spanish, &["luz", "luces"]),
            (Language::Spanish, &["ciudad", "ciudades"]),
        ];
        for (language, words) in families {
            let stems: Vec<_> = words.iter().map(|word| stem(word, language)).collect();
            assert!(stems.iter().all(|stem| *stem == stems[0]), "{words:?} gave {stems:?}");
        }
    }

    #[test]
    fn strangers_do_not() {
        for (one, other) in [("lago", "lagoa"), ("balao", "bala"), ("rio", "ria"), ("mao", "mae")] {
            assert_ne!(stem(one, Language::Portuguese), stem(other, Language::Portuguese), "{one} {other}");
        }
        assert_eq!(stem("nehir", Language::Other), None);
    }
}
