//! Recreate: candidates that are nowhere are tried in one of several orders, each put where it costs least, with blinks
//! (Christiaens and Vanden Berghe 2020, doi:10.1287/trsc.2019.0914): now and then a feasible place is overlooked.

use super::rng::Rng;
use super::state::{NOWHERE, State};
use super::Tuning;
use crate::feasibility::{Place, Tour};
use crate::layout::{Layout, NEVER};

/// The orders in which candidates are tried, fixed for a run but for the shuffled one.
pub(crate) struct Orders {
    fixed: Vec<Vec<u16>>,
    shares: Vec<usize>,
    list: Vec<u16>,
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
        Self { list: Vec::with_capacity(count), fixed, shares }
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
        self.list.extend(self.fixed[kind].iter().filter(|candidate| {
            let candidate = usize::from(**candidate);
            state.place[candidate] == NOWHERE && state.tours.iter().zip(&state.shut).any(|(tour, shut)| shut[candidate] != tour.opened)
        }));
    }
}

impl<const EXTENDED: bool> State<'_, EXTENDED> {
    /// Puts in what fits, in an order drawn at random.
    pub(crate) fn recreate(&mut self, orders: &mut Orders, rng: &mut Rng, tuning: &Tuning) {
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
        let mut best: Option<(usize, Place)> = None;
        for day in 0..self.tours.len() {
            if self.shut[day][candidate] == self.tours[day].opened {
                continue;
            }
            if EXTENDED && (!self.layout.usable[day] || self.refusal(day, candidate).is_some() || self.worth(day, candidate) == 0) {
                continue;
            }
            let limit = if EXTENDED { self.rules.walking_limit(day) } else { i64::MAX };
            let mut scan = Scan { best: None, seen: false };
            scan.tour::<EXTENDED>(self.layout, day, &self.tours[day], candidate, limit, rng, tuning.blink);
            if !scan.seen {
                self.shut[day][candidate] = self.tours[day].opened;
            }
            if let Some(place) = scan.best && best.is_none_or(|(_, other)| place.cost < other.cost) {
                best = Some((day, place));
            }
        }
        if let Some((day, place)) = best {
            self.insert(day, place.after, candidate);
        }
    }
}

/// The search for a place in one tour.
pub(crate) struct Scan {
    /// The cheapest place found.
    pub(crate) best: Option<Place>,
    /// Whether any place is feasible, overlooked ones counted.
    pub(crate) seen: bool,
}

impl Scan {
    #[expect(clippy::too_many_arguments, reason = "the innermost loop; a struct of these would be built for every call")]
    fn tour<const EXTENDED: bool>(
        &mut self, layout: &Layout, day: usize, tour: &Tour, candidate: usize, limit: i64, rng: &mut Rng, blink: usize,
    ) {
        let legs = layout.legs(day);
        let (into, out) = (legs.into(candidate), legs.out(candidate));
        let span = layout.span(day, candidate);
        let several = EXTENDED && layout.has_several_windows();
        let last = if several { layout.windows(day, candidate).last().map_or(-1, |span| span.close) } else { span.close };
        // Starts and latest arrivals ascend along the tour: outside of this part nothing can fit.
        let too_late = last - legs.least_into[candidate];
        let too_early = span.open.saturating_add(legs.least_out[candidate]);
        for (after, pair) in tour.stops.windows(2).enumerate() {
            let (before, next) = (&pair[0], &pair[1]);
            if next.latest < too_early {
                continue;
            }
            if before.start > too_late {
                break;
            }
            let arrival = before.start + into[before.node as usize];
            let start = if several {
                layout.start_at::<EXTENDED>(day, candidate, arrival)
            } else {
                if arrival > span.close {
                    continue;
                }
                arrival.max(span.open)
            };
            if start >= NEVER {
                continue;
            }
            let onward = out[next.node as usize];
            if start + onward > next.latest {
                continue;
            }
            if EXTENDED && limit != i64::MAX {
                let (from, to) = (before.node as usize, next.node as usize);
                if tour.walked + legs.walked(from, candidate) + legs.walked(candidate, to) - legs.walked(from, to) > limit {
                    continue;
                }
            }
            self.seen = true;
            if rng.once_in(blink) {
                continue;
            }
            let cost = into[before.node as usize] + onward - next.leg;
            if self.best.is_none_or(|best| cost < best.cost) {
                self.best = Some(Place { after, cost });
            }
        }
    }
}
