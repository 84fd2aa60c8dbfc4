//! Which images nobody names, and how they go: first the row that speaks of one, then the bytes. Whoever sends the same bytes meanwhile
//! holds the same names, sees that they are on their way out or gone, and keeps them again.
//!
//! Locks, always in this order: what records of a city show, the city's images, the bytes of a digest. Who publishes images shares the
//! first; the sweep has it alone. A draft may be saved at any moment with whatever it names; publishing asks whether it is there.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::pin::pin;

use chrono::{DateTime, Utc};
use entity::{draft, media, media_asset, media_removal, revision};
use futures::{Stream, TryStreamExt};
use sea_orm::sea_query::{Alias, Expr, OnConflict, Query};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, ExprTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, Select, StreamTrait,
};
use uuid::Uuid;

use super::connect::{Store, StoreError};
use super::media::{names, read};
use super::write::{WriteTransaction, to_its_end};
use crate::domain::ids::RecordId;
use crate::domain::media::{Digest, MediaAsset, named_in};

/// Rows a statement deletes or writes.
const ROWS_PER_STATEMENT: usize = 500;

/// Text a content holds where it names an image of ours.
const NAMES_AN_IMAGE: &str = "%/media/%";

impl Store {
    /// Images that were sent before `before`, were never published, and are named by no draft, no revision and no record of any city.
    /// O(images + contents that name images).
    pub async fn unused_media(&self, before: DateTime<Utc>) -> Result<Vec<MediaAsset>, StoreError> {
        let found = candidates(before).all(&self.connection).await?;
        if found.is_empty() {
            return Ok(Vec::new());
        }
        let mut named = named(&self.connection, None).await?;
        let urls = media::Entity::find().select_only().column(media::Column::Url).filter(media::Column::Url.like(NAMES_AN_IMAGE));
        gather(urls.into_tuple::<String>().stream(&self.connection).await?, &mut named).await?;
        let found: Vec<MediaAsset> = found.into_iter().map(read).collect::<Result<_, _>>()?;
        Ok(found.into_iter().filter(|asset| !named.contains(&asset.digest)).collect())
    }

    /// Removes the rows of those images that are still unused, and notes their bytes for removal. Gives the images removed.
    pub async fn remove_unused_media(
        &self,
        images: Vec<MediaAsset>,
        before: DateTime<Utc>,
        at: DateTime<Utc>,
    ) -> Result<Vec<MediaAsset>, StoreError> {
        let mut by_city: BTreeMap<RecordId, Vec<MediaAsset>> = BTreeMap::new();
        for image in images {
            by_city.entry(image.city).or_default().push(image);
        }
        let mut removed = Vec::new();
        for (city, images) in by_city {
            let store = self.clone();
            removed.extend(to_its_end(async move { store.remove_unused_of(city, images, before, at).await }).await?);
        }
        Ok(removed)
    }

    async fn remove_unused_of(
        &self,
        city: RecordId,
        mut images: Vec<MediaAsset>,
        before: DateTime<Utc>,
        at: DateTime<Utc>,
    ) -> Result<Vec<MediaAsset>, StoreError> {
        let transaction = self.begin(at).await?;
        transaction.hold(&names::uses(city)).await?;
        transaction.hold(&names::images(city)).await?;
        let connection = transaction.connection();
        // What was looked at before may have been sent again, published, or named in a draft since.
        let still = candidates(before).filter(media_asset::Column::CityId.eq(city.0)).select_only().column(media_asset::Column::Id);
        let still: HashSet<Uuid> = still.into_tuple::<Uuid>().all(connection).await?.into_iter().collect();
        let named = named(connection, Some(city)).await?;
        images.retain(|image| still.contains(&image.id.0) && !named.contains(&image.digest));
        for chunk in images.chunks(ROWS_PER_STATEMENT) {
            let ids = chunk.iter().map(|image| image.id.0);
            media_asset::Entity::delete_many().filter(media_asset::Column::Id.is_in(ids)).exec(connection).await?;
        }
        let digests: BTreeSet<Digest> = images.iter().flat_map(MediaAsset::digests).collect();
        let digests: Vec<Digest> = digests.into_iter().collect();
        for chunk in digests.chunks(ROWS_PER_STATEMENT) {
            let rows = chunk.iter().map(|digest| media_removal::Model { digest: digest.to_string(), at, done_at: None });
            let again = OnConflict::column(media_removal::Column::Digest)
                .update_columns([media_removal::Column::At, media_removal::Column::DoneAt])
                .to_owned();
            let rows = rows.map(IntoActiveModel::into_active_model);
            media_removal::Entity::insert_many(rows).on_conflict(again).exec_without_returning(connection).await?;
        }
        transaction.commit_unlogged().await?;
        Ok(images)
    }

    /// Bytes that are to be removed; also those that a process which died left behind.
    pub async fn media_removals(&self) -> Result<Vec<Digest>, StoreError> {
        let digests = media_removal::Entity::find()
            .select_only()
            .column(media_removal::Column::Digest)
            .filter(media_removal::Column::DoneAt.is_null())
            .order_by_asc(media_removal::Column::Digest);
        let digests = digests.into_tuple::<String>().all(&self.connection).await?;
        Ok(digests.iter().filter_map(|digest| Digest::parse(digest).ok()).collect())
    }

    /// Forgets what was removed before `before`: nobody is still sending what was there then.
    pub async fn forget_media_removals(&self, before: DateTime<Utc>) -> Result<(), StoreError> {
        let store = self.clone();
        to_its_end(async move {
            let transaction = store.begin(before).await?;
            media_removal::Entity::delete_many().filter(media_removal::Column::DoneAt.lt(before)).exec(transaction.connection()).await?;
            transaction.commit_unlogged().await
        })
        .await
    }
}

impl WriteTransaction {
    /// Holds the bytes of a digest, and says whether they may go: they are still to be removed, and no image of any city has them, as
    /// they are or in a smaller width. O(images).
    pub async fn may_remove_media(&self, digest: Digest) -> Result<bool, StoreError> {
        self.hold(&names::bytes(digest)).await?;
        let connection = self.connection();
        let pending = media_removal::Entity::find_by_id(digest.to_string()).filter(media_removal::Column::DoneAt.is_null());
        if pending.one(connection).await?.is_none() {
            return Ok(false);
        }
        let in_variants = Expr::col(media_asset::Column::Variants).cast_as(Alias::new("TEXT")).like(format!("%{digest}%"));
        let has = Condition::any().add(media_asset::Column::Sha256.eq(digest.to_string())).add(in_variants);
        let is_had = media_asset::Entity::find().filter(has).count(connection).await? > 0;
        if is_had {
            media_removal::Entity::delete_by_id(digest.to_string()).exec(connection).await?;
        }
        Ok(!is_had)
    }

    /// Notes that the bytes are gone. It is kept for a while: whoever saw them before is told so when the image is to be written.
    pub async fn note_media_removed(&self, digest: Digest) -> Result<(), StoreError> {
        media_removal::Entity::update_many()
            .col_expr(media_removal::Column::DoneAt, Expr::value(self.at()))
            .filter(media_removal::Column::Digest.eq(digest.to_string()))
            .exec(self.connection())
            .await?;
        Ok(())
    }

    /// Takes back the removal of bytes that somebody sends again. Gives whether there was any: then they may be gone already.
    pub(super) async fn withdraw_media_removals(&self, digests: &BTreeSet<Digest>) -> Result<bool, StoreError> {
        for digest in digests {
            self.hold(&names::bytes(*digest)).await?;
        }
        let digests = digests.iter().map(ToString::to_string);
        let withdrawn = media_removal::Entity::delete_many().filter(media_removal::Column::Digest.is_in(digests));
        Ok(withdrawn.exec(self.connection()).await?.rows_affected > 0)
    }
}

/// Images that nobody sent since `before`, and that were never published.
fn candidates(before: DateTime<Utc>) -> Select<media_asset::Entity> {
    use media_asset::Column;
    let not_again = Condition::any().add(Column::SentAgainAt.is_null()).add(Column::SentAgainAt.lt(before));
    media_asset::Entity::find()
        .filter(Column::PublishedAt.is_null())
        .filter(Column::UploadedAt.lt(before))
        .filter(not_again)
        .order_by_asc(Column::UploadedAt)
        .order_by_asc(Column::Id)
}

/// Digests of the images that drafts and their revisions name, of one city or of all.
async fn named<C>(connection: &C, city: Option<RecordId>) -> Result<HashSet<Digest>, StoreError>
where
    C: ConnectionTrait + StreamTrait + Send,
{
    let drafts = draft::Entity::find().select_only().expr(as_text(draft::Column::Content));
    let revisions = revision::Entity::find().select_only().expr(as_text(revision::Column::Content));
    let (drafts, revisions) = match city {
        Some(city) => {
            let of_city =
                Query::select().column(draft::Column::Id).from(draft::Entity).and_where(draft::Column::CityId.eq(city.0)).to_owned();
            let revisions = revisions.filter(revision::Column::DraftId.in_subquery(of_city));
            (drafts.filter(draft::Column::CityId.eq(city.0)), revisions)
        }
        None => (drafts, revisions),
    };
    let drafts = drafts.filter(as_text(draft::Column::Content).like(NAMES_AN_IMAGE)).into_tuple::<String>();
    let revisions = revisions.filter(as_text(revision::Column::Content).like(NAMES_AN_IMAGE)).into_tuple::<String>();
    let mut named = HashSet::new();
    gather(drafts.stream(connection).await?, &mut named).await?;
    gather(revisions.stream(connection).await?, &mut named).await?;
    Ok(named)
}

/// Adds the digests that texts name.
async fn gather(texts: impl Stream<Item = Result<String, DbErr>>, named: &mut HashSet<Digest>) -> Result<(), StoreError> {
    let mut texts = pin!(texts);
    while let Some(text) = texts.try_next().await? {
        named.extend(named_in(&text));
    }
    Ok(())
}

fn as_text(column: impl ColumnTrait) -> Expr {
    Expr::col(column).cast_as(Alias::new("TEXT"))
}
