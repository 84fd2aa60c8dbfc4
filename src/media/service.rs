//! The room's front: an image is sent, becomes a city's, and is shown to whom it may be shown.

use std::sync::Arc;

use chrono::{DateTime, Duration, SubsecRound, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::error::MediaError;
use super::intake::{Intake, Place};
use super::storage::{Bytes, MediaStorage};
use crate::domain::client::Client;
use crate::domain::ids::{AccountId, MediaAssetId, RecordId};
use crate::domain::media::{Digest, ImageAddress, ImageFormat, MediaAsset};
use crate::identity::accounts::Accounts;
use crate::identity::rights::{Denied, Grants, Operation, Permit, Right};
use crate::identity::secret;
use crate::identity::session::{SessionError, Sessions};
use crate::identity::token::{self, TokenError};
use crate::store::Store;
use crate::store::media::{self, Added, DayBound};

/// How long an address holds to which an image may be sent.
const UPLOAD_LIFE: Duration = token::LIFE;
/// What one account may send in a day, unless the settings say otherwise: 500 images, and 2 GiB.
pub const A_DAY: DayBound = DayBound { images: 500, bytes: 2 * 1024 * 1024 * 1024 };
/// How often bytes are kept anew that are removed while they are sent. The sweep goes once a day, so twice is much.
const ROUNDS: usize = 3;
/// What its token is for.
const UPLOAD: &str = "roteiro-upload";

/// What a token of an address says: who may send what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Upload {
    /// What the image will be called: so an address brings one image in, and the same one however often it is sent.
    asset: MediaAssetId,
    city: RecordId,
    account: AccountId,
    /// The session in which the address was asked for: it holds no longer.
    session: Uuid,
    /// How many bytes it has.
    pub byte_length: u64,
}

impl Upload {
    /// Who sends it.
    pub const fn account(&self) -> AccountId {
        self.account
    }
}

/// An address to which an image may be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadTicket {
    /// The secret in the address.
    pub token: String,
    /// When it ends.
    pub ends: DateTime<Utc>,
}

/// The room's front.
pub struct Media {
    store: Store,
    storage: MediaStorage,
    intake: Intake,
    accounts: Arc<Accounts>,
    sessions: Arc<Sessions>,
    day: DayBound,
}

impl Media {
    /// Over a store and a storage.
    pub fn new(store: Store, storage: MediaStorage, accounts: Arc<Accounts>, sessions: Arc<Sessions>) -> Self {
        Self { store, storage, intake: Intake::default(), accounts, sessions, day: A_DAY }
    }

    /// The same with another bound on what one account may send in a day.
    #[must_use]
    pub fn bounded(self, day: DayBound) -> Self {
        Self { day, ..self }
    }

    /// A place for one image to be sent now; fails when all are taken, or the client has its share.
    pub fn place(&self, client: Client) -> Result<Place, MediaError> {
        self.intake.place(client)
    }

    /// An address to which an image of this length may be sent by whoever has it, for a quarter of an hour.
    pub async fn ticket(&self, permit: &Permit, byte_length: u64, now: DateTime<Utc>) -> Result<UploadTicket, MediaError> {
        // Nobody sends in vain.
        room(self.store.media_day_full_for(permit.account(), byte_length, now, self.day).await?, now)?;
        let asset = MediaAssetId(secret::id().map_err(SessionError::from)?);
        let upload = Upload { asset, city: city_of(permit)?, account: permit.account(), session: permit.session().session, byte_length };
        let ends = now + UPLOAD_LIFE;
        Ok(UploadTicket { token: self.sessions.seal(UPLOAD, upload, ends, now)?, ends })
    }

    /// Who may send what to the address with this token.
    pub fn upload(&self, token: &str, now: DateTime<Utc>) -> Result<Upload, MediaError> {
        self.sessions.unseal(UPLOAD, token, now).map_err(|error| match error {
            TokenError::Expired => MediaError::EndedUpload,
            TokenError::Early | TokenError::Invalid | TokenError::Header | TokenError::Key => MediaError::UnknownUpload,
        })
    }

    /// Takes in what was sent to an address. Who asked for it must still be allowed to: a role may have been taken away since, or the
    /// session have ended.
    pub async fn receive(&self, upload: &Upload, place: Place, bytes: Vec<u8>, now: DateTime<Utc>) -> Result<MediaAsset, MediaError> {
        let sent = bytes.len() as u64;
        if sent != upload.byte_length {
            return Err(MediaError::Length { announced: upload.byte_length, sent });
        }
        let permit =
            self.accounts.grants(upload.account, Some(upload.session), now).await?.permit(Operation::CreateMediaUpload, upload.city)?;
        self.keep(&permit, upload.asset, place, bytes, now).await
    }

    /// Takes in an image that came with the question for it.
    pub async fn add(&self, permit: &Permit, place: Place, bytes: Vec<u8>, now: DateTime<Utc>) -> Result<MediaAsset, MediaError> {
        let asset = MediaAssetId(secret::id().map_err(SessionError::from)?);
        self.keep(permit, asset, place, bytes, now).await
    }

    async fn keep(
        &self,
        permit: &Permit,
        id: MediaAssetId,
        place: Place,
        bytes: Vec<u8>,
        now: DateTime<Utc>,
    ) -> Result<MediaAsset, MediaError> {
        let city = city_of(permit)?;
        let (image, _place) = self.intake.read(place, bytes).await?;
        let asset = MediaAsset {
            id,
            city,
            digest: image.digest,
            format: image.format,
            width: image.width,
            height: image.height,
            byte_length: image.byte_length,
            kept: image.kept,
            uploaded_by: permit.account(),
            // PostgreSQL keeps no more, and cursors are compared with what is kept.
            uploaded_at: now.trunc_subsecs(3),
        };
        // What has no room leaves nothing behind.
        room(self.store.media_day_full(&asset, self.day).await?, now)?;
        for _ in 0..ROUNDS {
            // The bytes first: a row never speaks of what is not there. Those of a row that is not written are found again by their digest.
            for (digest, bytes) in &image.objects {
                self.storage.keep(*digest, bytes).await?;
            }
            match self.store.add_media_asset(asset.clone(), self.day).await? {
                Added::Kept(asset) => return Ok(*asset),
                Added::IdTaken => return Err(MediaError::UsedUpload),
                Added::DayFull(until) => room(Some(until), now)?,
                Added::BytesGone => {}
            }
        }
        Err(MediaError::Busy)
    }

    /// At most `count` images of the permit's city, the latest first, from behind a place of the list.
    pub async fn assets(&self, permit: &Permit, after: Option<media::Place>, count: u64) -> Result<Vec<MediaAsset>, MediaError> {
        Ok(self.store.media_assets(city_of(permit)?, after, count).await?)
    }

    /// The bytes at an address, and their form, when these roles read the drafts of a city that has the image. Whether a published
    /// record shows it is told by the snapshot.
    pub async fn unpublished(&self, address: ImageAddress, grants: &Grants) -> Result<(Digest, ImageFormat), MediaError> {
        let assets = self.store.media_assets_of(address.original()).await?;
        let mut readable = assets.iter().filter(|asset| grants.has(Right::ReadDrafts, asset.city));
        readable.find_map(|asset| asset.stored(address)).ok_or(MediaError::NotFound)
    }

    /// How many bytes are kept under the digest, and the bytes.
    pub async fn open(&self, digest: Digest) -> Result<(u64, Bytes), MediaError> {
        let found = self.storage.open(digest).await?;
        if found.is_none() {
            tracing::error!(%digest, "the bytes of an image are gone");
        }
        found.ok_or(MediaError::NotFound)
    }
}

/// Fails when there is no room before that instant.
fn room(until: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Result<(), MediaError> {
    let Some(until) = until else { return Ok(()) };
    // Rounded up: who waits so long is let in.
    let seconds = ((until - now).num_milliseconds().max(1) as u64).div_ceil(1_000);
    Err(MediaError::DayFull { until, seconds: seconds.try_into().unwrap_or(u32::MAX) })
}

/// Images belong to a city, so a right that is not of one gives nothing here.
fn city_of(permit: &Permit) -> Result<RecordId, MediaError> {
    permit.city().ok_or(MediaError::Denied(Denied))
}
