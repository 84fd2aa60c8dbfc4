//! From a file to pixels and from pixels to what is shown: upright, in the widths that screens need, and as the few bytes that stand
//! for the image until it has come. The decoders are those that are safe by themselves; only what they gave goes into libwebp.

use std::io::Cursor;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use image::codecs::png::PngDecoder;
use image::codecs::webp::WebPDecoder;
use image::imageops::FilterType;
use image::{DynamicImage, ImageDecoder, Limits, RgbImage};
use img_parts::ImageICC;
use sha2::{Digest as _, Sha256};
use webp::WebPConfig;
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use super::container::Container;
use super::memory;
use super::unfit::Unfit;
use crate::domain::media::ImageFormat;

/// Widths in pixels, and the quality each is written with, 0 to 100: the larger an image, the less a lost detail is seen.
pub const VARIANTS: [(u32, f32); 4] = [(320, 80.0), (640, 80.0), (1_280, 78.0), (1_920, 75.0)];

/// Most pixels of a smaller image whose transparency is compressed, which takes five times the memory of the rest: 1,920 × 3,125. Only
/// what is much higher than wide has more.
pub(super) const COMPRESSED_ALPHA: u64 = 6_000_000;
/// Longest colour profile that is put into a smaller image; those of screens and cameras have a few kilobytes at most.
const MAX_PROFILE: usize = 64 * 1024;
/// Side of what a ThumbHash is made of, in pixels; more is not looked at.
const THUMB_SIDE: u32 = 100;

/// An image as it is shown: upright, with eight bits a channel.
pub struct Pixels {
    image: DynamicImage,
    /// What its colours mean; sRGB when absent.
    profile: Option<Vec<u8>>,
}

/// An image in a smaller width.
pub struct Smaller {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// WebP.
    pub bytes: Vec<u8>,
}

/// Decodes the whole file. What it takes is what [`super::memory::need`] says.
pub fn decode(format: ImageFormat, file: &mut Container) -> Result<Pixels, Unfit> {
    let (mut image, profile) = match format {
        ImageFormat::Jpeg => jpeg(file)?,
        ImageFormat::Png => {
            let decoder = PngDecoder::with_limits(Cursor::new(&file.bytes), limits(file)).map_err(|error| damage(&error, file))?;
            decoded(decoder, file)?
        }
        ImageFormat::WebP => {
            // Finds the chunks and allocates nothing; there are no others than those that were kept.
            let decoder = WebPDecoder::new(Cursor::new(&file.bytes)).map_err(|error| damage(&error, file))?;
            decoded(decoder, file)?
        }
    };
    image.apply_orientation(file.orientation.transformation());
    // A profile of a printer, or of grey, says nothing of the three channels that are written.
    let profile = profile.filter(|profile| profile.len() <= MAX_PROFILE && profile.get(16..20) == Some(b"RGB "));
    Ok(Pixels { image, profile })
}

type Decoded = (DynamicImage, Option<Vec<u8>>);

/// The second line: a decoder that wanted more than was counted fails.
fn limits(file: &Container) -> Limits {
    let mut limits = Limits::default();
    limits.max_image_width = Some(file.width);
    limits.max_image_height = Some(file.height);
    limits.max_alloc = Some(memory::need(file));
    limits
}

fn damage(error: &image::ImageError, file: &Container) -> Unfit {
    match error {
        image::ImageError::Limits(_) => Unfit::Memory { need: memory::need(file) },
        image::ImageError::IoError(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => Unfit::Truncated,
        _ => Unfit::Broken,
    }
}

fn decoded(mut decoder: impl ImageDecoder, file: &Container) -> Result<Decoded, Unfit> {
    decoder.set_limits(limits(file)).map_err(|error| damage(&error, file))?;
    if decoder.dimensions() != (file.width, file.height) || decoder.total_bytes() > file.decoding.pixels {
        return Err(Unfit::Broken);
    }
    // A profile that cannot be read is as good as none.
    let profile = decoder.icc_profile().ok().flatten();
    let image = DynamicImage::from_decoder(decoder).map_err(|error| damage(&error, file))?;
    let image = if image.color().has_alpha() { image.into_rgba8().into() } else { image.into_rgb8().into() };
    Ok((image, profile))
}

/// Decodes a JPEG, strictly; and sees that no pixel was made up. A decoder that comes to the end of the file too early goes on with
/// zeros, as browsers do. So the file is decoded first with other bytes behind its data: only an image that was not whole looks at them.
/// Of the first pixels nothing is left but their digest when the second come, and the file is changed in place.
fn jpeg(file: &mut Container) -> Result<Decoded, Unfit> {
    const MADE_UP: [u8; 8] = [0xA5, 0x3C, 0x96, 0x5A, 0xC3, 0x69, 0x2D, 0xB4];
    const END: [u8; 2] = [0xFF, 0xD9];
    let data = file.bytes.strip_suffix(&END).ok_or(Unfit::Truncated)?.len();
    file.bytes.truncate(data);
    file.bytes.extend(MADE_UP.repeat(256));
    file.bytes.extend(END);
    let mark = strictly(file).map(|(image, _)| Sha256::digest(image.as_raw()));
    file.bytes.truncate(data);
    file.bytes.extend(END);
    let (image, profile) = strictly(file).map_err(|()| Unfit::Broken)?;
    if mark == Ok(Sha256::digest(image.as_raw())) { Ok((image.into(), profile)) } else { Err(Unfit::Truncated) }
}

fn strictly(file: &Container) -> Result<(RgbImage, Option<Vec<u8>>), ()> {
    let (width, height) = (file.width as usize, file.height as usize);
    let options = DecoderOptions::default()
        .set_strict_mode(true)
        .set_max_width(width)
        .set_max_height(height)
        .jpeg_set_out_colorspace(ColorSpace::RGB);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(&file.bytes[..]), options);
    decoder.decode_headers().map_err(drop)?;
    if decoder.dimensions() != Some((width, height)) {
        return Err(());
    }
    let pixels = decoder.decode().map_err(drop)?;
    let image = RgbImage::from_raw(file.width, file.height, pixels).ok_or(())?;
    Ok((image, decoder.icc_profile()))
}

impl Pixels {
    /// Width and height in pixels.
    pub fn size(&self) -> (u32, u32) {
        (self.image.width(), self.image.height())
    }

    /// ThumbHash in base64.
    pub fn thumbhash(&self) -> String {
        let thumb = self.image.thumbnail(THUMB_SIDE, THUMB_SIDE).into_rgba8();
        STANDARD.encode(thumbhash::rgba_to_thumb_hash(thumb.width() as usize, thumb.height() as usize, thumb.as_raw()))
    }

    /// The image in each width of the table that is not above its own.
    pub fn smaller(&self) -> Result<Vec<Smaller>, Unfit> {
        let size = self.size();
        let mut variants = Vec::new();
        for (wanted, quality) in VARIANTS.into_iter().filter(|(wanted, _)| *wanted <= size.0) {
            let height = height_for(wanted, size);
            let rough = roughly(wanted, size).map(|width| self.image.thumbnail_exact(width, height_for(width, size)));
            let image = rough.as_ref().unwrap_or(&self.image);
            let exact = (size.0 != wanted).then(|| image.resize_exact(wanted, height, FilterType::Lanczos3));
            variants.push(Smaller { width: wanted, height, bytes: self.webp(exact.as_ref().unwrap_or(image), quality)? });
        }
        Ok(variants)
    }

    fn webp(&self, image: &DynamicImage, quality: f32) -> Result<Vec<u8>, Unfit> {
        let mut config = WebPConfig::new().map_err(|()| Unfit::Broken)?;
        config.quality = quality;
        // Without it, what is written is first kept as symbols, in three times the memory of the image.
        config.low_memory = 1;
        config.alpha_compression = (u64::from(image.width()) * u64::from(image.height()) <= COMPRESSED_ALPHA).into();
        let encoder = webp::Encoder::from_image(image).map_err(|_| Unfit::Broken)?;
        let bytes = encoder.encode_advanced(&config).map_err(|_| Unfit::Broken)?.to_vec();
        let Some(profile) = &self.profile else { return Ok(bytes) };
        let mut file = img_parts::webp::WebP::from_bytes(bytes.into()).map_err(|_| Unfit::Broken)?;
        file.set_icc_profile(Some(profile.clone().into()));
        Ok(file.encoder().bytes().to_vec())
    }
}

/// The width of what is made first of an image that is much wider than what is wanted: averages of boxes, which are quick; then a filter
/// over twice the width, which is sharp.
pub(super) fn roughly(wanted: u32, (width, _): (u32, u32)) -> Option<u32> {
    (width > 3 * wanted).then_some(2 * wanted)
}

pub(super) fn height_for(wanted: u32, (width, height): (u32, u32)) -> u32 {
    let exact = u64::from(height) * u64::from(wanted) + u64::from(width / 2);
    ((exact / u64::from(width)) as u32).max(1)
}
