//! Least numbers of groups: a lunch every day, a waterfall in the trip. They are wishes: each visit that counts towards
//! one weighs more than all interest together, and a wish that cannot be met is told in the plan.

use crate::problem::Problem;

/// Visits each group still wants, for every day and for the trip; negative when there are more than wanted.
#[derive(Clone, Debug)]
pub(super) struct Wishes {
    /// Groups with a least number, for each candidate.
    of: Vec<Vec<usize>>,
    days: usize,
    /// `group * days + day`.
    day_wanted: Vec<i64>,
    trip_wanted: Vec<i64>,
    weight: i64,
}

impl Wishes {
    pub(super) fn new(problem: &Problem) -> Self {
        let days = problem.days().len();
        let wanted = |group: &usize| {
            let group = &problem.groups()[*group];
            group.per_day.min > 0 || group.per_trip.min > 0
        };
        Self {
            of: problem.candidates().iter().map(|candidate| candidate.groups.iter().copied().filter(wanted).collect()).collect(),
            days,
            day_wanted: problem.groups().iter().flat_map(|group| vec![i64::from(group.per_day.min); days]).collect(),
            trip_wanted: problem.groups().iter().map(|group| i64::from(group.per_trip.min)).collect(),
            weight: problem.weights().map_or(0, |weights| weights.required),
        }
    }

    pub(super) fn applies(problem: &Problem) -> bool {
        problem.groups().iter().any(|group| group.per_day.min > 0 || group.per_trip.min > 0)
    }

    /// What one more visit is worth to the wishes of its groups.
    pub(super) fn worth(&self, day: usize, candidate: usize) -> i64 {
        let counts = |group: &usize| i64::from(self.day_wanted[group * self.days + day] > 0) + i64::from(self.trip_wanted[*group] > 0);
        self.weight * self.of[candidate].iter().map(counts).sum::<i64>()
    }

    /// What it can be worth at most.
    pub(super) fn greatest_worth(&self, candidate: usize) -> i64 {
        self.weight * self.of[candidate].len() as i64
    }

    pub(super) fn add(&mut self, day: usize, candidate: usize) {
        for group in &self.of[candidate] {
            self.day_wanted[group * self.days + day] -= 1;
            self.trip_wanted[*group] -= 1;
        }
    }

    pub(super) fn remove(&mut self, day: usize, candidate: usize) {
        for group in &self.of[candidate] {
            self.day_wanted[group * self.days + day] += 1;
            self.trip_wanted[*group] += 1;
        }
    }
}
