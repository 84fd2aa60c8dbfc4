//! Sieve: which candidates fit anywhere in a tour, for all candidates at once. Only those few are then looked at one by one.
//! Stop by stop, over rows that lie in order in memory, the compiler makes four tests at a time of it. As what is put in
//! afterwards only takes room away, what the sieve holds back stays out until something is taken out of the tour again.

use super::scan::{Key, key};
use super::state::{NOWHERE, State};

/// A cost above that of any place.
const NO_PLACE: i32 = 1 << 30;

/// What the sieve found for one tour.
pub(crate) struct Sieved {
    /// The tour's `changed` for which this is true.
    changed: u32,
    /// For each candidate the cost of its cheapest place, [`NO_PLACE`] if there is none…
    cost: Vec<i32>,
    /// … and the stop after which that is.
    after: Vec<i32>,
}

impl Sieved {
    pub(crate) fn new(candidates: usize) -> Self {
        Self { changed: u32::MAX, cost: vec![NO_PLACE; candidates], after: vec![0; candidates] }
    }

    /// The cheapest place, if the tour is still as it was sieved and the candidate fits.
    pub(crate) fn place(&self, changed: u32, candidate: usize) -> Option<Key> {
        (self.changed == changed && self.cost[candidate] < NO_PLACE).then(|| key(self.cost[candidate], self.after[candidate] as usize))
    }
}

impl<const EXTENDED: bool> State<'_, EXTENDED> {
    /// Notes for every tour opened in this trial which candidates cannot be put into it.
    pub(crate) fn sieve(&mut self) {
        for day in 0..self.tours.len() {
            if self.is_opened(day) {
                self.sieve_day(day);
            }
        }
        self.fits.fill(0);
        for (tour, shut) in self.tours.iter().zip(&self.shut) {
            for (fits, shut) in self.fits.iter_mut().zip(shut) {
                *fits |= i32::from(*shut != tour.opened);
            }
        }
        for (fits, place) in self.fits.iter_mut().zip(&self.place) {
            *fits &= i32::from(*place == NOWHERE);
        }
    }

    fn sieve_day(&mut self, day: usize) {
        let (tour, legs) = (&self.tours[day], self.layout.legs(day));
        let count = self.layout.candidates;
        let (open, close) = (&self.layout.first_open[day][..count], &self.layout.last_close[day][..count]);
        let sieved = &mut self.sieved[day];
        sieved.changed = tour.changed;
        let (cost, after) = (&mut sieved.cost[..count], &mut sieved.after[..count]);
        cost.fill(NO_PLACE);
        for (index, pair) in tour.stops.windows(2).enumerate() {
            let (start, latest, leg) = (pair[0].start, pair[1].latest, pair[1].leg);
            let from = &legs.out(pair[0].node as usize)[..count];
            let to = &legs.into(pair[1].node as usize)[..count];
            for node in 0..count {
                let arrival = start + from[node];
                // A mask of all ones where one of three times is too late: signs in place of branches.
                let late = (close[node] - arrival) | (latest - arrival - to[node]) | (latest - open[node] - to[node]);
                let round = from[node] + to[node] - leg;
                let way = round + ((NO_PLACE - round) & (late >> 31));
                let better = (way - cost[node]) >> 31;
                cost[node] += (way - cost[node]) & better;
                after[node] += (index as i32 - after[node]) & better;
            }
        }
        let opened = tour.opened;
        for (shut, cost) in self.shut[day].iter_mut().zip(cost) {
            *shut = if *cost >= NO_PLACE { opened } else { opened.wrapping_sub(1) };
        }
    }
}
