//! Which media type an answer has (RFC 9110 §12.5.1, GraphQL over HTTP §4.4 "Response"), and which a body may have.

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

    const fn name(self) -> &'static str {
        match self {
            Self::GraphqlResponse => "application/graphql-response+json",
            Self::Json => "application/json",
        }
    }
}

/// One range of `Accept`.
struct Range {
    name: String,
    /// Thousandths.
    quality: u16,
    place: usize,
}

impl Range {
    /// `None` for what asks for another character set than UTF-8, which we do not have.
    fn parse(text: &str, place: usize) -> Option<Self> {
        let mut parts = text.split(';').map(|part| part.trim().to_ascii_lowercase());
        let name = parts.next().unwrap_or_default();
        let mut quality = 1_000;
        for parameter in parts {
            let (key, value) = parameter.split_once('=').unwrap_or((&parameter, ""));
            let value = value.trim().trim_matches('"');
            match key.trim() {
                "q" => quality = value.parse::<f32>().map_or(0, |quality| (quality.clamp(0.0, 1.0) * 1_000.0) as u16),
                "charset" if !is_utf8(value) => return None,
                _ => {}
            }
        }
        Some(Self { name, quality, place })
    }

    /// How exactly it means the type; `None` when it does not.
    fn precision(&self, media: MediaType) -> Option<u8> {
        match self.name.as_str() {
            "*/*" => Some(0),
            "application/*" => Some(1),
            name => (name == media.name()).then_some(2),
        }
    }
}

/// The type the client likes best: by quality, then by how exactly it is named, then by its place in the header. Without
/// `Accept`, and for wildcards, `application/json`, as the specification asks for clients older than it. `None` when nothing
/// we have is accepted.
pub fn negotiate(accept: Option<&str>) -> Option<MediaType> {
    let Some(accept) = accept.filter(|accept| !accept.trim().is_empty()) else { return Some(MediaType::Json) };
    let ranges: Vec<Range> = accept.split(',').take(50).enumerate().filter_map(|(place, text)| Range::parse(text, place)).collect();
    [MediaType::GraphqlResponse, MediaType::Json]
        .into_iter()
        .filter_map(|media| {
            // The range that means the type most exactly decides about it.
            let (precision, range) = ranges
                .iter()
                .filter_map(|range| Some((range.precision(media)?, range)))
                .min_by_key(|(precision, range)| (2 - precision, range.place))?;
            (range.quality > 0).then_some(((range.quality, precision, usize::MAX - range.place), media))
        })
        // Of equals the last, `application/json`, wins.
        .max_by_key(|(liking, _)| *liking)
        .map(|(_, media)| media)
}

/// Whether a client reads answers as they come, as server-sent events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Events {
    /// Not at all.
    Never,
    /// Where one answer is not enough.
    Also,
    /// Rather than one answer.
    Rather,
}

/// Whether the client reads server-sent events. It has to say so: a wildcard means whatever browsers can show.
pub fn events(accept: Option<&str>) -> Events {
    let accept = accept.unwrap_or_default();
    let ranges: Vec<Range> = accept.split(',').take(50).enumerate().filter_map(|(place, text)| Range::parse(text, place)).collect();
    let of =
        |is_meant: &dyn Fn(&Range) -> bool| ranges.iter().filter(|range| is_meant(range)).map(|range| range.quality).max().unwrap_or(0);
    let stream = of(&|range| range.name == "text/event-stream");
    let once = of(&|range| [MediaType::GraphqlResponse, MediaType::Json].iter().any(|media| range.precision(*media).is_some()));
    match stream {
        0 => Events::Never,
        stream if stream > once => Events::Rather,
        _ => Events::Also,
    }
}

/// Whether a body of this `Content-Type` is read: JSON in UTF-8.
pub fn is_json(content_type: Option<&str>) -> bool {
    let mut parts = content_type.unwrap_or_default().split(';').map(|part| part.trim().to_ascii_lowercase());
    parts.next().as_deref() == Some("application/json")
        && parts.all(|parameter| parameter.strip_prefix("charset=").is_none_or(|charset| is_utf8(charset.trim_matches('"'))))
}

fn is_utf8(charset: &str) -> bool {
    matches!(charset, "utf-8" | "utf8")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_client_gets_what_it_likes_best() {
        for (accept, wanted) in [
            (None, Some(MediaType::Json)),
            (Some(""), Some(MediaType::Json)),
            (Some("*/*"), Some(MediaType::Json)),
            (Some("application/*;q=0.1"), Some(MediaType::Json)),
            (Some("text/html, */*;q=0.8"), Some(MediaType::Json)),
            (Some("application/graphql-response+json"), Some(MediaType::GraphqlResponse)),
            (Some("Application/GraphQL-Response+JSON"), Some(MediaType::GraphqlResponse)),
            (Some("application/graphql-response+json, */*"), Some(MediaType::GraphqlResponse)),
            (Some("application/json;q=0.5, application/graphql-response+json"), Some(MediaType::GraphqlResponse)),
            (Some("application/json, application/graphql-response+json"), Some(MediaType::Json)),
            (Some("application/graphql-response+json; charset=utf-8, application/json; charset=utf-8"), Some(MediaType::GraphqlResponse)),
            (Some("application/graphql-response+json;q=0, */*"), Some(MediaType::Json)),
            (Some("application/json;q=0, */*"), Some(MediaType::GraphqlResponse)),
            (Some("application/json;q=NaN"), None),
            (Some("text/html"), None),
            (Some("*/*;q=0"), None),
            (Some("application/json; charset=iso-8859-1"), None),
        ] {
            assert_eq!(negotiate(accept), wanted, "{accept:?}");
        }
    }

    #[test]
    fn event_streams_are_for_those_who_name_them() {
        for (accept, wanted) in [
            (None, Events::Never),
            (Some("*/*"), Events::Never),
            (Some("text/*"), Events::Never),
            (Some("text/event-stream"), Events::Rather),
            (Some("Text/Event-Stream; charset=utf-8"), Events::Rather),
            (Some("text/event-stream;q=0"), Events::Never),
            (Some("text/event-stream, */*;q=0.5"), Events::Rather),
            (Some("text/event-stream, */*"), Events::Also),
            (Some("application/graphql-response+json, application/json, text/event-stream, multipart/mixed"), Events::Also),
            (Some("application/json;q=0.5, text/event-stream"), Events::Rather),
        ] {
            assert_eq!(events(accept), wanted, "{accept:?}");
        }
    }

    #[test]
    fn only_json_is_read() {
        assert!(is_json(Some("application/json")) && is_json(Some("Application/JSON; charset=UTF-8")));
        for other in
            [None, Some("text/plain"), Some("application/json; charset=utf-16"), Some("application/graphql"), Some("application/jsonp")]
        {
            assert!(!is_json(other), "{other:?}");
        }
    }
}
