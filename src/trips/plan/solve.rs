//! The problem the planner is given, and how long it may search.

use planner::{Bounds, Candidate, Day, Group, Options, Outcome, Parts, Problem, TravelMatrix, Verdict};
use std::time::{Duration, Instant};

use super::candidates::{Candidates, Choice};
use super::error::PlanError;
use super::hours::DaySpan;
use super::request::PlanRequest;
use crate::domain::category::CategoryTree;
use crate::domain::geo::Position;
use crate::travel::{Matrix, TravelMode};

/// Most time a search takes, whatever the machine has to do; a plan cut short is given and not kept.
const PATIENCE: Duration = Duration::from_secs(2);

/// Points of the problem: start and end of each day, then the candidates.
pub fn points(request: &PlanRequest, candidates: &Candidates) -> Vec<Position> {
    let ends = request.days.iter().flat_map(|day| [day.start.position, day.end.position]);
    ends.chain(candidates.options.iter().map(|choice| choice.position)).collect()
}

/// The modes of the days, each once, in the order in which they first come.
pub fn modes(request: &PlanRequest) -> Vec<TravelMode> {
    let mut modes = Vec::new();
    for day in &request.days {
        if !modes.contains(&day.mode) {
            modes.push(day.mode);
        }
    }
    modes
}

/// What a group of the problem stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GroupMeaning {
    /// The limit with this index.
    Limit(usize),
    /// Lunch.
    Lunch,
    /// The occurrences of one event: one visit is enough.
    OnceOnly,
}

/// A problem with what its groups mean.
pub struct Posed {
    /// The problem.
    pub problem: Problem,
    /// By group.
    pub groups: Vec<GroupMeaning>,
}

/// Poses the problem.
pub fn pose(
    request: &PlanRequest,
    days: &[DaySpan],
    candidates: &Candidates,
    tree: &CategoryTree,
    matrices: Vec<Matrix>,
) -> Result<Posed, PlanError> {
    let modes = modes(request);
    let points = request.days.len() * 2 + candidates.options.len();
    let planned_days = request.days.iter().zip(days).enumerate().map(|(number, (day, span))| Day {
        start_point: number * 2,
        end_point: number * 2 + 1,
        earliest_start: span.seconds(span.begin),
        latest_end: span.seconds(span.end),
        mode: modes.iter().position(|mode| *mode == day.mode).unwrap_or(0),
        walking_limit: request.walking_limit_metres.filter(|_| day.mode == TravelMode::Walk),
        max_stops: request.pace.max_stops(),
    });
    let (groups, meanings, members) = groups(request, candidates, tree);
    let choices = candidates.options.iter().zip(members).enumerate().map(|(number, (choice, groups))| Candidate {
        point: request.days.len() * 2 + number,
        duration: choice.seconds,
        score: choice.score,
        cost: choice.cents,
        mandatory: choice.must_see,
        windows: choice.windows.clone(),
        groups,
    });
    let parts = Parts {
        days: planned_days.collect(),
        candidates: choices.collect(),
        groups,
        modes: modes
            .iter()
            .zip(matrices)
            .map(|(mode, matrix)| TravelMatrix {
                points,
                seconds: matrix.seconds,
                metres: matrix.metres,
                on_foot: *mode == TravelMode::Walk,
            })
            .collect(),
        budget: request.budget_cents,
    };
    Ok(Posed { problem: Problem::new(parts)?, groups: meanings })
}

/// Groups, what they mean, and for each candidate those it belongs to.
fn groups(request: &PlanRequest, candidates: &Candidates, tree: &CategoryTree) -> (Vec<Group>, Vec<GroupMeaning>, Vec<Vec<usize>>) {
    let mut groups = Vec::new();
    let mut meanings = Vec::new();
    let mut members: Vec<Vec<usize>> = vec![Vec::new(); candidates.options.len()];
    let mut add = |group: Group, meaning: GroupMeaning, is_member: &dyn Fn(&Choice) -> bool| {
        for (choice, groups_of) in candidates.options.iter().zip(&mut members) {
            if is_member(choice) {
                groups_of.push(groups.len());
            }
        }
        groups.push(group);
        meanings.push(meaning);
    };
    for (number, limit) in request.limits.iter().enumerate() {
        let Some(category) = tree.find(&limit.category) else { continue };
        let group = Group {
            per_day: Bounds { min: limit.at_least_a_day, max: limit.at_most_a_day },
            per_trip: Bounds { min: limit.at_least, max: limit.at_most },
        };
        add(group, GroupMeaning::Limit(number), &|choice| tree.is_within(choice.category, category));
    }
    if request.lunch.is_some() {
        let group = Group { per_day: Bounds { min: 1, max: Some(1) }, ..Group::default() };
        add(group, GroupMeaning::Lunch, &|choice| choice.is_lunch);
    }
    let mut events: Vec<_> = candidates
        .options
        .iter()
        .filter(|choice| matches!(choice.subject, super::answer::Subject::Event(..)))
        .map(|choice| choice.subject.record())
        .collect();
    events.sort_unstable();
    let repeated: Vec<_> = events.chunk_by(|one, other| one == other).filter(|same| same.len() > 1).map(|same| same[0]).collect();
    for event in repeated {
        let group = Group { per_trip: Bounds { min: 0, max: Some(1) }, ..Group::default() };
        add(group, GroupMeaning::OnceOnly, &|choice| choice.subject.record() == event);
    }
    (groups, meanings, members)
}

/// Iterations for a problem: enough that more change little, few enough for the 50 ms of a day over 60 candidates and the 300 ms
/// of three days over 300 (benches/plan). A number, not a time, so that the same request gives the same plan on every machine.
pub fn iterations(problem: &Problem) -> u64 {
    let size = problem.candidates().len().max(1) as u64;
    (360_000 / size).clamp(600, 4_000)
}

/// Searches. `is_wanted` is asked from time to time; the search ends when nobody wants the plan any more.
pub fn search(problem: &Problem, seed: u64, is_wanted: &dyn Fn() -> bool) -> (Outcome, bool) {
    let begun = Instant::now();
    let options = Options { seed, iterations: Some(iterations(problem)), ..Options::default() };
    let mut cut_short = false;
    let outcome = planner::solve(problem, &options, &mut |_| {
        if begun.elapsed() > PATIENCE || !is_wanted() {
            cut_short = true;
            Verdict::Stop
        } else {
            Verdict::Continue(0.0)
        }
    });
    (outcome, cut_short)
}
