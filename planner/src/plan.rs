//! The answer: for each day the visits with their times, what they are worth, and which wishes are not met.

use crate::problem::Problem;

/// One visit. All times are in the problem's unit, counted from the day's origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Visit {
    /// Index of the candidate.
    pub candidate: usize,
    /// Arrival from the stop before.
    pub arrive: u32,
    /// Start of the visit: `arrive + wait`.
    pub start: u32,
    /// End of the visit: `start` and the candidate's duration.
    pub leave: u32,
    /// Time between arrival and start.
    pub wait: u32,
    /// Travel time of the leg to this visit.
    pub travel: u32,
    /// Length of that leg in metres.
    pub metres: u32,
}

/// One day of a plan: every visit happens as early as it can, and nobody leaves to wait at the first door.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DayPlan {
    /// The visits in order.
    pub visits: Vec<Visit>,
    /// When the start point is left.
    pub depart: u32,
    /// When the end point is reached. For an idle day that cannot even be travelled from start to end, equal to `depart`.
    pub finish: u32,
    /// Metres walked.
    pub walked: u64,
}

/// What a plan is worth, most weighty first: comparing two of these compares two plans.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Objective {
    /// Mandatory visits kept.
    pub mandatory: u32,
    /// Required visits made: over all least numbers of groups, per day and per trip, the visits that count towards them
    /// (two museums where one is required count once).
    pub required: u32,
    /// Sum of the scores of all visits.
    pub score: u64,
}

/// A least number that was not reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shortfall {
    /// Index of the group.
    pub group: usize,
    /// The day, or `None` for the whole trip.
    pub day: Option<usize>,
    /// Visits wanted.
    pub wanted: u32,
    /// Visits planned.
    pub planned: u32,
}

/// A plan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// One entry a day of the problem.
    pub days: Vec<DayPlan>,
    /// What it is worth.
    pub objective: Objective,
    /// Cost of all visits in minor units of currency.
    pub cost: u64,
    /// Mandatory candidates that are not in the plan, ascending.
    pub dropped_mandatory: Vec<usize>,
    /// Least numbers that are not reached.
    pub shortfalls: Vec<Shortfall>,
}

impl Plan {
    /// Works out times, sums and unmet wishes of the given order of visits. The order is taken as feasible: verify an order
    /// from elsewhere with [`crate::checker::check`] afterwards, which finds every impossible time.
    pub fn of_order(problem: &Problem, order: &[Vec<usize>]) -> Self {
        let days: Vec<DayPlan> = order.iter().enumerate().map(|(day, visits)| day_plan(problem, day, visits)).collect();
        let mut plan = Self { days, ..Self::default() };
        let mut kept = vec![false; problem.candidates().len()];
        let mut counts = vec![vec![0_u32; problem.days().len()]; problem.groups().len()];
        for (day, visits) in order.iter().enumerate() {
            for &visit in visits {
                let candidate = &problem.candidates()[visit];
                kept[visit] = true;
                plan.cost += candidate.cost;
                plan.objective.score += u64::from(candidate.score);
                plan.objective.mandatory += u32::from(candidate.mandatory);
                candidate.groups.iter().for_each(|group| counts[*group][day] += 1);
            }
        }
        plan.dropped_mandatory = (0..kept.len()).filter(|index| problem.candidates()[*index].mandatory && !kept[*index]).collect();
        for (group, bounds) in problem.groups().iter().enumerate() {
            let each_day = counts[group].iter().enumerate().map(|(day, planned)| (Some(day), *planned, bounds.per_day.min));
            let trip = (None, counts[group].iter().sum::<u32>(), bounds.per_trip.min);
            for (day, planned, wanted) in each_day.chain([trip]) {
                plan.objective.required += planned.min(wanted);
                if planned < wanted {
                    plan.shortfalls.push(Shortfall { group, day, wanted, planned });
                }
            }
        }
        plan
    }

    /// Candidates day by day, without times.
    pub fn order(&self) -> Vec<Vec<usize>> {
        self.days.iter().map(|day| day.visits.iter().map(|visit| visit.candidate).collect()).collect()
    }

    /// Whether the candidate is in the plan, and on which day.
    pub fn day_of(&self, candidate: usize) -> Option<usize> {
        self.days.iter().position(|day| day.visits.iter().any(|visit| visit.candidate == candidate))
    }
}

fn day_plan(problem: &Problem, index: usize, order: &[usize]) -> DayPlan {
    let day = &problem.days()[index];
    let matrix = problem.matrix(index);
    let mut plan = DayPlan { depart: day.earliest_start, ..DayPlan::default() };
    let (mut point, mut now) = (day.start_point, day.earliest_start);
    for &visit in order {
        let candidate = &problem.candidates()[visit];
        let (travel, metres) = (matrix.time(point, candidate.point), matrix.length(point, candidate.point));
        let arrive = now.saturating_add(travel);
        let window = candidate.windows[index].iter().find(|window| window.close >= arrive);
        let start = window.map_or(arrive, |window| window.open.max(arrive));
        now = start.saturating_add(candidate.duration);
        plan.visits.push(Visit { candidate: visit, arrive, start, leave: now, wait: start - arrive, travel, metres });
        plan.walked += u64::from(matrix.walked(point, candidate.point));
        point = candidate.point;
    }
    if let Some(first) = plan.visits.first_mut() {
        plan.depart += first.wait;
        first.arrive = first.start;
        first.wait = 0;
    }
    let last = matrix.time(point, day.end_point);
    let finish = now.saturating_add(last);
    if order.is_empty() && (finish > day.latest_end || walks_too_far(problem, index)) {
        plan.finish = day.earliest_start;
    } else {
        plan.finish = finish;
        plan.walked += u64::from(matrix.walked(point, day.end_point));
    }
    plan
}

/// Whether the bare way from start to end is over the day's walking limit.
fn walks_too_far(problem: &Problem, index: usize) -> bool {
    let day = &problem.days()[index];
    let walked = problem.matrix(index).walked(day.start_point, day.end_point);
    day.walking_limit.is_some_and(|limit| walked > limit)
}
