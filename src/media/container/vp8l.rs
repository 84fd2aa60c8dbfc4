//! VP8L, the lossless form of WebP (RFC 9649 §3), walked up to its pixels. It divides an image among as many as 65,536 groups of five
//! prefix codes, and a code that takes a dozen bytes to write takes kilobytes to read with. So what the codes will take is counted here
//! before a decoder makes them.

use super::Unfit;
use crate::media::memory::DECODING;

/// Bytes of a group without its tables: five codes, in a list that grows.
const GROUP: u64 = 1_024;
/// Codes up to this length are looked up in one table of four bytes an entry.
const LOOKED_UP: usize = 10;
/// Bytes of what a longer code takes beside: two nodes.
const LONGER: u64 = 32;
/// What a simple code of two symbols takes.
const TWO: u64 = 128;

const LONGEST: usize = 15;
/// Symbols of the five codes of a group: green with lengths, red, blue, alpha, distances.
const ALPHABETS: [usize; 5] = [256 + 24, 256, 256, 256, 40];
/// The order in which the lengths of the codes of lengths are written (§3.7.2.1.2).
const ORDER: [usize; 19] = [17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];

/// Distances in the neighbourhood: columns to the left and rows above (§3.5.2).
#[rustfmt::skip]
const NEAR: [(i64, i64); 120] = [
    (0, 1),  (1, 0),  (1, 1),  (-1, 1), (0, 2),  (2, 0),  (1, 2),  (-1, 2),
    (2, 1),  (-2, 1), (2, 2),  (-2, 2), (0, 3),  (3, 0),  (1, 3),  (-1, 3),
    (3, 1),  (-3, 1), (2, 3),  (-2, 3), (3, 2),  (-3, 2), (0, 4),  (4, 0),
    (1, 4),  (-1, 4), (4, 1),  (-4, 1), (3, 3),  (-3, 3), (2, 4),  (-2, 4),
    (4, 2),  (-4, 2), (0, 5),  (3, 4),  (-3, 4), (4, 3),  (-4, 3), (5, 0),
    (1, 5),  (-1, 5), (5, 1),  (-5, 1), (2, 5),  (-2, 5), (5, 2),  (-5, 2),
    (4, 4),  (-4, 4), (3, 5),  (-3, 5), (5, 3),  (-5, 3), (0, 6),  (6, 0),
    (1, 6),  (-1, 6), (6, 1),  (-6, 1), (2, 6),  (-2, 6), (6, 2),  (-6, 2),
    (4, 5),  (-4, 5), (5, 4),  (-5, 4), (3, 6),  (-3, 6), (6, 3),  (-6, 3),
    (0, 7),  (7, 0),  (1, 7),  (-1, 7), (5, 5),  (-5, 5), (7, 1),  (-7, 1),
    (4, 6),  (-4, 6), (6, 4),  (-6, 4), (2, 7),  (-2, 7), (7, 2),  (-7, 2),
    (3, 7),  (-3, 7), (7, 3),  (-7, 3), (5, 6),  (-5, 6), (6, 5),  (-6, 5),
    (8, 0),  (4, 7),  (-4, 7), (7, 4),  (-7, 4), (8, 1),  (8, 2),  (6, 6),
    (-6, 6), (8, 3),  (5, 7),  (-5, 7), (7, 5),  (-7, 5), (8, 4),  (6, 7),
    (-6, 7), (7, 6),  (-7, 6), (8, 5),  (7, 7),  (-7, 7), (8, 6),  (8, 7),
];

/// Bytes that a decoder takes for the transforms and the prefix codes of an image of this size. The stream begins behind the header
/// that tells the size.
pub(super) fn memory(stream: &[u8], (width, height): (u32, u32)) -> Result<u64, Unfit> {
    let mut walk = Walk { bits: Bits { bytes: stream, at: 0 } };
    let (mut memory, mut width, mut seen) = (0, width, [false; 4]);
    while walk.bits.read(1)? == 1 {
        let transform = walk.bits.read(2)?;
        if std::mem::replace(&mut seen[transform as usize], true) {
            return Err(Unfit::Broken);
        }
        match transform {
            // Predictors and colours: an image that is smaller by a power of two.
            0 | 1 => {
                let image = walk.smaller_image((width, height))?;
                memory += 4 * image.len() as u64;
            }
            3 => {
                let colours = walk.bits.read(8)? + 1;
                walk.image((colours, 1))?;
                width = width.div_ceil(match colours {
                    0..=2 => 8,
                    3..=4 => 4,
                    5..=16 => 2,
                    _ => 1,
                });
            }
            // Subtracting green says nothing more.
            _ => {}
        }
    }
    let cache = walk.cache_bits()?;
    let mut groups = 1;
    if walk.bits.read(1)? == 1 {
        let image = walk.smaller_image((width, height))?;
        memory += 6 * image.len() as u64;
        groups = image.iter().map(|colour| u64::from(colour >> 8 & 0xFFFF) + 1).max().unwrap_or(1);
    }
    for _ in 0..groups {
        // More than there ever is: the rest changes nothing.
        if memory > DECODING {
            break;
        }
        memory += GROUP;
        for alphabet in alphabets(cache) {
            memory += walk.code(alphabet)?.memory;
        }
    }
    Ok(memory)
}

fn alphabets(cache: u32) -> [usize; 5] {
    let mut alphabets = ALPHABETS;
    if cache > 0 {
        alphabets[0] += 1 << cache;
    }
    alphabets
}

struct Bits<'a> {
    bytes: &'a [u8],
    /// In bits.
    at: usize,
}

impl Bits<'_> {
    /// At most 24, the least significant first.
    fn read(&mut self, count: u32) -> Result<u32, Unfit> {
        let from = self.at / 8;
        let end = self.at + count as usize;
        if end > 8 * self.bytes.len() {
            return Err(Unfit::Truncated);
        }
        let bytes = self.bytes[from..].iter().take(4).rev();
        let word = bytes.fold(0, |word: u64, byte| word << 8 | u64::from(*byte));
        let value = word >> (self.at % 8) & ((1 << count) - 1);
        self.at = end;
        Ok(value as u32)
    }
}

/// A prefix code: its symbols in the order of their codes, and how many there are of each length.
#[derive(Default)]
struct Code {
    symbols: Vec<u16>,
    counts: [u16; LONGEST + 1],
    /// Bytes that a decoder takes for it.
    memory: u64,
}

impl Code {
    fn of(lengths: &[u8]) -> Result<Self, Unfit> {
        let mut symbols: Vec<u16> = (0..lengths.len() as u16).filter(|symbol| lengths[usize::from(*symbol)] > 0).collect();
        if symbols.len() == 1 {
            return Ok(Self { symbols, ..Self::default() });
        }
        symbols.sort_by_key(|symbol| lengths[usize::from(*symbol)]);
        let mut counts = [0; LONGEST + 1];
        for symbol in &symbols {
            counts[usize::from(lengths[usize::from(*symbol)])] += 1;
        }
        let taken: u32 = (1..=LONGEST).map(|length| u32::from(counts[length]) << (LONGEST - length)).sum();
        if taken != 1 << LONGEST {
            return Err(Unfit::Broken);
        }
        let longest = counts.iter().rposition(|count| *count > 0).unwrap_or(0);
        let longer: u64 = counts.iter().skip(LOOKED_UP + 1).map(|count| u64::from(*count)).sum();
        let memory = (4 << longest.min(LOOKED_UP)) + longer * LONGER + TWO;
        Ok(Self { symbols, counts, memory })
    }

    fn read(&self, bits: &mut Bits<'_>) -> Result<u16, Unfit> {
        if let [symbol] = self.symbols[..] {
            return Ok(symbol);
        }
        let (mut code, mut first, mut before) = (0, 0, 0);
        for count in self.counts.iter().skip(1).map(|count| usize::from(*count)) {
            code = code << 1 | bits.read(1)? as usize;
            first <<= 1;
            if code - first < count {
                return Ok(self.symbols[before + code - first]);
            }
            before += count;
            first += count;
        }
        Err(Unfit::Broken)
    }
}

struct Walk<'a> {
    bits: Bits<'a>,
}

impl Walk<'_> {
    fn cache_bits(&mut self) -> Result<u32, Unfit> {
        if self.bits.read(1)? == 0 {
            return Ok(0);
        }
        Some(self.bits.read(4)?).filter(|bits| (1..=11).contains(bits)).ok_or(Unfit::Broken)
    }

    /// One that is smaller by a power of two.
    fn smaller_image(&mut self, (width, height): (u32, u32)) -> Result<Vec<u32>, Unfit> {
        let bits = self.bits.read(3)? + 2;
        self.image((width.div_ceil(1 << bits), height.div_ceil(1 << bits)))
    }

    fn code(&mut self, alphabet: usize) -> Result<Code, Unfit> {
        if self.bits.read(1)? == 0 {
            return Code::of(&self.lengths(alphabet)?);
        }
        let has_two = self.bits.read(1)? == 1;
        let width = if self.bits.read(1)? == 1 { 8 } else { 1 };
        let mut symbols = vec![self.bits.read(width)? as u16];
        if has_two {
            symbols.push(self.bits.read(8)? as u16);
        }
        if symbols.iter().any(|symbol| usize::from(*symbol) >= alphabet) {
            return Err(Unfit::Broken);
        }
        let mut code = Code { symbols, memory: TWO, ..Code::default() };
        code.counts[1] = 2;
        Ok(code)
    }

    fn lengths(&mut self, alphabet: usize) -> Result<Vec<u8>, Unfit> {
        let mut of_lengths = [0; ORDER.len()];
        let count = self.bits.read(4)? as usize + 4;
        for place in ORDER.get(..count).ok_or(Unfit::Broken)? {
            of_lengths[*place] = self.bits.read(3)? as u8;
        }
        let code = Code::of(&of_lengths)?;
        let mut left = alphabet;
        if self.bits.read(1)? == 1 {
            let width = 2 + 2 * self.bits.read(3)?;
            left = Some(self.bits.read(width)? as usize + 2).filter(|left| *left <= alphabet).ok_or(Unfit::Broken)?;
        }
        let (mut lengths, mut last) = (Vec::with_capacity(alphabet), 8);
        while lengths.len() < alphabet && left > 0 {
            left -= 1;
            let symbol = code.read(&mut self.bits)? as u8;
            let (length, times) = match symbol {
                0..=15 => (symbol, 1),
                16 => (last, self.bits.read(2)? + 3),
                17 => (0, self.bits.read(3)? + 3),
                _ => (0, self.bits.read(7)? + 11),
            };
            if length > 0 {
                last = length;
            }
            lengths.extend(std::iter::repeat_n(length, times as usize));
        }
        if lengths.len() > alphabet {
            return Err(Unfit::Broken);
        }
        lengths.resize(alphabet, 0);
        Ok(lengths)
    }

    /// An image of one group of codes: what stands in front of the pixels is made of these.
    fn image(&mut self, (width, height): (u32, u32)) -> Result<Vec<u32>, Unfit> {
        let count = width as usize * height as usize;
        let cache_bits = self.cache_bits()?;
        let mut cache = vec![0_u32; 1 << cache_bits];
        let slot = |colour: u32| (0x1E35_A7BD_u32.wrapping_mul(colour) >> (32 - cache_bits)) as usize;
        let mut codes = Vec::with_capacity(ALPHABETS.len());
        for alphabet in alphabets(cache_bits) {
            codes.push(self.code(alphabet)?);
        }
        let mut pixels: Vec<u32> = Vec::with_capacity(count);
        while pixels.len() < count {
            let symbol = codes[0].read(&mut self.bits)?;
            let from = pixels.len();
            match symbol {
                0..=255 => pixels.push(self.colour(symbol, &codes)?),
                256..=279 => {
                    let length = self.distance(symbol - 256)?;
                    let far = codes[4].read(&mut self.bits)?;
                    let back = plane(self.distance(far)?, width);
                    if back > from || length > count - from {
                        return Err(Unfit::Broken);
                    }
                    for step in 0..length {
                        pixels.push(pixels[from + step - back]);
                    }
                }
                _ => pixels.push(*cache.get(usize::from(symbol) - 280).ok_or(Unfit::Broken)?),
            }
            if cache_bits > 0 {
                for colour in &pixels[from..] {
                    cache[slot(*colour)] = *colour;
                }
            }
        }
        Ok(pixels)
    }

    fn colour(&mut self, green: u16, codes: &[Code]) -> Result<u32, Unfit> {
        let mut colour = u32::from(green) << 8;
        for (code, shift) in codes[1..].iter().zip([16, 0, 24]) {
            colour |= u32::from(code.read(&mut self.bits)?) << shift;
        }
        Ok(colour)
    }

    /// A length or a distance behind its prefix (§3.5.2).
    fn distance(&mut self, prefix: u16) -> Result<usize, Unfit> {
        if prefix < 4 {
            return Ok(usize::from(prefix) + 1);
        }
        let extra = u32::from(prefix - 2) >> 1;
        let offset = (2 + usize::from(prefix & 1)) << extra;
        Ok(offset + self.bits.read(extra)? as usize + 1)
    }
}

/// How many pixels back.
fn plane(code: usize, width: u32) -> usize {
    match code.checked_sub(1).and_then(|place| NEAR.get(place)) {
        Some((columns, rows)) => (columns + rows * i64::from(width)).max(1) as usize,
        None => code - NEAR.len(),
    }
}
