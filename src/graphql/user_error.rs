//! What a caller of a mutation can mend: told in its payload, not as an error of the request.

#![deny(clippy::wildcard_enum_match_arm)]

use async_graphql::{Enum, SimpleObject};

use super::directives::List;
use super::failure::{Code, Failure};
use super::model::draft_form::outside;
use crate::editorial::error::{EditorialError, Problem, ProblemKind};
use crate::identity::accounts::AccountError;
use crate::identity::oidc::OidcError;
use crate::identity::sign_in::SignInError;
use crate::media::error::MediaError;
use crate::media::unfit::Unfit;
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
    /// It must be there.
    Missing,
    /// It cannot be as it is.
    Invalid,
    /// The position lies in none of the state's municipalities; an override says that it is meant so.
    OutsideState,
    /// The position lies far from the city; an override says that it is meant so.
    FarFromCity,
    /// Another record has this slug.
    SlugTaken,
    /// There is a draft of this record already.
    DraftExists,
    /// Nothing is published under this id.
    NotPublished,
    /// The step is not allowed in the state the draft is in.
    NotAllowedInState,
    /// A file that is no JPEG, PNG or WebP image; its name and announced type do not matter.
    UnsupportedImage,
    /// An image with too many bytes or pixels, or that takes too much memory or time to decode.
    ImageTooLarge,
    /// An image that moves.
    ImageAnimated,
    /// An image that ends before it is whole.
    ImageTruncated,
    /// A file that goes on behind the end of the image.
    ImageTrailingData,
    /// An image that cannot be decoded.
    ImageDamaged,
    /// The e-mail address and the password do not go together.
    WrongCredentials,
    /// The password is right, or the provider vouched, and a code of the authenticator app is needed: ask again with both.
    CodeRequired,
    /// The code is wrong, too old, or was used before.
    WrongCode,
    /// A sign-in at a provider that does not hold, or of somebody who has no account here.
    SignInRefused,
    /// It is there already.
    Taken,
    /// You may not do this with that account.
    NotYours,
    /// It is the last administrator of all cities: give somebody else the role first.
    LastAdministrator,
    /// An invitation that was accepted, was replaced, is too old, or was never made: ask for another.
    InvitationRefused,
}

/// What the caller can mend.
#[derive(SimpleObject, Clone, Debug)]
pub struct UserError {
    /// Path of the input field it speaks of, such as `["input", "title"]`.
    #[graphql(directive = List::apply(3))]
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

/// The failures that the caller can mend when they are a field's.
const MENDED: [(Code, UserErrorCode); 6] = [
    (Code::BadUserInput, UserErrorCode::BadUserInput),
    (Code::BadId, UserErrorCode::BadId),
    (Code::BadTrip, UserErrorCode::BadTrip),
    (Code::UnknownCity, UserErrorCode::UnknownCity),
    (Code::UnknownCategory, UserErrorCode::UnknownCategory),
    (Code::TimeOutOfRange, UserErrorCode::TimeOutOfRange),
];

/// What went wrong with a field, or with the whole request.
pub enum Refusal {
    /// The caller can mend it.
    User(UserError),
    /// The caller can mend them.
    Users(Vec<UserError>),
    /// The request fails.
    Request(Failure),
}

impl Refusal {
    /// What is wrong with a field of the input.
    pub fn at(field: &str, failure: Failure) -> Self {
        match MENDED.iter().find(|(known, _)| *known == failure.code()) {
            Some((_, code)) => Self::User(UserError::new(field, *code, failure.message())),
            None => Self::Request(failure),
        }
    }
}

impl Refusal {
    /// Why the bytes of a field are no image that is kept.
    pub fn unfit(field: &str, unfit: Unfit) -> Self {
        let code = match unfit {
            Unfit::Form(_) => UserErrorCode::UnsupportedImage,
            Unfit::Bytes | Unfit::Pixels { .. } | Unfit::Memory { .. } | Unfit::Scans => UserErrorCode::ImageTooLarge,
            Unfit::Animated => UserErrorCode::ImageAnimated,
            Unfit::Truncated => UserErrorCode::ImageTruncated,
            Unfit::Trailing => UserErrorCode::ImageTrailingData,
            Unfit::Broken => UserErrorCode::ImageDamaged,
        };
        Self::User(UserError::new(field, code, unfit.to_string()))
    }
}

impl From<MediaError> for Refusal {
    fn from(error: MediaError) -> Self {
        match error {
            MediaError::Unfit(unfit) => Self::unfit("file", unfit),
            error @ (MediaError::Busy
            | MediaError::DayFull { .. }
            | MediaError::Length { .. }
            | MediaError::UnknownUpload
            | MediaError::EndedUpload
            | MediaError::UsedUpload
            | MediaError::NotFound
            | MediaError::Denied(_)
            | MediaError::Account(_)
            | MediaError::Session(_)
            | MediaError::Storage(_)
            | MediaError::Store(_)
            | MediaError::Thread) => Self::Request(error.into()),
        }
    }
}

impl From<SavedError> for Refusal {
    fn from(error: SavedError) -> Self {
        if let SavedError::Store(full) = &error
            && full.is_full()
        {
            return Self::User(UserError::new("", UserErrorCode::LimitReached, full.to_string()));
        }
        let message = error.to_string();
        let (field, code) = match error {
            SavedError::NotFound => ("id", UserErrorCode::NotFound),
            SavedError::ShareNotFound => ("token", UserErrorCode::NotFound),
            SavedError::FutureVersion { .. } => ("expectedVersion", UserErrorCode::BadUserInput),
            SavedError::Changed { .. } => ("expectedVersion", UserErrorCode::Changed),
            SavedError::Length { field, .. } => (field, UserErrorCode::BadUserInput),
            SavedError::CodeUnknown => ("code", UserErrorCode::NotFound),
            SavedError::OwnCode => ("code", UserErrorCode::BadUserInput),
            SavedError::TooManyTogether(_) => ("code", UserErrorCode::LimitReached),
            SavedError::TooManyTrips(_) | SavedError::TooManyShares(_) => ("", UserErrorCode::LimitReached),
            SavedError::Plan(error) => return Self::at("request", error.into()),
            error @ (SavedError::SignedOut
            | SavedError::Contended
            | SavedError::Store(_)
            | SavedError::Form(_)
            | SavedError::Randomness(_)) => return Self::Request(error.into()),
        };
        Self::User(UserError::new(field, code, message))
    }
}

impl UserError {
    /// What stands in the way of publishing: `field` is the path in the draft's `content`.
    pub fn of_content(problem: &Problem) -> Self {
        let code = match problem.kind {
            ProblemKind::Missing => UserErrorCode::Missing,
            ProblemKind::Invalid => UserErrorCode::Invalid,
            ProblemKind::OutsideState => UserErrorCode::OutsideState,
            ProblemKind::FarFromCity => UserErrorCode::FarFromCity,
        };
        let path = problem.field.split('.').filter(|part| !part.is_empty()).map(|part| outside(part).to_owned());
        Self { field: ["content".to_owned()].into_iter().chain(path).collect(), code, message: problem.message.clone() }
    }
}

impl From<EditorialError> for Refusal {
    fn from(error: EditorialError) -> Self {
        let message = error.to_string();
        let (field, code) = match error {
            EditorialError::Problems(problems) => return Self::Users(problems.iter().map(UserError::of_content).collect()),
            EditorialError::NotFound => ("id", UserErrorCode::NotFound),
            EditorialError::NotPublished => ("of", UserErrorCode::NotPublished),
            EditorialError::DraftExists(_) => ("of", UserErrorCode::DraftExists),
            EditorialError::FutureVersion { .. } => ("expectedVersion", UserErrorCode::BadUserInput),
            EditorialError::NoRevision(_) => ("revision", UserErrorCode::NotFound),
            EditorialError::NotAllowed { .. } | EditorialError::Merged => ("", UserErrorCode::NotAllowedInState),
            EditorialError::SlugTaken => {
                let field = ["content".to_owned(), "slug".to_owned()].to_vec();
                return Self::User(UserError { field, code: UserErrorCode::SlugTaken, message });
            }
            EditorialError::Comment { .. } => ("comment", UserErrorCode::BadUserInput),
            EditorialError::TooLarge { .. } => ("content", UserErrorCode::LimitReached),
            EditorialError::TooManySuggestions => ("", UserErrorCode::LimitReached),
            EditorialError::NotInFuture => ("at", UserErrorCode::BadUserInput),
            EditorialError::MergeTarget => ("into", UserErrorCode::BadUserInput),
            other @ (EditorialError::Denied(_)
            | EditorialError::Spent(_)
            | EditorialError::Store(_)
            | EditorialError::NothingWritten(_)
            | EditorialError::OutcomeUnknown(_)
            | EditorialError::Randomness(_)) => {
                return Self::Request(other.into());
            }
        };
        Self::User(UserError::new(field, code, message))
    }
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        Self::Request(failure)
    }
}

impl From<AccountError> for Refusal {
    fn from(error: AccountError) -> Self {
        let (field, code) = match &error {
            AccountError::NotFound => ("email", UserErrorCode::NotFound),
            AccountError::NoKey => ("id", UserErrorCode::NotFound),
            AccountError::NotGiven => ("role", UserErrorCode::NotFound),
            AccountError::Taken | AccountError::Disabled => ("email", UserErrorCode::Taken),
            AccountError::Email => ("email", UserErrorCode::BadUserInput),
            AccountError::Name => ("name", UserErrorCode::BadUserInput),
            AccountError::Password(_) => ("password", UserErrorCode::BadUserInput),
            AccountError::Place(_) => ("city", UserErrorCode::BadUserInput),
            AccountError::Elsewhere | AccountError::Yourself => ("email", UserErrorCode::NotYours),
            AccountError::LastAdministrator => ("email", UserErrorCode::LastAdministrator),
            AccountError::Ended
            | AccountError::Denied(_)
            | AccountError::Hash(_)
            | AccountError::Randomness(_)
            | AccountError::Vault(_)
            | AccountError::Store(_) => return Self::Request(error.into()),
        };
        Self::User(UserError::new(field, code, error.to_string()))
    }
}

impl From<SignInError> for Refusal {
    fn from(error: SignInError) -> Self {
        let (field, code) = match &error {
            SignInError::Wrong => ("", UserErrorCode::WrongCredentials),
            SignInError::CodeRequired => ("code", UserErrorCode::CodeRequired),
            SignInError::WrongCode => ("code", UserErrorCode::WrongCode),
            SignInError::Rule(_) => ("newPassword", UserErrorCode::BadUserInput),
            SignInError::Invitation => ("code", UserErrorCode::InvitationRefused),
            SignInError::InvitedPassword(_) => ("password", UserErrorCode::BadUserInput),
            SignInError::Changed => ("", UserErrorCode::Changed),
            SignInError::HasTotp => ("", UserErrorCode::Taken),
            SignInError::NoTotp => ("", UserErrorCode::NotFound),
            SignInError::Oidc(OidcError::Unknown) => ("provider", UserErrorCode::NotFound),
            SignInError::Oidc(OidcError::Refused | OidcError::Invalid) => ("code", UserErrorCode::SignInRefused),
            SignInError::Ticket => ("ticket", UserErrorCode::SignInRefused),
            SignInError::NotOurs => ("", UserErrorCode::SignInRefused),
            SignInError::TooMany(_)
            | SignInError::Oidc(OidcError::Away)
            | SignInError::Closed
            | SignInError::Hash(_)
            | SignInError::Randomness(_)
            | SignInError::Session(_)
            | SignInError::Vault(_)
            | SignInError::Store(_) => return Self::Request(error.into()),
        };
        Self::User(UserError::new(field, code, error.to_string()))
    }
}

impl Refusal {
    /// Why a sign-in at a provider is not completed; there `code` is the provider's.
    pub fn of_provider(error: SignInError) -> Self {
        let code = if matches!(error, SignInError::CodeRequired) {
            UserErrorCode::CodeRequired
        } else if matches!(error, SignInError::WrongCode) {
            UserErrorCode::WrongCode
        } else {
            return error.into();
        };
        Self::User(UserError::new("totpCode", code, error.to_string()))
    }
}

/// What a mutation gives: a thing, or what the caller can mend.
pub fn outcome<T>(result: Result<T, Refusal>) -> Result<(Option<T>, Vec<UserError>), Failure> {
    match result {
        Ok(value) => Ok((Some(value), Vec::new())),
        Err(Refusal::User(error)) => Ok((None, vec![error])),
        Err(Refusal::Users(errors)) => Ok((None, errors)),
        Err(Refusal::Request(failure)) => Err(failure),
    }
}
