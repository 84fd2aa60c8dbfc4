//! Trip plans, asked for as an app does, and verified by a validator that shares no code with the planner.

mod ask;
mod cache;
mod discretion;
mod exports;
pub mod in_process;
mod made_up;
mod on_the_way;
mod plans;
mod random;
mod rules;
pub mod saved;
mod valhalla;
mod validator;
mod watched;
