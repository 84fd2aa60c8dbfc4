//! Objects whose fields are at hand, written as JSON without a future a field. async-graphql boxes a future for each field of
//! each object and builds a map of values before it writes one; for a list of places that was half of the work
//! (benches/nearest). What takes an argument or has to wait sends its whole list to the ordinary resolvers, which answer the
//! same.

use std::borrow::Cow;
use std::collections::HashSet;

use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::{self as ast, ExecutableDocument, Field, SelectionSet};
use async_graphql::registry::{MetaType, Registry};
use async_graphql::{ContextSelectionSet, Error, Name, OutputType, Positioned, ServerResult, Value};
use async_graphql_value::RAW_VALUE_TOKEN;
use serde::Serialize;

use super::context::RequestContext;
use super::failure::Failure;

/// Units of work of writing a field of a list; what stands inside it is bounded by its price.
const FIELD_EFFORT: u64 = 4;

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
    /// The one object type on which it was asked for, by a fragment; any, when absent.
    on: Option<&'a str>,
    /// What is asked of the object that is its value.
    inside: Vec<Selected<'a>>,
}

/// Collects the fields of a selection (GraphQL specification, October 2021, §6.3.2 "Field Collection" and "Merging Selection
/// Sets"). Fields under `@skip` and `@include` were removed before.
struct Selection<'a> {
    context: &'a ContextSelectionSet<'a>,
    fields: Vec<Selected<'a>>,
}

impl<'a> Selection<'a> {
    /// `None` when a field has arguments, or when it is not plain which object answers it.
    fn of(context: &'a ContextSelectionSet<'a>, set: &'a Positioned<SelectionSet>) -> Option<Vec<Selected<'a>>> {
        let mut selection = Self { context, fields: Vec::new() };
        selection.add(set, None)?;
        Some(selection.fields)
    }

    fn add(&mut self, set: &'a Positioned<SelectionSet>, on: Option<&'a str>) -> Option<()> {
        for selection in &set.node.items {
            match &selection.node {
                ast::Selection::Field(field) => self.add_field(&field.node, on)?,
                ast::Selection::InlineFragment(inline) => {
                    let condition = inline.node.type_condition.as_ref().map(|condition| condition.node.on.node.as_str());
                    self.add(&inline.node.selection_set, self.narrowed(on, condition))?;
                }
                ast::Selection::FragmentSpread(spread) => {
                    let fragment = &self.context.query_env.fragments.get(&spread.node.fragment_name.node)?.node;
                    let condition = Some(fragment.type_condition.node.on.node.as_str());
                    self.add(&fragment.selection_set, self.narrowed(on, condition))?;
                }
            }
        }
        Some(())
    }

    fn add_field(&mut self, field: &'a Field, on: Option<&'a str>) -> Option<()> {
        let key = &field.response_key().node;
        if !field.arguments.is_empty() {
            return None;
        }
        let inside = Self::of(self.context, &field.selection_set)?;
        // The same key again, on one type or on any: a plain value is answered once, an object would have to be merged.
        let again = self.fields.iter().find(|known| known.key == key && (known.on == on || known.on.is_none() || on.is_none()));
        match again {
            Some(known) if known.on == on && inside.is_empty() => {}
            Some(_) => return None,
            None => self.fields.push(Selected { name: field.name.node.as_str(), key, on, inside }),
        }
        Some(())
    }

    /// The type condition inside another one. Interfaces and unions narrow nothing: validation has seen that they fit.
    fn narrowed(&self, on: Option<&'a str>, condition: Option<&'a str>) -> Option<&'a str> {
        let is_object = |name: &&str| matches!(self.context.schema_env.registry.types.get(*name), Some(MetaType::Object { .. }));
        on.or_else(|| condition.filter(is_object))
    }
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
        let mut next = b'{';
        for field in fields.iter().filter(|field| field.on.is_none_or(|on| on == T::TYPE_NAME)) {
            self.json.push(std::mem::replace(&mut next, b','));
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
        // Nothing is asked of an object when `@skip` took everything, or fragments name other types only.
        self.json.extend_from_slice(if next == b'{' { b"{}" } else { b"}" });
        Some(())
    }

    /// The value that is written out as it stands here.
    fn into_value(self) -> Option<Value> {
        let json = String::from_utf8(self.json).ok()?;
        Some(Value::Object(IndexMap::from_iter([(Name::new(RAW_VALUE_TOKEN), Value::String(json))])))
    }
}

/// Whether lists may be written at once, as data of a request. They may not where a document asks for an object twice under one
/// key: what was written cannot be merged any more.
#[derive(Clone, Copy, Debug)]
pub struct WritesLists(pub bool);

/// Steps of the search for repeated objects; a document that takes more is taken for one that repeats.
const MAX_STEPS: usize = 20_000;

/// Whether a selection set of the document asks for an object twice under one key, fragments followed.
pub fn repeats_objects(document: &ExecutableDocument) -> bool {
    let mut search = Repetitions { document, steps: 0 };
    let operations = document.operations.iter().map(|(_, operation)| &operation.node.selection_set.node);
    let fragments = document.fragments.values().map(|fragment| &fragment.node.selection_set.node);
    operations.chain(fragments).any(|set| search.are_in(set))
}

struct Repetitions<'a> {
    document: &'a ExecutableDocument,
    steps: usize,
}

impl<'a> Repetitions<'a> {
    /// In this set or one inside it.
    fn are_in(&mut self, set: &'a SelectionSet) -> bool {
        let (mut keys, mut spread) = (HashSet::new(), HashSet::new());
        self.are_among(set, &mut keys, &mut spread) || self.are_inside(set)
    }

    fn are_inside(&mut self, set: &'a SelectionSet) -> bool {
        set.items.iter().any(|item| match &item.node {
            ast::Selection::Field(field) => self.are_in(&field.node.selection_set.node),
            ast::Selection::InlineFragment(inline) => self.are_inside(&inline.node.selection_set.node),
            // Each fragment is looked into by itself.
            ast::Selection::FragmentSpread(_) => false,
        })
    }

    fn are_among(&mut self, set: &'a SelectionSet, keys: &mut HashSet<&'a Name>, spread: &mut HashSet<&'a Name>) -> bool {
        set.items.iter().any(|item| {
            self.steps += 1;
            if self.steps > MAX_STEPS {
                return true;
            }
            match &item.node {
                ast::Selection::Field(field) => {
                    !field.node.selection_set.node.items.is_empty() && !keys.insert(&field.node.response_key().node)
                }
                ast::Selection::InlineFragment(inline) => self.are_among(&inline.node.selection_set.node, keys, spread),
                ast::Selection::FragmentSpread(named) => {
                    let name = &named.node.fragment_name.node;
                    let fragment = self.document.fragments.get(name).filter(|_| spread.insert(name));
                    fragment.is_some_and(|fragment| self.are_among(&fragment.node.selection_set.node, keys, spread))
                }
            }
        })
    }
}

/// The selection on an object; `None` when not all of it is at hand.
pub fn object(object: &impl FlatObject, context: &ContextSelectionSet<'_>) -> Option<Value> {
    let fields = Selection::of(context, context.item)?;
    let mut answer = Answer { request: context.data_unchecked(), json: Vec::with_capacity(128) };
    answer.fields(object, &fields)?;
    // As a value, which may still be merged with another selection of the same object.
    serde_json::from_slice(&answer.json).ok()
}

fn list(objects: &[impl FlatObject], context: &ContextSelectionSet<'_>) -> Option<Value> {
    let fields = Selection::of(context, context.item)?;
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
        let asked = self.0.len() * context.item.node.items.len();
        if let Some(request) = context.data_opt::<RequestContext>() {
            let spent = |spent| Error::from(Failure::from(spent)).into_server_error(field.pos);
            request.budget.share().draw(asked as u64 * FIELD_EFFORT).map_err(|error| context.set_error_path(spent(error)))?;
        }
        let may_write = context.data_opt::<WritesLists>().is_some_and(|writes| writes.0);
        match may_write.then(|| list(&self.0, context)).flatten() {
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
