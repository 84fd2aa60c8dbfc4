//! The contract: GraphQL types over domain values, answered from a pinned snapshot. Nothing here knows the database.

pub mod characters;
pub mod context;
pub mod cost;
pub mod directives;
pub mod executable;
pub mod failure;
pub mod flat;
pub mod limits;
pub mod loads;
pub mod memory;
pub mod model;
pub mod mutation;
pub mod node;
pub mod nulls;
pub mod personal;
pub mod pinned;
pub mod prescan;
pub mod prices;
pub mod query;
pub mod scalars;
pub mod schema;
pub mod subscription;
pub mod upload;
pub mod user_error;
pub mod variables;
