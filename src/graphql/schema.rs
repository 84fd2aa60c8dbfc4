//! The schema and its text.

use async_graphql::{SDLExportOptions, Schema, ValidationMode};

use super::model::node::Node;
use super::mutation::Mutation;
use super::query::Query;
use super::subscription::Subscription;

/// The schema of the public API.
pub type ApiSchema = Schema<Query, Mutation, Subscription>;

/// The schema. Limits on documents are enforced before it is asked (see [`super::cost`]). It suggests no names: comparing each
/// unknown field with every known one cost 28 ms for a document of 3,900 of them.
pub fn schema() -> ApiSchema {
    build(ValidationMode::Strict)
}

/// The same schema for documents that [`schema`] has validated before: validating is a tenth of a small answer. Their variables
/// are checked by [`super::variables`] each time.
pub fn schema_for_validated() -> ApiSchema {
    build(ValidationMode::Fast)
}

fn build(mode: ValidationMode) -> ApiSchema {
    Schema::build(Query::default(), Mutation::default(), Subscription)
        .register_output_type::<Node>()
        .disable_suggestions()
        .validation_mode(mode)
        .finish()
}

/// The schema as text, as `schema.graphql` holds it.
pub fn sdl() -> String {
    let text = schema().sdl_with_options(SDLExportOptions::new().include_specified_by());
    format!("{}\n", without_sizes_of_inputs(&text).trim_end())
}

/// Takes `@listSize` from fields of inputs, where the specification does not allow it: a type that is read and written has one
/// attribute for both.
fn without_sizes_of_inputs(text: &str) -> String {
    let mut is_input = false;
    let line = |line: &str| {
        is_input = line.starts_with("input ") || is_input && line != "}";
        match line.split_once(" @listSize(") {
            Some((field, _)) if is_input => format!("{field}\n"),
            _ => format!("{line}\n"),
        }
    };
    text.lines().map(line).collect()
}
