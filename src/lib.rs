//! Roteiro: the visitor backend of ten pilot smart cities in Mato Grosso. Points of interest, events and curated routes over
//! GraphQL, answered from an immutable snapshot in memory.

pub mod catalogue;
pub mod causes;
pub mod cli;
pub mod clock;
pub mod config;
pub mod domain;
pub mod editorial;
pub mod fair;
pub mod graphql;
pub mod http;
pub mod identity;
pub mod ingest;
pub mod media;
pub mod store;
pub mod supervise;
pub mod toptw;
pub mod travel;
pub mod trips;
