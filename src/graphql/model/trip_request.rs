//! The wishes of a saved trip, as they are answered: what `TripPlanRequest` takes, with every default filled in.

use async_graphql::{Context, ID, Object, SimpleObject};

use super::enums::{AccessibilityProfile, TravelMode};
use super::facts::Location;
use super::point_of_interest::PointOfInterest;
use crate::domain::ids::RecordId;
use crate::graphql::context;
use crate::graphql::node::GlobalId;
use crate::graphql::query::plan_inputs::{TripPace, UnknownHoursPolicy};
use crate::graphql::scalars::{Date, Instant, LocalTime};
use crate::trips::plan::request::{DayRequest, Limit, Lunch, Place, PlanRequest};

/// The wishes of a saved trip.
pub struct TripRequest(pub PlanRequest);

/// Ids of places and events. One that is gone is given as that of a place.
fn ids(records: &[RecordId], context: &Context<'_>) -> Vec<ID> {
    let snapshot = &context::of(context).snapshot;
    let is_event = |id: RecordId| snapshot.place(id).is_none() && snapshot.find_event(|event| event.id == id).is_some();
    let id = |id: &RecordId| if is_event(*id) { GlobalId::Event(*id).encode() } else { GlobalId::PointOfInterest(*id).encode() };
    records.iter().map(id).collect()
}

/// The wishes of a saved trip: what `TripPlanRequest` takes, with every default filled in.
#[Object]
impl TripRequest {
    /// Slugs of the cities whose places and events may be chosen.
    async fn cities(&self) -> Vec<&str> {
        self.0.cities.iter().map(|slug| &**slug).collect()
    }

    /// The days.
    async fn days(&self) -> Vec<TripRequestDay> {
        self.0.days.iter().cloned().map(TripRequestDay).collect()
    }

    /// What is liked.
    async fn interests(&self) -> Vec<TripInterest> {
        let interest = |interest: &crate::trips::plan::request::Interest| TripInterest {
            category: interest.category.to_string(),
            weight: interest.weight,
        };
        self.0.interests.iter().map(interest).collect()
    }

    /// Global ids of what is to be seen in any case. Those who have a link are not told of what could not be planned because of
    /// `accessibleFor` or `youngestAge`.
    async fn must_see(&self, context: &Context<'_>) -> Vec<ID> {
        ids(&self.0.must_see, context)
    }

    /// Global ids of what is to be left out.
    async fn avoid(&self, context: &Context<'_>) -> Vec<ID> {
        ids(&self.0.avoid, context)
    }

    /// Numbers of visits by category.
    async fn limits(&self) -> Vec<TripCategoryLimit> {
        self.0.limits.iter().map(Into::into).collect()
    }

    /// Lunch each day; null when it is not planned.
    async fn lunch(&self) -> Option<TripLunch> {
        self.0.lunch.map(|Lunch { from, to }| TripLunch { from: LocalTime(from), to: LocalTime(to) })
    }

    /// Profiles of visitors who must be able to visit everything; none are told to those who have a link.
    async fn accessible_for(&self) -> Vec<AccessibilityProfile> {
        self.0.accessible_for.iter().map(|profile| (*profile).into()).collect()
    }

    /// What becomes of places of which that is not known; the default for those who have a link.
    async fn accessibility_unknown(&self) -> UnknownHoursPolicy {
        self.0.accessible_unknown.into()
    }

    /// What becomes of places without known hours.
    async fn unknown_hours(&self) -> UnknownHoursPolicy {
        self.0.unknown_hours.into()
    }

    /// Years of the youngest; null for those who have a link.
    async fn youngest_age(&self) -> Option<u32> {
        self.0.youngest_age
    }

    /// Whether there is a four-wheel drive.
    async fn four_wheel_drive(&self) -> bool {
        self.0.four_wheel_drive
    }

    /// When bookings can be made.
    async fn booked_at(&self) -> Option<Instant> {
        self.0.booked_at.map(|at| Instant(at.into()))
    }

    /// Reais for all entrances of all people together.
    async fn budget(&self) -> Option<String> {
        self.0.budget_cents.map(|cents| format!("{}.{:02}", cents / 100, cents % 100))
    }

    /// How many people.
    async fn people(&self) -> u32 {
        self.0.people
    }

    /// Metres a day on foot between the stops, at most.
    async fn walking_limit_meters(&self) -> Option<u32> {
        self.0.walking_limit_metres
    }

    /// How much is put into a day.
    async fn pace(&self) -> TripPace {
        self.0.pace.into()
    }

    /// Seed of the search.
    async fn seed(&self) -> u64 {
        self.0.seed
    }
}

/// A day that is wished for.
pub struct TripRequestDay(DayRequest);

/// A day that is wished for.
#[Object]
impl TripRequestDay {
    /// Its local date.
    async fn date(&self) -> Date {
        Date(self.0.date)
    }

    /// Local time at which the start may be left.
    async fn start_time(&self) -> LocalTime {
        LocalTime(self.0.start_time)
    }

    /// Local time by which the end is reached.
    async fn end_time(&self) -> LocalTime {
        LocalTime(self.0.end_time)
    }

    /// Where it starts.
    async fn start(&self) -> TripEnd {
        TripEnd(self.0.start)
    }

    /// Where it ends.
    async fn end(&self) -> TripEnd {
        TripEnd(self.0.end)
    }

    /// How one moves.
    async fn mode(&self) -> TravelMode {
        self.0.mode.into()
    }
}

/// Where a day starts or ends.
pub struct TripEnd(Place);

/// Where a day starts or ends.
#[Object]
impl TripEnd {
    /// The position.
    async fn location(&self) -> Location {
        self.0.position.into()
    }

    /// The place of the catalogue that was named; null when a position was, or when the place was withdrawn.
    async fn point_of_interest(&self, context: &Context<'_>) -> Option<PointOfInterest> {
        let snapshot = &context::of(context).snapshot;
        let found = snapshot.place(self.0.record?)?;
        PointOfInterest::of(snapshot, found.shard, found.number)
    }
}

/// How much a category is liked.
#[derive(SimpleObject)]
pub struct TripInterest {
    /// Slug.
    category: String,
    /// From 0, not at all, to 10.
    weight: u8,
}

/// Numbers of visits to a category and all below it.
#[derive(SimpleObject)]
pub struct TripCategoryLimit {
    /// Slug.
    category: String,
    /// At least so many a day.
    at_least_per_day: u32,
    /// At most so many a day.
    at_most_per_day: Option<u32>,
    /// At least so many in all.
    at_least_per_trip: u32,
    /// At most so many in all.
    at_most_per_trip: Option<u32>,
}

impl From<&Limit> for TripCategoryLimit {
    fn from(limit: &Limit) -> Self {
        Self {
            category: limit.category.to_string(),
            at_least_per_day: limit.at_least_a_day,
            at_most_per_day: limit.at_most_a_day,
            at_least_per_trip: limit.at_least,
            at_most_per_trip: limit.at_most,
        }
    }
}

/// Lunch at a food place each day.
#[derive(SimpleObject)]
pub struct TripLunch {
    /// It begins at this local time at the earliest.
    from: LocalTime,
    /// It begins at this local time at the latest.
    to: LocalTime,
}
