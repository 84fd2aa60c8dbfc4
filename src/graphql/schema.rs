//! The schema and its text.

use async_graphql::{EmptyMutation, EmptySubscription, SDLExportOptions, Schema};

use super::model::node::Node;
use super::query::Query;

/// The schema of the public API.
pub type ApiSchema = Schema<Query, EmptyMutation, EmptySubscription>;

/// The schema. Limits on documents are enforced before it is asked (see [`super::cost`]).
pub fn schema() -> ApiSchema {
    Schema::build(Query::default(), EmptyMutation, EmptySubscription).register_output_type::<Node>().finish()
}

/// The schema as text, as `schema.graphql` holds it.
pub fn sdl() -> String {
    let text = schema().sdl_with_options(SDLExportOptions::new().include_specified_by());
    format!("{}\n", text.trim_end())
}
