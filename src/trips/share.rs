//! Links under which anybody may read a trip, until its owner closes them.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::discretion::for_readers;
use super::export::sheet::{Heading, sheet};
use super::export::{self, ExportError, Form};
use super::plan::names::SnapshotNames;
use super::plan::words::{self, Tongue};
use super::saved::{SavedError, SavedTrip, SavedTrips, trip};
use super::watch::Issue;
use crate::catalogue::snapshot::Snapshot;
use crate::domain::ids::{TripId, VisitorId};
use crate::domain::text::Preferences;
use crate::domain::work_budget::WorkBudget;
use crate::identity::secret;
use crate::store::trips::ShareRow;

/// Most open links of a trip.
pub const MAX_SHARES: u64 = 20;

/// A link under which anybody may read a trip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    /// Its secret.
    pub token: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// What a link opens.
#[derive(Clone, Debug)]
pub enum Opened {
    /// This trip, less what tells of its owner's health or age.
    Trip(Box<SavedTrip>),
    /// Nothing any more.
    Revoked,
    /// Nothing, ever.
    Unknown,
}

impl SavedTrips {
    /// What a link opens.
    pub async fn open(&self, token: &str) -> Result<Opened, SavedError> {
        match self.store.share(token).await? {
            None => Ok(Opened::Unknown),
            Some(ShareRow { revoked_at: Some(_), .. }) => Ok(Opened::Revoked),
            Some(share) => match self.store.trip(share.trip).await? {
                Some(row) => Ok(Opened::Trip(Box::new(for_readers(trip(row)?)))),
                None => Ok(Opened::Unknown),
            },
        }
    }

    /// Makes a link to a trip.
    pub async fn share(&self, owner: VisitorId, id: TripId, now: DateTime<Utc>) -> Result<(SavedTrip, Share), SavedError> {
        let trip = self.own(owner, id).await?;
        let share = ShareRow { token: secret::text()?, trip: id, created_at: now, revoked_at: None };
        if self.store.insert_share(owner, share.clone(), MAX_SHARES).await? {
            Ok((trip, Share { token: share.token, created_at: share.created_at }))
        } else {
            Err(SavedError::TooManyShares(MAX_SHARES))
        }
    }

    /// Closes a link, at once; gives the trip it led to.
    pub async fn revoke(&self, owner: VisitorId, token: &str, now: DateTime<Utc>) -> Result<SavedTrip, SavedError> {
        let share = self.store.share(token).await?.ok_or(SavedError::ShareNotFound)?;
        let trip = self.own(owner, share.trip).await.map_err(|error| match error {
            SavedError::NotFound => SavedError::ShareNotFound,
            other => other,
        })?;
        self.store.revoke_share(share.token, now).await?;
        Ok(trip)
    }

    /// The open links of a trip, the oldest first.
    pub async fn shares(&self, id: TripId) -> Result<Vec<Share>, SavedError> {
        let rows = self.store.shares_of(id).await?.into_iter();
        Ok(rows.map(|row| Share { token: row.token, created_at: row.created_at }).collect())
    }

    /// The open links to all trips of a visitor, by trip, the oldest first.
    pub async fn shares_of_visitor(&self, owner: VisitorId) -> Result<HashMap<TripId, Vec<Share>>, SavedError> {
        let mut shares: HashMap<TripId, Vec<Share>> = HashMap::new();
        for row in self.store.shares_of_visitor(owner).await? {
            shares.entry(row.trip).or_default().push(Share { token: row.token, created_at: row.created_at });
        }
        Ok(shares)
    }

    /// An opened trip in a form, for a reader who has the link with this token; what broke since it was planned stands over it.
    pub fn written(
        &self,
        trip: &SavedTrip,
        token: &str,
        form: Form,
        (snapshot, budget): (&Snapshot, &WorkBudget),
        preferences: &Preferences,
    ) -> Result<String, ExportError> {
        let (tongue, names) = (Tongue::of(preferences), SnapshotNames { snapshot, preferences });
        let notice = |issue: &Issue| {
            // The name was written by us from a zone.
            let zone = trip.plan.days[issue.day].zone.parse().unwrap_or(chrono_tz::America::Cuiaba);
            words::issue(issue, zone, tongue, &names)
        };
        let notices = self.issues(trip, snapshot, budget)?.iter().map(notice).collect();
        let heading = Heading {
            id: trip.id.0,
            title: trip.content.title.clone(),
            note: trip.content.note.clone(),
            version: trip.version,
            updated_at: trip.updated_at,
            token: token.into(),
        };
        export::write(form, &sheet(heading, &trip.plan, notices, snapshot, preferences))
    }
}
