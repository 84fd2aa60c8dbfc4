//! `POST /graphql` as `multipart/form-data` (GraphQL multipart request specification, github.com/jaydenseric): the parts `operations`,
//! `map`, and one file, in this order.
//!
//! A page of another origin can make a browser send such a body without asking us first. That wins nothing here: who asks is told by
//! the `Authorization` header alone, which no browser adds by itself and no page may add without asking; there are no cookies.

use async_graphql::Name;
use async_graphql::{Value as GraphqlValue, Variables};
use futures::stream;
use multer::{Constraints, Multipart, SizeLimit};
use serde_json::{Map, Value};

use super::asked::{self, Asked};
use super::body;
use crate::graphql::failure::{Code, Failure};
use crate::graphql::limits::LIMITS;
use crate::graphql::prescan;
use crate::graphql::upload::{File, UploadedFile};
use crate::media::intake::{MAX_BYTES, Place};

/// Most bytes of a body: a file, the request, and what stands between them.
pub(super) const MAX_BODY: usize = MAX_BYTES + body::MAX_BYTES + 4_096;
/// Most bytes of `map`, which names one place in the variables.
const MAX_MAP_BYTES: u64 = 1_024;

/// Whether the body is one of these.
pub(super) fn is_multipart(content_type: &str) -> bool {
    content_type.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("multipart/form-data"))
}

/// Reads the request and its file out of a body.
pub(super) async fn read(content_type: &str, body: Vec<u8>, place: Place) -> Result<Asked, Failure> {
    let boundary = multer::parse_boundary(content_type).map_err(|_| bad("the content type names no boundary"))?;
    let sizes =
        SizeLimit::new().for_field("operations", body::MAX_BYTES as u64).for_field("map", MAX_MAP_BYTES).per_field(MAX_BYTES as u64);
    let body = stream::once(async { Ok::<_, std::convert::Infallible>(body) });
    let mut parts = Multipart::with_constraints(body, boundary, Constraints::new().size_limit(sizes));
    let (_, operations) = part(&mut parts, Some("operations")).await?;
    let (_, map) = part(&mut parts, Some("map")).await?;
    let (key, file) = path(&map)?;
    let (name, bytes) = part(&mut parts, None).await?;
    if name != key {
        return Err(bad("the third part must be the file that `map` names"));
    }
    if parts.next_field().await.map_err(|error| broken(&error))?.is_some() {
        return Err(bad("send one file a request"));
    }
    let mut asked = asked::from_body(&operations)?;
    put_number(&mut asked.variables, &file)?;
    asked.file = File::of(UploadedFile { place, bytes });
    Ok(asked)
}

/// The next part, which must have this name.
async fn part(parts: &mut Multipart<'_>, name: Option<&str>) -> Result<(String, Vec<u8>), Failure> {
    let missing = || bad("the parts are `operations`, `map` and the file, in this order");
    let part = parts.next_field().await.map_err(|error| broken(&error))?.ok_or_else(missing)?;
    let found = part.name().map(ToOwned::to_owned).ok_or_else(missing)?;
    if name.is_some_and(|name| name != found) {
        return Err(missing());
    }
    let bytes = part.bytes().await.map_err(|error| broken(&error))?;
    Ok((found, bytes.into()))
}

/// Of `{"0": ["variables.input.file"]}`, the name of the part and the path behind `variables`.
fn path(map: &[u8]) -> Result<(String, Vec<String>), Failure> {
    let wrong = || bad("`map` must name one file and one place in the variables, such as {\"0\": [\"variables.input.file\"]}");
    prescan::values(map, &LIMITS)?;
    let map: Map<String, Value> = serde_json::from_slice(map).map_err(|_| wrong())?;
    let mut entries = map.into_iter();
    let (Some((key, Value::Array(paths))), None) = (entries.next(), entries.next()) else { return Err(wrong()) };
    let [Value::String(path)] = paths.as_slice() else { return Err(wrong()) };
    let rest = path.strip_prefix("variables.").ok_or_else(wrong)?;
    Ok((key, rest.split('.').map(ToOwned::to_owned).collect()))
}

/// Puts a number where the file belongs; there must be a null, as the specification asks.
fn put_number(variables: &mut Variables, path: &[String]) -> Result<(), Failure> {
    let wrong = || bad("at the place that `map` names there must be null in the variables");
    let (first, rest) = path.split_first().ok_or_else(wrong)?;
    let mut place = variables.get_mut(&Name::new(first)).ok_or_else(wrong)?;
    for step in rest {
        place = match place {
            GraphqlValue::Object(fields) => fields.get_mut(step.as_str()).ok_or_else(wrong)?,
            GraphqlValue::List(values) => step.parse::<usize>().ok().and_then(|index| values.get_mut(index)).ok_or_else(wrong)?,
            _ => return Err(wrong()),
        };
    }
    if *place != GraphqlValue::Null {
        return Err(wrong());
    }
    *place = GraphqlValue::from(0);
    Ok(())
}

fn broken(error: &multer::Error) -> Failure {
    match error {
        multer::Error::FieldSizeExceeded { .. } | multer::Error::StreamSizeExceeded { .. } => {
            Failure::new(Code::PayloadTooLarge, format!("a part of the body is too large: a file has at most {MAX_BYTES} bytes"))
        }
        _ => bad("the body is not the multipart/form-data it says it is"),
    }
}

fn bad(message: &str) -> Failure {
    Failure::new(Code::BadRequest, message)
}
