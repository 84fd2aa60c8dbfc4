//! The search: ruin and recreate by adjacent string removal under simulated annealing, cooled by iterations or by the share
//! of time the caller says has passed. One file an operator; this one is the loop.

mod acceptance;
mod greedy;
mod orders;
mod recreate;
mod rng;
mod ruin;
mod scan;
mod sieve;
mod state;
mod tuning;

use crate::constraints::Rules;
use crate::layout::Layout;
use crate::plan::Plan;
use crate::problem::Problem;
use acceptance::Acceptance;
use greedy::Offers;
use orders::Orders;
use rng::Rng;
use ruin::Neighbours;
use state::State;
pub use tuning::Tuning;

/// What the caller says when asked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Verdict {
    /// Go on; the share of the time allowed that has passed, 0 to 1. It cools the search where no number of iterations is
    /// given, and is not looked at otherwise.
    Continue(f64),
    /// Stop now with the best plan so far.
    Stop,
}

/// How far the search is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Iterations done.
    pub iterations: u64,
    /// Sum of scores of the best plan so far (mandatory and required visits left aside).
    pub score: u64,
}

/// How to search.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Seed of the random numbers: equal seed and iterations give the equal plan.
    pub seed: u64,
    /// Iterations to do, and to cool over. `None`: until the caller stops it.
    pub iterations: Option<u64>,
    /// Numbers that steer the search.
    pub tuning: Tuning,
}

/// What a search gives back.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The best plan found.
    pub plan: Plan,
    /// Iterations done.
    pub iterations: u64,
}

/// Searches until the iterations are done, there is nothing more to win, or the caller stops it. `ask` is called for the first time
/// when a first (greedy) plan exists, then every few iterations; the best plan so far is returned whenever it says stop. Without a number of
/// iterations the search ends only by that. Memory: about 8 bytes for each pair of candidates and mode in use, and 2 more.
///
/// Mandatory visits, least numbers of groups and interest are weighed in this order; what cannot be had is listed in the
/// plan. The result depends on problem, options and the caller's answers alone.
pub fn solve(problem: &Problem, options: &Options, ask: &mut dyn FnMut(&Progress) -> Verdict) -> Outcome {
    let layout = Layout::new(problem);
    if layout.has_several_windows() || layout.usable.contains(&false) || Rules::any(problem) {
        run::<true>(problem, &layout, options, ask)
    } else {
        run::<false>(problem, &layout, options, ask)
    }
}

/// Iterations between two questions to the caller, so that they come well under a millisecond apart.
fn ask_every(candidates: usize) -> u64 {
    (4_096 / candidates.max(1) as u64).clamp(1, 32)
}

/// The best solution so far.
struct Best {
    order: Vec<Vec<usize>>,
    /// As the state weighs it.
    value: i64,
    /// The scores alone.
    score: u64,
    /// Visits of all days.
    visits: usize,
}

impl Best {
    fn of<const EXTENDED: bool>(state: &State<'_, EXTENDED>) -> Self {
        let order = state.order();
        let score = order.iter().flatten().map(|candidate| state.layout.score[*candidate] as u64).sum();
        let visits = order.iter().map(Vec::len).sum();
        Self { order, value: state.value, score, visits }
    }
}

fn run<const EXTENDED: bool>(problem: &Problem, layout: &Layout, options: &Options, ask: &mut dyn FnMut(&Progress) -> Verdict) -> Outcome {
    let tuning = &options.tuning;
    let mut rng = Rng::new(options.seed);
    let mut state = State::<EXTENDED>::new(problem, layout);
    let worth: Vec<i64> = (0..layout.candidates).map(|candidate| state.rules.greatest_worth(candidate)).collect();
    let mut orders = Orders::new(layout, &worth, tuning);
    let mut offers = Offers::new(layout.candidates);
    state.recreate_by_ratio(&mut orders, &mut offers, &mut rng, tuning);
    state.commit();
    let mut best = Best::of(&state);
    let mut current = state.value;
    let mut acceptance = Acceptance::new(problem, tuning);
    let mut neighbours: Option<Neighbours> = None;
    let ask_every = ask_every(layout.candidates);
    // Where everything is visited nothing more can be won, but by least numbers of each day, which depend on the day.
    let is_all = |best: &Best| best.visits == layout.candidates && problem.groups().iter().all(|group| group.per_day.min == 0);
    let mut iterations: u64 = 0;
    loop {
        if iterations.is_multiple_of(ask_every) {
            match (ask(&Progress { iterations, score: best.score }), options.iterations) {
                (Verdict::Stop, _) => break,
                (Verdict::Continue(_), Some(limit)) => acceptance.cool(iterations as f64 / limit.max(1) as f64),
                (Verdict::Continue(share), None) => acceptance.cool(share.clamp(0.0, 1.0)),
            }
        }
        if options.iterations.is_some_and(|limit| iterations >= limit) || is_all(&best) {
            break;
        }
        iterations += 1;
        let afresh = state.ruin(neighbours.get_or_insert_with(|| Neighbours::new(layout)), &mut rng, tuning);
        state.sieve();
        if afresh {
            state.recreate_in_order(&mut orders, &mut rng, tuning.blink_afresh);
        } else if rng.unit() < tuning.by_ratio {
            state.recreate_by_ratio(&mut orders, &mut offers, &mut rng, tuning);
        } else {
            state.recreate_in_order(&mut orders, &mut rng, tuning.blink);
        }
        if acceptance.admits::<EXTENDED>(current, state.value, &mut rng) {
            current = state.value;
            state.commit();
            if current > best.value {
                best = Best::of(&state);
            }
        } else {
            state.roll_back();
        }
        if EXTENDED && acceptance.is_astray(current, best.value) {
            state.adopt(&best.order);
            current = best.value;
        }
    }
    state.adopt(&best.order);
    state.top_up(&mut orders, &mut rng);
    Outcome { plan: Plan::of_order(problem, &state.order()), iterations }
}
