//! Three-way merge of what a trip holds: two devices changed the same version, each something else.
//!
//! The content is taken apart into fields, each under its path: `title`, `days.2026-12-12.endTime`, `mustSee.<id>`. Lists are sets, or
//! have a key, so that their order means nothing. A field only one side changed is as that side wants it; one that both changed alike
//! is as both want it; the others clash. The rule of diff3 (Khanna, Kunal, Pierce: A Formal Investigation of Diff3, 2007), field by
//! field rather than line by line.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

/// Lists that are sets, and lists of objects by the member that tells them apart.
const LISTS: &[(&str, Option<&str>)] = &[
    ("accessibleFor", None),
    ("avoid", None),
    ("cities", None),
    ("days", Some("date")),
    ("interests", Some("category")),
    ("keep", None),
    ("limits", Some("category")),
    ("mustSee", None),
];

/// The fields that both sides changed, each to something else; paths with dots.
pub type Clashes = Vec<String>;

type Path = Vec<String>;
type Fields = BTreeMap<Path, Value>;

/// `mine` and `theirs`, both made from `base`, as one; or where they clash. All three are JSON objects.
pub fn merge(base: &Value, mine: &Value, theirs: &Value) -> Result<Value, Clashes> {
    let (base, mine, theirs) = (fields(base), fields(mine), fields(theirs));
    let paths: BTreeSet<&Path> = base.keys().chain(mine.keys()).chain(theirs.keys()).collect();
    let (mut merged, mut clashes) = (Fields::new(), Clashes::new());
    for path in paths {
        let (before, mine, theirs) = (base.get(path), mine.get(path), theirs.get(path));
        let wanted = if mine == theirs || theirs == before {
            mine
        } else if mine == before {
            theirs
        } else {
            clashes.push(path.join("."));
            continue;
        };
        if let Some(value) = wanted {
            merged.insert(path.clone(), value.clone());
        }
    }
    if clashes.is_empty() { Ok(whole(&merged)) } else { Err(clashes) }
}

/// The fields in which two contents differ.
pub fn differences(one: &Value, other: &Value) -> Clashes {
    let (one, other) = (fields(one), fields(other));
    let paths: BTreeSet<&Path> = one.keys().chain(other.keys()).collect();
    paths.into_iter().filter(|path| one.get(*path) != other.get(*path)).map(|path| path.join(".")).collect()
}

fn fields(content: &Value) -> Fields {
    let mut fields = Fields::new();
    for (name, value) in content.as_object().into_iter().flatten() {
        match (LISTS.iter().find(|(list, _)| list == name), value) {
            (Some((_, key)), Value::Array(items)) => {
                for item in items {
                    list_item(name, *key, item, &mut fields);
                }
            }
            _ => {
                fields.insert(vec![name.clone()], value.clone());
            }
        }
    }
    fields
}

fn list_item(list: &str, key: Option<&str>, item: &Value, fields: &mut Fields) {
    let Some(key) = key else {
        fields.insert(vec![list.to_owned(), text(item)], item.clone());
        return;
    };
    let Some(members) = item.as_object() else { return };
    let path = vec![list.to_owned(), members.get(key).map(text).unwrap_or_default()];
    for (member, value) in members.iter().filter(|(member, _)| *member != key) {
        fields.insert([path.clone(), vec![member.clone()]].concat(), value.clone());
    }
    // Under its own path the item itself, so that one without other members is not lost.
    fields.insert(path, members.get(key).cloned().unwrap_or_default());
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn whole(fields: &Fields) -> Value {
    let mut content: Map<String, Value> = LISTS.iter().map(|(list, _)| ((*list).to_owned(), Value::Array(Vec::new()))).collect();
    // An item's own path is shorter than those of its members, and so comes before them.
    for (path, value) in fields {
        let key = LISTS.iter().find(|(list, _)| *list == path[0]).and_then(|(_, key)| *key);
        let items = content.get_mut(&path[0]).and_then(Value::as_array_mut);
        match (&path[1..], items, key) {
            ([_], Some(items), None) => items.push(value.clone()),
            ([_], Some(items), Some(key)) => items.push(Value::Object(Map::from_iter([(key.to_owned(), value.clone())]))),
            ([_, member], Some(items), _) => {
                if let Some(Value::Object(item)) = items.last_mut() {
                    item.insert(member.clone(), value.clone());
                }
            }
            _ => {
                content.insert(path[0].clone(), value.clone());
            }
        }
    }
    Value::Object(content)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn content(title: &str, end: &str, must_see: &[&str]) -> Value {
        json!({
            "title": title, "note": null, "cities": ["cuiaba"], "mustSee": must_see, "avoid": [], "keep": [], "accessibleFor": [],
            "interests": [{ "category": "museum", "weight": 8 }], "limits": [],
            "days": [{ "date": "2026-12-12", "endTime": end, "start": { "latitude": -15.5 } }],
        })
    }

    #[test]
    fn what_only_one_side_changed_is_as_that_side_wants_it() {
        let base = content("A", "18:00", &["one"]);
        let merged = merge(&base, &content("B", "18:00", &["one", "two"]), &content("A", "20:00", &[])).unwrap();
        assert_eq!(merged, content("B", "20:00", &["two"]));
    }

    #[test]
    fn what_both_changed_clashes_and_is_named() {
        let base = content("A", "18:00", &[]);
        let clashes = merge(&base, &content("B", "19:00", &[]), &content("C", "20:00", &[])).unwrap_err();
        assert_eq!(clashes, ["days.2026-12-12.endTime", "title"]);
        assert_eq!(merge(&base, &content("B", "19:00", &[]), &content("B", "19:00", &[])).unwrap(), content("B", "19:00", &[]));
    }

    #[test]
    fn a_day_that_one_side_takes_away_and_the_other_changes_clashes() {
        let base = content("A", "18:00", &[]);
        let mut without = base.clone();
        without["days"] = json!([]);
        assert_eq!(merge(&base, &without, &content("A", "20:00", &[])).unwrap_err(), ["days.2026-12-12.endTime"]);
        assert_eq!(merge(&base, &without, &base).unwrap(), without);
    }

    /// Contents over few values, so that sides meet.
    fn any_content() -> impl Strategy<Value = Value> {
        let days = proptest::collection::btree_map(0..4_u8, (0..3_u8, 0..3_u8), 0..3);
        let set = || proptest::collection::btree_set(0..4_u8, 0..4);
        (0..3_u8, proptest::option::of(0..3_u8), days, set(), set()).prop_map(|(title, note, days, must_see, cities)| {
            let names = |set: std::collections::BTreeSet<u8>| set.into_iter().map(|name| name.to_string()).collect::<Vec<_>>();
            json!({
                "title": title, "note": note, "mustSee": names(must_see), "cities": names(cities),
                "avoid": [], "keep": [], "accessibleFor": [], "interests": [], "limits": [],
                "days": days.into_iter().map(|(date, (start, end))| json!({ "date": date.to_string(), "start": start, "end": end })).collect::<Vec<_>>(),
            })
        })
    }

    proptest! {
        #[test]
        fn who_changed_nothing_gets_what_the_other_has(base in any_content(), other in any_content()) {
            prop_assert_eq!(merge(&base, &base, &other), Ok(other.clone()));
            prop_assert_eq!(merge(&base, &other, &base), Ok(other.clone()));
            prop_assert_eq!(merge(&base, &other, &other), Ok(other));
        }

        #[test]
        fn it_does_not_matter_who_came_first(base in any_content(), mine in any_content(), theirs in any_content()) {
            prop_assert_eq!(merge(&base, &mine, &theirs), merge(&base, &theirs, &mine));
        }

        #[test]
        fn nothing_is_lost_and_nothing_invented(base in any_content(), mine in any_content(), theirs in any_content()) {
            if let Ok(merged) = merge(&base, &mine, &theirs) {
                let (base, mine, theirs, merged) = (fields(&base), fields(&mine), fields(&theirs), fields(&merged));
                for path in base.keys().chain(mine.keys()).chain(theirs.keys()).chain(merged.keys()) {
                    let (before, one, other, now) = (base.get(path), mine.get(path), theirs.get(path), merged.get(path));
                    if one != before {
                        prop_assert_eq!(now, one);
                    }
                    if other != before {
                        prop_assert_eq!(now, other);
                    }
                    if one == before && other == before {
                        prop_assert_eq!(now, before);
                    }
                }
            }
        }
    }
}
