//! Catalogue files made in a test: small, right, and then spoilt on purpose.

use chrono::{DateTime, Utc};
use roteiro::ingest::apply::{Applied, Importer, IngestError};
use roteiro::ingest::demo;
use roteiro::store::Store;
use serde_json::{Value, json};

use super::{TestServer, now};

/// A file of this dataset for a city of the demo, which it describes as the demo does.
pub fn file(dataset: &str, city: &str, places: &[Value], events: &[Value], routes: &[Value]) -> Value {
    let demo = demo::files().into_iter().find(|(name, _)| *name == format!("{city}.json")).unwrap();
    let city = serde_json::from_str::<Value>(demo.1).unwrap()["city"].take();
    json!({ "dataset": dataset, "city": city, "pointsOfInterest": places, "events": events, "routes": routes })
}

fn texts(name: &str) -> Value {
    json!({
        "pt-BR": { "name": name, "summary": format!("{name}, no interior do estado.") },
        "en": { "name": format!("{name} (en)") },
    })
}

fn rights() -> Value {
    json!({ "licence": "CC0-1.0", "credit": "Prefeitura" })
}

fn provenance() -> Value {
    json!({ "source": "made up in a test", "confidence": "HIGH" })
}

/// A place.
pub fn place(slug: &str, name: &str, latitude: f64, longitude: f64) -> Value {
    json!({
        "slug": slug, "category": "waterfall", "texts": texts(name), "latitude": latitude, "longitude": longitude,
        "rights": rights(), "provenance": provenance(),
    })
}

/// An event at a place of the same file, on a day such as `2026-12-05`, for two days.
pub fn event(slug: &str, name: &str, venue: &str, day: &str) -> Value {
    json!({
        "slug": slug, "category": "festival", "texts": texts(name), "venue": { "pointOfInterest": venue },
        "dtstart": format!("{day}T18:00:00"), "dtend": format!("{day}T23:00:00"), "rrule": "FREQ=DAILY;COUNT=2",
        "status": "SCHEDULED", "rights": rights(), "provenance": provenance(),
    })
}

/// A route over places of the same file.
pub fn route(slug: &str, name: &str, stops: &[&str]) -> Value {
    let stops: Vec<Value> = stops.iter().map(|stop| json!({ "pointOfInterest": stop })).collect();
    json!({
        "slug": slug, "theme": "NATURE", "mode": "CAR", "texts": texts(name), "stops": stops,
        "rights": rights(), "provenance": provenance(),
    })
}

/// Checks a file and writes it, as `roteiro import` does.
pub async fn import_into(store: &Store, file: &Value) -> Result<Applied, IngestError> {
    import_at(store, file, now()).await
}

/// The same at a moment.
pub async fn import_at(store: &Store, file: &Value, at: DateTime<Utc>) -> Result<Applied, IngestError> {
    let importer = Importer::new(store).await?;
    importer.apply(importer.check("file.json", &file.to_string())?, at).await
}

impl TestServer {
    /// Imports a right file and follows the log.
    pub async fn import(&self, file: &Value) -> Applied {
        let applied = import_into(&self.store, file).await.unwrap();
        self.catch_up().await;
        applied
    }
}
