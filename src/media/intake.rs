//! From bytes somebody sent to images that may be kept. Nothing here knows who sent them or where they go.
//!
//! Images are read on threads of their own. How many may be sent at a time is bounded by [`Place`], and how many bytes decoding may take
//! by a budget ([`memory`]): each image waits for what it needs once its headers are known, and clients take turns.

use sha2::{Digest as _, Sha256};

use super::container::{self, Container};
use super::error::MediaError;
use super::memory::{self, DECODING};
use super::pixels;
use super::sniff::sniff;
use super::unfit::Unfit;
use crate::domain::client::Client;
use crate::domain::media::{Digest, ImageFormat, ImageVariant, KeptImage};
use crate::fair::queue::{Bounds, FairQueue};
use crate::fair::shares::{Held, Room, Shares};
use crate::fair::work;

/// Most bytes of an image.
pub const MAX_BYTES: usize = 20 * 1024 * 1024;
/// Longest side in pixels.
pub const MAX_SIDE: u32 = 12_000;
/// Most pixels.
pub const MAX_PIXELS: u64 = 50_000_000;

/// Images that may be on their way at a time, with all their bytes in memory; one account has half of them, or two when others want some.
pub(super) const PLACES: Room = Room { all: 8, share: 2 };

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
    /// Bytes.
    budget: FairQueue,
}

impl Default for Intake {
    fn default() -> Self {
        // Whoever has a place waits.
        Self { places: Shares::new(PLACES), budget: FairQueue::new(Bounds::new(DECODING as usize, PLACES.all)) }
    }
}

impl Intake {
    /// A place, unless all are taken, or the client has its share.
    pub fn place(&self, client: Client) -> Result<Place, MediaError> {
        let held = self.places.take(client).ok_or(MediaError::Busy)?;
        Ok(Place { _held: held })
    }

    /// Reads an image on threads of the pool. The place is held until it is done, whether or not somebody still waits for it, and then by
    /// whoever does: what is to be kept is in memory until it is.
    pub async fn read(&self, place: Place, bytes: Vec<u8>) -> Result<(Accepted, Place), MediaError> {
        let span = tracing::Span::current();
        let within = span.clone();
        let examined = tokio::task::spawn_blocking(move || (within.in_scope(|| examine(&bytes)), place)).await;
        let (examined, place) = examined.map_err(|_| MediaError::Thread)?;
        let examined = examined?;
        let share = self.budget.acquire_many(work::client(), examined.need as usize).await.map_err(|_| MediaError::Busy)?;
        let accepted = tokio::task::spawn_blocking(move || {
            let accepted = span.in_scope(|| derive(examined));
            drop(share);
            (accepted, place)
        });
        let (accepted, place) = accepted.await.map_err(|_| MediaError::Thread)?;
        Ok((accepted?, place))
    }
}

/// An image whose file is well made, before it is decoded.
pub struct Examined {
    format: ImageFormat,
    file: Container,
    need: u64,
}

impl Examined {
    /// Bytes that decoding it will take.
    pub const fn need(&self) -> u64 {
        self.need
    }
}

/// Finds out what the bytes are, and refuses what is too large before a pixel is decoded. O(n).
pub fn examine(bytes: &[u8]) -> Result<Examined, Unfit> {
    if bytes.len() > MAX_BYTES {
        return Err(Unfit::Bytes);
    }
    let format = sniff(bytes)?;
    let file = container::read(format, bytes)?;
    let need = memory::need(&file);
    if need > DECODING {
        return Err(Unfit::Memory { need });
    }
    Ok(Examined { format, file, need })
}

/// Decodes the whole image and makes everything that is kept of it. The same bytes give the same objects.
pub fn derive(examined: Examined) -> Result<Accepted, Unfit> {
    let Examined { format, mut file, .. } = examined;
    let pixels = pixels::decode(format, &mut file)?;
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
