//! WebP (RFC 9649 §2): a RIFF file of chunks, the image in one of them.

use super::{Container, Decoding, MAX_PROFILE, Orientation, Unfit, array, exif, take, vp8l};

const HAS_PROFILE: u8 = 0x20;
const HAS_ALPHA: u8 = 0x10;
const HAS_EXIF: u8 = 0x08;
const IS_ANIMATED: u8 = 0x02;

/// The chunks that are kept.
#[derive(Default)]
struct Parts<'a> {
    /// Of `VP8X`: its flags, and the size of the canvas.
    extended: Option<(u8, (u32, u32))>,
    profile: Option<&'a [u8]>,
    alpha: Option<&'a [u8]>,
    /// Name and content of the image.
    image: Option<([u8; 4], &'a [u8])>,
    orientation: Option<Orientation>,
}

pub(super) fn read(bytes: &[u8]) -> Result<Container, Unfit> {
    let mut rest = bytes.get(4..).ok_or(Unfit::Truncated)?;
    let length = u32::from_le_bytes(array(&mut rest)?) as usize;
    let mut chunks = take(&mut rest, length)?;
    if !rest.is_empty() {
        return Err(Unfit::Trailing);
    }
    take(&mut chunks, 4)?;
    let parts = parts(chunks)?;
    let (name, image) = parts.image.ok_or(Unfit::Broken)?;
    let (width, height, is_transparent) = if &name == b"VP8L" { lossless(image)? } else { lossy(image)? };
    let flags = parts.extended.map_or(0, |(flags, _)| flags);
    if parts.extended.is_some_and(|(_, canvas)| canvas != (width, height)) {
        return Err(Unfit::Broken);
    }
    let orientation = parts.orientation.unwrap_or(Orientation::UPRIGHT);
    let has_alpha = is_transparent || parts.alpha.is_some() || flags & HAS_ALPHA != 0;
    super::within_limits(width, height)?;
    let decoding = decoding(&parts, (name, image), (width, height), has_alpha)?;
    let file = write(&parts, (name, image), (width, height), has_alpha, orientation);
    Ok(Container { bytes: file, width, height, orientation, decoding })
}

/// Header of VP8L: what stands before its stream.
const LOSSLESS_HEADER: usize = 5;
/// Bits of the first byte of `ALPH` that tell how it is compressed (§2.7.1.2): not, or as VP8L is.
const ALPHA_COMPRESSION: u8 = 0x03;

fn decoding(parts: &Parts<'_>, (name, image): ([u8; 4], &[u8]), size: (u32, u32), has_alpha: bool) -> Result<Decoding, Unfit> {
    let area = u64::from(size.0) * u64::from(size.1);
    let beside = if &name == b"VP8L" {
        // Four channels, from which three are taken.
        let stream = image.get(LOSSLESS_HEADER..).ok_or(Unfit::Truncated)?;
        vp8l::memory(stream, size)? + if has_alpha { 0 } else { 4 * area }
    } else {
        // A plane of brightness and two of a quarter, in whole blocks of 16 × 16, and the data twice.
        let blocks = u64::from(size.0.div_ceil(16)) * u64::from(size.1.div_ceil(16)) * 256;
        blocks * 3 / 2 + 2 * image.len() as u64
    };
    let alpha = match parts.alpha {
        // Four channels, from which one is taken.
        Some([how, stream @ ..]) if how & ALPHA_COMPRESSION == 1 => vp8l::memory(stream, size)? + 5 * area,
        Some(_) => area,
        None => 0,
    };
    Ok(Decoding { pixels: area * if has_alpha { 4 } else { 3 }, beside: beside + alpha, is_converted: false, has_alpha })
}

fn parts(mut chunks: &[u8]) -> Result<Parts<'_>, Unfit> {
    let mut parts = Parts::default();
    while !chunks.is_empty() {
        let name: [u8; 4] = array(&mut chunks)?;
        let length = u32::from_le_bytes(array(&mut chunks)?) as usize;
        let content = take(&mut chunks, length)?;
        // A chunk of odd length is followed by a byte that counts for nothing; some writers forget it behind the last.
        if length % 2 == 1 && !chunks.is_empty() {
            take(&mut chunks, 1)?;
        }
        match &name {
            b"VP8X" if parts.extended.is_none() && parts.image.is_none() => parts.extended = Some(extended(content)?),
            b"ICCP" if parts.profile.is_none() => parts.profile = Some(content).filter(|profile| profile.len() <= MAX_PROFILE),
            b"ALPH" if parts.alpha.is_none() && parts.image.is_none() => parts.alpha = Some(content),
            b"VP8 " | b"VP8L" if parts.image.is_none() => parts.image = Some((name, content)),
            b"EXIF" => parts.orientation = parts.orientation.or(Some(exif::orientation(content))),
            b"ANIM" | b"ANMF" => return Err(Unfit::Animated),
            b"VP8X" | b"ICCP" | b"ALPH" | b"VP8 " | b"VP8L" => return Err(Unfit::Broken),
            _ => {}
        }
    }
    Ok(parts)
}

/// §2.7.1: flags, three bytes that are reserved, and the canvas, a side three bytes and one less than it is.
fn extended(mut content: &[u8]) -> Result<(u8, (u32, u32)), Unfit> {
    let [flags, ..]: [u8; 4] = array(&mut content)?;
    if flags & IS_ANIMATED != 0 {
        return Err(Unfit::Animated);
    }
    let mut side = || array(&mut content).map(|[low, middle, high]: [u8; 3]| u32::from_le_bytes([low, middle, high, 0]) + 1);
    Ok((flags, (side()?, side()?)))
}

/// RFC 6386 §9.1: three bytes, a start code, and a side fourteen bits.
fn lossy(mut image: &[u8]) -> Result<(u32, u32, bool), Unfit> {
    let [frame, _, _, start @ ..]: [u8; 6] = array(&mut image)?;
    let is_shown_alone = frame & 1 == 0;
    if start != [0x9D, 0x01, 0x2A] || !is_shown_alone {
        return Err(Unfit::Broken);
    }
    let mut side = || array(&mut image).map(|bytes| u32::from(u16::from_le_bytes(bytes) & 0x3FFF));
    let (width, height) = (side()?, side()?);
    Ok((width, height, false))
}

/// RFC 9649 §3.4: a signature, and a side fourteen bits and one less than it is, and whether anything is transparent.
fn lossless(mut image: &[u8]) -> Result<(u32, u32, bool), Unfit> {
    let [signature]: [u8; 1] = array(&mut image)?;
    let bits = u32::from_le_bytes(array(&mut image)?);
    if signature != 0x2F {
        return Err(Unfit::Broken);
    }
    Ok(((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1, bits >> 28 & 1 == 1))
}

fn write(parts: &Parts<'_>, image: ([u8; 4], &[u8]), size: (u32, u32), has_alpha: bool, orientation: Orientation) -> Vec<u8> {
    let length: usize = [Some(image.1), parts.profile, parts.alpha].into_iter().flatten().map(<[u8]>::len).sum();
    let mut file = Vec::with_capacity(length + 128);
    file.extend(b"RIFF\0\0\0\0WEBP");
    let is_turned = orientation != Orientation::UPRIGHT;
    if parts.profile.is_some() || parts.alpha.is_some() || is_turned {
        let flag = |is_set: bool, flag: u8| if is_set { flag } else { 0 };
        let flags = flag(parts.profile.is_some(), HAS_PROFILE) | flag(has_alpha, HAS_ALPHA) | flag(is_turned, HAS_EXIF);
        let one_less = |length: u32| (length - 1).to_le_bytes();
        let content = [&[flags, 0, 0, 0][..], &one_less(size.0)[..3], &one_less(size.1)[..3]].concat();
        put(&mut file, *b"VP8X", &content);
    }
    if let Some(profile) = parts.profile {
        put(&mut file, *b"ICCP", profile);
    }
    if let Some(alpha) = parts.alpha {
        put(&mut file, *b"ALPH", alpha);
    }
    put(&mut file, image.0, image.1);
    if is_turned {
        put(&mut file, *b"EXIF", &exif::with_orientation(orientation));
    }
    let length = (file.len() as u32 - 8).to_le_bytes();
    file[4..8].copy_from_slice(&length);
    file
}

fn put(chunks: &mut Vec<u8>, name: [u8; 4], content: &[u8]) {
    chunks.extend(name);
    chunks.extend((content.len() as u32).to_le_bytes());
    chunks.extend(content);
    if content.len() % 2 == 1 {
        chunks.push(0);
    }
}
