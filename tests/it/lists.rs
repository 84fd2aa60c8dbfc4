//! Lists of places are written in one walk when all that is asked of them is at hand, and by the ordinary resolvers otherwise.
//! A client must not be able to tell which.

use serde_json::{Value, json};

use crate::support::TestServer;

/// An argument sends the whole list to the ordinary resolvers.
const SLOW: &str = "slow: images(first: 1) { url }";

async fn edges(server: &TestServer, edge: &str, node: &str) -> Vec<Value> {
    let declared = if node.contains("$skip") { "query($skip: Boolean! = true)" } else { "" };
    let query = format!(
        "{declared} {{ pointsOfInterest(near: {{latitude: -15.6, longitude: -56.1}}, first: 40) {{ edges {{ {edge} node {{ {node} }} }} }} }}
        fragment named on PointOfInterest {{ title: name {{ value }} ...also }}
        fragment also on PointOfInterest {{ heading: name {{ language }} kind: category {{ slug }} }}"
    );
    let data = server.ask(&query, Value::Null).await;
    let edges = data["pointsOfInterest"]["edges"].as_array().unwrap().clone();
    assert_eq!(edges.len(), 40);
    edges
}

async fn is_the_same_both_ways(server: &TestServer, edge: &str, node: &str) {
    let spread = "unused: __typename ...named";
    let fast = edges(server, edge, &format!("{spread} {node}")).await;
    let mut slow = edges(server, edge, &format!("{spread} {node} {SLOW}")).await;
    for edge in &mut slow {
        assert!(edge["node"].as_object_mut().unwrap().remove("slow").is_some());
    }
    for (one, other) in fast.iter().zip(&slow) {
        // As texts, so that the order of the fields counts too.
        assert_eq!(one.to_string(), other.to_string());
    }
}

#[tokio::test]
async fn what_is_at_hand_is_answered_as_the_resolvers_answer_it() {
    let server = TestServer::demo().await;
    let text = "value language origin __typename";
    let node = format!(
        "__typename id slug name {{ {text} }} summary {{ {text} }} description {{ {text} }} location {{ __typename latitude longitude }}
         category {{ __typename id slug schemaOrgType name {{ {text} }} }} city {{ __typename id slug timeZone name {{ {text} }} }}
         timeZone isAccessibleForFree"
    );
    is_the_same_both_ways(&server, "__typename cursor distanceMeters progressMeters", &node).await;
}

#[tokio::test]
async fn aliases_fragments_repetitions_and_conditions_are_followed() {
    let server = TestServer::demo().await;
    let twice = "node { name { value } } node { name { language } category { id } }";
    let list = "pointsOfInterest(near: {latitude: -15.6, longitude: -56.1}, first: 3)";
    let asked = format!("{{ {list} {{ edges {{ cursor }} edges {{ {twice} }} }} {list} {{ edges {{ distanceMeters }} }} }}");
    let merged = server.ask(&asked, Value::Null).await;
    for edge in merged["pointsOfInterest"]["edges"].as_array().unwrap() {
        assert!(edge["cursor"].is_string() && edge["distanceMeters"].is_number(), "{edge}");
        assert!(edge["node"]["name"]["value"].is_string() && edge["node"]["name"]["language"].is_string(), "{edge}");
        assert!(edge["node"]["category"]["id"].is_string(), "{edge}");
    }
    for node in [
        "a: id id b: id",
        "name { value } name { origin value }",
        "... on PointOfInterest { slug } ... on Node { id } ... { timeZone }",
        "location @skip(if: $skip) { latitude } location { longitude }",
        "summary { value @include(if: false) language }",
        "city { slug ... on City { again: slug } } category { ...{ slug } }",
    ] {
        is_the_same_both_ways(&server, "here: distanceMeters", node).await;
    }
}

#[tokio::test]
async fn changes_are_the_same_both_ways() {
    let server = TestServer::demo().await;
    let asked = |more: &str| {
        format!(
            "{{ changes(first: 300) {{ entries {{ __typename number kind at type id replacedBy city {{ slug }} {more} node {{ __typename id
                ... on PointOfInterest {{ slug name {{ value }} location {{ latitude }} }} ... on Event {{ slug category {{ slug }} }}
                ... on Route {{ slug }} ... on City {{ slug name {{ value }} }} }} }} }} }}"
        )
    };
    let fast = server.ask(&asked(""), Value::Null).await;
    let mut slow = server.ask(&asked("slow: node { ... on City { summary { value } } }"), Value::Null).await;
    for change in slow["changes"]["entries"].as_array_mut().unwrap() {
        assert!(change.as_object_mut().unwrap().remove("slow").is_some());
    }
    assert_eq!(fast.to_string(), slow.to_string());
}

#[tokio::test]
async fn nodes_alone_and_other_fields_are_answered_too() {
    let server = TestServer::demo().await;
    let asked = "{ pointsOfInterest(first: 5) { nodes { slug openingHours { state } } edges { node { slug } } } }";
    let places = server.ask(asked, Value::Null).await["pointsOfInterest"].clone();
    for number in 0..5 {
        assert_eq!(places["nodes"][number]["slug"], places["edges"][number]["node"]["slug"]);
        assert!(places["nodes"][number]["openingHours"]["state"].is_string());
    }
}

#[tokio::test]
async fn a_document_known_to_be_valid_still_has_its_variables_checked() {
    let server = TestServer::demo().await;
    let query = "query($first: Int!, $where: PointOfInterestFilter) { pointsOfInterest(first: $first, where: $where) { nodes { slug } } }";
    for _ in 0..3 {
        server.ask(query, json!({ "first": 1, "where": { "isFree": true } })).await;
        for (variables, message) in [
            (json!({}), "variable $first of type Int! is required"),
            (json!({ "first": "1" }), "variable $first is not of type Int"),
            (json!({ "first": 1, "where": { "open": true } }), "variable $where.open is not a field of its type"),
            (json!({ "first": 1, "where": { "openUnknown": "MAYBE" } }), "variable $where.openUnknown is not of type UnknownPolicy"),
        ] {
            let answer = server.answer(query, variables).await;
            assert_eq!(answer["errors"][0]["message"], message);
            assert_eq!(answer["errors"][0]["extensions"]["code"], "GRAPHQL_VALIDATION_FAILED");
            assert_eq!(answer.get("data"), None);
        }
    }
}

#[tokio::test]
async fn results_of_four_kinds_are_the_same_both_ways() {
    let server = TestServer::demo().await;
    for node in [
        "__typename ... on PointOfInterest { id slug name { value } PLACE } ... on Event { slug summary { value } category { slug } }
         ... on Route { id slug name { value language } } ... on City { slug timeZone }",
        "... on Node { id ... on Event { slug } } ... on PointOfInterest { id category { slug } category { id } PLACE }",
        "... on PointOfInterest { city { slug } PLACE } ... on Event { city { id } } ... on Route { city { slug } } ...any",
        "... on City { slug } ... on PointOfInterest { PLACE __typename }",
    ] {
        let mut seen = std::collections::BTreeSet::new();
        for text in ["cuiabá", "cachoeira", "festa", "pantanal rota"] {
            let query = |place: &str| {
                let node = node.replace("PLACE", place);
                format!(
                    "query($text: String!) {{ search(text: $text, first: 60) {{ edges {{ cursor score distanceMeters kind: node {{ __typename }} node {{ {node} }} }} }} }}
                     fragment any on SearchResult {{ __typename ... on Event {{ id }} }}"
                )
            };
            // The fragment may not stand unused.
            let ask = async |place: &str| {
                let mut query = query(place);
                if !query.contains("...any") {
                    query.truncate(query.find("fragment any").unwrap());
                }
                server.ask(&query, json!({ "text": text })).await["search"]["edges"].as_array().unwrap().clone()
            };
            let (fast, mut slow) = (ask("").await, ask(SLOW).await);
            assert!(!fast.is_empty(), "{text}");
            for (one, other) in fast.iter().zip(&mut slow) {
                // Of an object that no fragment asks anything of, async-graphql 7.2 answers null; the specification says `{}`.
                match other["node"].as_object_mut() {
                    Some(node) => drop(node.remove("slow")),
                    None => other["node"] = json!({}),
                }
                assert_eq!(one.to_string(), other.to_string());
                seen.insert(one["kind"]["__typename"].as_str().unwrap().to_owned());
            }
            assert_eq!(fast.len(), slow.len());
        }
        assert_eq!(seen.len(), 4, "{seen:?}");
    }
}
