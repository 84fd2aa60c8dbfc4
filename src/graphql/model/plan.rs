//! Trip plans as they are answered.

use std::sync::Arc;

use async_graphql::{Context, ID, Object, SimpleObject, Union};
use chrono::DateTime;
use chrono_tz::Tz;

use super::event::EventOccurrence;
use super::leg::Leg;
use super::opening_hours::OpeningHours;
use super::plan_codes::{DropCode, ReasonCode, WarningCode};
use super::point_of_interest::PointOfInterest;
use super::text::LocalizedText;
use crate::catalogue::snapshot::Snapshot;
use crate::domain::ids::RecordId;
use crate::domain::language::LanguageTag;
use crate::domain::text::{Localized, Preferences, TextOrigin};
use crate::graphql::context::{self, RequestContext};
use crate::graphql::directives::{Cost, List, Sliced};
use crate::graphql::failure::{Code, Failure};
use crate::graphql::node::GlobalId;
use crate::graphql::query::plan_inputs::ReplanInput;
use crate::graphql::scalars::{Date, Duration, Instant};
use crate::trips::plan::answer::{self, Subject};
use crate::trips::plan::names::SnapshotNames;
use crate::trips::plan::request::PlanRequest;
use crate::trips::plan::words::{self, Names, Tongue};

/// A plan: what to see, in which order, on which day, and why.
pub struct TripPlan {
    plan: Arc<answer::TripPlan>,
    request: PlanRequest,
}

/// Units of the request's work that asking for a plan takes, made anew or not; the plan has a budget of its own.
pub const PLAN_EFFORT: u64 = 100_000;

impl TripPlan {
    /// Makes it, or takes it from the cache.
    pub async fn of(context: &Context<'_>, request: PlanRequest) -> Result<Self, Failure> {
        let asked = context::of(context);
        context::budget(context).draw(PLAN_EFFORT)?;
        let plan = asked.trips.plan(request.clone(), &asked.snapshot).await?;
        Ok(Self { plan, request })
    }

    /// One that was made before, for this request.
    pub const fn saved(plan: Arc<answer::TripPlan>, request: PlanRequest) -> Self {
        Self { plan, request }
    }
}

/// A plan: what to see, in which order, on which day, and why. The same request and catalogue version give the same plan.
#[Object]
impl TripPlan {
    /// The days as asked for.
    #[graphql(directive = List::apply(7))]
    async fn days(&self) -> Vec<TripDay> {
        (0..self.plan.days.len()).map(|number| TripDay { plan: Arc::clone(&self.plan), number }).collect()
    }

    /// Sum of the interest of all stops; only comparable between plans of like requests.
    async fn score(&self) -> f64 {
        self.plan.score as f64
    }

    /// What was considered and left out, each with its reason: what was insisted on first, then by interest; from 1 to 300.
    #[graphql(directive = Sliced::apply(20, &["first"]))]
    async fn dropped_candidates(
        &self,
        context: &Context<'_>,
        #[graphql(default = 20)] first: i32,
    ) -> Result<Vec<DroppedCandidate>, Failure> {
        let first = usize::try_from(first).ok().filter(|first| (1..=300).contains(first));
        let first = first.ok_or_else(|| Failure::new(Code::BadPage, "`first` is from 1 to 300"))?;
        let reader = Reader::of(context);
        let dropped = self.plan.dropped.iter().take(first).map(|one| DroppedCandidate {
            subject: reader.subject(one.subject),
            must_see: one.must_see,
            code: (&one.reason).into(),
            text: reader.text(&words::dropped(&one.reason, reader.tongue, reader.names())),
            clashes_with: match one.reason {
                answer::DropReason::ClashesWith(id) => reader.record(id),
                _ => None,
            },
        });
        Ok(dropped.collect())
    }

    /// What to know of the plan as a whole.
    #[graphql(directive = List::apply(3))]
    async fn warnings(&self, context: &Context<'_>) -> Vec<TripWarning> {
        let reader = Reader::of(context);
        self.plan.warnings.iter().map(|warning| reader.warning(warning)).collect()
    }

    /// Version of the catalogue the plan was made from.
    async fn catalogue_version(&self) -> String {
        self.plan.catalogue_version.to_string()
    }

    /// How it was searched.
    async fn solver(&self) -> PlanSolver {
        let elapsed = chrono::Duration::milliseconds(i64::try_from(self.plan.milliseconds).unwrap_or(i64::MAX));
        PlanSolver { iterations: self.plan.iterations, elapsed: Duration(elapsed), bound: self.plan.bound.map(|bound| bound as f64) }
    }

    /// The rest of the trip, planned anew from where the visitor is now; what was planned and still fits is kept where it can be.
    #[graphql(directive = Cost::apply(2_000))]
    async fn replan(&self, context: &Context<'_>, from: ReplanInput) -> Result<Option<TripPlan>, Failure> {
        let planned = self.plan.days.iter().flat_map(|day| &day.stops).map(|stop| stop.subject.record()).collect();
        let zones: Vec<Tz> = self.plan.days.iter().map(|day| zone(&day.zone)).collect();
        let here = from.resolve(&context::of(context).snapshot)?;
        Self::of(context, self.request.clone().from_here(here, planned, &zones)?).await.map(Some)
    }
}

/// How a plan was searched.
#[derive(SimpleObject)]
pub struct PlanSolver {
    /// Iterations done.
    iterations: u64,
    /// How long it took to make the plan, when it was made.
    elapsed: Duration,
    /// No plan for this request has a greater `score`: an upper bound, which the best plan may be well below. Null when not known.
    bound: Option<f64>,
}

/// The zone a plan names.
pub(super) fn zone(name: &str) -> Tz {
    // The name was written by us from a zone.
    name.parse().unwrap_or(chrono_tz::America::Cuiaba)
}

/// A day of a plan.
pub struct TripDay {
    plan: Arc<answer::TripPlan>,
    number: usize,
}

impl TripDay {
    fn day(&self) -> &answer::TripDay {
        &self.plan.days[self.number]
    }

    fn local(&self, instant: DateTime<chrono::Utc>) -> Instant {
        Instant::in_zone(instant, zone(&self.day().zone))
    }
}

/// A day of a plan.
#[Object]
impl TripDay {
    /// Its local date.
    async fn date(&self) -> Date {
        Date(self.day().date)
    }

    /// IANA zone of its times.
    async fn time_zone(&self) -> &str {
        &self.day().zone
    }

    /// When the start is left.
    async fn depart_at(&self) -> Instant {
        self.local(self.day().depart)
    }

    /// When the end is reached.
    async fn arrive_at(&self) -> Instant {
        self.local(self.day().arrive)
    }

    /// The stops in order.
    #[graphql(directive = List::apply(10))]
    async fn stops(&self) -> Vec<TripStop> {
        (0..self.day().stops.len()).map(|stop| TripStop { plan: Arc::clone(&self.plan), day: self.number, number: stop }).collect()
    }

    /// The legs: one to each stop, and the last one to the end of the day.
    #[graphql(directive = List::apply(10))]
    async fn legs(&self) -> Vec<Leg> {
        let zone = zone(&self.day().zone);
        self.day().legs.iter().map(|leg| Leg::planned(leg, zone)).collect()
    }

    /// Metres on foot between the stops.
    async fn walked_meters(&self) -> f64 {
        self.day().walked_metres as f64
    }
}

/// What is visited: a place, or an occurrence of an event.
#[derive(Union)]
pub enum TripSubject {
    /// A place.
    PointOfInterest(PointOfInterest),
    /// An occurrence of an event.
    EventOccurrence(EventOccurrence),
}

/// A stop of a plan.
pub struct TripStop {
    plan: Arc<answer::TripPlan>,
    day: usize,
    number: usize,
}

impl TripStop {
    fn stop(&self) -> &answer::TripStop {
        &self.plan.days[self.day].stops[self.number]
    }

    fn local(&self, instant: DateTime<chrono::Utc>) -> Instant {
        Instant::in_zone(instant, zone(&self.plan.days[self.day].zone))
    }
}

/// A stop of a plan.
#[Object]
impl TripStop {
    /// What is visited; null when it was withdrawn since.
    async fn subject(&self, context: &Context<'_>) -> Option<TripSubject> {
        Reader::of(context).subject(self.stop().subject)
    }

    /// Its global id, whether it is still there or not.
    async fn subject_id(&self) -> ID {
        match self.stop().subject {
            Subject::PointOfInterest(id) => GlobalId::PointOfInterest(id).encode(),
            Subject::Event(id, start) => GlobalId::EventOccurrence(id, start).encode(),
        }
    }

    /// When one arrives.
    async fn arrive(&self) -> Instant {
        self.local(self.stop().arrive)
    }

    /// When the visit starts: on arrival, or when it opens.
    async fn start(&self) -> Instant {
        self.local(self.stop().start)
    }

    /// When the visit ends.
    async fn depart(&self) -> Instant {
        self.local(self.stop().depart)
    }

    /// How long one waits for it to open.
    async fn wait(&self) -> Duration {
        Duration(self.stop().start - self.stop().arrive)
    }

    /// How much later one may arrive before the plan breaks.
    async fn slack(&self) -> Duration {
        Duration(chrono::Duration::seconds(i64::from(self.stop().slack_seconds)))
    }

    /// Opening hours of the place at the start of the visit; null for an event.
    async fn opening(&self, context: &Context<'_>) -> Result<Option<OpeningHours>, Failure> {
        let stop = self.stop();
        let Subject::PointOfInterest(id) = stop.subject else { return Ok(None) };
        Reader::of(context).place(id).map(|place| OpeningHours::of(place, stop.start, &context::budget(context))).transpose()
    }

    /// Why it was chosen.
    #[graphql(directive = List::apply(3))]
    async fn reasons(&self, context: &Context<'_>) -> Vec<TripReason> {
        let reader = Reader::of(context);
        let reason = |reason: &answer::Reason| TripReason {
            code: reason.into(),
            text: reader.text(&words::reason(reason, reader.tongue, reader.names())),
        };
        self.stop().reasons.iter().map(reason).collect()
    }

    /// What to know of it.
    #[graphql(directive = List::apply(3))]
    async fn warnings(&self, context: &Context<'_>) -> Vec<TripWarning> {
        let reader = Reader::of(context);
        self.stop().warnings.iter().map(|warning| reader.warning(warning)).collect()
    }

    /// Places that would fit in its stead, the most interesting first; from 1 to 5.
    #[graphql(directive = Sliced::apply(3, &["first"]))]
    async fn alternatives(&self, context: &Context<'_>, #[graphql(default = 3)] first: i32) -> Result<Vec<PointOfInterest>, Failure> {
        let first = usize::try_from(first).ok().filter(|first| (1..=5).contains(first));
        let first = first.ok_or_else(|| Failure::new(Code::BadPage, "`first` is from 1 to 5"))?;
        let reader = Reader::of(context);
        Ok(self.stop().alternatives.iter().filter_map(|id| reader.place(*id)).take(first).collect())
    }

    /// Interest of the stop.
    async fn score(&self) -> f64 {
        f64::from(self.stop().score)
    }
}

/// Why a stop was chosen.
#[derive(SimpleObject)]
pub struct TripReason {
    /// The code.
    code: ReasonCode,
    /// The same in words.
    text: LocalizedText,
}

/// What to know of a plan or a stop.
#[derive(SimpleObject)]
pub struct TripWarning {
    /// The code.
    code: WarningCode,
    /// The same in words.
    text: LocalizedText,
    /// The day it speaks of; null when all.
    date: Option<Date>,
    /// What it speaks of; null when nothing in particular.
    subject: Option<TripSubject>,
}

/// Something left out of a plan.
#[derive(SimpleObject)]
pub struct DroppedCandidate {
    /// What; null when it was withdrawn since.
    subject: Option<TripSubject>,
    /// Whether the visitor insisted on it.
    must_see: bool,
    /// Why.
    code: DropCode,
    /// The same in words.
    text: LocalizedText,
    /// What it clashes with, for `CLASHES_WITH`.
    clashes_with: Option<TripSubject>,
}

/// What a reader needs to be told codes in words.
pub(super) struct Reader<'a> {
    snapshot: &'a Arc<Snapshot>,
    preferences: &'a Preferences,
    tongue: Tongue,
    names: SnapshotNames<'a>,
}

impl<'a> Reader<'a> {
    pub(super) fn of(context: &Context<'a>) -> Self {
        let RequestContext { snapshot, preferences, .. } = context::of(context);
        Self { snapshot, preferences, tongue: Tongue::of(preferences), names: SnapshotNames { snapshot, preferences } }
    }

    /// The language with words that the reader gets.
    pub(super) const fn tongue(&self) -> Tongue {
        self.tongue
    }

    /// Names as the reader reads them.
    pub(super) const fn names(&self) -> &dyn Names {
        &self.names
    }

    /// Words of ours as a text.
    pub(super) fn text(&self, value: &str) -> LocalizedText {
        let language = LanguageTag::parse(self.tongue.tag()).unwrap_or_else(|_| LanguageTag::portuguese());
        let wanted = self.preferences.tags().first();
        let origin = match wanted {
            None => TextOrigin::Requested,
            Some(wanted) if *wanted == language => TextOrigin::Requested,
            Some(wanted) if wanted.shared_subtags(&language) > 0 => TextOrigin::Related,
            Some(_) => TextOrigin::Fallback,
        };
        Localized { value, language: &language, origin, state: None }.into()
    }

    fn place(&self, id: RecordId) -> Option<PointOfInterest> {
        let found = self.snapshot.place(id)?;
        PointOfInterest::of(self.snapshot, found.shard, found.number)
    }

    /// What is visited, when it is still there.
    pub(super) fn subject(&self, subject: Subject) -> Option<TripSubject> {
        match subject {
            Subject::PointOfInterest(id) => self.place(id).map(TripSubject::PointOfInterest),
            Subject::Event(id, start) => {
                let found = self.snapshot.event(id)?;
                EventOccurrence::starting(self.snapshot, found.shard, found.number, start).map(TripSubject::EventOccurrence)
            }
        }
    }

    fn record(&self, id: RecordId) -> Option<TripSubject> {
        self.place(id).map(TripSubject::PointOfInterest)
    }

    fn warning(&self, warning: &answer::Warning) -> TripWarning {
        let date = match warning {
            answer::Warning::NoLunch(date)
            | answer::Warning::TooFew(_, Some(date))
            | answer::Warning::DayCannotBeTravelled(date)
            | answer::Warning::EmptyDay(date) => Some(Date(*date)),
            _ => None,
        };
        let subject = match warning {
            answer::Warning::MustSeeDropped(id) => self.record(*id),
            _ => None,
        };
        TripWarning { code: warning.into(), text: self.text(&words::warning(warning, self.tongue, self.names())), date, subject }
    }
}
