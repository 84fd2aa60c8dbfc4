//! GraphQL types over domain values: each holds its shard of the pinned snapshot and a number in it, nothing is copied.
//!
//! To add a type: a file here, its fields in three lines each (look up, ask the room, map the answer), a line in the
//! table of [`super::cost`] when it has a list.

pub mod account;
mod at_hand;
pub mod audit;
pub mod category;
pub mod change;
pub mod city;
pub mod cluster;
pub mod draft;
pub mod draft_content;
pub mod draft_enums;
pub mod draft_form;
pub mod editorial;
pub mod enums;
pub mod event;
pub mod event_lists;
pub mod facts;
pub mod leg;
pub mod media;
pub mod node;
pub mod opening_hours;
pub mod page;
pub mod plan;
pub mod plan_codes;
pub mod point_of_interest;
pub mod route;
pub mod search;
pub mod text;
pub mod trip;
pub mod trip_request;
