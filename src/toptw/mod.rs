//! The academic benchmark as a command: an instance of the team orienteering problem with time windows becomes a problem of
//! the planner, is solved within a time or a number of iterations, and comes back as one JSON object.

mod instance;
#[cfg(test)]
mod tests;

use std::time::{Duration, Instant};

pub use instance::{Decimals, Instance, InstanceError};
use planner::{Candidate, Day, Options, Parts, Problem, ProblemError, TravelMatrix, Verdict, Window};

/// What to run.
#[derive(Clone, Copy, Debug)]
pub struct Run {
    /// Tours allowed.
    pub tours: usize,
    /// Seed of the search.
    pub seed: u64,
    /// When the process was started: the time limit counts from here.
    pub started: Instant,
    /// Time after which the best tours so far are given.
    pub time_limit: Duration,
    /// Iterations to do. If given, the tours depend on seed and iterations alone, unless the time limit comes first.
    pub iterations: Option<u64>,
}

/// What the command prints.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Report {
    /// Sum of the scores of the places visited.
    pub score: u64,
    /// Places in order, tour by tour, without place 0.
    pub tours: Vec<Vec<usize>>,
    /// Iterations done.
    pub iterations: u64,
    /// Milliseconds since the start.
    pub elapsed_ms: u64,
}

/// Left between the end of the search and the limit, for printing and leaving.
const MARGIN: Duration = Duration::from_millis(2);

/// The instance as a problem of the planner: candidate i is place i + 1.
pub fn problem(instance: &Instance, tours: usize) -> Result<Problem, ProblemError> {
    let points = instance.places.len();
    let mut seconds = vec![0; points * points];
    for from in 0..points {
        for to in 0..from {
            let travel = instance.travel(from, to);
            seconds[from * points + to] = travel;
            seconds[to * points + from] = travel;
        }
    }
    let home = instance.places[0];
    let day = Day {
        start_point: 0,
        end_point: 0,
        earliest_start: home.open,
        latest_end: home.close,
        mode: 0,
        walking_limit: None,
        max_stops: None,
    };
    let candidates = (instance.places.iter().enumerate().skip(1))
        .map(|(point, place)| Candidate {
            point,
            duration: place.duration,
            score: place.score,
            cost: 0,
            mandatory: false,
            windows: vec![vec![Window { open: place.open, close: place.close }]; tours],
            groups: Vec::new(),
        })
        .collect();
    Problem::new(Parts {
        days: vec![day; tours],
        candidates,
        groups: Vec::new(),
        modes: vec![TravelMatrix::of_times(points, seconds)],
        budget: None,
    })
}

/// Solves the instance.
pub fn run(instance: &Instance, run: &Run) -> Result<Report, ProblemError> {
    let problem = problem(instance, run.tours)?;
    let begun = run.started.elapsed();
    let limit = run.time_limit.saturating_sub(MARGIN);
    let span = limit.saturating_sub(begun).as_secs_f64().max(1e-6);
    let options = Options { seed: run.seed, iterations: run.iterations, ..Options::default() };
    let outcome = planner::solve(&problem, &options, &mut |_| {
        let elapsed = run.started.elapsed();
        if elapsed >= limit { Verdict::Stop } else { Verdict::Continue(elapsed.saturating_sub(begun).as_secs_f64() / span) }
    });
    let tours = outcome.plan.order().into_iter().map(|tour| tour.into_iter().map(|candidate| candidate + 1).collect()).collect();
    Ok(Report {
        score: outcome.plan.objective.score,
        tours,
        iterations: outcome.iterations,
        elapsed_ms: run.started.elapsed().as_millis() as u64,
    })
}
