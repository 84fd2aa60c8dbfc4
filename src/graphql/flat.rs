//! Objects whose fields are at hand, written as JSON without a future a field. async-graphql boxes a future for each field of
//! each object and builds a map of values before it writes one; for a list of places that was half of the work
//! (benches/nearest). What takes an argument or has to wait sends its whole list to the ordinary resolvers, which answer the
//! same.

use std::borrow::Cow;

use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::{Field, Selection, SelectionSet};
use async_graphql::registry::Registry;
use async_graphql::{ContextSelectionSet, Name, OutputType, Positioned, ServerResult, Value};
use async_graphql_value::RAW_VALUE_TOKEN;
use serde::Serialize;

use super::context::RequestContext;

/// An object that can answer fields in place.
pub trait FlatObject {
    /// Its name in the schema.
    const TYPE_NAME: &'static str;

    /// Writes the value of a field; `None` when the ordinary resolver has to answer it.
    fn write(&self, field: &Selected<'_>, answer: &mut Answer<'_>) -> Option<()>;
}

/// A field that was asked for without arguments.
pub struct Selected<'a> {
    /// Its name in the schema.
    pub name: &'a str,
    /// The name it is answered under.
    key: &'a Name,
    /// What is asked of the object that is its value.
    inside: Vec<Selected<'a>>,
}

/// Collects the fields of a selection (GraphQL specification, October 2021, §6.3.2 "Field Collection" and "Merging Selection
/// Sets"); `None` when one has arguments. Fields under `@skip` and `@include` were removed before.
fn select<'a>(context: &'a ContextSelectionSet<'a>, set: &'a Positioned<SelectionSet>, fields: &mut Vec<Selected<'a>>) -> Option<()> {
    for selection in &set.node.items {
        match &selection.node {
            Selection::Field(field) => {
                let field = &field.node;
                if !field.arguments.is_empty() {
                    return None;
                }
                let key = &field.response_key().node;
                let known = fields.iter().position(|known| known.key == key);
                let place = known.unwrap_or_else(|| {
                    fields.push(Selected { name: field.name.node.as_str(), key, inside: Vec::new() });
                    fields.len() - 1
                });
                select(context, &field.selection_set, &mut fields[place].inside)?;
            }
            // A type condition that validation let through names the object itself or an interface of it.
            Selection::InlineFragment(inline) => select(context, &inline.node.selection_set, fields)?,
            Selection::FragmentSpread(spread) => {
                let fragment = context.query_env.fragments.get(&spread.node.fragment_name.node)?;
                select(context, &fragment.node.selection_set, fields)?;
            }
        }
    }
    Some(())
}

/// An answer being written.
pub struct Answer<'a> {
    /// The context of the request.
    pub request: &'a RequestContext,
    json: Vec<u8>,
}

impl Answer<'_> {
    /// Writes a value.
    pub fn value(&mut self, value: &(impl Serialize + ?Sized)) -> Option<()> {
        serde_json::to_writer(&mut self.json, value).ok()
    }

    /// Writes what the field asks of the object that is its value.
    pub fn object(&mut self, object: &impl FlatObject, field: &Selected<'_>) -> Option<()> {
        self.fields(object, &field.inside)
    }

    /// Writes an object that may be absent.
    pub fn optional(&mut self, object: Option<&impl FlatObject>, field: &Selected<'_>) -> Option<()> {
        match object {
            Some(object) => self.object(object, field),
            None => self.value(&()),
        }
    }

    fn fields<T: FlatObject>(&mut self, object: &T, fields: &[Selected<'_>]) -> Option<()> {
        for (place, field) in fields.iter().enumerate() {
            self.json.push(if place == 0 { b'{' } else { b',' });
            // A name of GraphQL has no character that JSON escapes.
            self.json.push(b'"');
            self.json.extend_from_slice(field.key.as_bytes());
            self.json.extend_from_slice(b"\":");
            if field.name == "__typename" {
                self.value(T::TYPE_NAME)?;
            } else {
                object.write(field, self)?;
            }
        }
        // Validation lets no selection be empty, but `@skip` may have emptied it.
        self.json.extend_from_slice(if fields.is_empty() { b"{}" } else { b"}" });
        Some(())
    }

    /// The value that is written out as it stands here.
    fn into_value(self) -> Option<Value> {
        let json = String::from_utf8(self.json).ok()?;
        Some(Value::Object(IndexMap::from_iter([(Name::new(RAW_VALUE_TOKEN), Value::String(json))])))
    }
}

/// The selection on an object; `None` when not all of it is at hand.
pub fn object(object: &impl FlatObject, context: &ContextSelectionSet<'_>) -> Option<Value> {
    let mut fields = Vec::new();
    select(context, context.item, &mut fields)?;
    let mut answer = Answer { request: context.data_unchecked(), json: Vec::with_capacity(128) };
    answer.fields(object, &fields)?;
    answer.into_value()
}

fn list(objects: &[impl FlatObject], context: &ContextSelectionSet<'_>) -> Option<Value> {
    let mut fields = Vec::new();
    select(context, context.item, &mut fields)?;
    let mut answer = Answer { request: context.data_unchecked(), json: Vec::with_capacity(256 * objects.len()) };
    answer.json.push(b'[');
    for (place, object) in objects.iter().enumerate() {
        if place > 0 {
            answer.json.push(b',');
        }
        answer.fields(object, &fields)?;
    }
    answer.json.push(b']');
    answer.into_value()
}

/// A list that is answered in one walk when all that is asked of it is at hand.
pub struct FlatList<T>(pub Vec<T>);

impl<T: FlatObject + OutputType> OutputType for FlatList<T> {
    fn type_name() -> Cow<'static, str> {
        <Vec<T> as OutputType>::type_name()
    }

    fn qualified_type_name() -> String {
        <Vec<T> as OutputType>::qualified_type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        <Vec<T> as OutputType>::create_type_info(registry)
    }

    async fn resolve(&self, context: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<Value> {
        match list(&self.0, context) {
            Some(answer) => Ok(answer),
            None => OutputType::resolve(&self.0, context, field).await,
        }
    }
}

/// Makes a type answer flatly what a `SimpleObject` of the same fields describes: `flat_output!(Shown, Described)`. None of the
/// fields may need the ordinary resolver.
macro_rules! flat_output {
    ($flat:ty, $described:ty) => {
        impl async_graphql::OutputType for $flat {
            fn type_name() -> std::borrow::Cow<'static, str> {
                <$described as async_graphql::OutputType>::type_name()
            }

            fn create_type_info(registry: &mut async_graphql::registry::Registry) -> String {
                <$described as async_graphql::OutputType>::create_type_info(registry)
            }

            async fn resolve(
                &self,
                context: &async_graphql::ContextSelectionSet<'_>,
                _field: &async_graphql::Positioned<async_graphql::parser::types::Field>,
            ) -> async_graphql::ServerResult<async_graphql::Value> {
                Ok($crate::graphql::flat::object(self, context).unwrap_or_default())
            }
        }
    };
}

pub(crate) use flat_output;
