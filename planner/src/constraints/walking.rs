//! Metres on foot a day. The metres themselves are kept by each tour, which knows its legs.

use crate::problem::Problem;

/// Most metres of each day.
#[derive(Clone, Debug)]
pub(crate) struct WalkingLimit {
    limit: Vec<i64>,
}

impl WalkingLimit {
    pub(crate) fn new(problem: &Problem) -> Self {
        Self { limit: problem.days().iter().map(|day| day.walking_limit.map_or(i64::MAX, i64::from)).collect() }
    }

    pub(super) fn applies(problem: &Problem) -> bool {
        problem.days().iter().enumerate().any(|(index, day)| day.walking_limit.is_some() && problem.matrix(index).on_foot)
    }

    pub(super) fn of_day(&self, day: usize) -> i64 {
        self.limit[day]
    }
}
