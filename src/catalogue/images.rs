//! Which images of our keeping published records show: those, and no others, are for everybody.

use std::collections::HashMap;
use std::sync::Arc;

use crate::domain::media::{Digest, Image, ImageAddress, ImageFormat, KeptImage, stored};

/// Images of our keeping that the records of a city show, by the digest of the original.
#[derive(Clone, Default)]
pub struct PublishedImages(HashMap<Digest, Published>);

#[derive(Clone)]
struct Published {
    image: Arc<(ImageFormat, KeptImage)>,
    /// How many times records show it.
    times: usize,
}

impl PublishedImages {
    /// What records show after some went and some came. O(images) in digests, O(changed) in records.
    #[must_use]
    pub fn next<'a>(&self, gone: impl Iterator<Item = &'a Image>, come: impl Iterator<Item = &'a Image>) -> Self {
        let mut next = self.clone();
        for (digest, _, _) in gone.filter_map(ours) {
            if let Some(published) = next.0.get_mut(&digest) {
                published.times -= 1;
            }
        }
        for (digest, format, kept) in come.filter_map(ours) {
            let new = || Published { image: Arc::new((format, kept.clone())), times: 0 };
            next.0.entry(digest).or_insert_with(new).times += 1;
        }
        next.0.retain(|_, published| published.times > 0);
        next
    }

    /// The bytes that stand at an address, and their form.
    pub fn stored(&self, address: ImageAddress) -> Option<(Digest, ImageFormat)> {
        let (format, kept) = &*self.0.get(&address.original())?.image;
        stored(address.original(), *format, &kept.variants, address)
    }
}

/// What is known of an image that the record's city keeps; nothing of any other.
fn ours(image: &Image) -> Option<(Digest, ImageFormat, &KeptImage)> {
    let kept = image.kept.as_ref()?;
    match ImageAddress::parse(&image.url)? {
        ImageAddress::Original(digest, format) => Some((digest, format, kept)),
        ImageAddress::Variant(..) => None,
    }
}
