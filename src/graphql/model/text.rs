//! Texts as readers get them.

use async_graphql::SimpleObject;

use super::enums::{TextOrigin, TextState};
use crate::domain::language::LanguageTag;
use crate::domain::text::{self as domain, Localized, Preferences, Text, localize};
use crate::graphql::flat::{Answer, FlatObject, Selected, flat_output};
use crate::graphql::scalars::Language;

/// A text in the best language there is for the reader, which is said with it. Nothing disappears because a translation is
/// missing.
#[derive(SimpleObject)]
#[graphql(name = "LocalizedText")]
pub struct DescribedText {
    /// The text.
    value: String,
    /// Its language.
    language: Language,
    /// How the language came about.
    origin: TextOrigin,
    /// How far the text is from saying what the Portuguese original says: show `MACHINE_TRANSLATED` as such. It is never `MISSING`.
    /// Null when nobody keeps account of it: names of categories, notes, alternative texts, and words of the service itself.
    state: Option<TextState>,
}

/// A text as it is answered.
pub struct LocalizedText {
    value: String,
    language: LanguageTag,
    origin: domain::TextOrigin,
    state: Option<domain::TextState>,
}

impl FlatObject for LocalizedText {
    const TYPE_NAME: &'static str = "LocalizedText";

    fn write(&self, field: &Selected<'_>, answer: &mut Answer<'_>) -> Option<()> {
        Localized { value: &self.value, language: &self.language, origin: self.origin, state: self.state }.write(field, answer)
    }
}

flat_output!(LocalizedText, DescribedText);

impl LocalizedText {
    /// The text alone.
    pub fn into_value(self) -> String {
        self.value
    }
}

impl From<Localized<'_>> for LocalizedText {
    fn from(text: Localized<'_>) -> Self {
        Self { value: text.value.to_owned(), language: text.language.clone(), origin: text.origin, state: text.state }
    }
}

/// The name in the reader's language.
pub fn name(texts: &[Text], preferences: &Preferences) -> LocalizedText {
    localize(texts, preferences, |text| Some(&*text.name)).map_or_else(nameless, Into::into)
}

/// Records without any text are kept out of the snapshot, so this is never seen.
fn nameless() -> LocalizedText {
    LocalizedText { value: String::new(), language: LanguageTag::portuguese(), origin: domain::TextOrigin::Fallback, state: None }
}

/// The summary in the reader's language.
pub fn summary(texts: &[Text], preferences: &Preferences) -> Option<LocalizedText> {
    localize(texts, preferences, |text| text.summary.as_deref()).map(Into::into)
}

/// The description in the reader's language.
pub fn description(texts: &[Text], preferences: &Preferences) -> Option<LocalizedText> {
    localize(texts, preferences, |text| text.description.as_deref()).map(Into::into)
}

/// The best of texts that are kept by language tag alone.
pub fn by_tag<'a>(texts: &(impl Iterator<Item = (&'a LanguageTag, &'a str)> + Clone), preferences: &Preferences) -> Option<LocalizedText> {
    let (language, origin, value) = preferences.choose(texts)?;
    Some(Localized { value, language, origin, state: None }.into())
}

/// The best of texts of a map whose keys are language tags as imported.
pub fn of_map(texts: &std::collections::BTreeMap<Box<str>, Box<str>>, preferences: &Preferences) -> Option<LocalizedText> {
    let tagged: Vec<(LanguageTag, &str)> = texts.iter().filter_map(|(tag, text)| Some((LanguageTag::parse(tag).ok()?, &**text))).collect();
    by_tag(&tagged.iter().map(|(tag, text)| (tag, *text)), preferences)
}
