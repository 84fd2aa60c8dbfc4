//! Ruin: strings of visits that lie near each other are taken out of tours (Christiaens and Vanden Berghe 2020,
//! doi:10.1287/trsc.2019.0914), around a place drawn at random.

use super::Tuning;
use super::rng::Rng;
use super::state::{NOWHERE, State};
use crate::feasibility::Tour;
use crate::layout::Layout;

/// With so few visits a plan made afresh may well be the best one; strings alone can be stuck where rules bind.
const FEW: usize = 24;

/// How often a small plan is made afresh: once in so many iterations.
const START_AFRESH: usize = 16;

/// For each candidate the others, nearest first.
pub(crate) struct Neighbours {
    lists: Vec<Vec<u16>>,
}

impl Neighbours {
    pub(crate) fn new(layout: &Layout) -> Self {
        let legs = layout.legs(0);
        let count = layout.candidates;
        let mut keyed: Vec<(i32, u16)> = Vec::with_capacity(count);
        let lists = (0..count)
            .map(|from| {
                keyed.clear();
                let (out, own) = (legs.out(from), legs.leg(from, from));
                keyed.extend((0..count).filter(|to| *to != from).map(|to| (out[to].saturating_sub(own), to as u16)));
                keyed.sort_unstable();
                keyed.iter().map(|(_, to)| *to).collect()
            })
            .collect();
        Self { lists }
    }
}

impl<const EXTENDED: bool> State<'_, EXTENDED> {
    /// Takes out strings around a random candidate. Returns whether it took out everything, now and then, of a small plan.
    pub(crate) fn ruin(&mut self, neighbours: &Neighbours, rng: &mut Rng, tuning: &Tuning) -> bool {
        let visits: usize = self.tours.iter().map(Tour::visits).sum();
        if visits == 0 {
            return true;
        }
        if visits <= FEW && rng.once_in(START_AFRESH) {
            self.take_all_out();
            return true;
        }
        let average = visits as f64 / self.tours.len() as f64;
        let longest = tuning.longest.min(average.max(1.0));
        let most = 4.0 * tuning.removed / (1.0 + longest) - 1.0;
        let strings = ((rng.unit() * most) as usize + 1).min(self.tours.len());
        let seed = rng.below(self.place.len());
        let mut done = self.ruin_at(seed, longest, rng, tuning);
        for &near in &neighbours.lists[seed] {
            if done >= strings {
                break;
            }
            done += self.ruin_at(usize::from(near), longest, rng, tuning);
        }
        self.close_up();
        false
    }

    fn take_all_out(&mut self) {
        for candidate in 0..self.place.len() {
            if self.place[candidate] != NOWHERE {
                self.mark_out(usize::from(self.place[candidate]), candidate);
            }
        }
        self.close_up();
    }

    /// Takes a string around the candidate out of its tour, if it is in one that is still whole. Returns how many it took.
    fn ruin_at(&mut self, candidate: usize, longest: f64, rng: &mut Rng, tuning: &Tuning) -> usize {
        let day = usize::from(self.place[candidate]);
        if self.place[candidate] == NOWHERE || self.is_opened(day) {
            return 0;
        }
        let visits = self.tours[day].visits();
        let Some(at) = self.tours[day].stops.iter().position(|stop| stop.node as usize == candidate) else { return 0 };
        let longest = longest.min(visits as f64);
        let length = ((rng.unit() * longest) as usize + 1).min(visits);
        let mut kept = 0;
        if length > 1 && length < visits && rng.unit() < tuning.split {
            kept = 1;
            while length + kept < visits && rng.unit() > tuning.split_grow {
                kept += 1;
            }
        }
        let span = length + kept;
        // Stops 1..=visits; the string starts so that it holds the candidate.
        let lowest = at.saturating_sub(span - 1).max(1);
        let highest = at.min(visits + 1 - span);
        let from = lowest + rng.below(highest - lowest + 1);
        let skip = if kept > 0 { from + 1 + rng.below(length - 1) } else { usize::MAX };
        for index in from..from + span {
            if kept > 0 && index >= skip && index < skip + kept {
                continue;
            }
            let node = self.tours[day].stops[index].node as usize;
            self.mark_out(day, node);
        }
        1
    }
}
