//! From bytes somebody sent to images that may be kept. Nothing here knows who sent them or where they go.
//!
//! Images are read on threads of their own. How many may be sent at a time, and how many pixels may be decoded at a time, is bounded:
//! the first by [`Place`], the second by a budget that each image takes its share of once its header is known.

use std::sync::Arc;

use sha2::{Digest as _, Sha256};
use tokio::sync::Semaphore;

use super::container::{self, Container};
use super::error::MediaError;
use super::pixels;
use super::sniff::sniff;
use super::unfit::Unfit;
use crate::domain::client::Client;
use crate::domain::media::{Digest, ImageFormat, ImageVariant, KeptImage};
use crate::fair::shares::{Held, Room, Shares};

/// Most bytes of an image.
pub const MAX_BYTES: usize = 20 * 1024 * 1024;
/// Longest side in pixels.
pub const MAX_SIDE: u32 = 12_000;
/// Most pixels.
pub const MAX_PIXELS: u64 = 50_000_000;

/// Images that may be on their way at a time, with all their bytes in memory; one account has half of them, or two when others want some.
const PLACES: Room = Room { all: 8, share: 2 };
/// Millions of pixels that may be decoded at a time, in this process: one of the largest images, or several photographs. A pixel
/// takes about 15 bytes while it is.
const BUDGET: u32 = 64;

/// The right to send one image now.
#[derive(Debug)]
pub struct Place {
    _held: Held,
}

/// An image that may be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// Its form.
    pub format: ImageFormat,
    /// Width in pixels, as it is shown.
    pub width: u32,
    /// Height in pixels, as it is shown.
    pub height: u32,
    /// Of the file that is kept.
    pub digest: Digest,
    /// What is known of it.
    pub kept: KeptImage,
    /// How many bytes the original has.
    pub byte_length: u64,
    /// Everything that is to be kept, the original first.
    pub objects: Vec<(Digest, Vec<u8>)>,
}

/// The pool.
#[derive(Debug)]
pub struct Intake {
    places: Shares,
    budget: Arc<Semaphore>,
}

impl Default for Intake {
    fn default() -> Self {
        Self { places: Shares::new(PLACES), budget: Arc::new(Semaphore::new(BUDGET as usize)) }
    }
}

impl Intake {
    /// A place, unless all are taken, or the client has its share.
    pub fn place(&self, client: Client) -> Result<Place, MediaError> {
        let held = self.places.take(client).ok_or(MediaError::Busy)?;
        Ok(Place { _held: held })
    }

    /// Reads an image on threads of the pool. The place is given back when it is done, whether or not somebody still waits for it.
    pub async fn read(&self, place: Place, bytes: Vec<u8>) -> Result<Accepted, MediaError> {
        let span = tracing::Span::current();
        let within = span.clone();
        let examined = tokio::task::spawn_blocking(move || within.in_scope(|| examine(&bytes))).await.map_err(|_| MediaError::Thread)??;
        let share = (examined.pixels() / 1_000_000 + 1).min(BUDGET.into()) as u32;
        let share = Arc::clone(&self.budget).acquire_many_owned(share).await.map_err(|_| MediaError::Busy)?;
        let accepted = tokio::task::spawn_blocking(move || {
            let accepted = span.in_scope(|| derive(examined));
            drop((share, place));
            accepted
        });
        Ok(accepted.await.map_err(|_| MediaError::Thread)??)
    }
}

/// An image whose file is well made, before it is decoded.
pub struct Examined {
    format: ImageFormat,
    file: Container,
}

impl Examined {
    fn pixels(&self) -> u64 {
        u64::from(self.file.width) * u64::from(self.file.height)
    }
}

/// Finds out what the bytes are, and refuses what is too large before a pixel is decoded. O(n).
pub fn examine(bytes: &[u8]) -> Result<Examined, Unfit> {
    if bytes.len() > MAX_BYTES {
        return Err(Unfit::Bytes);
    }
    let format = sniff(bytes)?;
    let file = container::read(format, bytes)?;
    let (width, height) = (file.width, file.height);
    let examined = Examined { format, file };
    if width.max(height) > MAX_SIDE || examined.pixels() > MAX_PIXELS {
        return Err(Unfit::Pixels { width, height });
    }
    Ok(examined)
}

/// Decodes the whole image and makes everything that is kept of it. The same bytes give the same objects.
pub fn derive(examined: Examined) -> Result<Accepted, Unfit> {
    let Examined { format, file } = examined;
    let pixels = pixels::decode(format, &file)?;
    let (width, height) = pixels.size();
    let mut objects = vec![(digest(&file.bytes), file.bytes)];
    let mut variants = Vec::new();
    for smaller in pixels.smaller()? {
        let digest = digest(&smaller.bytes);
        variants.push(ImageVariant { width: smaller.width, height: smaller.height, digest });
        objects.push((digest, smaller.bytes));
    }
    let kept = KeptImage { thumbhash: pixels.thumbhash().into(), variants: variants.into() };
    Ok(Accepted { format, width, height, digest: objects[0].0, kept, byte_length: objects[0].1.len() as u64, objects })
}

fn digest(bytes: &[u8]) -> Digest {
    Digest(Sha256::digest(bytes).into())
}
