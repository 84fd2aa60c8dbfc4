//! `@cost` and `@listSize`, the directives of the GraphQL cost specification (<https://ibm.github.io/graphql-specs/cost-spec.html>):
//! what a field is priced at stands in the contract, where clients and gateways read it, and [`prices`](super::prices) reads it from
//! there. On a field: `#[graphql(directive = Cost::apply(50))]`.

use async_graphql::indexmap::IndexMap;
use async_graphql::registry::{
    __DirectiveLocation as Location, Deprecation, MetaDirective, MetaDirectiveInvocation, MetaInputValue, Registry, location_traits,
};
use async_graphql::{TypeDirective, Value};

const COST: &str = "cost";
const LIST_SIZE: &str = "listSize";

/// `@cost(weight:)`: the points of a field, or of an argument that is given, beside what stands in it.
pub struct Cost;

/// `@listSize(assumedSize:)`: a list of about so many entries.
pub struct List;

/// `@listSize` of a list that arguments cut.
pub struct Sliced;

/// `@listSize` of a field whose type holds the lists that arguments cut, such as a connection.
pub struct Paged;

impl Cost {
    /// The directive with this weight.
    pub fn apply(weight: u32) -> MetaDirectiveInvocation {
        invocation(COST, [("weight", Some(Value::from(weight.to_string())))])
    }
}

impl List {
    /// The directive: the usual length, or the greatest where it is bounded closely.
    pub fn apply(assumed_size: u32) -> MetaDirectiveInvocation {
        invocation(LIST_SIZE, [("assumedSize", Some(Value::from(assumed_size)))])
    }
}

impl Sliced {
    /// The directive: the length when no argument says it, and the arguments that do.
    pub fn apply(assumed_size: u32, arguments: &[&str]) -> MetaDirectiveInvocation {
        list_size(assumed_size, arguments, &[])
    }
}

impl Paged {
    /// The directive: the length when no argument says it, the arguments that do, and the fields below that are so long.
    pub fn apply(assumed_size: u32, arguments: &[&str], fields: &[&str]) -> MetaDirectiveInvocation {
        list_size(assumed_size, arguments, fields)
    }
}

fn list_size(assumed_size: u32, arguments: &[&str], fields: &[&str]) -> MetaDirectiveInvocation {
    let names = |names: &[&str]| (!names.is_empty()).then(|| Value::List(names.iter().map(|name| Value::from(*name)).collect()));
    let requires_one = (!arguments.is_empty()).then(|| Value::from(false));
    invocation(
        LIST_SIZE,
        [
            ("assumedSize", Some(Value::from(assumed_size))),
            ("slicingArguments", names(arguments)),
            ("sizedFields", names(fields)),
            ("requireOneSlicingArgument", requires_one),
        ],
    )
}

fn invocation<const COUNT: usize>(name: &str, arguments: [(&str, Option<Value>); COUNT]) -> MetaDirectiveInvocation {
    let args = arguments.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect();
    MetaDirectiveInvocation { name: name.to_owned(), args }
}

fn argument(name: &str, ty: &str, default_value: Option<&str>, description: &str) -> (String, MetaInputValue) {
    let value = MetaInputValue {
        name: name.to_owned(),
        description: Some(description.to_owned()),
        ty: ty.to_owned(),
        deprecation: Deprecation::NoDeprecated,
        default_value: default_value.map(str::to_owned),
        visible: None,
        inaccessible: false,
        tags: Vec::new(),
        is_secret: false,
        directive_invocations: Vec::new(),
    };
    (name.to_owned(), value)
}

fn directive(name: &str, description: &str, locations: Vec<Location>, args: IndexMap<String, MetaInputValue>) -> MetaDirective {
    MetaDirective {
        name: name.to_owned(),
        description: Some(description.to_owned()),
        locations,
        args,
        is_repeatable: false,
        visible: None,
        composable: None,
    }
}

fn register_cost(registry: &mut Registry) {
    let locations = vec![
        Location::ARGUMENT_DEFINITION,
        Location::ENUM,
        Location::FIELD_DEFINITION,
        Location::INPUT_FIELD_DEFINITION,
        Location::OBJECT,
        Location::SCALAR,
    ];
    let weight = argument("weight", "String!", None, "A whole number of points.");
    let description = "What a field costs in points, beside what is selected in it, or an argument or input field that is given. \
                       Without it a field costs 1, also where its type is a scalar.";
    registry.add_directive(directive(COST, description, locations, IndexMap::from_iter([weight])));
}

fn register_list_size(registry: &mut Registry) {
    let arguments = [
        argument("assumedSize", "Int", None, "How many entries are counted when no argument says it."),
        argument("slicingArguments", "[String!]", None, "Arguments that say how many: a number, or a list by its length."),
        argument("sizedFields", "[String!]", None, "Fields below that are so long, when the field itself is no list."),
        argument("requireOneSlicingArgument", "Boolean", Some("true"), "Whether exactly one of the arguments has to be given."),
    ];
    let description = "How many entries of a list are counted: what is selected in it costs so many times as much.";
    registry.add_directive(directive(LIST_SIZE, description, vec![Location::FIELD_DEFINITION], IndexMap::from_iter(arguments)));
}

macro_rules! type_directive {
    ($directive:ident, $name:expr, $register:path $(, $location:ident)+) => {
        impl TypeDirective for $directive {
            fn name(&self) -> std::borrow::Cow<'static, str> {
                $name.into()
            }

            fn register(&self, registry: &mut Registry) {
                $register(registry);
            }
        }
        $(impl location_traits::$location for $directive {})+
    };
}

type_directive!(
    Cost,
    COST,
    register_cost,
    Directive_At_FIELD_DEFINITION,
    Directive_At_INPUT_FIELD_DEFINITION,
    Directive_At_ARGUMENT_DEFINITION
);
// Of types that are read and written too, whose inputs `schema::sdl` writes without it.
type_directive!(List, LIST_SIZE, register_list_size, Directive_At_FIELD_DEFINITION, Directive_At_INPUT_FIELD_DEFINITION);
type_directive!(Sliced, LIST_SIZE, register_list_size, Directive_At_FIELD_DEFINITION);
type_directive!(Paged, LIST_SIZE, register_list_size, Directive_At_FIELD_DEFINITION);
