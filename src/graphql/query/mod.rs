//! The questions of the contract: one file a group, merged into the root.

mod catalogue;
pub mod drafts;
mod editorial;
mod events;
pub mod inputs;
mod media;
mod places;
pub mod plan_inputs;
mod search;
mod trips;
mod visitor;

use async_graphql::MergedObject;

pub use catalogue::{CatalogueQuery, node};
pub use drafts::DraftsQuery;
pub use editorial::EditorialQuery;
pub use events::EventsQuery;
pub use media::MediaQuery;
pub use places::PlacesQuery;
pub use search::SearchQuery;
pub use trips::{MAX_TRIPS, TripsQuery, find_trip};
pub use visitor::VisitorQuery;

/// What can be asked. Every list has a documented maximum; asking for more is an error.
#[derive(MergedObject, Default)]
pub struct Query(CatalogueQuery, PlacesQuery, EventsQuery, SearchQuery, TripsQuery, VisitorQuery, EditorsQuery);

/// What editors ask. A group of its own: more than eight side by side make the compiler recurse too deep.
#[derive(MergedObject, Default)]
pub struct EditorsQuery(DraftsQuery, EditorialQuery, MediaQuery);
