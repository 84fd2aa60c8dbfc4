//! What a client asked, read from a body or a query string.

use std::collections::HashMap;

use actix_web::web::Query;
use async_graphql::Variables;
use serde_json::{Map, Value};

use crate::graphql::characters::{check_text, check_variables};
use crate::graphql::failure::{Code, Failure};
use crate::graphql::limits::LIMITS;
use crate::graphql::prescan;
use crate::graphql::upload::File;

/// The parameters of a request. `extensions` is checked and not used.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub query: String,
    pub operation_name: Option<String>,
    pub variables: Variables,
    /// A file that came with it.
    pub file: File,
}

/// Reads the JSON body of a `POST`.
pub(super) fn from_body(body: &[u8]) -> Result<Asked, Failure> {
    // An array is refused without being read: it may hold thousands of operations.
    if body.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[') {
        return Err(Failure::new(Code::BatchNotSupported, "send one operation a request"));
    }
    let parameters: Map<String, Value> =
        serde_json::from_slice(body).map_err(|error| bad(&format!("the body is not a JSON object: {error}")))?;
    prescan::values(body, &LIMITS)?;
    from_parameters(parameters)
}

/// Reads the parameters of a request.
pub(super) fn from_parameters(mut parameters: Map<String, Value>) -> Result<Asked, Failure> {
    let query = match parameters.remove("query") {
        Some(Value::String(query)) => query,
        None => return Err(bad("`query` is missing")),
        Some(_) => return Err(bad("`query` must be a string")),
    };
    let operation_name = match parameters.remove("operationName") {
        None | Some(Value::Null) => None,
        Some(Value::String(name)) => Some(name),
        Some(_) => return Err(bad("`operationName` must be a string")),
    };
    let variables = object(parameters.remove("variables"), "`variables` must be an object")?;
    object(parameters.remove("extensions"), "`extensions` must be an object")?;
    sound(Asked { query, operation_name, variables, file: File::default() })
}

/// What was asked, unless a text of it holds what no text may hold. The document is looked at when it is parsed.
fn sound(asked: Asked) -> Result<Asked, Failure> {
    check_text(asked.operation_name.as_deref().unwrap_or_default(), "`operationName`")?;
    check_variables(&asked.variables)?;
    Ok(asked)
}

/// Reads the query string of a `GET`; empty parameters are as good as none.
pub(super) fn from_query_string(text: &str) -> Result<Asked, Failure> {
    let mut parameters =
        Query::<HashMap<String, String>>::from_query(text).map_err(|_| bad("the query string cannot be read"))?.into_inner();
    let query = parameters.remove("query").ok_or_else(|| bad("`query` is missing"))?;
    let operation_name = parameters.remove("operationName").filter(|name| !name.is_empty());
    let mut json = |name: &str, message: &str| {
        let text = parameters.remove(name).filter(|text| !text.is_empty());
        text.as_ref().map(|text| prescan::values(text.as_bytes(), &LIMITS)).transpose()?;
        object(text.map(|text| serde_json::from_str(&text)).transpose().map_err(|_| bad(message))?, message)
    };
    let variables = json("variables", "`variables` must be a JSON object")?;
    json("extensions", "`extensions` must be a JSON object")?;
    sound(Asked { query, operation_name, variables, file: File::default() })
}

fn object(value: Option<Value>, message: &str) -> Result<Variables, Failure> {
    match value.unwrap_or_default() {
        value @ (Value::Null | Value::Object(_)) => Ok(Variables::from_json(with_whole_numbers(value))),
        _ => Err(bad(message)),
    }
}

/// `1.0` is written where 1 is meant: JSON has one kind of number (GraphQL specification, October 2021, §3.5.1 "Int", "Input Coercion").
/// Larger ones than 2⁵³ stay what they are: not every whole number is among them.
fn with_whole_numbers(value: Value) -> Value {
    const MOST: f64 = 9_007_199_254_740_992.0;
    match value {
        Value::Number(number) => match number.as_f64() {
            Some(float) if number.is_f64() && float.fract() == 0.0 && float.abs() <= MOST => Value::from(float as i64),
            _ => Value::Number(number),
        },
        Value::Array(items) => items.into_iter().map(with_whole_numbers).collect(),
        Value::Object(fields) => Value::Object(fields.into_iter().map(|(key, value)| (key, with_whole_numbers(value))).collect()),
        other @ (Value::Null | Value::Bool(_) | Value::String(_)) => other,
    }
}

fn bad(message: &str) -> Failure {
    Failure::new(Code::BadRequest, message)
}
