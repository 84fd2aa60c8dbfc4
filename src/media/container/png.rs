//! PNG (ISO/IEC 15948, W3C PNG third edition): a signature and chunks from IHDR to IEND.

use super::{Container, Orientation, Unfit, array, exif, take};

const SIGNATURE: usize = 8;

/// Chunks without which the image cannot be read or has other colours.
const KEPT: [&[u8; 4]; 14] =
    [b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"cHRM", b"gAMA", b"iCCP", b"sBIT", b"sRGB", b"cICP", b"mDCV", b"cLLI", b"pHYs"];

/// Largest colour profile that is kept, in bytes as compressed: deflate makes at most 1,032 times as much of it
/// (<https://zlib.net/zlib_tech.html>), so 4 MB. Profiles of cameras and screens have some hundred bytes to 3,000; without a profile the
/// colours are those of sRGB.
const MAX_PROFILE: usize = 4_096;

pub(super) fn read(bytes: &[u8]) -> Result<Container, Unfit> {
    let mut rest = bytes;
    let mut file = Vec::with_capacity(bytes.len());
    file.extend(take(&mut rest, SIGNATURE)?);
    let (mut size, mut orientation, mut has_data, mut has_profile) = (None, Orientation::UPRIGHT, false, false);
    loop {
        let chunk = rest;
        let length = u32::from_be_bytes(array(&mut rest)?) as usize;
        let name: [u8; 4] = array(&mut rest)?;
        let content = take(&mut rest, length)?;
        take(&mut rest, 4)?;
        if (size.is_none()) != (name == *b"IHDR") {
            return Err(Unfit::Broken);
        }
        match &name {
            b"IHDR" => size = Some(header(content)?),
            b"acTL" => return Err(Unfit::Animated),
            b"eXIf" if !has_data => orientation = exif::orientation(content),
            b"IDAT" => {
                if !has_data && orientation != Orientation::UPRIGHT {
                    put(&mut file, *b"eXIf", &exif::with_orientation(orientation));
                }
                has_data = true;
            }
            // A capital letter says that nobody may pass it over (§5.4).
            _ if name[0].is_ascii_uppercase() && !KEPT.contains(&&name) => return Err(Unfit::Broken),
            _ => {}
        }
        let is_profile = name == *b"iCCP";
        let is_too_much = is_profile && (has_profile || length > MAX_PROFILE);
        has_profile |= is_profile;
        if KEPT.contains(&&name) && !is_too_much {
            file.extend(&chunk[..12 + length]);
        }
        if &name == b"IEND" {
            break;
        }
    }
    if !rest.is_empty() {
        return Err(Unfit::Trailing);
    }
    let (width, height) = size.filter(|_| has_data).ok_or(Unfit::Broken)?;
    Ok(Container { bytes: file, width, height, orientation })
}

fn header(content: &[u8]) -> Result<(u32, u32), Unfit> {
    let mut content = content;
    let (width, height) = (u32::from_be_bytes(array(&mut content)?), u32::from_be_bytes(array(&mut content)?));
    if width == 0 || height == 0 { Err(Unfit::Broken) } else { Ok((width, height)) }
}

fn put(file: &mut Vec<u8>, name: [u8; 4], content: &[u8]) {
    file.extend((content.len() as u32).to_be_bytes());
    let checked = [&name, content].concat();
    file.extend(&checked);
    file.extend(checksum(&checked).to_be_bytes());
}

/// CRC-32 as PNG has it (§5.5, Annex D).
fn checksum(bytes: &[u8]) -> u32 {
    let step = |crc: u32, _| if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 };
    !bytes.iter().fold(!0, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), step))
}

#[cfg(test)]
mod tests {
    use super::{MAX_PROFILE, put, read};

    /// A PNG of these chunks between its header and its data.
    fn with(chunks: &[(&[u8; 4], usize)]) -> Vec<u8> {
        let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
        put(&mut file, *b"IHDR", &[0, 0, 0, 8, 0, 0, 0, 8, 8, 2, 0, 0, 0]);
        for (name, length) in chunks {
            put(&mut file, **name, &vec![7; *length]);
        }
        put(&mut file, *b"IDAT", b"data");
        put(&mut file, *b"IEND", b"");
        file
    }

    #[test]
    fn nothing_that_may_inflate_without_bound_reaches_the_decoder() {
        let plain = with(&[]);
        for chunks in [&[(b"iCCP", MAX_PROFILE + 1)][..], &[(b"zTXt", 9)], &[(b"iTXt", 9)], &[(b"tEXt", 9), (b"iCCP", 4 << 20)]] {
            assert!(read(&with(chunks)).unwrap().bytes == plain, "{chunks:?}");
        }
        let profile = with(&[(b"iCCP", MAX_PROFILE)]);
        assert!(read(&profile).unwrap().bytes == profile);
        assert!(read(&with(&[(b"iCCP", MAX_PROFILE), (b"iCCP", 9)])).unwrap().bytes == profile, "a second one is none");
    }

    #[test]
    fn the_checksum_is_that_of_the_standard() {
        assert_eq!(super::checksum(b"IEND"), 0xAE42_6082);
    }
}
