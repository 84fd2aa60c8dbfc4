//! A day gone through visit by visit, from the raw numbers of the problem: what explanations say is compared with it.

use planner::{NO_WAY, Plan, Problem};

/// Whether the visits can be made in this order by who arrives at the first of them at that time, and the end of the day reached.
pub fn holds_from(problem: &Problem, day: usize, visits: &[usize], arrive: u32) -> bool {
    let (span, mut now, mut at) = (&problem.days()[day], u64::from(arrive), None);
    for &visit in visits {
        let candidate = &problem.candidates()[visit];
        if let Some(from) = at {
            let Some(way) = seconds(problem, day, from, candidate.point) else { return false };
            now += way;
        }
        let Some(window) = candidate.windows[day].iter().find(|window| now <= u64::from(window.close)) else { return false };
        now = now.max(u64::from(window.open)) + u64::from(candidate.duration);
        at = Some(candidate.point);
    }
    at.and_then(|from| seconds(problem, day, from, span.end_point)).is_some_and(|home| now + home <= u64::from(span.latest_end))
}

fn seconds(problem: &Problem, day: usize, from: usize, to: usize) -> Option<u64> {
    let matrix = &problem.modes()[problem.days()[day].mode];
    Some(matrix.seconds[from * matrix.points + to]).filter(|seconds| *seconds != NO_WAY).map(u64::from)
}

/// Whether the candidate can be put somewhere into the day in the stead of `out`, or beside all when that is none, every rule kept.
pub fn fits_somewhere(problem: &Problem, plan: &Plan, day: usize, candidate: usize, out: Option<usize>) -> bool {
    let mut order = plan.order();
    order[day].retain(|visit| Some(*visit) != out);
    (0..=order[day].len()).any(|position| {
        let mut tried = order.clone();
        tried[day].insert(position, candidate);
        planner::checker::check(problem, &Plan::of_order(problem, &tried)).is_empty()
    })
}
