//! How much a zlib stream (RFC 1950) unfolds to, found out in a window of fixed size: deflate makes up to 1,032 bytes of one
//! (<https://zlib.net/zlib_tech.html>), and decoders unfold some streams whole before they look at them.

use fdeflate::Decompressor;

/// How far back deflate refers (RFC 1951 §2).
const WINDOW: usize = 32 * 1024;

/// Bytes that a stream may have beside twice what it unfolds to. Compressed data is never much longer than what was compressed; what is,
/// has blocks that hold nothing, each with tables that take longer to make than to read.
const EMPTY: u64 = 64 * 1024;

/// A stream that is unfolded without keeping what comes out.
pub(super) struct Unfolding {
    decompressor: Decompressor,
    buffer: Vec<u8>,
    filled: usize,
    read: u64,
    length: u64,
    most: u64,
}

/// It is no such stream, or unfolds to more than it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooMuch;

impl Unfolding {
    /// One that may unfold to so many bytes.
    pub(super) fn within(most: u64) -> Self {
        let mut decompressor = Decompressor::new();
        // Decoders of images pass over the checksum.
        decompressor.ignore_adler32();
        Self { decompressor, buffer: vec![0; 4 * WINDOW], filled: 0, read: 0, length: 0, most }
    }

    /// The next bytes of the stream. What stands behind its end is passed over. O(n + what comes out).
    pub(super) fn add(&mut self, mut input: &[u8]) -> Result<(), TooMuch> {
        self.read += input.len() as u64;
        if self.read > 2 * self.most + EMPTY {
            return Err(TooMuch);
        }
        while !input.is_empty() && !self.decompressor.is_done() {
            let (consumed, made) = self.step(input)?;
            input = &input[consumed..];
            if consumed == 0 && made == 0 {
                return Err(TooMuch);
            }
        }
        Ok(())
    }

    /// The end of the stream: reads what still waits inside, and tells whether the stream ended.
    pub(super) fn ends(mut self) -> Result<bool, TooMuch> {
        while !self.decompressor.is_done() {
            let (_, made) = self.step(&[])?;
            if made == 0 {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// How many bytes were read and made; both are none only when nothing more comes of what there is.
    fn step(&mut self, input: &[u8]) -> Result<(usize, usize), TooMuch> {
        if self.filled == self.buffer.len() {
            self.buffer.copy_within(self.filled - WINDOW.., 0);
            self.filled = WINDOW;
        }
        let (consumed, made) = self.decompressor.read(input, &mut self.buffer, self.filled, false).map_err(|_| TooMuch)?;
        self.filled += made;
        self.length += made as u64;
        if self.length > self.most { Err(TooMuch) } else { Ok((consumed, made)) }
    }
}
