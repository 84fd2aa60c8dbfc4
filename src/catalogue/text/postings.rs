//! Packed lists of postings: for one word, the documents that hold it in rising order, each with one byte of payload.
//!
//! A posting is the distance to the document before it (LEB128, one byte below 128) and the payload: two bytes as a rule.
//! Each 128 postings a skip entry lets a reader jump.

/// Postings between two skip entries.
const BLOCK: u32 = 128;

/// A place to jump to within a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Skip {
    /// The document before the block, from which its first distance counts.
    document: u32,
    /// Start of the block, in bytes from the start of the list.
    offset: u32,
}

/// Appends a number in LEB128: seven bits a byte, the low ones first.
pub(super) fn write_number(bytes: &mut Vec<u8>, mut number: u32) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// Reads a number in LEB128 and moves `position` behind it; the end of `bytes` ends it too.
#[inline]
pub(super) fn read_number(bytes: &[u8], position: &mut usize) -> u32 {
    let mut number = 0;
    let mut shift = 0;
    while let Some(&byte) = bytes.get(*position) {
        *position += 1;
        number |= u32::from(byte & 0x7f) << shift;
        if byte < 0x80 || shift >= 28 {
            break;
        }
        shift += 7;
    }
    number
}

/// A list being written.
#[derive(Clone, Debug, Default)]
pub(super) struct PostingsWriter {
    bytes: Vec<u8>,
    skips: Vec<Skip>,
    last: u32,
    count: u32,
}

impl PostingsWriter {
    /// Appends a document, which must be greater than the one before.
    pub(super) fn push(&mut self, document: u32, payload: u8) {
        if self.count > 0 && self.count.is_multiple_of(BLOCK) {
            self.skips.push(Skip { document: self.last, offset: self.bytes.len() as u32 });
        }
        write_number(&mut self.bytes, document - self.last);
        self.bytes.push(payload);
        self.last = document;
        self.count += 1;
    }

    /// How many documents were written.
    pub(super) fn count(&self) -> u32 {
        self.count
    }

    /// Length of the list in bytes.
    pub(super) fn bytes(&self) -> usize {
        self.bytes.len()
    }

    /// The list and its skip entries.
    pub(super) fn into_parts(self) -> (Vec<u8>, Vec<Skip>) {
        (self.bytes, self.skips)
    }
}

/// Reader of one list.
#[derive(Clone, Debug)]
pub(super) struct Postings<'a> {
    bytes: &'a [u8],
    skips: &'a [Skip],
    position: usize,
    last: u32,
}

impl<'a> Postings<'a> {
    /// Reads `bytes`, jumping by `skips`.
    pub(super) fn new(bytes: &'a [u8], skips: &'a [Skip]) -> Self {
        Self { bytes, skips, position: 0, last: 0 }
    }

    /// The first posting not yet read whose document is `least` or greater.
    #[inline]
    pub(super) fn seek(&mut self, least: u32) -> Option<(u32, u8)> {
        self.skip(least);
        loop {
            let posting = self.next()?;
            if posting.0 >= least {
                return Some(posting);
            }
        }
    }

    /// Jumps to the last block that starts below `least`, found by doubling steps, then halving.
    #[inline]
    fn skip(&mut self, least: u32) {
        if self.skips.first().is_none_or(|skip| skip.document >= least) {
            return;
        }
        let mut bound = 1;
        while bound < self.skips.len() && self.skips[bound].document < least {
            bound *= 2;
        }
        let within = &self.skips[bound / 2..bound.min(self.skips.len())];
        let index = bound / 2 + within.partition_point(|skip| skip.document < least);
        let skip = self.skips[index - 1];
        self.skips = &self.skips[index..];
        if skip.offset as usize > self.position {
            self.position = skip.offset as usize;
            self.last = skip.document;
        }
    }
}

impl Iterator for Postings<'_> {
    type Item = (u32, u8);

    #[inline]
    fn next(&mut self) -> Option<(u32, u8)> {
        let first = *self.bytes.get(self.position)?;
        let distance = if first < 0x80 {
            self.position += 1;
            u32::from(first)
        } else {
            read_number(self.bytes, &mut self.position)
        };
        let payload = *self.bytes.get(self.position)?;
        self.position += 1;
        self.last += distance;
        Some((self.last, payload))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_come_back_and_seek_finds_what_a_scan_finds() {
        let documents: Vec<u32> = (0..5000_u32).map(|index| index * index / 7 + index * 3).collect();
        let mut writer = PostingsWriter::default();
        for &document in &documents {
            writer.push(document, (document % 251) as u8);
        }
        assert_eq!(writer.count(), 5000);
        let (bytes, skips) = writer.into_parts();
        let read: Vec<_> = Postings::new(&bytes, &skips).collect();
        assert_eq!(read, documents.iter().map(|&document| (document, (document % 251) as u8)).collect::<Vec<_>>());
        for step in [1, 2, 50, 997, 70_001] {
            let mut postings = Postings::new(&bytes, &skips);
            let mut least = 0;
            while let Some((found, _)) = postings.seek(least) {
                let place = documents.partition_point(|&document| document < least);
                assert_eq!(found, documents[place], "least {least} step {step}");
                least = found + step;
            }
            assert!(least > documents[4999]);
        }
    }

    #[test]
    fn numbers_of_all_lengths_come_back() {
        for number in [0, 1, 127, 128, 16_383, 16_384, u32::MAX] {
            let mut bytes = Vec::new();
            write_number(&mut bytes, number);
            let mut position = 0;
            assert_eq!(read_number(&bytes, &mut position), number);
            assert_eq!(position, bytes.len());
        }
    }
}
