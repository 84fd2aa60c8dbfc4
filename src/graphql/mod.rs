//! The contract: GraphQL types over domain values, answered from a pinned snapshot. Nothing here knows the database.

pub mod context;
pub mod cost;
pub mod failure;
pub mod flat;
pub mod limits;
pub mod model;
pub mod node;
pub mod nulls;
pub mod prescan;
pub mod query;
pub mod scalars;
pub mod schema;
pub mod variables;
