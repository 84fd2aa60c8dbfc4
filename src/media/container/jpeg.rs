//! JPEG (ISO/IEC 10918-1, Annex B): markers from SOI to EOI, with the coded data between them.

use super::{Container, Decoding, MAX_PROFILE, Orientation, Unfit, exif, take};

const SOI: u8 = 0xD8;
const EOI: u8 = 0xD9;
const SOS: u8 = 0xDA;
const APP0: u8 = 0xE0;
const APP1: u8 = 0xE1;
const APP2: u8 = 0xE2;
const APP14: u8 = 0xEE;

/// JFIF's header (ISO/IEC 10918-5) up to the size of its thumbnail, which is left out.
const JFIF_BYTES: usize = 12;

/// Most bytes of tables: a progressive image of a hundred scans, each with tables of its own, has half as many.
const MAX_TABLES: usize = 64 * 1024;
/// Most segments that a colour profile is divided into (ICC.1, B.4).
const MAX_PROFILE_SEGMENTS: usize = 255;
/// Most scans of a progressive image. Encoders write 6 to 20; the decoder takes no more than these.
const MAX_SCANS: usize = 100;
/// Most samples that all scans of an image go over. A scan of 100 bytes can go over fifty million, so bytes bound nothing. The largest
/// image of three channels has 700 million when libjpeg writes it, of four 1,200 million.
const MAX_SCANNED: u64 = 1_600_000_000;
/// Bytes of a decoder's rows for each pixel of width.
const ROWS: u64 = 1_200;

pub(super) fn read(bytes: &[u8]) -> Result<Container, Unfit> {
    // The head is put in front when it is known; in place, so that the file is not there a third time.
    let kept = Vec::with_capacity(bytes.len() + JFIF_BYTES + 64);
    let mut walk = Walk { rest: bytes.get(2..).ok_or(Unfit::Truncated)?, kept, ..Walk::default() };
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
    let frame = walk.frame.take().filter(|frame| frame.scans > 0).ok_or(Unfit::Broken)?;
    if !is_left_by_a_camera(walk.rest, walk.has_more_pictures) {
        return Err(Unfit::Trailing);
    }
    let orientation = walk.orientation.unwrap_or(Orientation::UPRIGHT);
    let bytes = walk.file(orientation);
    Ok(Container { bytes, width: frame.width, height: frame.height, orientation, decoding: frame.decoding() })
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
    /// Bytes of tables among what is kept.
    tables: usize,
    profile: Vec<&'a [u8]>,
    frame: Option<Frame>,
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
            // One more than there may be tells that there were too many.
            APP2 if content.starts_with(b"ICC_PROFILE\0") && self.profile.len() <= MAX_PROFILE_SEGMENTS => self.profile.push(content),
            APP2 if content.starts_with(b"MPF\0") => self.has_more_pictures = true,
            APP14 if content.starts_with(b"Adobe") => self.table(marker, content)?,
            0xE0..=0xEF | 0xFE => {}
            0xC0..=0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF => {
                if self.frame.is_some() {
                    return Err(Unfit::Broken);
                }
                self.frame = Some(Frame::read(marker, content)?);
                put(&mut self.kept, marker, content);
            }
            _ => self.table(marker, content)?,
        }
        Ok(())
    }

    /// A segment that is kept as it is, while there are not too many of them.
    fn table(&mut self, marker: u8, content: &[u8]) -> Result<(), Unfit> {
        self.tables += content.len() + 4;
        put(&mut self.kept, marker, content);
        if self.tables > MAX_TABLES { Err(Unfit::Scans) } else { Ok(()) }
    }

    /// A scan: its header, and coded data up to a marker that is no restart.
    fn scan(&mut self) -> Result<(), Unfit> {
        let content = self.content()?;
        self.frame.as_mut().ok_or(Unfit::Broken)?.scan(content)?;
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
        Ok(())
    }

    /// The file of what was kept.
    fn file(self, orientation: Orientation) -> Vec<u8> {
        let mut head = vec![0xFF, SOI];
        head.extend(self.first);
        if orientation != Orientation::UPRIGHT {
            put(&mut head, APP1, &[&b"Exif\0\0"[..], &exif::with_orientation(orientation)].concat());
        }
        let length: usize = self.profile.iter().map(|segment| segment.len()).sum();
        if self.profile.len() <= MAX_PROFILE_SEGMENTS && length <= MAX_PROFILE {
            for segment in self.profile {
                put(&mut head, APP2, segment);
            }
        }
        let mut file = self.kept;
        file.extend([0xFF, EOI]);
        file.splice(0..0, head);
        file
    }
}

/// What a frame's header says, and what its scans have gone over.
struct Frame {
    width: u32,
    height: u32,
    is_progressive: bool,
    components: Vec<Component>,
    scans: usize,
    /// Samples that all scans have gone over.
    scanned: u64,
    /// Whether the first scan has everything: otherwise the decoder keeps what it read until the last.
    is_whole_at_once: bool,
}

struct Component {
    name: u8,
    /// With what fills the last row and column up.
    samples: u64,
    is_coded: bool,
}

impl Frame {
    /// §B.2.2.
    fn read(marker: u8, content: &[u8]) -> Result<Self, Unfit> {
        let [_, high, low, wide, narrow, count, components @ ..] = content else { return Err(Unfit::Broken) };
        let (height, width) = (u16::from_be_bytes([*high, *low]).into(), u16::from_be_bytes([*wide, *narrow]).into());
        super::within_limits(width, height)?;
        let (components, rest) = components.as_chunks::<3>();
        if !rest.is_empty() || components.len() != usize::from(*count) || !(1..=4).contains(&components.len()) {
            return Err(Unfit::Broken);
        }
        let sampled: Vec<(u32, u32)> =
            components.iter().map(|[_, sampled, _]| (u32::from(sampled >> 4), u32::from(sampled & 15))).collect();
        if sampled.iter().any(|(across, down)| !(1..=4).contains(across) || !(1..=4).contains(down)) {
            return Err(Unfit::Broken);
        }
        let most = |of: fn(&(u32, u32)) -> u32| sampled.iter().map(of).max().unwrap_or(1);
        let units = u64::from(width.div_ceil(8 * most(|(across, _)| *across))) * u64::from(height.div_ceil(8 * most(|(_, down)| *down)));
        let component = |([name, ..], (across, down)): (&[u8; 3], &(u32, u32))| Component {
            name: *name,
            samples: units * 64 * u64::from(across * down),
            is_coded: false,
        };
        let components = components.iter().zip(&sampled).map(component).collect();
        let is_progressive = matches!(marker, 0xC2 | 0xC6 | 0xCA | 0xCE);
        Ok(Self { width, height, is_progressive, components, scans: 0, scanned: 0, is_whole_at_once: false })
    }

    /// A scan's header (§B.2.3). A sequential image has each component in one scan; the scans of a progressive one are counted by what
    /// they go over.
    fn scan(&mut self, content: &[u8]) -> Result<(), Unfit> {
        let (count, rest) = content.split_first().ok_or(Unfit::Broken)?;
        let names = rest.get(..2 * usize::from(*count)).ok_or(Unfit::Broken)?.iter().step_by(2);
        for name in names {
            let component = self.components.iter_mut().find(|component| component.name == *name).ok_or(Unfit::Broken)?;
            if component.is_coded && !self.is_progressive {
                return Err(Unfit::Broken);
            }
            component.is_coded = true;
            self.scanned += component.samples;
        }
        if self.scans == 0 {
            self.is_whole_at_once = usize::from(*count) == self.components.len() && !self.is_progressive;
        }
        self.scans += 1;
        if self.scans > MAX_SCANS || self.is_progressive && self.scanned > MAX_SCANNED { Err(Unfit::Scans) } else { Ok(()) }
    }

    fn decoding(&self) -> Decoding {
        let samples: u64 = self.components.iter().map(|component| component.samples).sum();
        // Coefficients of sixteen bits.
        let coefficients = if self.is_whole_at_once { 0 } else { 2 * samples };
        let width = u64::from(self.width);
        let pixels = width * u64::from(self.height) * 3;
        Decoding { pixels, beside: coefficients + width * ROWS, is_converted: false, has_alpha: false }
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
