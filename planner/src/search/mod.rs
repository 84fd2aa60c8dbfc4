//! The search: ruin and recreate by adjacent string removal under simulated annealing, cooled by iterations or by the share
//! of time the caller says has passed. One file an operator; this one is the loop.

mod acceptance;
pub(crate) mod recreate;
pub(crate) mod rng;
mod ruin;
mod sieve;
pub(crate) mod state;

use crate::layout::Layout;
use crate::constraints::Rules;
use crate::plan::Plan;
use crate::problem::Problem;
use acceptance::Acceptance;
use recreate::Orders;
use rng::Rng;
use ruin::Neighbours;
use state::State;

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

/// Numbers that steer the search.
#[derive(Clone, Debug)]
pub struct Tuning {
    pub removed: f64,
    pub longest: f64,
    pub split: f64,
    pub split_grow: f64,
    pub blink: usize,
    pub hot: f64,
    pub cold: f64,
    pub orders: [usize; 7],
    pub extra: [f64; 8],
}

impl Default for Tuning {
    fn default() -> Self {
        Self {
            removed: 10.0, longest: 10.0, split: 0.5, split_grow: 0.5, blink: 100, hot: 1.0, cold: 0.05,
            orders: [4, 4, 2, 1, 1, 1, 1],
            extra: [0.0, 0.0, 0.7, 0.5, 2.0, 0.0, 0.0, 0.0],
        }
    }
}

/// What a search gives back.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The best plan found.
    pub plan: Plan,
    /// Iterations done.
    pub iterations: u64,
}

/// Searches until the iterations are done or the caller stops it; `ask` is called once a plan exists and then often.
pub fn solve(problem: &Problem, options: &Options, ask: &mut dyn FnMut(&Progress) -> Verdict) -> Outcome {
    let layout = Layout::new(problem);
    if layout.has_several_windows() || layout.usable.contains(&false) || Rules::any(problem) {
        run::<true>(problem, &layout, options, ask)
    } else {
        run::<false>(problem, &layout, options, ask)
    }
}

/// Iterations between two questions to the caller.
const ASK_EVERY: u64 = 32;

fn run<const EXTENDED: bool>(problem: &Problem, layout: &Layout, options: &Options, ask: &mut dyn FnMut(&Progress) -> Verdict) -> Outcome {
    let tuning = &options.tuning;
    let mut rng = Rng::new(options.seed);
    let mut state = State::<EXTENDED>::new(problem, layout);
    let worth: Vec<i64> = (0..layout.candidates).map(|candidate| state.rules.greatest_worth(candidate)).collect();
    let mut orders = Orders::new(layout, &worth, tuning);
    state.fill_up(&mut orders, &mut rng, tuning);
    state.commit();
    let mut best = state.order();
    let mut best_value = state.value;
    let mut best_score = Plan::of_order(problem, &best).objective.score;
    let neighbours = Neighbours::new(layout, usize::MAX);
    let mut current = state.value;
    let mut iterations = 0;
    let mut acceptance = Acceptance::new(problem, tuning);
    loop {
        if iterations % ASK_EVERY == 0 {
            let verdict = ask(&Progress { iterations, score: best_score });
            let share = match (verdict, options.iterations) {
                (Verdict::Stop, _) => break,
                (Verdict::Continue(_), Some(limit)) => iterations as f64 / limit.max(1) as f64,
                (Verdict::Continue(share), None) => share.clamp(0.0, 1.0),
            };
            acceptance.cool(share);
        }
        if options.iterations.is_some_and(|limit| iterations >= limit) {
            break;
        }
        iterations += 1;
        state.ruin(&neighbours, &mut rng, tuning);
        state.sieve();
        state.recreate(&mut orders, &mut rng, tuning);
        if acceptance.admits::<EXTENDED>(current, state.value, &mut rng) {
            current = state.value;
            state.commit();
            if current > best_value {
                best_value = current;
                best = state.order();
                best_score = best.iter().flatten().map(|candidate| layout.score[*candidate] as u64).sum();
            }
        } else {
            state.roll_back();
        }
        if EXTENDED && acceptance.is_astray(current, best_value) {
            state.adopt(&best);
            current = best_value;
        }
    }
    Outcome { plan: Plan::of_order(problem, &best), iterations }
}
