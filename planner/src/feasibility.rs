//! One day's tour with, at every stop, the earliest start of the visit and the latest arrival from which the rest of the
//! day still works; a visit fits between two stops exactly when it can start by its closing and leave for the next stop by
//! that stop's latest arrival, one comparison each (Savelsbergh 1992, doi:10.1287/ijoc.4.2.146; Vansteenwegen et al. 2009).
//! With several windows a day both arrays keep their meaning: waiting for the next window is monotone in the arrival.

use crate::layout::{Layout, NEVER};

/// A stop of a tour.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stop {
    /// The node.
    pub(crate) node: u32,
    /// Earliest start of the visit.
    pub(crate) start: i32,
    /// Latest arrival that keeps the rest possible.
    pub(crate) latest: i32,
    /// Duration at the stop before and the way from it.
    pub(crate) leg: i32,
}

/// A tour: the day's start, visits, the day's end.
#[derive(Clone, Debug)]
pub(crate) struct Tour {
    pub(crate) stops: Vec<Stop>,
    /// Metres walked.
    pub(crate) walked: i64,
    /// Changes when something is taken out; a candidate that did not fit does not fit until this changes.
    pub(crate) opened: u32,
    /// Changes with every change of the tour.
    pub(crate) changed: u32,
}

impl Tour {
    /// The tour of an idle day.
    pub(crate) fn idle(layout: &Layout, day: usize) -> Self {
        let mut tour = Self { stops: Vec::with_capacity(64), walked: 0, opened: 0, changed: 0 };
        tour.reset(layout, day);
        tour
    }

    /// The tour of an order of visits; an idle day where it is not possible.
    pub(crate) fn of(layout: &Layout, day: usize, order: &[usize]) -> Self {
        let mut tour = Self::idle(layout, day);
        let visit = |node: &usize| Stop { node: *node as u32, start: 0, latest: 0, leg: 0 };
        tour.stops.splice(1..1, order.iter().map(visit));
        tour.recompute::<true>(layout, day);
        tour
    }

    /// Whether a visit fits anywhere, with at most `limit` metres walked.
    pub(crate) fn fits(&self, layout: &Layout, day: usize, node: usize, limit: i64) -> bool {
        let legs = layout.legs(day);
        self.stops.windows(2).any(|pair| {
            let (before, next) = (pair[0].node as usize, pair[1].node as usize);
            let start = layout.start_at::<true>(day, node, pair[0].start + legs.leg(before, node));
            let walked = self.walked + legs.walked(before, node) + legs.walked(node, next) - legs.walked(before, next);
            start.saturating_add(legs.leg(node, next)) <= pair[1].latest && walked <= limit
        })
    }

    /// Makes it the tour of an idle day.
    pub(crate) fn reset(&mut self, layout: &Layout, day: usize) {
        self.stops.clear();
        let (first, last) = (layout.first(day), layout.last(day));
        let (from, to) = (layout.span(day, first), layout.span(day, last));
        let leg = layout.legs(day).leg(first, last);
        self.stops.push(Stop { node: first as u32, start: from.open, latest: to.close - leg, leg: 0 });
        self.stops.push(Stop { node: last as u32, start: from.open.saturating_add(leg).max(to.open), latest: to.close, leg });
        self.walked = layout.legs(day).walked(first, last);
    }

    /// Number of visits.
    pub(crate) fn visits(&self) -> usize {
        self.stops.len() - 2
    }

    /// The visited candidates in order.
    pub(crate) fn nodes(&self) -> impl Iterator<Item = usize> + '_ {
        self.stops[1..self.stops.len() - 1].iter().map(|stop| stop.node as usize)
    }

    /// Copies another tour into this one without giving back memory.
    pub(crate) fn copy_from(&mut self, other: &Self) {
        self.stops.clear();
        self.stops.extend_from_slice(&other.stops);
        self.walked = other.walked;
        self.opened = other.opened;
        self.changed = other.changed;
    }

    /// Puts a visit after the stop with the index given. The caller has tested that it fits.
    pub(crate) fn insert<const EXTENDED: bool>(&mut self, layout: &Layout, day: usize, after: usize, node: usize) {
        let legs = layout.legs(day);
        let (before, next) = (self.stops[after].node as usize, self.stops[after + 1].node as usize);
        let at = after + 1;
        self.stops.insert(at, Stop { node: node as u32, start: -1, latest: -1, leg: legs.leg(before, node) });
        self.stops[at + 1].leg = legs.leg(node, next);
        if EXTENDED {
            self.walked += legs.walked(before, node) + legs.walked(node, next) - legs.walked(before, next);
        }
        self.forward::<EXTENDED>(layout, day, at);
        self.backward::<EXTENDED>(layout, day, at);
    }

    /// Recomputes earliest starts from the stop with the index given, until they stay as they were.
    fn forward<const EXTENDED: bool>(&mut self, layout: &Layout, day: usize, from: usize) {
        let mut leave = self.stops[from - 1].start;
        for stop in &mut self.stops[from..] {
            let start = layout.start_at::<EXTENDED>(day, stop.node as usize, leave + stop.leg);
            if start == stop.start {
                break;
            }
            stop.start = start;
            leave = start;
        }
    }

    /// Recomputes latest arrivals from the stop with the index given towards the start, until they stay as they were.
    fn backward<const EXTENDED: bool>(&mut self, layout: &Layout, day: usize, from: usize) {
        let next = self.stops[from + 1];
        let mut bound = next.latest - next.leg;
        for stop in self.stops[..=from].iter_mut().rev() {
            let latest = layout.latest_before::<EXTENDED>(day, stop.node as usize, bound);
            if latest == stop.latest {
                break;
            }
            stop.latest = latest;
            bound = latest - stop.leg;
        }
    }

    /// Keeps only the stops for which `keep` holds (the ends always stay) and recomputes everything. Where the rest is not
    /// possible as it stands (roads can make a way longer by leaving out a stop), the day becomes idle and `false` is returned.
    pub(crate) fn retain<const EXTENDED: bool>(&mut self, layout: &Layout, day: usize, keep: impl Fn(usize) -> bool) -> bool {
        let last = self.stops.len() - 1;
        let mut index = 0;
        self.stops.retain(|stop| {
            index += 1;
            index == 1 || index == last + 1 || keep(stop.node as usize)
        });
        self.recompute::<EXTENDED>(layout, day)
    }

    /// Recomputes everything from the nodes; `false`, and an idle day, where they are not possible in this order.
    pub(crate) fn recompute<const EXTENDED: bool>(&mut self, layout: &Layout, day: usize) -> bool {
        let legs = layout.legs(day);
        let (mut before, mut leave, mut walked) = (self.stops[0].node as usize, self.stops[0].start, 0);
        for stop in &mut self.stops[1..] {
            let node = stop.node as usize;
            stop.leg = legs.leg(before, node);
            stop.start = layout.start_at::<EXTENDED>(day, node, leave.saturating_add(stop.leg));
            if stop.start >= NEVER {
                self.reset(layout, day);
                return false;
            }
            if EXTENDED {
                walked += legs.walked(before, node);
            }
            before = node;
            leave = stop.start;
        }
        self.walked = walked;
        let mut bound = NEVER;
        for stop in self.stops.iter_mut().rev() {
            stop.latest = layout.latest_before::<EXTENDED>(day, stop.node as usize, bound);
            bound = stop.latest - stop.leg;
        }
        true
    }
}
