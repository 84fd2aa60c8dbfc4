//! Pages for people, from files in the binary: the landing page and `GraphiQL`. Nothing in them asks another host.

use std::hash::Hasher;

use actix_web::http::header::{ALLOW, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, HeaderValue, IF_NONE_MATCH};
use actix_web::{HttpRequest, HttpResponse};
use include_dir::{Dir, include_dir};
use siphasher::sip::SipHasher13;

use super::answer::plain_refusal;
use crate::graphql::failure::Code;

static ASSETS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/assets");

/// Only this host, no inline script.
pub(super) const LANDING_POLICY: &str =
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
/// `GraphiQL`'s editor writes style attributes and has its font inside its style sheet.
const GRAPHIQL_POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self' data:; img-src 'self' data:; \
     worker-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// `/`: the ten cities on a map and as a list.
pub async fn landing(request: HttpRequest) -> HttpResponse {
    file(&request, "landing/index.html")
}

/// `/graphiql`: a desk to try questions at.
pub async fn graphiql(request: HttpRequest) -> HttpResponse {
    file(&request, "graphiql/index.html")
}

/// `/graphiql/…`: what the desk is made of.
pub async fn graphiql_asset(request: HttpRequest) -> HttpResponse {
    file(&request, &format!("graphiql/{}", request.match_info().query("path")))
}

/// `/assets/…`: what the pages are made of.
pub async fn asset(request: HttpRequest) -> HttpResponse {
    file(&request, request.match_info().query("path"))
}

/// A path nobody knows.
pub async fn nothing() -> HttpResponse {
    plain_refusal(Code::NotFound, "there is nothing here; the API is at /graphql")
}

/// A method that a page or a machine's path does not know.
pub async fn other_method() -> HttpResponse {
    let mut response = plain_refusal(Code::MethodNotAllowed, "this can only be read, with GET");
    response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
    response
}

fn file(request: &HttpRequest, path: &str) -> HttpResponse {
    let Some(file) = ASSETS.get_file(path) else { return plain_refusal(Code::NotFound, "there is no such file") };
    let mut hasher = SipHasher13::new();
    hasher.write(file.contents());
    let tag = format!("W/\"{:016x}\"", hasher.finish());
    let policy = if path.starts_with("graphiql/") { GRAPHIQL_POLICY } else { LANDING_POLICY };
    let known = request.headers().get(IF_NONE_MATCH).and_then(|value| value.to_str().ok()).is_some_and(|value| value.contains(&tag[2..]));
    let mut response = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response
        .insert_header((CONTENT_TYPE, content_type(path)))
        .insert_header((CONTENT_SECURITY_POLICY, policy))
        .insert_header((CACHE_CONTROL, "public, no-cache"))
        .insert_header((ETAG, tag));
    if known { response.finish() } else { response.body(file.contents()) }
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("json" | "map") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("woff2") => "font/woff2",
        _ => "text/plain; charset=utf-8",
    }
}
