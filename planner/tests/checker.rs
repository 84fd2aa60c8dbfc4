//! The checker itself: a good plan passes, and a plan in which one thing is wrong is refused for that thing.

mod support;

use planner::checker::{Violation, check};
use planner::{Parts, Plan, Problem};
use support::{Rules, random_parts, search, valid};

fn good() -> (Parts, Plan) {
    let mut parts = random_parts(12, 14, 2, Rules::all());
    parts.days.iter_mut().for_each(|day| {
        day.max_stops = Some(4);
        day.walking_limit = Some(4_000);
        day.latest_end += 100;
    });
    parts.groups.iter_mut().for_each(|group| group.per_trip.max = None);
    let plan = search(&valid(parts.clone()), 1, 2_000).plan;
    assert!(plan.days.iter().all(|day| day.visits.len() >= 2), "{plan:?}");
    (parts, plan)
}

/// Breaks one thing and expects a violation that matches.
fn broken(change: impl FnOnce(&mut Parts, &mut Plan), matches: impl Fn(&Violation) -> bool) {
    let (mut parts, mut plan) = good();
    change(&mut parts, &mut plan);
    let problem: Problem = valid(parts);
    let found = check(&problem, &plan);
    assert!(found.iter().any(&matches), "found only {found:?}");
}

#[test]
fn a_good_plan_passes() {
    let (parts, plan) = good();
    assert_eq!(check(&valid(parts), &plan), []);
}

#[test]
fn missing_day() {
    broken(|_, plan| drop(plan.days.pop()), |violation| matches!(violation, Violation::Days { .. }));
}

#[test]
fn unknown_candidate() {
    broken(|_, plan| plan.days[0].visits[0].candidate = 99, |violation| matches!(violation, Violation::Unknown { .. }));
}

#[test]
fn visited_twice() {
    broken(
        |_, plan| {
            let visit = plan.days[0].visits[0];
            plan.days[1].visits.push(visit);
        },
        |violation| matches!(violation, Violation::Again { day: 1, .. }),
    );
}

#[test]
fn left_too_early() {
    broken(
        |parts, plan| parts.days[0].earliest_start = plan.days[0].depart + 1,
        |violation| matches!(violation, Violation::LeftEarly { day: 0 }),
    );
}

#[test]
fn no_way() {
    let forbid = |parts: &mut Parts| parts.modes.iter_mut().for_each(|mode| mode.seconds.fill(planner::NO_WAY));
    broken(|parts, _| forbid(parts), |violation| matches!(violation, Violation::NoWay { to: Some(_), .. }));
    broken(|parts, _| forbid(parts), |violation| matches!(violation, Violation::NoWay { to: None, .. }));
}

#[test]
fn times_that_do_not_add_up() {
    broken(|_, plan| plan.days[0].visits[1].arrive -= 1, |violation| matches!(violation, Violation::Times { .. }));
    broken(|_, plan| plan.days[0].visits[1].wait += 1, |violation| matches!(violation, Violation::Times { .. }));
    broken(|_, plan| plan.days[0].visits[1].leave -= 1, |violation| matches!(violation, Violation::Times { .. }));
    broken(|_, plan| plan.days[0].visits[1].travel += 1, |violation| matches!(violation, Violation::Times { .. }));
    broken(|_, plan| plan.days[0].visits[1].metres += 1, |violation| matches!(violation, Violation::Times { .. }));
    broken(|_, plan| plan.days[0].visits.swap(0, 1), |violation| matches!(violation, Violation::Times { .. }));
}

#[test]
fn closed() {
    broken(
        |parts, plan| parts.candidates[plan.days[0].visits[0].candidate].windows[0].clear(),
        |violation| matches!(violation, Violation::Closed { day: 0, .. }),
    );
}

#[test]
fn end_of_the_day() {
    broken(|_, plan| plan.days[0].finish -= 1, |violation| matches!(violation, Violation::Finish { day: 0 }));
    broken(|parts, plan| parts.days[0].latest_end = plan.days[0].finish - 1, |violation| matches!(violation, Violation::Late { day: 0 }));
}

#[test]
fn walking() {
    broken(|_, plan| plan.days[0].walked += 1, |violation| matches!(violation, Violation::Walked { day: 0 }));
    broken(
        |parts, plan| parts.days[0].walking_limit = Some(plan.days[0].walked as u32 - 1),
        |violation| matches!(violation, Violation::TooFar { day: 0, .. }),
    );
}

#[test]
fn stops() {
    broken(|parts, _| parts.days[1].max_stops = Some(1), |violation| matches!(violation, Violation::TooManyStops { day: 1, .. }));
}

#[test]
fn groups() {
    let fill = |parts: &mut Parts| parts.candidates.iter_mut().for_each(|candidate| candidate.groups = vec![0]);
    broken(
        |parts, _| {
            fill(parts);
            parts.groups[0].per_day = planner::Bounds { min: 0, max: Some(1) };
        },
        |violation| matches!(violation, Violation::GroupFull { group: 0, day: Some(_), .. }),
    );
    broken(
        |parts, _| {
            fill(parts);
            parts.groups[0].per_trip = planner::Bounds { min: 0, max: Some(3) };
        },
        |violation| matches!(violation, Violation::GroupFull { group: 0, day: None, .. }),
    );
}

#[test]
fn money() {
    broken(|_, plan| plan.cost += 1, |violation| matches!(violation, Violation::Cost { .. }));
    broken(|parts, plan| parts.budget = Some(plan.cost - 1), |violation| matches!(violation, Violation::OverBudget { .. }));
}

#[test]
fn sums_and_lists() {
    broken(|_, plan| plan.objective.score += 1, |violation| matches!(violation, Violation::Objective { .. }));
    broken(|_, plan| plan.objective.mandatory += 1, |violation| matches!(violation, Violation::Objective { .. }));
    broken(|_, plan| plan.objective.required += 1, |violation| matches!(violation, Violation::Objective { .. }));
    broken(|_, plan| plan.dropped_mandatory.push(0), |violation| matches!(violation, Violation::Dropped));
    broken(
        |parts, _| parts.groups.push(planner::Group { per_day: planner::Bounds { min: 1, max: None }, ..planner::Group::default() }),
        |violation| matches!(violation, Violation::Shortfalls),
    );
}
