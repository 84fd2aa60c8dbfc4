//! A server over three thousand made-up places, the demo catalogue, and probes in each city that have what neither has:
//! seasons, every kind of licence, accessibility for every profile, twins of one name in one place.

use std::fs::File;
use std::path::{Path, PathBuf};

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use roteiro::ingest::apply::Importer;
use roteiro::ingest::{demo, synth};
use roteiro::store::Store;
use serde_json::{Value, json};

use crate::support::database::{Database, TestDatabase};
use crate::support::{TestServer, now};

/// How many made-up places.
pub const SYNTHETIC: u32 = 3_000;
/// Probes each city begins with.
pub const PROBES: std::ops::Range<u32> = 0..20;

const FIRST_WORDS: [&str; 12] =
    ["Água", "bairro", "Córrego", "Dunas", "Estação", "Éden", "Gruta", "Lagoa", "ônibus", "Pátio", "Salto", "Zoológico"];
const CATEGORIES: [&str; 8] = ["waterfall", "museum", "canyon", "airport", "restaurant", "trail", "nature", "district"];
const LICENCES: [&str; 6] = ["CC-BY-NC-4.0", "CC-BY-ND-4.0", "CC-BY-NC-ND-4.0", "CC-BY-SA-4.0", "LicenseRef-AllRightsReserved", "CC0-1.0"];
const HOURS: [&str; 6] =
    ["", "Tu-Su 09:00-17:00", "24/7", "quando o dono chega", "Mo-Fr 08:00-17:00 \"com reserva\"", "Sa,Su,PH 08:00-16:00"];
const FEATURES: [&str; 6] = ["STEP_FREE_ENTRANCE", "STEP_FREE_PATHS", "EVEN_SURFACE", "TACTILE_GUIDANCE", "SIGN_LANGUAGE", "SEATING"];

/// The server, and what belongs to it.
pub async fn filled() -> TestServer {
    let database = TestDatabase::create(Database::Sqlite).await;
    std::fs::copy(template().await, database.folder().join("roteiro.sqlite")).unwrap();
    let store = Store::open(&database.url).await.unwrap();
    TestServer::over(database, store).await
}

/// A filled database, made by the first test that asks for it and copied by the others: filling takes longer than asking.
/// Another build of the tests makes another.
async fn template() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let lock = File::create(folder.join("places.lock")).unwrap();
    lock.lock().unwrap();
    let built = std::env::current_exe().unwrap().metadata().unwrap().modified().unwrap();
    let name = format!("places-{}.sqlite", built.duration_since(std::time::UNIX_EPOCH).unwrap().as_nanos());
    let template = folder.join(&name);
    if !template.exists() {
        for entry in folder.read_dir().unwrap().flatten() {
            let old = entry.file_name().to_string_lossy().into_owned();
            if old.starts_with("places-") && old.ends_with(".sqlite") {
                std::fs::remove_file(entry.path()).unwrap();
            }
        }
        let database = TestDatabase::create(Database::Sqlite).await;
        let store = Store::open(&database.url).await.unwrap();
        store.migrate().await.unwrap();
        demo::load_first_time(&store, false, now()).await.unwrap();
        import_probes(&Importer::new(&store).await.unwrap(), |number| PROBES.contains(&number)).await;
        synth::fill(&store, SYNTHETIC, 7, now()).await.unwrap();
        store.close().await;
        // Copied beside and renamed, so that a test that is stopped leaves no half of it.
        let unfinished = folder.join("places.unfinished");
        std::fs::copy(database.folder().join("roteiro.sqlite"), &unfinished).unwrap();
        std::fs::rename(&unfinished, &template).unwrap();
    }
    template
}

/// Imports the demo catalogue with those of the first forty probes of each city that are wanted; the others go.
pub async fn import_probes(importer: &Importer<'_>, wanted: impl Fn(u32) -> bool) {
    for (name, json) in demo::files() {
        let mut file: Value = serde_json::from_str(json).unwrap();
        let probes: Vec<Value> = (0..40).filter(|number| wanted(*number)).map(|number| probe(&file["city"], number)).collect();
        file["pointsOfInterest"].as_array_mut().unwrap().extend(probes);
        importer.apply(importer.check(name, &file.to_string()).unwrap(), now()).await.unwrap();
    }
}

/// Probe of this number in the city; every fourth stands where the one before it stands, under the same name.
fn probe(city: &Value, number: u32) -> Value {
    let degrees = |field: &str| city[field].as_f64().unwrap();
    let slug = city["slug"].as_str().unwrap();
    let seed = |number: u32| degrees("latitude").to_bits() ^ u64::from(number);
    let twin = if number % 4 == 3 { number - 1 } else { number };
    let mut random = StdRng::seed_from_u64(seed(twin));
    let mut record = json!({
        "slug": format!("prova-{slug}-{number}"),
        "texts": { "pt-BR": { "name": format!("{} {}", FIRST_WORDS.choose(&mut random).unwrap(), twin % 7) } },
        "latitude": degrees("latitude") + random.random_range(-0.3..0.3),
        "longitude": degrees("longitude") + random.random_range(-0.3..0.3),
        "provenance": { "source": "made up by a test", "confidence": "LOW" },
    });
    let mut random = StdRng::seed_from_u64(seed(number).rotate_left(32));
    let mut pick = |from: &[&'static str]| *from.choose(&mut random).unwrap();
    record["category"] = json!(pick(&CATEGORIES));
    record["rights"] = json!({ "licence": pick(&LICENCES), "credit": "nobody" });
    match pick(&HOURS) {
        "" => {}
        raw => record["openingHours"] = json!({ "raw": raw }),
    }
    let features = FEATURES.map(|feature| (feature, pick(&["", "", "YES", "YES", "LIMITED", "NO"])));
    let known = features.iter().filter(|(_, value)| !value.is_empty());
    record["accessibility"] = known.map(|(feature, value)| json!({ "feature": feature, "value": value })).collect();
    match pick(&["all year", "dry", "wet", "july"]) {
        "dry" => record["season"] = json!({ "months": [5, 6, 7, 8, 9] }),
        "wet" => record["season"] = json!({ "months": [1, 2, 3, 11, 12] }),
        "july" => record["season"] = json!({ "months": [7] }),
        _ => {}
    }
    match pick(&["unknown", "free", "paid"]) {
        "free" => record["isAccessibleForFree"] = json!(true),
        "paid" => record["isAccessibleForFree"] = json!(false),
        _ => {}
    }
    record
}
