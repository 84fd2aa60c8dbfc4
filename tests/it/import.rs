//! Importing: twice is once, nothing by halves, nothing of others, and what is gone is gone through every door.

use std::collections::BTreeSet;

use roteiro::domain::ids::{RecordId, RecordType};
use roteiro::ingest::apply::{Applied, Importer, IngestError};
use roteiro::ingest::demo;
use roteiro::store::StoreError;
use roteiro::store::write::{ChangeKind, NewChange};
use serde_json::{Value, json};

use crate::support::city_file::{event, file, import_into, place, route};
use crate::support::database::{BOTH, Database};
use crate::support::everything::assert_same;
use crate::support::program::run;
use crate::support::{TestServer, now};

/// The id that `dataset` gives a place.
fn place_id(dataset: &str, slug: &str) -> RecordId {
    RecordId::derive(RecordType::PointOfInterest, dataset, slug)
}

#[tokio::test]
async fn the_demo_twice_in_a_row_writes_nothing_the_second_time() {
    for kind in BOTH {
        let server = TestServer::demo_on(kind).await;
        let before = server.store.last_change().await.unwrap();
        let importer = Importer::new(&server.store).await.unwrap();
        for (name, json) in demo::files() {
            let applied = importer.apply(importer.check(name, json).unwrap(), now()).await.unwrap();
            assert_eq!((applied.written, applied.withdrawn), (0, 0), "{kind:?} {name}");
            assert!(applied.unchanged > 2, "{kind:?} {name}");
        }
        assert_eq!(server.store.last_change().await.unwrap(), before, "{kind:?}");
        assert!(demo::load_first_time(&server.store, true, now()).await.unwrap().is_none(), "{kind:?}");
    }
}

/// A right file, and one in which every record is wrong in its own way, with the record and field of each fault.
fn right_and_broken() -> (Value, Value, BTreeSet<(&'static str, &'static str)>) {
    let places = [place("um", "Um", -14.7, -56.3), place("dois", "Dois", -14.8, -56.4)];
    let right =
        file("faults", "nobres", &places, &[event("festa", "Festa", "um", "2026-12-05")], &[route("rota", "Rota", &["um", "dois"])]);
    let mut broken = right.clone();
    let image = json!({ "url": "https://example.org/a.jpg", "alternativeText": {}, "licence": "CC-BY-4.0", "credit": "c", "source": "s" });
    let lists: [(&str, &[(&str, Value)]); 3] = [
        (
            "pointsOfInterest",
            &[
                ("/latitude", json!(95)),
                ("/longitude", json!(-181)),
                ("/category", json!("no-such")),
                ("/rights/licence", json!("WTFPL-99")),
                ("/texts/pt-BR/name", json!(" ")),
                ("/provenance/confidence", json!("SURE")),
                ("/texts/pt-BR/state", json!("MACHINE_TRANSLATED")),
                ("/texts/en/state", json!("MISSING")),
                ("/images", Value::Array(vec![image; 21])),
            ],
        ),
        (
            "events",
            &[
                ("/dtend", json!("2026-12-05T17:00:00")),
                ("/venue/pointOfInterest", json!("nowhere")),
                ("/rrule", json!("FREQ=SOMETIMES")),
                ("/status", json!("TO_BE_ANNOUNCED")),
            ],
        ),
        ("routes", &[("/stops/1/pointOfInterest", json!("nowhere")), ("/stops", json!([])), ("/mode", json!("TELEPORT"))]),
    ];
    for (list, changes) in lists {
        for (number, (pointer, value)) in changes.iter().enumerate() {
            let mut record = broken[list][0].clone();
            record["slug"] = json!(format!("mau-{number}"));
            let (parent, member) = pointer.rsplit_once('/').unwrap();
            match record.pointer_mut(parent).unwrap() {
                Value::Object(members) => drop(members.insert(member.to_owned(), value.clone())),
                list => *list.pointer_mut(&format!("/{member}")).unwrap() = value.clone(),
            }
            broken[list].as_array_mut().unwrap().push(record);
        }
    }
    let places = broken["pointsOfInterest"].as_array_mut().unwrap();
    let mut tag = places[0].clone();
    (tag["slug"], tag["texts"]["xx-nonsense"]) = (json!("mau-tag"), json!({ "name": "?" }));
    let mut field = places[0].clone();
    (field["slug"], field["openingTimes"]) = (json!("mau-field"), json!("24/7"));
    let twice = places[0].clone();
    places.extend([tag, field, twice]);
    let wanted = [
        ("pointsOfInterest[2] `mau-0`", "latitude"),
        ("pointsOfInterest[3] `mau-1`", "longitude"),
        ("pointsOfInterest[4] `mau-2`", "category"),
        ("pointsOfInterest[5] `mau-3`", "rights.licence"),
        ("pointsOfInterest[6] `mau-4`", "texts.pt-BR.name"),
        ("pointsOfInterest[7] `mau-5`", "provenance.confidence"),
        ("pointsOfInterest[8] `mau-6`", "texts.pt-BR.state"),
        ("pointsOfInterest[9] `mau-7`", "texts.en.state"),
        ("pointsOfInterest[10] `mau-8`", "images"),
        ("pointsOfInterest[11] `mau-tag`", "texts.xx-nonsense"),
        ("pointsOfInterest[12] `mau-field`", "openingTimes"),
        ("pointsOfInterest `um`", "slug"),
        ("events[1] `mau-0`", "dtend"),
        ("events `mau-1`", "venue.pointOfInterest"),
        ("events[3] `mau-2`", "rrule"),
        ("events[4] `mau-3`", "status"),
        ("routes `mau-0`", "stops[1].pointOfInterest"),
        ("routes[2] `mau-1`", "stops"),
        ("routes[3] `mau-2`", "mode"),
    ];
    (right, broken, BTreeSet::from(wanted))
}

#[tokio::test]
async fn a_broken_file_names_file_record_and_field_of_every_fault_and_loads_nothing() {
    let (_, broken, wanted) = right_and_broken();
    for kind in BOTH {
        let server = TestServer::bare_on(kind).await;
        let before = server.store.last_change().await.unwrap();
        let Err(IngestError::Faults(faults)) = import_into(&server.store, &broken).await else { panic!("{kind:?}: it went in") };
        let found: BTreeSet<(&str, &str)> = faults.iter().map(|fault| (fault.record.as_str(), fault.field.as_str())).collect();
        assert_eq!(found, wanted, "{kind:?}: {faults:#?}");
        assert!(faults.iter().all(|fault| fault.file == "file.json" && !fault.message.is_empty()), "{faults:#?}");
        assert_eq!(server.store.last_change().await.unwrap(), before, "{kind:?}");
        assert!(server.store.reference().await.unwrap().cities.is_empty(), "{kind:?}: not even its city");
    }
}

#[tokio::test]
async fn the_command_loads_the_right_files_and_says_what_is_wrong_with_the_others() {
    let (right, broken, wanted) = right_and_broken();
    let folder = tempfile::tempdir().unwrap();
    let files = [
        ("1-broken.json", broken.to_string()),
        ("2-right.json", right.to_string()),
        ("3-nothing.json", "[]".to_owned()),
        ("4-cut-off.json", right.to_string()[..300].to_owned()),
        ("notes.txt", "not a catalogue file".to_owned()),
    ];
    for (name, text) in &files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    for kind in BOTH {
        let server = TestServer::bare_on(kind).await;
        let arguments = ["import", "--database-url", &server.database.url, folder.path().to_str().unwrap()];
        let before = server.store.last_change().await.unwrap();
        let output = run(&[&arguments[..], &["--dry-run"]].concat());
        assert_eq!((output.status.code(), server.store.last_change().await.unwrap()), (Some(1), before), "{kind:?}: {output:?}");
        let output = run(&arguments);
        assert_eq!(output.status.code(), Some(1), "{kind:?}");
        let (said, wrong) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
        assert!(said.contains("2-right.json: 4 written, 0 unchanged, 0 withdrawn"), "{said}");
        for (record, field) in &wanted {
            assert!(wrong.contains(&format!("1-broken.json: {record}: {field}: ")), "{record} {field}\n{wrong}");
        }
        for name in ["3-nothing.json: ", "4-cut-off.json: "] {
            assert!(wrong.contains(name), "{wrong}");
        }
        server.catch_up().await;
        assert_eq!(server.ask("{ catalogue { pointsOfInterest } }", Value::Null).await["catalogue"]["pointsOfInterest"], 2, "{kind:?}");
    }
}

async fn slugs(server: &TestServer) -> Vec<Value> {
    let data = server.ask("{ pointsOfInterest(orderBy: NAME, first: 100) { nodes { slug city { slug } } } }", Value::Null).await;
    data["pointsOfInterest"]["nodes"].as_array().unwrap().iter().map(|node| json!([node["slug"], node["city"]["slug"]])).collect()
}

#[tokio::test]
async fn an_import_touches_only_its_own_dataset() {
    for kind in BOTH {
        let server = TestServer::bare_on(kind).await;
        server.import(&file("one", "nobres", &[place("a", "A", -14.7, -56.3)], &[], &[])).await;
        let city = server.ask("{ cities { id name { value } } }", Value::Null).await;
        // The second dataset describes the city in its own way; it does not own it.
        let mut second = file("two", "nobres", &[place("b", "B", -14.8, -56.3)], &[], &[]);
        second["city"]["texts"]["pt-BR"]["name"] = json!("Nobres de outro jeito");
        assert_eq!(server.import(&second).await, Applied { written: 1, unchanged: 0, withdrawn: 0, kept: 0 }, "{kind:?}");
        assert_eq!(server.ask("{ cities { id name { value } } }", Value::Null).await, city, "{kind:?}");
        assert_eq!(slugs(&server).await, [json!(["a", "nobres"]), json!(["b", "nobres"])], "{kind:?}");
        // The first withdraws all it has; then it changes the city, which is its own.
        let mut empty = file("one", "nobres", &[], &[], &[]);
        assert_eq!(server.import(&empty).await, Applied { written: 0, unchanged: 0, withdrawn: 1, kept: 0 }, "{kind:?}");
        assert_eq!(slugs(&server).await, [json!(["b", "nobres"])], "{kind:?}");
        empty["city"]["texts"]["pt-BR"]["name"] = json!("Nobres das águas");
        server.import(&empty).await;
        let data = server.ask("{ cities { name { value } } }", Value::Null).await;
        assert_eq!(data["cities"], json!([{ "name": { "value": "Nobres das águas" } }]), "{kind:?}");
        assert_eq!(server.import(&second).await, Applied { written: 0, unchanged: 1, withdrawn: 0, kept: 0 }, "{kind:?}");
        // A dataset that was there first in one city withdraws nothing of its own in another.
        server.import(&file("two", "cuiaba", &[place("c", "C", -15.6, -56.1)], &[], &[])).await;
        assert_eq!(slugs(&server).await, [json!(["b", "nobres"]), json!(["c", "cuiaba"])], "{kind:?}");
    }
}

#[tokio::test]
async fn a_record_that_moves_to_another_city_leaves_the_first() {
    for kind in BOTH {
        let server = TestServer::bare_on(kind).await;
        let places = [place("a", "A", -14.7, -56.3), place("b", "B", -14.8, -56.3)];
        server.import(&file("one", "nobres", &places, &[], &[])).await;
        server.import(&file("one", "cuiaba", &[], &[], &[])).await;
        let id = server.ask("{ pointOfInterest(by: {slug: \"a\"}) { id } }", Value::Null).await;
        server.import(&file("one", "cuiaba", &places[..1], &[], &[])).await;
        assert_eq!(slugs(&server).await, [json!(["a", "cuiaba"]), json!(["b", "nobres"])], "{kind:?}");
        assert_eq!(server.ask("{ pointOfInterest(by: {slug: \"a\"}) { id } }", Value::Null).await, id, "{kind:?}");
        server.import(&file("one", "nobres", &places[1..], &[], &[])).await;
        assert_eq!(slugs(&server).await, [json!(["a", "cuiaba"]), json!(["b", "nobres"])], "{kind:?}");
    }
}

/// What every public door says about the place `cascata-do-jaburu` and about what hangs on it.
async fn doors(server: &TestServer, id: &str) -> Value {
    let query = r#"query($id: ID!) {
        bySlug: pointOfInterest(by: {slug: "cascata-do-jaburu"}) { id name { value } }
        byId: pointOfInterest(by: {id: $id}) { id slug }
        node(id: $id) { id } nodes(ids: [$id]) { id }
        list: pointsOfInterest { totalCount nodes { slug } }
        near: pointsOfInterest(near: {latitude: -14.7, longitude: -56.3, radiusMeters: 50000}) { totalCount edges { node { slug } } }
        inside: pointsOfInterest(where: {within: {boundingBox: {south: -15, west: -57, north: -14, east: -56}}}) { totalCount nodes { slug } }
        word: pointsOfInterest(where: {text: "jaburu"}) { totalCount nodes { slug } }
        search(text: "jaburu") { totalCount nodes { ... on PointOfInterest { slug } ... on Route { slug } ... on Event { slug } } }
        suggest(prefix: "casc") { text }
        mapClusters(within: {south: -15, west: -57, north: -14, east: -56}, zoom: 20) { count pointOfInterest { slug } }
        other: pointOfInterest(by: {slug: "lagoa"}) { nearby { totalCount nodes { slug } } }
        events { nodes { event { slug venue { name location { latitude } pointOfInterest { slug } } } } }
        event(by: {slug: "festa"}) { venue { pointOfInterest { slug } } }
        route(by: {slug: "rota"}) { distanceMeters stops { pointOfInterest { slug } } }
        catalogue { pointsOfInterest } cities { pointOfInterestCount }
    }"#;
    server.ask(query, json!({ "id": id })).await
}

#[tokio::test]
async fn a_withdrawn_record_is_gone_from_every_door_and_comes_back_with_its_id() {
    for kind in BOTH {
        let server = TestServer::bare_on(kind).await;
        let places = [
            place("cascata-do-jaburu", "Cascata do Jaburu", -14.7, -56.3),
            place("lagoa", "Lagoa", -14.71, -56.31),
            place("pico", "Pico", -14.72, -56.3),
        ];
        let stops = ["lagoa", "cascata-do-jaburu", "pico"];
        let whole = file(
            "doors",
            "nobres",
            &places,
            &[event("festa", "Festa", "cascata-do-jaburu", "2026-12-05")],
            &[route("rota", "Rota", &stops)],
        );
        server.import(&whole).await;
        let data = server.ask("{ pointOfInterest(by: {slug: \"cascata-do-jaburu\"}) { id } }", Value::Null).await;
        let id = data["pointOfInterest"]["id"].as_str().unwrap().to_owned();
        let before = doors(&server, &id).await;
        assert_eq!(before["event"]["venue"]["pointOfInterest"]["slug"], "cascata-do-jaburu");
        assert_eq!((&before["list"]["totalCount"], &before["search"]["totalCount"]), (&json!(3), &json!(1)), "{before:#}");
        // By an import, with the route and the event of the file changed too.
        let without = file(
            "doors",
            "nobres",
            &places[1..],
            &[event("festa", "Festa", "lagoa", "2026-12-05")],
            &[route("rota", "Rota", &stops[..1].iter().chain(&stops[2..]).copied().collect::<Vec<_>>())],
        );
        assert_eq!(server.import(&without).await.withdrawn, 1);
        assert_gone(&doors(&server, &id).await, kind);
        // Its slug stays its own.
        let thief = file("thief", "cuiaba", &places[..1], &[], &[]);
        assert!(matches!(import_into(&server.store, &thief).await, Err(IngestError::Store(StoreError::SlugTaken { .. }))), "{kind:?}");
        server.import(&whole).await;
        assert_same(&before, &doors(&server, &id).await, "back again");
        // By the store alone: the route and the event still name it.
        let city = server.holder.current().shards[0].city.id;
        let mut transaction = server.store.begin(now()).await.unwrap();
        transaction.withdraw(RecordType::PointOfInterest, city, &[place_id("doors", "cascata-do-jaburu")]).await.unwrap();
        transaction.commit().await.unwrap();
        server.catch_up().await;
        assert_gone(&doors(&server, &id).await, kind);
        assert_eq!(server.import(&whole).await, Applied { written: 1, unchanged: 4, withdrawn: 0, kept: 0 }, "{kind:?}");
        assert_same(&before, &doors(&server, &id).await, "back once more");
    }
}

fn assert_gone(doors: &Value, kind: Database) {
    assert!(!doors.to_string().to_lowercase().contains("jaburu"), "{kind:?}: {doors:#}");
    for door in ["bySlug", "byId", "node"] {
        assert_eq!(doors[door], Value::Null, "{kind:?}: {door}");
    }
    assert_eq!(doors["nodes"], json!([null]));
    for (door, count) in [("list", 2), ("near", 2), ("inside", 2), ("word", 0), ("search", 0)] {
        assert_eq!(doors[door]["totalCount"], count, "{kind:?}: {door}: {doors:#}");
    }
    assert_eq!(doors["other"]["nearby"]["totalCount"], 1, "{kind:?}");
    assert_eq!(doors["catalogue"]["pointsOfInterest"], 2, "{kind:?}");
    assert_eq!(doors["cities"][0]["pointOfInterestCount"], 2, "{kind:?}");
    assert_eq!(doors["route"]["stops"].as_array().unwrap().len(), 2, "{kind:?}");
    assert_eq!(doors["events"]["nodes"].as_array().unwrap().len(), 2, "{kind:?}: the event itself stays");
}

#[tokio::test]
async fn a_slug_that_another_dataset_has_is_a_clear_error_and_nothing_is_written() {
    for kind in BOTH {
        let server = TestServer::bare_on(kind).await;
        let places = [place("a", "A", -14.7, -56.3), place("z", "Z", -14.8, -56.3)];
        server
            .import(&file("one", "nobres", &places, &[event("festa", "Festa", "a", "2026-12-05")], &[route("rota", "Rota", &["a", "z"])]))
            .await;
        let before = server.store.last_change().await.unwrap();
        let (b, c) = (place("b", "B", -15.6, -56.1), place("c", "C", -15.6, -56.0));
        let thieves = [
            (file("two", "cuiaba", &[b.clone(), place("a", "A", -15.6, -56.1)], &[], &[]), "`a`"),
            (file("two", "cuiaba", std::slice::from_ref(&b), &[event("festa", "Festa", "b", "2026-12-05")], &[]), "`festa`"),
            (file("two", "cuiaba", &[b, c], &[], &[route("rota", "Rota", &["b", "c"])]), "`rota`"),
        ];
        for (thief, slug) in thieves {
            let error = import_into(&server.store, &thief).await.unwrap_err();
            assert!(matches!(error, IngestError::Store(StoreError::SlugTaken { .. })), "{kind:?}: {error:?}");
            assert!(error.to_string().contains(slug), "{kind:?}: {error}");
            assert_eq!(server.store.last_change().await.unwrap(), before, "{kind:?}");
            assert_eq!(server.store.reference().await.unwrap().cities.len(), 1, "{kind:?}");
        }
    }
}

#[tokio::test]
async fn hours_that_do_not_parse_keep_the_place_and_are_listed_by_check() {
    for kind in BOTH {
        let server = TestServer::bare_on(kind).await;
        let mut odd = place("a", "A", -14.7, -56.3);
        odd["openingHours"] = json!({ "raw": "aberto quando dá", "note": "Ligue antes." });
        let mut good = place("b", "B", -14.7, -56.2);
        good["openingHours"] = json!({ "raw": "Mo-Fr 08:00-18:00" });
        let output = run(&["check", "--database-url", &server.database.url]);
        assert_eq!(output.status.code(), Some(0), "{kind:?}: {output:?}");
        server.import(&file("hours", "nobres", &[odd, good], &[], &[])).await;
        let data = server
            .ask(
                "{ a: pointOfInterest(by: {slug: \"a\"}) { openingHours { state raw note until days { date } } } \
                               b: pointOfInterest(by: {slug: \"b\"}) { openingHours { state } } catalogue { quarantined } }",
                Value::Null,
            )
            .await;
        let hours = &data["a"]["openingHours"];
        assert_eq!(
            (&hours["state"], &hours["raw"], &hours["until"]),
            (&json!("UNKNOWN"), &json!("aberto quando dá"), &Value::Null),
            "{kind:?}"
        );
        assert_eq!((&hours["note"], &hours["days"]), (&json!("Ligue antes."), &json!([])), "{kind:?}");
        assert_eq!((&data["b"]["openingHours"]["state"], &data["catalogue"]["quarantined"]), (&json!("OPEN"), &json!(0)), "{kind:?}");
        let output = run(&["check", "--database-url", &server.database.url]);
        let said = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(1), "{kind:?}");
        assert!(
            said.contains("nobres/a: opening hours `aberto quando dá`") && said.contains("1 finding(s)") && !said.contains("nobres/b"),
            "{said}"
        );
    }
}

/// Each by hand, with the slug and the column that `check` must name.
const BROKEN_ROWS: [(&str, &str, &str); 8] = [
    ("UPDATE point_of_interest SET latitude = 999 WHERE slug = 'a'", "`a`", "position"),
    ("UPDATE point_of_interest SET category_slug = 'no-such' WHERE slug = 'b'", "`b`", "category_slug"),
    ("UPDATE point_of_interest SET time_zone = 'Mars/Olympus' WHERE slug = 'c'", "`c`", "time_zone"),
    (
        "UPDATE point_of_interest_text SET language = '!' WHERE point_of_interest_id = (SELECT id FROM point_of_interest WHERE slug = 'd') AND language = 'en'",
        "`d`",
        "language",
    ),
    ("UPDATE point_of_interest SET season = '{\"months\": [13]}' WHERE slug = 'e'", "`e`", "season"),
    ("UPDATE event SET dtstart = 'soon'", "`festa`", "dtstart"),
    ("UPDATE route SET mode = 'TELEPORT'", "`rota`", "mode"),
    ("DELETE FROM point_of_interest_text WHERE point_of_interest_id = (SELECT id FROM point_of_interest WHERE slug = 'f')", "`f`", "texts"),
];

#[tokio::test]
async fn a_row_broken_by_hand_is_kept_out_counted_and_listed_while_the_rest_is_served() {
    for kind in BOTH {
        let server = TestServer::bare_on(kind).await;
        let places: Vec<Value> = ["a", "b", "c", "d", "e", "f", "whole"].map(|slug| place(slug, slug, -14.7, -56.3)).to_vec();
        let whole =
            file("broken", "nobres", &places, &[event("festa", "Festa", "a", "2026-12-05")], &[route("rota", "Rota", &["a", "whole"])]);
        server.import(&whole).await;
        let before = server.everything(&["festa"]).await;
        for (statement, ..) in BROKEN_ROWS {
            server.database.by_hand(statement).await;
        }
        let city = server.holder.current().shards[0].city.id;
        let mut transaction = server.store.begin(now()).await.unwrap();
        transaction.note(NewChange { city: Some(city), record_type: RecordType::PointOfInterest, record: None, kind: ChangeKind::Upsert });
        transaction.commit().await.unwrap();
        server.catch_up().await;
        let data = server.ask("{ catalogue { quarantined pointsOfInterest events routes } }", Value::Null).await;
        assert_eq!(data["catalogue"], json!({ "quarantined": 8, "pointsOfInterest": 1, "events": 0, "routes": 0 }), "{kind:?}");
        assert_eq!(slugs(&server).await, [json!(["whole", "nobres"])], "{kind:?}");
        let output = run(&["check", "--database-url", &server.database.url]);
        let said = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(1), "{kind:?}: {said}");
        for (_, slug, column) in BROKEN_ROWS {
            assert!(said.lines().any(|line| line.contains(slug) && line.contains(column)), "{kind:?}: {slug} {column}\n{said}");
        }
        // The next import of the same file mends them.
        assert_eq!(server.import(&whole).await, Applied { written: 8, unchanged: 1, withdrawn: 0, kept: 0 }, "{kind:?}");
        let mut after = server.everything(&["festa"]).await;
        after["rest"]["catalogue"]["version"] = before["rest"]["catalogue"]["version"].clone();
        assert_same(&before, &after, "mended");
    }
}

#[tokio::test]
async fn a_broken_row_that_the_file_no_longer_holds_is_withdrawn_too() {
    for kind in BOTH {
        let server = TestServer::bare_on(kind).await;
        let places = [place("a", "A", -14.7, -56.3), place("b", "B", -14.8, -56.3)];
        server.import(&file("broken", "nobres", &places, &[], &[])).await;
        server.database.by_hand("UPDATE point_of_interest SET latitude = 999 WHERE slug = 'a'").await;
        server.import(&file("broken", "nobres", &places[1..], &[], &[])).await;
        // Whoever mends the row later does not bring back what its dataset had taken away.
        server.database.by_hand("UPDATE point_of_interest SET latitude = -14 WHERE slug = 'a'").await;
        server.import(&file("broken", "nobres", &[places[1].clone(), place("c", "C", -14.9, -56.3)], &[], &[])).await;
        assert_eq!(slugs(&server).await, [json!(["b", "nobres"]), json!(["c", "nobres"])], "{kind:?}");
    }
}

#[tokio::test]
async fn an_invalid_boundary_is_repaired_or_left_out_and_reported_never_fatal() {
    let bow_tie = r#"{"type": "Polygon", "coordinates": [[[-57, -15], [-56, -14], [-56, -15], [-57, -14], [-57, -15]]]}"#;
    let cases = [
        (bow_tie, "was repaired", json!(5_105_903.to_string())),
        (r#"{"type": "Point", "coordinates": [0, 0]}"#, "is left out", Value::Null),
    ];
    for kind in BOTH {
        for (boundary, outcome, municipality) in &cases {
            let server = TestServer::bare_on(kind).await;
            server.database.by_hand(&format!("UPDATE municipality SET boundary = '{boundary}' WHERE ibge = 5105903")).await;
            // In the western half of the bow tie.
            server.import(&file("borders", "nobres", &[place("a", "A", -14.5, -56.9)], &[], &[])).await;
            let data = server.ask("{ pointOfInterest(by: {slug: \"a\"}) { municipality { ibge } } }", Value::Null).await;
            let found = data["pointOfInterest"]["municipality"]["ibge"].clone();
            assert_eq!(found.to_string().contains("5105903"), *municipality != Value::Null, "{kind:?} {outcome}: {found}");
            let said = String::from_utf8(run(&["check", "--database-url", &server.database.url]).stdout).unwrap();
            assert!(said.contains(&format!("boundary of municipality 5105903 {outcome}")), "{kind:?}: {said}");
        }
    }
}

/// What the README shows goes into the store that its first command makes.
#[tokio::test]
async fn the_example_of_the_readme_goes_into_the_demo() {
    let readme = include_str!("../../README.md");
    let block = readme.split("```json\n").find(|block| block.contains("\"dataset\":")).expect("the README shows a catalogue file");
    let (example, _) = block.split_once("```").unwrap();
    for database in BOTH {
        let server = TestServer::demo_on(database).await;
        let importer = Importer::new(&server.store).await.unwrap();
        let applied = importer.apply(importer.check("cuiaba.json", example).unwrap(), now()).await.unwrap();
        assert_eq!((applied.written, applied.withdrawn), (1, 0), "{database:?}");
    }
}
