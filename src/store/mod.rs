//! The database: SQLite or PostgreSQL through SeaORM, rows in, domain records out. Public reads never come here.
//!
//! To add a table: its row in `entity/`, its step in `migration/`, its reading in a file here and its writing in `save` or there.

pub mod account_changes;
pub mod account_sessions;
pub mod accounts;
pub mod api_keys;
pub mod attempts;
pub mod audit;
pub mod backup;
mod connect;
mod connection;
pub mod copy;
pub mod credentials;
mod decode;
pub mod drafts;
pub mod ended_sessions;
pub mod feed;
pub mod files;
pub mod health;
pub mod jobs;
pub mod links;
mod live;
pub mod media;
pub mod media_sweep;
pub mod pending_sign_ins;
mod pool;
pub mod preparation;
pub mod read;
pub mod records;
pub mod renewal;
pub mod save;
pub mod sealed;
pub mod secrets;
pub mod sessions;
pub mod suggestions;
pub mod time;
pub mod transfers;
pub mod trips;
pub mod visitors;
pub mod wake;
pub mod write;
mod write_connection;

pub use connect::{Access, Store, StoreError};
pub use decode::Quarantined;
pub(crate) use write::to_its_end;
