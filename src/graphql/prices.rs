//! What fields and arguments cost, read from the contract's own text: the directives `@cost` and `@listSize` of the GraphQL cost
//! specification (<https://ibm.github.io/graphql-specs/cost-spec.html>), by type and field. There is no other table.

use std::collections::{HashMap, HashSet};

use async_graphql::parser::types::{
    BaseType, ConstDirective, FieldDefinition, InputValueDefinition, OperationType, TypeKind, TypeSystemDefinition,
};
use async_graphql::parser::{Error, parse_schema};
use async_graphql::{Name, Positioned};
use async_graphql_value::ConstValue;

/// Points of a field without `@cost`. The specification counts scalars as nothing; here writing a value is work too.
const FIELD: u64 = 1;
/// How a list without `@listSize` is counted.
const UNSIZED: u64 = 10;
/// Arguments that cut a list without `@listSize`.
const USUAL_ARGUMENTS: [&str; 3] = ["first", "last", "limit"];

/// Prices of a schema.
#[derive(Debug, Default)]
pub struct Prices {
    objects: HashMap<Name, Composite>,
    inputs: HashMap<Name, HashMap<Name, InputPrice>>,
    roots: HashMap<&'static str, Name>,
}

/// Prices of the fields of an object or interface.
#[derive(Debug, Default)]
struct Composite {
    fields: HashMap<Name, FieldPrice>,
    /// Fields whose length a field above says.
    sized: HashSet<Name>,
    /// Interfaces of the object.
    implements: Vec<Name>,
}

/// The price of a field.
#[derive(Clone, Debug)]
pub(super) struct FieldPrice {
    /// Points, beside what is selected in it.
    pub(super) weight: u64,
    /// The name of its type, lists and nulls aside.
    pub(super) ty: Name,
    /// How many entries it has, or those fields of it that are [`Prices::is_sized`].
    pub(super) size: Option<ListSize>,
    /// What its arguments cost.
    pub(super) arguments: HashMap<Name, InputPrice>,
}

/// How long a list is.
#[derive(Clone, Debug)]
pub(super) struct ListSize {
    /// Entries when no argument says it.
    pub(super) assumed: u64,
    /// Arguments that say it.
    pub(super) arguments: Vec<Name>,
    /// Fields below that are so long; none when the field itself is.
    pub(super) fields: Vec<Name>,
}

/// The price of an argument or a field of an input object that is given.
#[derive(Clone, Debug)]
pub(super) struct InputPrice {
    /// Points, beside those of the values in it.
    pub(super) weight: u64,
    /// The name of its type.
    pub(super) ty: Name,
}

impl Prices {
    /// Reads them from the schema as text.
    pub fn of_sdl(sdl: &str) -> Result<Self, Error> {
        let mut prices = Self {
            roots: [("query", "Query"), ("mutation", "Mutation"), ("subscription", "Subscription")]
                .map(|(kind, name)| (kind, Name::new(name)))
                .into(),
            ..Self::default()
        };
        for definition in parse_schema(sdl)?.definitions {
            match definition {
                TypeSystemDefinition::Schema(schema) => {
                    let roots =
                        [("query", schema.node.query), ("mutation", schema.node.mutation), ("subscription", schema.node.subscription)];
                    prices.roots = roots.into_iter().filter_map(|(kind, name)| Some((kind, name?.node))).collect();
                }
                TypeSystemDefinition::Type(definition) => prices.add(definition.node.name.node, definition.node.kind),
                TypeSystemDefinition::Directive(_) => {}
            }
        }
        prices.note_sized_fields();
        prices.raise_interfaces();
        Ok(prices)
    }

    fn add(&mut self, name: Name, kind: TypeKind) {
        let (fields, implements) = match kind {
            TypeKind::Object(object) => (object.fields, object.implements),
            TypeKind::Interface(interface) => (interface.fields, interface.implements),
            TypeKind::InputObject(input) => {
                self.inputs.insert(name, input.fields.iter().map(input_price).collect());
                return;
            }
            TypeKind::Scalar | TypeKind::Union(_) | TypeKind::Enum(_) => return,
        };
        let composite = Composite {
            fields: fields.iter().map(|field| (field.node.name.node.clone(), field_price(&field.node))).collect(),
            sized: HashSet::new(),
            implements: implements.into_iter().map(|name| name.node).collect(),
        };
        self.objects.insert(name, composite);
    }

    fn note_sized_fields(&mut self) {
        let fields = self.objects.values().flat_map(|composite| composite.fields.values());
        let sized: Vec<(Name, Vec<Name>)> =
            fields.filter_map(|field| Some((field.ty.clone(), field.size.as_ref()?.fields.clone()))).collect();
        for (ty, fields) in sized {
            if let Some(composite) = self.objects.get_mut(&ty) {
                composite.sized.extend(fields);
            }
        }
    }

    /// A field that is read through an interface costs as much as the dearest of its objects.
    fn raise_interfaces(&mut self) {
        let mut raised: Vec<(Name, Name, FieldPrice)> = Vec::new();
        for composite in self.objects.values() {
            let fields = composite
                .implements
                .iter()
                .flat_map(|interface| composite.fields.iter().map(move |(name, price)| (interface.clone(), name.clone(), price.clone())));
            raised.extend(fields);
        }
        for (interface, field, price) in raised {
            let known = self.objects.get_mut(&interface).and_then(|composite| composite.fields.get_mut(&field));
            let Some(known) = known else { continue };
            known.weight = known.weight.max(price.weight);
            known.size = match (known.size.take(), price.size) {
                (Some(one), Some(other)) if other.assumed > one.assumed => Some(other),
                (one, other) => one.or(other),
            };
        }
    }

    /// The type that an operation of this kind begins with.
    pub(super) fn root(&self, kind: OperationType) -> Option<&Name> {
        self.roots.get(match kind {
            OperationType::Query => "query",
            OperationType::Mutation => "mutation",
            OperationType::Subscription => "subscription",
        })
    }

    /// The price of a field of a type; none when there is no such field, which validation refuses.
    pub(super) fn field(&self, parent: Option<&Name>, field: &Name) -> Option<&FieldPrice> {
        self.objects.get(parent?)?.fields.get(field)
    }

    /// Whether a field above says how long this field is.
    pub(super) fn is_sized(&self, parent: Option<&Name>, field: &Name) -> bool {
        parent.and_then(|parent| self.objects.get(parent)).is_some_and(|composite| composite.sized.contains(field))
    }

    /// The price of a field of an input object.
    pub(super) fn input(&self, parent: Option<&Name>, field: &Name) -> Option<&InputPrice> {
        self.inputs.get(parent?)?.get(field)
    }
}

fn field_price(field: &FieldDefinition) -> FieldPrice {
    let is_list = matches!(field.ty.node.base, BaseType::List(_));
    let size = directive(&field.directives, "listSize").map(list_size);
    let usual = || ListSize { assumed: UNSIZED, arguments: USUAL_ARGUMENTS.map(Name::new).into(), fields: Vec::new() };
    FieldPrice {
        weight: weight(&field.directives).unwrap_or(FIELD),
        ty: named(&field.ty.node.base).clone(),
        size: size.or_else(|| is_list.then(usual)),
        arguments: field.arguments.iter().map(input_price).collect(),
    }
}

fn input_price(input: &Positioned<InputValueDefinition>) -> (Name, InputPrice) {
    let price = InputPrice { weight: weight(&input.node.directives).unwrap_or(0), ty: named(&input.node.ty.node.base).clone() };
    (input.node.name.node.clone(), price)
}

fn list_size(directive: &ConstDirective) -> ListSize {
    let names = |argument: &str| match directive.get_argument(argument).map(|value| &value.node) {
        Some(ConstValue::List(names)) => {
            names.iter().filter_map(|name| if let ConstValue::String(name) = name { Some(Name::new(name)) } else { None }).collect()
        }
        _ => Vec::new(),
    };
    let assumed = match directive.get_argument("assumedSize").map(|value| &value.node) {
        Some(ConstValue::Number(number)) => number.as_u64(),
        _ => None,
    };
    ListSize { assumed: assumed.unwrap_or(UNSIZED), arguments: names("slicingArguments"), fields: names("sizedFields") }
}

/// The weight of `@cost`: a number as text, as the specification has it.
fn weight(directives: &[Positioned<ConstDirective>]) -> Option<u64> {
    match directive(directives, "cost")?.get_argument("weight").map(|value| &value.node) {
        Some(ConstValue::String(weight)) => weight.parse().ok(),
        _ => None,
    }
}

fn directive<'a>(directives: &'a [Positioned<ConstDirective>], name: &str) -> Option<&'a ConstDirective> {
    directives.iter().map(|directive| &directive.node).find(|directive| directive.name.node == name)
}

fn named(base: &BaseType) -> &Name {
    match base {
        BaseType::Named(name) => name,
        BaseType::List(item) => named(&item.base),
    }
}
