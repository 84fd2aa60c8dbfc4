//! What a caller of a mutation can mend: told in its payload, not as an error of the request.

use async_graphql::{Enum, SimpleObject};

use super::failure::{Code, Failure};
use crate::trips::saved::SavedError;

/// What kind of thing is wrong with an input.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UserErrorCode {
    /// A value is out of its range or form.
    BadUserInput,
    /// Not an id of the catalogue, or of another type than is meant.
    BadId,
    /// A trip that cannot be planned as asked.
    BadTrip,
    /// No city has this slug.
    UnknownCity,
    /// No category has this slug.
    UnknownCategory,
    /// A day outside of the years that are planned.
    TimeOutOfRange,
    /// You have no such thing.
    NotFound,
    /// It was changed meanwhile.
    Changed,
    /// There are as many as may be.
    LimitReached,
}

/// What the caller can mend.
#[derive(SimpleObject, Clone, Debug)]
pub struct UserError {
    /// Path of the input field it speaks of, such as `["input", "title"]`.
    field: Vec<String>,
    /// What kind of thing it is.
    code: UserErrorCode,
    /// The same in English words.
    message: String,
}

impl UserError {
    fn new(field: &str, code: UserErrorCode, message: impl Into<String>) -> Self {
        let field = ["input"].into_iter().chain(field.split('.')).filter(|part| !part.is_empty()).map(str::to_owned).collect();
        Self { field, code, message: message.into() }
    }
}

/// What went wrong with a field, or with the whole request.
pub enum Refusal {
    /// The caller can mend it.
    User(UserError),
    /// The request fails.
    Request(Failure),
}

impl Refusal {
    /// What is wrong with a field of the input.
    pub fn at(field: &str, failure: Failure) -> Self {
        let code = match failure.code() {
            Code::BadUserInput => UserErrorCode::BadUserInput,
            Code::BadId => UserErrorCode::BadId,
            Code::BadTrip => UserErrorCode::BadTrip,
            Code::UnknownCity => UserErrorCode::UnknownCity,
            Code::UnknownCategory => UserErrorCode::UnknownCategory,
            Code::TimeOutOfRange => UserErrorCode::TimeOutOfRange,
            _ => return Self::Request(failure),
        };
        Self::User(UserError::new(field, code, failure.message()))
    }
}

impl From<SavedError> for Refusal {
    fn from(error: SavedError) -> Self {
        let message = error.to_string();
        let (field, code) = match error {
            SavedError::NotFound => ("id", UserErrorCode::NotFound),
            SavedError::ShareNotFound => ("token", UserErrorCode::NotFound),
            SavedError::FutureVersion { .. } => ("expectedVersion", UserErrorCode::BadUserInput),
            SavedError::Changed { .. } => ("expectedVersion", UserErrorCode::Changed),
            SavedError::Length { field, .. } => (field, UserErrorCode::BadUserInput),
            SavedError::TooManyTrips(_) | SavedError::TooManyShares(_) => ("", UserErrorCode::LimitReached),
            SavedError::Plan(error) => return Self::at("request", error.into()),
            other => return Self::Request(other.into()),
        };
        Self::User(UserError::new(field, code, message))
    }
}

/// What a mutation gives: a thing, or what the caller can mend.
pub fn outcome<T>(result: Result<T, Refusal>) -> Result<(Option<T>, Vec<UserError>), Failure> {
    match result {
        Ok(value) => Ok((Some(value), Vec::new())),
        Err(Refusal::User(error)) => Ok((None, vec![error])),
        Err(Refusal::Request(failure)) => Err(failure),
    }
}
