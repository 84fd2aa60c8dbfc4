//! The demo catalogue is real Mato Grosso: nothing lost, nothing made up.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::files;
use crate::support::TestServer;
use crate::support::pages::all_places;

/// A line of a CSV file with quoted fields.
fn fields(line: &str) -> Vec<String> {
    let (mut fields, mut field, mut quoted) = (Vec::new(), String::new(), false);
    for letter in line.chars() {
        match letter {
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(std::mem::take(&mut field)),
            other => field.push(other),
        }
    }
    fields.push(field);
    fields
}

#[tokio::test]
async fn every_sure_place_of_the_ten_cities_is_there_at_its_position_and_no_other() {
    let server = TestServer::demo().await;
    let cities = server.ask("{ cities { slug name(language: \"pt-BR\") { value } } }", Value::Null).await;
    let names: BTreeSet<&str> = cities["cities"].as_array().unwrap().iter().map(|city| city["name"]["value"].as_str().unwrap()).collect();
    assert_eq!(names.len(), 10);
    let csv = files::text("mato-grosso/attractions.csv");
    let mut wanted: BTreeMap<(String, String), u32> = BTreeMap::new();
    for row in csv.lines().skip(1).map(fields) {
        if names.contains(row[1].as_str()) && ["high", "medium"].contains(&row[6].as_str()) {
            let degrees = |text: &str| format!("{:.6}", text.parse::<f64>().unwrap());
            *wanted.entry((row[1].clone(), format!("{} {}", degrees(&row[3]), degrees(&row[4])))).or_default() += 1;
        }
    }
    let mut found: BTreeMap<(String, String), u32> = BTreeMap::new();
    for place in all_places(&server, "city { name(language: \"pt-BR\") { value } } location { latitude longitude }").await {
        let degrees = |name: &str| format!("{:.6}", place["location"][name].as_f64().unwrap());
        let city = place["city"]["name"]["value"].as_str().unwrap().to_owned();
        *found.entry((city, format!("{} {}", degrees("latitude"), degrees("longitude")))).or_default() += 1;
    }
    assert_eq!(found, wanted);
    assert_eq!(wanted.values().sum::<u32>(), 101);
}
