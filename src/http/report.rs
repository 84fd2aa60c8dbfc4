//! What a request failed with, in the log: one line a cause, within the span of the request, with the root fields that failed of it.
//! Only what is not the client's fault has a cause.

use async_graphql::parser::types::{ExecutableDocument, OperationDefinition, Selection, SelectionSet};
use async_graphql::{PathSegment, ServerError};

use super::Requests;
use crate::graphql::failure::{Cause, Failure};

/// Most root fields that one line names.
const MAX_FIELDS: usize = 10;

/// Logs a failure of a request that is no field's.
pub(super) fn failure<R: Requests>(requests: &R, failure: &Failure) {
    if let Some(cause) = failure.cause() {
        told(requests, cause);
        tracing::error!(code = cause.code.as_str(), cause = cause.chain, "a request failed");
    }
}

/// Logs what fields of an operation failed with, each cause once.
pub(super) fn errors<R: Requests>(requests: &R, errors: &[ServerError], document: &ExecutableDocument, operation: &OperationDefinition) {
    let mut told_of: Vec<(&Cause, Vec<&str>, usize)> = Vec::new();
    for error in errors {
        let Some(cause) = error.source::<Cause>() else { continue };
        let index = told_of.iter().position(|(known, ..)| known.chain == cause.chain && known.code == cause.code);
        let index = index.unwrap_or_else(|| {
            told_of.push((cause, Vec::new(), 0));
            told_of.len() - 1
        });
        let (_, fields, count) = &mut told_of[index];
        *count += 1;
        if let Some(field) = root_field(error, document, operation).filter(|field| !fields.contains(field) && fields.len() < MAX_FIELDS) {
            fields.push(field);
        }
    }
    for (cause, fields, count) in told_of {
        told(requests, cause);
        tracing::error!(code = cause.code.as_str(), cause = cause.chain, fields = fields.join(" "), count, "a request failed");
    }
}

fn told<R: Requests>(requests: &R, cause: &Cause) {
    if let Some(trouble) = cause.trouble {
        requests.note_trouble(trouble);
    }
}

/// The name in the contract of the root field below which it failed: its key in the answer is the client's word.
fn root_field<'a>(error: &ServerError, document: &'a ExecutableDocument, operation: &'a OperationDefinition) -> Option<&'a str> {
    let Some(PathSegment::Field(key)) = error.path.first() else { return None };
    field_of_key(key, &operation.selection_set.node, document, 0)
}

fn field_of_key<'a>(key: &str, selection: &'a SelectionSet, document: &'a ExecutableDocument, depth: usize) -> Option<&'a str> {
    // Fragments that spread each other were refused before; the bound is a second lock.
    if depth > 16 {
        return None;
    }
    selection.items.iter().find_map(|item| match &item.node {
        Selection::Field(field) => (field.node.response_key().node == key).then_some(field.node.name.node.as_str()),
        Selection::InlineFragment(fragment) => field_of_key(key, &fragment.node.selection_set.node, document, depth + 1),
        Selection::FragmentSpread(spread) => {
            let fragment = document.fragments.get(&spread.node.fragment_name.node)?;
            field_of_key(key, &fragment.node.selection_set.node, document, depth + 1)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_root_field_is_named_as_the_contract_names_it() {
        let text = "query Q { mine: trips { id } ...F ... on Query { there: place { id } } } fragment F on Query { city }";
        let document = async_graphql::parser::parse_query(text).unwrap();
        let (_, operation) = document.operations.iter().next().unwrap();
        let named = |key| field_of_key(key, &operation.node.selection_set.node, &document, 0);
        assert_eq!([named("mine"), named("city"), named("there"), named("trips")], [Some("trips"), Some("city"), Some("place"), None]);
    }
}
