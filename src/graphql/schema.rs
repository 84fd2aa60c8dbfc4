//! The schema and its text.

use std::sync::Arc;

use async_graphql::async_trait::async_trait;
use async_graphql::extensions::{Extension, ExtensionContext, ExtensionFactory, NextExecute};
use async_graphql::{Response, SDLExportOptions, Schema, SchemaBuilder, ValidationMode};

use super::model::node::Node;
use super::mutation::Mutation;
use super::query::Query;
use super::subscription::Subscription;

/// The schema of the public API.
pub type ApiSchema = Schema<Query, Mutation, Subscription>;

/// The schema, which executes documents that [`validating_schema`] found valid. Limits on documents are enforced before it is asked (see
/// [`super::cost`]), and their variables are checked by [`super::variables`] each time.
pub fn schema() -> ApiSchema {
    build().validation_mode(ValidationMode::Fast).finish()
}

/// The same schema, which validates documents and executes nothing: what is executed may be another document
/// ([`super::executable`]). It suggests no names: comparing each unknown field with every known one cost 28 ms for a document of 3,900 of
/// them.
pub fn validating_schema() -> ApiSchema {
    build().validation_mode(ValidationMode::Strict).extension(ValidatesOnly).finish()
}

fn build() -> SchemaBuilder<Query, Mutation, Subscription> {
    Schema::build(Query::default(), Mutation::default(), Subscription).register_output_type::<Node>().disable_suggestions()
}

/// Keeps a schema from executing what it found valid.
#[derive(Debug)]
pub struct ValidatesOnly;

impl ExtensionFactory for ValidatesOnly {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Self)
    }
}

#[async_trait]
impl Extension for ValidatesOnly {
    async fn execute(&self, _: &ExtensionContext<'_>, _: Option<&str>, _: NextExecute<'_>) -> Response {
        Response::default()
    }
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
