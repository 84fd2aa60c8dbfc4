use std::fmt::Write;

use serde_json::{Value, json};

use super::*;
use crate::graphql::limits::LIMITS;

fn code(query: &str, variables: Value) -> Option<Code> {
    let document = async_graphql::parser::parse_query(query).unwrap();
    let (_, operation) = document.operations.iter().next().unwrap();
    check(&document, &operation.node, &Variables::from_json(variables), &LIMITS).err().map(|failure| failure.code())
}

#[test]
fn tables_are_sorted_for_the_search() {
    assert!(LIMITS.lists.is_sorted() && LIMITS.weights.is_sorted() && Limits::INTROSPECTION_LISTS.is_sorted());
}

#[test]
fn fragments_that_double_are_refused() {
    let mut bomb = "fragment f31 on Query { catalogue { version } }".to_owned();
    for level in 0..31 {
        write!(bomb, " fragment f{level} on Query {{ ...f{0} ...f{0} }}", level + 1).unwrap();
    }
    assert_eq!(code(&format!("{{ ...f0 }} {bomb}"), Value::Null), Some(Code::QueryTooCostly));
    // Validation walks fragments nobody spreads too.
    assert_eq!(code(&format!("{{ catalogue {{ version }} }} {bomb}"), Value::Null), Some(Code::QueryTooCostly));
}

#[test]
fn eight_levels_of_ten_spreads_are_refused() {
    let mut bomb = "{ ...f0 } fragment f8 on Query { a }".to_owned();
    for level in 0..8 {
        write!(bomb, " fragment f{level} on Query {{ {} }}", format!("...f{} ", level + 1).repeat(10)).unwrap();
    }
    assert_eq!(code(&bomb, Value::Null), Some(Code::QueryTooCostly));
}

#[test]
fn a_fragment_that_spreads_itself_is_refused() {
    for bomb in ["{ ...a } fragment a on Q { ...b } fragment b on Q { ...a }", "{ x } fragment a on Q { y { ...a } }"] {
        assert_eq!(code(bomb, Value::Null), Some(Code::GraphqlValidationFailed));
    }
}

#[test]
fn fragments_inside_each_other_do_not_exhaust_the_stack() {
    let mut bomb = "{ ...f0 } fragment f90 on Query { a }".to_owned();
    for level in 0..90 {
        write!(bomb, " fragment f{level} on Query {{ ... {{ ... {{ ... {{ ...f{} }} }} }} }}", level + 1).unwrap();
    }
    assert_eq!(code(&bomb, Value::Null), Some(Code::QueryTooDeep));
}

#[test]
fn pages_multiply_and_variables_count() {
    let page = "query($n: Int) { pointsOfInterest(first: $n) { nodes { nearby(first: 100) { nodes { slug } } } } }";
    assert_eq!(code(page, json!({"n": 2})), None);
    assert_eq!(code(page, json!({"n": 100})), Some(Code::QueryTooCostly));
    let default = "query($n: Int = 100) { pointsOfInterest(first: $n) { nodes { nearby(first: 100) { nodes { slug } } } } }";
    assert_eq!(code(default, Value::Null), Some(Code::QueryTooCostly));
    // A list the table does not know.
    let unknown = "{ a(first: 100) { b(last: 100) { c { d } } } }";
    assert_eq!(code(unknown, Value::Null), Some(Code::QueryTooCostly));
}

#[test]
fn a_hundred_places_with_thirty_fields_pass() {
    let fields = (0..30).fold(String::new(), |text, number| format!("{text} f{number} {{ value }}"));
    assert_eq!(code(&format!("{{ pointsOfInterest(first: 100) {{ edges {{ node {{ {fields} }} }} }} }}"), Value::Null), None);
}

#[test]
fn only_the_operation_asked_for_pays() {
    let document = async_graphql::parser::parse_query(
        "query dear { search(first: 100) { nodes { nearby(first: 100) { nodes { slug } } } } } query cheap { cities { slug } }",
    )
    .unwrap();
    let checked = |wanted: &str| {
        let (_, operation) = document.operations.iter().find(|(name, _)| name.is_some_and(|name| name == wanted)).unwrap();
        check(&document, &operation.node, &Variables::default(), &LIMITS)
    };
    assert!(checked("cheap").is_ok());
    assert_eq!(checked("dear").unwrap_err().code(), Code::QueryTooCostly);
}

#[test]
fn the_schema_is_described_once_and_not_in_circles() {
    let circle = "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }";
    assert_eq!(code(circle, Value::Null), Some(Code::QueryTooDeep));
    let once = "__schema { types { fields { args { type { name ofType { name ofType { name ofType { name } } } } } } } }";
    assert_eq!(code(&format!("{{ {once} }}"), Value::Null), None);
    let often = (0..40).fold(String::new(), |text, number| format!("{text} a{number}: {once}"));
    assert_eq!(code(&format!("{{ {often} }}"), Value::Null), Some(Code::QueryTooCostly));
}

#[test]
fn what_arguments_hold_is_counted_at_each_use() {
    let times = |count: usize, argument: &str| (0..count).fold(String::new(), |text, number| format!("{text} a{number}: x({argument})"));
    let polygon: Vec<[f64; 2]> = vec![[-56.0, -15.0]; 500];
    let variables = json!({ "p": polygon });
    let inside = "b: {c: [$p]}";
    assert_eq!(code(&format!("query($p: P) {{ {} }}", times(10, inside)), variables.clone()), None);
    assert_eq!(code(&format!("query($p: P) {{ {} }}", times(20, inside)), variables.clone()), Some(Code::QueryTooCostly));
    // Arguments of fragments nobody spreads, of directives, and declared values are read as well.
    let unused = format!("query($p: P) {{ x(b: $p) }} fragment f on Q {{ {} }}", times(20, inside));
    assert_eq!(code(&unused, variables.clone()), Some(Code::QueryTooCostly));
    let directives = format!("query($p: P) {{ x {} }}", "@include(if: $p) ".repeat(20));
    assert_eq!(code(&directives, variables), Some(Code::QueryTooCostly));
    let declared = format!("query($p: [Int] = [{}]) {{ {} }}", "1 ".repeat(1_000), times(30, "b: $p"));
    assert_eq!(code(&declared, Value::Null), Some(Code::QueryTooCostly));
    let text = json!({ "p": "a".repeat(400_000) });
    assert_eq!(code(&format!("query($p: String) {{ {} }}", times(100, "b: $p")), text), Some(Code::QueryTooCostly));
}
