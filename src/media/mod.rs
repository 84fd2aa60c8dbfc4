//! Images that editors send: what they are is found out ([`sniff`], [`container`]), they are decoded to the last pixel and made smaller
//! ([`pixels`]) within bounds ([`intake`], [`memory`]), kept under the digest of their bytes ([`storage`]), and belong to a city ([`service`]).
//!
//! What must hold: nothing is kept that was not decoded whole; nothing kept holds what a camera noted of where it was; the bytes are
//! there before a row speaks of them, and as long as one does ([`sweep`] takes the row away first); and what no published record shows
//! is shown to those alone who may read the city's drafts.

pub mod container;
pub mod error;
pub mod intake;
pub mod memory;
mod pixels;
pub mod service;
mod sniff;
pub mod storage;
pub mod sweep;
pub mod unfit;
