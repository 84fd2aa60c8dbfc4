//! The files that images come in, walked from their first byte to their last without decoding a pixel: how large the image is, how it
//! was held, whether anything stands behind it. What comes out is the same image in a file of its own, bit for bit, with nothing
//! beside it but how it was held and its colour profile: no position, no camera, no name, no remark.
//!
//! To add a form: a file here with `read`, its first bytes in [`super::sniff`], its decoder in [`super::pixels`].

mod exif;
mod jpeg;
mod png;
mod webp;

use super::unfit::Unfit;
use crate::domain::media::ImageFormat;

/// An image in a file that holds nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Container {
    /// The file.
    pub bytes: Vec<u8>,
    /// Width in pixels, before it is turned.
    pub width: u32,
    /// Height in pixels, before it is turned.
    pub height: u32,
    /// How it has to be turned to be upright.
    pub orientation: Orientation,
}

/// How an image has to be turned to be upright: 1 to 8, as EXIF writes it (CIPA DC-008, tag 0x0112).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Orientation(u8);

impl Orientation {
    /// As it is.
    pub const UPRIGHT: Self = Self(1);

    /// As the decoder's library writes it.
    pub fn transformation(self) -> image::metadata::Orientation {
        image::metadata::Orientation::from_exif(self.0).unwrap_or(image::metadata::Orientation::NoTransforms)
    }

    /// Whether width and height change places.
    pub const fn swaps_sides(self) -> bool {
        self.0 >= 5
    }
}

/// Walks the file.
pub fn read(format: ImageFormat, bytes: &[u8]) -> Result<Container, Unfit> {
    match format {
        ImageFormat::Jpeg => jpeg::read(bytes),
        ImageFormat::Png => png::read(bytes),
        ImageFormat::WebP => webp::read(bytes),
    }
}

/// Takes so many bytes from the front.
fn take<'a>(rest: &mut &'a [u8], count: usize) -> Result<&'a [u8], Unfit> {
    let (taken, after) = rest.split_at_checked(count).ok_or(Unfit::Truncated)?;
    *rest = after;
    Ok(taken)
}

/// Takes an array from the front.
fn array<const COUNT: usize>(rest: &mut &[u8]) -> Result<[u8; COUNT], Unfit> {
    let (taken, after) = rest.split_first_chunk::<COUNT>().ok_or(Unfit::Truncated)?;
    *rest = after;
    Ok(*taken)
}
