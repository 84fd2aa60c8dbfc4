//! Images that editors sent, and what records show of them.

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::{DateTime, TimeDelta, Utc};
use entity::{media, media_asset};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect};
use serde_json::Value;
use uuid::Uuid;

use super::connect::{Store, StoreError};
use super::decode;
use super::write::{WriteTransaction, to_its_end};
use crate::domain::ids::{AccountId, MediaAssetId, RecordId};
use crate::domain::media::{Digest, ImageAddress, ImageFormat, MediaAsset};

/// Digests a statement asks for.
const DIGESTS_PER_STATEMENT: usize = 500;
/// In which what an account sent is counted.
const DAY: TimeDelta = TimeDelta::days(1);

/// Under which names images are held.
pub(super) mod names {
    use crate::domain::ids::{AccountId, RecordId};
    use crate::domain::media::Digest;

    /// What published records of a city show.
    pub(in crate::store) fn uses(city: RecordId) -> String {
        format!("media_use/{}", city.0)
    }

    /// The images of a city.
    pub(in crate::store) fn images(city: RecordId) -> String {
        format!("media_asset/{}", city.0)
    }

    /// The bytes under a digest.
    pub(in crate::store) fn bytes(digest: Digest) -> String {
        format!("media_bytes/{digest}")
    }

    /// What an account sends.
    pub(in crate::store) fn sender(account: AccountId) -> String {
        format!("media_sender/{}", account.0)
    }
}

/// What one account may send within 24 hours. Counted is what is kept: the same image again costs nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayBound {
    /// Images.
    pub images: usize,
    /// Their bytes, as they were sent without what the camera noted.
    pub bytes: u64,
}

/// What became of an image to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Added {
    /// The city has it now, or had it before under the identity it has here.
    Kept(Box<MediaAsset>),
    /// Another image has its identity.
    IdTaken,
    /// Its bytes were being removed, or just were: they are to be kept once more, and nothing removes them then.
    BytesGone,
    /// The account has sent what it may in a day; so much has room again then.
    DayFull(DateTime<Utc>),
}

/// An image as it is listed: when it was sent, and its identity, which decides between equals.
pub type Place = (DateTime<Utc>, MediaAssetId);

impl Store {
    /// Keeps an image of a city, whose bytes are kept. The same image again is the one that is there.
    pub async fn add_media_asset(&self, asset: MediaAsset, day: DayBound) -> Result<Added, StoreError> {
        let store = self.clone();
        to_its_end(async move {
            let transaction = store.begin(asset.uploaded_at).await?;
            transaction.hold(&names::sender(asset.uploaded_by)).await?;
            transaction.hold(&names::images(asset.city)).await?;
            // Whatever removes bytes holds them too: from here on they stay, or this tells that they may be gone.
            if transaction.withdraw_media_removals(&asset.digests()).await? {
                transaction.commit_unlogged().await?;
                return Ok(Added::BytesGone);
            }
            let connection = transaction.connection();
            if let Some(same) = same(connection, &asset).await? {
                // Whoever sends it is about to use it.
                media_asset::Entity::update_many()
                    .col_expr(media_asset::Column::SentAgainAt, Expr::value(asset.uploaded_at))
                    .filter(media_asset::Column::Id.eq(same.id))
                    .exec(connection)
                    .await?;
                transaction.commit_unlogged().await?;
                return Ok(Added::Kept(Box::new(read(same)?)));
            }
            if media_asset::Entity::find_by_id(asset.id.0).one(connection).await?.is_some() {
                return Ok(Added::IdTaken);
            }
            if let Some(until) = day_full(connection, asset.uploaded_by, asset.byte_length, asset.uploaded_at, day).await? {
                return Ok(Added::DayFull(until));
            }
            media_asset::Entity::insert(row(&asset).into_active_model()).exec_without_returning(connection).await?;
            transaction.commit_unlogged().await?;
            Ok(Added::Kept(Box::new(asset)))
        })
        .await
    }

    /// When there is room again for this image of its sender; `None` when there is now, or when the city has it.
    pub async fn media_day_full(&self, asset: &MediaAsset, day: DayBound) -> Result<Option<DateTime<Utc>>, StoreError> {
        match same(&self.connection, asset).await? {
            Some(_) => Ok(None),
            None => self.media_day_full_for(asset.uploaded_by, asset.byte_length, asset.uploaded_at, day).await,
        }
    }

    /// When there is room again for an image of this many bytes; `None` when there is now.
    pub async fn media_day_full_for(
        &self,
        account: AccountId,
        byte_length: u64,
        at: DateTime<Utc>,
        day: DayBound,
    ) -> Result<Option<DateTime<Utc>>, StoreError> {
        day_full(&self.connection, account, byte_length, at, day).await
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
    /// Which images a record of a city may show, of those that are named. They stay to the end of this transaction.
    pub async fn showable_images(&self, city: RecordId, subject: Option<RecordId>, named: &[Digest]) -> Result<Showable, StoreError> {
        if !named.is_empty() {
            self.hold_shared(&names::uses(city)).await?;
        }
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
        let cities: BTreeSet<RecordId> = ours.keys().map(|(city, _)| *city).collect();
        for city in cities {
            self.hold_shared(&names::uses(city)).await?;
        }
        let digests: Vec<String> = ours.keys().map(|(_, digest)| digest.clone()).collect();
        for chunk in digests.chunks(DIGESTS_PER_STATEMENT) {
            let found = media_asset::Entity::find().filter(media_asset::Column::Sha256.is_in(chunk)).all(self.connection()).await?;
            let mut published = Vec::new();
            for asset in found {
                let images = ours.remove(&(RecordId(asset.city_id), asset.sha256.clone()));
                published.extend(images.is_some().then_some(asset.id));
                for image in images.into_iter().flatten() {
                    (image.width, image.height) = (Some(asset.width), Some(asset.height));
                    (image.thumbhash, image.variants) = (Some(asset.thumbhash.clone()), Some(asset.variants.clone()));
                }
            }
            self.note_published(published).await?;
        }
        self.insert::<media::Entity, _>(images.into_iter().map(|(_, image)| image).collect()).await
    }
}

impl WriteTransaction {
    /// What was published once is never removed: somebody out there may know its address for good.
    async fn note_published(&self, images: Vec<Uuid>) -> Result<(), StoreError> {
        if !images.is_empty() {
            media_asset::Entity::update_many()
                .col_expr(media_asset::Column::PublishedAt, Expr::value(self.at()))
                .filter(media_asset::Column::Id.is_in(images))
                .filter(media_asset::Column::PublishedAt.is_null())
                .exec(self.connection())
                .await?;
        }
        Ok(())
    }
}

/// The same image of the same city, where there is one.
async fn same(connection: &impl ConnectionTrait, asset: &MediaAsset) -> Result<Option<media_asset::Model>, StoreError> {
    let same = media_asset::Entity::find()
        .filter(media_asset::Column::CityId.eq(asset.city.0))
        .filter(media_asset::Column::Sha256.eq(asset.digest.to_string()));
    Ok(same.one(connection).await?)
}

/// When an account has room again for so many bytes; `None` when it has now. Index `media_asset_account`.
async fn day_full(
    connection: &impl ConnectionTrait,
    account: AccountId,
    byte_length: u64,
    at: DateTime<Utc>,
    day: DayBound,
) -> Result<Option<DateTime<Utc>>, StoreError> {
    use media_asset::Column;
    let sent = media_asset::Entity::find()
        .select_only()
        .columns([Column::UploadedAt, Column::ByteLength])
        .filter(Column::UploadedBy.eq(account.0))
        .filter(Column::UploadedAt.gt(at - DAY))
        .order_by_asc(Column::UploadedAt);
    let sent = sent.into_tuple::<(DateTime<Utc>, i64)>().all(connection).await?;
    Ok(room_again(&sent, byte_length, at, day))
}

/// When so much of what was sent, the oldest first, is a day old that another image has room.
fn room_again(sent: &[(DateTime<Utc>, i64)], byte_length: u64, at: DateTime<Utc>, day: DayBound) -> Option<DateTime<Utc>> {
    let mut bytes = sent.iter().map(|(_, length)| length.cast_unsigned()).sum::<u64>();
    let mut until = None;
    for (number, (sent_at, length)) in sent.iter().enumerate() {
        if sent.len() - number < day.images && bytes + byte_length <= day.bytes {
            return until;
        }
        bytes -= length.cast_unsigned();
        until = Some(*sent_at + DAY);
    }
    // With nothing left of the day, only an image that never has room has none.
    if day.images > 0 && byte_length <= day.bytes { until } else { until.or(Some(at + DAY)) }
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
        published_at: None,
        sent_again_at: None,
    }
}

/// Only this file writes these rows, so one that cannot be read was changed by hand.
pub(super) fn read(row: media_asset::Model) -> Result<MediaAsset, StoreError> {
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
