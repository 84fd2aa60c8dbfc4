//! What a document asks for, counted before anything else walks it. Each fragment is counted once and remembered, so a
//! document whose fragments spread each other two to the thirtieth times is refused as fast as it is read.
//!
//! Validation walks every operation and every fragment definition, asked for or not, and follows spreads; so the walk, the
//! depth and the introspection points of all of them are bounded, and the cost of the one operation that is executed.
//! Each use of an argument is checked and read anew: what it holds is counted at each use, so that one long variable cannot
//! be made to weigh a thousand times what it weighs in the body. A text that holds many values, such as an encoded polyline, is
//! counted by these.
//!
//! Fields are priced by the contract itself ([`Prices`]), by type and field. Fields whose length a field above says are added up
//! apart from the others until that field is met, so that a fragment weighs the same wherever it is spread.

use std::collections::HashMap;
use std::ptr;

use async_graphql::parser::types::{Directive, ExecutableDocument, Field, OperationDefinition, Selection, SelectionSet};
use async_graphql::{Name, Positioned, Value as ConstValue, Variables};
use async_graphql_value::Value;

use super::failure::{Code, Failure};
use super::limits::Limits;
use super::prices::{InputPrice, ListSize, Prices};

/// Selection sets followed into each other, fragments included. Guards the stack; [`Limits::depth`] is what clients meet.
const MAX_LEVELS: u32 = 100;

/// Lists of the schema's own description and their usual length: nobody can put a directive on these. Sorted by name.
const INTROSPECTION_LISTS: &[(&str, u64)] = &[
    ("args", 3),
    ("directives", 5),
    ("enumValues", 3),
    ("fields", 8),
    ("inputFields", 5),
    ("interfaces", 2),
    ("possibleTypes", 2),
    ("types", 80),
];

/// Scalars of the contract that hold many values in one text.
const POLYLINE: &str = "Polyline";
const GEO_JSON: &str = "GeoJSON";
/// What a point costs in a list of positions: the entry, its latitude, its longitude.
const POINT: u64 = 3;

/// What a part of the document weighs. All sums saturate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Weight {
    cost: u64,
    /// Points of an entry of the lists whose length a field above says.
    entry: u64,
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
            entry: self.entry.saturating_add(other.entry),
            walk: self.walk.saturating_add(other.walk),
            depth: self.depth.max(other.depth),
            introspection: self.introspection.saturating_add(other.introspection),
            circles: self.circles.max(other.circles),
        }
    }
}

/// The rules a document is held against.
#[derive(Clone, Copy, Debug)]
pub struct Guard<'a> {
    /// How much it may ask for.
    pub limits: &'a Limits,
    /// What its fields cost.
    pub prices: &'a Prices,
}

/// The price of `operation` in points when it is executed with `variables`; fails when the document asks for more than the limits
/// allow.
pub fn check(
    document: &ExecutableDocument,
    operation: &OperationDefinition,
    variables: &Variables,
    Guard { limits, prices }: Guard<'_>,
) -> Result<u64, Failure> {
    if document.fragments.len() > limits.fragments {
        return Err(Failure::new(Code::QueryTooCostly, format!("the document has more than {} fragments", limits.fragments)));
    }
    let mut count = Count { document, operation, variables, limits, prices, fragments: HashMap::new(), sizes: HashMap::new(), level: 0 };
    let mut walk = 0_u64;
    let mut bounded = |weight: Weight| {
        walk = walk.saturating_add(weight.walk);
        within(&Weight { walk, ..weight }, limits)
    };
    let mut price = 0;
    for (_, other) in document.operations.iter() {
        let weight = count.selections(&other.node.selection_set.node, prices.root(other.node.ty), false)?;
        bounded(weight)?;
        let cost = weight.cost.saturating_add(count.directives(&other.node.directives));
        if !ptr::eq(&raw const other.node, operation) {
            continue;
        }
        price = cost;
        let most = if asks_for_a_feed_alone(operation, limits, prices) { limits.feed_cost } else { limits.cost };
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
fn asks_for_a_feed_alone(operation: &OperationDefinition, limits: &Limits, prices: &Prices) -> bool {
    let [only] = operation.selection_set.node.items.as_slice() else { return false };
    let Selection::Field(field) = &only.node else { return false };
    prices.field(prices.root(operation.ty), &field.node.name.node).is_some_and(|price| price.ty == limits.feed_type)
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
    prices: &'a Prices,
    /// What a fragment weighs; `None` while it is being counted.
    fragments: HashMap<&'a Name, Option<Weight>>,
    /// What variables hold.
    sizes: HashMap<&'a Name, u64>,
    /// Selection sets being counted now.
    level: u32,
}

impl<'a> Count<'a> {
    /// `parent`: the type the set is asked of; none when nobody knows it. `described`: whether the set stands in the schema's own
    /// description (`__schema`, `__type`).
    fn selections(&mut self, set: &'a SelectionSet, parent: Option<&'a Name>, described: bool) -> Result<Weight, Failure> {
        if self.level >= MAX_LEVELS {
            return Err(Failure::new(Code::QueryTooDeep, format!("more than {MAX_LEVELS} selections stand inside each other")));
        }
        self.level += 1;
        let mut sum = Weight::default();
        for selection in &set.items {
            let (directives, weight) = match &selection.node {
                Selection::Field(field) => (&field.node.directives, self.field(&field.node, parent, described)?),
                Selection::InlineFragment(inline) => {
                    let on = inline.node.type_condition.as_ref().map(|condition| &condition.node.on.node);
                    let inside = self.selections(&inline.node.selection_set.node, on.or(parent), described)?;
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
        let on = &fragment.node.type_condition.node.on.node;
        let inside = self.selections(&fragment.node.selection_set.node, Some(on), on.starts_with("__"))?;
        let weight = Weight {
            cost: inside.cost.saturating_add(1 + self.directives(&fragment.node.directives)),
            walk: inside.walk.saturating_add(1),
            ..inside
        };
        self.fragments.insert(name, Some(weight));
        Ok(weight)
    }

    fn field(&mut self, field: &'a Field, parent: Option<&'a Name>, described: bool) -> Result<Weight, Failure> {
        let name = &field.name.node;
        let described = described || matches!(name.as_str(), "__schema" | "__type");
        let price = if described { None } else { self.prices.field(parent, name) };
        let inside = self.selections(&field.selection_set.node, price.map(|price| &price.ty), described)?;
        let held = self.held(&field.arguments, price.map(|price| &price.arguments));
        let size = price.and_then(|price| price.size.as_ref());
        let entries = size.map_or(1, |size| self.entries(field, size));
        // What stands in the entries below: as many as this field says, or as any page may have.
        let is_pager = size.is_some_and(|size| !size.fields.is_empty());
        let pages = inside.entry.saturating_mul(if is_pager { entries } else { self.limits.page });
        let below = inside.cost.saturating_add(pages);
        // An entry of a list is a point itself, unless it is a plain value.
        let entry = below.saturating_add(u64::from(!field.selection_set.node.items.is_empty()));
        let selected = if size.is_some() && !is_pager { entry.saturating_mul(entries) } else { below };
        let own = price.map_or(1, |price| price.weight).saturating_add(held);
        let is_entry = self.prices.is_sized(parent, name);
        let described_times = look_up(INTROSPECTION_LISTS, name).filter(|_| described).unwrap_or(1);
        let circle = described && matches!(name.as_str(), "fields" | "inputFields" | "interfaces" | "possibleTypes");
        Ok(Weight {
            cost: if is_entry { own } else { own.saturating_add(selected) },
            // The field above multiplies it, so its own length does not.
            entry: if is_entry { entry } else { 0 },
            walk: inside.walk.saturating_add(1).saturating_add(held),
            depth: inside.depth.saturating_add(1),
            introspection: inside.introspection.saturating_mul(described_times).saturating_add(u64::from(described)),
            circles: inside.circles.saturating_add(u32::from(circle)),
        })
    }

    /// How many entries are answered.
    fn entries(&self, field: &Field, size: &ListSize) -> u64 {
        let given = field.arguments.iter().filter(|(argument, _)| size.arguments.contains(&argument.node));
        let asked = given.filter_map(|(_, value)| self.number(value).or_else(|| self.length(value))).max();
        asked.unwrap_or(size.assumed).clamp(1, self.limits.page)
    }

    /// Directives, and what their arguments hold.
    fn directives(&mut self, directives: &'a [Positioned<Directive>]) -> u64 {
        directives.iter().fold(0, |sum, directive| sum.saturating_add(1).saturating_add(self.held(&directive.node.arguments, None)))
    }

    /// Entries in the lists and objects of these arguments, their long texts, and what the contract asks for those that are given.
    fn held(&mut self, arguments: &'a [(Positioned<Name>, Positioned<Value>)], prices: Option<&'a HashMap<Name, InputPrice>>) -> u64 {
        arguments.iter().fold(0, |sum, (name, value)| {
            let price = prices.and_then(|prices| prices.get(&name.node));
            sum.saturating_add(self.size(&value.node, price.map(|price| &price.ty))).saturating_add(price.map_or(0, |price| price.weight))
        })
    }

    fn size(&mut self, value: &'a Value, ty: Option<&'a Name>) -> u64 {
        match value {
            Value::Variable(name) => {
                if let Some(size) = self.sizes.get(name) {
                    return *size;
                }
                let size = self.variable(name).map_or(0, |value| const_size(value, ty, self.prices));
                self.sizes.insert(name, size);
                size
            }
            Value::String(text) => text_size(text, ty),
            Value::List(list) => list.iter().fold(0, |sum, entry| sum.saturating_add(1).saturating_add(self.size(entry, ty))),
            Value::Object(object) => object.iter().fold(0, |sum, (name, entry)| {
                let (weight, ty) = member(self.prices, ty, name);
                sum.saturating_add(weight).saturating_add(self.size(entry, ty))
            }),
            Value::Null | Value::Number(_) | Value::Boolean(_) | Value::Binary(_) | Value::Enum(_) => 0,
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

    fn variable(&self, name: &Name) -> Option<&'a ConstValue> {
        let declared = self.operation.variable_definitions.iter().find(|definition| definition.node.name.node == *name);
        self.variables.get(name).or_else(|| declared?.node.default_value.as_ref().map(|value| &value.node))
    }
}

fn const_size(value: &ConstValue, ty: Option<&Name>, prices: &Prices) -> u64 {
    match value {
        ConstValue::String(text) => text_size(text, ty),
        ConstValue::List(list) => list.iter().fold(0, |sum, entry| sum.saturating_add(1).saturating_add(const_size(entry, ty, prices))),
        ConstValue::Object(object) => object.iter().fold(0, |sum, (name, entry)| {
            let (weight, ty) = member(prices, ty, name);
            sum.saturating_add(weight).saturating_add(const_size(entry, ty, prices))
        }),
        ConstValue::Null | ConstValue::Number(_) | ConstValue::Boolean(_) | ConstValue::Binary(_) | ConstValue::Enum(_) => 0,
    }
}

/// Points of a member of an object beside those of its value, and the type of that.
fn member<'a>(prices: &'a Prices, parent: Option<&Name>, name: &Name) -> (u64, Option<&'a Name>) {
    let price = prices.input(parent, name);
    (price.map_or(1, |price| 1 + price.weight), price.map(|price| &price.ty))
}

/// A text is copied where it is used, a thousand bytes about as fast as a number is read; what holds values costs as many.
fn text_size(text: &str, ty: Option<&Name>) -> u64 {
    let plain = text.len() as u64 / 1_000;
    match ty.map(Name::as_str) {
        // A number ends with a character below 95 (Google's algorithm: a chunk with bit 0x20 goes on, 63 is added); two are a point.
        Some(POLYLINE) => plain + POINT * (text.bytes().filter(|byte| *byte < 95).count() as u64).div_ceil(2),
        Some(GEO_JSON) => plain + text.bytes().filter(|byte| matches!(byte, b'[' | b'{' | b',')).count() as u64,
        _ => plain,
    }
}

fn look_up(table: &[(&str, u64)], name: &str) -> Option<u64> {
    table.binary_search_by_key(&name, |(field, _)| field).ok().map(|found| table[found].1)
}

#[cfg(test)]
#[path = "cost_tests.rs"]
mod tests;
