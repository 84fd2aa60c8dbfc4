//! The secretariats' side: drafts, their way through review to publication, and everything that helps editors on it.
//!
//! A draft holds a record in the form of catalogue files ([`crate::ingest::record_reader`]), as far as it is written. Each step makes
//! a revision, in one transaction with what it does to the public catalogue. [`desk`] is the room's front: every step goes through its
//! [`desk::Desk::take`], with a permit that only `identity::rights` makes.
//!
//! To add a step: an action and its line in `domain/draft.rs`, an operation in `identity/rights.rs`, a variant of [`step::Step`], a
//! mutation.

pub mod clash;
pub mod completeness;
pub mod content;
pub mod desk;
pub mod duplicate;
pub mod error;
pub mod images;
pub mod link_rounds;
pub mod links;
pub mod preview;
pub mod publication;
pub mod queue;
pub mod reach;
pub mod scheduler;
pub mod step;
pub mod suggestion;
pub mod translation;
pub mod validation;
mod walk;
