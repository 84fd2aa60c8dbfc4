//! The orders in which candidates are tried by [`super::recreate`]: at random, by worth, by worth for the least time it can
//! take, by closing, by length of the window, far or near first.

use super::Tuning;
use super::rng::Rng;
use super::state::State;
use crate::layout::Layout;

/// Number of orders.
pub(crate) const ORDERS: usize = 7;

/// The orders, sorted once a run, and the list drawn from them.
pub(crate) struct Orders {
    sorted: [Vec<u16>; ORDERS],
    /// Running sums of the shares of the orders.
    shares: [usize; ORDERS],
    /// The candidates to try.
    pub(crate) list: Vec<u16>,
}

impl Orders {
    /// `worth`: what each candidate is worth at most; what is worth nothing is never tried.
    pub(crate) fn new(layout: &Layout, worth: &[i64], tuning: &Tuning) -> Self {
        let legs = layout.legs(0);
        let sorted = |key: &dyn Fn(usize) -> f64| {
            let mut order: Vec<u16> = (0..layout.candidates as u16).filter(|candidate| worth[usize::from(*candidate)] > 0).collect();
            order.sort_by(|one, other| key(usize::from(*one)).total_cmp(&key(usize::from(*other))));
            order
        };
        let days = 0..layout.days;
        let close = |candidate: usize| days.clone().map(|day| layout.last_close[day][candidate]).max().unwrap_or(-1);
        let open = |candidate: usize| days.clone().map(|day| layout.first_open[day][candidate]).min().unwrap_or(0);
        let effort = |candidate: usize| f64::from(legs.least_into[candidate].saturating_add(legs.least_out[candidate])).max(1.0);
        let away = |candidate: usize| f64::from(legs.leg(layout.first(0), candidate));
        let sorted = [
            sorted(&|_| 0.0),
            sorted(&|candidate| -(worth[candidate] as f64)),
            sorted(&|candidate| -(worth[candidate] as f64) / effort(candidate)),
            sorted(&|candidate| f64::from(close(candidate))),
            sorted(&|candidate| f64::from(close(candidate)) - f64::from(open(candidate))),
            sorted(&|candidate| -away(candidate)),
            sorted(&|candidate| away(candidate)),
        ];
        let mut total = 0;
        let shares = tuning.orders.map(|share| {
            total += share;
            total
        });
        Self { sorted, shares, list: Vec::with_capacity(layout.candidates) }
    }

    /// Lists what may fit, in an order drawn at random.
    pub(crate) fn draw<const EXTENDED: bool>(&mut self, state: &State<'_, EXTENDED>, rng: &mut Rng) {
        let drawn = rng.below(self.shares[ORDERS - 1].max(1));
        let kind = self.shares.iter().position(|share| drawn < *share).unwrap_or(0);
        self.fill(state, kind);
        if kind == 0 {
            rng.shuffle(&mut self.list);
        }
    }

    /// Lists what may fit, in no order that matters.
    pub(crate) fn list_all<const EXTENDED: bool>(&mut self, state: &State<'_, EXTENDED>) {
        self.fill(state, 0);
    }

    fn fill<const EXTENDED: bool>(&mut self, state: &State<'_, EXTENDED>, kind: usize) {
        self.list.clear();
        self.list.extend(self.sorted[kind].iter().filter(|candidate| state.fits[usize::from(**candidate)] != 0));
    }
}
