//! A document as it is executed with the variables of one request. The library executes some documents otherwise than the specification
//! (October 2021) says; here they become ones that it executes right:
//!
//! - Variables that are left out have their defaults, in `@skip` and `@include` too (§6.1.2).
//! - An argument, or a field of an input, whose variable was left out was not given, so its own default holds (§6.4.1, §3.10).
//! - An object of which nothing is selected is `{}` (§6.3): it is asked for its type, and that is taken out of the answer.

use std::collections::HashMap;

use async_graphql::parser::types::{
    Directive, DocumentOperations, ExecutableDocument, Field, FragmentDefinition, OperationDefinition, OperationType, Selection,
    SelectionSet,
};
use async_graphql::{Name, Pos, Positioned, Response, Value, Variables};
use async_graphql_value::Value as Input;

use super::nulls::FieldTypes;

const SKIP: &str = "skip";
const INCLUDE: &str = "include";

/// Whether a document has none of what is executed otherwise, whatever its variables: most have none.
pub fn is_plain(document: &ExecutableDocument, types: &FieldTypes) -> bool {
    let nothing = Variables::default();
    let mut rewriting = Rewriting::new(document, types, &nothing);
    let sets = document.operations.iter().map(|(_, operation)| (&operation.node.selection_set.node, types.root(operation.node.ty)));
    let fragments = document.fragments.values();
    let inside = fragments.map(|fragment| (&fragment.node.selection_set.node, Some(&fragment.node.type_condition.node.on.node)));
    let (mut operations, mut fragments) = (sets, inside);
    operations.all(|(set, parent)| rewriting.selects(set, parent) && rewriting.is_plain_within(set, parent))
        && fragments.all(|(set, parent)| rewriting.is_plain_within(set, parent))
}

/// What is executed.
pub struct Executable {
    /// The document.
    pub document: ExecutableDocument,
    /// The variables, defaults among them.
    pub variables: Variables,
    /// Under what an object of which nothing else is selected is asked for its type.
    mark: Option<Name>,
}

impl Executable {
    /// Of an operation of a document that was found valid, or is about to be.
    pub fn new(
        (document, is_plain): (&ExecutableDocument, bool),
        (name, operation): (Option<&str>, &OperationDefinition),
        variables: &Variables,
        types: &FieldTypes,
    ) -> Self {
        let variables = with_defaults(operation, variables);
        let mut document = document.clone();
        let lacks_none = operation.variable_definitions.iter().all(|definition| variables.contains_key(&definition.node.name.node));
        if is_plain && lacks_none {
            return Self { document, variables, mark: None };
        }
        let original = document.clone();
        let mut rewriting = Rewriting::new(&original, types, &variables);
        let operation = match (&mut document.operations, name) {
            (DocumentOperations::Single(operation), _) => Some(operation),
            (DocumentOperations::Multiple(operations), Some(name)) => operations.get_mut(name),
            (DocumentOperations::Multiple(operations), None) => operations.values_mut().next(),
        };
        if let Some(Positioned { node: operation, .. }) = operation {
            // The root of a subscription has one field, and no answer of its own.
            let level = if operation.ty == OperationType::Subscription { Level::Part } else { Level::Object };
            rewriting.rewrite(&mut operation.selection_set.node, types.root(operation.ty), level);
        }
        for fragment in document.fragments.values_mut() {
            let FragmentDefinition { type_condition, selection_set, .. } = &mut fragment.node;
            rewriting.rewrite(&mut selection_set.node, Some(&type_condition.node.on.node), Level::Part);
        }
        let mark = rewriting.has_marked.then_some(rewriting.mark);
        Self { document, variables, mark }
    }

    /// Under what objects are marked, when any is: these have to be taken out of the answer.
    pub const fn mark(&self) -> Option<&Name> {
        self.mark.as_ref()
    }
}

/// Takes the marks out of an answer.
pub fn unmark(response: &mut Response, mark: &Name) {
    fn unmark(value: &mut Value, mark: &Name) {
        match value {
            Value::Object(fields) => {
                fields.shift_remove(mark);
                fields.values_mut().for_each(|value| unmark(value, mark));
            }
            Value::List(items) => items.iter_mut().for_each(|value| unmark(value, mark)),
            Value::Null | Value::Number(_) | Value::String(_) | Value::Boolean(_) | Value::Binary(_) | Value::Enum(_) => {}
        }
    }
    unmark(&mut response.data, mark);
}

fn with_defaults(operation: &OperationDefinition, variables: &Variables) -> Variables {
    let mut variables = variables.clone();
    for definition in &operation.variable_definitions {
        if let Some(default) = &definition.node.default_value {
            let name = &definition.node.name.node;
            if !variables.contains_key(name) {
                variables.insert(name.clone(), default.node.clone());
            }
        }
    }
    variables
}

/// Where a selection set stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    /// It is all that is selected of an object.
    Object,
    /// It is of a fragment: a part of that.
    Part,
}

struct Rewriting<'a> {
    fragments: &'a HashMap<Name, Positioned<FragmentDefinition>>,
    types: &'a FieldTypes,
    variables: &'a Variables,
    mark: Name,
    has_marked: bool,
    /// Whether a fragment selects something of an object of the type.
    selecting: HashMap<(Name, Option<Name>), bool>,
}

impl<'a> Rewriting<'a> {
    fn new(document: &'a ExecutableDocument, types: &'a FieldTypes, variables: &'a Variables) -> Self {
        // No key of a client's begins so: such names are the introspection's (§2.1.3).
        let mark = Name::new("__typename_of_what_is_empty");
        Self { fragments: &document.fragments, types, variables, mark, has_marked: false, selecting: HashMap::new() }
    }

    /// Takes out what is not included and what was not given, and marks objects of which nothing is left.
    fn rewrite(&mut self, set: &mut SelectionSet, parent: Option<&Name>, level: Level) {
        set.items.retain(|item| self.is_included(directives(&item.node)));
        for item in &mut set.items {
            match &mut item.node {
                Selection::Field(field) => {
                    let Field { name, arguments, directives, selection_set, .. } = &mut field.node;
                    directives.retain(|directive| !is_condition(directive));
                    arguments.retain(|(_, value)| !self.is_left_out(&value.node));
                    for (_, value) in arguments {
                        self.complete(&mut value.node);
                    }
                    if !selection_set.node.items.is_empty() {
                        let of = parent.and_then(|parent| self.types.type_of(parent, &name.node));
                        self.rewrite(&mut selection_set.node, of, Level::Object);
                    }
                }
                Selection::InlineFragment(inline) => {
                    inline.node.directives.retain(|directive| !is_condition(directive));
                    let condition = inline.node.type_condition.as_ref().map(|condition| &condition.node.on.node);
                    let narrowed = self.narrowed(parent, condition);
                    self.rewrite(&mut inline.node.selection_set.node, narrowed, Level::Part);
                }
                Selection::FragmentSpread(spread) => spread.node.directives.retain(|directive| !is_condition(directive)),
            }
        }
        if level == Level::Object && !self.selects(set, parent) {
            self.has_marked = true;
            set.items.push(Positioned::new(Selection::Field(Positioned::new(typename(self.mark.clone()), Pos::default())), Pos::default()));
        }
    }

    /// Whether a set selects something of every object of the type.
    fn selects(&mut self, set: &SelectionSet, parent: Option<&Name>) -> bool {
        set.items.iter().any(|item| {
            self.is_included(directives(&item.node))
                && match &item.node {
                    Selection::Field(_) => true,
                    Selection::InlineFragment(inline) => {
                        let condition = inline.node.type_condition.as_ref().map(|condition| &condition.node.on.node);
                        let narrowed = self.narrowed(parent, condition);
                        self.always_holds(parent, condition) && self.selects(&inline.node.selection_set.node, narrowed)
                    }
                    Selection::FragmentSpread(spread) => self.fragment_selects(&spread.node.fragment_name.node, parent),
                }
        })
    }

    fn fragment_selects(&mut self, name: &Name, parent: Option<&Name>) -> bool {
        let key = (name.clone(), parent.cloned());
        if let Some(known) = self.selecting.get(&key) {
            return *known;
        }
        // Fragments do not spread themselves: that was refused before. Were it not, this would end it.
        self.selecting.insert(key.clone(), false);
        let selects = self.fragments.get(name).is_some_and(|fragment| {
            let condition = Some(&fragment.node.type_condition.node.on.node);
            self.always_holds(parent, condition) && self.selects(&fragment.node.selection_set.node, self.narrowed(parent, condition))
        });
        self.selecting.insert(key, selects);
        selects
    }

    /// Whether nothing in a set is executed otherwise, what its fragments hold aside.
    fn is_plain_within(&mut self, set: &SelectionSet, parent: Option<&Name>) -> bool {
        set.items.iter().all(|item| {
            !directives(&item.node).iter().any(is_condition)
                && match &item.node {
                    Selection::Field(field) => {
                        let inside = &field.node.selection_set.node;
                        let of = parent.and_then(|parent| self.types.type_of(parent, &field.node.name.node));
                        inside.items.is_empty() || self.selects(inside, of) && self.is_plain_within(inside, of)
                    }
                    Selection::InlineFragment(inline) => {
                        let condition = inline.node.type_condition.as_ref().map(|condition| &condition.node.on.node);
                        let narrowed = self.narrowed(parent, condition);
                        self.is_plain_within(&inline.node.selection_set.node, narrowed)
                    }
                    Selection::FragmentSpread(_) => true,
                }
        })
    }

    /// The closest that is known of the type of an object within a fragment.
    fn narrowed<'n>(&self, parent: Option<&'n Name>, condition: Option<&'n Name>) -> Option<&'n Name> {
        match parent {
            Some(parent) if self.types.is_object(parent) => Some(parent),
            _ => condition.or(parent),
        }
    }

    /// Whether a fragment on a type applies to every object that stands there. On an object's own type every fragment does that may
    /// stand there at all.
    fn always_holds(&self, parent: Option<&Name>, condition: Option<&Name>) -> bool {
        condition.is_none() || condition == parent || parent.is_some_and(|parent| self.types.is_object(parent))
    }

    fn is_included(&self, directives: &[Positioned<Directive>]) -> bool {
        directives.iter().all(|directive| {
            let wanted = match directive.node.name.node.as_str() {
                SKIP => false,
                INCLUDE => true,
                _ => return true,
            };
            let given = directive.node.get_argument("if").map(|value| &value.node);
            let holds = match given {
                Some(Input::Boolean(holds)) => *holds,
                Some(Input::Variable(name)) => self.variables.get(name) == Some(&Value::Boolean(true)),
                // Validation lets nothing else through.
                _ => return true,
            };
            holds == wanted
        })
    }

    fn is_left_out(&self, value: &Input) -> bool {
        matches!(value, Input::Variable(name) if !self.variables.contains_key(name))
    }

    /// Takes out of an input what was left out; in a list it is null.
    fn complete(&self, value: &mut Input) {
        match value {
            Input::Object(fields) => {
                fields.retain(|_, value| !self.is_left_out(value));
                fields.values_mut().for_each(|value| self.complete(value));
            }
            Input::List(items) => items.iter_mut().for_each(|value| {
                if self.is_left_out(value) {
                    *value = Input::Null;
                } else {
                    self.complete(value);
                }
            }),
            Input::Variable(_)
            | Input::Null
            | Input::Number(_)
            | Input::String(_)
            | Input::Boolean(_)
            | Input::Binary(_)
            | Input::Enum(_) => {}
        }
    }
}

fn is_condition(directive: &Positioned<Directive>) -> bool {
    [SKIP, INCLUDE].contains(&directive.node.name.node.as_str())
}

fn directives(selection: &Selection) -> &[Positioned<Directive>] {
    match selection {
        Selection::Field(field) => &field.node.directives,
        Selection::InlineFragment(inline) => &inline.node.directives,
        Selection::FragmentSpread(spread) => &spread.node.directives,
    }
}

fn typename(alias: Name) -> Field {
    let at = |name| Positioned::new(name, Pos::default());
    Field {
        alias: Some(at(alias)),
        name: at(Name::new("__typename")),
        arguments: Vec::new(),
        directives: Vec::new(),
        selection_set: Positioned::new(SelectionSet::default(), Pos::default()),
    }
}
