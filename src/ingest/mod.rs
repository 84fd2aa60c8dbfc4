//! Files into the catalogue: one file a format, and `apply`, which writes what a file says and withdraws what its own
//! dataset no longer holds. An import changes only what its dataset owns; twice in a row is the same as once.

pub mod apply;
pub mod catalogue_file;
mod catalogue_record;
pub mod demo;
pub mod record_reader;
pub mod reference;
pub mod rows;
pub mod synth;
pub mod written;
