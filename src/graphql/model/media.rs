//! Images of our keeping.

use async_graphql::{ID, Object, SimpleObject};

use crate::catalogue::page::{Fingerprint, SortKey, Taken, encode};
use crate::domain::ids::RecordId;
use crate::domain::media::{self, Digest, ImageAddress};
use crate::graphql::directives::List;
use crate::graphql::model::page::PageInfo;
use crate::graphql::node::GlobalId;
use crate::graphql::scalars::Instant;

/// The same image in a smaller width, as WebP.
#[derive(SimpleObject)]
pub struct ImageVariant {
    /// Address on this host. What stands there never changes.
    pub url: String,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
}

/// The variants of an image, the smallest first.
pub fn variants(original: Digest, kept: &media::KeptImage) -> Vec<ImageVariant> {
    let address = |width| ImageAddress::Variant(original, width).to_string();
    kept.variants.iter().map(|variant| ImageVariant { url: address(variant.width), width: variant.width, height: variant.height }).collect()
}

/// An image that an editor sent.
pub struct MediaAsset(pub media::MediaAsset);

/// An image that an editor sent. It is for those alone who may read the city's drafts, until a published record shows it.
#[Object]
impl MediaAsset {
    /// Opaque id.
    async fn id(&self) -> ID {
        GlobalId::MediaAsset(self.0.id).encode()
    }

    /// Address on this host: that of the image as it was sent, without what the camera noted beside it. To be given as the `url` of a
    /// draft's image. What stands there never changes.
    async fn url(&self) -> String {
        self.0.address().to_string()
    }

    /// Media type of what stands at `url`.
    async fn content_type(&self) -> &str {
        self.0.format.media_type()
    }

    /// Width in pixels.
    async fn width(&self) -> u32 {
        self.0.width
    }

    /// Height in pixels.
    async fn height(&self) -> u32 {
        self.0.height
    }

    /// Bytes of what stands at `url`.
    async fn byte_length(&self) -> u64 {
        self.0.byte_length
    }

    /// ThumbHash (evanw.github.io/thumbhash) in base64: a blurred image of about 25 bytes, to be shown until the image has come.
    async fn thumbhash(&self) -> &str {
        &self.0.kept.thumbhash
    }

    /// The same image in smaller widths, the smallest first; never larger than it is.
    #[graphql(directive = List::apply(4))]
    async fn variants(&self) -> Vec<ImageVariant> {
        variants(self.0.digest, &self.0.kept)
    }

    /// When it was sent.
    async fn uploaded_at(&self) -> Instant {
        Instant(self.0.uploaded_at.into())
    }
}

/// Images of a city, a page at a time.
pub struct MediaAssetConnection {
    taken: Taken<media::MediaAsset>,
    fingerprint: Fingerprint,
}

impl MediaAssetConnection {
    /// Of a page that was read with one image more than it shall have, where there was one.
    pub fn of(mut assets: Vec<media::MediaAsset>, limit: usize, is_first: bool, fingerprint: Fingerprint) -> Self {
        let has_next_page = assets.len() > limit;
        assets.truncate(limit);
        let entries = assets.into_iter().map(|asset| (sort_key(&asset), asset)).collect();
        Self { taken: Taken { entries, has_next_page, has_previous_page: !is_first }, fingerprint }
    }
}

/// Where an image stands in its list: the milliseconds of its instant are whole, so a number holds them.
fn sort_key(asset: &media::MediaAsset) -> SortKey {
    SortKey::number(0, -(asset.uploaded_at.timestamp_millis() as f64), RecordId(asset.id.0))
}

/// Images of a city (Relay).
#[Object]
impl MediaAssetConnection {
    /// The images with their cursors.
    async fn edges(&self) -> Vec<MediaAssetEdge> {
        let cursor = |key: &SortKey| encode(key, self.fingerprint);
        self.taken.entries.iter().map(|(key, asset)| MediaAssetEdge { node: MediaAsset(asset.clone()), cursor: cursor(key) }).collect()
    }

    /// The images alone.
    async fn nodes(&self) -> Vec<MediaAsset> {
        self.taken.entries.iter().map(|(_, asset)| MediaAsset(asset.clone())).collect()
    }

    /// Where the page stands in the list.
    async fn page_info(&self) -> PageInfo {
        PageInfo::of(&self.taken, self.fingerprint)
    }
}

/// An image in a list (Relay).
#[derive(SimpleObject)]
pub struct MediaAssetEdge {
    /// The image.
    node: MediaAsset,
    /// Its cursor.
    cursor: String,
}
