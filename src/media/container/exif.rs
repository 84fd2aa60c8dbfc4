//! How an image was held, read from EXIF (CIPA DC-008, which is TIFF 6.0), and written into one that says nothing else.

use image::metadata::Orientation as Transformation;

use super::Orientation;

/// What EXIF says of how the image was held; upright when it says nothing or nonsense. The text begins with TIFF's header, before
/// which some writers put `Exif\0\0`.
pub fn orientation(exif: &[u8]) -> Orientation {
    let tiff = exif.strip_prefix(b"Exif\0\0").unwrap_or(exif);
    Transformation::from_exif_chunk(tiff).map_or(Orientation::UPRIGHT, |found| Orientation(found.to_exif()))
}

/// TIFF with one directory of one entry: the orientation, a SHORT.
pub fn with_orientation(orientation: Orientation) -> [u8; 26] {
    let mut tiff = *b"MM\0\x2A\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\0\0\0\0\0\0\0";
    tiff[19] = orientation.0;
    tiff
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        for number in 1..=8 {
            assert_eq!(orientation(&with_orientation(Orientation(number))), Orientation(number));
        }
        for nonsense in [&b""[..], b"Exif\0\0", b"II*\0\xFF\xFF\xFF\xFF", &with_orientation(Orientation(9))] {
            assert_eq!(orientation(nonsense), Orientation::UPRIGHT);
        }
    }
}
