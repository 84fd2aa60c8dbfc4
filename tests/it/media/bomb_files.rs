//! Files that ask for far more than they are: made by hand, byte by byte, as the standards have it.

use fdeflate::Compressor;
use rand::rngs::StdRng;
use rand::{RngCore, SeedableRng};

use super::pictures::{chunk, extended, riff};

const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1A\n";

/// zlib of a head and so many zeros behind it.
pub fn folded(head: &[u8], zeros: usize) -> Vec<u8> {
    let mut compressor = Compressor::new(Vec::new()).unwrap();
    compressor.write_data(head).unwrap();
    let block = vec![0; 1 << 20];
    for from in (0..zeros).step_by(block.len()) {
        compressor.write_data(&block[..block.len().min(zeros - from)]).unwrap();
    }
    compressor.finish().unwrap()
}

/// A PNG by the fields of its header, with chunks before its data.
pub struct Png<'a> {
    pub size: (u32, u32),
    pub depth: u8,
    pub colour: u8,
    pub is_interlaced: bool,
    pub before: &'a [Vec<u8>],
}

impl Default for Png<'_> {
    fn default() -> Self {
        Self { size: (8, 8), depth: 8, colour: 2, is_interlaced: false, before: &[] }
    }
}

impl Png<'_> {
    pub fn of(&self, data: &[u8]) -> Vec<u8> {
        let (width, height) = self.size;
        let header =
            [&width.to_be_bytes()[..], &height.to_be_bytes(), &[self.depth, self.colour, 0, 0, self.is_interlaced.into()]].concat();
        let data: Vec<u8> = data.chunks(1 << 20).flat_map(|part| chunk(*b"IDAT", part)).collect();
        [SIGNATURE, &chunk(*b"IHDR", &header), &self.before.concat(), &data, &chunk(*b"IEND", b"")].concat()
    }

    /// All of its pixels are zero.
    pub fn black(&self) -> Vec<u8> {
        let channels = [1, 0, 3, 1, 2, 0, 4][usize::from(self.colour)];
        let row = 1 + (self.size.0 as usize * channels * usize::from(self.depth)).div_ceil(8);
        self.of(&folded(&[], row * self.size.1 as usize))
    }

    /// All of its pixels are chance, so nothing of it can be compressed: eight bits of red, green and blue.
    pub fn noise(&self) -> Vec<u8> {
        let mut chance = StdRng::seed_from_u64(7);
        let row = 3 * self.size.0 as usize;
        let mut raw = vec![0; (1 + row) * self.size.1 as usize];
        for row in raw.chunks_mut(1 + row) {
            chance.fill_bytes(&mut row[1..]);
        }
        self.of(&folded(&raw, 0))
    }
}

fn segment(marker: u8, content: &[u8]) -> Vec<u8> {
    [&[0xFF, marker][..], &(content.len() as u16 + 2).to_be_bytes(), content].concat()
}

/// A Huffman table of one symbol, whose code is a single zero.
fn huffman(class: u8, symbol: u8) -> Vec<u8> {
    let mut counts = [0; 16];
    counts[0] = 1;
    segment(0xC4, &[&[class << 4][..], &counts, &[symbol]].concat())
}

/// Bits with the most significant first, padded with ones; zeros are stuffed behind 0xFF.
fn coded(bits: impl Iterator<Item = bool>) -> Vec<u8> {
    let bits: Vec<bool> = bits.collect();
    let byte = |bits: &[bool]| (0..8).fold(0, |byte, place| byte << 1 | u8::from(bits.get(place).copied().unwrap_or(true)));
    bits.chunks(8).map(byte).flat_map(|byte| if byte == 0xFF { vec![0xFF, 0] } else { vec![byte] }).collect()
}

/// A progressive JPEG: everything grey, each component's scan of brightness, and so many scans over all other coefficients of each, which
/// say that there are none, 32,767 blocks in fifteen bits.
pub fn progressive(side: u16, components: u8, scans: usize) -> Vec<u8> {
    let blocks = usize::from(side.div_ceil(8)).pow(2);
    let names: Vec<u8> = (1..=components).collect();
    let square = [side.to_be_bytes(), side.to_be_bytes()].concat();
    let frame: Vec<u8> = names.iter().flat_map(|name| [*name, 0x11, 0]).collect();
    let mut file = vec![0xFF, 0xD8];
    file.extend(segment(0xDB, &[&[0][..], &[1; 64]].concat()));
    file.extend(segment(0xC2, &[&[8][..], &square, &[components], &frame].concat()));
    // No difference; and a run of 16,384 and as many more as fourteen bits say.
    file.extend([huffman(0, 0), huffman(1, 0xE0)].concat());
    let selected: Vec<u8> = names.iter().flat_map(|name| [*name, 0]).collect();
    file.extend(segment(0xDA, &[&[components][..], &selected, &[0, 0, 0]].concat()));
    file.extend(coded((0..blocks * names.len()).map(|_| false)));
    let run = (0..15).map(|place| place > 0);
    let runs = coded((0..blocks.div_ceil(32_767)).flat_map(|_| run.clone()));
    for name in names.iter().cycle().take(scans * names.len()) {
        file.extend(segment(0xDA, &[1, *name, 0, 1, 63, 0]));
        file.extend(&runs);
    }
    file.extend([0xFF, 0xD9]);
    file
}

/// A JPEG with segments behind its first marker.
pub fn jpeg_with(jpeg: &[u8], marker: u8, content: &[u8], times: usize) -> Vec<u8> {
    [&jpeg[..2], &segment(marker, content).repeat(times), &jpeg[2..]].concat()
}

/// The scan of a JPEG that has one, so many times.
pub fn scanned_again(jpeg: &[u8], times: usize) -> Vec<u8> {
    let scan = jpeg.windows(2).position(|marker| marker == [0xFF, 0xDA]).unwrap();
    let end = jpeg.len() - 2;
    [&jpeg[..scan], &jpeg[scan..end].repeat(times), &jpeg[end..]].concat()
}

/// Bits with the least significant first.
#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    filled: u32,
}

impl Bits {
    fn put(&mut self, value: u32, count: u32) {
        for place in 0..count {
            if self.filled.is_multiple_of(8) {
                self.bytes.push(0);
            }
            let last = self.bytes.len() - 1;
            self.bytes[last] |= ((value >> place & 1) as u8) << (self.filled % 8);
            self.filled += 1;
        }
    }

    /// A code of this symbol alone.
    fn one(&mut self, symbol: u32) {
        self.put(0b101, 3);
        self.put(symbol, 8);
    }

    /// A code of 1,768 symbols of eleven bits and 560 of twelve, which is all of green with the largest cache.
    fn large(&mut self) {
        self.put(0, 1);
        // Lengths of the codes of lengths, in the standard's order: one bit for 16, which repeats, two for 11 and 12.
        self.put(16 - 4, 4);
        for length in [0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 2, 2] {
            self.put(length, 3);
        }
        self.put(0, 1);
        self.put(0b01, 2);
        for _ in 0..294 {
            self.repeat(6);
        }
        self.repeat(3);
        self.put(0b11, 2);
        for _ in 0..92 {
            self.repeat(6);
        }
        self.repeat(4);
        self.repeat(3);
    }

    fn repeat(&mut self, times: u32) {
        self.put(0, 1);
        self.put(times - 3, 2);
    }

    /// What stands in front of the pixels when they are divided among so many groups of codes, in hundreds of 256, each of them as large
    /// to read with as a code can be: 78 KB.
    fn groups(&mut self, hundreds: u32) {
        // No transform, the largest cache, blocks of 4 × 4.
        self.put(0, 1);
        self.put(1 | 11 << 1, 5);
        self.put(1, 4);
        // Each block names the last group.
        self.put(0, 1);
        for symbol in [255, hundreds - 1, 0, 0, 0] {
            self.one(symbol);
        }
        for _ in 0..hundreds * 256 {
            self.large();
            for _ in 0..4 {
                self.one(0);
            }
        }
    }
}

/// A lossless WebP whose pixels are divided among 16,384 groups of codes, in 2.8 MB: to read it takes 1.3 GB, whatever its size.
pub fn lossless_codes(size: (u32, u32)) -> Vec<u8> {
    let mut bits = Bits::default();
    bits.put(0x2F, 8);
    bits.put(size.0 - 1, 14);
    bits.put(size.1 - 1, 14);
    bits.put(0, 4);
    bits.groups(64);
    riff(&[(b"VP8L", &bits.bytes)])
}

/// The same in the transparency of a WebP with loss.
pub fn alpha_codes(lossy: &[u8], size: (u32, u32)) -> Vec<u8> {
    let mut bits = Bits::default();
    bits.put(1, 8);
    bits.groups(64);
    let (name, image) = super::pictures::image_chunk(lossy);
    riff(&[(b"VP8X", &extended(0x10, size.0, size.1)), (b"ALPH", &bits.bytes), (name, image)])
}
