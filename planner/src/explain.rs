//! Why the plan is as it is: for what was left out the reason, for each stop how much it may slip, and what could stand in
//! its place. Everything here is worked out from a finished plan, not recorded by the search.

use crate::constraints::{Refusal, Rules};
use crate::feasibility::Tour;
use crate::layout::{Layout, NEVER};
use crate::plan::Plan;
use crate::problem::Problem;

/// Why a candidate is not in a plan. Where days differ, the reason that came nearest to a visit is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Reason {
    /// It has no window on any day.
    ClosedAllDays,
    /// Going there and on takes longer than every day it is open, even if nothing else were planned.
    TooFar,
    /// It could be reached on an idle day, but only outside of its windows.
    NotOpenWhenThere,
    /// Alone on an idle day it would be more walking than allowed.
    OverWalking,
    /// The money does not reach, even if nothing else were planned.
    OverBudget,
    /// It fits only without the mandatory visits, of which this one is on the way.
    ClashesWith(usize),
    /// The group has its greatest number.
    GroupFull(usize),
    /// It would fit in time, but the other visits have used the money.
    NoBudgetLeft,
    /// It would fit in time, but not within the metres to walk.
    NoWalkingLeft,
    /// It would fit in time, but the days have their number of stops.
    NoStopsLeft,
    /// There is no time for it between what is planned.
    NoTime,
    /// It fits in place of something planned, which is worth as much or more.
    LessInterest,
    /// Nothing stands against it: it fits as it is. A plan of a search that was stopped early may leave such.
    Fits,
}

/// How much a stop may slip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slack {
    /// The candidate.
    pub candidate: usize,
    /// Latest arrival from which the rest of the day still works.
    pub latest_arrival: u32,
    /// `latest_arrival` less the planned arrival.
    pub slack: u32,
}

/// A finished plan with what is needed to ask about it.
pub struct Explanation<'a> {
    problem: &'a Problem,
    layout: Layout,
    rules: Rules,
    tours: Vec<Tour>,
    plan: &'a Plan,
}

impl<'a> Explanation<'a> {
    /// Takes a plan that [`crate::checker::check`] finds nothing wrong with.
    pub fn new(problem: &'a Problem, plan: &'a Plan) -> Self {
        let layout = Layout::new(problem);
        let mut rules = Rules::new(problem);
        let mut tours = Vec::with_capacity(layout.days);
        for (day, order) in plan.order().into_iter().enumerate() {
            for node in &order {
                rules.add(day, *node);
            }
            tours.push(Tour::of(&layout, day, &order));
        }
        Self { problem, layout, rules, tours, plan }
    }

    /// Slack of every stop of a day, in order.
    pub fn slacks(&self, day: usize) -> Vec<Slack> {
        let stops = self.tours[day].stops.iter().skip(1);
        (self.plan.days[day].visits.iter().zip(stops))
            .map(|(visit, stop)| {
                let latest_arrival = stop.latest.max(0) as u32;
                Slack { candidate: visit.candidate, latest_arrival, slack: latest_arrival.saturating_sub(visit.arrive) }
            })
            .collect()
    }

    /// Why the candidate is not in the plan; `None` if it is.
    pub fn why_not(&self, candidate: usize) -> Option<Reason> {
        if self.plan.day_of(candidate).is_some() {
            return None;
        }
        if self.problem.candidates()[candidate].windows.iter().all(Vec::is_empty) {
            return Some(Reason::ClosedAllDays);
        }
        if self.problem.budget().is_some_and(|budget| self.problem.candidates()[candidate].cost > budget) {
            return Some(Reason::OverBudget);
        }
        (0..self.layout.days).filter_map(|day| self.why_not_on(day, candidate)).max()
    }

    /// Planned candidates in place of which the given one would fit, all rules kept, in order of day and time.
    pub fn could_replace(&self, candidate: usize) -> Vec<usize> {
        if self.plan.day_of(candidate).is_some() {
            return Vec::new();
        }
        let mut found = Vec::new();
        for day in 0..self.layout.days {
            found.extend(self.tours[day].nodes().filter(|stop| self.fits_without(day, candidate, &[*stop])));
        }
        found
    }

    /// Candidates outside the plan that could stand in place of a planned one, highest score first, at most `most`.
    pub fn replacements(&self, planned: usize, most: usize) -> Vec<usize> {
        let Some(day) = self.plan.day_of(planned) else { return Vec::new() };
        let mut found: Vec<usize> = (0..self.problem.candidates().len())
            .filter(|candidate| self.plan.day_of(*candidate).is_none() && self.fits_without(day, *candidate, &[planned]))
            .collect();
        found.sort_by_key(|candidate| (std::cmp::Reverse(self.problem.candidates()[*candidate].score), *candidate));
        found.truncate(most);
        found
    }

    fn why_not_on(&self, day: usize, candidate: usize) -> Option<Reason> {
        if self.problem.candidates()[candidate].windows[day].is_empty() {
            return None;
        }
        if let Some(reason) = self.impossible_alone(day, candidate) {
            return Some(reason);
        }
        let mandatory: Vec<usize> = self.tours[day].nodes().filter(|node| self.problem.candidates()[*node].mandatory).collect();
        let others: Vec<usize> = self.tours[day].nodes().filter(|node| !mandatory.contains(node)).collect();
        let limit = self.rules.walking_limit(day);
        let only_mandatory = self.without(day, &others);
        if !only_mandatory.fits(&self.layout, day, candidate, i64::MAX) {
            let clash = mandatory
                .iter()
                .copied()
                .find(|node| self.without(day, &[&others[..], &[*node]].concat()).fits(&self.layout, day, candidate, i64::MAX));
            return Some(clash.or(mandatory.first().copied()).map_or(Reason::NoTime, Reason::ClashesWith));
        }
        if self.tours[day].nodes().any(|stop| self.fits_without(day, candidate, &[stop])) {
            return Some(Reason::LessInterest);
        }
        let in_time = self.tours[day].fits(&self.layout, day, candidate, i64::MAX);
        Some(match self.rules.refusal(day, candidate) {
            Some(Refusal::Group(group)) => Reason::GroupFull(group),
            Some(Refusal::Budget) if in_time => Reason::NoBudgetLeft,
            Some(Refusal::Stops) if in_time => Reason::NoStopsLeft,
            _ if !in_time => Reason::NoTime,
            _ if !self.tours[day].fits(&self.layout, day, candidate, limit) => Reason::NoWalkingLeft,
            _ => Reason::Fits,
        })
    }

    /// The reason that stands even on an idle day.
    fn impossible_alone(&self, day: usize, candidate: usize) -> Option<Reason> {
        let idle = Tour::idle(&self.layout, day);
        let limit = self.rules.walking_limit(day);
        if self.layout.usable[day] && idle.fits(&self.layout, day, candidate, limit) {
            return None;
        }
        let legs = self.layout.legs(day);
        let (first, last) = (self.layout.first(day), self.layout.last(day));
        let span = &self.problem.days()[day];
        let there_and_on = i64::from(span.earliest_start) + i64::from(legs.leg(first, candidate)) + i64::from(legs.leg(candidate, last));
        if there_and_on > i64::from(span.latest_end) || legs.leg(first, candidate) >= NEVER {
            return Some(Reason::TooFar);
        }
        let in_time = idle.fits(&self.layout, day, candidate, i64::MAX);
        Some(if in_time { Reason::OverWalking } else { Reason::NotOpenWhenThere })
    }

    fn fits_without(&self, day: usize, candidate: usize, out: &[usize]) -> bool {
        let mut rules = self.rules.clone();
        for node in out {
            rules.remove(day, *node);
        }
        let rest = self.without(day, out);
        // Roads can make the rest impossible by leaving out a stop.
        let holds = rest.visits() == self.tours[day].nodes().filter(|node| !out.contains(node)).count();
        holds
            && rules.refusal(day, candidate).is_none()
            && self.layout.usable[day]
            && rest.fits(&self.layout, day, candidate, self.rules.walking_limit(day))
    }

    fn without(&self, day: usize, out: &[usize]) -> Tour {
        let order: Vec<usize> = self.tours[day].nodes().filter(|node| !out.contains(node)).collect();
        Tour::of(&self.layout, day, &order)
    }
}
