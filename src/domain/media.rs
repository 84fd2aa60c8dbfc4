//! Images of records: references with rights and a text for those who cannot see them; and how those are called that we keep
//! ourselves.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::ids::{AccountId, MediaAssetId, RecordId};
use super::rights::Rights;

/// A reference to an image.
#[derive(Clone, Debug, PartialEq)]
pub struct Image {
    /// Address; that of an image we keep is an [`ImageAddress`].
    pub url: Box<str>,
    /// Width in pixels.
    pub width: Option<u32>,
    /// Height in pixels.
    pub height: Option<u32>,
    /// What it shows, by language tag.
    pub alternative_text: BTreeMap<Box<str>, Box<str>>,
    /// Licence and credit.
    pub rights: Rights,
    /// Where it comes from.
    pub source: Box<str>,
    /// What we know of it because we keep it; absent for images that others keep.
    pub kept: Option<Box<KeptImage>>,
}

/// What is known of an image that we keep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptImage {
    /// ThumbHash (evanw.github.io/thumbhash), base64: about 25 bytes that are shown until the image is there.
    pub thumbhash: Box<str>,
    /// The same image in smaller widths, the smallest first.
    pub variants: Box<[ImageVariant]>,
}

/// The same image in a smaller width, as WebP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageVariant {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Under which its bytes are kept.
    pub digest: Digest,
}

/// An image that an editor sent, whether or not a record shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MediaAsset {
    /// Identity.
    pub id: MediaAssetId,
    /// The city it belongs to.
    pub city: RecordId,
    /// Of the original as it is kept.
    pub digest: Digest,
    /// Form of the original.
    pub format: ImageFormat,
    /// Width in pixels, as it is shown.
    pub width: u32,
    /// Height in pixels, as it is shown.
    pub height: u32,
    /// Bytes of the original as it is kept.
    pub byte_length: u64,
    /// What else is known of it.
    pub kept: KeptImage,
    /// Who sent it.
    pub uploaded_by: AccountId,
    /// When.
    pub uploaded_at: DateTime<Utc>,
}

impl MediaAsset {
    /// Where the original is found.
    pub const fn address(&self) -> ImageAddress {
        ImageAddress::Original(self.digest, self.format)
    }

    /// Under which everything that is kept of it is found, each once, in their order.
    pub fn digests(&self) -> BTreeSet<Digest> {
        self.kept.variants.iter().map(|variant| variant.digest).chain([self.digest]).collect()
    }

    /// The bytes that stand at an address, and their form; `None` when there are none.
    pub fn stored(&self, address: ImageAddress) -> Option<(Digest, ImageFormat)> {
        stored(self.digest, self.format, &self.kept.variants, address)
    }
}

/// The bytes that stand at an address, of an image with these variants.
pub fn stored(digest: Digest, format: ImageFormat, variants: &[ImageVariant], address: ImageAddress) -> Option<(Digest, ImageFormat)> {
    match address {
        ImageAddress::Original(of, wanted) => (of == digest && wanted == format).then_some((digest, format)),
        ImageAddress::Variant(of, width) => {
            let variant = variants.iter().find(|variant| of == digest && variant.width == width)?;
            Some((variant.digest, ImageFormat::WebP))
        }
    }
}

/// SHA-256 (FIPS 180-4) of what is kept; written as 64 hexadecimal digits, lower case.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Digest(pub [u8; 32]);

/// The text is not that of a digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a digest has 64 hexadecimal digits, lower case")]
pub struct NoDigest;

impl Digest {
    /// Reads one form only, so that an image has one address.
    pub fn parse(text: &str) -> Result<Self, NoDigest> {
        let nibble = |digit: u8| match digit {
            b'0'..=b'9' => Ok(digit - b'0'),
            b'a'..=b'f' => Ok(digit - b'a' + 10),
            _ => Err(NoDigest),
        };
        let digits: &[u8; 64] = text.as_bytes().try_into().map_err(|_| NoDigest)?;
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = nibble(pair[0])? << 4 | nibble(pair[1])?;
        }
        Ok(Self(bytes))
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> Self {
        digest.to_string()
    }
}

impl TryFrom<String> for Digest {
    type Error = NoDigest;

    fn try_from(text: String) -> Result<Self, NoDigest> {
        Self::parse(&text)
    }
}

/// The forms of images that are kept as they were sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ImageFormat {
    /// ISO/IEC 10918-1.
    Jpeg,
    /// ISO/IEC 15948.
    Png,
    /// RFC 9649.
    WebP,
}

impl ImageFormat {
    /// Every form.
    pub const ALL: [Self; 3] = [Self::Jpeg, Self::Png, Self::WebP];

    /// Media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::WebP => "image/webp",
        }
    }

    /// The end of its file names.
    pub const fn suffix(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::WebP => "webp",
        }
    }

    /// The form of this media type.
    pub fn of_media_type(media_type: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.media_type() == media_type)
    }
}

/// Where an image we keep is found on this host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ImageAddress {
    /// `/media/{digest}.{jpg|png|webp}`: as it was sent, without what the camera noted beside it.
    Original(Digest, ImageFormat),
    /// `/media/{digest of the original}/{width}.webp`.
    Variant(Digest, u32),
}

impl ImageAddress {
    /// Of the original.
    pub const fn original(self) -> Digest {
        match self {
            Self::Original(digest, _) | Self::Variant(digest, _) => digest,
        }
    }

    /// Reads an address; `None` for whatever else stands there.
    pub fn parse(path: &str) -> Option<Self> {
        let rest = path.strip_prefix(FOLDER)?;
        if let Some((digest, file)) = rest.split_once('/') {
            let width = file.strip_suffix(".webp")?;
            // One address an image: no sign, no leading zero.
            let number = width.parse::<u32>().ok().filter(|number| number.to_string() == width)?;
            return Some(Self::Variant(Digest::parse(digest).ok()?, number));
        }
        let (digest, suffix) = rest.split_once('.')?;
        let format = ImageFormat::ALL.into_iter().find(|format| format.suffix() == suffix)?;
        Some(Self::Original(Digest::parse(digest).ok()?, format))
    }
}

/// Where images we keep are found.
pub(super) const FOLDER: &str = "/media/";

/// Whether an address leads to where the images we keep are found, whether or not there is one.
pub fn is_ours(url: &str) -> bool {
    url.trim_start().starts_with(FOLDER)
}

/// Digests of the images that a text names by an address of ours, in whatever form, whole addresses with a host too.
pub fn named_in(text: &str) -> impl Iterator<Item = Digest> {
    text.match_indices(FOLDER).filter_map(|(at, _)| Digest::parse(text.get(at + FOLDER.len()..)?.get(..64)?).ok())
}

impl fmt::Display for ImageAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Original(digest, format) => write!(formatter, "/media/{digest}.{}", format.suffix()),
            Self::Variant(digest, width) => write!(formatter, "/media/{digest}/{width}.webp"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn addresses_come_back_as_they_went(bytes: [u8; 32], width: u32) {
            for address in [ImageAddress::Original(Digest(bytes), ImageFormat::Jpeg), ImageAddress::Original(Digest(bytes), ImageFormat::WebP), ImageAddress::Variant(Digest(bytes), width)] {
                prop_assert_eq!(ImageAddress::parse(&address.to_string()), Some(address));
            }
        }
    }

    #[test]
    fn images_are_found_wherever_a_text_names_them() {
        let (one, other) = (Digest([0xab; 32]), Digest([0xcd; 32]));
        let text = format!(
            r#"{{"images":[{{"url":"/media/{one}.jpg"}},{{"url":"https://x.example/media/{other}/320.webp?é"}},{{"url":"/media/é{one}"}},{{"url":"/media/ab"}}]}}"#
        );
        assert_eq!(named_in(&text).collect::<Vec<_>>(), [one, other]);
    }

    #[test]
    fn an_image_has_one_address() {
        let digest = "ab".repeat(32);
        for bad in [
            format!("/media/{}.jpg", digest.to_uppercase()),
            format!("/media/{digest}.jpeg"),
            format!("/media/{digest}"),
            format!("/media/{digest}x.jpg"),
            format!("/media/{digest}/0320.webp"),
            format!("/media/{digest}/+320.webp"),
            format!("/media/{digest}/320.jpg"),
            format!("/media/../{digest}.jpg"),
            format!("media/{digest}.jpg"),
            "/media/é.jpg".to_owned(),
        ] {
            assert_eq!(ImageAddress::parse(&bad), None, "{bad}");
        }
    }
}
