//! Which media type an answer has (RFC 9110 §12.5.1, GraphQL over HTTP §4 "Response").

/// Media types of a GraphQL answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MediaType {
    /// `application/graphql-response+json`: the status says how the request went.
    GraphqlResponse,
    /// `application/json`: for older clients, which read any status but 200 as a broken connection.
    Json,
}

impl MediaType {
    /// The value of `Content-Type`.
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
        }
    }
}

/// The type the client likes best. Without `Accept`, and for wildcards, `application/json`, as the specification asks for
/// clients older than it; `None` when nothing we have is accepted.
pub fn negotiate(accept: Option<&str>) -> Option<MediaType> {
    let Some(accept) = accept.filter(|accept| !accept.trim().is_empty()) else { return Some(MediaType::Json) };
    let mut best: Option<(f32, MediaType)> = None;
    for range in accept.split(',').take(50) {
        let mut parts = range.split(';').map(str::trim);
        let media = match parts.next().unwrap_or_default().to_ascii_lowercase().as_str() {
            "application/graphql-response+json" => MediaType::GraphqlResponse,
            "application/json" | "*/*" | "application/*" => MediaType::Json,
            _ => continue,
        };
        let (mut quality, mut charset) = (1.0, true);
        for parameter in parts {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            match name.trim().to_ascii_lowercase().as_str() {
                "q" => quality = value.trim().parse().unwrap_or(0.0),
                "charset" => charset = ["utf-8", "utf8"].contains(&value.trim().trim_matches('"').to_ascii_lowercase().as_str()),
                _ => {}
            }
        }
        if charset && quality > 0.0 && best.is_none_or(|(known, _)| quality > known) {
            best = Some((quality, media));
        }
    }
    best.map(|(_, media)| media)
}

/// Whether a body of this `Content-Type` is read: JSON in UTF-8.
pub fn is_json(content_type: Option<&str>) -> bool {
    let mut parts = content_type.unwrap_or_default().split(';').map(|part| part.trim().to_ascii_lowercase());
    parts.next().as_deref() == Some("application/json")
        && parts.all(|parameter| {
            parameter.strip_prefix("charset=").is_none_or(|charset| ["utf-8", "utf8"].contains(&charset.trim_matches('"')))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_client_gets_what_it_likes_best() {
        for (accept, wanted) in [
            (None, Some(MediaType::Json)),
            (Some("*/*"), Some(MediaType::Json)),
            (Some("application/graphql-response+json"), Some(MediaType::GraphqlResponse)),
            (Some("application/json;q=0.5, application/graphql-response+json"), Some(MediaType::GraphqlResponse)),
            (Some("application/graphql-response+json; charset=utf-8, application/json; charset=utf-8"), Some(MediaType::GraphqlResponse)),
            (Some("application/graphql-response+json;q=0, */*"), Some(MediaType::Json)),
            (Some("text/html"), None),
            (Some("application/json; charset=iso-8859-1"), None),
        ] {
            assert_eq!(negotiate(accept), wanted, "{accept:?}");
        }
    }

    #[test]
    fn only_json_is_read() {
        assert!(is_json(Some("application/json")) && is_json(Some("application/json; charset=UTF-8")));
        for other in
            [None, Some("text/plain"), Some("application/json; charset=utf-16"), Some("application/graphql"), Some("application/jsonp")]
        {
            assert!(!is_json(other), "{other:?}");
        }
    }
}
