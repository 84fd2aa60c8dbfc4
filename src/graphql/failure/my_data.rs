//! What handing over a visitor's data fails with.

#![deny(clippy::wildcard_enum_match_arm)]

use super::{Code, Failure};
use crate::fair::queue::Busy;
use crate::trips::export_places::RETRY_AFTER_SECONDS;
use crate::trips::mine::MyDataError;

impl From<MyDataError> for Failure {
    fn from(error: MyDataError) -> Self {
        match error {
            MyDataError::Unknown => Self::new(Code::NotFound, error.to_string()),
            MyDataError::Ended => Self::new(Code::Gone, error.to_string()),
            MyDataError::Session(error) => error.into(),
            MyDataError::NoPlace(_) | MyDataError::TooSlow(_) => Self::new(Code::Busy, error.to_string()).retry_after(RETRY_AFTER_SECONDS),
            MyDataError::Store(ref store) if store.is_busy() => Busy.into(),
            MyDataError::Store(ref store) => Self::away(store.is_outcome_unknown(), "what is kept of you", &error),
        }
    }
}
