//! How much work one request may make the machine do. Every loop whose length a client can choose draws from it, so that a request
//! ends by an error and never by a stalled worker.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The budget is used up; what was being computed is given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this asks for more work than one request may have")]
pub struct Spent;

/// What is left of a request's work. Clones draw from the same budget.
///
/// A unit is a step of an inner loop: a record held against a filter, a distance, a date of a series. It takes from 10 to
/// 200 nanoseconds.
#[derive(Clone, Debug)]
pub struct WorkBudget {
    left: Arc<AtomicU64>,
}

impl WorkBudget {
    /// A budget of so many units.
    pub fn new(units: u64) -> Self {
        Self { left: Arc::new(AtomicU64::new(units)) }
    }

    /// A budget nobody uses up: for commands, for what is computed once and kept, and for tests.
    pub fn unlimited() -> Self {
        Self::new(u64::MAX)
    }

    /// Takes `units` before they are worked. Once a budget is [`Spent`] it stays so.
    pub fn draw(&self, units: u64) -> Result<(), Spent> {
        let drawn = self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| match left {
            u64::MAX => Some(u64::MAX),
            left => left.checked_sub(units),
        });
        drawn.map(drop).map_err(|_| {
            self.left.store(0, Ordering::Relaxed);
            Spent
        })
    }

    /// Units that are left.
    pub fn left(&self) -> u64 {
        self.left.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::{Spent, WorkBudget};

    #[test]
    fn clones_draw_from_one_budget_and_a_spent_one_stays_spent() {
        let budget = WorkBudget::new(10);
        assert_eq!(budget.clone().draw(7), Ok(()));
        assert_eq!(budget.left(), 3);
        assert_eq!(budget.draw(4), Err(Spent));
        assert_eq!(budget.draw(1), Err(Spent), "what was given up is not taken up again with the rest");
        assert_eq!(budget.draw(0), Ok(()));
    }

    #[test]
    fn an_unlimited_budget_is_never_spent() {
        let budget = WorkBudget::unlimited();
        assert_eq!(budget.draw(u64::MAX), Ok(()));
        assert_eq!(budget.draw(u64::MAX), Ok(()));
    }
}
