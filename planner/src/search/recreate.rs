//! Recreate: candidates that are nowhere are tried in one of several orders, each put where it costs least, with blinks
//! (Christiaens and Vanden Berghe 2020, doi:10.1287/trsc.2019.0914): now and then a feasible place is overlooked.

use super::rng::Rng;
use super::state::State;
use super::Tuning;
use crate::feasibility::Tour;
use crate::layout::{Layout, Legs};

/// The orders in which candidates are tried, fixed for a run but for the shuffled one.
pub(crate) struct Orders {
    fixed: Vec<Vec<u16>>,
    shares: Vec<usize>,
    list: Vec<u16>,
    offers: Vec<Offer>,
    /// Worth of each candidate to a power, by which it competes with others for time.
    weight: Vec<f64>,
}

impl Orders {
    /// `worth`: what each candidate is worth at most.
    pub(crate) fn new(layout: &Layout, worth: &[i64], tuning: &Tuning) -> Self {
        let legs = layout.legs(0);
        let count = layout.candidates;
        let sorted = |key: &dyn Fn(usize) -> f64| {
            let mut order: Vec<u16> = (0..count as u16).filter(|candidate| worth[usize::from(*candidate)] > 0).collect();
            order.sort_by(|a, b| key(usize::from(*a)).total_cmp(&key(usize::from(*b))));
            order
        };
        let close = |candidate: usize| {
            (0..layout.days).map(|day| layout.windows(day, candidate).last().map_or(-1, |span| span.close)).max().unwrap_or(-1)
        };
        let open = |candidate: usize| (0..layout.days).map(|day| layout.span(day, candidate).open).min().unwrap_or(0);
        let effort = |candidate: usize| f64::from(legs.least_into[candidate].saturating_add(legs.least_out[candidate])).max(1.0);
        let away = |candidate: usize| f64::from(legs.leg(layout.first(0), candidate));
        let fixed = vec![
            sorted(&|_| 0.0),
            sorted(&|candidate| -(worth[candidate] as f64)),
            sorted(&|candidate| -(worth[candidate] as f64) / effort(candidate)),
            sorted(&|candidate| f64::from(close(candidate))),
            sorted(&|candidate| f64::from(close(candidate) - open(candidate))),
            sorted(&|candidate| -away(candidate)),
            sorted(&|candidate| away(candidate)),
        ];
        let mut total = 0;
        let shares = tuning.orders.iter().map(|share| { total += share; total }).collect();
        Self { list: Vec::with_capacity(count), offers: Vec::with_capacity(count), weight: worth.iter().map(|worth| (*worth as f64).powf(tuning.extra[4])).collect(), fixed, shares }
    }

    /// Makes the list of candidates to try, in an order drawn at random.
    fn draw<const EXTENDED: bool>(&mut self, state: &State<'_, EXTENDED>, rng: &mut Rng) {
        let drawn = rng.below(*self.shares.last().unwrap_or(&1));
        let kind = self.shares.iter().position(|share| drawn < *share).unwrap_or(0);
        self.fill(state, kind);
        if kind == 0 {
            rng.shuffle(&mut self.list);
        }
    }

    fn fill<const EXTENDED: bool>(&mut self, state: &State<'_, EXTENDED>, kind: usize) {
        self.list.clear();
        self.list.extend(self.fixed[kind].iter().filter(|candidate| state.fits[usize::from(**candidate)] != 0));
    }
}

impl<const EXTENDED: bool> State<'_, EXTENDED> {
    /// Puts in what fits, in an order drawn at random.
    pub(crate) fn recreate(&mut self, orders: &mut Orders, rng: &mut Rng, tuning: &Tuning) {
        if rng.unit() < tuning.extra[2] {
            self.recreate_by_ratio(orders, rng, tuning);
            return;
        }
        orders.draw(self, rng);
        for index in 0..orders.list.len() {
            self.try_insert(usize::from(orders.list[index]), rng, tuning);
        }
    }

    /// Puts in what fits, most worth for the effort first.
    pub(crate) fn fill_up(&mut self, orders: &mut Orders, rng: &mut Rng, tuning: &Tuning) {
        orders.fill(self, 2);
        for index in 0..orders.list.len() {
            self.try_insert(usize::from(orders.list[index]), rng, tuning);
        }
    }

    fn try_insert(&mut self, candidate: usize, rng: &mut Rng, tuning: &Tuning) {
        let (best, day) = self.cheapest(candidate, rng, tuning);
        if best != NONE {
            self.insert(day, (best & 0xffff) as usize, candidate);
        }
    }

    /// The cheapest place for the candidate in any tour, and its day.
    fn cheapest(&mut self, candidate: usize, rng: &mut Rng, tuning: &Tuning) -> (Key, usize) {
        let (mut best, mut best_day) = (NONE, 0);
        for day in 0..self.tours.len() {
            if self.shut[day][candidate] == self.tours[day].opened {
                continue;
            }
            if EXTENDED && (!self.layout.usable[day] || self.refusal(day, candidate).is_some() || self.worth(day, candidate) == 0) {
                continue;
            }
            let scan = self.scan(day, candidate);
            let known = if EXTENDED && (scan.limit != i64::MAX || self.layout.has_several_windows()) {
                None
            } else {
                self.sieved[day].place(self.tours[day].changed, candidate)
            };
            let mut key = known.unwrap_or_else(|| scan.cheapest::<EXTENDED>(Key::MIN));
            if key == NONE {
                self.shut[day][candidate] = self.tours[day].opened;
                continue;
            }
            while key != NONE && rng.once_in(tuning.blink) {
                key = scan.cheapest::<EXTENDED>(key);
            }
            if key != NONE && key >> 16 < best >> 16 {
                (best, best_day) = (key, day);
            }
        }
        (best, best_day)
    }

    /// Puts in what fits, at each step what is worth most for the time it costs, with some noise.
    fn recreate_by_ratio(&mut self, orders: &mut Orders, rng: &mut Rng, tuning: &Tuning) {
        orders.fill(self, 0);
        orders.offers.clear();
        for index in 0..orders.list.len() {
            let candidate = usize::from(orders.list[index]);
            let (key, day) = self.cheapest(candidate, rng, tuning);
            if key != NONE {
                let worth = orders.weight[candidate] * (1.0 + tuning.extra[3] * rng.unit());
                orders.offers.push(Offer { candidate, day, key, worth });
            }
        }
        while !orders.offers.is_empty() {
            let ratio = |offer: &Offer| offer.worth / ((offer.key >> 16).max(0) as f64 + 1.0);
            let mut at = 0;
            let mut most = -1.0;
            for (index, offer) in orders.offers.iter().enumerate() {
                let own = ratio(offer);
                if own > most {
                    (most, at) = (own, index);
                }
            }
            let taken = orders.offers.swap_remove(at);
            self.insert(taken.day, (taken.key & 0xffff) as usize, taken.candidate);
            let mut index = 0;
            while index < orders.offers.len() {
                let offer = &orders.offers[index];
                if offer.day == taken.day {
                    let (key, day) = match self.renewed(offer, taken.key) {
                        NONE => self.cheapest(offer.candidate, rng, tuning),
                        key => (key, offer.day),
                    };
                    if key == NONE {
                        orders.offers.swap_remove(index);
                        continue;
                    }
                    let offer = &mut orders.offers[index];
                    (offer.key, offer.day) = (key, day);
                }
                index += 1;
            }
        }
    }
}

impl<const EXTENDED: bool> State<'_, EXTENDED> {
    fn scan(&self, day: usize, candidate: usize) -> Scan<'_> {
        let limit = if EXTENDED { self.rules.walking_limit(day) } else { i64::MAX };
        Scan { layout: self.layout, day, tour: &self.tours[day], candidate, limit }
    }

    /// The offer's place after something was put into the same tour: the old one if it still fits, or one of the two places
    /// beside what was put in. [`NONE`] if the old one is gone, and all have to be looked at again.
    fn renewed(&self, offer: &Offer, taken: Key) -> Key {
        let (own, taken) = ((offer.key & 0xffff) as usize, (taken & 0xffff) as usize);
        let (day, candidate) = (offer.day, offer.candidate);
        if own == taken || (EXTENDED && (self.refusal(day, candidate).is_some() || self.worth(day, candidate) == 0)) {
            return NONE;
        }
        let scan = self.scan(day, candidate);
        let key = scan.at::<EXTENDED>(if own > taken { own + 1 } else { own });
        if key == NONE { NONE } else { key.min(scan.at::<EXTENDED>(taken)).min(scan.at::<EXTENDED>(taken + 1)) }
    }
}

/// A candidate with its cheapest place.
struct Offer {
    candidate: usize,
    day: usize,
    key: Key,
    worth: f64,
}

/// A place in a tour as one number that orders by cost: cost above, index of the stop before in the low 16 bits.
pub(crate) type Key = i64;

/// No place.
const NONE: Key = Key::MAX;

/// The key of a place.
pub(crate) fn key(cost: i32, after: usize) -> Key {
    Key::from(cost) << 16 | after as Key
}

/// Finds the cheapest place for a candidate in one tour.
struct Scan<'a> {
    layout: &'a Layout,
    day: usize,
    tour: &'a Tour,
    candidate: usize,
    /// Metres that may be walked.
    limit: i64,
}

impl Scan<'_> {
    /// The cheapest place whose key is above `over`. Tests have no branches that hang on data: a place that does not fit
    /// costs [`NONE`].
    fn cheapest<const EXTENDED: bool>(&self, over: Key) -> Key {
        let legs = self.layout.legs(self.day);
        let (into, out) = (legs.into(self.candidate), legs.out(self.candidate));
        let span = self.layout.span(self.day, self.candidate);
        let several = EXTENDED && self.layout.has_several_windows();
        let close = if several { self.layout.windows(self.day, self.candidate).last().map_or(-1, |span| span.close) } else { span.close };
        // Starts and latest arrivals ascend along the tour: outside of this part nothing can fit.
        let too_early = span.open.saturating_add(legs.least_out[self.candidate]);
        let too_late = close - legs.least_into[self.candidate];
        let stops = &self.tour.stops[..];
        let first = stops[1..].partition_point(|stop| stop.latest < too_early);
        let mut best = NONE;
        for (index, pair) in stops[first..].windows(2).enumerate() {
            let (before, next) = (&pair[0], &pair[1]);
            if before.start > too_late {
                break;
            }
            let (from, to) = (into[before.node as usize], out[next.node as usize]);
            let arrival = before.start + from;
            let start = if several { self.layout.start_at::<EXTENDED>(self.day, self.candidate, arrival) } else { arrival.max(span.open) };
            let mut fits = (arrival <= close) & (start + to <= next.latest);
            if EXTENDED && self.limit != i64::MAX {
                fits &= self.walked_with(legs, before.node as usize, next.node as usize) <= self.limit;
            }
            let key = key(from + to - next.leg, first + index);
            best = best.min(if fits & (key > over) { key } else { NONE });
        }
        best
    }

    /// The key of one place.
    fn at<const EXTENDED: bool>(&self, after: usize) -> Key {
        let legs = self.layout.legs(self.day);
        let (before, next) = (&self.tour.stops[after], &self.tour.stops[after + 1]);
        let (from, to) = (before.node as usize, next.node as usize);
        let (into, out) = (legs.into(self.candidate)[from], legs.out(self.candidate)[to]);
        let start = self.layout.start_at::<EXTENDED>(self.day, self.candidate, before.start + into);
        let walks = EXTENDED && self.limit != i64::MAX && self.walked_with(legs, from, to) > self.limit;
        if start.saturating_add(out) > next.latest || walks {
            return NONE;
        }
        key(into + out - next.leg, after)
    }

    fn walked_with(&self, legs: &Legs, from: usize, to: usize) -> i64 {
        self.tour.walked + legs.walked(from, self.candidate) + legs.walked(self.candidate, to) - legs.walked(from, to)
    }
}
