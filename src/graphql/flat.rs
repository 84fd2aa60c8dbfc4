//! Objects whose fields are all at hand, answered without a future a field. Two of three objects of a list of places are a
//! text or a position; answering them in place makes the nearest-20 question a quarter cheaper (benches/nearest).

use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::{Selection, SelectionSet};
use async_graphql::{ContextSelectionSet, Name, Positioned, Value};

/// An object without arguments, resolvers and objects inside.
pub trait FlatObject {
    /// Its name in the schema.
    const TYPE_NAME: &'static str;

    /// The value of a field; `None` for a field it does not have, which validation excludes.
    fn field(&self, name: &str) -> Option<Value>;
}

/// Answers the selection of a flat object (GraphQL specification, October 2021, §6.3 "Executing Selection Sets"). Fields under
/// `@skip` and `@include` were removed before.
pub fn resolve(object: &impl FlatObject, context: &ContextSelectionSet<'_>) -> Value {
    let mut fields = IndexMap::new();
    collect(object, context, context.item, &mut fields);
    Value::Object(fields)
}

fn collect(
    object: &impl FlatObject,
    context: &ContextSelectionSet<'_>,
    set: &Positioned<SelectionSet>,
    fields: &mut IndexMap<Name, Value>,
) {
    for selection in &set.node.items {
        match &selection.node {
            Selection::Field(field) => {
                let name = field.node.name.node.as_str();
                let value = if name == "__typename" { Some(Value::from(object_name(object))) } else { object.field(name) };
                fields.insert(field.node.response_key().node.clone(), value.unwrap_or_default());
            }
            // A type condition on a flat object that validation let through names the object itself.
            Selection::InlineFragment(inline) => collect(object, context, &inline.node.selection_set, fields),
            Selection::FragmentSpread(spread) => {
                if let Some(fragment) = context.query_env.fragments.get(&spread.node.fragment_name.node) {
                    collect(object, context, &fragment.node.selection_set, fields);
                }
            }
        }
    }
}

const fn object_name<T: FlatObject>(_: &T) -> &'static str {
    T::TYPE_NAME
}

/// Makes a `SimpleObject` of the same fields answer flatly: `flat!(Shown as SimpleObject)`.
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
                Ok($crate::graphql::flat::resolve(self, context))
            }
        }
    };
}

pub(crate) use flat_output;
