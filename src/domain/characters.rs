//! Which characters a text may hold, whichever way it comes in: every one of Unicode but U+0000. PostgreSQL stores none of it, and what
//! takes it elsewhere ends a text there. Surrogates are no characters, and bytes that are no UTF-8 are no text: JSON, paths and files with
//! them are refused where they are read. Other controls are taken as they come; who writes a calendar, a track or a page of a text puts
//! blanks there.

use serde_json::Value;

/// A character that no text may hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("holds U+{:04X}, a character that no text may hold", *.character as u32)]
pub struct Forbidden {
    /// Where in what was looked at, as a path such as `texts.en.name` or `prices[0].currency`; empty for a text by itself.
    pub path: String,
    /// The character.
    pub character: char,
}

/// The first character of a text that no text may hold.
pub fn first_forbidden(text: &str) -> Option<char> {
    text.contains('\0').then_some('\0')
}

/// Looks at every text of a JSON value, the names of its members included.
pub fn check_json(value: &Value) -> Result<(), Forbidden> {
    check(value, &mut String::new())
}

fn check(value: &Value, path: &mut String) -> Result<(), Forbidden> {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
        Value::String(text) => check_text(text, path),
        Value::Array(values) => values.iter().enumerate().try_for_each(|(index, value)| {
            let length = path.len();
            path.push('[');
            path.push_str(&index.to_string());
            path.push(']');
            check(value, path)?;
            path.truncate(length);
            Ok(())
        }),
        Value::Object(members) => members.iter().try_for_each(|(name, value)| {
            check_text(name, path)?;
            let length = path.len();
            path.push_str(if length == 0 { "" } else { "." });
            path.push_str(name);
            check(value, path)?;
            path.truncate(length);
            Ok(())
        }),
    }
}

fn check_text(text: &str, path: &str) -> Result<(), Forbidden> {
    first_forbidden(text).map_or(Ok(()), |character| Err(Forbidden { path: path.to_owned(), character }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_one_character_is_forbidden() {
        let forbidden = |code: &u32| char::from_u32(*code).is_some_and(|letter| first_forbidden(&format!("a{letter}b")).is_some());
        assert_eq!((0..=0x10_ffff).filter(forbidden).collect::<Vec<_>>(), [0]);
        assert_eq!(first_forbidden(""), None);
    }

    #[test]
    fn a_forbidden_character_is_told_with_its_place() {
        let place = |value: Value| check_json(&value).map_err(|forbidden| forbidden.path);
        assert_eq!(place(json!({"texts": {"en": {"name": "a"}}, "prices": [1, null, true]})), Ok(()));
        assert_eq!(place(json!({"a": 1, "texts": {"en": {"name": "a\0"}}})), Err("texts.en.name".to_owned()));
        assert_eq!(place(json!({"prices": ["", {"currency": "BRL\0"}]})), Err("prices[1].currency".to_owned()));
        assert_eq!(place(json!({"texts": {"\0": 1}})), Err("texts".to_owned()));
        let told = check_json(&json!("\0")).unwrap_err();
        assert_eq!(told.to_string(), "holds U+0000, a character that no text may hold");
    }
}
