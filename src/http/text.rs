//! Paths and query strings are UTF-8 with the characters that texts may hold ([`crate::domain::characters`]), before any route reads
//! them.

use std::borrow::Cow;

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use percent_encoding::percent_decode_str;

use super::answer::plain_refusal;
use crate::domain::characters::first_forbidden;
use crate::graphql::failure::Code;

/// The middleware.
pub(super) async fn only_sound<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, actix_web::Error> {
    let uri = request.uri();
    // Under a path that is no text there is nothing.
    let refused = wrong_with(uri.path(), "path").map(|message| (Code::NotFound, message));
    let refused = refused.or_else(|| Some((Code::BadRequest, wrong_with(uri.query().unwrap_or_default(), "query string")?)));
    match refused {
        Some((code, message)) => Ok(request.into_response(plain_refusal(code, &message)).map_into_right_body()),
        None => Ok(next.call(request).await?.map_into_left_body()),
    }
}

fn wrong_with(encoded: &str, what: &str) -> Option<String> {
    let decoded = match percent_decode_str(encoded).decode_utf8() {
        Ok(decoded) => decoded,
        Err(_) => return Some(format!("the {what} is not UTF-8")),
    };
    // Most hold no escape, and none of these characters stands there by itself.
    if let Cow::Borrowed(_) = decoded {
        return None;
    }
    let character = first_forbidden(&decoded)?;
    Some(format!("the {what} holds U+{:04X}, a character that no text may hold", character as u32))
}

#[cfg(test)]
mod tests {
    use super::wrong_with;

    #[test]
    fn what_is_no_text_is_told() {
        for sound in ["", "/trips/abc", "a=%7B%22b%22%3A%22%C3%A9%22%7D&c=%0A", "%F0%9F%A6%9C", "%", "%zz", "100%25"] {
            assert_eq!(wrong_with(sound, "path"), None, "{sound}");
        }
        for broken in ["%ff", "%c3", "%ED%A0%80", "%C0%80", "a%80b"] {
            assert_eq!(wrong_with(broken, "path").as_deref(), Some("the path is not UTF-8"), "{broken}");
        }
        assert_eq!(
            wrong_with("a=%00", "query string").as_deref(),
            Some("the query string holds U+0000, a character that no text may hold")
        );
    }
}
