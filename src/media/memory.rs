//! What images take of this process's memory. Each image's need follows from its headers and is known before anything of it is decoded;
//! what all of them need together is bounded by [`DECODING`], which they wait for in turns.
//!
//! To change how images are decoded or made smaller: count here what the new way holds at once, at its worst.

use super::container::Container;
use super::intake::{MAX_BYTES, PLACES};
use super::pixels::{COMPRESSED_ALPHA, VARIANTS, height_for, roughly};

/// Bytes that images may take in this process, from the first byte that arrives to the last that is kept: a server of 2 GB serves its
/// catalogue beside it. The largest images that are taken, 50 million pixels of sixteen bits a channel or in a progressive JPEG, need
/// two thirds of it.
pub const IMAGES: u64 = 1 << 30;
/// Of these, bytes of files: each image on its way is there as it came, and once more without what is left out of it.
const FILES: u64 = 2 * PLACES.all as u64 * MAX_BYTES as u64;
/// Of these, bytes that decoding takes.
pub const DECODING: u64 = IMAGES - FILES;

/// Tables, windows, and rows that are worked on.
const BESIDE: u64 = 4 * 1024 * 1024;
/// An eighth more is counted for what an allocator keeps for a moment after it was given back.
const KEPT: u64 = 8;
/// Bytes a pixel of what a filter leaves between its two directions: four channels of 32 bits.
const FILTERED: u64 = 16;
/// Bytes a pixel that libwebp takes while it writes, as measured on noise: 6.9, 11.5 with transparency that is stored, 38 with one that
/// is compressed.
const WRITTEN: [u64; 3] = [8, 12, 40];

/// What a decoder holds, as the file's headers tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decoding {
    /// Bytes of the pixels as they are decoded, with the file's own channels and depth.
    pub pixels: u64,
    /// Bytes that the decoder takes beside them.
    pub beside: u64,
    /// Whether they are changed into eight bits of red, green and blue by a copy.
    pub is_converted: bool,
    /// Whether anything may be transparent.
    pub has_alpha: bool,
}

/// Most bytes that are held at once while the image is decoded, turned and made smaller.
pub fn need(file: &Container) -> u64 {
    let Decoding { pixels, beside, is_converted, has_alpha } = file.decoding;
    let channels = if has_alpha { 4 } else { 3 };
    let shown = u64::from(file.width) * u64::from(file.height) * channels;
    let decoded = pixels + beside.max(if is_converted { shown } else { 0 });
    let swaps_sides = file.orientation.swaps_sides();
    let turned = if swaps_sides { 2 * shown } else { shown };
    let size = if swaps_sides { (file.height, file.width) } else { (file.width, file.height) };
    let held = decoded.max(turned).max(shown + smaller(size, channels)) + BESIDE;
    held + held / KEPT
}

/// What the smaller images take beside the one they are made of.
fn smaller(size: (u32, u32), channels: u64) -> u64 {
    let area = |width: u32| u64::from(width) * u64::from(height_for(width, size));
    let of = |wanted: u32| {
        let rough = roughly(wanted, size);
        let source = rough.map_or(0, |width| area(width) * channels);
        let exact = area(wanted) * channels;
        let filtered = u64::from(rough.unwrap_or(size.0)) * u64::from(height_for(wanted, size)) * FILTERED;
        let written = area(wanted) * WRITTEN[if channels == 3 { 0 } else { 1 + usize::from(area(wanted) <= COMPRESSED_ALPHA) }];
        source + exact + filtered.max(written)
    };
    VARIANTS.into_iter().filter(|(wanted, _)| *wanted <= size.0).map(|(wanted, _)| of(wanted)).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::container::Orientation;
    use crate::media::intake::{MAX_PIXELS, MAX_SIDE};

    /// The worst of each form, by bytes a pixel: pixels, and what is beside them.
    const WORST: [(u64, u64, bool, bool); 4] = [
        // PNG of sixteen bits, with transparency.
        (8, 0, true, true),
        // A progressive JPEG of four channels, none of them smaller.
        (3, 8, false, false),
        // WebP with loss and with transparency that was compressed.
        (4, 7, false, true),
        // WebP without loss.
        (4, 5, false, true),
    ];

    #[test]
    fn every_image_within_the_limits_can_be_decoded() {
        for width in (10..=MAX_SIDE).step_by(10) {
            let height = (MAX_PIXELS / u64::from(width)).min(MAX_SIDE.into()) as u32;
            let area = u64::from(width) * u64::from(height);
            for (pixels, beside, is_converted, has_alpha) in WORST {
                for orientation in [Orientation::UPRIGHT, Orientation::TURNED] {
                    let decoding = Decoding { pixels: area * pixels, beside: area * beside, is_converted, has_alpha };
                    let file = Container { bytes: Vec::new(), width, height, orientation, decoding };
                    assert!(need(&file) <= DECODING, "{width} × {height}: {} of {DECODING}", need(&file));
                }
            }
        }
    }
}
