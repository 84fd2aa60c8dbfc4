//! Which sights, in which order, on which day.

pub mod checker;
mod constraints;
mod error;
pub mod explain;
mod feasibility;
mod layout;
mod matrix;
mod plan;
mod problem;
mod search;

pub use error::ProblemError;
pub use matrix::{NO_WAY, TravelMatrix};
pub use plan::{DayPlan, Objective, Plan, Shortfall, Visit};
pub use problem::{Bounds, Candidate, Day, Group, MAX_CANDIDATES, MAX_DAYS, MAX_MODES, MAX_SCORE, MAX_TIME, Parts, Problem, Window};
pub use search::{Options, Outcome, Progress, Tuning, Verdict, solve};
