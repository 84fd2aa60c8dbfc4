//! Saved trips as they are answered.

use std::sync::Arc;

use async_graphql::{Context, ID, Object, SimpleObject};
use chrono::DateTime;
use chrono::Utc;

use super::plan::{PLAN_EFFORT, Reader, TripPlan, TripSubject, zone};
use super::plan_codes::{DropCode, TripIssueCode};
use super::text::LocalizedText;
use super::trip_request::TripRequest;
use crate::graphql::context;
use crate::graphql::directives::{Cost, List};
use crate::graphql::failure::Failure;
use crate::graphql::loads;
use crate::graphql::node::GlobalId;
use crate::graphql::personal::Personal;
use crate::graphql::scalars::{Date, Instant};
use crate::trips::plan::answer::Subject;
use crate::trips::plan::words;
use crate::trips::saved::{Conflict, Content, SavedTrip};
use crate::trips::share::Share;
use crate::trips::watch::{Issue, Trouble};

/// A trip that a visitor saved.
pub struct Trip {
    trip: Arc<SavedTrip>,
    is_owner: bool,
}

impl Trip {
    /// As its owner sees it.
    pub fn of_owner(trip: impl Into<Arc<SavedTrip>>) -> Self {
        Self { trip: trip.into(), is_owner: true }
    }

    /// As those see it who have a link.
    pub fn of_reader(trip: SavedTrip) -> Self {
        Self { trip: Arc::new(trip), is_owner: false }
    }

    /// The name under which a subscription remembers what it told of this version.
    pub fn key(&self) -> String {
        format!("{}@{}", self.trip.id.0, self.trip.version)
    }

    /// What broke since the plan was made.
    pub fn found(&self, context: &Context<'_>) -> Result<Vec<Issue>, Failure> {
        let asked = context::of(context);
        Ok(asked.saved.issues(&self.trip, &asked.snapshot, &context::budget(context))?)
    }
}

/// A trip that a visitor saved: what they wish for, and the plan made of it. The plan stays as it was made until the trip is changed;
/// what broke since is in `issues`.
#[Object]
impl Trip {
    /// Opaque id.
    async fn id(&self) -> ID {
        GlobalId::Trip(self.trip.id).encode()
    }

    /// What its owner calls it.
    async fn title(&self) -> &str {
        &self.trip.content.title
    }

    /// What its owner wants to remember; whoever has a link reads it too.
    async fn note(&self) -> Option<&str> {
        self.trip.content.note.as_deref()
    }

    /// Its version, from 1; to be given with a change as `expectedVersion`.
    async fn version(&self) -> u32 {
        self.trip.version
    }

    /// When it was saved first.
    async fn created_at(&self) -> Instant {
        Instant(self.trip.created_at.into())
    }

    /// When this version was made.
    async fn updated_at(&self) -> Instant {
        Instant(self.trip.updated_at.into())
    }

    /// What is wished for.
    async fn request(&self) -> TripRequest {
        TripRequest(self.trip.content.request.clone())
    }

    /// The plan. Those who have a link are not told of drops, warnings and issues that follow from `accessibleFor` or `youngestAge`.
    async fn plan(&self) -> TripPlan {
        TripPlan::saved(Arc::clone(&self.trip.plan), self.trip.content.request.clone())
    }

    /// What broke since the plan was made, because a place closed, an event moved, or something was withdrawn: in the order of the
    /// stops. Empty while the plan holds.
    #[graphql(directive = Cost::apply(50), directive = List::apply(5))]
    async fn issues(&self, context: &Context<'_>) -> Result<Option<Vec<TripIssue>>, Failure> {
        let reader = Reader::of(context);
        Ok(Some(self.found(context)?.iter().map(|issue| TripIssue::of(issue, &self.trip, &reader)).collect()))
    }

    /// A proposed repair: a plan for the same wishes over what is published now, that keeps what can be kept. Null while nothing broke.
    /// The owner takes it with `updateTrip` and `acceptRepair`. For those who have a link it is made from the wishes they are told.
    #[graphql(directive = Cost::apply(2_000))]
    async fn repair(&self, context: &Context<'_>) -> Result<Option<TripPlan>, Failure> {
        if self.found(context)?.is_empty() {
            return Ok(None);
        }
        let asked = context::of(context);
        context::budget(context).draw(PLAN_EFFORT)?;
        let plan = asked.saved.repair(&self.trip, &asked.snapshot).await?;
        Ok(Some(TripPlan::saved(plan, self.trip.content.request.clone())))
    }

    /// The links under which others may read it, the oldest first, at most 20; null for those who have one of them.
    #[graphql(directive = Cost::apply(20), directive = List::apply(5))]
    async fn shares(&self, context: &Context<'_>) -> Result<Option<Vec<TripShare>>, Failure> {
        if !self.is_owner {
            return Ok(None);
        }
        Personal::mark(context);
        let shares = loads::shares(context, self.trip.owner, self.trip.id).await?;
        Ok(Some(shares.into_iter().map(Into::into).collect()))
    }
}

/// A link to a trip.
#[derive(SimpleObject)]
pub struct TripShare {
    /// The secret of the link.
    token: String,
    /// The page to read and print, on this host. With `.ics`, `.gpx` or `.geojson` behind it, the trip in these formats.
    path: String,
    /// When it was made.
    created_at: Instant,
}

impl From<Share> for TripShare {
    fn from(share: Share) -> Self {
        Self { path: format!("/trips/{}", share.token), created_at: Instant(share.created_at.into()), token: share.token }
    }
}

/// What broke in a saved trip.
#[derive(SimpleObject)]
pub struct TripIssue {
    /// The code.
    code: TripIssueCode,
    /// The same in words.
    text: LocalizedText,
    /// The day it breaks.
    date: Date,
    /// When the visit was to start.
    start: Instant,
    /// When it was to end.
    end: Instant,
    /// Global id of what was to be visited, whether it is still there or not.
    subject_id: ID,
    /// What was to be visited; null when it was withdrawn.
    subject: Option<TripSubject>,
    /// When the event takes place instead; null when nobody knows, and for all but `RESCHEDULED`.
    moved_to: Option<Instant>,
    /// Why it cannot be visited, for `NOT_POSSIBLE`.
    reason: Option<DropCode>,
}

impl TripIssue {
    fn of(issue: &Issue, trip: &SavedTrip, reader: &Reader<'_>) -> Self {
        let day = &trip.plan.days[issue.day];
        let zone = zone(&day.zone);
        let local = |instant: DateTime<Utc>| Instant::in_zone(instant, zone);
        Self {
            code: (&issue.trouble).into(),
            text: reader.text(&words::issue(issue, zone, reader.tongue(), reader.names())),
            date: Date(day.date),
            start: local(issue.start),
            end: local(issue.end),
            subject_id: match issue.subject {
                Subject::PointOfInterest(id) => GlobalId::PointOfInterest(id).encode(),
                Subject::Event(id, start) => GlobalId::EventOccurrence(id, start).encode(),
            },
            subject: reader.subject(issue.subject),
            moved_to: match issue.trouble {
                Trouble::Rescheduled(to) => to.map(local),
                _ => None,
            },
            reason: match &issue.trouble {
                Trouble::NotPossible(reason) => Some(reason.into()),
                _ => None,
            },
        }
    }
}

/// What a version of a trip holds.
#[derive(SimpleObject)]
pub struct TripContent {
    /// What its owner calls it.
    title: String,
    /// What its owner wants to remember; whoever has a link reads it too.
    note: Option<String>,
    /// What is wished for.
    request: TripRequest,
}

impl From<Content> for TripContent {
    fn from(content: Content) -> Self {
        Self { title: content.title.into(), note: content.note.map(Into::into), request: TripRequest(content.request) }
    }
}

/// Two changes that clash.
#[derive(SimpleObject)]
pub struct TripConflict {
    /// The fields that clash, such as `title`, `days.2026-12-12.endTime` or `mustSee.<id>`.
    #[graphql(directive = List::apply(5))]
    fields: Vec<String>,
    /// What both were made from; null when that version is forgotten, after 20 others.
    base: Option<TripContent>,
    /// What you asked for.
    mine: TripContent,
    /// What is in force.
    theirs: TripContent,
}

impl From<Conflict> for TripConflict {
    fn from(conflict: Conflict) -> Self {
        Self {
            fields: conflict.fields,
            base: conflict.base.map(Into::into),
            mine: conflict.mine.into(),
            theirs: conflict.theirs.content.into(),
        }
    }
}
