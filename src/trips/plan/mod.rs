//! One plan, from the request to the answer.

pub mod answer;
pub mod candidates;
pub mod compose;
pub mod error;
pub mod hours;
pub mod interest;
pub mod names;
pub mod replan;
pub mod request;
pub mod solve;
pub mod visits;
pub mod words;
