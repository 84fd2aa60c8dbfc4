//! The length that a frame announces, read before the framing library waits for the whole of it: that one looks at its own limit only
//! when everything has arrived, so a client that announces a terabyte would fill the memory on its way there.

use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use futures::{StreamExt, future};

/// Where in the frames of a client we are (RFC 6455 §5.2).
#[derive(Debug, Default)]
struct Frames {
    /// The header so far: two bytes, and up to eight of length.
    header: Vec<u8>,
    /// Bytes of the frame, mask included, that are still to come.
    rest: u64,
}

impl Frames {
    /// Follows what was received; false when a frame announces more than `most` bytes.
    fn follow(&mut self, mut bytes: &[u8], most: u64) -> bool {
        while !bytes.is_empty() {
            if self.rest > 0 {
                let passed = bytes.len().min(usize::try_from(self.rest).unwrap_or(usize::MAX));
                self.rest -= passed as u64;
                bytes = &bytes[passed..];
                continue;
            }
            self.header.push(bytes[0]);
            bytes = &bytes[1..];
            let [_, second, length @ ..] = &self.header[..] else { continue };
            let length = match (second & 0x7f, length) {
                (0x7e, length) => <[u8; 2]>::try_from(length).ok().map(|length| u64::from(u16::from_be_bytes(length))),
                (0x7f, length) => <[u8; 8]>::try_from(length).ok().map(u64::from_be_bytes),
                (length, _) => Some(u64::from(length)),
            };
            let Some(length) = length else { continue };
            if length > most {
                return false;
            }
            self.rest = length + if second & 0x80 == 0 { 0 } else { 4 };
            self.header.clear();
        }
        true
    }
}

/// The same payload, broken off where a frame announces more than `most` bytes.
pub(super) fn guarded(payload: Payload, most: usize) -> Payload {
    let mut frames = Frames::default();
    let checked = payload.map(move |bytes| {
        let bytes = bytes?;
        if frames.follow(&bytes, most as u64) { Ok(bytes) } else { Err(PayloadError::Overflow) }
    });
    // What follows a frame that is too large is not read.
    let mut is_over = false;
    let guarded = checked.take_while(move |read| {
        let goes_on = !is_over;
        is_over |= read.is_err();
        future::ready(goes_on)
    });
    Payload::Stream { payload: Box::pin(guarded) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A frame as RFC 6455 writes it, with a length that may be written longer than it needs to be.
    fn frame(length: usize, masked: bool, form: u8) -> Vec<u8> {
        let mask = if masked { 0x80 } else { 0 };
        let mut frame = vec![0x81];
        match (form, length) {
            (0, 0..126) => frame.push(mask | length as u8),
            (0 | 1, 0..65_536) => {
                frame.push(mask | 0x7e);
                frame.extend((length as u16).to_be_bytes());
            }
            _ => {
                frame.push(mask | 0x7f);
                frame.extend((length as u64).to_be_bytes());
            }
        }
        frame.extend(vec![7; length + if masked { 4 } else { 0 }]);
        frame
    }

    proptest! {
        #[test]
        fn frames_are_followed_however_they_are_cut(
            frames in proptest::collection::vec((0_usize..400, any::<bool>(), 0_u8..3), 1..8),
            cuts in proptest::collection::vec(1_usize..50, 1..200),
        ) {
            let bytes: Vec<u8> = frames.iter().flat_map(|(length, masked, form)| frame(*length, *masked, *form)).collect();
            let (mut followed, mut rest, mut cuts) = (Frames::default(), &bytes[..], cuts.iter().cycle());
            let mut fits = true;
            while fits && !rest.is_empty() {
                let (piece, after) = rest.split_at((*cuts.next().unwrap()).min(rest.len()));
                fits = followed.follow(piece, 200);
                rest = after;
            }
            prop_assert_eq!(fits, frames.iter().all(|(length, _, _)| *length <= 200));
            if fits {
                prop_assert!(followed.rest == 0 && followed.header.is_empty());
            }
        }
    }

    #[test]
    fn a_terabyte_is_refused_by_its_header_alone() {
        let mut header = vec![0x81, 0xff];
        header.extend((1_u64 << 40).to_be_bytes());
        assert!(Frames::default().follow(&header[..9], 65_536), "its length is not known yet");
        assert!(!Frames::default().follow(&header, 65_536));
    }
}
