//! How complete a record is: what visitors ask for most, each with its weight. A number to work by, never a condition.

use serde_json::Value;

use super::content::{at, text};
use super::translation::Translations;
use crate::domain::ids::RecordType;
use crate::domain::text::TextState;

/// What counts, by how much; a path of the content. Weights are the house's own judgement of what a visitor misses first: where it
/// is, when it is open, what it is, what it costs, whether one gets in.
const PLACE: &[(&str, u32)] = &[
    ("texts.pt-BR.name", 2),
    ("texts.pt-BR.summary", 2),
    ("texts.pt-BR.description", 1),
    ("latitude", 2),
    ("openingHours.raw", 3),
    ("contact", 2),
    ("address", 1),
    ("prices|isAccessibleForFree", 2),
    ("accessibility", 2),
    ("typicalVisitMinutes", 1),
    ("images", 2),
];
const EVENT: &[(&str, u32)] = &[
    ("texts.pt-BR.name", 2),
    ("texts.pt-BR.summary", 2),
    ("texts.pt-BR.description", 1),
    ("dtstart", 3),
    ("dtend", 1),
    ("venue", 2),
    ("isAccessibleForFree", 1),
    ("images", 2),
];
const ROUTE: &[(&str, u32)] = &[
    ("texts.pt-BR.name", 2),
    ("texts.pt-BR.summary", 2),
    ("texts.pt-BR.description", 1),
    ("stops", 3),
    ("difficulty", 1),
    ("durationMinutes", 1),
    ("images", 2),
];
/// Weight of each translation that is up to date.
const TRANSLATION: u32 = 1;

/// Percent of what counts that is there, from 0 to 100.
pub fn completeness(record_type: RecordType, content: &Value, translations: &Translations) -> i32 {
    let table = match record_type {
        RecordType::Event => EVENT,
        RecordType::Route => ROUTE,
        _ => PLACE,
    };
    let is_there = |path: &str| match at(content, path) {
        None | Some(Value::Null) => false,
        Some(Value::String(_)) => text(content, path).is_some(),
        Some(Value::Array(items)) => !items.is_empty(),
        Some(_) => true,
    };
    let (mut all, mut there) = (0, 0);
    for (paths, weight) in table {
        all += weight;
        there += if paths.split('|').any(is_there) { *weight } else { 0 };
    }
    for language in ["en", "es"] {
        all += TRANSLATION;
        there += if translations.state(content, language) == TextState::UpToDate { TRANSLATION } else { 0 };
    }
    (100 * there / all) as i32
}
