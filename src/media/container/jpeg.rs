//! JPEG (ISO/IEC 10918-1, Annex B): markers from SOI to EOI, with the coded data between them.

use super::{Container, Orientation, Unfit, exif, take};

const SOI: u8 = 0xD8;
const EOI: u8 = 0xD9;
const SOS: u8 = 0xDA;
const APP0: u8 = 0xE0;
const APP1: u8 = 0xE1;
const APP2: u8 = 0xE2;
const APP14: u8 = 0xEE;

/// JFIF's header (ISO/IEC 10918-5) up to the size of its thumbnail, which is left out.
const JFIF_BYTES: usize = 12;

pub(super) fn read(bytes: &[u8]) -> Result<Container, Unfit> {
    let mut walk = Walk { rest: bytes.get(2..).ok_or(Unfit::Truncated)?, kept: Vec::with_capacity(bytes.len()), ..Walk::default() };
    loop {
        let marker = walk.marker()?;
        match marker {
            EOI => break,
            SOS => walk.scan()?,
            // Tables, frames, restart intervals, line numbers, applications, comments.
            0xC0..=0xCF | 0xDB..=0xDD | 0xE0..=0xEF | 0xFE => walk.segment(marker)?,
            _ => return Err(Unfit::Broken),
        }
    }
    let (width, height) = walk.size.filter(|_| walk.has_scan).ok_or(Unfit::Broken)?;
    if !is_left_by_a_camera(walk.rest, walk.has_more_pictures) {
        return Err(Unfit::Trailing);
    }
    let mut file = vec![0xFF, SOI];
    file.extend(walk.first);
    let orientation = walk.orientation.unwrap_or(Orientation::UPRIGHT);
    if orientation != Orientation::UPRIGHT {
        put(&mut file, APP1, &[&b"Exif\0\0"[..], &exif::with_orientation(orientation)].concat());
    }
    file.extend(walk.kept);
    file.extend([0xFF, EOI]);
    Ok(Container { bytes: file, width, height, orientation })
}

fn put(file: &mut Vec<u8>, marker: u8, content: &[u8]) {
    file.extend([0xFF, marker]);
    // Content comes from a segment, or is shorter than one.
    file.extend((content.len() as u16 + 2).to_be_bytes());
    file.extend(content);
}

#[derive(Default)]
struct Walk<'a> {
    rest: &'a [u8],
    /// What has to come first: JFIF's header.
    first: Vec<u8>,
    kept: Vec<u8>,
    size: Option<(u32, u32)>,
    has_scan: bool,
    orientation: Option<Orientation>,
    has_more_pictures: bool,
}

impl<'a> Walk<'a> {
    /// The next marker; it may be preceded by fill bytes.
    fn marker(&mut self) -> Result<u8, Unfit> {
        if take(&mut self.rest, 1)? != [0xFF] {
            return Err(Unfit::Broken);
        }
        loop {
            match take(&mut self.rest, 1)? {
                [0xFF] => {}
                [marker] => return Ok(*marker),
                _ => return Err(Unfit::Truncated),
            }
        }
    }

    fn content(&mut self) -> Result<&'a [u8], Unfit> {
        let length = u16::from_be_bytes(super::array(&mut self.rest)?);
        take(&mut self.rest, usize::from(length).checked_sub(2).ok_or(Unfit::Broken)?)
    }

    /// A segment: kept when the image cannot be read, or has other colours, without it.
    fn segment(&mut self, marker: u8) -> Result<(), Unfit> {
        let content = self.content()?;
        match marker {
            APP0 if content.starts_with(b"JFIF\0") && content.len() > JFIF_BYTES && self.first.is_empty() => {
                put(&mut self.first, marker, &[&content[..JFIF_BYTES], &[0, 0]].concat());
            }
            APP1 if content.starts_with(b"Exif\0\0") => self.orientation = self.orientation.or(Some(exif::orientation(content))),
            APP2 if content.starts_with(b"ICC_PROFILE\0") => put(&mut self.kept, marker, content),
            APP2 if content.starts_with(b"MPF\0") => self.has_more_pictures = true,
            APP14 if content.starts_with(b"Adobe") => put(&mut self.kept, marker, content),
            0xE0..=0xEF | 0xFE => {}
            _ => {
                if matches!(marker, 0xC0..=0xCF) && !matches!(marker, 0xC4 | 0xC8 | 0xCC) {
                    self.frame(content)?;
                }
                put(&mut self.kept, marker, content);
            }
        }
        Ok(())
    }

    /// A frame's header; there is one.
    fn frame(&mut self, content: &[u8]) -> Result<(), Unfit> {
        let [_, high, low, wide, narrow, ..] = content else { return Err(Unfit::Broken) };
        let (height, width) = (u16::from_be_bytes([*high, *low]), u16::from_be_bytes([*wide, *narrow]));
        if self.size.is_some() || width == 0 || height == 0 {
            return Err(Unfit::Broken);
        }
        self.size = Some((width.into(), height.into()));
        Ok(())
    }

    /// A scan: its header, and coded data up to a marker that is no restart.
    fn scan(&mut self) -> Result<(), Unfit> {
        if self.size.is_none() {
            return Err(Unfit::Broken);
        }
        let content = self.content()?;
        put(&mut self.kept, SOS, content);
        let mut end = 0;
        loop {
            end += self.rest[end..].iter().position(|byte| *byte == 0xFF).ok_or(Unfit::Truncated)?;
            match self.rest.get(end + 1).ok_or(Unfit::Truncated)? {
                0x00 | 0xD0..=0xD7 => end += 2,
                0xFF => end += 1,
                _ => break,
            }
        }
        self.kept.extend(take(&mut self.rest, end)?);
        self.has_scan = true;
        Ok(())
    }
}

/// What cameras leave behind the image, and we leave out: zeros, further pictures that were announced (CIPA DC-007), and the directory
/// that ends with `SEFT` which the telephones of one widespread brand put behind each photograph.
fn is_left_by_a_camera(rest: &[u8], has_more_pictures: bool) -> bool {
    let from = rest.iter().position(|byte| *byte != 0).unwrap_or(rest.len());
    let rest = &rest[from..];
    rest.is_empty() || has_more_pictures && rest.starts_with(&[0xFF, SOI]) || has_directory(rest)
}

fn has_directory(rest: &[u8]) -> bool {
    let Some((before, length)) = rest.strip_suffix(b"SEFT").and_then(|rest| rest.split_last_chunk::<4>()) else { return false };
    let from = before.len().checked_sub(u32::from_le_bytes(*length) as usize);
    from.is_some_and(|from| before[from..].starts_with(b"SEFH"))
}
