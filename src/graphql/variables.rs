//! Whether the variables of a request are of the types its operation declares (GraphQL specification, October 2021, §6.1.2
//! "Coercing Variable Values"). Done before execution, so that a wrong variable is told as one whether or not the document
//! was validated before: documents are validated once, variables come anew with each request.

use std::collections::HashMap;

use async_graphql::parser::types::{BaseType, OperationDefinition, Type, TypeKind, TypeSystemDefinition};
use async_graphql::parser::{Error, parse_schema};
use async_graphql::{Name, Value, Variables};

use super::failure::{Code, Failure};

/// How deep lists and objects stand in each other; deeper ones are refused.
const MAX_DEPTH: usize = 32;

/// The input types of a schema.
#[derive(Debug, Default)]
pub struct InputTypes(HashMap<Name, Input>);

#[derive(Debug)]
enum Input {
    /// A scalar of the schema's own; it reads its values itself.
    Scalar,
    Enum(Vec<Name>),
    Object {
        fields: HashMap<Name, Field>,
        one_of: bool,
    },
}

#[derive(Debug)]
struct Field {
    ty: Type,
    has_default: bool,
}

impl InputTypes {
    /// Reads them from the schema as text.
    pub fn of_sdl(sdl: &str) -> Result<Self, Error> {
        let mut types = HashMap::new();
        for definition in parse_schema(sdl)?.definitions {
            let TypeSystemDefinition::Type(definition) = definition else { continue };
            let definition = definition.node;
            let input = match definition.kind {
                TypeKind::Scalar => Input::Scalar,
                TypeKind::Enum(values) => Input::Enum(values.values.into_iter().map(|value| value.node.value.node).collect()),
                TypeKind::InputObject(object) => {
                    let field = |field: async_graphql::parser::types::InputValueDefinition| {
                        (field.name.node, Field { ty: field.ty.node, has_default: field.default_value.is_some() })
                    };
                    let one_of = definition.directives.iter().any(|directive| directive.node.name.node == "oneOf");
                    Input::Object { fields: object.fields.into_iter().map(|entry| field(entry.node)).collect(), one_of }
                }
                _ => continue,
            };
            types.insert(definition.name.node, input);
        }
        Ok(Self(types))
    }

    /// Refuses variables that are missing or of another type than declared. A variable nobody declared is passed over, as the
    /// specification asks; a type that is not an input type is told by validation.
    pub fn check(&self, operation: &OperationDefinition, variables: &Variables) -> Result<(), Failure> {
        for definition in &operation.variable_definitions {
            let (name, ty) = (&definition.node.name.node, &definition.node.var_type.node);
            match variables.get(name) {
                Some(value) => self.fits(value, ty, MAX_DEPTH).map_err(|wrong| refused(name, &wrong))?,
                None if ty.nullable || definition.node.default_value.is_some() => {}
                None => return Err(refused(name, &Wrong::new(format!("of type {ty} is required")))),
            }
        }
        Ok(())
    }

    fn fits(&self, value: &Value, ty: &Type, depth: usize) -> Result<(), Wrong> {
        if *value == Value::Null {
            return if ty.nullable { Ok(()) } else { Err(Wrong::new(format!("must not be null: it is of type {ty}"))) };
        }
        let Some(depth) = depth.checked_sub(1) else { return Err(Wrong::new(format!("is nested more than {MAX_DEPTH} deep"))) };
        match (&ty.base, value) {
            (BaseType::List(item), Value::List(values)) => values
                .iter()
                .enumerate()
                .try_for_each(|(index, value)| self.fits(value, item, depth).map_err(|wrong| wrong.at_index(index))),
            // A single value stands for a list of it (§3.11 "Input Coercion").
            (BaseType::List(item), value) => self.fits(value, item, depth),
            (BaseType::Named(name), value) => self.is_a(value, name, depth),
        }
    }

    fn is_a(&self, value: &Value, name: &Name, depth: usize) -> Result<(), Wrong> {
        let fits = match (name.as_str(), value) {
            ("Int", Value::Number(number)) => number.as_i64().is_some_and(|number| i32::try_from(number).is_ok()),
            ("Float", Value::Number(_)) | ("String" | "ID", Value::String(_)) | ("Boolean", Value::Boolean(_)) => true,
            ("ID", Value::Number(number)) => number.is_i64() || number.is_u64(),
            ("Int" | "Float" | "String" | "Boolean" | "ID", _) => false,
            _ => match (self.0.get(name), value) {
                (None | Some(Input::Scalar), _) => true,
                (Some(Input::Enum(values)), Value::String(text)) => values.iter().any(|known| known == text.as_str()),
                (Some(Input::Enum(values)), Value::Enum(text)) => values.contains(text),
                (Some(Input::Object { fields, one_of }), Value::Object(_)) => return self.is_object(value, fields, *one_of, depth),
                (Some(_), _) => false,
            },
        };
        if fits { Ok(()) } else { Err(Wrong::new(format!("is not of type {name}"))) }
    }

    fn is_object(&self, value: &Value, fields: &HashMap<Name, Field>, one_of: bool, depth: usize) -> Result<(), Wrong> {
        let Value::Object(values) = value else { return Ok(()) };
        if one_of && (values.len() != 1 || values.values().any(|value| *value == Value::Null)) {
            return Err(Wrong::new("takes exactly one of its fields, not null".to_owned()));
        }
        for (key, value) in values {
            let field = fields.get(key).ok_or_else(|| Wrong::new("is not a field of its type".to_owned()).at_field(key))?;
            self.fits(value, &field.ty, depth).map_err(|wrong| wrong.at_field(key))?;
        }
        match fields
            .iter()
            .filter(|(key, field)| !field.ty.nullable && !field.has_default && !values.contains_key(*key))
            .min_by_key(|(key, _)| key.as_str())
        {
            Some((key, field)) => Err(Wrong::new(format!("of type {} is required", field.ty)).at_field(key)),
            None => Ok(()),
        }
    }
}

/// What is wrong, and where in the variable.
struct Wrong {
    /// Outermost last.
    path: Vec<String>,
    message: String,
}

impl Wrong {
    const fn new(message: String) -> Self {
        Self { path: Vec::new(), message }
    }

    fn at_index(mut self, index: usize) -> Self {
        self.path.push(format!("[{index}]"));
        self
    }

    fn at_field(mut self, key: &str) -> Self {
        self.path.push(format!(".{key}"));
        self
    }
}

fn refused(name: &Name, wrong: &Wrong) -> Failure {
    let path: String = wrong.path.iter().rev().map(String::as_str).collect();
    Failure::new(Code::GraphqlValidationFailed, format!("variable ${name}{path} {}", wrong.message))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;

    const SDL: &str = "scalar Latitude enum Mode { WALK CAR } input Near { latitude: Latitude! radius: Float mode: Mode = WALK tags: [String!] inner: Near }
        input By @oneOf { id: ID slug: String } type Query { a: Int } schema { query: Query }";

    fn told(declared: &str, variables: Json) -> Option<String> {
        let document = async_graphql::parser::parse_query(format!("query({declared}) {{ a }}")).unwrap();
        let (_, operation) = document.operations.iter().next().unwrap();
        let failure = InputTypes::of_sdl(SDL).unwrap().check(&operation.node, &Variables::from_json(variables)).err()?;
        assert_eq!(failure.code(), Code::GraphqlValidationFailed);
        Some(failure.message().to_owned())
    }

    #[test]
    fn values_of_their_types_pass() {
        let all = "$i: Int!, $f: Float, $s: String, $b: Boolean, $id: ID!, $m: Mode, $l: [Int!]!, $n: Near, $by: By!, $d: Int! = 3, $la: Latitude";
        let variables = json!({"i": -2_147_483_648_i64, "f": 1, "s": "", "b": false, "id": 7, "m": "CAR", "l": 4, "by": {"slug": "x"},
            "n": {"latitude": "anything", "tags": ["a"], "inner": {"latitude": 1, "radius": null}}, "la": [1], "undeclared": 3});
        assert_eq!(told(all, variables), None);
    }

    #[test]
    fn everything_else_is_told_with_its_place() {
        for (declared, variables, message) in [
            ("$i: Int!", json!({}), "variable $i of type Int! is required"),
            ("$i: Int!", json!({"i": null}), "variable $i must not be null: it is of type Int!"),
            ("$i: Int", json!({"i": 2_147_483_648_i64}), "variable $i is not of type Int"),
            ("$i: Int", json!({"i": 1.5}), "variable $i is not of type Int"),
            ("$s: String", json!({"s": 1}), "variable $s is not of type String"),
            ("$b: Boolean", json!({"b": "true"}), "variable $b is not of type Boolean"),
            ("$id: ID", json!({"id": 1.5}), "variable $id is not of type ID"),
            ("$m: Mode", json!({"m": "BUS"}), "variable $m is not of type Mode"),
            ("$l: [[Int!]]", json!({"l": [[1], [2, null]]}), "variable $l[1][1] must not be null: it is of type Int!"),
            ("$n: Near", json!({"n": 3}), "variable $n is not of type Near"),
            ("$n: Near", json!({"n": {"latitude": 1, "height": 2}}), "variable $n.height is not a field of its type"),
            ("$n: [Near]", json!({"n": [{"inner": {}, "latitude": 1}]}), "variable $n[0].inner.latitude of type Latitude! is required"),
            ("$by: By", json!({"by": {"id": 1, "slug": "a"}}), "variable $by takes exactly one of its fields, not null"),
            ("$by: By", json!({"by": {"id": null}}), "variable $by takes exactly one of its fields, not null"),
        ] {
            assert_eq!(told(declared, variables), Some(message.to_owned()));
        }
    }
}
