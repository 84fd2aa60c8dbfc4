//! Whether a record may show the images of our keeping that its content names: those that its city was sent. What another city keeps is
//! to its editors as if it were not there, so both are told with the same words.

use serde_json::Value;

use super::content::text;
use super::error::{Problem, ProblemKind};
use crate::domain::media::{Digest, ImageAddress, is_ours, named_in};
use crate::store::media::Showable;

/// Digests of the images of our keeping that a content names as its images.
pub fn named(content: &Value) -> Vec<Digest> {
    urls(content).flat_map(|(_, url)| named_in(url)).collect()
}

/// What stands in the way of showing them. What the record shows already is nobody's question any more.
pub fn problems(content: &Value, showable: &Showable) -> Vec<Problem> {
    let told = urls(content).filter(|(_, url)| !showable.shown.contains(*url)).filter_map(|(index, url)| {
        let message = fault(url, showable)?;
        Some(Problem { field: format!("images.{index}.url"), kind: ProblemKind::Invalid, message })
    });
    told.collect()
}

fn urls(content: &Value) -> impl Iterator<Item = (usize, &str)> {
    let images = content.get("images").and_then(Value::as_array).into_iter().flatten();
    images.enumerate().filter_map(|(index, image)| Some((index, text(image, "url")?)))
}

fn fault(url: &str, showable: &Showable) -> Option<String> {
    let of_city = |digest: Digest| showable.of_city.iter().find(|address| address.original() == digest);
    if !is_ours(url) {
        // Under the whole address the image would never be for everybody: it is not known as ours there.
        let address = named_in(url).find_map(of_city)?;
        return Some(format!("this is an image of the city: name it by its path alone, {address}"));
    }
    match ImageAddress::parse(url) {
        Some(address) if showable.of_city.contains(&address) => None,
        Some(ImageAddress::Variant(digest, _)) if of_city(digest).is_some() => {
            Some("this is an image in a smaller width: give the url of the image itself".to_owned())
        }
        _ => Some("the city has no such image: send it for this city, and give the url that is answered".to_owned()),
    }
}
