//! No client takes the service from the others: bounds on writes, and shares of what is scarce.

mod bytes;
mod caller;
mod corrections;
mod database;
mod heavy;
mod plans;
mod seats;
mod writes;
