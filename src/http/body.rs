//! Reading a body within bounds of size and time. What is too much is read on and thrown away for a while, because a client
//! that is still writing when the connection closes never sees why.

use std::time::Duration;

use actix_web::error::PayloadError;
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, HeaderMap};
use actix_web::web::{Bytes, Payload};
use futures::{Stream, StreamExt};
use tokio::time::timeout;

use crate::graphql::failure::{Code, Failure};

/// Most bytes of a body: variables hold polygons and lines.
pub const MAX_BYTES: usize = 256 * 1024;
/// Bytes that are read on and thrown away behind the most that are read.
const MAX_DISCARDED: usize = 16 * 1024 * 1024;
/// How long a body of GraphQL may take.
const TIMEOUT: Duration = Duration::from_secs(20);
/// How long an image may take: 20 MiB over a megabit a second, as telephones in the country have it.
const IMAGE_TIMEOUT: Duration = Duration::from_mins(3);
/// How long nothing may come.
const SILENCE: Duration = Duration::from_secs(15);

/// How much is read, and how long for.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    bytes: usize,
    time: Duration,
    silence: Duration,
}

impl Bounds {
    /// Of an image of at most so many bytes.
    pub const fn image(bytes: usize) -> Self {
        Self { bytes, time: IMAGE_TIMEOUT, silence: SILENCE }
    }
}

/// The body of a request without a file. A compressed one is refused: it could unfold to anything.
pub async fn read(headers: &HeaderMap, payload: Payload) -> Result<Vec<u8>, Failure> {
    read_within(headers, payload, &Bounds { bytes: MAX_BYTES, time: TIMEOUT, silence: TIMEOUT }).await
}

/// A body within bounds.
pub async fn read_within(headers: &HeaderMap, payload: Payload, bounds: &Bounds) -> Result<Vec<u8>, Failure> {
    if headers.get(CONTENT_ENCODING).is_some_and(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return Err(Failure::new(Code::UnsupportedMediaType, "the body must not be compressed"));
    }
    let announced = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > bounds.bytes + MAX_DISCARDED) {
        return Err(too_large(bounds));
    }
    // Grown step by step it would be there twice.
    let body = Vec::with_capacity(announced.unwrap_or(0).min(bounds.bytes));
    timeout(bounds.time, collect(body, payload, bounds)).await.unwrap_or_else(|_| Err(too_slow()))
}

async fn collect(
    mut body: Vec<u8>,
    mut payload: impl Stream<Item = Result<Bytes, PayloadError>> + Unpin,
    bounds: &Bounds,
) -> Result<Vec<u8>, Failure> {
    let mut seen = 0_usize;
    while let Some(chunk) = timeout(bounds.silence, payload.next()).await.map_err(|_| too_slow())? {
        let chunk = chunk.map_err(|_| Failure::new(Code::BadRequest, "the body broke off"))?;
        seen = seen.saturating_add(chunk.len());
        if seen > bounds.bytes + MAX_DISCARDED {
            break;
        }
        if seen > bounds.bytes {
            body = Vec::new();
        } else {
            body.extend_from_slice(&chunk);
        }
    }
    if seen > bounds.bytes { Err(too_large(bounds)) } else { Ok(body) }
}

fn too_large(bounds: &Bounds) -> Failure {
    Failure::new(Code::PayloadTooLarge, format!("the body has more than {} bytes", bounds.bytes))
}

fn too_slow() -> Failure {
    Failure::new(Code::RequestTimeout, "the body did not arrive in time")
}

#[cfg(test)]
mod tests {
    use futures::stream;

    use super::*;

    const SHORT: Duration = Duration::from_millis(20);

    const SOME: Result<Bytes, PayloadError> = Ok(Bytes::from_static(b"some"));

    #[tokio::test]
    async fn who_falls_silent_is_not_waited_for() {
        let bounds = Bounds { bytes: 100, time: Duration::MAX, silence: SHORT };
        let silent = stream::iter([SOME]).chain(stream::pending());
        assert_eq!(collect(Vec::new(), silent, &bounds).await.map_err(|failure| failure.code()), Err(Code::RequestTimeout));
    }

    #[tokio::test]
    async fn what_is_too_much_is_refused_and_what_fits_is_read() {
        for (count, read) in [(2, Ok(8)), (3, Err(Code::PayloadTooLarge))] {
            let bounds = Bounds { bytes: 8, time: SHORT, silence: SHORT };
            let body = collect(Vec::new(), stream::iter((0..count).map(|_| SOME)), &bounds).await;
            assert_eq!(body.map(|body| body.len()).map_err(|failure| failure.code()), read);
        }
    }
}
