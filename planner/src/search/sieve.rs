//! Sieve: which candidates fit anywhere in a tour, for all candidates at once. Only those few are then looked at one by one.
//! Stop by stop, over rows that lie in order in memory, the compiler makes four tests at a time of it. As what is put in
//! afterwards only takes room away, what the sieve holds back stays out until something is taken out of the tour again.

use super::state::{NOWHERE, State};

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
        let fits = &mut self.fits[..count];
        fits.fill(0);
        for pair in tour.stops.windows(2) {
            let (start, latest) = (pair[0].start, pair[1].latest);
            let from = &legs.out(pair[0].node as usize)[..count];
            let to = &legs.into(pair[1].node as usize)[..count];
            for ((((fits, from), to), open), close) in fits.iter_mut().zip(from).zip(to).zip(open).zip(close) {
                let arrival = start + from;
                *fits |= i32::from((arrival <= *close) & (arrival + to <= latest) & (open + to <= latest));
            }
        }
        let opened = tour.opened;
        for (shut, fits) in self.shut[day].iter_mut().zip(fits) {
            *shut = if *fits == 0 { opened } else { opened.wrapping_sub(1) };
        }
    }
}
