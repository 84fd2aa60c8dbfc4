//! What a document asks for, counted before anything else walks it. Each fragment is counted once and remembered, so a
//! document whose fragments spread each other two to the thirtieth times is refused as fast as it is read.
//!
//! Validation walks every operation and every fragment definition, asked for or not, and follows spreads; so the walk, the
//! depth and the introspection points of all of them are bounded, and the cost of the one operation that is executed.
//! Each use of an argument is checked and read anew: what it holds is counted at each use, so that one long variable cannot
//! be made to weigh a thousand times what it weighs in the body.

use std::collections::HashMap;
use std::ptr;

use async_graphql::parser::types::{Directive, ExecutableDocument, Field, OperationDefinition, Selection, SelectionSet};
use async_graphql::{Name, Positioned, Value as ConstValue, Variables};
use async_graphql_value::Value;

use super::failure::{Code, Failure};
use super::limits::Limits;

/// Selection sets followed into each other, fragments included. Guards the stack; [`Limits::depth`] is what clients meet.
const MAX_LEVELS: u32 = 100;

/// What a part of the document weighs. All sums saturate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Weight {
    cost: u64,
    walk: u64,
    depth: u32,
    introspection: u64,
    /// Lists of fields of types inside each other.
    circles: u32,
}

impl Weight {
    /// Beside each other: points add up, the deepest counts.
    fn beside(self, other: Self) -> Self {
        Self {
            cost: self.cost.saturating_add(other.cost),
            walk: self.walk.saturating_add(other.walk),
            depth: self.depth.max(other.depth),
            introspection: self.introspection.saturating_add(other.introspection),
            circles: self.circles.max(other.circles),
        }
    }
}

/// The price of `operation` in points when it is executed with `variables`; fails when the document asks for more than the limits
/// allow.
pub fn check(
    document: &ExecutableDocument,
    operation: &OperationDefinition,
    variables: &Variables,
    limits: &Limits,
) -> Result<u64, Failure> {
    if document.fragments.len() > limits.fragments {
        return Err(Failure::new(Code::QueryTooCostly, format!("the document has more than {} fragments", limits.fragments)));
    }
    let mut count = Count { document, operation, variables, limits, fragments: HashMap::new(), sizes: HashMap::new(), level: 0 };
    let mut walk = 0_u64;
    let mut bounded = |weight: Weight| {
        walk = walk.saturating_add(weight.walk);
        within(&Weight { walk, ..weight }, limits)
    };
    let mut price = 0;
    for (_, other) in document.operations.iter() {
        let weight = count.selections(&other.node.selection_set.node, false)?;
        bounded(weight)?;
        let cost = weight.cost.saturating_add(count.directives(&other.node.directives));
        if !ptr::eq(&raw const other.node, operation) {
            continue;
        }
        price = cost;
        let most = if asks_for_a_feed_alone(operation, limits) { limits.feed_cost } else { limits.cost };
        if cost > most {
            let message = format!("the operation costs {cost} points, at most {most} are answered: ask for fewer or shorter lists");
            return Err(Failure::new(Code::QueryTooCostly, message));
        }
    }
    for name in document.fragments.keys() {
        bounded(count.fragment(name)?)?;
    }
    Ok(price)
}

/// Whether the one thing the operation asks for is the feed of changes.
fn asks_for_a_feed_alone(operation: &OperationDefinition, limits: &Limits) -> bool {
    match operation.selection_set.node.items.as_slice() {
        [only] => matches!(&only.node, Selection::Field(field) if limits.feeds.contains(&field.node.name.node.as_str())),
        _ => false,
    }
}

fn within(weight: &Weight, limits: &Limits) -> Result<(), Failure> {
    if weight.depth > limits.depth {
        return Err(Failure::new(Code::QueryTooDeep, format!("fields stand more than {} deep", limits.depth)));
    }
    if weight.circles > 2 {
        return Err(Failure::new(Code::QueryTooDeep, "the schema is described in circles"));
    }
    if weight.introspection > limits.introspection {
        return Err(Failure::new(Code::QueryTooCostly, "the schema is described too often; ask for it once"));
    }
    if weight.walk > limits.walk {
        let message = format!("the document selects more than {} fields, fragments followed", limits.walk);
        return Err(Failure::new(Code::QueryTooCostly, message));
    }
    Ok(())
}

struct Count<'a> {
    document: &'a ExecutableDocument,
    operation: &'a OperationDefinition,
    variables: &'a Variables,
    limits: &'a Limits,
    /// What a fragment weighs; `None` while it is being counted.
    fragments: HashMap<&'a Name, Option<Weight>>,
    /// What variables hold.
    sizes: HashMap<&'a Name, u64>,
    /// Selection sets being counted now.
    level: u32,
}

impl<'a> Count<'a> {
    /// `described`: whether the set stands in the schema's own description (`__schema`, `__type`).
    fn selections(&mut self, set: &'a SelectionSet, described: bool) -> Result<Weight, Failure> {
        if self.level >= MAX_LEVELS {
            return Err(Failure::new(Code::QueryTooDeep, format!("more than {MAX_LEVELS} selections stand inside each other")));
        }
        self.level += 1;
        let mut sum = Weight::default();
        for selection in &set.items {
            let (directives, weight) = match &selection.node {
                Selection::Field(field) => (&field.node.directives, self.field(&field.node, described)?),
                Selection::InlineFragment(inline) => {
                    let inside = self.selections(&inline.node.selection_set.node, described)?;
                    (&inline.node.directives, Weight { walk: inside.walk.saturating_add(1), ..inside })
                }
                Selection::FragmentSpread(spread) => (&spread.node.directives, self.fragment(&spread.node.fragment_name.node)?),
            };
            let directives = self.directives(directives);
            let (cost, walk) = (weight.cost.saturating_add(directives), weight.walk.saturating_add(directives));
            sum = sum.beside(Weight { cost, walk, ..weight });
        }
        self.level -= 1;
        Ok(sum)
    }

    fn fragment(&mut self, name: &'a Name) -> Result<Weight, Failure> {
        match self.fragments.get(name) {
            Some(Some(weight)) => return Ok(*weight),
            Some(None) => return Err(Failure::new(Code::GraphqlValidationFailed, "a fragment spreads itself")),
            None => {}
        }
        // A fragment that does not exist is told by validation.
        let Some(fragment) = self.document.fragments.get(name) else { return Ok(Weight { walk: 1, ..Weight::default() }) };
        self.fragments.insert(name, None);
        let described = fragment.node.type_condition.node.on.node.starts_with("__");
        let inside = self.selections(&fragment.node.selection_set.node, described)?;
        let weight = Weight {
            cost: inside.cost.saturating_add(1 + self.directives(&fragment.node.directives)),
            walk: inside.walk.saturating_add(1),
            ..inside
        };
        self.fragments.insert(name, Some(weight));
        Ok(weight)
    }

    fn field(&mut self, field: &'a Field, described: bool) -> Result<Weight, Failure> {
        let name = field.name.node.as_str();
        let described = described || matches!(name, "__schema" | "__type");
        let inside = self.selections(&field.selection_set.node, described)?;
        let held = self.held(&field.arguments);
        let (times, own) =
            if described { (1, 1) } else { (self.entries(field, name), 1 + look_up(self.limits.weights, name).unwrap_or(0)) };
        let described_times = look_up(Limits::INTROSPECTION_LISTS, name).filter(|_| described).unwrap_or(1);
        let circle = described && matches!(name, "fields" | "inputFields" | "interfaces" | "possibleTypes");
        Ok(Weight {
            cost: inside.cost.saturating_mul(times).saturating_add(own).saturating_add(held),
            walk: inside.walk.saturating_add(1).saturating_add(held),
            depth: inside.depth.saturating_add(1),
            introspection: inside.introspection.saturating_mul(described_times).saturating_add(u64::from(described)),
            circles: inside.circles.saturating_add(u32::from(circle)),
        })
    }

    /// How often what stands in the field is answered.
    fn entries(&self, field: &Field, name: &str) -> u64 {
        let asked = field.arguments.iter().filter_map(|(argument, value)| match argument.node.as_str() {
            "first" | "last" | "limit" => self.number(value),
            "ids" => self.length(value),
            _ => None,
        });
        let most = if self.limits.feeds.contains(&name) { self.limits.feed_page } else { self.limits.page };
        asked.max().or_else(|| look_up(self.limits.lists, name)).unwrap_or(1).clamp(1, most)
    }

    /// Directives, and what their arguments hold.
    fn directives(&mut self, directives: &'a [Positioned<Directive>]) -> u64 {
        directives.iter().fold(0, |sum, directive| sum.saturating_add(1).saturating_add(self.held(&directive.node.arguments)))
    }

    /// Entries in the lists and objects of these arguments, and their long texts.
    fn held(&mut self, arguments: &'a [(Positioned<Name>, Positioned<Value>)]) -> u64 {
        arguments.iter().fold(0, |sum, (_, value)| sum.saturating_add(self.size(&value.node)))
    }

    fn size(&mut self, value: &'a Value) -> u64 {
        match value {
            Value::Variable(name) => {
                if let Some(size) = self.sizes.get(name) {
                    return *size;
                }
                let size = self.variable(name).map_or(0, const_size);
                self.sizes.insert(name, size);
                size
            }
            Value::String(text) => text_size(text),
            Value::List(list) => list.iter().fold(0, |sum, entry| sum.saturating_add(1).saturating_add(self.size(entry))),
            Value::Object(object) => object.values().fold(0, |sum, entry| sum.saturating_add(1).saturating_add(self.size(entry))),
            _ => 0,
        }
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

fn const_size(value: &ConstValue) -> u64 {
    match value {
        ConstValue::String(text) => text_size(text),
        ConstValue::List(list) => list.iter().fold(0, |sum, entry| sum.saturating_add(1).saturating_add(const_size(entry))),
        ConstValue::Object(object) => object.values().fold(0, |sum, entry| sum.saturating_add(1).saturating_add(const_size(entry))),
        _ => 0,
    }
}

/// A text is copied where it is used, a thousand bytes about as fast as a number is read.
const fn text_size(text: &str) -> u64 {
    text.len() as u64 / 1_000
}

fn look_up(table: &[(&str, u64)], name: &str) -> Option<u64> {
    table.binary_search_by_key(&name, |(field, _)| field).ok().map(|found| table[found].1)
}

#[cfg(test)]
#[path = "cost_tests.rs"]
mod tests;
