//! Greatest numbers of groups: one museum a day, one variant of a place in the trip.

use crate::problem::Problem;

/// Visits each group still allows, for every day and for the trip.
#[derive(Clone, Debug)]
pub(super) struct GroupCaps {
    /// Groups with a greatest number, for each candidate.
    of: Vec<Vec<usize>>,
    days: usize,
    /// `group * days + day`.
    day_left: Vec<u32>,
    trip_left: Vec<u32>,
}

impl GroupCaps {
    pub(super) fn new(problem: &Problem) -> Self {
        let days = problem.days().len();
        let capped = |group: &usize| {
            let group = &problem.groups()[*group];
            group.per_day.max.is_some() || group.per_trip.max.is_some()
        };
        Self {
            of: problem.candidates().iter().map(|candidate| candidate.groups.iter().copied().filter(capped).collect()).collect(),
            days,
            day_left: problem.groups().iter().flat_map(|group| vec![group.per_day.max.unwrap_or(u32::MAX); days]).collect(),
            trip_left: problem.groups().iter().map(|group| group.per_trip.max.unwrap_or(u32::MAX)).collect(),
        }
    }

    pub(super) fn applies(problem: &Problem) -> bool {
        problem.groups().iter().any(|group| group.per_day.max.is_some() || group.per_trip.max.is_some())
    }

    /// A group of the candidate that takes no more on the day.
    pub(super) fn full(&self, day: usize, candidate: usize) -> Option<usize> {
        self.of[candidate].iter().copied().find(|group| self.day_left[group * self.days + day] == 0 || self.trip_left[*group] == 0)
    }

    pub(super) fn add(&mut self, day: usize, candidate: usize) {
        for group in &self.of[candidate] {
            self.day_left[group * self.days + day] -= 1;
            self.trip_left[*group] -= 1;
        }
    }

    pub(super) fn remove(&mut self, day: usize, candidate: usize) {
        for group in &self.of[candidate] {
            self.day_left[group * self.days + day] += 1;
            self.trip_left[*group] += 1;
        }
    }
}
