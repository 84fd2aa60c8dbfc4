//! Scan: the cheapest place for one candidate in one tour, where cost is the time of the way round.

use crate::feasibility::Tour;
use crate::layout::{Layout, Legs};

/// A place in a tour as one number that orders by cost: cost above, index of the stop before in the low 16 bits.
pub(crate) type Key = i64;

/// No place.
pub(crate) const NONE: Key = Key::MAX;

/// The key of a place.
pub(crate) fn key(cost: i32, after: usize) -> Key {
    Key::from(cost) << 16 | after as Key
}

/// The index of the stop before the place.
pub(crate) fn stop_before(key: Key) -> usize {
    (key & 0xffff) as usize
}

/// The cost of the place.
pub(crate) fn cost(key: Key) -> i64 {
    key >> 16
}

/// What is looked for, and where.
pub(crate) struct Scan<'a> {
    pub(crate) layout: &'a Layout,
    pub(crate) day: usize,
    pub(crate) tour: &'a Tour,
    pub(crate) candidate: usize,
    /// Metres that may be walked.
    pub(crate) limit: i64,
}

impl Scan<'_> {
    /// Whether time alone decides, so that the sieve's place is the cheapest one.
    pub(crate) fn is_plain<const EXTENDED: bool>(&self) -> bool {
        !EXTENDED || (self.limit == i64::MAX && !self.layout.has_several_windows())
    }

    /// The cheapest place whose key is above `over`.
    pub(crate) fn cheapest<const EXTENDED: bool>(&self, over: Key) -> Key {
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
            let walks = EXTENDED && self.limit != i64::MAX && self.walked_with(legs, before.node as usize, next.node as usize) > self.limit;
            let key = key(from + to - next.leg, first + index);
            if arrival <= close && start + to <= next.latest && key > over && !walks {
                best = best.min(key);
            }
        }
        best
    }

    fn walked_with(&self, legs: &Legs, from: usize, to: usize) -> i64 {
        self.tour.walked + legs.walked(from, self.candidate) + legs.walked(self.candidate, to) - legs.walked(from, to)
    }
}
