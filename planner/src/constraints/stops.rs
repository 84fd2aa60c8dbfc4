//! The pace: at most so many visits a day.

use crate::problem::Problem;

/// Visits still allowed on each day.
#[derive(Clone, Debug)]
pub(super) struct StopLimit {
    left: Vec<u32>,
}

impl StopLimit {
    pub(super) fn new(problem: &Problem) -> Self {
        Self { left: problem.days().iter().map(|day| day.max_stops.unwrap_or(u32::MAX)).collect() }
    }

    pub(super) fn applies(problem: &Problem) -> bool {
        problem.days().iter().any(|day| day.max_stops.is_some())
    }

    pub(super) fn admits(&self, day: usize) -> bool {
        self.left[day] > 0
    }

    pub(super) fn add(&mut self, day: usize) {
        self.left[day] -= 1;
    }

    pub(super) fn remove(&mut self, day: usize) {
        self.left[day] += 1;
    }
}
