//! What caches are told (RFC 9111): a validator and an age for answers to `GET`, and what answers depend on.

use std::hash::Hasher;
use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, ETAG, HeaderMap, HeaderValue, IF_NONE_MATCH, VARY};
use siphasher::sip128::{Hasher128, SipHasher13};

use crate::http::negotiate::MediaType;

/// A weak validator (the same answer may be compressed or not) for everything that decides the answer.
pub(super) fn entity_tag(version: &str, query_string: &str, media: MediaType) -> String {
    let mut hasher = SipHasher13::new();
    for part in [version, query_string, media.content_type()] {
        hasher.write_usize(part.len());
        hasher.write(part.as_bytes());
    }
    format!("W/\"{:032x}\"", hasher.finish128().as_u128())
}

/// Whether the client has the answer with this tag (RFC 9110 §13.1.2, weak comparison). `*` names no answer: a server may evaluate it
/// only when it knows that there is a current representation, which here takes the whole work and whose answer may be personal.
pub(super) fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    let strong = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    headers
        .get_all(IF_NONE_MATCH)
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|known| strong(known) == strong(tag))
}

/// An answer that may be kept.
pub(super) fn cacheable(mut response: HttpResponse, tag: &str, age: Duration) -> HttpResponse {
    let seconds = age.as_secs();
    let control = if seconds == 0 { "public, no-cache".to_owned() } else { format!("public, max-age={seconds}") };
    for (name, value) in [(ETAG, tag), (CACHE_CONTROL, &control)] {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(name, value);
        }
    }
    varied(response)
}

/// An answer that tells an error, or is one asker's alone, is asked for again.
pub(super) fn not_stored(mut response: HttpResponse) -> HttpResponse {
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    varied(response)
}

/// An answer of `/graphql` depends on these headers of the request.
pub(super) fn varied(mut response: HttpResponse) -> HttpResponse {
    response.headers_mut().insert(VARY, HeaderValue::from_static("Accept, Accept-Language, Accept-Encoding"));
    response
}
