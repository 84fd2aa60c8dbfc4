//! How much a plan could gather at most: an upper bound from what is left when most rules are let go, so that a plan can be said to
//! be within so much of the best.
//!
//! Three relaxations, of which the least counts: visits fill the time of the days (each with a least way to it, or half the least way
//! to it and half the least way on), they fill the budget, they fill the numbers of stops. The first two are the fractional knapsack
//! (Dantzig 1957, doi:10.1287/opre.5.2.266): the best by score a unit first, the last one in part.

use crate::matrix::NO_WAY;
use crate::problem::Problem;

/// What one candidate weighs in the relaxations.
struct Item {
    score: u64,
    /// Twice the least time to come and stay.
    coming: u64,
    /// Twice the time to stay, and the least times to come and to go on.
    halves: u64,
    cost: u64,
}

/// No plan of this problem gathers more.
pub fn bound(problem: &Problem) -> u64 {
    let items: Vec<Item> = (0..problem.candidates().len()).filter_map(|candidate| item(problem, candidate)).collect();
    let (coming, halves) = capacity(problem);
    let stops: Option<u64> = problem.days().iter().map(|day| day.max_stops.map(u64::from)).sum();
    [
        Some(fractional(&items, coming, |item| item.coming)),
        Some(fractional(&items, halves, |item| item.halves)),
        problem.budget().map(|budget| fractional(&items, budget, |item| item.cost)),
        stops.map(|stops| fractional(&items, stops, |_| 1)),
    ]
    .into_iter()
    .flatten()
    .min()
    .unwrap_or(0)
}

/// A candidate that can be visited on some day at all, with the least it takes on any of them.
fn item(problem: &Problem, candidate: usize) -> Option<Item> {
    let it = &problem.candidates()[candidate];
    let mut least: Option<(u64, u64)> = None;
    for (number, day) in problem.days().iter().enumerate() {
        let matrix = problem.matrix(number);
        let others = || problem.candidates().iter().enumerate().filter(|(other, _)| *other != candidate).map(|(_, other)| other.point);
        let to = others().chain([day.start_point]).map(|from| matrix.time(from, it.point)).min().unwrap_or(NO_WAY);
        let on = others().chain([day.end_point]).map(|next| matrix.time(it.point, next)).min().unwrap_or(NO_WAY);
        if to == NO_WAY || on == NO_WAY {
            continue;
        }
        let (to, on, stay) = (u64::from(to), u64::from(on), u64::from(it.duration));
        let latest = u64::from(day.latest_end).checked_sub(stay + on);
        let first = u64::from(day.earliest_start) + to;
        let fits = it.windows[number].iter().any(|window| {
            let start = first.max(u64::from(window.open));
            start <= u64::from(window.close) && latest.is_some_and(|latest| start <= latest)
        });
        if fits {
            let (coming, halves) = (2 * (to + stay), to + on + 2 * stay);
            least = Some(least.map_or((coming, halves), |(one, other)| (one.min(coming), other.min(halves))));
        }
    }
    least.map(|(coming, halves)| Item { score: u64::from(it.score), coming, halves, cost: it.cost })
}

/// Twice the time of all days, less the least ways to their ends; and less half of those and of the least ways from their starts.
fn capacity(problem: &Problem) -> (u64, u64) {
    let (mut coming, mut halves) = (0, 0);
    for (number, day) in problem.days().iter().enumerate() {
        let matrix = problem.matrix(number);
        let points = || problem.candidates().iter().map(|candidate| candidate.point);
        let home = points().chain([day.start_point]).map(|from| matrix.time(from, day.end_point)).min().unwrap_or(0);
        let out = points().chain([day.end_point]).map(|to| matrix.time(day.start_point, to)).min().unwrap_or(0);
        let span = 2 * u64::from(day.latest_end - day.earliest_start);
        coming += span.saturating_sub(2 * u64::from(home));
        halves += span.saturating_sub(u64::from(home) + u64::from(out));
    }
    (coming, halves)
}

/// The most that can be put in when things can be cut, rounded up.
fn fractional(items: &[Item], mut capacity: u64, weight: impl Fn(&Item) -> u64) -> u64 {
    let mut order: Vec<(u64, u64)> = items.iter().map(|item| (item.score, weight(item))).collect();
    // Score a unit, falling, by cross products: no division, and what weighs nothing comes first.
    order.sort_by(|one, other| (u128::from(other.0) * u128::from(one.1)).cmp(&(u128::from(one.0) * u128::from(other.1))));
    let mut sum = 0;
    for (score, weight) in order {
        if weight > capacity {
            let part = u128::from(score) * u128::from(capacity);
            return sum + part.div_ceil(u128::from(weight)) as u64;
        }
        capacity -= weight;
        sum += score;
    }
    sum
}
