//! For machines: `/healthz` says the process lives, `/readyz` that it can answer, `/version` what it is, `/.well-known/jwks.json` by
//! which keys its tokens are known.

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::web::Data;
use serde_json::json;

use super::{Face, Readiness, Requests};

/// The process lives.
pub async fn healthz() -> HttpResponse {
    HttpResponse::Ok().json(json!({ "status": "ok" }))
}

/// Requests can be answered, 200, or not, 503; how fresh the answers are; and what does not work.
pub async fn readyz<R: Requests>(face: Data<Face<R>>) -> HttpResponse {
    let Readiness { ready, is_degraded, mut details } = face.requests.readiness();
    let status = match (ready, is_degraded) {
        (true, false) => "ready",
        (true, true) => "degraded",
        (false, _) => "not ready",
    };
    details.insert("status".to_owned(), status.into());
    if ready { HttpResponse::Ok().json(details) } else { HttpResponse::ServiceUnavailable().json(details) }
}

/// Name and version of the program.
pub async fn version() -> HttpResponse {
    HttpResponse::Ok().json(json!({ "name": env!("CARGO_PKG_NAME"), "version": env!("CARGO_PKG_VERSION") }))
}

/// The public keys of access tokens (RFC 7517 §5, media type of §8.5.2). Caches ask again well before a new key signs.
pub async fn jwks<R: Requests>(face: Data<Face<R>>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "application/jwk-set+json"))
        .insert_header((CACHE_CONTROL, "public, max-age=60"))
        .body(face.requests.jwks().to_string())
}
