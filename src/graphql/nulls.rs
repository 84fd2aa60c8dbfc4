//! Null where a field failed, as the GraphQL specification (October 2021, §6.4.4 "Handling Field Errors") asks: the failed
//! field is null when it may be, otherwise the nearest field above it that may be, otherwise `data`. async-graphql 7.2
//! leaves the failed field out of the answer instead, nullable or not.

use std::collections::{HashMap, HashSet};

use async_graphql::parser::types::{
    BaseType, ExecutableDocument, Field, OperationDefinition, OperationType, Selection, SelectionSet, Type, TypeKind, TypeSystemDefinition,
};
use async_graphql::parser::{Error, parse_schema};
use async_graphql::{Name, PathSegment, Response, Value};

/// Types of the fields of a schema.
#[derive(Debug, Default)]
pub struct FieldTypes {
    types: HashMap<Name, HashMap<Name, Type>>,
    objects: HashSet<Name>,
    query: Option<Name>,
    mutation: Option<Name>,
    subscription: Option<Name>,
}

impl FieldTypes {
    /// Reads them from the schema as text.
    pub fn of_sdl(sdl: &str) -> Result<Self, Error> {
        let mut found = Self {
            query: Some(Name::new("Query")),
            mutation: Some(Name::new("Mutation")),
            subscription: Some(Name::new("Subscription")),
            ..Self::default()
        };
        for definition in parse_schema(sdl)?.definitions {
            match definition {
                TypeSystemDefinition::Schema(schema) => {
                    found.query = schema.node.query.map(|name| name.node);
                    found.mutation = schema.node.mutation.map(|name| name.node);
                    found.subscription = schema.node.subscription.map(|name| name.node);
                }
                TypeSystemDefinition::Type(definition) => {
                    let fields = match definition.node.kind {
                        TypeKind::Object(object) => {
                            found.objects.insert(definition.node.name.node.clone());
                            object.fields
                        }
                        TypeKind::Interface(interface) => interface.fields,
                        _ => continue,
                    };
                    let fields = fields.into_iter().map(|field| (field.node.name.node, field.node.ty.node)).collect();
                    found.types.insert(definition.node.name.node, fields);
                }
                TypeSystemDefinition::Directive(_) => {}
            }
        }
        Ok(found)
    }

    /// The type that operations of a kind begin at.
    pub const fn root(&self, operation: OperationType) -> Option<&Name> {
        match operation {
            OperationType::Query => self.query.as_ref(),
            OperationType::Mutation => self.mutation.as_ref(),
            OperationType::Subscription => self.subscription.as_ref(),
        }
    }

    /// The type of a field, without what says that it is a list or may be null.
    pub fn type_of(&self, parent: &Name, field: &Name) -> Option<&Name> {
        let mut base = &self.types.get(parent)?.get(field)?.base;
        loop {
            match base {
                BaseType::Named(name) => return Some(name),
                BaseType::List(item) => base = &item.base,
            }
        }
    }

    /// Whether the type of this name is an object's, and not an interface or a union.
    pub fn is_object(&self, name: &Name) -> bool {
        self.objects.contains(name)
    }

    /// Puts the nulls into the answer to this operation.
    pub fn complete(&self, response: &mut Response, document: &ExecutableDocument, operation: &OperationDefinition) {
        let mut nulls: Vec<&[PathSegment]> = response
            .errors
            .iter()
            .filter(|error| !error.path.is_empty())
            .filter_map(|error| Some(&error.path[..self.nullable_length(&error.path, document, operation)?]))
            .collect();
        // The deepest first, so that a null further up covers what was put below it.
        nulls.sort_by_key(|path| std::cmp::Reverse(path.len()));
        for path in nulls {
            put_null(&mut response.data, path);
        }
    }

    /// How much of the path leads to the nearest place that may be null; `None` when the path is not of this schema.
    fn nullable_length(&self, path: &[PathSegment], document: &ExecutableDocument, operation: &OperationDefinition) -> Option<usize> {
        let mut parent = self.root(operation.ty)?;
        let mut sets = vec![&operation.selection_set.node];
        let (mut length, mut base) = (0, None::<&BaseType>);
        for (place, segment) in path.iter().enumerate() {
            let ty = match segment {
                PathSegment::Field(key) => {
                    let mut search = Search { document, types: &self.types, key, fields: Vec::new(), ty: None };
                    for set in &sets {
                        search.look_through(set, parent);
                    }
                    sets = search.fields.iter().map(|field| &field.selection_set.node).collect();
                    search.ty?
                }
                PathSegment::Index(_) => match base? {
                    BaseType::List(item) => item,
                    BaseType::Named(_) => return None,
                },
            };
            if ty.nullable {
                length = place + 1;
            }
            base = Some(&ty.base);
            if let BaseType::Named(name) = &ty.base {
                parent = name;
            }
        }
        Some(length)
    }
}

/// Looks for the fields that answer under a key.
struct Search<'a> {
    document: &'a ExecutableDocument,
    types: &'a HashMap<Name, HashMap<Name, Type>>,
    key: &'a str,
    fields: Vec<&'a Field>,
    ty: Option<&'a Type>,
}

impl<'a> Search<'a> {
    fn look_through(&mut self, set: &'a SelectionSet, parent: &Name) {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) if field.node.response_key().node == self.key => {
                    if let Some(ty) = self.types.get(parent).and_then(|fields| fields.get(&field.node.name.node)) {
                        self.ty = Some(ty);
                        self.fields.push(&field.node);
                    }
                }
                Selection::Field(_) => {}
                Selection::InlineFragment(inline) => {
                    let parent = inline.node.type_condition.as_ref().map_or(parent, |condition| &condition.node.on.node);
                    self.look_through(&inline.node.selection_set.node, parent);
                }
                // Fragments do not spread themselves: that was refused before.
                Selection::FragmentSpread(spread) => {
                    if let Some(fragment) = self.document.fragments.get(&spread.node.fragment_name.node) {
                        self.look_through(&fragment.node.selection_set.node, &fragment.node.type_condition.node.on.node);
                    }
                }
            }
        }
    }
}

/// An object all of whose fields failed is null in what async-graphql answers; it becomes an object again on the way.
fn put_null(data: &mut Value, path: &[PathSegment]) {
    let mut place = data;
    for (step, segment) in path.iter().enumerate() {
        if matches!((&*place, segment), (Value::Null, PathSegment::Field(_))) {
            *place = Value::Object(async_graphql::indexmap::IndexMap::new());
        }
        let next = match (place, segment) {
            (Value::Object(fields), PathSegment::Field(key)) => Some(fields.entry(Name::new(key)).or_insert(Value::Null)),
            (Value::List(items), PathSegment::Index(index)) => items.get_mut(*index),
            _ => None,
        };
        let Some(next) = next else { return };
        place = next;
        if step + 1 == path.len() {
            break;
        }
    }
    *place = Value::Null;
}

#[cfg(test)]
mod tests {
    use async_graphql::ServerError;
    use serde_json::{Value as Json, json};

    use super::*;

    const SDL: &str = "type Query { city: City! maybe: City cities: [City!]! some: [City] node: Node } interface Node { id: ID! }
        type City implements Node { id: ID! name: String nearby: [City!]! } schema { query: Query }";

    fn completed(query: &str, data: Json, paths: &[Json]) -> Json {
        let document = async_graphql::parser::parse_query(query).unwrap();
        let mut response = Response::new(Value::from_json(data).unwrap());
        for path in paths {
            let mut error = ServerError::new("failed", None);
            error.path = path
                .as_array()
                .unwrap()
                .iter()
                .map(|part| {
                    part.as_u64()
                        .map_or_else(|| PathSegment::Field(part.as_str().unwrap().to_owned()), |index| PathSegment::Index(index as usize))
                })
                .collect();
            response.errors.push(error);
        }
        let (_, operation) = document.operations.iter().next().unwrap();
        FieldTypes::of_sdl(SDL).unwrap().complete(&mut response, &document, &operation.node);
        response.data.into_json().unwrap()
    }

    #[test]
    fn a_failed_field_that_may_be_null_is_null() {
        assert_eq!(
            completed("{ city { id name } }", json!({"city": {"id": 1}}), &[json!(["city", "name"])]),
            json!({"city": {"id": 1, "name": null}})
        );
        assert_eq!(completed("{ a: maybe { id } }", Json::Null, &[json!(["a"])]), json!({"a": null}));
        assert_eq!(completed("{ city { name } }", json!({"city": null}), &[json!(["city", "name"])]), json!({"city": {"name": null}}));
    }

    #[test]
    fn a_failed_field_that_may_not_takes_those_above_with_it() {
        let data = json!({"maybe": {"name": "a"}});
        assert_eq!(completed("{ maybe { id name } }", data, &[json!(["maybe", "id"])]), json!({"maybe": null}));
        assert_eq!(completed("{ city { id name } }", json!({"city": {"name": "a"}}), &[json!(["city", "id"])]), Json::Null);
        let some = json!({"some": [{"name": "a"}, {"id": 2, "name": "b"}]});
        assert_eq!(completed("{ some { id name } }", some, &[json!(["some", 0, "id"])]), json!({"some": [null, {"id": 2, "name": "b"}]}));
        let nested = json!({"some": [{"nearby": [{}]}]});
        assert_eq!(completed("{ some { nearby { id } } }", nested, &[json!(["some", 0, "nearby", 0, "id"])]), json!({"some": [null]}));
    }

    #[test]
    fn a_null_further_up_covers_the_one_below() {
        let paths = [json!(["maybe", "id"]), json!(["maybe", "name"])];
        assert_eq!(completed("{ maybe { id name } }", json!({"maybe": null}), &paths), json!({"maybe": null}));
        assert_eq!(completed("{ cities { id } }", Json::Null, &[json!(["cities", 3, "id"])]), Json::Null);
    }

    #[test]
    fn fragments_are_followed() {
        let query = "{ node { ... on City { x: name ...rest } } } fragment rest on City { nearby { name } }";
        assert_eq!(completed(query, json!({"node": {"nearby": []}}), &[json!(["node", "x"])]), json!({"node": {"nearby": [], "x": null}}));
        assert_eq!(completed(query, json!({"node": {"x": 1}}), &[json!(["node", "nearby"])]), json!({"node": null}));
    }
}
