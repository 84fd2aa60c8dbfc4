//! Texts in several languages, and which of them a reader gets. Nothing disappears because a translation is missing:
//! the reader is given another language and told so.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::language::LanguageTag;

/// How far the words of a record in a language are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TextState {
    /// They say what the original says; the original itself always does.
    #[default]
    UpToDate,
    /// The original was changed since.
    Outdated,
    /// A machine made them, from the original as it is; nobody has read them yet.
    MachineTranslated,
    /// There are none.
    Missing,
}

impl TextState {
    /// Every state of words that are there.
    pub const THERE: [Self; 3] = [Self::UpToDate, Self::Outdated, Self::MachineTranslated];

    /// The word in files and columns.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UpToDate => "UP_TO_DATE",
            Self::Outdated => "OUTDATED",
            Self::MachineTranslated => "MACHINE_TRANSLATED",
            Self::Missing => "MISSING",
        }
    }

    /// What a word says of words that are there.
    pub fn of_words(word: &str) -> Option<Self> {
        Self::THERE.into_iter().find(|state| state.as_str() == word)
    }
}

/// Texts of a record in one language.
#[derive(Clone, Debug, PartialEq)]
pub struct Text {
    /// Language of these texts.
    pub language: LanguageTag,
    /// How far they are; never [`TextState::Missing`].
    pub state: TextState,
    /// Name.
    pub name: Box<str>,
    /// One sentence.
    pub summary: Option<Box<str>>,
    /// A few sentences.
    pub description: Option<Box<str>>,
}

/// How the language of a text came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextOrigin {
    /// The very language asked for.
    Requested,
    /// The same language of another region or script (`pt-BR` for `pt-PT`).
    Related,
    /// Another language, because there is no text in the one asked for.
    Fallback,
}

/// A text as a reader gets it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Localized<'a> {
    /// The text.
    pub value: &'a str,
    /// Its language.
    pub language: &'a LanguageTag,
    /// How the language came about.
    pub origin: TextOrigin,
    /// How far the text is; absent where nobody keeps account of it.
    pub state: Option<TextState>,
}

/// The languages of a reader, best first; Brazilian Portuguese stands behind them all.
#[derive(Clone, PartialEq, Eq)]
pub struct Preferences(Arc<[LanguageTag]>);

impl fmt::Debug for Preferences {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.0.iter()).finish()
    }
}

impl Preferences {
    /// The languages in order.
    pub fn new(tags: impl Into<Arc<[LanguageTag]>>) -> Self {
        Self(tags.into())
    }

    /// Reads an `Accept-Language` header (RFC 9110 §12.5.4). Ranges that are not valid tags are passed over: a header a
    /// browser made is no reason to refuse its user. At most 16 ranges are read.
    pub fn from_accept_language(header: &str) -> Self {
        let mut weighted: Vec<(f32, LanguageTag)> = header
            .split(',')
            .take(16)
            .filter_map(|item| {
                let mut parts = item.split(';');
                let tag = LanguageTag::parse(parts.next()?.trim()).ok()?;
                let weight =
                    parts.find_map(|part| part.trim().strip_prefix("q=")).map_or(Some(1.0), |value| value.trim().parse::<f32>().ok())?;
                (weight > 0.0).then_some((weight, tag))
            })
            .collect();
        weighted.sort_by(|one, other| other.0.total_cmp(&one.0));
        Self(weighted.into_iter().map(|(_, tag)| tag).collect())
    }

    /// The same reader asking for `tag` first.
    #[must_use]
    pub fn preferring(tag: LanguageTag) -> Self {
        Self(Arc::new([tag]))
    }

    /// The languages in order.
    pub fn tags(&self) -> &[LanguageTag] {
        &self.0
    }

    /// Picks among `candidates` by RFC 4647 §3.4 (lookup: exact, then shorter and shorter), then the same language of
    /// another region, for each language in order; then `pt-BR`, then whatever comes first. `None` when there is no candidate.
    pub fn choose<'a, T>(
        &self,
        candidates: &(impl Iterator<Item = (&'a LanguageTag, T)> + Clone),
    ) -> Option<(&'a LanguageTag, TextOrigin, T)> {
        for wanted in self.0.iter() {
            let mut related: Option<(usize, &'a LanguageTag, T)> = None;
            for (tag, item) in candidates.clone() {
                if tag == wanted {
                    return Some((tag, TextOrigin::Requested, item));
                }
                let shared = tag.shared_subtags(wanted);
                if shared > 0 && related.as_ref().is_none_or(|(best, _, _)| shared > *best) {
                    related = Some((shared, tag, item));
                }
            }
            if let Some((_, tag, item)) = related {
                return Some((tag, TextOrigin::Related, item));
            }
        }
        let origin = if self.0.is_empty() { TextOrigin::Requested } else { TextOrigin::Fallback };
        let mut rest = candidates.clone();
        let (tag, item) = rest.find(|(tag, _)| tag.is_default()).or_else(|| candidates.clone().next())?;
        Some((tag, if tag.is_default() { origin } else { TextOrigin::Fallback }, item))
    }
}

/// The field `pick` takes out of the best of `texts` that has it; `None` when no language has it.
pub fn localize<'a>(
    texts: &'a [Text],
    preferences: &Preferences,
    pick: impl Fn(&'a Text) -> Option<&'a str> + Clone,
) -> Option<Localized<'a>> {
    let candidates = texts.iter().filter_map(|text| pick(text).map(|value| (&text.language, (value, text.state))));
    let (language, origin, (value, state)) = preferences.choose(&candidates)?;
    Some(Localized { value, language, origin, state: Some(state) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(tag: &str, name: &str, summary: Option<&str>) -> Text {
        let (language, state) = (LanguageTag::parse(tag).unwrap(), TextState::default());
        Text { language, state, name: name.into(), summary: summary.map(Into::into), description: None }
    }

    fn chosen(accept: &str, texts: &[Text]) -> (String, TextOrigin) {
        let found = localize(texts, &Preferences::from_accept_language(accept), |text| Some(&text.name)).unwrap();
        (found.language.to_string(), found.origin)
    }

    #[test]
    fn a_reader_gets_the_nearest_language_and_is_told_how_near() {
        let texts = [text("en", "Falls", None), text("pt-BR", "Cachoeira", Some("s")), text("es", "Cascada", None)];
        assert_eq!(chosen("es-AR,en;q=0.5", &texts), ("es".into(), TextOrigin::Related));
        assert_eq!(chosen("pt-PT", &texts), ("pt-BR".into(), TextOrigin::Related));
        assert_eq!(chosen("de, en;q=0.3", &texts), ("en".into(), TextOrigin::Requested));
        assert_eq!(chosen("ja", &texts), ("pt-BR".into(), TextOrigin::Fallback));
        assert_eq!(chosen("", &texts), ("pt-BR".into(), TextOrigin::Requested));
        assert_eq!(chosen("en;q=0, es", &texts), ("es".into(), TextOrigin::Requested));
        assert_eq!(chosen("!!, xx-nonsense, en", &texts), ("en".into(), TextOrigin::Requested));
    }

    #[test]
    fn a_text_says_how_far_it_is_with_the_field_that_was_taken_from_it() {
        let texts = [
            Text { state: TextState::MachineTranslated, ..text("en", "Falls", None) },
            Text { state: TextState::Outdated, ..text("es", "Cascada", Some("resumen")) },
            text("pt-BR", "Cachoeira", None),
        ];
        let english = Preferences::from_accept_language("en, es;q=0.5");
        let state = |pick: fn(&Text) -> Option<&str>| localize(&texts, &english, pick).unwrap().state;
        assert_eq!(state(|text| Some(&text.name)), Some(TextState::MachineTranslated));
        assert_eq!(state(|text| text.summary.as_deref()), Some(TextState::Outdated));
    }

    #[test]
    fn the_words_for_how_far_a_text_is_are_read_as_they_are_written() {
        for state in TextState::THERE {
            assert_eq!(TextState::of_words(state.as_str()), Some(state));
            assert_eq!(serde_json::to_value(state).unwrap(), state.as_str());
        }
        assert_eq!(["MISSING", "outdated", ""].map(TextState::of_words), [None; 3]);
    }

    #[test]
    fn a_field_missing_in_one_language_comes_from_another() {
        let texts = [text("en", "Falls", None), text("pt-BR", "Cachoeira", Some("resumo"))];
        let english = Preferences::from_accept_language("en");
        let found = localize(&texts, &english, |text| text.summary.as_deref()).unwrap();
        assert_eq!((found.value, found.origin), ("resumo", TextOrigin::Fallback));
    }
}
