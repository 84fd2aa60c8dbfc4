//! Trips: plans of what to see, in which order, on which day, and why.
//!
//! The way of a plan: a [`plan::request::PlanRequest`] is checked and put in canonical form, [`plan::candidates`] gathers what may be
//! visited from the pinned snapshot, [`crate::travel`] says how long the ways are, the `planner` crate searches, and
//! [`plan::compose`] writes the answer with its reasons. [`plan_cache`] keeps it under the request and the versions of its cities.
//!
//! [`saved`] keeps what a visitor wants and the plan made of it, [`merge`] makes one of two changes, [`share`] opens it to others
//! (less what [`discretion`] keeps from them),
//! [`export`] writes it in other forms, [`watch`] says what broke since, [`mine`] hands all of it over, or erases it,
//! [`transfer`] takes it along to another phone.

mod discretion;
pub mod export;
pub mod export_places;
pub mod merge;
pub mod mine;
pub mod plan;
pub mod plan_cache;
pub mod saved;
pub mod service;
pub mod share;
pub mod transfer;
pub mod watch;
