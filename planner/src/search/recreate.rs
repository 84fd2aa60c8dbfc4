//! Recreate in order: candidates that are nowhere are tried in an order drawn at random, each put where it costs least, with
//! blinks (Christiaens and Vanden Berghe 2020, doi:10.1287/trsc.2019.0914): now and then a feasible place is overlooked.

use super::orders::Orders;
use super::rng::Rng;
use super::scan::{Key, NONE, Scan, cost, stop_before};
use super::state::{NOWHERE, State};

/// Blinks once in so many times: as good as never.
const NO_BLINK: usize = u32::MAX as usize;

impl<const EXTENDED: bool> State<'_, EXTENDED> {
    /// Puts in what fits, in an order drawn at random.
    pub(crate) fn recreate_in_order(&mut self, orders: &mut Orders, rng: &mut Rng, blink: usize) {
        orders.draw(self, rng);
        self.insert_listed(orders, rng, blink);
    }

    /// Puts in whatever still fits, without a blink: the last trial may have overlooked something.
    pub(crate) fn top_up(&mut self, orders: &mut Orders, rng: &mut Rng) {
        for (fits, place) in self.fits.iter_mut().zip(&self.place) {
            *fits = i32::from(*place == NOWHERE);
        }
        self.recreate_in_order(orders, rng, NO_BLINK);
    }

    fn insert_listed(&mut self, orders: &Orders, rng: &mut Rng, blink: usize) {
        for &candidate in &orders.list {
            let (best, day) = self.cheapest(usize::from(candidate), rng, blink);
            if best != NONE {
                self.insert(day, stop_before(best), usize::from(candidate));
            }
        }
    }

    /// The cheapest place for the candidate in any tour, and its day.
    pub(crate) fn cheapest(&mut self, candidate: usize, rng: &mut Rng, blink: usize) -> (Key, usize) {
        let (mut best, mut best_day) = (NONE, 0);
        for day in 0..self.tours.len() {
            if self.shut[day][candidate] == self.tours[day].opened || !self.is_wanted(day, candidate) {
                continue;
            }
            let scan = self.scan(day, candidate);
            let sieved = if scan.is_plain::<EXTENDED>() { self.sieved[day].place(self.tours[day].changed, candidate) } else { None };
            let mut key = sieved.unwrap_or_else(|| scan.cheapest::<EXTENDED>(Key::MIN));
            if key == NONE {
                self.shut[day][candidate] = self.tours[day].opened;
                continue;
            }
            while key != NONE && rng.once_in(blink) {
                key = scan.cheapest::<EXTENDED>(key);
            }
            if key != NONE && (best == NONE || cost(key) < cost(best)) {
                (best, best_day) = (key, day);
            }
        }
        (best, best_day)
    }

    /// Whether the rules let the candidate into the day and it is worth something there.
    pub(crate) fn is_wanted(&self, day: usize, candidate: usize) -> bool {
        !EXTENDED || (self.layout.usable[day] && self.rules.refusal(day, candidate).is_none() && self.rules.worth(day, candidate) > 0)
    }

    fn scan(&self, day: usize, candidate: usize) -> Scan<'_> {
        let limit = if EXTENDED { self.rules.walking_limit(day) } else { i64::MAX };
        Scan { layout: self.layout, day, tour: &self.tours[day], candidate, limit }
    }
}
