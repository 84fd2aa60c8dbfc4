//! The whole public catalogue as a client can read it, to compare two servers.

use serde_json::{Map, Value, json};

use super::TestServer;

const PLACE: &str = r#"distanceMeters node {
    id slug city { slug } municipality { ibge name } category { slug } name { value language origin state }
    english: name(language: "en") { value language origin } summary { value language origin } description { value language }
    location { latitude longitude } address { streetAddress locality postalCode } contact { telephone email url } timeZone
    openingHours(at: "2026-11-25T15:00:00Z") { state until nextChange comment raw note source verifiedAt
        days(from: "2026-12-24", to: "2026-12-26") { date holiday intervals { opens closes state comment } } }
    accessRules { kind hoursAhead people years source verifiedAt } season { months source }
    prices { audience amount currency item { value } source verifiedAt } isAccessibleForFree
    accessibility { verdict decidedBy features { feature value evidence source verifiedAt } } typicalVisit
    images { url width height alternativeText { value } license { spdx } source } attributionText
    provenance { source confidence lastVerifiedAt sameAs license { spdx name url commercial derivatives credit } }
    nearby(first: 3) { edges { distanceMeters node { slug } } } events(first: 5) { nodes { id } } }"#;

const OCCURRENCE: &str = r"distanceMeters node { id start end status event { id slug city { slug } category { slug }
    name { value language } summary { value } description { value } note { value } status previousStart series edition
    venue { name location { latitude longitude } pointOfInterest { id slug } } isAccessibleForFree
    schedule { dtstart dtend rrule rdate exdate timeZone allDay } otherEditions { slug } attributionText
    provenance { source confidence lastVerifiedAt } } }";

const ROUTE: &str = r"node { id slug city { slug } name { value language } summary { value } description { value } theme mode difficulty
    season { months source } distanceMeters distanceBasis duration
    stops { position stay note { value } pointOfInterest { id slug } } attributionText provenance { source confidence } }";

const RESULT: &str = "score distanceMeters node { __typename ... on Node { id } }";

impl TestServer {
    /// All pages of a list: its edges with their cursors, and its total.
    pub async fn all_pages(&self, field: &str, arguments: &str, edge: &str) -> Value {
        let query = format!(
            "query($after: String) {{ page: {field}(first: 25, after: $after, {arguments}) \
             {{ totalCount edges {{ cursor {edge} }} pageInfo {{ hasNextPage endCursor }} }} }}"
        );
        let (mut edges, mut after) = (Vec::new(), Value::Null);
        loop {
            let mut page = self.ask(&query, json!({ "after": after })).await["page"].take();
            edges.append(page["edges"].as_array_mut().unwrap());
            if page["pageInfo"]["hasNextPage"] == json!(false) {
                assert_eq!(page["totalCount"], json!(edges.len()), "{field}({arguments})");
                return Value::Array(edges);
            }
            after = page["pageInfo"]["endCursor"].clone();
        }
    }

    /// Every list with nearly every field, searches for the words, and a map.
    pub async fn everything(&self, words: &[&str]) -> Value {
        let mut all = Map::new();
        let lists = [
            ("pointsOfInterest", "orderBy: NAME", PLACE),
            ("pointsOfInterest", "near: {latitude: -15.6, longitude: -56.1, radiusMeters: 400000}", "distanceMeters node { slug }"),
            ("pointsOfInterest", "where: {openAt: \"2026-11-25T15:00:00Z\", openUnknown: LAST}", "node { slug }"),
            ("pointsOfInterest", "where: {category: [\"nature\"]}", "node { slug }"),
            ("events", "where: {from: \"2025-01-01T00:00:00Z\", to: \"2027-12-31T00:00:00Z\"}", OCCURRENCE),
            ("unannouncedEvents", "", "node { slug status }"),
            ("routes", "", ROUTE),
        ];
        for (field, arguments, edge) in lists {
            all.insert(format!("{field}({arguments})"), self.all_pages(field, arguments, edge).await);
        }
        for word in words {
            all.insert(format!("search {word}"), self.all_pages("search", &format!("text: \"{word}\""), RESULT).await);
            let prefix: String = word.chars().take(3).collect();
            let suggest = format!("{{ suggest(prefix: \"{prefix}\", limit: 20) {{ text type city {{ slug }} }} }}");
            all.insert(format!("suggest {prefix}"), self.ask(&suggest, Value::Null).await);
        }
        for zoom in [5, 9, 14] {
            let map = format!(
                "{{ mapClusters(within: {{south: -18.1, west: -61.7, north: -7.3, east: -50.2}}, zoom: {zoom}) \
                 {{ id count location {{ latitude longitude }} pointOfInterest {{ slug }} }} }}"
            );
            all.insert(format!("map {zoom}"), self.ask(&map, Value::Null).await);
        }
        let rest = "{ catalogue { version cities pointsOfInterest events routes categories quarantined }
            cities { id slug name { value language } summary { value } location { latitude longitude } timeZone
                municipality { ibge name population } pointOfInterestCount eventCount routeCount }
            categories { id slug name { value } parent { slug } children { slug } schemaOrgType osmTags invturCode } }";
        all.insert("rest".to_owned(), self.ask(rest, Value::Null).await);
        Value::Object(all)
    }
}

/// Fails at the first difference, and shows that and not the whole.
pub fn assert_same(one: &Value, other: &Value, place: &str) {
    match (one, other) {
        (Value::Object(one), Value::Object(other)) => {
            for (key, value) in one {
                assert_same(value, other.get(key).unwrap_or(&Value::Null), &format!("{place} / {key}"));
            }
            assert_eq!(one.len(), other.len(), "{place}");
        }
        (Value::Array(one), Value::Array(other)) => {
            for (index, (one, other)) in one.iter().zip(other).enumerate() {
                assert_same(one, other, &format!("{place} / {index}"));
            }
            assert_eq!(one.len(), other.len(), "{place}");
        }
        _ => assert_eq!(one, other, "{place}"),
    }
}
