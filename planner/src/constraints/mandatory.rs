//! What the visitor insists on: one mandatory visit weighs more than all wishes and all interest together.

use crate::problem::Problem;

/// The weight of each candidate's being mandatory; 0 for the others.
#[derive(Clone, Debug)]
pub(super) struct Mandatory {
    weight: Vec<i64>,
}

impl Mandatory {
    pub(super) fn new(problem: &Problem) -> Self {
        let weight = problem.weights().map_or(0, |weights| weights.mandatory);
        Self { weight: problem.candidates().iter().map(|candidate| if candidate.mandatory { weight } else { 0 }).collect() }
    }

    pub(super) fn applies(problem: &Problem) -> bool {
        problem.candidates().iter().any(|candidate| candidate.mandatory)
    }

    pub(super) fn worth(&self, candidate: usize) -> i64 {
        self.weight[candidate]
    }
}
