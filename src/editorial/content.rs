//! The content of a draft as JSON: its fields by path, what differs, what clashes, and patches.
//!
//! Objects are taken apart into fields, each under its path with dots: `texts.en.name`, `contact.telephone`. A list is one field: of two
//! people who changed the same list, each saw another one.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

/// A field that is not the same before and after.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldChange {
    /// Its path, with dots.
    pub field: String,
    /// What it was; absent when it was not there.
    pub before: Option<Value>,
    /// What it is; absent when it is gone.
    pub after: Option<Value>,
}

/// The fields of a content, by path.
pub fn fields(content: &Value) -> BTreeMap<String, &Value> {
    let mut found = BTreeMap::new();
    gather("", content, &mut found);
    found
}

fn gather<'a>(path: &str, value: &'a Value, found: &mut BTreeMap<String, &'a Value>) {
    let Value::Object(members) = value else {
        found.insert(path.to_owned(), value);
        return;
    };
    for (name, value) in members {
        let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        gather(&path, value, found);
    }
}

/// What differs from one content to the next, in the order of the paths.
pub fn differences(before: &Value, after: &Value) -> Vec<FieldChange> {
    let (before, after) = (fields(before), fields(after));
    let paths: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let change = |path: &&String| {
        let (before, after) = (before.get(*path), after.get(*path));
        (before != after).then(|| FieldChange {
            field: (*path).clone(),
            before: before.map(|value| (*value).clone()),
            after: after.map(|value| (*value).clone()),
        })
    };
    paths.iter().filter_map(change).collect()
}

/// `mine` and `theirs`, both made from `base`, as one; or the fields that both changed, each to something else. The rule of diff3
/// (Khanna, Kunal, Pierce: A Formal Investigation of Diff3, 2007), field by field.
pub fn merge(base: &Value, mine: &Value, theirs: &Value) -> Result<Value, Vec<String>> {
    let by_mine = differences(base, mine);
    let by_theirs: BTreeMap<String, Option<Value>> =
        differences(base, theirs).into_iter().map(|change| (change.field, change.after)).collect();
    let clashes: Vec<String> = by_mine
        .iter()
        .filter(|mine| {
            by_theirs.iter().any(|(field, after)| touches(&mine.field, field) && !(mine.field == *field && mine.after == *after))
        })
        .map(|mine| mine.field.clone())
        .collect();
    if !clashes.is_empty() {
        return Err(clashes);
    }
    let mut merged = theirs.clone();
    // What goes goes first: where an object became a word, its members must not be taken out of the word.
    let (gone, kept): (Vec<_>, Vec<_>) = by_mine.into_iter().partition(|change| change.after.is_none());
    for change in gone.into_iter().chain(kept) {
        set(&mut merged, &change.field, change.after);
    }
    Ok(pruned(merged))
}

/// Whether one path is the other, or leads through it.
fn touches(one: &str, other: &str) -> bool {
    let leads = |short: &str, long: &str| long.strip_prefix(short).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    leads(one, other) || leads(other, one)
}

fn set(content: &mut Value, path: &str, value: Option<Value>) {
    let (first, rest) = path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
    if !content.is_object() {
        *content = Value::Object(Map::new());
    }
    let Some(members) = content.as_object_mut() else { return };
    match (rest, value) {
        (Some(rest), value) => set(members.entry(first).or_insert_with(|| Value::Object(Map::new())), rest, value),
        (None, Some(value)) => drop(members.insert(first.to_owned(), value)),
        (None, None) => drop(members.remove(first)),
    }
}

/// The content with a patch applied: what is absent stays, null takes away (JSON Merge Patch, RFC 7396 §2). Objects that are left
/// without any member go too.
pub fn patched(content: &Value, patch: &Value) -> Value {
    pruned(apply(content.clone(), patch))
}

fn apply(content: Value, patch: &Value) -> Value {
    let Value::Object(changes) = patch else { return patch.clone() };
    let mut members = match content {
        Value::Object(members) => members,
        _ => Map::new(),
    };
    for (name, change) in changes {
        if change.is_null() {
            members.remove(name);
        } else {
            let before = members.remove(name).unwrap_or(Value::Null);
            members.insert(name.clone(), apply(before, change));
        }
    }
    Value::Object(members)
}

fn pruned(content: Value) -> Value {
    let Value::Object(members) = content else { return content };
    let kept = members.into_iter().map(|(name, value)| (name, pruned(value)));
    Value::Object(kept.filter(|(_, value)| !value.is_null() && value.as_object().is_none_or(|members| !members.is_empty())).collect())
}

/// The text at a path; absent when there is none, or only white space.
pub fn text<'a>(content: &'a Value, path: &str) -> Option<&'a str> {
    at(content, path)?.as_str().filter(|text| !text.trim().is_empty())
}

/// The value at a path.
pub fn at<'a>(content: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(content, |value, name| value.get(name))
}

/// The Portuguese name.
pub fn name(content: &Value) -> Option<&str> {
    text(content, "texts.pt-BR.name")
}

/// The slug; empty when there is none.
pub fn slug(content: &Value) -> &str {
    text(content, "slug").unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn patches_are_those_of_rfc_7396() {
        // The examples of its appendix A that hold objects; ours leaves no empty object behind.
        for (original, patch, result) in [
            (json!({"a":"b"}), json!({"a":"c"}), json!({"a":"c"})),
            (json!({"a":"b"}), json!({"b":"c"}), json!({"a":"b","b":"c"})),
            (json!({"a":"b"}), json!({"a":null}), json!({})),
            (json!({"a":"b","b":"c"}), json!({"a":null}), json!({"b":"c"})),
            (json!({"a":["b"]}), json!({"a":"c"}), json!({"a":"c"})),
            (json!({"a":"c"}), json!({"a":["b"]}), json!({"a":["b"]})),
            (json!({"a":{"b":"c"}}), json!({"a":{"b":"d","c":null}}), json!({"a":{"b":"d"}})),
            (json!({"a":[{"b":"c"}]}), json!({"a":[1]}), json!({"a":[1]})),
            (json!({"a":{"b":"c"}}), json!({"a":{"b":null}}), json!({})),
        ] {
            assert_eq!(patched(&original, &patch), result, "{original} {patch}");
        }
    }

    #[test]
    fn changes_of_different_fields_merge_and_of_the_same_clash() {
        let base = json!({"slug": "x", "texts": {"pt-BR": {"name": "Um"}}, "prices": [1]});
        let mine = json!({"slug": "x", "texts": {"pt-BR": {"name": "Dois"}}, "prices": [1]});
        let theirs = json!({"slug": "x", "texts": {"pt-BR": {"name": "Um"}, "en": {"name": "One"}}, "prices": [1, 2]});
        let merged = merge(&base, &mine, &theirs).unwrap();
        assert_eq!(merged, json!({"slug": "x", "texts": {"pt-BR": {"name": "Dois"}, "en": {"name": "One"}}, "prices": [1, 2]}));
        let other = json!({"slug": "x", "texts": {"pt-BR": {"name": "Três"}}, "prices": [1]});
        assert_eq!(merge(&base, &mine, &other), Err(vec!["texts.pt-BR.name".to_owned()]));
        // Taking a whole text away clashes with changing a word of it.
        let gone = json!({"slug": "x", "prices": [1]});
        assert!(merge(&base, &gone, &mine).is_err());
        assert_eq!(merge(&base, &mine, &mine), Ok(mine.clone()));
    }

    fn contents() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![Just(json!(1)), Just(json!("a")), Just(json!([1, 2])), Just(json!(true))];
        let object = |inner| prop::collection::btree_map("[abc]", inner, 0..3).prop_map(|members| json!(members));
        leaf.prop_recursive(3, 12, 3, object).prop_filter("an object", Value::is_object).prop_map(pruned)
    }

    proptest! {
        #[test]
        fn nothing_of_either_side_is_lost(base in contents(), mine in contents(), theirs in contents()) {
            if let Ok(merged) = merge(&base, &mine, &theirs) {
                for change in differences(&base, &mine).into_iter().chain(differences(&base, &theirs)) {
                    prop_assert_eq!(fields(&merged).get(&change.field).map(|value| (*value).clone()), change.after);
                }
            } else {
                prop_assert!(!differences(&base, &mine).is_empty() && !differences(&base, &theirs).is_empty());
            }
        }

        #[test]
        fn merging_with_nobody_is_ones_own(base in contents(), mine in contents()) {
            prop_assert_eq!(merge(&base, &mine, &base), Ok(mine.clone()));
            prop_assert_eq!(merge(&base, &base, &mine), Ok(mine));
        }
    }
}
