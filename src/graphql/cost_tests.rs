use std::fmt::Write;
use std::sync::LazyLock;

use serde_json::{Value, json};

use super::*;
use crate::graphql::limits::LIMITS;
use crate::graphql::schema::sdl;

static PRICES: LazyLock<Prices> = LazyLock::new(|| Prices::of_sdl(&sdl()).unwrap());

fn price_by(prices: &Prices, query: &str, variables: Value) -> Result<u64, Code> {
    let document = async_graphql::parser::parse_query(query).unwrap();
    let (_, operation) = document.operations.iter().next().unwrap();
    let guard = Guard { limits: &LIMITS, prices };
    check(&document, &operation.node, &Variables::from_json(variables), guard).map_err(|failure| failure.code())
}

fn price(query: &str, variables: Value) -> Result<u64, Code> {
    price_by(&PRICES, query, variables)
}

fn code(query: &str, variables: Value) -> Option<Code> {
    price(query, variables).err()
}

#[test]
fn tables_are_sorted_for_the_search() {
    assert!(INTROSPECTION_LISTS.is_sorted());
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
    // A list of another schema, on which nobody has put the directive.
    let other = Prices::of_sdl("type Query { a(first: Int): [A] } type A { a(last: Int): [A] c: Int }").unwrap();
    assert_eq!(price_by(&other, "{ a(first: 200) { a(last: 200) { c } } }", Value::Null), Err(Code::QueryTooCostly));
    assert_eq!(price_by(&other, "{ a { a { c } } }", Value::Null), Ok(1 + 10 * (1 + 1 + 10 * 2)));
}

#[test]
fn a_hundred_places_with_thirty_fields_pass() {
    let fields = (0..30).fold(String::new(), |text, number| format!("{text} f{number} {{ value }}"));
    assert_eq!(code(&format!("{{ pointsOfInterest(first: 100) {{ edges {{ node {{ {fields} }} }} }} }}"), Value::Null), None);
}

#[test]
fn only_the_operation_asked_for_pays() {
    let document = async_graphql::parser::parse_query(
        "query dear { pointsOfInterest(first: 100) { nodes { nearby(first: 100) { nodes { slug } } } } } query cheap { cities { slug } }",
    )
    .unwrap();
    let checked = |wanted: &str| {
        let (_, operation) = document.operations.iter().find(|(name, _)| name.is_some_and(|name| name == wanted)).unwrap();
        check(&document, &operation.node, &Variables::default(), Guard { limits: &LIMITS, prices: &PRICES })
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

#[test]
fn a_fragment_is_multiplied_by_the_list_it_is_spread_in() {
    let places = |first: u32, spread: &str| format!("pointsOfInterest(first: {first}) {{ {spread} }}");
    let plain = price(&format!("{{ {} }}", places(50, "nodes { slug } pageInfo { endCursor }")), Value::Null).unwrap();
    // The list costs 10, its nodes 1, the page information 2, each node 1 and its slug 1.
    assert_eq!(plain, 10 + 1 + 2 + 50 * 2);
    let fragment = "fragment f on PointOfInterestConnection { nodes { slug } pageInfo { endCursor } }";
    assert_eq!(price(&format!("{{ {} }} {fragment}", places(50, "...f")), Value::Null), Ok(plain + 1));
    // One fragment in lists of two lengths.
    let both = format!("{{ a: {} b: {} }} {fragment}", places(50, "...f"), places(100, "... { ...f }"));
    assert_eq!(price(&both, Value::Null), Ok(2 * plain + 50 * 2 + 2));
    // What is unknown, and what stands on another type, costs its fields.
    assert_eq!(price("{ nobody { knows } }", Value::Null), Ok(2));
}

#[test]
fn a_field_is_priced_by_its_type_and_not_by_its_name() {
    let revision = price("{ draft(id: \"x\") { revisions(first: 1) { changes { field } } } }", Value::Null).unwrap();
    let feed = price("{ changes(first: 1) { entries { number } } }", Value::Null).unwrap();
    assert_eq!((revision, feed), (20 + 50 + 1 + 5 + 20 * (1 + 1), 20 + 1 + 2));
    for mutation in ["deleteTrip", "shareTrip", "revokeShare", "schedule"] {
        assert!(price(&format!("mutation {{ {mutation}(input: {{}}) {{ userErrors {{ code }} }} }}"), Value::Null).unwrap() >= 1_000);
    }
}

#[test]
fn interfaces_cost_what_the_dearest_of_their_objects_does() {
    let sdl = "type Query { node: Node } interface Node { twin: Node all: [Node] }
        type A implements Node { twin: Node @cost(weight: \"7\") all: [Node] @listSize(assumedSize: 3) }
        type B implements Node { twin: Node @cost(weight: \"9\") all: [Node] @listSize(assumedSize: 40) }";
    let prices = Prices::of_sdl(sdl).unwrap();
    let price = |inside: &str| price_by(&prices, &format!("{{ node {{ {inside} }} }}"), Value::Null).unwrap();
    assert_eq!(price("twin { __typename }"), 1 + 9 + 1);
    assert_eq!(price("... on A { twin { __typename } }"), 1 + 7 + 1);
    assert_eq!(price("all { twin { __typename } }"), 1 + 1 + 40 * (1 + 10));
}

#[test]
fn an_encoded_line_costs_as_much_as_its_points() {
    let points: Vec<(f64, f64)> =
        (0..400).map(|number| (if number % 2 == 0 { -15.6 } else { -15.595 }, -56.0 + f64::from(number) * 0.0001)).collect();
    let line: geo::LineString = points.iter().map(|(latitude, longitude)| (*longitude, *latitude)).collect();
    let encoded = polyline::encode_coordinates(line, 5).unwrap();
    let query = "query($line: CorridorInput!) { pointsOfInterest(where: { alongRoute: $line }) { totalCount } }";
    let of = |line: Value| price(query, json!({ "line": line })).unwrap();
    let points: Vec<Value> = points.iter().map(|(latitude, longitude)| json!({ "latitude": latitude, "longitude": longitude })).collect();
    let by_points = of(json!({ "points": points, "maxDistanceMeters": 100_000 }));
    let by_text = of(json!({ "polyline": encoded, "maxDistanceMeters": 100_000 }));
    assert!(by_points > 1_200);
    assert!(by_text.abs_diff(by_points) <= encoded.len() as u64 / 1_000, "{by_text} for the text, {by_points} for the points");
    // Written into the document it is the same.
    let literal = format!(
        "{{ pointsOfInterest(where: {{ alongRoute: {{ polyline: {}, maxDistanceMeters: 1 }} }}) {{ totalCount }} }}",
        serde_json::to_string(&encoded).unwrap()
    );
    assert_eq!(price(&literal, Value::Null), Ok(by_text));
    let often = literal.replacen(
        "{ pointsOfInterest",
        &format!("{{ {} pointsOfInterest", literal[1..literal.len() - 1].replace("pointsOf", "a: pointsOf").repeat(17)),
        1,
    );
    assert_eq!(code(&often, Value::Null), Some(Code::QueryTooCostly));
}

#[test]
fn a_polygon_in_a_text_costs_as_much_as_one_in_an_object() {
    let ring: Vec<[f64; 2]> = (0..300).map(|number| [-56.0 + f64::from(number) * 0.01, -15.0]).collect();
    let polygon = json!({ "type": "Polygon", "coordinates": [ring] });
    let query = "query($area: GeoJSON!) { pointsOfInterest(where: { within: { polygon: $area } }) { totalCount } }";
    let object = price(query, json!({ "area": polygon })).unwrap();
    let text = price(query, json!({ "area": polygon.to_string() })).unwrap();
    assert!(object > 900 && text >= object, "{text} for the text, {object} for the object");
}
