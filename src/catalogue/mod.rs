//! The read model: what is published, whole in memory, as one immutable snapshot behind one pointer. A read is a pure
//! function of (snapshot, question, instant); nothing here waits for a database but `follow`.
//!
//! To add a filter: a field in [`filter::PlaceFilter`], a line in its `fit`, a brute-force line in the test oracle.

mod admit;
pub mod changed;
pub mod cluster;
pub mod collation;
pub mod corridor;
pub mod documents;
pub mod error;
pub mod feed;
pub mod filter;
pub mod fold;
pub mod follow;
pub mod happenings;
pub mod hits;
pub mod holder;
pub mod images;
pub mod number_set;
pub mod page;
pub mod places;
pub mod records;
pub mod redirects;
pub mod reference;
pub mod routes;
pub mod search;
pub mod shard;
pub mod snapshot;
pub mod spatial;
pub mod text;
mod withheld;
