//! The exact answer of a small problem, by trying every order of visits on every day and every way to share the candidates
//! out to the days. Shares nothing with the search but the types of the problem.

use planner::{Bounds, NO_WAY, Objective, Problem};

/// The best objective of all plans. For up to 12 candidates and 2 days.
pub fn best(problem: &Problem) -> Objective {
    let days: Vec<Vec<u16>> = (0..problem.days().len()).map(|day| possible_sets(problem, day)).collect();
    let mut chosen = vec![0_u16; days.len()];
    let mut best = Objective::default();
    share_out(problem, &days, 0, 0, &mut chosen, &mut best);
    best
}

/// The sets of candidates (as bits) that some order makes possible on the day by itself.
fn possible_sets(problem: &Problem, day: usize) -> Vec<u16> {
    let mut possible = vec![false; 1 << problem.candidates().len()];
    possible[0] = true;
    let span = &problem.days()[day];
    walk(problem, day, span.start_point, span.earliest_start, 0, 0, &mut possible);
    (0..possible.len()).filter(|set| possible[*set]).map(|set| set as u16).collect()
}

fn walk(problem: &Problem, day: usize, at: usize, now: u32, walked: u64, set: u16, possible: &mut [bool]) {
    let span = &problem.days()[day];
    let matrix = &problem.modes()[span.mode];
    let steps = |to: usize| if matrix.on_foot { u64::from(matrix.metres[at * matrix.points + to]) } else { 0 };
    let home = matrix.seconds[at * matrix.points + span.end_point];
    let ends = home != NO_WAY && now + home <= span.latest_end;
    if ends && span.walking_limit.is_none_or(|limit| walked + steps(span.end_point) <= u64::from(limit)) {
        possible[usize::from(set)] = true;
    }
    if span.max_stops.is_some_and(|most| set.count_ones() >= most) {
        return;
    }
    for (index, candidate) in problem.candidates().iter().enumerate() {
        let way = matrix.seconds[at * matrix.points + candidate.point];
        if set & (1 << index) != 0 || way == NO_WAY {
            continue;
        }
        let Some(window) = candidate.windows[day].iter().find(|window| now + way <= window.close) else { continue };
        let leave = (now + way).max(window.open) + candidate.duration;
        if leave <= span.latest_end {
            walk(problem, day, candidate.point, leave, walked + steps(candidate.point), set | (1 << index), possible);
        }
    }
}

fn share_out(problem: &Problem, days: &[Vec<u16>], day: usize, used: u16, chosen: &mut [u16], best: &mut Objective) {
    if day == days.len() {
        if let Some(objective) = judge(problem, chosen, used) {
            *best = (*best).max(objective);
        }
        return;
    }
    for &set in days[day].iter().filter(|set| **set & used == 0) {
        chosen[day] = set;
        share_out(problem, days, day + 1, used | set, chosen, best);
    }
}

/// What the sets are worth; `None` if a cap or the budget forbids them.
fn judge(problem: &Problem, chosen: &[u16], used: u16) -> Option<Objective> {
    let mut objective = Objective::default();
    let mut cost = 0;
    for (index, candidate) in problem.candidates().iter().enumerate() {
        if used & (1 << index) != 0 {
            objective.score += u64::from(candidate.score);
            objective.mandatory += u32::from(candidate.mandatory);
            cost += candidate.cost;
        }
    }
    if problem.budget().is_some_and(|budget| cost > budget) {
        return None;
    }
    for (group, bounds) in problem.groups().iter().enumerate() {
        let members = (problem.candidates().iter().enumerate())
            .filter(|(_, candidate)| candidate.groups.contains(&group))
            .fold(0_u16, |members, (index, _)| members | (1 << index));
        for set in chosen {
            objective.required += within(bounds.per_day, set & members)?;
        }
        objective.required += within(bounds.per_trip, used & members)?;
    }
    Some(objective)
}

/// The visits that count towards the least number, unless there are more than the greatest.
fn within(bounds: Bounds, members: u16) -> Option<u32> {
    let count = members.count_ones();
    bounds.max.is_none_or(|max| count <= max).then(|| count.min(bounds.min))
}
