//! Travel times of a real Valhalla over the streets of Porto Alegre, and of servers that answer something else.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use roteiro::domain::geo::Position;
use roteiro::travel::estimate::Estimate;
use roteiro::travel::fallback::Fallback;
use roteiro::travel::valhalla::Valhalla;
use roteiro::travel::{Confidence, Travel, TravelError, TravelMode, UNREACHABLE};
use serde_json::{Value, json};

use crate::support::program::{Served, run as run_program};

/// A Valhalla that ends with its value.
struct Service {
    process: Child,
    address: String,
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn run(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?} cannot be started: {error}"));
    assert!(output.status.success(), "{command:?} failed: {}", String::from_utf8_lossy(&output.stderr));
}

/// Valhalla from its wheel, with tiles of Porto Alegre; fetched and built once.
fn installed() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("valhalla-3.9.1");
    let lock = std::fs::File::create(folder.with_extension("lock")).unwrap();
    lock.lock().unwrap();
    if folder.join("ready").exists() {
        return folder;
    }
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    let download = ["download", "--quiet", "--no-deps", "--only-binary", ":all:", "--python-version", "3.12", "pyvalhalla==3.9.1"];
    run(Command::new("python3").args(["-m", "pip"]).args(download).current_dir(&folder));
    let wheel = std::fs::read_dir(&folder)
        .unwrap()
        .flatten()
        .map(|entry| entry.path())
        .find(|path| path.extension().is_some_and(|extension| extension == "whl"));
    run(Command::new("python3").args(["-m", "zipfile", "-e"]).arg(wheel.unwrap()).arg(&folder));
    for program in std::fs::read_dir(folder.join("valhalla/bin")).unwrap().flatten() {
        run(Command::new("chmod").arg("+x").arg(program.path()));
    }
    configure(&folder, 8002);
    let extract = std::fs::canonicalize("../shared/data/osm/porto-alegre.osm.pbf").unwrap();
    run(Command::new(folder.join("valhalla/bin/valhalla_build_tiles")).arg("-c").arg(folder.join("valhalla-8002.json")).arg(extract));
    std::fs::write(folder.join("ready"), "").unwrap();
    folder
}

fn configure(folder: &Path, port: u16) -> PathBuf {
    let output = Command::new("python3")
        .arg(folder.join("valhalla/valhalla_build_config.py"))
        .arg("--mjolnir-tile-dir")
        .arg(folder.join("tiles"))
        .args(["--httpd-service-listen", &format!("tcp://127.0.0.1:{port}")])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let path = folder.join(format!("valhalla-{port}.json"));
    std::fs::write(&path, output.stdout).unwrap();
    path
}

fn start() -> Service {
    let folder = installed();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let configuration = configure(&folder, port);
    let process = Command::new(folder.join("valhalla/bin/valhalla_service"))
        .arg(configuration)
        .arg("1")
        .current_dir(&folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let service = Service { process, address: format!("http://127.0.0.1:{port}") };
    let begun = Instant::now();
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(begun.elapsed() < Duration::from_mins(1), "Valhalla does not listen");
        std::thread::sleep(Duration::from_millis(100));
    }
    service
}

fn at(latitude: f64, longitude: f64) -> Position {
    Position::new(latitude, longitude).unwrap()
}

/// The public market, the Redenção park and the Gasômetro of Porto Alegre.
fn points() -> [Position; 3] {
    [at(-30.0277, -51.2287), at(-30.0370, -51.2150), at(-30.0340, -51.2410)]
}

#[tokio::test(flavor = "multi_thread")]
async fn streets_are_longer_than_the_line_and_the_line_ends_where_it_should() {
    let service = start();
    let valhalla = Valhalla::new(&service.address).unwrap();
    let points = points();
    for mode in [TravelMode::Walk, TravelMode::Bicycle, TravelMode::Car] {
        let matrix = valhalla.matrix(&points, mode).await.unwrap();
        assert_eq!(matrix.confidence, Confidence::Routed);
        for (from, one) in points.iter().enumerate() {
            for (to, other) in points.iter().enumerate().filter(|(to, _)| *to != from) {
                let (seconds, metres) = (matrix.seconds[from * 3 + to], matrix.metres[from * 3 + to]);
                let straight = one.distance_metres(*other);
                assert!(seconds != UNREACHABLE && f64::from(metres) > straight * 0.95 && f64::from(metres) < straight * 4.0, "{mode:?}");
                let way = valhalla.way(*one, *other, mode).await.unwrap();
                assert!(
                    (f64::from(way.metres) - f64::from(metres)).abs() <= f64::from(metres) * 0.05 + 20.0,
                    "{mode:?}: {} {metres}",
                    way.metres
                );
                assert!(way.line.len() > 5);
                assert!(way.line[0].distance_metres(*one) < 150.0 && way.line[way.line.len() - 1].distance_metres(*other) < 150.0);
            }
        }
    }
    let walking = valhalla.way(points[0], points[1], TravelMode::Walk).await.unwrap();
    let estimate = Estimate::bundled().unwrap().between(points[0], points[1], TravelMode::Walk).unwrap();
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
