//! What those are not told who have a link to a trip: wishes that tell of somebody's health or age, and whatever in the plan follows
//! from them by name. What is computed for them, such as issues and a repair, is computed from what they are told, so that nothing
//! else can show through.

use std::collections::HashSet;
use std::sync::Arc;

use super::plan::answer::{DropReason, TripPlan, Warning};
use super::plan::request::{PlanRequest, Unknown};
use super::saved::SavedTrip;
use crate::domain::ids::RecordId;

/// The trip as those read it who have a link.
pub(super) fn for_readers(mut trip: SavedTrip) -> SavedTrip {
    let mut plan = Arc::unwrap_or_clone(trip.plan);
    let request = &trip.content.request;
    // What is missing may be missing because of them.
    if !request.accessible_for.is_empty() || request.youngest_age.is_some() {
        plan.warnings.retain(|warning| !tells_of_what_is_missing(warning));
    }
    let hidden: HashSet<RecordId> =
        plan.dropped.iter().filter(|one| reason_is_private(&one.reason)).map(|one| one.subject.record()).collect();
    discreet_plan(&mut plan, &hidden);
    discreet_request(&mut trip.content.request, &hidden);
    SavedTrip { plan: Arc::new(plan), ..trip }
}

fn discreet_request(request: &mut PlanRequest, hidden: &HashSet<RecordId>) {
    request.accessible_for.clear();
    request.accessible_unknown = Unknown::default();
    request.youngest_age = None;
    // Insisted on, not planned, and no reason told: that would tell the reason.
    request.must_see.retain(|id| !hidden.contains(id));
}

fn discreet_plan(plan: &mut TripPlan, hidden: &HashSet<RecordId>) {
    plan.dropped.retain(|one| !hidden.contains(&one.subject.record()));
    plan.warnings.retain(|warning| !warning_is_private(warning, hidden));
    for stop in plan.days.iter_mut().flat_map(|day| &mut day.stops) {
        stop.warnings.retain(|warning| !warning_is_private(warning, hidden));
    }
}

/// Whether the reason is there only because somebody has a disability or is young.
const fn reason_is_private(reason: &DropReason) -> bool {
    match reason {
        DropReason::MinimumAge(_) | DropReason::NotAccessible | DropReason::AccessibilityUnknown => true,
        DropReason::ClosedAllDays
        | DropReason::UnknownHours
        | DropReason::OutOfSeason
        | DropReason::FourWheelDriveRequired
        | DropReason::BookingTooLate(_)
        | DropReason::TooFar
        | DropReason::NotOpenWhenThere
        | DropReason::OverWalking
        | DropReason::OverBudget
        | DropReason::ClashesWith(_)
        | DropReason::EnoughOfItsKind(_)
        | DropReason::DayIsFull
        | DropReason::NoTime
        | DropReason::LessInterest
        | DropReason::UnknownPosition => false,
    }
}

const fn tells_of_what_is_missing(warning: &Warning) -> bool {
    match warning {
        Warning::TooFew(..) | Warning::EmptyDay(_) | Warning::NoLunch(_) => true,
        Warning::AccessibilityUnknown
        | Warning::MustSeeDropped(_)
        | Warning::UnknownHours
        | Warning::AssumedDuration(_)
        | Warning::GuideRequired
        | Warning::VoucherOnly
        | Warning::BookAhead(_)
        | Warning::LimitedCapacity(_)
        | Warning::FourWheelDriveRequired
        | Warning::UnknownPrice
        | Warning::EstimatedTravel
        | Warning::DayCannotBeTravelled(_)
        | Warning::ManyCandidates(_) => false,
    }
}

fn warning_is_private(warning: &Warning, hidden: &HashSet<RecordId>) -> bool {
    match warning {
        Warning::AccessibilityUnknown => true,
        Warning::MustSeeDropped(id) => hidden.contains(id),
        Warning::UnknownHours
        | Warning::AssumedDuration(_)
        | Warning::GuideRequired
        | Warning::VoucherOnly
        | Warning::BookAhead(_)
        | Warning::LimitedCapacity(_)
        | Warning::FourWheelDriveRequired
        | Warning::UnknownPrice
        | Warning::NoLunch(_)
        | Warning::TooFew(..)
        | Warning::EstimatedTravel
        | Warning::DayCannotBeTravelled(_)
        | Warning::EmptyDay(_)
        | Warning::ManyCandidates(_) => false,
    }
}
