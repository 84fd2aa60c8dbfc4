//! Each rule in a case small enough to see, in which it binds, with the reason told for what it keeps out.

mod support;

use planner::checker::check;
use planner::explain::{Explanation, Reason};
use planner::{Bounds, Candidate, Day, Group, Parts, Plan, TravelMatrix, Window};
use support::{search, valid};

/// Four places on a line, 10 apart, the hotel at 0; one day of 1,000 that has room for all, unless a test takes it away.
fn line() -> Parts {
    let at = [0_u32, 10, 20, 30, 40];
    let seconds: Vec<u32> = at.iter().flat_map(|from| at.iter().map(|to| from.abs_diff(*to))).collect();
    let metres = seconds.iter().map(|seconds| seconds * 10).collect();
    let candidate = |point: usize, score| Candidate {
        point,
        duration: 10,
        score,
        cost: 100,
        mandatory: false,
        windows: vec![vec![Window { open: 0, close: 1_000 }]],
        groups: Vec::new(),
    };
    Parts {
        days: vec![Day {
            start_point: 0,
            end_point: 0,
            earliest_start: 0,
            latest_end: 1_000,
            mode: 0,
            walking_limit: None,
            max_stops: None,
        }],
        candidates: vec![candidate(1, 10), candidate(2, 20), candidate(3, 30), candidate(4, 40)],
        groups: Vec::new(),
        modes: vec![TravelMatrix { points: 5, seconds, metres, on_foot: true }],
        budget: None,
    }
}

/// Solves, checks, and tells the candidates planned (ascending) and the reasons of the others.
fn solved(parts: Parts) -> (Plan, Vec<usize>, Vec<Reason>) {
    let problem = valid(parts);
    let plan = search(&problem, 1, 500).plan;
    assert_eq!(check(&problem, &plan), []);
    let explanation = Explanation::new(&problem, &plan);
    let mut planned: Vec<usize> = plan.order().concat();
    planned.sort_unstable();
    let reasons = (0..problem.candidates().len()).filter_map(|candidate| explanation.why_not(candidate)).collect();
    (plan, planned, reasons)
}

#[test]
fn all_fit_when_nothing_binds() {
    let (plan, planned, reasons) = solved(line());
    assert_eq!((planned, reasons), (vec![0, 1, 2, 3], vec![]));
    assert_eq!(plan.objective.score, 100);
}

#[test]
fn the_length_of_the_day_binds() {
    let mut parts = line();
    parts.days[0].latest_end = 110;
    let (_, planned, reasons) = solved(parts);
    assert_eq!((planned, reasons), (vec![1, 2, 3], vec![Reason::LessInterest]));
    let mut parts = line();
    parts.days[0].latest_end = 85;
    let (_, planned, reasons) = solved(parts);
    assert_eq!((planned, reasons), (vec![1, 2], vec![Reason::LessInterest, Reason::TooFar]));
}

#[test]
fn windows_bind_and_the_second_window_of_a_day_counts() {
    let mut parts = line();
    parts.candidates[3].windows[0] = vec![Window { open: 0, close: 5 }];
    parts.candidates[2].windows[0].clear();
    parts.candidates[1].windows[0] = vec![Window { open: 0, close: 5 }, Window { open: 500, close: 510 }];
    let (plan, planned, reasons) = solved(parts);
    assert_eq!((planned, reasons), (vec![0, 1], vec![Reason::ClosedAllDays, Reason::NotOpenWhenThere]));
    let visit = plan.days[0].visits.iter().find(|visit| visit.candidate == 1).copied();
    assert_eq!(visit.map(|visit| visit.start), Some(500));
}

#[test]
fn the_walking_limit_binds() {
    let mut parts = line();
    parts.days[0].walking_limit = Some(600);
    let (plan, planned, reasons) = solved(parts);
    assert_eq!((planned, reasons), (vec![0, 1, 2], vec![Reason::OverWalking]));
    assert_eq!(plan.days[0].walked, 600);
}

#[test]
fn the_walking_limit_is_of_ways_on_foot_only() {
    let mut parts = line();
    parts.days[0].walking_limit = Some(600);
    parts.modes[0].on_foot = false;
    assert_eq!(solved(parts).1, vec![0, 1, 2, 3]);
}

#[test]
fn the_number_of_stops_binds() {
    let mut parts = line();
    parts.days[0].max_stops = Some(2);
    let (_, planned, reasons) = solved(parts);
    assert_eq!((planned, reasons), (vec![2, 3], vec![Reason::LessInterest, Reason::LessInterest]));
}

#[test]
fn the_budget_binds() {
    let mut parts = line();
    parts.budget = Some(250);
    parts.candidates[3].cost = 251;
    let (plan, planned, reasons) = solved(parts);
    assert_eq!((planned, reasons), (vec![1, 2], vec![Reason::LessInterest, Reason::OverBudget]));
    assert_eq!(plan.cost, 200);
}

#[test]
fn a_group_binds_per_day_and_per_trip() {
    let one = Bounds { min: 0, max: Some(1) };
    for group in [Group { per_day: one, ..Group::default() }, Group { per_trip: one, ..Group::default() }] {
        let mut parts = line();
        parts.groups = vec![group];
        parts.candidates[2].groups = vec![0];
        parts.candidates[3].groups = vec![0];
        assert_eq!(solved(parts).1, vec![0, 1, 3]);
    }
    // Two days: one a day lets both in, one a trip does not.
    for (group, expected) in [(Group { per_day: one, ..Group::default() }, 4), (Group { per_trip: one, ..Group::default() }, 3)] {
        let mut parts = line();
        parts.days.push(parts.days[0].clone());
        parts.candidates.iter_mut().for_each(|candidate| candidate.windows.push(candidate.windows[0].clone()));
        parts.groups = vec![group];
        parts.candidates[2].groups = vec![0];
        parts.candidates[3].groups = vec![0];
        assert_eq!(solved(parts).1.len(), expected);
    }
}

#[test]
fn a_mandatory_visit_comes_before_interest_and_is_named_where_it_clashes() {
    let mut parts = line();
    parts.candidates[0].mandatory = true;
    parts.candidates[0].score = 1;
    parts.candidates[0].windows[0] = vec![Window { open: 900, close: 900 }];
    parts.candidates[3].windows[0] = vec![Window { open: 900, close: 905 }];
    let (plan, planned, reasons) = solved(parts);
    assert_eq!((planned, reasons), (vec![0, 1, 2], vec![Reason::ClashesWith(0)]));
    assert_eq!((plan.objective.mandatory, plan.objective.score), (1, 51));
}

#[test]
fn mandatory_visits_that_cannot_be_kept_are_told() {
    let mut parts = line();
    parts.candidates.iter_mut().for_each(|candidate| candidate.mandatory = true);
    parts.candidates[2].windows[0].clear();
    let (plan, planned, reasons) = solved(parts);
    assert_eq!((planned, reasons), (vec![0, 1, 3], vec![Reason::ClosedAllDays]));
    assert_eq!(plan.dropped_mandatory, [2]);
}

#[test]
fn a_least_number_comes_before_interest_and_is_told_where_it_is_not_met() {
    let mut parts = line();
    parts.days[0].max_stops = Some(1);
    parts.groups = vec![Group { per_day: Bounds { min: 2, max: None }, ..Group::default() }];
    parts.candidates[0].groups = vec![0];
    parts.candidates[0].score = 0;
    let (plan, planned, _) = solved(parts);
    assert_eq!(planned, [0]);
    assert_eq!(plan.objective.required, 1);
    assert_eq!(plan.shortfalls.len(), 1);
    assert_eq!((plan.shortfalls[0].wanted, plan.shortfalls[0].planned, plan.shortfalls[0].day), (2, 1, Some(0)));
}

#[test]
fn a_day_has_its_own_ends_and_mode() {
    let mut parts = line();
    parts.days[0].end_point = 4;
    parts.days[0].latest_end = 80;
    parts.modes.push(TravelMatrix::of_times(5, vec![1; 25]));
    assert_eq!(solved(parts.clone()).1, vec![0, 1, 2, 3]);
    parts.days[0].latest_end = 45;
    assert!(solved(parts.clone()).1.is_empty());
    parts.days[0].mode = 1;
    assert_eq!(solved(parts).1.len(), 4);
}

#[test]
fn replacements_fit_and_are_the_best_first() {
    let mut parts = line();
    parts.days[0].max_stops = Some(1);
    let problem = valid(parts);
    let plan = search(&problem, 1, 100).plan;
    let explanation = Explanation::new(&problem, &plan);
    assert_eq!(plan.order(), [[3]]);
    assert_eq!(explanation.replacements(3, 2), [2, 1]);
    assert_eq!(explanation.could_replace(0), [3]);
    assert_eq!(explanation.slacks(0)[0].slack, 1_000 - 10 - 40 - 40);
}
