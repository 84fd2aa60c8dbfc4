//! The `Node` interface and the union a search gives.

use async_graphql::{ID, Interface, Union};

use super::category::Category;
use super::city::City;
use super::event::{Event, EventOccurrence};
use super::point_of_interest::PointOfInterest;
use super::route::Route;

/// Whatever has a global id (Relay). It carries the id alone: rights are never decided on an interface.
#[derive(Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "Opaque global id."))]
pub enum Node {
    /// A city.
    City(City),
    /// A category.
    Category(Category),
    /// A place.
    PointOfInterest(PointOfInterest),
    /// An event.
    Event(Event),
    /// An occurrence of an event.
    EventOccurrence(EventOccurrence),
    /// A route.
    Route(Route),
}

/// What a search finds.
#[derive(Union)]
pub enum SearchResult {
    /// A place.
    PointOfInterest(PointOfInterest),
    /// An event.
    Event(Event),
    /// A route.
    Route(Route),
    /// A city.
    City(City),
}
