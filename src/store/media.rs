//! Images that editors sent, and what records show of them.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use entity::{media, media_asset};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect};
use serde_json::Value;

use super::connect::{Store, StoreError};
use super::decode;
use super::write::{WriteTransaction, to_its_end};
use crate::domain::ids::{AccountId, MediaAssetId, RecordId};
use crate::domain::media::{Digest, ImageAddress, ImageFormat, MediaAsset};

/// Digests a statement asks for.
const DIGESTS_PER_STATEMENT: usize = 500;

/// What became of an image to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Added {
    /// The city has it now, or had it before under the identity it has here.
    Kept(Box<MediaAsset>),
    /// Another image has its identity.
    IdTaken,
}

/// An image as it is listed: when it was sent, and its identity, which decides between equals.
pub type Place = (DateTime<Utc>, MediaAssetId);

impl Store {
    /// Keeps an image of a city. The same image again is the one that is there.
    pub async fn add_media_asset(&self, asset: MediaAsset) -> Result<Added, StoreError> {
        let store = self.clone();
        to_its_end(async move {
            let transaction = store.begin(asset.uploaded_at).await?;
            transaction.hold(&format!("media_asset/{}", asset.city.0)).await?;
            let connection = transaction.connection();
            let same = media_asset::Entity::find()
                .filter(media_asset::Column::CityId.eq(asset.city.0))
                .filter(media_asset::Column::Sha256.eq(asset.digest.to_string()))
                .one(connection)
                .await?;
            if let Some(same) = same {
                return Ok(Added::Kept(Box::new(read(same)?)));
            }
            if media_asset::Entity::find_by_id(asset.id.0).one(connection).await?.is_some() {
                return Ok(Added::IdTaken);
            }
            media_asset::Entity::insert(row(&asset).into_active_model()).exec_without_returning(connection).await?;
            transaction.commit_unlogged().await?;
            Ok(Added::Kept(Box::new(asset)))
        })
        .await
    }

    /// Which images a record of a city may show, of those that are named.
    pub async fn showable_images(&self, city: RecordId, subject: Option<RecordId>, named: &[Digest]) -> Result<Showable, StoreError> {
        showable(&self.connection, city, subject, named).await
    }

    /// The image of this digest in each city that has it.
    pub async fn media_assets_of(&self, digest: Digest) -> Result<Vec<MediaAsset>, StoreError> {
        let rows = media_asset::Entity::find()
            .filter(media_asset::Column::Sha256.eq(digest.to_string()))
            .order_by_asc(media_asset::Column::CityId)
            .all(&self.connection)
            .await?;
        rows.into_iter().map(read).collect()
    }

    /// At most `count` images of a city, the latest first, from behind a place of the list.
    pub async fn media_assets(&self, city: RecordId, after: Option<Place>, count: u64) -> Result<Vec<MediaAsset>, StoreError> {
        use media_asset::Column;
        let mut asked = media_asset::Entity::find().filter(Column::CityId.eq(city.0));
        if let Some((at, id)) = after {
            let same_instant = Condition::all().add(Column::UploadedAt.eq(at)).add(Column::Id.lt(id.0));
            asked = asked.filter(Condition::any().add(Column::UploadedAt.lt(at)).add(same_instant));
        }
        let rows = asked.order_by_desc(Column::UploadedAt).order_by_desc(Column::Id).limit(count).all(&self.connection).await?;
        rows.into_iter().map(read).collect()
    }
}

/// Images of our keeping that a record may show.
#[derive(Clone, Debug, Default)]
pub struct Showable {
    /// Those of its city.
    pub of_city: HashSet<ImageAddress>,
    /// Addresses that it shows now, whatever they lead to.
    pub shown: HashSet<String>,
}

impl WriteTransaction {
    /// Which images a record of a city may show, of those that are named.
    pub async fn showable_images(&self, city: RecordId, subject: Option<RecordId>, named: &[Digest]) -> Result<Showable, StoreError> {
        showable(self.connection(), city, subject, named).await
    }

    /// Writes the images of records, each with the city of its record. Filled in is what is known of those that this city keeps; what
    /// another city keeps stays a mere reference, so that nobody shows by it what that city has not published.
    pub(super) async fn save_images(&self, mut images: Vec<(RecordId, media::Model)>) -> Result<(), StoreError> {
        let mut ours: HashMap<(RecordId, String), Vec<&mut media::Model>> = HashMap::new();
        for (city, image) in &mut images {
            if let Some(ImageAddress::Original(digest, _)) = ImageAddress::parse(&image.url) {
                ours.entry((*city, digest.to_string())).or_default().push(image);
            }
        }
        let digests: Vec<String> = ours.keys().map(|(_, digest)| digest.clone()).collect();
        for chunk in digests.chunks(DIGESTS_PER_STATEMENT) {
            let found = media_asset::Entity::find().filter(media_asset::Column::Sha256.is_in(chunk)).all(self.connection()).await?;
            for asset in found {
                for image in ours.remove(&(RecordId(asset.city_id), asset.sha256.clone())).into_iter().flatten() {
                    (image.width, image.height) = (Some(asset.width), Some(asset.height));
                    (image.thumbhash, image.variants) = (Some(asset.thumbhash.clone()), Some(asset.variants.clone()));
                }
            }
        }
        self.insert::<media::Entity, _>(images.into_iter().map(|(_, image)| image).collect()).await
    }
}

async fn showable(
    connection: &impl ConnectionTrait,
    city: RecordId,
    subject: Option<RecordId>,
    named: &[Digest],
) -> Result<Showable, StoreError> {
    let mut showable = Showable::default();
    for chunk in named.chunks(DIGESTS_PER_STATEMENT) {
        let found = media_asset::Entity::find()
            .filter(media_asset::Column::CityId.eq(city.0))
            .filter(media_asset::Column::Sha256.is_in(chunk.iter().map(ToString::to_string)))
            .all(connection)
            .await?;
        for row in found {
            showable.of_city.insert(read(row)?.address());
        }
    }
    if let Some(subject) = subject {
        let urls = media::Entity::find().select_only().column(media::Column::Url).filter(media::Column::SubjectId.eq(subject.0));
        showable.shown = urls.into_tuple::<String>().all(connection).await?.into_iter().collect();
    }
    Ok(showable)
}

fn row(asset: &MediaAsset) -> media_asset::Model {
    let number = |number: u32| number.try_into().unwrap_or(i32::MAX);
    media_asset::Model {
        id: asset.id.0,
        city_id: asset.city.0,
        sha256: asset.digest.to_string(),
        media_type: asset.format.media_type().to_owned(),
        width: number(asset.width),
        height: number(asset.height),
        byte_length: asset.byte_length.try_into().unwrap_or(i64::MAX),
        thumbhash: asset.kept.thumbhash.to_string(),
        variants: serde_json::to_value(&asset.kept.variants).unwrap_or(Value::Null),
        uploaded_by: asset.uploaded_by.0,
        uploaded_at: asset.uploaded_at,
    }
}

/// Only this file writes these rows, so one that cannot be read was changed by hand.
fn read(row: media_asset::Model) -> Result<MediaAsset, StoreError> {
    let id = row.id;
    decoded(row).ok_or_else(|| sea_orm::DbErr::Type(format!("the row {id} of media_asset cannot be read")).into())
}

fn decoded(row: media_asset::Model) -> Option<MediaAsset> {
    Some(MediaAsset {
        id: MediaAssetId(row.id),
        city: RecordId(row.city_id),
        digest: Digest::parse(&row.sha256).ok()?,
        format: ImageFormat::of_media_type(&row.media_type)?,
        width: row.width.try_into().ok()?,
        height: row.height.try_into().ok()?,
        byte_length: row.byte_length.try_into().ok()?,
        kept: decode::kept(row.thumbhash, Some(row.variants)).ok()?,
        uploaded_by: AccountId(row.uploaded_by),
        uploaded_at: row.uploaded_at,
    })
}
