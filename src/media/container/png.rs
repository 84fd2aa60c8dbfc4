//! PNG (ISO/IEC 15948, W3C PNG third edition): a signature and chunks from IHDR to IEND.

use super::inflate::{TooMuch, Unfolding};
use super::{Container, Decoding, MAX_PROFILE, Orientation, Unfit, array, exif, take};

const SIGNATURE: usize = 8;

/// Chunks beside the data without which the image cannot be read or has other colours, and how long the standard lets them be. The first
/// of each counts.
const KEPT: [(&[u8; 4], usize); 13] = [
    (b"IHDR", 13),
    (b"PLTE", 768),
    (b"IEND", 0),
    (b"tRNS", 256),
    (b"cHRM", 32),
    (b"gAMA", 4),
    (b"iCCP", MAX_PROFILE),
    (b"sBIT", 4),
    (b"sRGB", 1),
    (b"cICP", 4),
    (b"mDCV", 24),
    (b"cLLI", 8),
    (b"pHYs", 9),
];

pub(super) fn read(bytes: &[u8]) -> Result<Container, Unfit> {
    let mut walk = Walk { file: Vec::with_capacity(bytes.len() + 64), ..Walk::default() };
    let mut rest = bytes;
    walk.file.extend(take(&mut rest, SIGNATURE)?);
    loop {
        let whole = rest;
        let length = u32::from_be_bytes(array(&mut rest)?) as usize;
        let name: [u8; 4] = array(&mut rest)?;
        let content = take(&mut rest, length)?;
        take(&mut rest, 4)?;
        walk.chunk(&Chunk { name, content, whole: &whole[..12 + length] })?;
        if &name == b"IEND" {
            break;
        }
    }
    if !rest.is_empty() {
        return Err(Unfit::Trailing);
    }
    let (header, data) = walk.header.zip(walk.data).ok_or(Unfit::Broken)?;
    // What ends too early is found by the decoder, which knows what it lacks.
    data.ends().map_err(|TooMuch| Unfit::Broken)?;
    let decoding = header.decoding(walk.seen.contains(b"tRNS"));
    Ok(Container { bytes: walk.file, width: header.width, height: header.height, orientation: walk.orientation, decoding })
}

struct Chunk<'a> {
    name: [u8; 4],
    content: &'a [u8],
    /// With its length, name and checksum.
    whole: &'a [u8],
}

#[derive(Default)]
struct Walk {
    file: Vec<u8>,
    header: Option<Header>,
    orientation: Orientation,
    data: Option<Unfolding>,
    /// Names of what is kept beside the data.
    seen: Vec<[u8; 4]>,
}

impl Walk {
    fn chunk(&mut self, chunk: &Chunk<'_>) -> Result<(), Unfit> {
        let Chunk { name, content, .. } = *chunk;
        if self.header.is_none() != (&name == b"IHDR") {
            return Err(Unfit::Broken);
        }
        match &name {
            b"IHDR" => self.header = Some(Header::read(content)?),
            b"acTL" => return Err(Unfit::Animated),
            b"eXIf" if self.data.is_none() => self.orientation = exif::orientation(content),
            b"IDAT" => return self.data(chunk),
            _ => {}
        }
        match KEPT.iter().find(|(kept, _)| **kept == name) {
            Some((_, most)) => self.keep(chunk, *most),
            // A capital letter says that nobody may pass it over (§5.4).
            None if name[0].is_ascii_uppercase() => Err(Unfit::Broken),
            None => Ok(()),
        }
    }

    /// Of the image's data, which may unfold to what the header says and no more.
    fn data(&mut self, chunk: &Chunk<'_>) -> Result<(), Unfit> {
        let most = self.header.as_ref().ok_or(Unfit::Broken)?.raw_bytes();
        if self.data.is_none() && self.orientation != Orientation::UPRIGHT {
            put(&mut self.file, *b"eXIf", &exif::with_orientation(self.orientation));
        }
        self.data.get_or_insert_with(|| Unfolding::within(most)).add(chunk.content).map_err(|TooMuch| Unfit::Broken)?;
        self.file.extend(chunk.whole);
        Ok(())
    }

    fn keep(&mut self, chunk: &Chunk<'_>, most: usize) -> Result<(), Unfit> {
        let is_too_much = chunk.content.len() > most || self.seen.contains(&chunk.name);
        if is_too_much && chunk.name[0].is_ascii_uppercase() {
            return Err(Unfit::Broken);
        }
        if !self.seen.contains(&chunk.name) {
            self.seen.push(chunk.name);
        }
        if !is_too_much && (&chunk.name != b"iCCP" || is_profile(chunk.content)) {
            self.file.extend(chunk.whole);
        }
        Ok(())
    }
}

/// Whether this is a name, a method, and a profile that unfolds to no more than a profile has (§11.3.2.3).
fn is_profile(content: &[u8]) -> bool {
    let Some(name) = content.iter().take(80).position(|byte| *byte == 0) else { return false };
    let Some(([0], stream)) = content[name + 1..].split_first_chunk::<1>() else { return false };
    let mut profile = Unfolding::within(MAX_PROFILE as u64);
    profile.add(stream).is_ok() && profile.ends() == Ok(true)
}

/// §11.2.1.
struct Header {
    width: u32,
    height: u32,
    depth: u8,
    colour: u8,
    is_interlaced: bool,
}

/// Adam7 (§8.2): where each pass begins and how far it steps, across and down.
const PASSES: [[u32; 4]; 7] = [[0, 8, 0, 8], [4, 8, 0, 8], [0, 4, 4, 8], [2, 4, 0, 4], [0, 2, 2, 4], [1, 2, 0, 2], [0, 1, 1, 2]];

impl Header {
    fn read(mut content: &[u8]) -> Result<Self, Unfit> {
        let (width, height) = (u32::from_be_bytes(array(&mut content)?), u32::from_be_bytes(array(&mut content)?));
        let &[depth, colour, 0, 0, interlace @ (0 | 1)] = content else { return Err(Unfit::Broken) };
        if !matches!((colour, depth), (0, 1 | 2 | 4 | 8 | 16) | (3, 1 | 2 | 4 | 8) | (2 | 4 | 6, 8 | 16)) {
            return Err(Unfit::Broken);
        }
        super::within_limits(width, height)?;
        Ok(Self { width, height, depth, colour, is_interlaced: interlace == 1 })
    }

    const fn channels(&self) -> u64 {
        match self.colour {
            2 => 3,
            4 => 2,
            6 => 4,
            _ => 1,
        }
    }

    /// What the data unfolds to: each row with a byte before it (§7.2).
    fn raw_bytes(&self) -> u64 {
        let rows = |width: u32, height: u32| {
            let bits = u64::from(width) * self.channels() * u64::from(self.depth);
            if width == 0 { 0 } else { u64::from(height) * (1 + bits.div_ceil(8)) }
        };
        if !self.is_interlaced {
            return rows(self.width, self.height);
        }
        let steps = |side: u32, from: u32, step: u32| side.saturating_sub(from).div_ceil(step);
        PASSES.iter().map(|[x, across, y, down]| rows(steps(self.width, *x, *across), steps(self.height, *y, *down))).sum()
    }

    fn decoding(&self, has_transparency: bool) -> Decoding {
        let has_alpha = self.colour >= 4 || has_transparency;
        let channels = match self.colour {
            0 | 4 => 1 + u64::from(has_alpha),
            _ => 3 + u64::from(has_alpha),
        };
        let is_deep = self.depth == 16;
        let pixels = u64::from(self.width) * u64::from(self.height) * channels * if is_deep { 2 } else { 1 };
        // A row as it is unfolded, the one above it, and one as it is made.
        let beside = 32 * u64::from(self.width);
        Decoding { pixels, beside, is_converted: is_deep || channels < 3, has_alpha }
    }
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
    use super::*;

    /// zlib (RFC 1950) of so many zeros, without compression or, by runs, as small as deflate gets.
    fn folded(length: usize) -> Vec<u8> {
        let mut bits = vec![0x78, 0x01];
        // Blocks that are stored (RFC 1951 §3.2.4).
        let mut left = length;
        loop {
            let some = left.min(65_535);
            left -= some;
            bits.push(u8::from(left == 0));
            bits.extend((some as u16).to_le_bytes());
            bits.extend((!(some as u16)).to_le_bytes());
            bits.resize(bits.len() + some, 0);
            if left == 0 {
                break;
            }
        }
        bits.extend([0; 4]);
        bits
    }

    fn profile(length: usize) -> Vec<u8> {
        [&b"a profile\0\0"[..], &folded(length)].concat()
    }

    /// A PNG of 8 × 8 with these chunks between its header and its data, which has 25 bytes a row.
    fn with(chunks: &[(&[u8; 4], Vec<u8>)], data: &[u8]) -> Vec<u8> {
        let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
        put(&mut file, *b"IHDR", &[0, 0, 0, 8, 0, 0, 0, 8, 8, 2, 0, 0, 0]);
        for (name, content) in chunks {
            put(&mut file, **name, content);
        }
        put(&mut file, *b"IDAT", data);
        put(&mut file, *b"IEND", b"");
        file
    }

    #[test]
    fn nothing_that_may_inflate_without_bound_reaches_the_decoder() {
        let data = folded(200);
        let plain = with(&[], &data);
        for chunks in [
            &[(b"iCCP", profile(MAX_PROFILE + 1))][..],
            &[(b"iCCP", vec![7; 100])],
            &[(b"zTXt", vec![9; 9])],
            &[(b"iTXt", vec![9; 9])],
            &[(b"tEXt", vec![9; 9]), (b"iCCP", vec![0; 4 << 20])],
            &[(b"gAMA", vec![9; 5]), (b"pHYs", vec![9; 4_000]), (b"fdAT", vec![9; 9])],
        ] {
            assert!(read(&with(chunks, &data)).unwrap().bytes == plain, "{:?}", chunks[0].0);
        }
        let whole = profile(3_000);
        let kept = with(&[(b"iCCP", whole.clone())], &data);
        assert!(read(&kept).unwrap().bytes == kept);
        assert!(read(&with(&[(b"iCCP", whole), (b"iCCP", profile(9))], &data)).unwrap().bytes == kept, "a second one is none");
    }

    #[test]
    fn data_unfolds_to_what_the_header_says_and_no_more() {
        assert!(read(&with(&[], &folded(200))).is_ok());
        assert_eq!(read(&with(&[], &folded(201))), Err(Unfit::Broken));
        assert_eq!(read(&with(&[(b"PLTE", vec![0; 771])], &folded(200))), Err(Unfit::Broken));
    }

    #[test]
    fn interlaced_rows_are_counted_pass_by_pass() {
        let header = |width, height, depth, colour| Header { width, height, depth, colour, is_interlaced: true };
        // 8 × 8: passes of 1, 1, 2, 4, 8, 16 and 32 pixels, in 1, 1, 1, 2, 2, 4 and 4 rows.
        assert_eq!(header(8, 8, 8, 2).raw_bytes(), 64 * 3 + 15);
        assert_eq!(header(1, 1, 16, 6).raw_bytes(), 9);
        // A pass without a pixel has no row.
        assert_eq!(header(1, 8, 1, 0).raw_bytes(), 2 + 2 + 4 + 8);
    }

    #[test]
    fn the_checksum_is_that_of_the_standard() {
        assert_eq!(checksum(b"IEND"), 0xAE42_6082);
    }
}
