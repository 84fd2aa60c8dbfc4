//! The numbers that steer the search. They were set on 26 public pairs of instance and number of tours; the defaults are
//! meant for every problem.

use super::orders::ORDERS;

/// Numbers that steer the search.
#[derive(Clone, Debug, PartialEq)]
pub struct Tuning {
    /// Visits taken out per iteration, on average, where tours are long enough.
    pub removed: f64,
    /// Most visits taken out of one tour at once.
    pub longest: f64,
    /// Share of strings in the middle of which some visits stay.
    pub split: f64,
    /// The chance that a kept middle grows no further, visit by visit.
    pub split_grow: f64,
    /// One place in so many is overlooked.
    pub blink: usize,
    /// The same where a small plan is made afresh.
    pub blink_afresh: usize,
    /// Temperature at the start, in mean scores of a candidate.
    pub hot: f64,
    /// Temperature at the end, in mean scores of a candidate.
    pub cold: f64,
    /// Share of iterations that put in by worth for time; the others go by one of the orders.
    pub by_ratio: f64,
    /// Noise on the worth in those: a worth counts 1 to 1 + `noise` times.
    pub noise: f64,
    /// How often each order is drawn, against each other: at random, by worth, by worth for the least time, by closing, by
    /// length of the window, far first, near first.
    pub orders: [usize; ORDERS],
}

impl Default for Tuning {
    fn default() -> Self {
        Self {
            removed: 8.0,
            longest: 10.0,
            split: 0.5,
            split_grow: 0.5,
            blink: 100,
            blink_afresh: 3,
            hot: 1.0,
            cold: 0.05,
            by_ratio: 0.7,
            noise: 2.0,
            orders: [4, 4, 2, 1, 1, 1, 1],
        }
    }
}
