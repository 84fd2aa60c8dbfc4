//! Pictures made in a test, in every form, with what cameras note beside them, and spoilt on purpose.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ExtendedColorType, ImageEncoder, ImageFormat, Rgb, RgbImage};

/// A position as EXIF writes it: 15° 35' 56.21" S, six numbers of four bytes.
pub const POSITION: [u8; 24] = [0, 0, 0, 15, 0, 0, 0, 1, 0, 0, 0, 35, 0, 0, 0, 1, 0, 0, 0x15, 0xF5, 0, 0, 0, 100];

/// A picture whose four corners have four colours: red, green, blue and grey, clockwise from the upper left.
pub fn corners(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let shade = ((x * 7 + y * 13) % 23) as u8;
        match (x * 2 < width, y * 2 < height) {
            (true, true) => Rgb([220 + shade, shade, shade]),
            (false, true) => Rgb([shade, 200 + shade, shade]),
            (false, false) => Rgb([shade, shade, 220 + shade]),
            (true, false) => Rgb([120 + shade, 120 + shade, 120 + shade]),
        }
    })
}

pub fn jpeg(width: u32, height: u32) -> Vec<u8> {
    let picture = corners(width, height);
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, 85).write_image(&picture, width, height, ExtendedColorType::Rgb8).unwrap();
    bytes
}

pub fn png(width: u32, height: u32) -> Vec<u8> {
    written(&corners(width, height).into(), ImageFormat::Png)
}

/// Without loss.
pub fn webp(width: u32, height: u32) -> Vec<u8> {
    written(&corners(width, height).into(), ImageFormat::WebP)
}

pub fn lossy_webp(width: u32, height: u32) -> Vec<u8> {
    ::webp::Encoder::from_rgb(&corners(width, height), width, height).encode(80.0).to_vec()
}

pub fn written(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// TIFF with an orientation and a position, big-endian.
pub fn exif(orientation: u8) -> Vec<u8> {
    let entry = |tag: u16, kind: u16, count: u32, value: [u8; 4]| {
        [&tag.to_be_bytes()[..], &kind.to_be_bytes(), &count.to_be_bytes(), &value].concat()
    };
    let directory = |entries: &[Vec<u8>]| [&(entries.len() as u16).to_be_bytes()[..], &entries.concat(), &[0; 4]].concat();
    let first = directory(&[entry(0x0112, 3, 1, [0, orientation, 0, 0]), entry(0x8825, 4, 1, 38_u32.to_be_bytes())]);
    // GPSLatitudeRef and GPSLatitude; the numbers follow the directory, at 38 + 2 + 2 * 12 + 4.
    let position = directory(&[entry(1, 2, 2, *b"S\0\0\0"), entry(2, 5, 3, 68_u32.to_be_bytes())]);
    [&b"MM\0*\0\0\0\x08"[..], &first, &position, &POSITION].concat()
}

fn segment(marker: u8, content: &[u8]) -> Vec<u8> {
    [&[0xFF, marker][..], &(content.len() as u16 + 2).to_be_bytes(), content].concat()
}

/// As a camera writes it: EXIF with a position, XMP and IPTC with another, a remark, and a profile.
pub fn from_a_camera(width: u32, height: u32, orientation: u8) -> Vec<u8> {
    let plain = jpeg(width, height);
    let xmp = b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta><exif:GPSLatitude>15,35.937S</exif:GPSLatitude></x:xmpmeta>";
    let iptc = b"Photoshop 3.0\08BIM\x04\x04\0\0\0\0\0\x10\x1C\x02\x5A\0\x0BCuiaba-NOTE";
    let noted = [
        segment(0xE1, &[b"Exif\0\0", &exif(orientation)[..]].concat()),
        segment(0xE1, xmp),
        segment(0xE2, &[b"ICC_PROFILE\0\x01\x01", &profile()[..]].concat()),
        segment(0xED, iptc),
        segment(0xFE, b"remark-NOTE"),
    ];
    [&plain[..2], &noted.concat(), &plain[2..]].concat()
}

/// What a colour profile begins with, which is all that is looked at.
pub fn profile() -> Vec<u8> {
    let mut profile = vec![0; 132];
    profile[3] = 132;
    profile[12..20].copy_from_slice(b"mntrRGB ");
    profile[36..40].copy_from_slice(b"acsp");
    profile
}

fn checksum(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc: u32, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 })
    })
}

/// A chunk of PNG.
pub fn chunk(name: [u8; 4], content: &[u8]) -> Vec<u8> {
    let checked = [&name, content].concat();
    [&(content.len() as u32).to_be_bytes()[..], &checked, &checksum(&checked).to_be_bytes()].concat()
}

/// A PNG with chunks behind its header, which has 33 bytes with the signature.
pub fn png_with(png: &[u8], chunks: &[Vec<u8>]) -> Vec<u8> {
    [&png[..33], &chunks.concat(), &png[33..]].concat()
}

/// A PNG that says it is so large, with next to nothing in it.
pub fn png_that_says(width: u32, height: u32) -> Vec<u8> {
    let header = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 2, 0, 0, 0]].concat();
    // zlib (RFC 1950) around one stored byte.
    let data = [0x78, 0x01, 0x01, 1, 0, 0xFE, 0xFF, 0, 0, 0, 0, 1];
    [&b"\x89PNG\r\n\x1A\n"[..], &chunk(*b"IHDR", &header), &chunk(*b"IDAT", &data), &chunk(*b"IEND", b"")].concat()
}

/// A WebP of these chunks.
pub fn riff(chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let mut body = b"WEBP".to_vec();
    for (name, content) in chunks {
        body.extend(*name);
        body.extend((content.len() as u32).to_le_bytes());
        body.extend(*content);
        body.resize(body.len() + content.len() % 2, 0);
    }
    [&b"RIFF"[..], &(body.len() as u32).to_le_bytes(), &body].concat()
}

/// Canvas of an extended WebP.
pub fn extended(flags: u8, width: u32, height: u32) -> Vec<u8> {
    [&[flags, 0, 0, 0][..], &(width - 1).to_le_bytes()[..3], &(height - 1).to_le_bytes()[..3]].concat()
}

/// The image chunk of a simple WebP: name and content.
pub fn image_chunk(webp: &[u8]) -> (&[u8; 4], &[u8]) {
    let length = u32::from_le_bytes(webp[16..20].try_into().unwrap()) as usize;
    (webp[12..16].try_into().unwrap(), &webp[20..20 + length])
}
