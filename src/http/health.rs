//! Health for machines: `/healthz` says the process lives, `/readyz` that it can answer, `/version` what it is.

use actix_web::HttpResponse;
use actix_web::web::Data;
use serde_json::json;

use super::Face;

/// The process lives.
pub async fn healthz() -> HttpResponse {
    HttpResponse::Ok().json(json!({ "status": "ok" }))
}

/// A snapshot is there; how fresh it is, and why it is not fresher. Reads go on while the database is away, so that is no
/// reason not to be ready.
pub async fn readyz(face: Data<Face>) -> HttpResponse {
    let freshness = face.holder.freshness();
    HttpResponse::Ok().json(json!({
        "status": "ready",
        "version": face.holder.current().version.to_string(),
        "asOf": freshness.as_of,
        "following": freshness.failure.is_none(),
    }))
}

/// Name and version of the program.
pub async fn version() -> HttpResponse {
    HttpResponse::Ok().json(json!({ "name": env!("CARGO_PKG_NAME"), "version": env!("CARGO_PKG_VERSION") }))
}
