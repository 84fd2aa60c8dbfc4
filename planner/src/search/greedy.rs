//! Recreate by ratio: at each step what has most worth for the time it costs goes in, worth squared as in iterated local
//! search for the problem (Vansteenwegen et al. 2009), with noise on the worth. Ratios are kept from step to step and looked
//! at again only when they come out on top ("lazily"): putting in takes room away, so that old ratios are mostly too good.

use super::Tuning;
use super::orders::Orders;
use super::rng::Rng;
use super::scan::{Key, NONE, cost, stop_before};
use super::state::State;

/// A candidate with its cheapest place as it was last seen.
#[derive(Clone, Copy)]
struct Offer {
    candidate: usize,
    day: usize,
    key: Key,
    /// The worth it competes with: squared, with noise.
    weight: f64,
    ratio: f64,
    /// The tour's `changed` when it was looked at.
    changed: u32,
}

/// The offers of a step; kept to keep their memory.
pub(crate) struct Offers {
    list: Vec<Offer>,
}

impl Offers {
    pub(crate) fn new(candidates: usize) -> Self {
        Self { list: Vec::with_capacity(candidates) }
    }

    /// Index of the highest ratio, the first of equal ones.
    fn best(&self) -> Option<usize> {
        let mut most = f64::NEG_INFINITY;
        let mut best = None;
        for (index, offer) in self.list.iter().enumerate() {
            if offer.ratio > most {
                most = offer.ratio;
                best = Some(index);
            }
        }
        best
    }
}

impl<const EXTENDED: bool> State<'_, EXTENDED> {
    /// Puts in what fits, at each step what is worth most for its time.
    pub(crate) fn recreate_by_ratio(&mut self, orders: &mut Orders, offers: &mut Offers, rng: &mut Rng, tuning: &Tuning) {
        orders.list_all(self);
        offers.list.clear();
        for &candidate in &orders.list {
            let candidate = usize::from(candidate);
            let (key, day) = self.cheapest(candidate, rng, tuning.blink);
            if key != NONE {
                let worth = self.worth(day, candidate) as f64;
                let weight = worth * worth * (1.0 + tuning.noise * rng.unit());
                offers.list.push(Offer { candidate, day, key, weight, ratio: ratio(weight, key), changed: self.tours[day].changed });
            }
        }
        while let Some(index) = offers.best() {
            let offer = offers.list[index];
            if offer.changed == self.tours[offer.day].changed && self.is_wanted(offer.day, offer.candidate) {
                offers.list.swap_remove(index);
                self.insert(offer.day, stop_before(offer.key), offer.candidate);
                continue;
            }
            let (key, day) = self.cheapest(offer.candidate, rng, tuning.blink);
            if key == NONE {
                offers.list.swap_remove(index);
            } else {
                let changed = self.tours[day].changed;
                offers.list[index] = Offer { key, day, ratio: ratio(offer.weight, key), changed, ..offer };
            }
        }
    }
}

fn ratio(weight: f64, key: Key) -> f64 {
    weight / (cost(key).max(0) as f64 + 1.0)
}
