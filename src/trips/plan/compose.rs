//! The answer: times as instants, legs, reasons, drops and warnings of a finished search.

use planner::explain::{Explanation, Reason as Why};
use planner::{NO_WAY, Plan};

use super::answer::{DropReason, Dropped, Reason, Subject, TripDay, TripLeg, TripPlan, TripStop, Warning};
use super::candidates::{Candidates, Choice};
use super::hours::DaySpan;
use super::interest::Wishes;
use super::request::PlanRequest;
use super::solve::{GroupMeaning, Posed};
use crate::catalogue::snapshot::Snapshot;
use crate::domain::geo::Position;
use crate::travel::Confidence;

/// Places offered in the stead of a stop.
const ALTERNATIVES: usize = 5;
/// A stop is close to the one before within so many metres.
const CLOSE_METRES: u32 = 1_500;

/// What the answer is made of.
pub struct Composition<'a> {
    /// What was asked.
    pub request: &'a PlanRequest,
    /// The days.
    pub days: &'a [DaySpan],
    /// The catalogue.
    pub snapshot: &'a Snapshot,
    /// What could be visited.
    pub candidates: Candidates,
    /// The problem.
    pub posed: &'a Posed,
    /// Points of the problem.
    pub points: &'a [Position],
    /// Confidence by mode of the problem.
    pub confidence: &'a [Confidence],
}

impl Composition<'_> {
    /// The answer for a plan of the problem. Iterations and time are filled in by the caller.
    pub fn answer(mut self, plan: &Plan) -> TripPlan {
        let explanation = Explanation::new(&self.posed.problem, plan);
        let days: Vec<TripDay> = (0..self.days.len()).map(|day| self.day(day, plan, &explanation)).collect();
        let mut warnings = self.warnings(plan, &days);
        let mut dropped = std::mem::take(&mut self.candidates.dropped);
        let mut left: Vec<Dropped> = Vec::new();
        for (number, choice) in self.candidates.options.iter().enumerate() {
            // Nobody asked why a place was not lunch; and another occurrence of a planned event is not left out.
            let is_planned_otherwise =
                || days.iter().flat_map(|day| &day.stops).any(|stop| stop.subject.record() == choice.subject.record());
            if choice.is_lunch || is_planned_otherwise() {
                continue;
            }
            if let Some(why) = explanation.why_not(number) {
                left.push(Dropped { subject: choice.subject, must_see: choice.must_see, reason: self.reason(why) });
            }
        }
        dropped.retain(|one| {
            one.must_see || !days.iter().flat_map(|day| &day.stops).any(|stop| stop.subject.record() == one.subject.record())
        });
        // The options stand in the order of interest: what was insisted on, then the most interesting.
        let (first, rest): (Vec<_>, Vec<_>) = dropped.into_iter().chain(left).partition(|one| one.must_see);
        let dropped: Vec<Dropped> = first.into_iter().chain(rest).collect();
        let must_see = dropped.iter().filter(|one| one.must_see).map(|one| Warning::MustSeeDropped(one.subject.record()));
        let missed: Vec<Warning> = must_see.collect();
        warnings.splice(0..0, missed);
        TripPlan {
            days,
            score: plan.objective.score,
            bound: None,
            dropped,
            warnings,
            catalogue_version: self.snapshot.version,
            iterations: 0,
            milliseconds: 0,
        }
    }

    fn choice(&self, number: usize) -> &Choice {
        &self.candidates.options[number]
    }

    fn day(&self, number: usize, plan: &Plan, explanation: &Explanation<'_>) -> TripDay {
        let (span, day, planned) = (&self.days[number], &self.request.days[number], &plan.days[number]);
        let slacks = explanation.slacks(number);
        let mut stops = Vec::with_capacity(planned.visits.len());
        let mut legs = Vec::with_capacity(planned.visits.len() + 1);
        let (mut point, mut left) = (number * 2, planned.depart);
        let confidence = self.confidence[self.posed.problem.days()[number].mode];
        let leg = |from: usize, to: usize, depart: u32, arrive: u32, metres: u32| TripLeg {
            mode: day.mode,
            depart: span.instant(depart),
            arrive: span.instant(arrive),
            metres,
            from: self.points[from],
            to: self.points[to],
            confidence,
        };
        for (visit, slack) in planned.visits.iter().zip(slacks) {
            let to = self.days.len() * 2 + visit.candidate;
            legs.push(leg(point, to, left, visit.arrive, visit.metres));
            let choice = self.choice(visit.candidate);
            let mut warnings = choice.warnings.clone();
            if choice.assumed_hours[number] {
                warnings.insert(0, Warning::UnknownHours);
            }
            stops.push(TripStop {
                subject: choice.subject,
                arrive: span.instant(visit.arrive),
                start: span.instant(visit.start),
                depart: span.instant(visit.leave - choice.rest),
                slack_seconds: slack.slack,
                reasons: self.reasons(choice, stops.is_empty(), visit.metres),
                warnings,
                alternatives: self.alternatives(explanation, visit.candidate),
                score: choice.score,
            });
            (point, left) = (to, visit.leave);
        }
        let matrix = self.posed.problem.matrix(number);
        let end = number * 2 + 1;
        // A day that cannot be travelled stands still: it ends when it begins, and nobody goes anywhere.
        if u64::from(left) + u64::from(matrix.time(point, end)) == u64::from(planned.finish) {
            legs.push(leg(point, end, left, planned.finish, matrix.length(point, end)));
        }
        TripDay {
            date: span.date,
            zone: span.zone.name().into(),
            depart: span.instant(planned.depart),
            arrive: span.instant(planned.finish),
            stops,
            legs,
            walked_metres: planned.walked,
        }
    }

    fn reasons(&self, choice: &Choice, is_first: bool, metres: u32) -> Vec<Reason> {
        let tree = &self.snapshot.reference.categories;
        let mut reasons = Vec::new();
        if choice.must_see {
            reasons.push(Reason::MustSee);
        }
        if choice.is_lunch {
            reasons.push(Reason::Lunch);
        }
        let named = Wishes::new(tree, &self.request.interests).named(choice.category).filter(|(_, weight)| *weight > 0);
        if let Some(category) = named.and_then(|(category, _)| tree.get(category)) {
            reasons.push(Reason::MatchesInterest(category.slug.clone()));
        }
        if matches!(choice.subject, Subject::Event(..)) {
            reasons.push(Reason::TakesPlaceThen);
        }
        if choice.routes > 0 {
            reasons.push(Reason::OnCuratedRoutes(choice.routes));
        }
        if !is_first && metres <= CLOSE_METRES {
            reasons.push(Reason::CloseToPrevious(metres));
        }
        if reasons.is_empty() {
            reasons.push(Reason::FitsBest);
        }
        reasons
    }

    fn alternatives(&self, explanation: &Explanation<'_>, candidate: usize) -> Vec<crate::domain::ids::RecordId> {
        let fitting = explanation.replacements(candidate, ALTERNATIVES * 2).into_iter();
        let places = fitting.filter_map(|number| match self.choice(number).subject {
            Subject::PointOfInterest(id) => Some(id),
            Subject::Event(..) => None,
        });
        places.take(ALTERNATIVES).collect()
    }

    fn reason(&self, why: Why) -> DropReason {
        match why {
            Why::ClosedAllDays => DropReason::ClosedAllDays,
            Why::TooFar => DropReason::TooFar,
            Why::NotOpenWhenThere => DropReason::NotOpenWhenThere,
            Why::OverWalking | Why::NoWalkingLeft => DropReason::OverWalking,
            Why::OverBudget | Why::NoBudgetLeft => DropReason::OverBudget,
            Why::ClashesWith(other) => DropReason::ClashesWith(self.choice(other).subject.record()),
            Why::GroupFull(group) => match self.posed.groups.get(group) {
                Some(GroupMeaning::Limit(limit)) => DropReason::EnoughOfItsKind(self.request.limits[*limit].category.clone()),
                _ => DropReason::LessInterest,
            },
            Why::NoStopsLeft => DropReason::DayIsFull,
            Why::NoTime => DropReason::NoTime,
            // Explanations may grow; what is new is at least no better than what was planned.
            _ => DropReason::LessInterest,
        }
    }

    /// Whether the day is under way at lunchtime: who arrives at 14:00 misses no lunch.
    fn has_lunchtime(&self, date: chrono::NaiveDate) -> bool {
        let days = self.request.days.iter().filter(|day| day.date == date);
        self.request.lunch.is_some_and(|lunch| days.into_iter().any(|day| day.start_time < lunch.to && lunch.from < day.end_time))
    }

    /// Whether one gets from the start of the day to its end in time, and on foot without walking more than is wanted.
    fn can_be_travelled(&self, number: usize) -> bool {
        let (day, matrix) = (&self.posed.problem.days()[number], self.posed.problem.matrix(number));
        let (time, walked) = (matrix.time(day.start_point, day.end_point), matrix.walked(day.start_point, day.end_point));
        let is_in_time = time != NO_WAY && u64::from(day.earliest_start) + u64::from(time) <= u64::from(day.latest_end);
        is_in_time && day.walking_limit.is_none_or(|limit| walked <= limit)
    }

    fn warnings(&self, plan: &Plan, days: &[TripDay]) -> Vec<Warning> {
        let mut warnings = Vec::new();
        for (number, day) in days.iter().enumerate() {
            if !self.can_be_travelled(number) {
                warnings.push(Warning::DayCannotBeTravelled(day.date));
            } else if day.stops.is_empty() {
                warnings.push(Warning::EmptyDay(day.date));
            }
        }
        for shortfall in &plan.shortfalls {
            let date = shortfall.day.map(|day| self.days[day].date);
            match (self.posed.groups.get(shortfall.group), date) {
                (Some(GroupMeaning::Lunch), Some(date)) if self.has_lunchtime(date) => warnings.push(Warning::NoLunch(date)),
                (Some(GroupMeaning::Limit(limit)), date) => {
                    warnings.push(Warning::TooFew(self.request.limits[*limit].category.clone(), date));
                }
                _ => {}
            }
        }
        if self.candidates.is_cut {
            warnings.push(Warning::ManyCandidates(super::candidates::MAX_CONSIDERED as u32));
        }
        if days.iter().flat_map(|day| &day.legs).any(|leg| leg.confidence == Confidence::Estimated && leg.metres > 0) {
            warnings.push(Warning::EstimatedTravel);
        }
        warnings
    }
}
