//! How far each language of a record is: what a translation was made from decides whether it still holds.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::domain::text::{Text, TextState};

/// The language originals are written in.
pub const ORIGINAL: &str = "pt-BR";
/// The languages that every record should have.
const WANTED: [&str; 3] = [ORIGINAL, "en", "es"];

/// What a translation was made from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Made {
    /// Mark of the original then.
    of: String,
    /// Whether a machine made it.
    machine: bool,
}

/// What each translation of a record was made from, by language tag.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Translations(BTreeMap<String, Made>);

impl Translations {
    /// As they are kept; none when they cannot be read.
    pub fn read(kept: &Value) -> Self {
        serde_json::from_value(kept.clone()).unwrap_or_default()
    }

    /// As they are kept.
    pub fn kept(&self) -> Value {
        // A map with string keys and plain members is always JSON.
        serde_json::to_value(self).unwrap_or_default()
    }

    /// Of a published record, whose content it is; what is said of its words there, so says this. Gives the content without it: of
    /// a draft it is kept here alone.
    pub fn of_published(mut content: Value) -> (Value, Self) {
        let mut states = BTreeMap::new();
        for (language, words) in content.get_mut("texts").and_then(Value::as_object_mut).into_iter().flatten() {
            let said = words.as_object_mut().and_then(|words| words.remove("state"));
            let state = said.and_then(|word| TextState::of_words(word.as_str()?)).unwrap_or_default();
            states.insert(language.clone(), state);
        }
        let of = mark(&content);
        let made = |(language, state): (String, TextState)| match state {
            TextState::UpToDate | TextState::MachineTranslated if language != ORIGINAL => {
                Some((language, Made { of: of.clone(), machine: state == TextState::MachineTranslated }))
            }
            // Nobody knows what it was made from.
            _ => None,
        };
        (content, Self(states.into_iter().filter_map(made).collect()))
    }

    /// Says of the texts of a record with this content how far they are.
    pub fn tell(&self, content: &Value, texts: &mut [Text]) {
        for text in texts {
            // What is in a record is in the content it was read from, under the same tag or an equal one.
            let known = languages(content).find(|language| text.language.as_str().eq_ignore_ascii_case(language));
            text.state = known.map_or_else(TextState::default, |language| self.state(content, language));
        }
    }

    /// After a change: a text that was changed, or said to be checked, is made from the original as it is now. `by_machine` names the
    /// languages a machine wrote.
    #[must_use]
    pub fn after(&self, before: &Value, content: &Value, touched: &[String], by_machine: &[String]) -> Self {
        let original = mark(content);
        let made = languages(content).filter(|language| *language != ORIGINAL).filter_map(|language| {
            let is_touched =
                touched.iter().chain(by_machine).any(|known| known == language) || text(before, language) != text(content, language);
            let made = if is_touched {
                Some(Made { of: original.clone(), machine: by_machine.iter().any(|known| known == language) })
            } else {
                self.0.get(language).cloned()
            };
            Some((language.to_owned(), made?))
        });
        Self(made.collect())
    }

    /// How far the text of a language is.
    pub fn state(&self, content: &Value, language: &str) -> TextState {
        if text(content, language).is_none() {
            return TextState::Missing;
        }
        if language == ORIGINAL {
            return TextState::UpToDate;
        }
        match self.0.get(language) {
            Some(made) if made.of != mark(content) => TextState::Outdated,
            Some(Made { machine: true, .. }) => TextState::MachineTranslated,
            Some(_) => TextState::UpToDate,
            // Nobody knows what it was made from.
            None => TextState::Outdated,
        }
    }

    /// Every language the record has or should have, with its state; the original first.
    pub fn states(&self, content: &Value) -> Vec<(String, TextState)> {
        let others = languages(content).filter(|language| !WANTED.contains(language));
        WANTED.into_iter().chain(others).map(|language| (language.to_owned(), self.state(content, language))).collect()
    }
}

fn text<'a>(content: &'a Value, language: &str) -> Option<&'a Value> {
    content.get("texts")?.get(language)
}

/// The languages a content has texts in.
pub fn languages(content: &Value) -> impl Iterator<Item = &str> {
    content.get("texts").and_then(Value::as_object).into_iter().flat_map(|texts| texts.keys()).map(String::as_str)
}

/// A mark that changes with the words of the original; objects are kept in the order of their names, so equal words give equal marks.
fn mark(content: &Value) -> String {
    let original = text(content, ORIGINAL).map(ToString::to_string).unwrap_or_default();
    URL_SAFE_NO_PAD.encode(&Sha256::digest(original.as_bytes())[..12])
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn content(portuguese: &str, english: Option<&str>) -> Value {
        let mut content = json!({"texts": {"pt-BR": {"name": portuguese}}});
        if let Some(english) = english {
            content["texts"]["en"] = json!({"name": english});
        }
        content
    }

    #[test]
    fn changing_the_original_makes_the_others_outdated_and_touching_them_up_to_date() {
        let (first, second) = (content("Gruta", Some("Cave")), content("Gruta Azul", Some("Cave")));
        let (_, made) = Translations::of_published(first.clone());
        assert_eq!(
            made.states(&first),
            [("pt-BR".into(), TextState::UpToDate), ("en".into(), TextState::UpToDate), ("es".into(), TextState::Missing)]
        );
        let changed = made.after(&first, &second, &[], &[]);
        assert_eq!(changed.state(&second, "en"), TextState::Outdated);
        // The original taken back, the translation holds again.
        assert_eq!(changed.after(&second, &first, &[], &[]).state(&first, "en"), TextState::UpToDate);
        let third = content("Gruta Azul", Some("Blue Cave"));
        let by_machine = changed.after(&second, &third, &[], &["en".into()]);
        assert_eq!(by_machine.state(&third, "en"), TextState::MachineTranslated);
        // Somebody has read it and found it right.
        assert_eq!(by_machine.after(&third, &third, &["en".into()], &[]).state(&third, "en"), TextState::UpToDate);
        let fourth = content("Gruta Funda", Some("Blue Cave"));
        assert_eq!(by_machine.after(&third, &fourth, &[], &[]).state(&fourth, "en"), TextState::Outdated);
        assert_eq!(by_machine.state(&content("Gruta Azul", None), "en"), TextState::Missing);
    }

    #[test]
    fn what_is_published_says_how_far_its_words_are_and_a_draft_of_it_knows_it_without_saying_so() {
        let published = json!({"texts": {
            "pt-BR": {"name": "Gruta"}, "en": {"name": "Cave", "state": "MACHINE_TRANSLATED"},
            "es": {"name": "Cueva", "state": "OUTDATED"}, "fr": {"name": "Grotte"},
        }});
        let (content, made) = Translations::of_published(published);
        assert!(!content.to_string().contains("state"), "{content}");
        let states = ["pt-BR", "en", "es", "fr", "de"].map(|language| made.state(&content, language));
        let words = states.map(TextState::as_str);
        assert_eq!(words, ["UP_TO_DATE", "MACHINE_TRANSLATED", "OUTDATED", "UP_TO_DATE", "MISSING"]);
    }
}
