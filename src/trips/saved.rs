//! Trips that visitors saved: what they want, and the plan made of it.
//!
//! A trip has versions. Who changes it says which version they saw; when that is not the one in force any more, both changes are merged
//! field by field ([`super::merge`]), or, where they clash, nothing is written and both sides are shown.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::export_places::ExportPlaces;
use super::merge::{differences, merge};
use super::plan::answer::TripPlan;
use super::plan::error::PlanError;
use super::plan::request::PlanRequest;
use super::service::Trips;
use super::watch::{self, Issue};
use crate::catalogue::snapshot::Snapshot;
use crate::domain::ids::{RecordId, TripId, VisitorId};
use crate::domain::work_budget::{Spent, WorkBudget};
use crate::identity::secret::{self, NoRandomness};
use crate::store::trips::{Inserted, NewTrip, NewVersion, TripRow};
use crate::store::{Store, StoreError};

/// Most trips of a visitor.
pub const MAX_TRIPS: u64 = 100;
/// Longest title, in characters.
pub const MAX_TITLE: usize = 200;
/// Longest note, in characters.
pub const MAX_NOTE: usize = 5_000;
/// Longest key of a request, in characters.
pub const MAX_KEY: usize = 100;
/// How often a change is tried anew because another came between.
const TRIES: usize = 5;

/// What a visitor wants of a trip.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Content {
    /// What they call it.
    pub title: Box<str>,
    /// What they want to remember.
    pub note: Option<Box<str>>,
    /// What they wish for, in canonical form.
    #[serde(flatten)]
    pub request: PlanRequest,
}

/// A saved trip in its version in force.
#[derive(Clone, Debug)]
pub struct SavedTrip {
    /// Identity.
    pub id: TripId,
    /// Whose.
    pub owner: VisitorId,
    /// The version, from 1.
    pub version: u32,
    /// What is wanted.
    pub content: Content,
    /// The plan.
    pub plan: Arc<TripPlan>,
    /// When it was saved first.
    pub created_at: DateTime<Utc>,
    /// When this version was made.
    pub updated_at: DateTime<Utc>,
}

/// What shall be changed; what is absent stays.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// Another title.
    pub title: Option<Box<str>>,
    /// Another note, or none.
    pub note: Option<Option<Box<str>>>,
    /// Other wishes.
    pub request: Option<PlanRequest>,
    /// Whether the repair is taken: a plan made anew that keeps what can be kept.
    pub accept_repair: bool,
}

/// What became of a change.
#[derive(Clone, Debug)]
pub enum Updated {
    /// It is as wanted.
    Saved(SavedTrip),
    /// Another change had come first; both are in it.
    Merged(SavedTrip),
    /// Another change had come first, and they clash: nothing was written.
    Conflict(Box<Conflict>),
}

/// Two changes that clash.
#[derive(Clone, Debug)]
pub struct Conflict {
    /// The fields that clash, as paths with dots.
    pub fields: Vec<String>,
    /// What both were made from; absent when that version is forgotten.
    pub base: Option<Content>,
    /// What was asked for.
    pub mine: Content,
    /// What is in force.
    pub theirs: SavedTrip,
}

/// What cannot be done with a trip.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SavedError {
    /// There is no such trip of this visitor.
    #[error("you have no such trip")]
    NotFound,
    /// There is no such link to a trip of this visitor.
    #[error("none of your trips has this link")]
    ShareNotFound,
    /// The visitor's session was ended; nothing is kept for a visitor without one.
    #[error("your session was ended: sign in again")]
    SignedOut,
    /// The version named was never there.
    #[error("the trip has not come to version {expected} yet; it is at {current}")]
    FutureVersion {
        /// Named.
        expected: u32,
        /// In force.
        current: u32,
    },
    /// It is not the version in force.
    #[error("the trip was changed meanwhile: it is at version {current}")]
    Changed {
        /// In force.
        current: u32,
    },
    /// A text is too long, or empty where it must not be.
    #[error("{what} has from {least} to {most} characters, none of them NUL")]
    Length {
        /// Which.
        what: &'static str,
        /// Its name in the contract.
        field: &'static str,
        /// At least.
        least: usize,
        /// At most.
        most: usize,
    },
    /// The visitor has as many as may be.
    #[error("you have {0} trips, and cannot save more: delete one")]
    TooManyTrips(u64),
    /// The trip has as many links as may be.
    #[error("the trip has {0} links, and cannot have more: revoke one")]
    TooManyShares(u64),
    /// The visitor would have more trips than may be with those of another.
    #[error("together these are more than {0} trips, and nothing was moved: delete some here or there, then use the code again")]
    TooManyTogether(u64),
    /// No trips can be taken along by this code.
    #[error("this code is wrong, was used, or has ended: make a new one on the other phone")]
    CodeUnknown,
    /// The code is of the visitor who shows it.
    #[error("this code is your own: use it on the other phone")]
    OwnCode,
    /// Too many changes come at once.
    #[error("the trip is being changed too often at once; try again")]
    Contended,
    /// There is no plan for it.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The store failed.
    #[error("saved trips cannot be reached")]
    Store(#[from] StoreError),
    /// What the store has is not what was put there.
    #[error("a saved trip cannot be read or written")]
    Form(#[from] serde_json::Error),
    /// No secret could be made.
    #[error("no link could be made")]
    Randomness(#[from] NoRandomness),
}

/// The room's front for what is saved.
pub struct SavedTrips {
    pub(super) store: Store,
    pub(super) trips: Arc<Trips>,
    pub(super) export_places: ExportPlaces,
}

impl SavedTrips {
    /// Over a store, with plans by `trips`.
    pub fn new(store: Store, trips: Arc<Trips>) -> Self {
        Self { store, trips, export_places: ExportPlaces::default() }
    }

    /// Saves a trip with the plan for it. The same key saves once: a repeated request gets the trip of the first one.
    pub async fn save(
        &self,
        owner: VisitorId,
        content: Content,
        key: Option<String>,
        snapshot: &Arc<Snapshot>,
        now: DateTime<Utc>,
    ) -> Result<SavedTrip, SavedError> {
        checked_length(("an idempotency key", "idempotencyKey"), key.as_deref(), 1, MAX_KEY)?;
        let content = checked(content)?;
        let plan = self.trips.plan(content.request.clone(), snapshot).await?;
        let id = TripId(secret::id()?);
        let new = NewTrip {
            id,
            visitor: owner,
            idempotency_key: key,
            content: serde_json::to_value(&content)?,
            plan: serde_json::to_value(&*plan)?,
            at: now,
        };
        match self.store.insert_trip(new, MAX_TRIPS).await? {
            Inserted::New => Ok(SavedTrip { id, owner, version: 1, content, plan, created_at: now, updated_at: now }),
            Inserted::Before(id) => self.own(owner, id).await,
            Inserted::SignedOut => Err(SavedError::SignedOut),
            Inserted::TooMany => Err(SavedError::TooManyTrips(MAX_TRIPS)),
        }
    }

    /// Changes a trip of which the visitor saw version `expected`.
    pub async fn update(
        &self,
        owner: VisitorId,
        id: TripId,
        expected: u32,
        changes: &Changes,
        snapshot: &Arc<Snapshot>,
        now: DateTime<Utc>,
    ) -> Result<Updated, SavedError> {
        for _ in 0..TRIES {
            let theirs = self.own(owner, id).await?;
            if expected > theirs.version || expected == 0 {
                return Err(SavedError::FutureVersion { expected, current: theirs.version });
            }
            let is_current = expected == theirs.version;
            let base = if is_current { Some(theirs.content.clone()) } else { self.content(id, expected).await? };
            let mine = checked(changed(base.as_ref().unwrap_or(&theirs.content).clone(), changes, &theirs.plan, snapshot))?;
            let merged = match (is_current, &base) {
                (true, _) => Ok(mine.clone()),
                (false, Some(base)) => merged(base, &mine, &theirs.content)?,
                // Nobody knows what the change was made from, so whatever differs may clash.
                (false, None) => Err(differences(&serde_json::to_value(&mine)?, &serde_json::to_value(&theirs.content)?)),
            };
            let merged = match merged {
                Ok(merged) => merged,
                Err(fields) if fields.is_empty() => mine,
                Err(fields) => return Ok(Updated::Conflict(Box::new(Conflict { fields, base, mine, theirs }))),
            };
            if merged == theirs.content && !changes.accept_repair {
                return Ok(Updated::Saved(theirs));
            }
            let plan = if merged.request == theirs.content.request && !changes.accept_repair {
                Arc::clone(&theirs.plan)
            } else {
                self.trips.plan(merged.request.clone(), snapshot).await?
            };
            let (content, kept) = (serde_json::to_value(&merged)?, serde_json::to_value(&*plan)?);
            let current = i32::try_from(theirs.version).unwrap_or(i32::MAX - 1);
            let new = NewVersion { trip: id, owner, current, content, plan: kept, at: now };
            if self.store.add_trip_version(new).await? {
                let saved = SavedTrip { version: theirs.version + 1, content: merged, plan, updated_at: now, ..theirs };
                return Ok(if is_current { Updated::Saved(saved) } else { Updated::Merged(saved) });
            }
        }
        Err(SavedError::Contended)
    }

    /// Deletes a trip with its links, for good. With a version, only when that is in force.
    pub async fn delete(&self, owner: VisitorId, id: TripId, expected: Option<u32>, now: DateTime<Utc>) -> Result<(), SavedError> {
        let trip = self.own(owner, id).await?;
        let wanted = expected.map(|version| i32::try_from(version).unwrap_or(i32::MAX));
        if self.store.delete_trip((owner, id), wanted, now).await? { Ok(()) } else { Err(SavedError::Changed { current: trip.version }) }
    }

    /// The trips of a visitor, those changed last first, at most `first` of them.
    pub async fn of(&self, owner: VisitorId, first: usize) -> Result<Vec<SavedTrip>, SavedError> {
        self.store.trips_of(owner, first).await?.into_iter().map(trip).collect()
    }

    /// A trip of the visitor; fails with [`SavedError::NotFound`] when it is somebody else's, so that nobody learns of it.
    pub async fn own(&self, owner: VisitorId, id: TripId) -> Result<SavedTrip, SavedError> {
        let row = self.store.trip(id).await?.filter(|row| row.visitor == owner).ok_or(SavedError::NotFound)?;
        trip(row)
    }

    /// What broke since the trip was planned.
    pub fn issues(&self, trip: &SavedTrip, snapshot: &Snapshot, budget: &WorkBudget) -> Result<Vec<Issue>, Spent> {
        watch::issues((&trip.plan, &trip.content.request), snapshot, self.trips.kinds(), budget)
    }

    /// A plan for the same wishes over what is published now, that keeps of the planned what can be kept. Taking it is a change with
    /// [`Changes::accept_repair`].
    pub async fn repair(&self, trip: &SavedTrip, snapshot: &Arc<Snapshot>) -> Result<Arc<TripPlan>, SavedError> {
        Ok(self.trips.plan(repaired(trip.content.request.clone(), &trip.plan, snapshot), snapshot).await?)
    }

    async fn content(&self, id: TripId, version: u32) -> Result<Option<Content>, SavedError> {
        let version = i32::try_from(version).unwrap_or(i32::MAX);
        Ok(self.store.trip_content(id, version).await?.map(serde_json::from_value).transpose()?)
    }
}

/// A trip out of its row.
pub(super) fn trip(row: TripRow) -> Result<SavedTrip, SavedError> {
    Ok(SavedTrip {
        id: row.id,
        owner: row.visitor,
        version: u32::try_from(row.version).unwrap_or(1),
        content: serde_json::from_value(row.content)?,
        plan: Arc::new(serde_json::from_value(row.plan)?),
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}

/// The content with its wishes in canonical form; fails on what cannot be kept whatever the catalogue says.
fn checked(content: Content) -> Result<Content, SavedError> {
    checked_length(("a title", "title"), Some(content.title.trim()), 1, MAX_TITLE)?;
    checked_length(("a note", "note"), content.note.as_deref(), 0, MAX_NOTE)?;
    let note = content.note.filter(|note| !note.is_empty());
    Ok(Content { title: content.title.trim().into(), note, request: content.request.canonical()? })
}

fn checked_length((what, field): (&'static str, &'static str), text: Option<&str>, least: usize, most: usize) -> Result<(), SavedError> {
    // PostgreSQL keeps no NUL in texts.
    let fits = text.is_none_or(|text| (least..=most).contains(&text.chars().count()) && !text.contains('\0'));
    if fits { Ok(()) } else { Err(SavedError::Length { what, field, least, most }) }
}

fn changed(mut content: Content, changes: &Changes, planned: &TripPlan, snapshot: &Snapshot) -> Content {
    if let Some(title) = &changes.title {
        content.title.clone_from(title);
    }
    if let Some(note) = &changes.note {
        content.note.clone_from(note);
    }
    if let Some(request) = &changes.request {
        content.request.clone_from(request);
    }
    if changes.accept_repair {
        content.request = repaired(content.request, planned, snapshot);
    }
    content
}

/// The wishes, less what is not in the catalogue any more, keeping what was planned.
fn repaired(mut request: PlanRequest, planned: &TripPlan, snapshot: &Snapshot) -> PlanRequest {
    let is_there = |id: &RecordId| snapshot.place(*id).is_some() || snapshot.event(*id).is_some();
    request.must_see.retain(is_there);
    request.avoid.retain(is_there);
    request.keep = planned.days.iter().flat_map(|day| &day.stops).map(|stop| stop.subject.record()).filter(|id| is_there(id)).collect();
    request
}

/// Both changes as one, in canonical form; or the fields that clash. Changes that go well together field by field and make no sense
/// as a whole (one insists on a place, the other avoids it) clash in all that was changed.
fn merged(base: &Content, mine: &Content, theirs: &Content) -> Result<Result<Content, Vec<String>>, SavedError> {
    let [base, mine, theirs]: [Value; 3] = [serde_json::to_value(base)?, serde_json::to_value(mine)?, serde_json::to_value(theirs)?];
    let merged = match merge(&base, &mine, &theirs) {
        Ok(merged) => serde_json::from_value::<Content>(merged)?,
        Err(clashes) => return Ok(Err(clashes)),
    };
    let contradicts = merged.request.must_see.iter().any(|id| merged.request.avoid.contains(id));
    match checked(merged) {
        Ok(content) if !contradicts => Ok(Ok(content)),
        _ => Ok(Err(differences(&mine, &theirs))),
    }
}
