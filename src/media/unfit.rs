//! Why bytes are not taken for an image. Each reason is something the sender can mend.

/// Why bytes are not taken for an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// They are of another form.
    #[error("this is {0}: send a JPEG, PNG or WebP image")]
    Form(&'static str),
    /// There are too many.
    #[error("the image has more than {} bytes", super::intake::MAX_BYTES)]
    Bytes,
    /// The image is too wide, too high, or has too many pixels.
    #[error(
        "the image is {width} × {height} pixels: at most {} a side and {} million in all are taken",
        super::intake::MAX_SIDE,
        super::intake::MAX_PIXELS / 1_000_000
    )]
    Pixels {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
    },
    /// What its headers ask for is never there.
    #[error(
        "decoding the image would take {} MB of memory, at most {} are given: send it smaller, or with eight bits a channel",
        .need / 1_000_000,
        super::memory::DECODING / 1_000_000
    )]
    Memory {
        /// Bytes that decoding would take.
        need: u64,
    },
    /// It is a JPEG of so many scans or tables that decoding takes too long.
    #[error("the image has too many scans or tables for its size: save it as a baseline JPEG")]
    Scans,
    /// It moves.
    #[error("the image is animated: send a single picture")]
    Animated,
    /// It ends before it is whole.
    #[error("the image ends before it is whole: send the file again")]
    Truncated,
    /// Something stands behind its end: a file that is an image and something else too.
    #[error("the file goes on behind the end of the image: export it anew from a picture editor")]
    Trailing,
    /// It cannot be read.
    #[error("the image is damaged: export it anew from a picture editor")]
    Broken,
}
