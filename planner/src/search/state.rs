//! The current solution and the trial made from it: tours touched by a trial are saved at first touch, so that refusing it
//! copies back those tours and nothing else. It keeps true: value, places and rule counters always match the tours.

use super::sieve::Sieved;
use crate::constraints::Rules;
use crate::feasibility::Tour;
use crate::layout::Layout;
use crate::problem::Problem;

/// The day of a candidate that is on none.
pub(crate) const NOWHERE: u8 = u8::MAX;

/// A solution under change. `EXTENDED`: the problem has rules beyond one window a day.
pub(crate) struct State<'a, const EXTENDED: bool> {
    pub(crate) layout: &'a Layout,
    pub(crate) tours: Vec<Tour>,
    /// Day of each candidate.
    pub(crate) place: Vec<u8>,
    /// The objective, its three parts weighed together.
    pub(crate) value: i64,
    pub(crate) rules: Rules,
    /// Per day and candidate the `opened` of the tour into which the candidate was last found not to fit.
    pub(crate) shut: Vec<Vec<u32>>,
    spare: Vec<Vec<u32>>,
    /// What the sieve found last, day by day.
    pub(super) sieved: Vec<Sieved>,
    /// Whether each candidate is on no day and may fit on some, as of the last sieve; not 0: yes.
    pub(super) fits: Vec<i32>,
    saved: Vec<Tour>,
    saved_value: i64,
    touched: Vec<bool>,
    opened: Vec<bool>,
    next_opened: u32,
    next_changed: u32,
}

impl<'a, const EXTENDED: bool> State<'a, EXTENDED> {
    pub(crate) fn new(problem: &Problem, layout: &'a Layout) -> Self {
        let tours: Vec<Tour> = (0..layout.days).map(|day| Tour::idle(layout, day)).collect();
        Self {
            layout,
            saved: tours.clone(),
            tours,
            place: vec![NOWHERE; layout.candidates],
            value: 0,
            rules: Rules::new(problem),
            shut: vec![vec![u32::MAX; layout.candidates]; layout.days],
            spare: vec![vec![u32::MAX; layout.candidates]; layout.days],
            fits: vec![1; layout.candidates],
            sieved: (0..layout.days).map(|_| Sieved::new(layout.candidates)).collect(),
            next_changed: 0,
            saved_value: 0,
            touched: vec![false; layout.days],
            opened: vec![false; layout.days],
            next_opened: 0,
        }
    }

    /// The order of visits, day by day.
    pub(crate) fn order(&self) -> Vec<Vec<usize>> {
        self.tours.iter().map(|tour| tour.nodes().collect()).collect()
    }

    /// What the visit would add.
    pub(crate) fn worth(&self, day: usize, candidate: usize) -> i64 {
        if EXTENDED { self.rules.worth(day, candidate) } else { self.layout.score[candidate] }
    }

    /// Puts a visit after the stop given; it must fit.
    pub(crate) fn insert(&mut self, day: usize, after: usize, candidate: usize) {
        self.touch(day);
        self.place[candidate] = day as u8;
        self.count(day, candidate);
        self.tours[day].insert::<EXTENDED>(self.layout, day, after, candidate);
        self.change(day);
    }

    /// Marks a visit as taken out; the tour itself follows in [`State::close_up`].
    pub(crate) fn mark_out(&mut self, day: usize, candidate: usize) {
        self.open(day);
        self.place[candidate] = NOWHERE;
        self.discount(day, candidate);
    }

    /// Whether a visit of the tour was taken out in this trial.
    pub(crate) fn is_opened(&self, day: usize) -> bool {
        self.opened[day]
    }

    /// Takes the marked visits out of the tours. Roads can make a way later or longer by leaving out a stop: a day that does not
    /// hold without them becomes idle.
    pub(crate) fn close_up(&mut self) {
        for day in 0..self.tours.len() {
            if self.opened[day] {
                let place = &self.place;
                let mut holds = self.tours[day].retain::<EXTENDED>(self.layout, day, |node| place[node] == day as u8);
                if EXTENDED && self.tours[day].walked > self.rules.walking_limit(day) {
                    self.tours[day].reset(self.layout, day);
                    holds = false;
                }
                if !holds {
                    for index in 1..self.saved[day].stops.len() - 1 {
                        let node = self.saved[day].stops[index].node as usize;
                        if self.place[node] == day as u8 {
                            self.place[node] = NOWHERE;
                            self.discount(day, node);
                        }
                    }
                }
            }
        }
    }

    /// Keeps the trial.
    pub(crate) fn commit(&mut self) {
        self.saved_value = self.value;
        self.touched.fill(false);
        self.opened.fill(false);
    }

    /// Undoes the trial.
    pub(crate) fn roll_back(&mut self) {
        for day in 0..self.tours.len() {
            if !self.touched[day] {
                continue;
            }
            for index in 1..self.tours[day].stops.len() - 1 {
                let node = self.tours[day].stops[index].node as usize;
                self.place[node] = NOWHERE;
                if EXTENDED {
                    self.rules.remove(day, node);
                }
            }
        }
        for day in 0..self.tours.len() {
            if !self.touched[day] {
                continue;
            }
            self.tours[day].copy_from(&self.saved[day]);
            for index in 1..self.tours[day].stops.len() - 1 {
                let node = self.tours[day].stops[index].node as usize;
                self.place[node] = day as u8;
                if EXTENDED {
                    self.rules.add(day, node);
                }
            }
            if self.opened[day] {
                std::mem::swap(&mut self.shut[day], &mut self.spare[day]);
            }
            self.touched[day] = false;
            self.opened[day] = false;
        }
        self.value = self.saved_value;
    }

    /// Takes over another order of visits, which must be feasible, in place of all there is.
    pub(crate) fn adopt(&mut self, order: &[Vec<usize>]) {
        for day in 0..self.tours.len() {
            self.open(day);
            let out: Vec<usize> = self.tours[day].nodes().collect();
            for node in out {
                self.mark_out(day, node);
            }
        }
        self.close_up();
        for (day, nodes) in order.iter().enumerate() {
            for (after, &node) in nodes.iter().enumerate() {
                self.insert(day, after, node);
            }
        }
        self.commit();
    }

    fn change(&mut self, day: usize) {
        self.next_changed = self.next_changed.wrapping_add(1);
        self.tours[day].changed = self.next_changed;
    }

    fn count(&mut self, day: usize, candidate: usize) {
        self.value += if EXTENDED { self.rules.add(day, candidate) } else { self.layout.score[candidate] };
    }

    fn discount(&mut self, day: usize, candidate: usize) {
        self.value -= if EXTENDED { self.rules.remove(day, candidate) } else { self.layout.score[candidate] };
    }

    fn touch(&mut self, day: usize) {
        if !self.touched[day] {
            self.touched[day] = true;
            self.saved[day].copy_from(&self.tours[day]);
        }
    }

    fn open(&mut self, day: usize) {
        self.touch(day);
        if !self.opened[day] {
            self.opened[day] = true;
            self.next_opened = self.next_opened.wrapping_add(1);
            self.tours[day].opened = self.next_opened;
            self.change(day);
            std::mem::swap(&mut self.shut[day], &mut self.spare[day]);
        }
    }
}
