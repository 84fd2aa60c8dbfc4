//! Which sights, in which order, on which day.
//!
//! The planner solves the team orienteering problem with time windows with what real trips add to it (see [`problem`] for
//! the model). It is pure: no clock, no file, no thread, and no randomness but a seed. A caller poses a [`Problem`], calls
//! [`solve`], and may have the [`Plan`] verified ([`checker`]) and explained ([`explain`]).
//!
//! ```
//! use planner::{Candidate, Day, Options, Parts, Problem, TravelMatrix, Verdict, Window, solve};
//!
//! let day = Day { start_point: 0, end_point: 0, earliest_start: 0, latest_end: 3_600, mode: 0, walking_limit: None, max_stops: None };
//! let museum = Candidate {
//!     point: 1, duration: 1_800, score: 10, cost: 0, mandatory: false,
//!     windows: vec![vec![Window { open: 600, close: 1_200 }]], groups: Vec::new(),
//! };
//! let travel = TravelMatrix::of_times(2, vec![0, 300, 300, 0]);
//! let problem = Problem::new(Parts { days: vec![day], candidates: vec![museum], groups: Vec::new(), modes: vec![travel], budget: None })?;
//! let options = Options { seed: 1, iterations: Some(100), ..Options::default() };
//! let plan = solve(&problem, &options, &mut |_| Verdict::Continue(0.0)).plan;
//! assert_eq!(plan.days[0].visits[0].start, 600);
//! assert!(planner::checker::check(&problem, &plan).is_empty());
//! # Ok::<(), planner::ProblemError>(())
//! ```
//!
//! Inside: [`solve`] lays the problem out (`layout`), keeps one day's times (`feasibility`) and the other rules
//! (`constraints/`, one file a rule), and improves the plan by ruin and recreate (`search/`, one file an operator).

mod bound;
pub mod checker;
mod constraints;
mod error;
pub mod explain;
mod feasibility;
mod layout;
mod matrix;
mod plan;
pub mod problem;
mod search;

pub use bound::bound;
pub use error::ProblemError;
pub use matrix::{NO_WAY, TravelMatrix};
pub use plan::{DayPlan, Objective, Plan, Shortfall, Visit};
pub use problem::{Bounds, Candidate, Day, Group, MAX_CANDIDATES, MAX_DAYS, MAX_MODES, MAX_SCORE, MAX_TIME, Parts, Problem, Window};
pub use search::{Options, Outcome, Progress, Tuning, Verdict, solve};
