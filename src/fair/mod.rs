//! Dividing what is scarce among clients: whoever is alone gets all of it, and when others wait, each gets an equal share.
//!
//! Work says for whom it is done by the task it runs in ([`work`]). What is used for a moment is waited for in turns
//! ([`queue::FairQueue`], and [`pool::Pool`] for cores); what is held for long is bounded by holder ([`shares::Shares`]); how often
//! something may be done is counted in buckets ([`buckets::Buckets`], [`admission::Admission`]).

pub mod admission;
pub mod buckets;
pub mod pool;
pub mod queue;
pub mod redis;
pub mod shares;
pub mod turns;
mod waiting;
pub mod work;
