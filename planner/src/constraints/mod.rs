//! The rules beyond time, one file a rule: counters that say in constant time whether a visit may be added to a day and
//! that follow every visit added and taken out. A problem without them never comes here.
//!
//! To add a rule: 1. its numbers go into [`crate::problem`] and are validated there; 2. a file here holds its counters with
//! `new`, `admits`, `add`, `remove`; 3. [`Rules`] calls them; 4. [`crate::checker`] verifies it from the raw numbers;
//! 5. [`crate::explain`] gets a reason; 6. the enumerator in `tests/` learns it.

mod budget;
mod groups;
mod mandatory;
mod stops;
mod walking;
mod wishes;

use crate::problem::Problem;
use budget::Budget;
use groups::GroupCaps;
use mandatory::Mandatory;
use stops::StopLimit;
pub(crate) use walking::WalkingLimit;
use wishes::Wishes;

/// Which rule refuses a visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The day has its number of stops.
    Stops,
    /// The money left is less than it costs.
    Budget,
    /// A group has its greatest number.
    Group(usize),
}

/// All rules with their counters.
#[derive(Clone, Debug)]
pub(crate) struct Rules {
    budget: Budget,
    stops: StopLimit,
    groups: GroupCaps,
    wishes: Wishes,
    mandatory: Mandatory,
    walking: WalkingLimit,
    score: Vec<i64>,
}

impl Rules {
    pub(crate) fn new(problem: &Problem) -> Self {
        Self {
            budget: Budget::new(problem),
            stops: StopLimit::new(problem),
            groups: GroupCaps::new(problem),
            wishes: Wishes::new(problem),
            mandatory: Mandatory::new(problem),
            walking: WalkingLimit::new(problem),
            score: problem.candidates().iter().map(|candidate| i64::from(candidate.score)).collect(),
        }
    }

    /// Whether the problem has any of these rules.
    pub(crate) fn any(problem: &Problem) -> bool {
        Budget::applies(problem)
            || StopLimit::applies(problem)
            || GroupCaps::applies(problem)
            || Wishes::applies(problem)
            || Mandatory::applies(problem)
            || WalkingLimit::applies(problem)
    }

    /// The rule that refuses one more visit on the day wherever it is put, if any.
    pub(crate) fn refusal(&self, day: usize, candidate: usize) -> Option<Refusal> {
        if !self.stops.admits(day) {
            return Some(Refusal::Stops);
        }
        if !self.budget.admits(candidate) {
            return Some(Refusal::Budget);
        }
        self.groups.full(day, candidate).map(Refusal::Group)
    }

    /// Metres that may be walked on the day.
    pub(crate) fn walking_limit(&self, day: usize) -> i64 {
        self.walking.of_day(day)
    }

    /// What the visit would add to the objective, all three parts weighed together.
    pub(crate) fn worth(&self, day: usize, candidate: usize) -> i64 {
        self.score[candidate] + self.mandatory.worth(candidate) + self.wishes.worth(day, candidate)
    }

    /// What the candidate is worth at most, on any day: for sorting.
    pub(crate) fn greatest_worth(&self, candidate: usize) -> i64 {
        self.score[candidate] + self.mandatory.worth(candidate) + self.wishes.greatest_worth(candidate)
    }

    /// Counts a visit and returns its worth.
    pub(crate) fn add(&mut self, day: usize, candidate: usize) -> i64 {
        let worth = self.worth(day, candidate);
        self.budget.add(candidate);
        self.stops.add(day);
        self.groups.add(day, candidate);
        self.wishes.add(day, candidate);
        worth
    }

    /// Takes a visit out of the counts and returns what is lost.
    pub(crate) fn remove(&mut self, day: usize, candidate: usize) -> i64 {
        self.budget.remove(candidate);
        self.stops.remove(day);
        self.groups.remove(day, candidate);
        self.wishes.remove(day, candidate);
        self.worth(day, candidate)
    }
}
