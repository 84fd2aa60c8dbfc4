//! Those who work on the catalogue: how they come in, what is kept of what they do.

mod audit;
