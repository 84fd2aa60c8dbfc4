//! What a document asks for, counted before anything else walks it. Each fragment is counted once and remembered, so a
//! document whose fragments spread each other two to the thirtieth times is refused as fast as it is read.

use std::collections::HashMap;

use async_graphql::parser::types::{ExecutableDocument, Field, OperationDefinition, Selection, SelectionSet};
use async_graphql::{Name, Positioned, Value as ConstValue, Variables};
use async_graphql_value::Value;

use super::failure::{Code, Failure};
use super::limits::{LISTS, Limits, WEIGHTS};

/// Points, depth, and introspection lists inside each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Weight {
    cost: u64,
    depth: u32,
    introspection: u32,
}

impl Weight {
    /// Beside each other: points add up, the deepest counts.
    fn beside(self, other: Self) -> Self {
        Self {
            cost: self.cost.saturating_add(other.cost),
            depth: self.depth.max(other.depth),
            introspection: self.introspection.max(other.introspection),
        }
    }
}

/// Refuses a document that asks for more than the limits allow.
pub fn check(document: &ExecutableDocument, variables: &Variables, limits: &Limits) -> Result<(), Failure> {
    if document.fragments.len() > limits.fragments {
        return Err(Failure::new(Code::QueryTooCostly, format!("the document has more than {} fragments", limits.fragments)));
    }
    for (_, operation) in document.operations.iter() {
        let mut count = Count { document, operation: &operation.node, variables, fragments: HashMap::new() };
        let directives = operation.node.directives.len() as u64;
        let weight = count.selections(&operation.node.selection_set.node)?;
        if weight.depth > limits.depth {
            return Err(Failure::new(Code::QueryTooDeep, format!("fields stand more than {} deep", limits.depth)));
        }
        if weight.introspection > limits.introspection {
            return Err(Failure::new(Code::QueryTooDeep, "the schema is described in circles".to_owned()));
        }
        let cost = weight.cost.saturating_add(directives);
        if cost > limits.cost {
            let message =
                format!("the operation costs {cost} points, at most {} are answered: ask for fewer or shorter lists", limits.cost);
            return Err(Failure::new(Code::QueryTooCostly, message));
        }
    }
    Ok(())
}

struct Count<'a> {
    document: &'a ExecutableDocument,
    operation: &'a OperationDefinition,
    variables: &'a Variables,
    /// What a fragment weighs; `None` while it is being counted.
    fragments: HashMap<&'a Name, Option<Weight>>,
}

impl<'a> Count<'a> {
    fn selections(&mut self, set: &'a SelectionSet) -> Result<Weight, Failure> {
        let mut sum = Weight::default();
        for selection in &set.items {
            let (directives, weight) = match &selection.node {
                Selection::Field(field) => (field.node.directives.len(), self.field(&field.node)?),
                Selection::InlineFragment(inline) => (inline.node.directives.len(), self.selections(&inline.node.selection_set.node)?),
                Selection::FragmentSpread(spread) => (spread.node.directives.len(), self.fragment(&spread.node.fragment_name.node)?),
            };
            sum = sum.beside(Weight { cost: weight.cost.saturating_add(directives as u64), ..weight });
        }
        Ok(sum)
    }

    fn fragment(&mut self, name: &'a Name) -> Result<Weight, Failure> {
        match self.fragments.get(name) {
            Some(Some(weight)) => return Ok(*weight),
            Some(None) => return Err(Failure::new(Code::GraphqlValidationFailed, "a fragment spreads itself")),
            None => {}
        }
        // A fragment that does not exist is told by validation.
        let Some(fragment) = self.document.fragments.get(name) else { return Ok(Weight::default()) };
        self.fragments.insert(name, None);
        let weight = self.selections(&fragment.node.selection_set.node)?;
        let weight = Weight { cost: weight.cost.saturating_add(1 + fragment.node.directives.len() as u64), ..weight };
        self.fragments.insert(name, Some(weight));
        Ok(weight)
    }

    fn field(&mut self, field: &'a Field) -> Result<Weight, Failure> {
        let name = field.name.node.as_str();
        let inside = self.selections(&field.selection_set.node)?;
        let own = 1 + look_up(WEIGHTS, name).unwrap_or(0);
        let times = self.entries(field, name);
        let circle = matches!(name, "fields" | "inputFields" | "interfaces" | "possibleTypes");
        Ok(Weight {
            cost: inside.cost.saturating_mul(times).saturating_add(own),
            depth: inside.depth.saturating_add(1),
            introspection: inside.introspection.saturating_add(u32::from(circle)),
        })
    }

    /// How often what stands in the field is answered.
    fn entries(&self, field: &Field, name: &str) -> u64 {
        let Some(default) = look_up(LISTS, name) else { return 1 };
        let asked = field.arguments.iter().find_map(|(argument, value)| match argument.node.as_str() {
            "first" | "last" | "limit" => self.number(value),
            "ids" => self.length(value),
            _ => None,
        });
        // A page larger than allowed is refused by the list itself.
        asked.unwrap_or(default).clamp(1, 1_000)
    }

    fn number(&self, value: &Positioned<Value>) -> Option<u64> {
        match &value.node {
            Value::Number(number) => number.as_u64(),
            Value::Variable(name) => match self.variable(name)? {
                ConstValue::Number(number) => number.as_u64(),
                _ => None,
            },
            _ => None,
        }
    }

    fn length(&self, value: &Positioned<Value>) -> Option<u64> {
        match &value.node {
            Value::List(list) => Some(list.len() as u64),
            Value::Variable(name) => match self.variable(name)? {
                ConstValue::List(list) => Some(list.len() as u64),
                _ => None,
            },
            _ => None,
        }
    }

    fn variable(&self, name: &Name) -> Option<&ConstValue> {
        let declared = self.operation.variable_definitions.iter().find(|definition| definition.node.name.node == *name);
        self.variables.get(name).or_else(|| declared?.node.default_value.as_ref().map(|value| &value.node))
    }
}

fn look_up(table: &[(&str, u64)], name: &str) -> Option<u64> {
    table.binary_search_by_key(&name, |(field, _)| field).ok().map(|found| table[found].1)
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::*;
    use crate::graphql::limits::LIMITS;

    fn code(query: &str, variables: serde_json::Value) -> Option<Code> {
        let document = async_graphql::parser::parse_query(query).unwrap();
        check(&document, &Variables::from_json(variables), &LIMITS).err().map(|failure| failure.code())
    }

    #[test]
    fn tables_are_sorted_for_the_search() {
        assert!(LISTS.is_sorted() && WEIGHTS.is_sorted());
    }

    #[test]
    fn fragments_that_double_are_refused_at_once() {
        let mut bomb = "{ ...f0 }".to_owned();
        for level in 0..31 {
            write!(bomb, " fragment f{level} on Query {{ ...f{} ...f{} }}", level + 1, level + 1).unwrap();
        }
        bomb.push_str(" fragment f31 on Query { catalogue { version } }");
        assert_eq!(code(&bomb, serde_json::Value::Null), Some(Code::QueryTooCostly));
    }

    #[test]
    fn a_fragment_that_spreads_itself_is_refused() {
        assert_eq!(
            code("{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }", serde_json::Value::Null),
            Some(Code::GraphqlValidationFailed)
        );
    }

    #[test]
    fn pages_multiply_and_variables_count() {
        let page = "query($n: Int) { pointsOfInterest(first: $n) { nodes { nearby(first: 100) { nodes { slug } } } } }";
        assert_eq!(code(page, serde_json::json!({"n": 2})), None);
        assert_eq!(code(page, serde_json::json!({"n": 100})), Some(Code::QueryTooCostly));
        let default = "query($n: Int = 100) { pointsOfInterest(first: $n) { nodes { nearby(first: 100) { nodes { slug } } } } }";
        assert_eq!(code(default, serde_json::Value::Null), Some(Code::QueryTooCostly));
    }

    #[test]
    fn the_schema_is_not_described_in_circles() {
        let circle = "{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } } }";
        assert_eq!(code(circle, serde_json::Value::Null), Some(Code::QueryTooDeep));
    }
}
