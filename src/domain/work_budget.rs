//! How much work one request may make the machine do. Every loop whose length a client can choose draws from it, so that a request
//! ends by an error and never by a stalled worker.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Steps a [`Meter`] pays for at a time.
const BATCH: u32 = 64;

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
    /// What this share leaves to the others.
    floor: u64,
}

impl WorkBudget {
    /// A budget of so many units.
    pub fn new(units: u64) -> Self {
        Self { left: Arc::new(AtomicU64::new(units)), floor: 0 }
    }

    /// A budget nobody uses up: for commands, for what is computed once and kept, and for tests.
    pub fn unlimited() -> Self {
        Self::new(u64::MAX)
    }

    /// The same budget less an eighth of what is left now: what one field may draw, so that a field that asks for too much leaves
    /// something to the fields after it.
    #[must_use]
    pub fn share(&self) -> Self {
        let left = self.left();
        let floor = if left == u64::MAX { 0 } else { self.floor.max(left / 8) };
        Self { left: Arc::clone(&self.left), floor }
    }

    /// Takes `units` before they are worked. Once a budget, or a share of it, is [`Spent`] it stays so.
    pub fn draw(&self, units: u64) -> Result<(), Spent> {
        let drawn = self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| match left {
            u64::MAX => Some(u64::MAX),
            left => left.checked_sub(units).filter(|rest| *rest >= self.floor || units == 0),
        });
        drawn.map(drop).map_err(|_| {
            self.left.fetch_min(self.floor, Ordering::Relaxed);
            Spent
        })
    }

    /// Units that are left.
    pub fn left(&self) -> u64 {
        self.left.load(Ordering::Relaxed)
    }

    /// Draws `each` units for every step of a loop.
    pub const fn meter(&self, each: u64) -> Meter<'_> {
        Meter { budget: self, each, paid: 0 }
    }
}

/// Draws for the steps of a loop, 64 at a time, so that a step costs a subtraction.
#[derive(Debug)]
pub struct Meter<'a> {
    budget: &'a WorkBudget,
    each: u64,
    /// Steps that are paid for.
    paid: u32,
}

impl Meter<'_> {
    /// Pays for the next step.
    #[inline]
    pub fn step(&mut self) -> Result<(), Spent> {
        if self.paid == 0 {
            self.budget.draw(self.each.saturating_mul(u64::from(BATCH)))?;
            self.paid = BATCH;
        }
        self.paid -= 1;
        Ok(())
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
    fn a_share_that_is_spent_leaves_an_eighth_to_the_others() {
        let budget = WorkBudget::new(800);
        let share = budget.share();
        assert_eq!(share.draw(700), Ok(()));
        assert_eq!(share.draw(1), Err(Spent));
        assert_eq!(budget.left(), 100);
        let greedy = budget.share();
        assert_eq!(greedy.draw(1_000), Err(Spent));
        assert_eq!(budget.left(), 12, "what one field gives up is gone for the others too, but for their eighth");
        assert_eq!(budget.share().draw(11), Ok(()));
    }

    #[test]
    fn an_unlimited_budget_is_never_spent() {
        let budget = WorkBudget::unlimited().share();
        assert_eq!(budget.draw(u64::MAX), Ok(()));
        assert_eq!(budget.draw(u64::MAX), Ok(()));
    }

    #[test]
    fn a_meter_pays_for_64_steps_at_a_time() {
        let budget = WorkBudget::new(64 * 3 + 10);
        let mut meter = budget.meter(3);
        assert_eq!((0..200).take_while(|_| meter.step().is_ok()).count(), 64);
    }
}
