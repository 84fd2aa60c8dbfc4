//! What looking for a way fails with.

#![deny(clippy::wildcard_enum_match_arm)]

use super::{Code, Failure};
use crate::travel::TravelError;

impl From<TravelError> for Failure {
    fn from(error: TravelError) -> Self {
        match error {
            TravelError::NoWay(_) => Self::new(Code::NoWay, "nobody goes so far by this mode, or trips are not planned with it"),
            TravelError::TimedOut | TravelError::Answer(_) | TravelError::Unreachable(_) => {
                Self::caused(Code::Internal, "the way could not be found", &error)
            }
        }
    }
}
