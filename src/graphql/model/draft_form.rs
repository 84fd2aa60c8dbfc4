//! Between the form of catalogue files, which a draft has inside, and that of the contract: there lists stand where files have maps by
//! language, and `…At` where files say `…On`.

use serde_json::{Map, Value, json};

use crate::domain::language::LanguageTag;

/// Members that are maps by language inside and lists outside, with the member that holds the word; `texts` hold objects.
const BY_LANGUAGE: [&str; 3] = ["note", "alternativeText", "item"];
/// Members that are called otherwise inside and outside.
const RENAMED: [(&str, &str); 2] = [("verifiedOn", "verifiedAt"), ("lastVerifiedOn", "lastVerifiedAt")];

/// From the form of catalogue files to the contract's.
pub fn shown(content: &Value) -> Value {
    match content {
        Value::Object(members) => {
            Value::Object(members.iter().map(|(name, value)| (outside(name).to_owned(), shown_member(name, value))).collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(shown).collect()),
        other => other.clone(),
    }
}

fn shown_member(name: &str, value: &Value) -> Value {
    let Value::Object(members) = value else { return shown(value) };
    if name == "texts" {
        let text = |(language, text): (&String, &Value)| {
            let mut text = text.as_object().cloned().unwrap_or_default();
            text.insert("language".to_owned(), json!(language));
            Value::Object(text)
        };
        Value::Array(members.iter().map(text).collect())
    } else if BY_LANGUAGE.contains(&name) {
        Value::Array(members.iter().map(|(language, value)| json!({ "language": language, "value": value })).collect())
    } else {
        shown(value)
    }
}

/// The name of a member outside.
pub fn outside(name: &str) -> &str {
    RENAMED.iter().find(|(inside, _)| *inside == name).map_or(name, |(_, outside)| outside)
}

fn inside(name: &str) -> &str {
    RENAMED.iter().find(|(_, outside)| *outside == name).map_or(name, |(inside, _)| inside)
}

/// From the contract's form, as it was sent, to a patch in the form of catalogue files: what was not sent is not there.
pub fn patch(sent: &Value) -> Value {
    match sent {
        Value::Object(members) => {
            Value::Object(members.iter().map(|(name, value)| (inside(name).to_owned(), patch_member(name, value))).collect())
        }
        // A list is replaced whole, so in it nothing is taken away.
        Value::Array(items) => Value::Array(items.iter().map(|item| without_nulls(patch(item))).collect()),
        other => other.clone(),
    }
}

fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let kept = members.into_iter().filter(|(_, value)| !value.is_null()).map(|(name, value)| (name, without_nulls(value)));
            Value::Object(kept.collect())
        }
        other => other,
    }
}

fn patch_member(name: &str, value: &Value) -> Value {
    let Value::Array(items) = value else { return patch(value) };
    // The input type has let none through that is no language tag.
    let tag = |text: &str| LanguageTag::parse(text).map_or_else(|_| text.to_owned(), |tag| tag.to_string());
    let language = |item: &Value| tag(item.get("language").and_then(Value::as_str).unwrap_or_default());
    if name == "texts" {
        let text = |item: &Value| {
            let mut text: Map<String, Value> = item.as_object().cloned().unwrap_or_default();
            text.remove("language");
            (language(item), Value::Object(text))
        };
        Value::Object(items.iter().map(text).collect())
    } else if BY_LANGUAGE.contains(&name) {
        Value::Object(items.iter().map(|item| (language(item), item.get("value").cloned().unwrap_or(Value::Null))).collect())
    } else {
        patch(value)
    }
}
