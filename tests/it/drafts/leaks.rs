//! Nothing of a draft is readable by the public: drafts full of marker words, then every public door is tried, and what comes out is
//! searched for the markers.

use std::collections::BTreeSet;

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use roteiro::graphql::schema::sdl;
use roteiro::identity::rights::{Operation, Role};
use serde_json::{Value, json};

use super::{Team, place};
use crate::support::TestServer;
use crate::support::database::BOTH;
use crate::support::event_stream::EventStream;

/// In every word of every draft here, and in nothing else.
const MARKER: &str = "zqxv";

/// Every public field of the query type with a question that takes in as much as it may. `$` is a marker word, `@` the id of a draft.
const DOORS: &[(&str, &str)] = &[
    ("node", "{ node(id: \"@\") { id __typename } }"),
    ("nodes", "{ nodes(ids: [\"@\"]) { id } }"),
    ("catalogue", "{ catalogue { version cities pointsOfInterest events routes categories quarantined } }"),
    ("cities", "{ cities { slug name { value } summary { value } } }"),
    ("city", "{ city(slug: \"cuiaba\") { slug name { value } } }"),
    ("categories", "{ categories { slug name { value } } }"),
    ("pointOfInterest", "{ pointOfInterest(by: { slug: \"$\" }) { id } }"),
    (
        "pointsOfInterest",
        "{ pointsOfInterest(first: 100, after: null) { totalCount nodes { id slug name { value } summary { value } description { value }
            attributionText contact { telephone email url } openingHours { raw note } images { url } } pageInfo { endCursor } } }",
    ),
    ("mapClusters", "{ mapClusters(within: { south: -18, west: -61, north: -7, east: -50 }, zoom: 8) { count } }"),
    (
        "events",
        "{ events(first: 100, where: { from: \"2026-01-01T00:00:00Z\", to: \"2028-01-01T00:00:00Z\" }) { totalCount
            edges { node { id event { slug name { value } note { value } } } } } }",
    ),
    ("unannouncedEvents", "{ unannouncedEvents(first: 100) { totalCount nodes { slug name { value } note { value } } } }"),
    ("event", "{ event(by: { slug: \"$\" }) { id } }"),
    ("routes", "{ routes(first: 100) { totalCount nodes { slug name { value } summary { value } stops { note { value } } } } }"),
    ("route", "{ route(by: { slug: \"$\" }) { id } }"),
    ("search", "{ search(text: \"$\", first: 50) { totalCount edges { node { __typename ... on PointOfInterest { slug name { value } } } } } }"),
    ("suggest", "{ suggest(prefix: \"$\") { text type city { slug } } }"),
    (
        "tripPlan",
        "{ tripPlan(request: { cities: [\"cuiaba\"], days: [{ date: \"2026-12-12\", start: { location: { latitude: -15.6, longitude: -56.09 } } }] }) {
            days { stops { subject { ... on PointOfInterest { slug name { value } } } } }
            droppedCandidates(first: 50) { subject { ... on PointOfInterest { slug name { value } } } } } }",
    ),
    (
        "directions",
        "{ directions(from: { location: { latitude: -15.6, longitude: -56.09 } }, to: { pointOfInterest: \"@\" }, mode: CAR) { distanceMeters } }",
    ),
    ("trip", "{ trip(by: { shareToken: \"$\" }) { id } }"),
    ("changes", "{ changes(first: 500) { entries { id kind node { ... on PointOfInterest { slug name { value } } } } cursor hasMore } }"),
    ("hoursPreview", "{ hoursPreview(city: \"cuiaba\", openingHours: \"Mo-Su\") { problem } }"),
    ("viewer", "{ viewer { __typename } }"),
    ("signInProviders", "{ signInProviders { name } }"),
];

/// Questions that only others may ask: what they are told must not tell anything either.
const SHUT: &[&str] = &[
    "{ draft(id: \"@\") { name } }",
    "{ drafts { nodes { name } } }",
    "{ suggestions { nodes { comment } } }",
    "{ editorialQueue(city: \"cuiaba\") { nodes { name } } }",
    "{ mediaAssets(city: \"cuiaba\") { nodes { id } } }",
    "{ auditLog { nodes { action } } }",
    "mutation { publish(input: { id: \"@\", expectedVersion: 1 }) { draft { name } userErrors { message } } }",
    "mutation { updateDraft(input: { id: \"@\", expectedVersion: 1 }) { draft { name } userErrors { message } } }",
    "mutation { createDraft(input: { of: \"@\" }) { draft { name } userErrors { message } } }",
    "mutation { suggestEdit(input: { id: \"@\", comment: \"x\" }) { suggestionId userErrors { message } } }",
    "mutation { takeSuggestion(input: { id: \"@\" }) { draft { name } } }",
];

/// Pages beside the API.
const PAGES: &[&str] = &["/", "/graphiql", "/healthz", "/readyz", "/version", "/.well-known/jwks.json", "/trips/zqxv", "/trips/zqxv.ics"];

fn word(random: &mut StdRng) -> String {
    format!("{MARKER}{:06}", random.random_range(0..1_000_000))
}

fn texts(random: &mut StdRng) -> Value {
    ["pt-BR", "en", "es"]
        .iter()
        .map(|language| json!({ "language": language, "name": word(random), "summary": word(random), "description": word(random) }))
        .collect()
}

/// A draft of a random type with a marker in every word.
fn content(random: &mut StdRng, slug: &str) -> Value {
    let mut of_place = place(slug);
    of_place["texts"] = texts(random);
    of_place["contact"] =
        json!({ "email": format!("{}@example.org", word(random)), "url": format!("https://{}.example.org", word(random)) });
    of_place["address"] = json!({ "streetAddress": word(random) });
    of_place["openingHours"] = json!({ "raw": "Mo-Su 09:00-17:00", "note": word(random), "source": word(random) });
    of_place["rights"] = json!({ "licence": "CC-BY-4.0", "credit": word(random) });
    of_place["provenance"] = json!({ "source": word(random), "confidence": "HIGH" });
    let event = json!({
        "slug": slug, "category": "festival", "status": "SCHEDULED", "dtstart": "2027-06-18T19:00:00", "texts": texts(random),
        "note": [{ "language": "pt-BR", "value": word(random) }], "venue": { "name": word(random) },
        "rights": { "licence": "CC-BY-4.0", "credit": word(random) }, "provenance": { "source": word(random), "confidence": "HIGH" },
    });
    match random.random_range(0..3) {
        0 => json!({ "event": event }),
        _ => json!({ "pointOfInterest": of_place }),
    }
}

/// Takes a draft some way towards publication, and never there.
async fn walk(team: &Team<'_>, draft: Value, random: &mut StdRng) {
    let ways: [&[&str]; 6] = [
        &[],
        &["submitForReview"],
        &["submitForReview", "requestChanges"],
        &["submitForReview", "approve"],
        &["submitForReview", "approve", "schedule"],
        &["archive"],
    ];
    let mut draft = draft;
    for step in *ways.choose(random).unwrap() {
        let more = match *step {
            "requestChanges" => json!({ "comment": word(random) }),
            "schedule" => json!({ "at": "2027-01-01T10:00:00-04:00" }),
            _ => json!({}),
        };
        draft = team.on(step, &draft, more).await;
    }
}

#[tokio::test]
async fn no_public_door_shows_anything_of_a_draft() {
    for (database, seed) in BOTH.into_iter().zip([1, 2]) {
        let server = TestServer::demo_on(database).await;
        let team = Team::of(&server).await;
        let before = server.ask(DOORS[2].1, json!({})).await;
        let mut random = StdRng::seed_from_u64(seed);
        let mut ids = Vec::new();
        for _ in 0..16 {
            let slug = word(&mut random);
            let input = json!({ "city": "cuiaba", "content": content(&mut random, &slug) });
            let draft = team.step("createDraft", input).await;
            ids.push(draft["id"].as_str().unwrap().to_owned());
            walk(&team, draft, &mut random).await;
        }
        // Drafts beside what is published, and what visitors say about it.
        let live =
            server.ask("{ pointsOfInterest(first: 20, where: { text: \"museu\" }) { nodes { id city { slug } } } }", json!({})).await;
        let (visitor, _) = server.sign_in().await;
        let of_cuiaba = live["pointsOfInterest"]["nodes"].as_array().unwrap().iter().filter(|node| node["city"]["slug"] == "cuiaba");
        for node in of_cuiaba {
            let draft = team.step("createDraft", json!({ "of": node["id"] })).await;
            let change = json!({ "content": { "pointOfInterest": { "texts": texts(&mut random) } }, "comment": word(&mut random) });
            let draft = team.on("updateDraft", &draft, change).await;
            walk(&team, json!({ "id": draft["id"], "version": draft["version"] }), &mut random).await;
            let suggest = "mutation($input: SuggestEditInput!) { suggestEdit(input: $input) { suggestionId } }";
            server.ask_as(&visitor, suggest, json!({ "input": { "id": node["id"], "comment": word(&mut random) } })).await;
        }
        server.catch_up().await;
        // One of those above was archived perhaps, and its live version with it; nothing came in.
        let after = server.ask(DOORS[2].1, json!({})).await;
        let count = |answer: &Value| answer["catalogue"]["pointsOfInterest"].as_u64().unwrap();
        assert!(count(&after) <= count(&before) && count(&after) + 20 >= count(&before));
        assert_eq!(after["catalogue"]["events"], before["catalogue"]["events"]);
        knock(&server, &visitor, &ids, &mut random).await;
    }
}

/// Tries every door as nobody, as a visitor, and as an editor of another city.
async fn knock(server: &TestServer, visitor: &str, ids: &[String], random: &mut StdRng) {
    let (_, elsewhere) = server.account(Role::CityAdmin, Some("caceres")).await;
    for token in [None, Some(visitor), Some(elsewhere.as_str())] {
        for question in DOORS.iter().map(|(_, question)| *question).chain(SHUT.iter().copied()) {
            for _ in 0..3 {
                // What is asked for comes back in errors by right, so the question has no marker in it where that may be.
                let asked = question.replace('@', ids.choose(random).unwrap()).replace('$', "zqxw000000");
                let answer = match token {
                    None => server.answer(&asked, json!({})).await,
                    Some(token) => server.answer_to(token, &asked, json!({})).await,
                };
                assert!(!answer.to_string().contains(MARKER), "{asked}\n{answer:#}");
                // A question that is not looked at shows nothing because it is wrong, not because nothing is there.
                let code = answer["errors"][0]["extensions"]["code"].as_str().unwrap_or_default();
                assert!(!["GRAPHQL_VALIDATION_FAILED", "GRAPHQL_PARSE_FAILED", "QUERY_TOO_COSTLY"].contains(&code), "{asked}\n{answer:#}");
            }
        }
        // Asked for by its own words, nothing is found.
        for door in ["search", "suggest"] {
            let question = DOORS.iter().find(|(known, _)| *known == door).unwrap().1.replace('$', MARKER);
            let answer = server.answer(&question, json!({})).await;
            assert!(!answer["data"].to_string().contains(MARKER), "{answer:#}");
        }
    }
    for page in PAGES {
        let text = server.client.get(server.url(page)).send().await.unwrap().text().await.unwrap();
        assert!(!text.contains(MARKER) || page.contains(MARKER), "{page}");
    }
    // A shared trip in every form.
    let save = "mutation { saveTrip(input: { title: \"x\", request: { cities: [\"cuiaba\"], days: [{ date: \"2026-12-12\",
        start: { location: { latitude: -15.6, longitude: -56.09 } } }] } }) { trip { id } } }";
    let saved = server.ask_as(visitor, save, json!({})).await["saveTrip"]["trip"]["id"].take();
    let share = "mutation($id: ID!) { shareTrip(input: { id: $id }) { share { token } } }";
    let token = server.ask_as(visitor, share, json!({ "id": saved })).await["shareTrip"]["share"]["token"].take();
    for form in ["", ".ics", ".gpx", ".geojson"] {
        let answer = server.client.get(server.url(&format!("/trips/{}{form}", token.as_str().unwrap()))).send().await.unwrap();
        assert!(answer.status().is_success(), "{form}");
        assert!(!answer.text().await.unwrap().contains(MARKER), "{form}");
    }
    // What is told live, from the very first change on.
    let listen = "subscription { catalogueChanged(cities: [\"cuiaba\"]) { cursor entries { id } } }";
    let told = EventStream::ask(&server.client, &server.url("/graphql"), listen, json!({})).await.result().await;
    assert!(told["data"]["catalogueChanged"]["cursor"].is_string(), "{told}");
    assert!(!told.to_string().contains(MARKER) && !ids.iter().any(|id| told.to_string().contains(id.as_str())), "{told}");
    // Every page of the feed.
    let (mut cursor, mut pages) = (Value::Null, 0);
    loop {
        let question = "query($after: Cursor) { changes(after: $after, first: 500) { cursor hasMore entries { id kind
            node { ... on PointOfInterest { slug name { value } } ... on Event { slug name { value } } } } } }";
        let page = server.ask(question, json!({ "after": cursor })).await["changes"].take();
        assert!(!page.to_string().contains(MARKER) && !ids.iter().any(|id| page.to_string().contains(id.as_str())), "{page:#}");
        pages += 1;
        cursor = page["cursor"].clone();
        if page["hasMore"] == false {
            break;
        }
    }
    assert!(pages > 0);
}

#[test]
fn every_public_question_of_the_contract_is_a_door_that_is_tried() {
    let protected: BTreeSet<&str> =
        Operation::ALL.iter().map(|operation| operation.field()).filter(|(root, _)| *root == "Query").map(|(_, name)| name).collect();
    let text = sdl();
    let query = text.split("\ntype Query {").nth(1).unwrap().split("\n}").next().unwrap();
    // Fields stand one tab in; descriptions between three quotes.
    let outside = query.split("\"\"\"").step_by(2).collect::<String>();
    let fields: BTreeSet<&str> = outside
        .lines()
        .filter_map(|line| line.strip_prefix('\t').filter(|line| !line.starts_with(['\t', ')', '}'])))
        .filter_map(|line| line.split(['(', ':']).next())
        .filter(|name| !name.is_empty())
        .collect();
    let doors: BTreeSet<&str> = DOORS.iter().map(|(field, _)| *field).collect();
    let open: BTreeSet<&str> = fields.difference(&protected).copied().collect();
    assert_eq!(open, doors);
}
