//! Prices in the contract: every list says how long it is, every mutation and every question that does work what it costs, and a dozen
//! questions cost what was agreed.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use async_graphql::parser::types::{BaseType, ConstDirective, FieldDefinition, TypeKind, TypeSystemDefinition};
use async_graphql::parser::{parse_query, parse_schema};
use async_graphql::{Positioned, Variables};
use async_graphql_value::ConstValue;
use roteiro::graphql::cost::{Guard, check};
use roteiro::graphql::limits::LIMITS;
use roteiro::graphql::prices::Prices;
use roteiro::graphql::schema::sdl;

/// Fields of the objects and interfaces of the contract, by type.
fn contract() -> BTreeMap<String, Vec<FieldDefinition>> {
    let definitions = parse_schema(sdl()).unwrap().definitions.into_iter();
    let fields = |definition| match definition {
        TypeSystemDefinition::Type(definition) => {
            let fields = match definition.node.kind {
                TypeKind::Object(object) => object.fields,
                TypeKind::Interface(interface) => interface.fields,
                _ => return None,
            };
            Some((definition.node.name.node.to_string(), fields.into_iter().map(|field| field.node).collect()))
        }
        _ => None,
    };
    definitions.filter_map(fields).collect()
}

fn named(base: &BaseType) -> &str {
    match base {
        BaseType::Named(name) => name,
        BaseType::List(item) => named(&item.base),
    }
}

fn directive<'a>(directives: &'a [Positioned<ConstDirective>], name: &str) -> Option<&'a ConstDirective> {
    directives.iter().map(|directive| &directive.node).find(|directive| directive.name.node == name)
}

fn names(directive: &ConstDirective, argument: &str) -> BTreeSet<String> {
    match directive.get_argument(argument).map(|value| &value.node) {
        Some(ConstValue::List(names)) => {
            names.iter().map(|name| if let ConstValue::String(name) = name { name.clone() } else { panic!("{name}") }).collect()
        }
        None => BTreeSet::new(),
        Some(other) => panic!("{other}"),
    }
}

#[test]
fn every_list_says_how_long_it_is() {
    let contract = contract();
    let all = || contract.iter().flat_map(|(ty, fields)| fields.iter().map(move |field| (ty, field)));
    // What the fields that lead to a type say of the lists in it.
    let mut sized: BTreeMap<&str, Vec<BTreeSet<String>>> = BTreeMap::new();
    for (ty, field) in all() {
        let size = directive(&field.directives, "listSize");
        let below = size.map(|size| names(size, "sizedFields")).unwrap_or_default();
        for name in &below {
            let fields = contract.get(named(&field.ty.node.base)).unwrap_or_else(|| panic!("{ty}.{}", field.name.node));
            assert!(fields.iter().any(|field| field.name.node == *name), "{ty}.{} sizes {name}, which is not there", field.name.node);
        }
        for argument in size.map(|size| names(size, "slicingArguments")).unwrap_or_default() {
            let is_there = field.arguments.iter().any(|known| known.node.name.node == argument);
            assert!(is_there, "{ty}.{} is sliced by {argument}, which it does not take", field.name.node);
        }
        sized.entry(named(&field.ty.node.base)).or_default().push(below);
    }
    let mut missing = Vec::new();
    for (ty, field) in all() {
        let is_list = matches!(field.ty.node.base, BaseType::List(_));
        let is_paged = named(&field.ty.node.base).ends_with("Connection") || named(&field.ty.node.base) == "ChangePage";
        let is_sized = sized.get(ty.as_str()).is_some_and(|ways| ways.iter().all(|below| below.contains(field.name.node.as_str())));
        if (is_list || is_paged) && directive(&field.directives, "listSize").is_none() && !is_sized {
            missing.push(format!("{ty}.{}", field.name.node));
        }
    }
    assert_eq!(missing, [""; 0]);
}

#[test]
fn every_mutation_and_every_question_that_does_work_has_a_price() {
    let contract = contract();
    // Answered by a look-up in what is held anyway.
    let free: BTreeSet<&str> = ["cities", "city", "signInProviders"].into();
    let unpriced = |ty: &str| -> BTreeSet<String> {
        let fields = contract[ty].iter().filter(|field| directive(&field.directives, "cost").is_none());
        fields.map(|field| field.name.node.to_string()).collect()
    };
    assert_eq!(unpriced("Mutation"), BTreeSet::new());
    assert_eq!(unpriced("Subscription"), BTreeSet::new());
    assert_eq!(unpriced("Query"), free.iter().map(|name| (*name).to_owned()).collect());
}

/// What clients ask.
const DOCUMENTS: [&str; 14] = [
    "{ cities { slug name { value } } }",
    "{ pointsOfInterest(near: { latitude: -15.6, longitude: -56.1 }, first: 20) { nodes { id slug name { value } category { slug } location { latitude longitude } } } }",
    "{ pointsOfInterest(first: 100) { totalCount nodes { slug } pageInfo { endCursor hasNextPage } } }",
    "{ pointsOfInterest(where: { openAt: \"2026-11-23T14:00:00Z\" }) { edges { node { slug openingHours { state until } } distanceMeters } } }",
    "{ pointOfInterest(by: { slug: \"x\" }) { name { value } nearby(first: 5) { nodes { slug } } events { nodes { id } } } }",
    "{ mapClusters(within: { south: -18, west: -61, north: -7, east: -50 }, zoom: 8) { count location { latitude longitude } } }",
    "{ search(text: \"cachoeira\") { totalCount edges { score node { __typename } } } }",
    "{ suggest(prefix: \"ca\") { text } }",
    "{ nodes(ids: [\"a\", \"b\", \"c\"]) { id } }",
    "{ changes(first: 500) { cursor hasMore entries { number kind id node { ... on PointOfInterest { slug name { value } } } } } }",
    "{ draft(id: \"x\") { revisions(first: 10) { version changes { field before after } } possibleDuplicates { nameSimilarity } } }",
    "mutation { saveTrip(input: { title: \"x\" }) { trip { id plan { days { stops { slack } } } } userErrors { code } } }",
    "mutation { deleteTrip(input: { id: \"x\" }) { deletedTripId } }",
    "subscription { catalogueChanged { cursor entries { id } } }",
];

#[test]
fn prices_of_what_clients_ask() {
    let prices = Prices::of_sdl(&sdl()).unwrap();
    let mut table = String::new();
    for text in DOCUMENTS {
        let document = parse_query(text).unwrap();
        let (_, operation) = document.operations.iter().next().unwrap();
        let guard = Guard { limits: &LIMITS, prices: &prices };
        let price = check(&document, &operation.node, &Variables::default(), guard).map_err(|failure| failure.code());
        writeln!(table, "{:>6}  {text}", price.map_or_else(|code| format!("{code:?}"), |points| points.to_string())).unwrap();
    }
    insta::assert_snapshot!(table);
}

#[test]
fn no_input_carries_a_directive_that_the_specification_gives_to_fields() {
    let text = sdl();
    let mut is_input = false;
    for line in text.lines() {
        is_input = line.starts_with("input ") || is_input && line != "}";
        assert!(!(is_input && line.contains("@listSize")), "{line}");
    }
    assert!(text.contains(
        "directive @cost(weight: String!) on ARGUMENT_DEFINITION | ENUM | FIELD_DEFINITION | INPUT_FIELD_DEFINITION | OBJECT | SCALAR"
    ));
    assert!(text.contains("directive @listSize(assumedSize: Int, slicingArguments: [String!], sizedFields: [String!], requireOneSlicingArgument: Boolean = true) on FIELD_DEFINITION"));
}
