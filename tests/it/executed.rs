//! What is executed of a document, held against the specification (October 2021): variables that are left out, conditions, objects of
//! which nothing is selected. The answers are written by hand from the specification's algorithms.

use serde_json::{Value, json};

use crate::support::TestServer;

async fn check(server: &TestServer, cases: &[(&str, Value, Value)]) {
    for (query, variables, data) in cases {
        // Twice: the second time the document is known.
        for _ in 0..2 {
            assert_eq!(server.answer(query, variables.clone()).await, json!({ "data": data }), "{query}\n{variables}");
        }
    }
}

#[tokio::test]
async fn defaults_of_variables_hold_in_conditions() {
    let server = TestServer::demo().await;
    let id = server.ask("{ city(slug: \"cuiaba\") { id } }", json!({})).await["city"]["id"].take();
    let include = "query($i: Boolean = true) { city(slug: \"cuiaba\") { slug id @include(if: $i) } }";
    let skip = "query($s: Boolean = true) { city(slug: \"cuiaba\") { slug ...F @skip(if: $s) ... @skip(if: $s) { id } } } fragment F on City { id }";
    let both = "query($i: Boolean! = false) { city(slug: \"cuiaba\") { slug id @include(if: $i) @skip(if: false) } }";
    let (with, without) = (json!({ "city": { "slug": "cuiaba", "id": id } }), json!({ "city": { "slug": "cuiaba" } }));
    check(
        &server,
        &[
            (include, json!({}), with.clone()),
            (include, json!({ "i": false }), without.clone()),
            (skip, json!({}), without.clone()),
            (skip, json!({ "s": false }), with.clone()),
            (both, json!({}), without.clone()),
            (both, json!({ "i": true }), with),
        ],
    )
    .await;
    // A default belongs to the operation that declares it.
    let named = "query A($i: Boolean = true) { city(slug: \"cuiaba\") { slug id @include(if: $i) } } query B { cities { slug } }";
    let body = json!({ "query": named, "operationName": "A" });
    let answer: Value = server.client.post(server.url("/graphql")).json(&body).send().await.unwrap().json().await.unwrap();
    assert_eq!(answer["data"]["city"]["id"], id, "{answer:#}");
}

#[tokio::test]
async fn an_argument_whose_variable_is_left_out_was_not_given() {
    let server = TestServer::demo().await;
    let count = async |query: &str, variables: Value| server.ask(query, variables).await["suggest"].as_array().unwrap().len();
    let all = count("{ suggest(prefix: \"c\") { text } }", json!({})).await;
    let query = "query($n: Int) { suggest(prefix: \"c\", limit: $n) { text } }";
    assert_eq!((count(query, json!({})).await, count(query, json!({ "n": 2 })).await), (all, 2));
    assert_eq!(count(query, json!({ "n": 2.0 })).await, 2, "JSON has one kind of number");
    assert_eq!(server.refusal(query, json!({ "n": 2.5 })).await, "GRAPHQL_VALIDATION_FAILED");

    // So it is in an input, in a fragment, and in a list, where it is null.
    let total =
        async |query: &str, variables: Value| server.ask(query, variables).await["pointsOfInterest"]["totalCount"].as_i64().unwrap();
    let everything = total("{ pointsOfInterest { totalCount } }", json!({})).await;
    let of_input = "query($c: [String!], $w: PointOfInterestFilter) { ...F } fragment F on Query { pointsOfInterest(where: { city: $c }) { totalCount }
        other: pointsOfInterest(where: $w) { totalCount } }";
    assert_eq!(total(of_input, json!({})).await, everything);
    assert!(total(of_input, json!({ "c": ["cuiaba"] })).await < everything);
    let in_list = "query($c: String) { cities { slug } pointsOfInterest(where: { city: [$c] }) { totalCount } }";
    let answer = server.answer(in_list, json!({})).await;
    assert!(answer["errors"].is_array(), "null is no slug: {answer}");
    let missing = "query($s: String!) { city(slug: $s) { slug } }";
    assert_eq!(server.refusal(missing, json!({})).await, "GRAPHQL_VALIDATION_FAILED");
}

#[tokio::test]
async fn an_object_of_which_nothing_is_selected_is_empty_and_not_null() {
    let server = TestServer::demo().await;
    let event = server.ask("{ events(first: 1) { nodes { event { id } } } }", json!({})).await["events"]["nodes"][0]["event"]["id"].take();
    let cities = server.ask("{ cities { slug } }", json!({})).await["cities"].as_array().unwrap().len();
    let node = "query($id: ID!) { node(id: $id) { ... on PointOfInterest { slug } } }";
    let spread = "query($id: ID!) { node(id: $id) { ...F } } fragment F on PointOfInterest { slug ...G } fragment G on Node { id }";
    let unconditional = "query($id: ID!) { node(id: $id) { ...G } } fragment G on Node { id }";
    check(
        &server,
        &[
            ("{ catalogue { version @skip(if: true) } }", json!({}), json!({ "catalogue": {} })),
            ("{ cities @skip(if: true) { slug } }", json!({}), json!({})),
            ("{ cities @include(if: true) { slug @skip(if: true) } }", json!({}), json!({ "cities": vec![json!({}); cities] })),
            (node, json!({ "id": event }), json!({ "node": {} })),
            (spread, json!({ "id": event }), json!({ "node": {} })),
            (unconditional, json!({ "id": event }), json!({ "node": { "id": event } })),
            ("query($i: Boolean = false) { city(slug: \"cuiaba\") { ... @include(if: $i) { slug } } }", json!({}), json!({ "city": {} })),
        ],
    )
    .await;
    let gone = server.ask("{ city(slug: \"nowhere\") { slug @skip(if: true) } }", json!({})).await;
    assert_eq!(gone, json!({ "city": null }), "what is not there is null all the same");

    let found = "{ search(text: \"cuiaba\", first: 20) { nodes { ... on PointOfInterest { slug } } edges { node { __typename } } } }";
    let found = server.ask(found, json!({})).await["search"].take();
    let (nodes, edges) = (found["nodes"].as_array().unwrap(), found["edges"].as_array().unwrap());
    assert!(edges.iter().any(|edge| edge["node"]["__typename"] != "PointOfInterest"), "something else is found too");
    for (node, edge) in nodes.iter().zip(edges) {
        let slug = if edge["node"]["__typename"] == "PointOfInterest" { json!({ "slug": node["slug"] }) } else { json!({}) };
        assert_eq!(*node, slug);
    }
}

#[tokio::test]
async fn what_is_skipped_is_validated_all_the_same() {
    let server = TestServer::demo().await;
    for query in [
        "{ cities { slug } nothing @skip(if: true) }",
        "{ cities { slug ... @skip(if: true) { nothing } } }",
        "query($unused: Int) { cities { slug } }",
        "query($n: Int) { cities { slug } suggest(prefix: \"c\", limt: $n) @skip(if: true) { text } }",
    ] {
        for _ in 0..2 {
            assert_eq!(server.refusal(query, json!({})).await, "GRAPHQL_VALIDATION_FAILED", "{query}");
        }
    }
}

#[tokio::test]
async fn head_is_get_without_a_body() {
    let server = TestServer::demo().await;
    let url = server.url("/graphql?query={cities{slug}}");
    let (get, head) = (server.client.get(&url).send().await.unwrap(), server.client.head(&url).send().await.unwrap());
    assert_eq!((head.status(), head.headers().get("etag")), (get.status(), get.headers().get("etag")));
    assert!(head.bytes().await.unwrap().is_empty());
    assert_eq!(
        server.client.head(server.url("/graphql?query=mutation{signInAnonymously{accessToken}}")).send().await.unwrap().status(),
        405
    );
}

/// Fields of the root that cannot fail; any other may be null, so that its failure leaves what was asked with it.
const CANNOT_FAIL: [&str; 4] = ["catalogue", "cities", "categories", "signInProviders"];

#[tokio::test]
async fn what_fails_leaves_the_rest_of_the_answer() {
    let server = TestServer::demo().await;
    let query = "{ __schema { queryType { fields { name type { kind } } } mutationType { fields { name type { kind } } } } }";
    let schema = server.ask(query, json!({})).await["__schema"].take();
    let fields = ["queryType", "mutationType"].map(|root| schema[root]["fields"].as_array().unwrap().clone()).concat();
    assert!(fields.len() > 70, "{}", fields.len());
    for field in fields {
        let may_be_null = field["type"]["kind"] != "NON_NULL";
        assert_eq!(may_be_null, !CANNOT_FAIL.contains(&field["name"].as_str().unwrap()), "{}", field["name"]);
    }
    let screen =
        "{ catalogue { version } pointsOfInterest(where: { city: [\"nope\"] }) { totalCount } trips { id } accounts { nodes { name } } }";
    let answer = server.answer(screen, json!({})).await;
    let nulls = ["pointsOfInterest", "trips", "accounts"].map(|field| answer["data"][field].is_null());
    assert!(answer["data"]["catalogue"]["version"].is_string() && nulls == [true; 3], "{answer:#}");
    // The session that was made is not lost with what failed beside it.
    let answer = server.answer("mutation { made: signInAnonymously { accessToken } eraseMe { erasedTrips } }", json!({})).await;
    assert!(answer["data"]["made"]["accessToken"].is_string() && answer["data"]["eraseMe"].is_null(), "{answer:#}");
    assert_eq!(answer["errors"][0]["path"], json!(["eraseMe"]));
}
