//! Travel times of a real Valhalla over the streets of an invented town, and of servers that answer something else.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::time::{Duration, Instant};

use roteiro::domain::geo::Position;
use roteiro::travel::estimate::Estimate;
use roteiro::travel::fallback::Fallback;
use roteiro::travel::valhalla::Valhalla;
use roteiro::travel::{Confidence, Travel, TravelError, TravelMode};
use serde_json::{Value, json};

use crate::support::program::{Served, run as run_program};
use crate::support::valhalla::{Service, at};

/// Valhalla over Vila do Roteiro: a grid of streets 150 m apart, see its file.
fn start() -> Service {
    Service::over("town", Path::new("tests/it/trips/town.osm"))
}

/// Where an avenue, counted from the west, meets a street, counted from the south.
fn crossing(avenue: u8, street: u8) -> Position {
    let degree = 111_320.0;
    at(-15.0 + f64::from(street) * 150.0 / degree, -56.0 + f64::from(avenue) * 150.0 / (degree * 15_f64.to_radians().cos()))
}

fn points() -> [Position; 3] {
    [crossing(1, 0), crossing(9, 2), crossing(7, 4)]
}

#[tokio::test(flavor = "multi_thread")]
async fn ways_keep_to_the_streets_that_a_mode_may_use() {
    let service = start();
    let valhalla = Valhalla::new(&service.address).unwrap();
    let (south, north) = (crossing(9, 2), crossing(9, 3));
    let (west, east) = (crossing(0, 5), crossing(9, 5));
    for (from, to, mode, blocks) in [
        (crossing(1, 0), crossing(7, 2), TravelMode::Walk, 8),
        (crossing(1, 0), crossing(7, 2), TravelMode::Car, 8),
        // Across the river: walkers by the footbridge in the middle, cars by the bridge at the western end.
        (south, north, TravelMode::Walk, 9),
        (south, north, TravelMode::Bicycle, 19),
        (south, north, TravelMode::Car, 19),
        // Along the one-way street, and against it by the next one.
        (west, east, TravelMode::Car, 9),
        (east, west, TravelMode::Bicycle, 11),
        (east, west, TravelMode::Walk, 9),
    ] {
        let wanted = f64::from(blocks) * 150.0;
        let matrix = valhalla.matrix(&[from, to], mode).await.unwrap();
        let way = valhalla.way(from, to, mode).await.unwrap();
        assert_eq!((matrix.confidence, way.confidence), (Confidence::Routed, Confidence::Routed));
        for metres in [matrix.metres[1], way.metres] {
            assert!((f64::from(metres) - wanted).abs() < 30.0, "{mode:?}: {metres} m instead of {wanted}");
        }
        assert!(matrix.seconds[1].abs_diff(way.seconds) <= way.seconds / 5 + 10, "{mode:?}: {} {}", matrix.seconds[1], way.seconds);
        // The line is the way: as long, and from where to where.
        let drawn: f64 = way.line.windows(2).map(|pair| pair[0].distance_metres(pair[1])).sum();
        assert!((drawn - wanted).abs() < 30.0, "{mode:?}: {drawn} m are drawn");
        assert!(way.line[0].distance_metres(from) < 20.0 && way.line[way.line.len() - 1].distance_metres(to) < 20.0);
    }
    // On foot at the same pace as the estimate, which knows no streets.
    let (from, to) = (crossing(1, 0), crossing(7, 2));
    let walking = valhalla.way(from, to, TravelMode::Walk).await.unwrap();
    let estimate = Estimate::bundled().unwrap().between(from, to, TravelMode::Walk).unwrap();
    let ratio = f64::from(estimate.0) / f64::from(walking.seconds);
    assert!((0.6..1.8).contains(&ratio), "the estimate is {ratio} times the routed time");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_router_beyond_its_map_falls_back_and_says_so() {
    let service = start();
    let travel = Fallback::new(Valhalla::new(&service.address).unwrap(), Estimate::bundled().unwrap());
    let (cuiaba, chapada) = (at(-15.596, -56.097), at(-15.461, -55.750));
    let way = travel.way(cuiaba, chapada, TravelMode::Car).await.unwrap();
    assert_eq!((way.confidence, way.line.len()), (Confidence::Estimated, 2));
}

/// A server that answers every connection with these bytes and hangs up, or never answers.
fn answering(bytes: Option<Vec<u8>>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let mut kept = Vec::new();
        for mut client in listener.incoming().flatten() {
            match &bytes {
                Some(bytes) => {
                    let mut question = [0; 4_096];
                    let _ = client.read(&mut question);
                    let _ = client.write_all(bytes);
                }
                None => kept.push(client),
            }
        }
    });
    address
}

fn http(status: &str, kind: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len()).into_bytes()
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_a_router_answers_the_estimate_stands_behind_it() {
    let cut = Some(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n{\"sources_to_targets\": [[".to_vec());
    let negative = "{\"sources_to_targets\": [[{\"time\": -5, \"distance\": 1}]]}";
    for (what, answer) in [
        ("HTML", Some(http("200 OK", "text/html", "<html>Wartung</html>"))),
        ("an error", Some(http("500 Internal Server Error", "application/json", "{}"))),
        ("half an answer", cut),
        ("another matrix", Some(http("200 OK", "application/json", "{\"sources_to_targets\": [[{\"time\": 1, \"distance\": 1}]]}"))),
        ("negative seconds", Some(http("200 OK", "application/json", negative))),
        ("nothing", None),
    ] {
        let address = format!("http://{}", answering(answer));
        let points = points();
        let alone = Valhalla::new(&address).unwrap();
        let refused = alone.matrix(&points, TravelMode::Car).await;
        assert!(matches!(refused, Err(TravelError::Answer(_) | TravelError::TimedOut | TravelError::Unreachable(_))), "{what}");
        if what != "nothing" {
            let refused = alone.way(points[0], points[1], TravelMode::Walk).await;
            assert!(matches!(refused, Err(TravelError::Answer(_) | TravelError::Unreachable(_))), "{what}");
        }
        let travel = Fallback::new(Valhalla::new(&address).unwrap(), Estimate::bundled().unwrap());
        let begun = Instant::now();
        let matrix = travel.matrix(&points, TravelMode::Car).await.unwrap();
        assert_eq!(matrix, Estimate::bundled().unwrap().matrix(&points, TravelMode::Car).await.unwrap(), "{what}");
        // The router rests after a failure: the second question does not wait for it.
        travel.way(points[0], points[1], TravelMode::Walk).await.unwrap();
        assert!(begun.elapsed() < Duration::from_secs(9), "{what}");
    }
    assert!(Valhalla::new("ftp://somewhere").is_err());
    assert!(Valhalla::new("nonsense").is_err());
}

/// What a service that was started before this router says: one way, and whether a plan is estimated.
async fn asked_over(router: SocketAddr) -> (Value, bool) {
    let folder = tempfile::tempdir().unwrap();
    let served = Served::start(folder.path(), &["--valhalla-url", &format!("http://{router}")]);
    let query = "query($here: StopInput!, $there: StopInput!) {
        directions(from: $here, to: $there, mode: CAR) { confidence duration distanceMeters }
        tripPlan(request: { cities: [\"cuiaba\"], days: [{ date: \"2026-12-12\", start: $here }] }) { warnings { code } days { stops { subjectId } } } }";
    let there = json!({ "location": { "latitude": -15.6, "longitude": -56.1 } });
    let body = json!({ "query": query, "variables": { "here": super::ask::cuiaba(), "there": there } });
    let client = reqwest::Client::new();
    let request = client.post(format!("http://{}/graphql", served.address.trim_start_matches("http://"))).json(&body);
    let answer: Value = request.send().await.unwrap().json().await.unwrap();
    let data = &answer["data"];
    assert!(!data["tripPlan"]["days"][0]["stops"].as_array().unwrap_or_else(|| panic!("{answer:#}")).is_empty());
    (data["directions"].clone(), super::ask::codes(&data["tripPlan"]["warnings"]).contains(&"ESTIMATED_TRAVEL"))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_service_asks_the_router_it_is_given_and_says_what_it_got() {
    // Answers every question with this one route, which is no matrix.
    let route = json!({ "trip": { "legs": [{ "shape": "~|{v\\nm{~iB~xFnzD" }], "summary": { "time": 600.0, "length": 5.0 } } });
    let (way, is_estimated) = asked_over(answering(Some(http("200 OK", "application/json", &route.to_string())))).await;
    assert_eq!(way, json!({ "confidence": "ROUTED", "duration": "PT10M", "distanceMeters": 5_000.0 }));
    assert!(is_estimated);
    let (way, is_estimated) = asked_over(answering(Some(http("200 OK", "text/html", "<html>Wartung</html>")))).await;
    assert_eq!(way["confidence"], "ESTIMATED");
    assert!(is_estimated);
    let help = String::from_utf8(run_program(&["serve", "--help"]).stdout).unwrap();
    assert!(help.contains("ROTEIRO_VALHALLA_URL"), "{help}");
}
