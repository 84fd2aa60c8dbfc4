//! The demo catalogue: ten cities, nothing lost, and the questions a tourist asks of it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::TestServer;
use crate::support::pages::all_places;

#[tokio::test]
async fn every_place_of_the_ten_cities_is_there_once_and_in_the_state() {
    let server = TestServer::demo().await;
    let cities = server.ask("{ cities { slug pointOfInterestCount } }", Value::Null).await;
    let cities = cities["cities"].as_array().unwrap();
    let places = all_places(&server, "slug city { slug } location { latitude longitude }").await;
    assert_eq!((cities.len(), places.len()), (10, 101));
    let slugs: BTreeSet<&str> = places.iter().map(|place| place["slug"].as_str().unwrap()).collect();
    assert_eq!(slugs.len(), places.len());
    for place in &places {
        // Mato Grosso lies between 7 and 18 degrees south, 50 and 62 degrees west.
        let degrees = |name: &str| place["location"][name].as_f64().unwrap();
        assert!((-18.1..-7.3).contains(&degrees("latitude")) && (-61.7..-50.2).contains(&degrees("longitude")), "{place}");
    }
    for city in cities {
        let of_city = places.iter().filter(|place| place["city"]["slug"] == city["slug"]).count();
        assert!(of_city > 0, "{city}");
        assert_eq!(city["pointOfInterestCount"].as_u64(), Some(of_city as u64), "{city}");
    }
}

#[tokio::test]
async fn every_record_speaks_three_languages_and_names_its_source() {
    let server = TestServer::demo().await;
    let selection = "slug pt: name(language: \"pt-BR\") { value language } en: summary(language: \"en\") { value language } \
                     es: summary(language: \"es\") { value language } attributionText provenance { source confidence license { spdx } }";
    for place in all_places(&server, selection).await {
        for language in ["en", "es"] {
            assert_eq!(place[language]["language"], json!(language), "{place}");
        }
        assert_eq!(place["pt"]["language"], json!("pt-BR"));
        assert!(
            place["provenance"]["source"].as_str().unwrap().len() > 2 && place["attributionText"].as_str().unwrap().len() > 10,
            "{place}"
        );
        assert!(["HIGH", "MEDIUM"].contains(&place["provenance"]["confidence"].as_str().unwrap()));
    }
}

#[tokio::test]
async fn the_waterfall_is_sold_in_one_city_and_lies_in_another() {
    let server = TestServer::demo().await;
    let query = "{ pointOfInterest(by: {slug: \"cachoeira-veu-de-noiva\"}) { city { slug } municipality { ibge name } \
                 openingHours { state raw } accessibility { verdict } } }";
    let data = server.ask(query, Value::Null).await;
    let place = &data["pointOfInterest"];
    assert_eq!(place["city"]["slug"], "chapada-dos-guimaraes");
    assert_eq!(place["municipality"]["name"], "Cuiabá");
    assert_eq!(place["openingHours"], json!({ "state": "UNKNOWN", "raw": null }));
    assert_eq!(place["accessibility"]["verdict"], "UNKNOWN");
}

#[tokio::test]
async fn a_festival_that_moved_says_so_and_the_next_edition_waits_for_its_date() {
    let server = TestServer::demo().await;
    let query = "{ event(by: {slug: \"fipe-2025\"}) { status edition previousStart occurrences { id start end status } \
                 schedule { dtstart dtend } otherEditions { slug status occurrences { start } } } }";
    let data = server.ask(query, Value::Null).await;
    let event = &data["event"];
    assert_eq!((&event["status"], &event["edition"]), (&json!("RESCHEDULED"), &json!(42)));
    assert_eq!(event["previousStart"], "2025-06-18T00:00:00-04:00");
    assert_eq!(event["occurrences"][0]["start"], "2025-08-06T00:00:00-04:00");
    assert_eq!(event["occurrences"][0]["end"], "2025-08-11T00:00:00-04:00");
    let next = event["otherEditions"].as_array().unwrap().last().unwrap();
    assert_eq!((&next["status"], &next["occurrences"]), (&json!("TO_BE_ANNOUNCED"), &json!([])));
}

#[tokio::test]
async fn every_city_has_a_route_whose_stops_are_places() {
    let server = TestServer::demo().await;
    let query = "{ cities { slug routeCount } routes(first: 100) { nodes { slug distanceMeters distanceBasis duration stops { position pointOfInterest { slug } note { value } } } } }";
    let data = server.ask(query, Value::Null).await;
    assert!(data["cities"].as_array().unwrap().iter().all(|city| city["routeCount"].as_u64() > Some(0)), "{data:#}");
    for route in data["routes"]["nodes"].as_array().unwrap() {
        assert!(route["stops"].as_array().unwrap().len() >= 2, "{route}");
        assert_eq!(route["distanceBasis"], "STRAIGHT_LINE");
    }
}

#[tokio::test]
async fn words_find_the_waterfall_first() {
    let server = TestServer::demo().await;
    let query = "query($text: String!) { search(text: $text, first: 3) { edges { node { ... on PointOfInterest { slug } } } } }";
    for text in ["cachoeira veu noiva", "cachoera veu noiva", "Cachoeira Véu de Noiva", "CACHOEIRAS VÉU DA NOIVA"] {
        let data = server.ask(query, json!({ "text": text })).await;
        assert_eq!(data["search"]["edges"][0]["node"]["slug"], "cachoeira-veu-de-noiva", "{text}");
    }
    // The viewpoint has the name too: whoever says no more gets both.
    let data = server.ask(query, json!({ "text": "VÉU DE NOIVA" })).await;
    let slugs: Vec<&Value> = (0..2).map(|place| &data["search"]["edges"][place]["node"]["slug"]).collect();
    assert!(slugs.contains(&&json!("cachoeira-veu-de-noiva")) && slugs.contains(&&json!("mirante-do-veu-de-noiva")), "{slugs:?}");
}
