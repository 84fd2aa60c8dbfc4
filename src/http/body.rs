//! Reading a body within bounds of size and time. What is too much is read on and thrown away for a while, because a client
//! that is still writing when the connection closes never sees why.

use std::time::Duration;

use actix_web::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, HeaderMap};
use actix_web::web::Payload;
use futures::StreamExt;

use crate::graphql::failure::{Code, Failure};

/// Most bytes of a body: variables hold polygons and lines.
pub const MAX_BYTES: usize = 256 * 1024;
/// Most bytes of a body that is too large read on and thrown away.
const MAX_DISCARDED: usize = 16 * 1024 * 1024;
/// How long a body may take.
const TIMEOUT: Duration = Duration::from_secs(20);

/// The body. A compressed one is refused: it could unfold to anything.
pub async fn read(headers: &HeaderMap, payload: Payload) -> Result<Vec<u8>, Failure> {
    if headers.get(CONTENT_ENCODING).is_some_and(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return Err(Failure::new(Code::UnsupportedMediaType, "the body must not be compressed"));
    }
    let announced = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > MAX_DISCARDED) {
        return Err(too_large());
    }
    tokio::time::timeout(TIMEOUT, collect(payload))
        .await
        .unwrap_or_else(|_| Err(Failure::new(Code::RequestTimeout, "the body did not arrive in time")))
}

async fn collect(mut payload: Payload) -> Result<Vec<u8>, Failure> {
    let (mut body, mut seen) = (Vec::new(), 0_usize);
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| Failure::new(Code::BadRequest, "the body broke off"))?;
        seen = seen.saturating_add(chunk.len());
        if seen > MAX_DISCARDED {
            break;
        }
        if seen > MAX_BYTES {
            body = Vec::new();
        } else {
            body.extend_from_slice(&chunk);
        }
    }
    if seen > MAX_BYTES { Err(too_large()) } else { Ok(body) }
}

fn too_large() -> Failure {
    Failure::new(Code::PayloadTooLarge, format!("the body has more than {MAX_BYTES} bytes"))
}
