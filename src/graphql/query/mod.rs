//! The questions of the contract: one file a group, merged into the root.

mod accounts;
mod catalogue;
mod changes;
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

pub use accounts::AccountsQuery;
pub use catalogue::{CatalogueQuery, node, node_or_successor};
pub use changes::ChangesQuery;
pub use drafts::DraftsQuery;
pub use editorial::EditorialQuery;
pub use events::EventsQuery;
pub use media::MediaQuery;
pub use places::PlacesQuery;
pub use search::SearchQuery;
pub use trips::{TripsQuery, find_trip};
pub use visitor::VisitorQuery;

/// What can be asked. Every list has a documented maximum; asking for more is an error. What looks through the catalogue is null, with
/// the code `QUERY_TOO_COSTLY`, when it would take more work than one request may have; what else was asked for is answered.
#[derive(MergedObject, Default)]
pub struct Query(CatalogueQuery, PlacesQuery, EventsQuery, SearchQuery, TripsQuery, ChangesQuery, PeopleQuery, EditorsQuery);

/// What is asked about people: the one who asks, and those who work on the catalogue.
#[derive(MergedObject, Default)]
pub struct PeopleQuery(VisitorQuery, AccountsQuery);

/// What editors can ask: groups of at most eight, for the types of a merged object nest as deep as it has members.
#[derive(MergedObject, Default)]
pub struct EditorsQuery(DraftsQuery, EditorialQuery, MediaQuery);
