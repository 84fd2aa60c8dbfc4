//! The problem laid out for the search: candidates and the ends of days as nodes 0..n, durations folded into legs, a row
//! for every direction so that one insertion test touches two short rows. Built once a run, never changed.

use crate::matrix::{NO_WAY, TravelMatrix};
use crate::problem::{MAX_TIME, Problem};

/// A time that no sum of times reaches from below and that two of can be added in 31 bits.
pub(crate) const NEVER: i32 = 1 << 29;

/// A span in which a visit may start.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span {
    pub(crate) open: i32,
    pub(crate) close: i32,
}

/// A span nothing fits into.
const CLOSED: Span = Span { open: NEVER, close: -1 };

/// The legs of one mode, over nodes.
#[derive(Debug)]
pub(crate) struct Legs {
    /// `from * nodes + to`: duration of the visit at `from` and the way to `to`.
    out: Vec<i32>,
    /// The same transposed: `to * nodes + from`.
    into: Vec<i32>,
    /// Metres walked, `from * nodes + to`; empty where nothing is.
    walked: Vec<u32>,
    /// For each node the least of `into`, and of `out`: no insertion takes less.
    pub(crate) least_into: Vec<i32>,
    pub(crate) least_out: Vec<i32>,
}

impl Legs {
    /// Duration at and ways from the node, by target.
    pub(crate) fn out(&self, node: usize) -> &[i32] {
        let nodes = self.least_out.len();
        &self.out[node * nodes..(node + 1) * nodes]
    }

    /// Durations at and ways from the others to this node, by source.
    pub(crate) fn into(&self, node: usize) -> &[i32] {
        let nodes = self.least_out.len();
        &self.into[node * nodes..(node + 1) * nodes]
    }

    /// One leg with the duration at its start.
    pub(crate) fn leg(&self, from: usize, to: usize) -> i32 {
        self.out[from * self.least_out.len() + to]
    }

    /// Metres walked on the leg.
    pub(crate) fn walked(&self, from: usize, to: usize) -> i64 {
        if self.walked.is_empty() { 0 } else { i64::from(self.walked[from * self.least_out.len() + to]) }
    }
}

/// The whole.
#[derive(Debug)]
pub(crate) struct Layout {
    /// Number of candidates: nodes below it are those.
    pub(crate) candidates: usize,
    /// Number of days; the ends of day d are nodes `candidates + 2d` and the next.
    pub(crate) days: usize,
    nodes: usize,
    legs: Vec<Option<Legs>>,
    mode_of: Vec<usize>,
    /// `day * nodes + node`: the first window.
    spans: Vec<Span>,
    /// All windows where there are several; `more[day * nodes + node]` is a range in `several`. Empty if none has several.
    several: Vec<Span>,
    more: Vec<(u32, u32)>,
    /// First opening and last closing of each candidate, day by day, in rows of their own for [`crate::search::sieve`].
    pub(crate) first_open: Vec<Vec<i32>>,
    pub(crate) last_close: Vec<Vec<i32>>,
    /// Whether the day can be travelled from its start to its end at all.
    pub(crate) usable: Vec<bool>,
    /// Score of each candidate.
    pub(crate) score: Vec<i64>,
}

impl Layout {
    pub(crate) fn new(problem: &Problem) -> Self {
        let (candidates, days) = (problem.candidates().len(), problem.days().len());
        let nodes = candidates + 2 * days;
        let mode_of: Vec<usize> = problem.days().iter().map(|day| day.mode).collect();
        let points: Vec<usize> = (problem.candidates().iter().map(|candidate| candidate.point))
            .chain(problem.days().iter().flat_map(|day| [day.start_point, day.end_point]))
            .collect();
        let durations: Vec<i32> =
            problem.candidates().iter().map(|candidate| candidate.duration as i32).chain((0..2 * days).map(|_| 0)).collect();
        let legs = (problem.modes().iter().enumerate())
            .map(|(mode, matrix)| mode_of.contains(&mode).then(|| legs(matrix, &points, &durations)))
            .collect();
        let mut layout = Self {
            candidates,
            days,
            nodes,
            legs,
            mode_of,
            spans: Vec::with_capacity(days * nodes),
            several: Vec::new(),
            more: Vec::new(),
            usable: Vec::new(),
            first_open: Vec::new(),
            last_close: Vec::new(),
            score: problem.candidates().iter().map(|candidate| i64::from(candidate.score)).collect(),
        };
        layout.lay_windows(problem);
        let hull = |day: usize| (0..candidates).map(move |candidate| (day, candidate));
        layout.first_open = (0..days).map(|day| hull(day).map(|(day, node)| layout.span(day, node).open).collect()).collect();
        let last = |(day, node): (usize, usize)| layout.windows(day, node).last().map_or(-1, |span| span.close);
        layout.last_close = (0..days).map(|day| hull(day).map(last).collect()).collect();
        layout.usable = (0..days).map(|day| layout.is_usable(problem, day)).collect();
        layout
    }

    fn lay_windows(&mut self, problem: &Problem) {
        let several = problem.candidates().iter().any(|candidate| candidate.windows.iter().any(|windows| windows.len() > 1));
        for day in 0..self.days {
            for candidate in problem.candidates() {
                let windows = candidate.windows[day].iter().map(|window| Span { open: window.open as i32, close: window.close as i32 });
                self.spans.push(windows.clone().next().unwrap_or(CLOSED));
                if several {
                    let from = self.several.len() as u32;
                    self.several.extend(windows);
                    self.more.push((from, self.several.len() as u32));
                }
            }
            for (other, span) in problem.days().iter().enumerate().flat_map(|(other, day)| [(other, day), (other, day)]) {
                let own = Span { open: span.earliest_start as i32, close: span.latest_end as i32 };
                let span = if other == day { own } else { CLOSED };
                self.spans.push(span);
                if several {
                    let from = self.several.len() as u32;
                    self.several.push(span);
                    self.more.push((from, from + 1));
                }
            }
        }
    }

    fn is_usable(&self, problem: &Problem, day: usize) -> bool {
        let (first, last) = (self.first(day), self.last(day));
        let span = &problem.days()[day];
        let reaches = i64::from(span.earliest_start) + i64::from(self.legs(day).leg(first, last)) <= i64::from(span.latest_end);
        reaches && span.walking_limit.is_none_or(|limit| self.legs(day).walked(first, last) <= i64::from(limit))
    }

    /// The node at which the day starts.
    pub(crate) fn first(&self, day: usize) -> usize {
        self.candidates + 2 * day
    }

    /// The node at which it ends.
    pub(crate) fn last(&self, day: usize) -> usize {
        self.candidates + 2 * day + 1
    }

    /// The legs of the day's mode.
    pub(crate) fn legs(&self, day: usize) -> &Legs {
        match &self.legs[self.mode_of[day]] {
            Some(legs) => legs,
            None => unreachable!("the legs of every mode in use are laid out"),
        }
    }

    /// Whether some candidate has several windows on some day.
    pub(crate) fn has_several_windows(&self) -> bool {
        !self.more.is_empty()
    }

    /// First (without several windows: the only) window of the node on the day.
    pub(crate) fn span(&self, day: usize, node: usize) -> Span {
        self.spans[day * self.nodes + node]
    }

    /// All windows of the node on the day.
    pub(crate) fn windows(&self, day: usize, node: usize) -> &[Span] {
        match self.more.get(day * self.nodes + node) {
            Some(&(from, to)) => &self.several[from as usize..to as usize],
            None => &self.spans[day * self.nodes + node..=day * self.nodes + node],
        }
    }

    /// When a visit starts for who arrives at the time given; above [`NEVER`] or equal where it cannot any more.
    pub(crate) fn start_at<const SEVERAL: bool>(&self, day: usize, node: usize, arrival: i32) -> i32 {
        if SEVERAL && self.has_several_windows() {
            let open = self.windows(day, node).iter().find(|span| span.close >= arrival);
            open.map_or(NEVER, |span| span.open.max(arrival))
        } else {
            let span = self.span(day, node);
            if arrival > span.close { NEVER } else { arrival.max(span.open) }
        }
    }

    /// Latest arrival at the node from which a visit starts at `bound` or before; -1 if there is none.
    pub(crate) fn latest_before<const SEVERAL: bool>(&self, day: usize, node: usize, bound: i32) -> i32 {
        if SEVERAL && self.has_several_windows() {
            self.windows(day, node).iter().rev().find(|span| span.open <= bound).map_or(-1, |span| span.close.min(bound))
        } else {
            let span = self.span(day, node);
            if bound < span.open { -1 } else { bound.min(span.close) }
        }
    }
}

fn legs(matrix: &TravelMatrix, points: &[usize], durations: &[i32]) -> Legs {
    let nodes = points.len();
    let mut out = Vec::with_capacity(nodes * nodes);
    let mut into = vec![0; nodes * nodes];
    let mut least_into = vec![NEVER; nodes];
    let mut least_out = vec![NEVER; nodes];
    for (from, (&point, &duration)) in points.iter().zip(durations).enumerate() {
        let row = &matrix.seconds[point * matrix.points..(point + 1) * matrix.points];
        for (to, &target) in points.iter().enumerate() {
            let leg = if row[target] == NO_WAY { NEVER } else { row[target].min(MAX_TIME) as i32 + duration };
            out.push(leg);
            into[to * nodes + from] = leg;
            if from != to {
                least_out[from] = least_out[from].min(leg);
                least_into[to] = least_into[to].min(leg);
            }
        }
    }
    let walked = if matrix.on_foot && !matrix.metres.is_empty() {
        points.iter().flat_map(|from| points.iter().map(move |to| matrix.walked(*from, *to))).collect()
    } else {
        Vec::new()
    };
    Legs { out, into, walked, least_into, least_out }
}
