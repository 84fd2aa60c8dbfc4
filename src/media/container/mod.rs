//! The files that images come in, walked from their first byte to their last without decoding a pixel: how large the image is, how it
//! was held, whether anything stands behind it. What comes out is the same image in a file of its own, bit for bit, with nothing
//! beside it but how it was held and its colour profile: no position, no camera, no name, no remark.
//!
//! Nothing that could make a decoder take more memory or time than the header says comes out either: what is kept is a closed list, each
//! part of it as long as the standard allows, and what decoding takes is told with it ([`Decoding`]).
//!
//! To add a form: a file here with `read`, its first bytes in [`super::sniff`], its decoder in [`super::pixels`].

mod exif;
mod inflate;
mod jpeg;
mod png;
mod vp8l;
mod webp;

use super::intake::{MAX_PIXELS, MAX_SIDE};
use super::memory::Decoding;
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
    /// What a decoder will hold.
    pub decoding: Decoding,
}

/// How an image has to be turned to be upright: 1 to 8, as EXIF writes it (CIPA DC-008, tag 0x0112).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Orientation(u8);

impl Default for Orientation {
    fn default() -> Self {
        Self::UPRIGHT
    }
}

impl Orientation {
    /// As it is.
    pub const UPRIGHT: Self = Self(1);
    /// On its side.
    #[cfg(test)]
    pub(super) const TURNED: Self = Self(6);

    /// As the decoder's library writes it.
    pub fn transformation(self) -> image::metadata::Orientation {
        image::metadata::Orientation::from_exif(self.0).unwrap_or(image::metadata::Orientation::NoTransforms)
    }

    /// Whether width and height change places.
    pub const fn swaps_sides(self) -> bool {
        self.0 >= 5
    }
}

/// Longest colour profile that is kept, in bytes: those of presses have half a million, of cameras and screens a few thousand. Without a
/// profile the colours are those of sRGB.
const MAX_PROFILE: usize = 1024 * 1024;

/// Refuses what is too large, before anything is done whose length follows from it.
fn within_limits(width: u32, height: u32) -> Result<(), Unfit> {
    match (width, height) {
        (0, _) | (_, 0) => Err(Unfit::Broken),
        _ if width.max(height) > MAX_SIDE || u64::from(width) * u64::from(height) > MAX_PIXELS => Err(Unfit::Pixels { width, height }),
        _ => Ok(()),
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
