//! What signing in fails with.

#![deny(clippy::wildcard_enum_match_arm)]

use super::{Code, Failure};
use crate::identity::oidc::OidcError;
use crate::identity::password::HashError;
use crate::identity::sign_in::SignInError;

impl From<HashError> for Failure {
    fn from(error: HashError) -> Self {
        match error {
            HashError::Busy => Self::new(Code::Busy, error.to_string()).retry_after(2),
            HashError::Randomness(_) | HashError::Failed => Self::caused(Code::Internal, "the password could not be looked at", &error),
        }
    }
}

impl From<SignInError> for Failure {
    fn from(error: SignInError) -> Self {
        match error {
            SignInError::TooMany(seconds) => Self::new(Code::TooManyAttempts, error.to_string()).retry_after(seconds),
            SignInError::Closed => Self::new(Code::Unauthenticated, error.to_string()),
            SignInError::Hash(error) => error.into(),
            SignInError::Session(error) => error.into(),
            SignInError::Oidc(OidcError::Away) => Self::new(Code::Unavailable, error.to_string()).retry_after(10),
            SignInError::Store(ref store) => Self::away(store.is_outcome_unknown(), "accounts", &error),
            SignInError::Randomness(_) => Self::caused(Code::Internal, "no secret could be made", &error),
            SignInError::Vault(error) => error.into(),
            SignInError::Wrong
            | SignInError::CodeRequired
            | SignInError::WrongCode
            | SignInError::Invitation
            | SignInError::InvitedPassword(_)
            | SignInError::Rule(_)
            | SignInError::Changed
            | SignInError::HasTotp
            | SignInError::NoTotp
            | SignInError::Oidc(OidcError::Unknown | OidcError::Refused | OidcError::Invalid)
            | SignInError::Ticket
            | SignInError::NotOurs => Self::new(Code::BadUserInput, error.to_string()),
        }
    }
}
