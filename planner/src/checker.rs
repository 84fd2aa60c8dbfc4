//! Verifies a plan against its problem. It shares no code with the search: every time, sum and rule is worked out again
//! here from the problem's raw numbers, and all that is wrong is listed, not only the first.

use crate::matrix::NO_WAY;
use crate::plan::{DayPlan, Objective, Plan, Shortfall};
use crate::problem::Problem;

/// Something wrong in a plan. `day` and `candidate` are indices; times are in the problem's unit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Violation {
    /// The plan has not one entry a day.
    #[error("{found} days planned, the problem has {expected}")]
    Days {
        /// Days in the plan.
        found: usize,
        /// Days of the problem.
        expected: usize,
    },
    /// A visit of something that does not exist.
    #[error("day {day}: candidate {candidate} does not exist")]
    Unknown {
        /// The day.
        day: usize,
        /// The candidate.
        candidate: usize,
    },
    /// A candidate is visited a second time.
    #[error("day {day}: candidate {candidate} is visited again")]
    Again {
        /// The day of the second visit.
        day: usize,
        /// The candidate.
        candidate: usize,
    },
    /// The day is left before its earliest start.
    #[error("day {day}: left too early")]
    LeftEarly {
        /// The day.
        day: usize,
    },
    /// A leg that cannot be travelled.
    #[error("day {day}: no way to {to:?}")]
    NoWay {
        /// The day.
        day: usize,
        /// The candidate it leads to; `None`: the day's end.
        to: Option<usize>,
    },
    /// Arrival, start, wait, travel or end of a visit do not follow from what is before.
    #[error("day {day}: the times of candidate {candidate} do not add up")]
    Times {
        /// The day.
        day: usize,
        /// The candidate.
        candidate: usize,
    },
    /// A visit starts outside of the candidate's windows of the day.
    #[error("day {day}: candidate {candidate} is not open")]
    Closed {
        /// The day.
        day: usize,
        /// The candidate.
        candidate: usize,
    },
    /// The stated end of the day is not when the end point is reached.
    #[error("day {day}: the stated end is wrong")]
    Finish {
        /// The day.
        day: usize,
    },
    /// The end point is reached too late.
    #[error("day {day}: ends too late")]
    Late {
        /// The day.
        day: usize,
    },
    /// The stated metres walked are wrong.
    #[error("day {day}: the stated metres walked are wrong")]
    Walked {
        /// The day.
        day: usize,
    },
    /// More metres than the walking limit.
    #[error("day {day}: {walked} m walked, {limit} m allowed")]
    TooFar {
        /// The day.
        day: usize,
        /// Metres walked.
        walked: u64,
        /// Metres allowed.
        limit: u32,
    },
    /// More visits than the day allows.
    #[error("day {day}: {visits} stops, {limit} allowed")]
    TooManyStops {
        /// The day.
        day: usize,
        /// Visits planned.
        visits: usize,
        /// Visits allowed.
        limit: u32,
    },
    /// More visits of a group than allowed, on a day or (`None`) in the trip.
    #[error("group {group}: {visits} visits, {limit} allowed (day {day:?})")]
    GroupFull {
        /// The group.
        group: usize,
        /// The day.
        day: Option<usize>,
        /// Visits planned.
        visits: u32,
        /// Visits allowed.
        limit: u32,
    },
    /// The stated cost is wrong.
    #[error("the stated cost is {stated}, it is {cost}")]
    Cost {
        /// As stated.
        stated: u64,
        /// As counted.
        cost: u64,
    },
    /// More money than the budget.
    #[error("{cost} spent of {budget}")]
    OverBudget {
        /// Spent.
        cost: u64,
        /// Allowed.
        budget: u64,
    },
    /// The stated objective is wrong.
    #[error("the stated objective is {stated:?}, it is {counted:?}")]
    Objective {
        /// As stated.
        stated: Objective,
        /// As counted.
        counted: Objective,
    },
    /// The list of mandatory candidates left out is wrong.
    #[error("the mandatory candidates left out are not those stated")]
    Dropped,
    /// The list of unmet least numbers is wrong.
    #[error("the unmet least numbers are not those stated")]
    Shortfalls,
}

/// All that is wrong with the plan; empty: nothing is.
pub fn check(problem: &Problem, plan: &Plan) -> Vec<Violation> {
    let expected = problem.days().len();
    if plan.days.len() != expected {
        return vec![Violation::Days { found: plan.days.len(), expected }];
    }
    let mut wrong = Vec::new();
    let mut visited_on: Vec<Option<usize>> = vec![None; problem.candidates().len()];
    for (day, planned) in plan.days.iter().enumerate() {
        for visit in &planned.visits {
            match visited_on.get_mut(visit.candidate) {
                None => wrong.push(Violation::Unknown { day, candidate: visit.candidate }),
                Some(Some(_)) => wrong.push(Violation::Again { day, candidate: visit.candidate }),
                Some(place) => *place = Some(day),
            }
        }
    }
    if wrong.iter().any(|violation| matches!(violation, Violation::Unknown { .. })) {
        return wrong;
    }
    for (day, planned) in plan.days.iter().enumerate() {
        check_day(problem, day, planned, &mut wrong);
    }
    check_sums(problem, plan, &visited_on, &mut wrong);
    wrong
}

fn check_day(problem: &Problem, index: usize, planned: &DayPlan, wrong: &mut Vec<Violation>) {
    let (day, matrix) = (&problem.days()[index], &problem.modes()[problem.days()[index].mode]);
    let cell = |from: usize, to: usize| from * matrix.points + to;
    let metres = |from: usize, to: usize| if matrix.metres.is_empty() { 0 } else { matrix.metres[cell(from, to)] };
    if planned.depart < day.earliest_start {
        wrong.push(Violation::LeftEarly { day: index });
    }
    let (mut now, mut at, mut walked) = (u64::from(planned.depart), day.start_point, 0_u64);
    for visit in &planned.visits {
        let candidate = &problem.candidates()[visit.candidate];
        let travel = matrix.seconds[cell(at, candidate.point)];
        if travel == NO_WAY {
            wrong.push(Violation::NoWay { day: index, to: Some(visit.candidate) });
        }
        let arrive = now + u64::from(travel);
        let adds_up = u64::from(visit.arrive) == arrive
            && visit.travel == travel
            && visit.metres == metres(at, candidate.point)
            && u64::from(visit.start) == arrive + u64::from(visit.wait)
            && u64::from(visit.leave) == u64::from(visit.start) + u64::from(candidate.duration);
        if !adds_up {
            wrong.push(Violation::Times { day: index, candidate: visit.candidate });
        }
        if !candidate.windows[index].iter().any(|window| (window.open..=window.close).contains(&visit.start)) {
            wrong.push(Violation::Closed { day: index, candidate: visit.candidate });
        }
        walked += if matrix.on_foot { u64::from(metres(at, candidate.point)) } else { 0 };
        now = u64::from(visit.leave);
        at = candidate.point;
    }
    if planned.visits.is_empty() && planned.finish == planned.depart && planned.walked == 0 {
        return; // An idle day need not be travelled.
    }
    let last = matrix.seconds[cell(at, day.end_point)];
    if last == NO_WAY {
        wrong.push(Violation::NoWay { day: index, to: None });
    }
    if u64::from(planned.finish) != now + u64::from(last) {
        wrong.push(Violation::Finish { day: index });
    }
    if now + u64::from(last) > u64::from(day.latest_end) {
        wrong.push(Violation::Late { day: index });
    }
    walked += if matrix.on_foot { u64::from(metres(at, day.end_point)) } else { 0 };
    if walked != planned.walked {
        wrong.push(Violation::Walked { day: index });
    }
    if let Some(limit) = day.walking_limit.filter(|limit| walked > u64::from(*limit)) {
        wrong.push(Violation::TooFar { day: index, walked, limit });
    }
    if let Some(limit) = day.max_stops.filter(|limit| planned.visits.len() > *limit as usize) {
        wrong.push(Violation::TooManyStops { day: index, visits: planned.visits.len(), limit });
    }
}

fn check_sums(problem: &Problem, plan: &Plan, visited_on: &[Option<usize>], wrong: &mut Vec<Violation>) {
    let (mut cost, mut counted, mut dropped) = (0_u64, Objective::default(), Vec::new());
    for (index, candidate) in problem.candidates().iter().enumerate() {
        if visited_on[index].is_some() {
            cost += candidate.cost;
            counted.score += u64::from(candidate.score);
            counted.mandatory += u32::from(candidate.mandatory);
        } else if candidate.mandatory {
            dropped.push(index);
        }
    }
    let mut shortfalls = Vec::new();
    for (group, bounds) in problem.groups().iter().enumerate() {
        let in_group = |index: &usize| problem.candidates()[*index].groups.contains(&group);
        for day in (0..problem.days().len()).map(Some).chain([None]) {
            let on_day = |index: &usize| if day.is_some() { visited_on[*index] == day } else { visited_on[*index].is_some() };
            let planned = (0..visited_on.len()).filter(in_group).filter(on_day).count() as u32;
            let bound = if day.is_some() { bounds.per_day } else { bounds.per_trip };
            counted.required += planned.min(bound.min);
            if planned < bound.min {
                shortfalls.push(Shortfall { group, day, wanted: bound.min, planned });
            }
            if let Some(limit) = bound.max.filter(|limit| planned > *limit) {
                wrong.push(Violation::GroupFull { group, day, visits: planned, limit });
            }
        }
    }
    if cost != plan.cost {
        wrong.push(Violation::Cost { stated: plan.cost, cost });
    }
    if let Some(budget) = problem.budget().filter(|budget| cost > *budget) {
        wrong.push(Violation::OverBudget { cost, budget });
    }
    if counted != plan.objective {
        wrong.push(Violation::Objective { stated: plan.objective, counted });
    }
    let mut stated = plan.dropped_mandatory.clone();
    stated.sort_unstable();
    if stated != dropped {
        wrong.push(Violation::Dropped);
    }
    let same = shortfalls.len() == plan.shortfalls.len() && shortfalls.iter().all(|one| plan.shortfalls.contains(one));
    if !same {
        wrong.push(Violation::Shortfalls);
    }
}
