//! What bytes are, by themselves: neither a name nor an announced type is believed.

use super::unfit::Unfit;
use crate::domain::media::ImageFormat;

/// How far a text is looked through for the first tag of a markup language, in bytes.
const LOOKED_AT: usize = 1_024;

/// The form of the image. What is none of ours is named, for people who do not know what they send.
pub fn sniff(bytes: &[u8]) -> Result<ImageFormat, Unfit> {
    match bytes {
        [0xFF, 0xD8, 0xFF, ..] => Ok(ImageFormat::Jpeg),
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1A, b'\n', ..] => Ok(ImageFormat::Png),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Ok(ImageFormat::WebP),
        _ => Err(Unfit::Form(foreign(bytes))),
    }
}

/// The name of a form that is not taken.
fn foreign(bytes: &[u8]) -> &'static str {
    match bytes {
        [] => "nothing",
        [b'G', b'I', b'F', b'8', ..] => "a GIF",
        [b'B', b'M', ..] => "a BMP",
        [b'I', b'I', 42, 0, ..] | [b'M', b'M', 0, 42, ..] => "a TIFF or a camera's raw image",
        [b'%', b'P', b'D', b'F', ..] => "a PDF",
        [b'P', b'K', 3 | 5, 4 | 6, ..] => "a ZIP or an office document",
        [_, _, _, _, b'f', b't', b'y', b'p', brand @ ..] => match brand {
            [b'h', b'e', b'i' | b'v', ..] | [b'm', b'i', b'f' | b's', ..] => {
                "a HEIC (on an iPhone choose Settings, Camera, Most Compatible)"
            }
            [b'a', b'v', b'i', ..] => "an AVIF",
            _ => "a video",
        },
        _ => text(bytes),
    }
}

fn text(bytes: &[u8]) -> &'static str {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(LOOKED_AT)]).to_ascii_lowercase();
    // UTF-16 has a zero beside each letter.
    let head: String = head.chars().filter(|letter| *letter != '\0').collect();
    if head.contains("<svg") {
        "an SVG"
    } else if head.contains("<html") || head.contains("<!doctype html") || head.contains("<script") {
        "an HTML page"
    } else if head.trim_start_matches(['\u{feff}', '\u{fffd}', ' ', '\r', '\n', '\t']).starts_with('<') {
        "an XML document"
    } else {
        "no image we know"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_image_of_ours_is_named() {
        for (bytes, named) in [
            (&b""[..], "nothing"),
            (b"GIF89a\x01\x00", "a GIF"),
            (b"%PDF-1.7", "a PDF"),
            (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "a HEIC (on an iPhone choose Settings, Camera, Most Compatible)"),
            (b"\0\0\0\x1cftypavif\0\0\0\0", "an AVIF"),
            (b"\0\0\0\x18ftypmp42", "a video"),
            (b"<?xml version=\"1.0\"?><svg xmlns=\"http://www.w3.org/2000/svg\"><script>1</script></svg>", "an SVG"),
            (b"\xFF\xFE<\0s\0v\0g\0>\0", "an SVG"),
            (b"<!DOCTYPE html><p>", "an HTML page"),
            (b"\xEF\xBB\xBF\n<rss>", "an XML document"),
            (b"PK\x03\x04", "a ZIP or an office document"),
            (b"hello", "no image we know"),
        ] {
            assert_eq!(sniff(bytes), Err(Unfit::Form(named)), "{}", String::from_utf8_lossy(bytes));
        }
    }
}
