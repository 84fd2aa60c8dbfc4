//! Texts of a request hold the characters that texts may hold ([`crate::domain::characters`]). Looked at once, before anything reads
//! them: those of the variables with each request, those of a document when it is parsed.

use async_graphql::parser::types::{Directive, ExecutableDocument, Selection, SelectionSet};
use async_graphql::{Name, Positioned, Value, Variables};

use super::failure::{Code, Failure};
use crate::domain::characters::first_forbidden;

/// Refuses variables that hold a forbidden character, in a value or in the name of a member.
pub fn check_variables(variables: &Variables) -> Result<(), Failure> {
    variables.iter().try_for_each(|(name, value)| {
        check_text(name, "the name of a variable")?;
        check_constant(value, &mut format!("variable ${name}"))
    })
}

/// Refuses a text of the request by itself.
pub fn check_text(text: &str, what: &str) -> Result<(), Failure> {
    first_forbidden(text).map_or(Ok(()), |character| {
        let message = format!("{what} holds U+{:04X}, a character that no text may hold", character as u32);
        Err(Failure::new(Code::BadUserInput, message))
    })
}

/// Refuses a document with a forbidden character in one of its values.
pub fn check_document(document: &ExecutableDocument) -> Result<(), Failure> {
    for (_, operation) in document.operations.iter() {
        for definition in &operation.node.variable_definitions {
            let name = &definition.node.name.node;
            if let Some(default) = definition.node.default_value() {
                check_constant(default, &mut format!("the default of ${name}"))?;
            }
        }
        check_directives(&operation.node.directives)?;
        check_selections(&operation.node.selection_set.node)?;
    }
    for fragment in document.fragments.values() {
        check_directives(&fragment.node.directives)?;
        check_selections(&fragment.node.selection_set.node)?;
    }
    Ok(())
}

/// The depth is bounded: the document was scanned before it was parsed.
fn check_selections(set: &SelectionSet) -> Result<(), Failure> {
    set.items.iter().try_for_each(|selection| match &selection.node {
        Selection::Field(field) => {
            check_arguments(&field.node.arguments, &field.node.name.node)?;
            check_directives(&field.node.directives)?;
            check_selections(&field.node.selection_set.node)
        }
        Selection::FragmentSpread(spread) => check_directives(&spread.node.directives),
        Selection::InlineFragment(fragment) => {
            check_directives(&fragment.node.directives)?;
            check_selections(&fragment.node.selection_set.node)
        }
    })
}

fn check_directives(directives: &[Positioned<Directive>]) -> Result<(), Failure> {
    directives.iter().try_for_each(|directive| check_arguments(&directive.node.arguments, &directive.node.name.node))
}

fn check_arguments(arguments: &[(Positioned<Name>, Positioned<async_graphql_value::Value>)], of: &Name) -> Result<(), Failure> {
    arguments.iter().try_for_each(|(name, value)| check_value(&value.node, &mut format!("the argument `{}` of `{of}`", name.node)))
}

fn check_value(value: &async_graphql_value::Value, path: &mut String) -> Result<(), Failure> {
    use async_graphql_value::Value as Literal;
    match value {
        Literal::String(text) => check_text(text, path),
        Literal::List(values) => values.iter().try_for_each(|value| check_value(value, path)),
        Literal::Object(members) => members.iter().try_for_each(|(name, value)| below(path, name, |path| check_value(value, path))),
        // None of these can hold one: the grammar has names of letters.
        Literal::Variable(_) | Literal::Null | Literal::Number(_) | Literal::Boolean(_) | Literal::Binary(_) | Literal::Enum(_) => Ok(()),
    }
}

fn check_constant(value: &Value, path: &mut String) -> Result<(), Failure> {
    match value {
        Value::String(text) => check_text(text, path),
        Value::Enum(name) => check_text(name, path),
        Value::List(values) => values.iter().try_for_each(|value| check_constant(value, path)),
        Value::Object(members) => members.iter().try_for_each(|(name, value)| {
            check_text(name, path)?;
            below(path, name, |path| check_constant(value, path))
        }),
        Value::Null | Value::Number(_) | Value::Boolean(_) | Value::Binary(_) => Ok(()),
    }
}

/// With the name of a member behind the path.
fn below(path: &mut String, name: &Name, check: impl FnOnce(&mut String) -> Result<(), Failure>) -> Result<(), Failure> {
    let length = path.len();
    path.push('.');
    path.push_str(name);
    check(path)?;
    path.truncate(length);
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of_document(text: &str) -> Option<String> {
        let document = async_graphql::parser::parse_query(text).unwrap();
        let failure = check_document(&document).err()?;
        assert_eq!(failure.code(), Code::BadUserInput);
        Some(failure.message().to_owned())
    }

    #[test]
    fn every_place_of_a_document_is_looked_at() {
        let told = |place: &str| Some(format!("{place} holds U+0000, a character that no text may hold"));
        for (text, place) in [
            (r#"{ a(b: "x\u0000") }"#, "the argument `b` of `a`"),
            (r#"{ a(b: [{c: {d: ["\u0000"]}}]) }"#, "the argument `b` of `a`.c.d"),
            (r#"{ a { ... on B { c(d: "\u0000") } } }"#, "the argument `d` of `c`"),
            (r#"{ ...f } fragment f on Q { a(b: "\u0000") }"#, "the argument `b` of `a`"),
            (r#"{ a @skip(if: "\u0000") }"#, "the argument `if` of `skip`"),
            (r#"{ ...f @skip(if: "\u0000") } fragment f on Q { a }"#, "the argument `if` of `skip`"),
            (r#"query($a: String = "\u0000") { a(b: $a) }"#, "the default of $a"),
            (r#"query @live(a: "\u0000") { a }"#, "the argument `a` of `live`"),
        ] {
            assert_eq!(of_document(text), told(place), "{text}");
        }
        assert_eq!(of_document(r#"{ a(b: "x\n\t\u00e9", c: """y""", d: E, e: 1) { f } }"#), None);
    }

    #[test]
    fn every_place_of_variables_is_looked_at() {
        let told = |variables| check_variables(&Variables::from_json(variables)).err().map(|failure| failure.message().to_owned());
        assert_eq!(told(json!({"a": {"b": ["é\n", 1, null, true]}})), None);
        for (variables, place) in [
            (json!({"a": "\0"}), "variable $a"),
            (json!({"a": {"b": [{"c": "\0"}]}}), "variable $a.b.c"),
            (json!({"a": {"b\0": 1}}), "variable $a"),
            (json!({"\0": 1}), "the name of a variable"),
        ] {
            assert_eq!(told(variables), Some(format!("{place} holds U+0000, a character that no text may hold")));
        }
    }
}
