//! Which trial becomes the current solution: simulated annealing on the interest (Kirkpatrick et al. 1983,
//! doi:10.1126/science.220.4598.671), cooled exponentially. A lost mandatory or required visit is too dear for any temperature;
//! it is let through now and then while the search is warm, and the search goes back to its best if that leads nowhere.

use super::Tuning;
use super::rng::Rng;
use crate::problem::Problem;

/// How many iterations the search may be short of a mandatory or required visit its best solution has.
const PATIENCE: u32 = 500;

/// The state of the annealing.
pub(crate) struct Acceptance {
    hot: f64,
    cold: f64,
    temperature: f64,
    /// The weight of one required visit, above all interest together.
    required: i64,
    /// The chance of a trial that loses required visits.
    leap: f64,
    astray: u32,
}

impl Acceptance {
    pub(crate) fn new(problem: &Problem, tuning: &Tuning) -> Self {
        let scores = problem.candidates().iter().map(|candidate| f64::from(candidate.score));
        let mean = scores.sum::<f64>().max(1.0) / problem.candidates().len().max(1) as f64;
        let required = problem.weights().map_or(i64::MAX, |weights| weights.required);
        Self { hot: tuning.hot * mean, cold: tuning.cold * mean, temperature: tuning.hot * mean, required, leap: 0.0, astray: 0 }
    }

    /// Sets the temperature for the share of the search that is done.
    pub(crate) fn cool(&mut self, share: f64) {
        self.temperature = self.hot * (self.cold / self.hot).powf(share);
        self.leap = 0.05 * (1.0 - share);
    }

    /// Whether the trial is taken.
    pub(crate) fn admits<const EXTENDED: bool>(&self, current: i64, trial: i64, rng: &mut Rng) -> bool {
        let drawn = rng.unit();
        if EXTENDED && current - trial >= self.required {
            return drawn < self.leap;
        }
        trial >= current || (trial - current) as f64 > self.temperature * drawn.max(1e-12).ln()
    }

    /// Whether the search has been short of something its best solution has for too long.
    pub(crate) fn is_astray(&mut self, current: i64, best: i64) -> bool {
        self.astray = if best - current >= self.required { self.astray + 1 } else { 0 };
        if self.astray > PATIENCE {
            self.astray = 0;
            return true;
        }
        false
    }
}
