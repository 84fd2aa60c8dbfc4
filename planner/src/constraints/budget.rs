//! The money of the trip.

use crate::problem::Problem;

/// Cost of the visits against the budget, in minor units of currency.
#[derive(Clone, Debug)]
pub(super) struct Budget {
    cost: Vec<u64>,
    left: u64,
}

impl Budget {
    pub(super) fn new(problem: &Problem) -> Self {
        let cost = match problem.budget() {
            Some(_) => problem.candidates().iter().map(|candidate| candidate.cost).collect(),
            None => vec![0; problem.candidates().len()],
        };
        Self { cost, left: problem.budget().unwrap_or(u64::MAX) }
    }

    pub(super) fn applies(problem: &Problem) -> bool {
        problem.budget().is_some()
    }

    pub(super) fn admits(&self, candidate: usize) -> bool {
        self.cost[candidate] <= self.left
    }

    pub(super) fn add(&mut self, candidate: usize) {
        self.left -= self.cost[candidate];
    }

    pub(super) fn remove(&mut self, candidate: usize) {
        self.left += self.cost[candidate];
    }
}
