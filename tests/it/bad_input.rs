//! Bad input gets a clear error at once, with a stable code, and the server goes on.

use std::fmt::Write;

use serde_json::{Value, json};

use crate::support::TestServer;

async fn goes_on(server: &TestServer) {
    assert_eq!(server.ask("{ cities { slug } }", Value::Null).await["cities"].as_array().unwrap().len(), 10);
}

#[tokio::test]
async fn wrong_arguments_are_refused_with_a_code_that_says_which() {
    let server = TestServer::demo().await;
    let polygon = |coordinates: Value| json!({ "w": { "within": { "polygon": { "type": "Polygon", "coordinates": coordinates } } } });
    let places = "query($w: PointOfInterestFilter, $n: NearInput, $a: String, $f: Int) { pointsOfInterest(where: $w, near: $n, after: $a, first: $f) { nodes { id } } }";
    let events = "query($w: EventFilter) { events(where: $w) { nodes { id } } }";
    let near = |latitude: f64, longitude: f64, radius: f64| json!({ "n": { "latitude": latitude, "longitude": longitude, "radiusMeters": radius } });
    let city = server.ask("{ cities { id } }", Value::Null).await["cities"][0]["id"].clone();
    let line = |points: usize| json!({ "w": { "alongRoute": { "points": vec![json!({ "latitude": -15.0, "longitude": -56.0 }); points], "maxDistanceMeters": 10.0 } } });
    for (query, variables, code) in [
        (places, near(95.0, 0.0, 1.0), "BAD_USER_INPUT"),
        (places, near(0.0, -180.5, 1.0), "BAD_USER_INPUT"),
        (places, near(0.0, 0.0, -1.0), "BAD_RADIUS"),
        (places, near(0.0, 0.0, 0.0), "BAD_RADIUS"),
        (places, near(0.0, 0.0, 1e12), "BAD_RADIUS"),
        (places, polygon(json!([[[0, 0], [2, 2], [2, 0], [0, 2], [0, 0]]])), "INVALID_POLYGON"),
        (places, polygon(json!([[[0, 0], [1, 1]]])), "INVALID_POLYGON"),
        (places, polygon(json!("no")), "INVALID_POLYGON"),
        (places, polygon(json!([(0..5_000).map(|step| json!([f64::from(step) / 100.0, 1])).collect::<Vec<_>>()])), "INVALID_POLYGON"),
        (places, json!({ "w": { "within": { "boundingBox": { "south": 1, "north": 0, "west": 0, "east": 1 } } } }), "BAD_USER_INPUT"),
        (places, json!({ "w": { "within": { "municipality": "9999999" } } }), "UNKNOWN_MUNICIPALITY"),
        (places, json!({ "w": { "within": { "municipality": "12" } } }), "BAD_USER_INPUT"),
        (places, json!({ "w": { "city": ["atlantis"] } }), "UNKNOWN_CITY"),
        (places, json!({ "w": { "category": ["no-such"] } }), "UNKNOWN_CATEGORY"),
        (places, json!({ "w": { "city": [] } }), "BAD_USER_INPUT"),
        (places, json!({ "w": { "openAt": "9999-01-01T00:00:00Z" } }), "TIME_OUT_OF_RANGE"),
        (places, json!({ "w": { "openAt": "tomorrow" } }), "BAD_USER_INPUT"),
        (places, json!({ "w": { "inSeasonOn": "2026-02-30" } }), "BAD_USER_INPUT"),
        (places, json!({ "w": { "text": "" } }), "BAD_TEXT"),
        (places, json!({ "w": { "text": "a".repeat(5_000) } }), "BAD_TEXT"),
        (places, json!({ "w": { "alongRoute": { "polyline": "\u{7f}!", "maxDistanceMeters": 10.0 } } }), "BAD_USER_INPUT"),
        (places, json!({ "w": { "alongRoute": { "maxDistanceMeters": 10.0 } } }), "BAD_USER_INPUT"),
        (places, line(1), "BAD_USER_INPUT"),
        (places, line(2_001), "BAD_USER_INPUT"),
        (places, json!({ "a": "bm90IGEgY3Vyc29y" }), "BAD_CURSOR"),
        (places, json!({ "a": "💣" }), "BAD_CURSOR"),
        (places, json!({ "f": 100_000 }), "BAD_PAGE"),
        (places, json!({ "f": 0 }), "BAD_PAGE"),
        ("{ pointsOfInterest(first: 1, last: 1) { nodes { id } } }", Value::Null, "BAD_PAGE"),
        ("{ pointsOfInterest(orderBy: DISTANCE) { nodes { id } } }", Value::Null, "BAD_USER_INPUT"),
        ("{ pointsOfInterest(first: 1) { nodes { name(language: \"xx-nonsense\") { value } } } }", Value::Null, "BAD_LANGUAGE"),
        ("query($id: ID!) { pointOfInterest(by: {id: $id}) { id } }", json!({ "id": city }), "BAD_ID"),
        ("query($id: ID!) { node(id: $id) { id } }", json!({ "id": "nonsense" }), "BAD_ID"),
        ("{ pointOfInterest(by: {id: \"a\", slug: \"b\"}) { id } }", Value::Null, "GRAPHQL_VALIDATION_FAILED"),
        (events, json!({ "w": { "from": "2026-01-02T00:00:00Z", "to": "2026-01-01T00:00:00Z" } }), "TIME_OUT_OF_RANGE"),
        (events, json!({ "w": { "from": "2000-01-01T00:00:00Z", "to": "2026-01-01T00:00:00Z" } }), "TIME_OUT_OF_RANGE"),
        ("{ mapClusters(within: {south: -18, west: -61, north: -7, east: -50}, zoom: 99) { count } }", Value::Null, "BAD_USER_INPUT"),
        ("{ suggest(prefix: \"a\", limit: 500) { text } }", Value::Null, "BAD_PAGE"),
        ("{ nonsense }", Value::Null, "GRAPHQL_VALIDATION_FAILED"),
        ("{", Value::Null, "GRAPHQL_PARSE_FAILED"),
        ("query A { cities { id } } query B { cities { id } }", Value::Null, "OPERATION_NOT_FOUND"),
    ] {
        assert_eq!(
            server.refusal(query, variables.clone()).await,
            code,
            "{query} {}",
            variables.to_string().chars().take(200).collect::<String>()
        );
    }
    goes_on(&server).await;
}

/// Status and code of a body sent as it is.
async fn send(server: &TestServer, content_type: &str, body: impl Into<reqwest::Body>) -> (u16, String) {
    let request = server
        .client
        .post(server.url("/graphql"))
        .header("content-type", content_type)
        .header("accept", "application/graphql-response+json");
    let response = request.body(body).send().await.unwrap();
    let status = response.status().as_u16();
    let answer: Value = response.json().await.unwrap();
    assert!(answer.get("data").is_none(), "{answer}");
    (status, answer["errors"][0]["extensions"]["code"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn documents_made_to_hurt_are_refused_before_they_are_walked() {
    let server = TestServer::demo().await;
    let mut doubling = "{ ...f0 }".to_owned();
    for level in 0..31 {
        write!(doubling, " fragment f{level} on Query {{ ...f{0} ...f{0} }}", level + 1).unwrap();
    }
    doubling.push_str(" fragment f31 on Query { catalogue { version } }");
    let mut wide = "{ ...f0 }".to_owned();
    for level in 0..8 {
        let spreads: String = std::iter::repeat_n(format!("...f{} ", level + 1), 10).collect();
        write!(wide, " fragment f{level} on Query {{ {spreads}}}").unwrap();
    }
    wide.push_str(" fragment f8 on Query { catalogue { version } }");
    let aliases: String = (0..10_000).map(|number| format!("a{number}:catalogue{{version}} ")).collect();
    let costly: String = (0..120).map(|number| format!("a{number}: pointsOfInterest(first: 100) {{ nodes {{ slug }} }} ")).collect();
    for (query, code) in [
        (format!("{{ catalogue {{ version }} }} #{}", "x".repeat(100_000)), "QUERY_TOO_LARGE"),
        (format!("{}{}", "{ a ".repeat(500), "}".repeat(500)), "QUERY_TOO_DEEP"),
        (format!("{{ {aliases} }}"), "QUERY_TOO_LARGE"),
        (format!("{{ {costly} }}"), "QUERY_TOO_COSTLY"),
        (doubling, "QUERY_TOO_COSTLY"),
        (wide, "QUERY_TOO_COSTLY"),
        (format!("{{ catalogue {} {{ version }} }}", "@skip(if: false) ".repeat(3_000)), "TOO_MANY_DIRECTIVES"),
        ("{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }".to_owned(), "GRAPHQL_VALIDATION_FAILED"),
    ] {
        let body = json!({ "query": query }).to_string();
        assert_eq!(send(&server, "application/json", body).await, (400, code.to_owned()), "{}", query.chars().take(60).collect::<String>());
    }
    goes_on(&server).await;
}

#[tokio::test]
async fn bodies_that_are_no_request_are_refused() {
    let server = TestServer::demo().await;
    let batch = format!("[{}]", vec![r#"{"query":"{catalogue{version}}"}"#; 5_000].join(","));
    let directives = format!("{{ catalogue {} {{ version }} }}", "@skip(if: false) ".repeat(20_000));
    for (content_type, body, status, code) in [
        ("application/json", json!({ "query": " ".repeat(5_000_000) }).to_string(), 413, "PAYLOAD_TOO_LARGE"),
        ("application/json", json!({ "query": directives }).to_string(), 413, "PAYLOAD_TOO_LARGE"),
        ("application/json", batch, 400, "BATCH_NOT_SUPPORTED"),
        ("text/plain", "{}".to_owned(), 415, "UNSUPPORTED_MEDIA_TYPE"),
        ("application/json", "{".to_owned(), 400, "BAD_REQUEST"),
        ("application/json", "{}".to_owned(), 400, "BAD_REQUEST"),
        ("application/json", r#"{"query":1}"#.to_owned(), 400, "BAD_REQUEST"),
        ("application/json", r#"{"query":"{a}","variables":[]}"#.to_owned(), 400, "BAD_REQUEST"),
        ("application/json", r#"{"query":"{a}","operationName":{}}"#.to_owned(), 400, "BAD_REQUEST"),
        ("application/json", "\u{feff}".to_owned() + &"[".repeat(200_000), 400, "BAD_REQUEST"),
        (
            "application/json",
            format!(r#"{{"query":"{{a}}","variables":{}{}}}"#, "[".repeat(100_000), "]".repeat(100_000)),
            400,
            "BAD_REQUEST",
        ),
    ] {
        let shown: String = body.chars().take(60).collect();
        assert_eq!(send(&server, content_type, body).await, (status, code.to_owned()), "{shown}");
    }
    goes_on(&server).await;
}

#[tokio::test]
async fn a_polygon_of_three_million_points_is_refused_while_it_arrives() {
    let server = TestServer::demo().await;
    let ring = "[-56.0,-15.0],".repeat(3_000_000);
    let body = format!(r#"{{"query":"{{cities{{slug}}}}","variables":{{"p":[{ring}[0,0]]}}}}"#);
    let request = server.client.post(server.url("/graphql")).header("content-type", "application/json").body(body).send().await;
    // The server answers and closes while the client still writes; some clients then see the broken pipe first.
    if let Ok(response) = request {
        assert_eq!(response.status(), 413);
    }
    goes_on(&server).await;
}

#[tokio::test]
async fn long_messages_are_cut_and_tell_nothing_of_the_inside() {
    let server = TestServer::demo().await;
    let answer = server.answer(&format!("{{ {} }}", "x".repeat(30_000)), Value::Null).await;
    let message = answer["errors"][0]["message"].as_str().unwrap();
    assert!(message.chars().count() <= 501, "{}", message.len());
}
