//! The questions of the contract: one file a group, merged into the root.

mod catalogue;
mod changes;
pub mod drafts;
mod editorial;
mod events;
pub mod inputs;
mod places;
pub mod plan_inputs;
mod search;
mod trips;
mod visitor;

use async_graphql::MergedObject;

pub use catalogue::{CatalogueQuery, node};
pub use changes::ChangesQuery;
pub use drafts::DraftsQuery;
pub use editorial::EditorialQuery;
pub use events::EventsQuery;
pub use places::PlacesQuery;
pub use search::SearchQuery;
pub use trips::{MAX_TRIPS, TripsQuery, find_trip};
pub use visitor::VisitorQuery;

/// What can be asked. Every list has a documented maximum; asking for more is an error.
#[derive(MergedObject, Default)]
pub struct Query(PublishedQuery, TripsQuery, VisitorQuery, DraftsQuery, EditorialQuery);

/// Questions for what is published. A merged object holds at most eight: more are too deep a type for the compiler.
#[derive(MergedObject, Default)]
pub struct PublishedQuery(CatalogueQuery, PlacesQuery, EventsQuery, SearchQuery, ChangesQuery);
