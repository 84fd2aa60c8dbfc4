//! The one error table: every code a client can see, what it means, and the HTTP status where one is due. Rooms raise
//! their own errors; they become a [`Failure`] here and nowhere else, so that no internal text can slip through.

#![deny(clippy::wildcard_enum_match_arm)]

mod media;
mod my_data;
mod sign_in;
mod travel;

use std::any::Any;
use std::sync::Arc;

use async_graphql::{Error, ErrorExtensions};

use crate::catalogue::error::CatalogueError;
use crate::causes::{self, Trouble};
use crate::domain::work_budget::Spent;
use crate::editorial::error::EditorialError;
use crate::fair::buckets::RateLimited;
use crate::fair::queue::Busy;
use crate::identity::accounts::AccountError;
use crate::identity::rights::Denied;
use crate::identity::session::SessionError;
use crate::identity::vault::VaultError;
use crate::trips::plan::error::PlanError;
use crate::trips::saved::SavedError;

macro_rules! codes {
    ($($(#[doc = $meaning:literal])+ $variant:ident = $code:literal, $status:literal;)+) => {
        /// A stable word in `extensions.code`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Code {
            $($(#[doc = $meaning])+ $variant,)+
        }

        impl Code {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The word.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }

            /// The HTTP status when the whole request is refused with it.
            pub const fn status(self) -> u16 {
                match self { $(Self::$variant => $status,)+ }
            }

            /// What it means and what to do about it.
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => concat!($($meaning),+),)+ }
            }
        }
    };
}

codes! {
    /// The body is not the JSON of a GraphQL request.
    BadRequest = "BAD_REQUEST", 400;
    /// The request is an array; send one operation a request.
    BatchNotSupported = "BATCH_NOT_SUPPORTED", 400;
    /// The document does not parse.
    GraphqlParseFailed = "GRAPHQL_PARSE_FAILED", 400;
    /// The document or its variables do not fit the schema.
    GraphqlValidationFailed = "GRAPHQL_VALIDATION_FAILED", 400;
    /// No operation, or not the one named.
    OperationNotFound = "OPERATION_NOT_FOUND", 400;
    /// A subscription by a way that has one answer; subscribe over WebSocket (`graphql-transport-ws`) or accept `text/event-stream`.
    SubscriptionNotSupported = "SUBSCRIPTION_NOT_SUPPORTED", 400;
    /// More operations at a time than one WebSocket may have.
    TooManyStreams = "TOO_MANY_STREAMS", 400;
    /// The document has more bytes than are read.
    QueryTooLarge = "QUERY_TOO_LARGE", 400;
    /// The document nests deeper than is answered.
    QueryTooDeep = "QUERY_TOO_DEEP", 400;
    /// The document asks for more than one request may; ask for fewer or shorter lists.
    QueryTooCostly = "QUERY_TOO_COSTLY", 400;
    /// The document has more directives than are read.
    TooManyDirectives = "TOO_MANY_DIRECTIVES", 400;
    /// The body has more bytes, or more values, than are read.
    PayloadTooLarge = "PAYLOAD_TOO_LARGE", 413;
    /// The body did not arrive in time.
    RequestTimeout = "REQUEST_TIMEOUT", 408;
    /// The content type of the body is not application/json, nor multipart/form-data with a file.
    UnsupportedMediaType = "UNSUPPORTED_MEDIA_TYPE", 415;
    /// None of the media types accepted can be given.
    NotAcceptable = "NOT_ACCEPTABLE", 406;
    /// The path knows other methods, named in `Allow`.
    MethodNotAllowed = "METHOD_NOT_ALLOWED", 405;
    /// There is nothing at this path.
    NotFound = "NOT_FOUND", 404;
    /// What was at this path was closed by its owner, has ended, or was used.
    Gone = "GONE", 410;
    /// An argument is out of its range or form; the message names it.
    BadUserInput = "BAD_USER_INPUT", 400;
    /// Not an id of this catalogue, or of another type than is meant.
    BadId = "BAD_ID", 400;
    /// A cursor that is not of this list with these arguments.
    BadCursor = "BAD_CURSOR", 400;
    /// `first`, `last`, `after`, `before` in a size or combination that is not allowed.
    BadPage = "BAD_PAGE", 400;
    /// Not a BCP-47 language tag.
    BadLanguage = "BAD_LANGUAGE", 400;
    /// No city has this slug.
    UnknownCity = "UNKNOWN_CITY", 400;
    /// No category has this slug.
    UnknownCategory = "UNKNOWN_CATEGORY", 400;
    /// No municipality has this code.
    UnknownMunicipality = "UNKNOWN_MUNICIPALITY", 400;
    /// Not a valid polygon, or one with too many positions.
    InvalidPolygon = "INVALID_POLYGON", 400;
    /// A radius that is not a positive number within the limit.
    BadRadius = "BAD_RADIUS", 400;
    /// An instant outside the years the calendars cover, or a window that is none.
    TimeOutOfRange = "TIME_OUT_OF_RANGE", 400;
    /// Text that cannot be searched for: empty or too long.
    BadText = "BAD_TEXT", 400;
    /// More map clusters than one answer holds; ask for a smaller area or a lower zoom.
    TooManyClusters = "TOO_MANY_CLUSTERS", 400;
    /// A trip that cannot be planned as asked; the message says what is wrong with it.
    BadTrip = "BAD_TRIP", 400;
    /// Nobody goes that far by this mode.
    NoWay = "NO_WAY", 400;
    /// Too much is being done at once; ask again after the seconds of `extensions.retryAfter`.
    Busy = "BUSY", 503;
    /// There were too many tries to sign in or to use a transfer code; try again after the seconds of `extensions.retryAfter`.
    TooManyAttempts = "TOO_MANY_ATTEMPTS", 429;
    /// There were too many requests, or too many writes without an account; go on after the seconds of `extensions.retryAfter`.
    RateLimited = "RATE_LIMITED", 429;
    /// As many images were sent as one account may in a day; go on after the seconds of `extensions.retryAfter`.
    TooManyImages = "TOO_MANY_IMAGES", 429;
    /// What was asked is for a visitor with an access token that holds: sign in, or exchange the refresh token.
    Unauthenticated = "UNAUTHENTICATED", 401;
    /// Who asks is known, and may not do this here.
    Forbidden = "FORBIDDEN", 403;
    /// The file is no JPEG, PNG or WebP image, whatever it is called; the message says what it is.
    UnsupportedImage = "UNSUPPORTED_IMAGE", 415;
    /// The image has too many pixels, in all or on a side, or decoding it would take too much memory or time.
    ImageTooLarge = "IMAGE_TOO_LARGE", 422;
    /// The image moves; send a single picture.
    ImageAnimated = "IMAGE_ANIMATED", 422;
    /// The image ends before it is whole; send the file again.
    ImageTruncated = "IMAGE_TRUNCATED", 422;
    /// The file goes on behind the end of the image; export it anew.
    ImageTrailingData = "IMAGE_TRAILING_DATA", 422;
    /// The image cannot be decoded; export it anew.
    ImageDamaged = "IMAGE_DAMAGED", 422;
    /// What is saved cannot be reached now; what is published can be read. Ask again.
    Unavailable = "UNAVAILABLE", 503;
    /// The database went away while something was being written; read again to see whether it was.
    OutcomeUnknown = "OUTCOME_UNKNOWN", 503;
    /// Something went wrong on our side; the request id finds it in our logs.
    Internal = "INTERNAL", 500;
}

/// What a resolver fails with: a code and a message meant for the client. It cannot be displayed, so no error of a room
/// or a library turns into one by itself.
#[derive(Clone, Debug)]
pub struct Failure {
    code: Code,
    message: String,
    retry_after: Option<u32>,
    cause: Option<Arc<Cause>>,
}

/// What led to a failure that is not the client's: for the log alone.
#[derive(Debug)]
pub struct Cause {
    /// The code that the client is told.
    pub code: Code,
    /// The chain of causes.
    pub chain: String,
    /// What keeps the database from working, when that is it.
    pub trouble: Option<Trouble>,
}

impl Failure {
    /// A failure with a message the client may read.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), retry_after: None, cause: None }
    }

    /// A failure that is none of the client's, with its cause, which is logged where the request is answered and shown to nobody.
    pub fn caused(code: Code, message: &str, cause: &(dyn std::error::Error + 'static)) -> Self {
        let cause = Cause { code, chain: causes::chain(cause), trouble: causes::trouble(cause) };
        Self { cause: Some(Arc::new(cause)), ..Self::new(code, message) }
    }

    /// What is saved cannot be reached; with `is_outcome_unknown`, it went away while something was being written.
    pub(super) fn away(is_outcome_unknown: bool, what: &str, cause: &(dyn std::error::Error + 'static)) -> Self {
        if is_outcome_unknown {
            let message = format!("{what} cannot be reached now; read again to see whether this was done");
            return Self::caused(Code::OutcomeUnknown, &message, cause);
        }
        Self::caused(Code::Unavailable, &format!("{what} cannot be reached now; ask again"), cause)
    }

    /// The same, to be tried again after so many seconds: `extensions.retryAfter`.
    #[must_use]
    pub fn retry_after(self, seconds: u32) -> Self {
        Self { retry_after: Some(seconds), ..self }
    }

    /// The code.
    pub const fn code(&self) -> Code {
        self.code
    }

    /// After how many seconds it may be tried again; `None` when trying again is no use, or none is known.
    pub const fn seconds_to_wait(&self) -> Option<u32> {
        self.retry_after
    }

    /// The message for the client.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What led to it, for the log.
    pub fn cause(&self) -> Option<&Cause> {
        self.cause.as_deref()
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        let mut error = Self::new(failure.message).extend_with(|_, extensions| {
            extensions.set("code", failure.code.as_str());
            if let Some(seconds) = failure.retry_after {
                extensions.set("retryAfter", seconds);
            }
        });
        // It goes with the error to where the answer is made, and no further: the library writes no source.
        error.source = failure.cause.map(|cause| cause as Arc<dyn Any + Send + Sync>);
        error
    }
}

impl From<CatalogueError> for Failure {
    fn from(error: CatalogueError) -> Self {
        let code = match &error {
            CatalogueError::UnknownCity(_) => Code::UnknownCity,
            CatalogueError::UnknownCategory(_) => Code::UnknownCategory,
            CatalogueError::UnknownMunicipality(_) | CatalogueError::NoBoundary(_) => Code::UnknownMunicipality,
            CatalogueError::Polygon(_) => Code::InvalidPolygon,
            CatalogueError::Radius => Code::BadRadius,
            CatalogueError::Page(_) => Code::BadPage,
            CatalogueError::Cursor => Code::BadCursor,
            CatalogueError::Text(_) => Code::BadText,
            CatalogueError::TimeOutOfRange | CatalogueError::Window(_) => Code::TimeOutOfRange,
            CatalogueError::TooManyClusters(_) => Code::TooManyClusters,
            CatalogueError::Spent(_) => Code::QueryTooCostly,
            CatalogueError::Position(_)
            | CatalogueError::BoundingBox
            | CatalogueError::Corridor(_)
            | CatalogueError::Order(_)
            | CatalogueError::Zoom => Code::BadUserInput,
        };
        Self::new(code, error.to_string())
    }
}

impl From<Spent> for Failure {
    fn from(spent: Spent) -> Self {
        Self::new(Code::QueryTooCostly, spent.to_string())
    }
}

impl From<PlanError> for Failure {
    fn from(error: PlanError) -> Self {
        let code = match &error {
            PlanError::UnknownCity(_) => Code::UnknownCity,
            PlanError::UnknownCategory(_) => Code::UnknownCategory,
            PlanError::UnknownRecord(_) => return Self::new(Code::BadId, "no place or event has one of these ids"),
            PlanError::OutsideYears { .. } | PlanError::Over => Code::TimeOutOfRange,
            PlanError::Spent(_) => Code::QueryTooCostly,
            PlanError::Busy { retry_after_seconds } => return Self::new(Code::Busy, error.to_string()).retry_after(*retry_after_seconds),
            PlanError::Problem(_) | PlanError::Thread => return Self::caused(Code::Internal, "the plan could not be made", &error),
            PlanError::OutOfRange { .. }
            | PlanError::EndBeforeStart { .. }
            | PlanError::DaysNotRising { .. }
            | PlanError::Mode(_)
            | PlanError::FarAway { .. }
            | PlanError::OtherCity { .. }
            | PlanError::Contradiction(_)
            | PlanError::Limits(_) => Code::BadTrip,
        };
        Self::new(code, error.to_string())
    }
}

impl From<SavedError> for Failure {
    fn from(error: SavedError) -> Self {
        let code = match error {
            SavedError::Plan(error) => return error.into(),
            SavedError::SignedOut => Code::Unauthenticated,
            SavedError::Contended => return Self::new(Code::Busy, error.to_string()).retry_after(1),
            SavedError::Store(ref store) if store.is_busy() => return Busy.into(),
            SavedError::Store(ref store) => return Self::away(store.is_outcome_unknown(), "saved trips", &error),
            SavedError::Form(_) | SavedError::Randomness(_) => {
                return Self::caused(Code::Internal, "the trip could not be read or written", &error);
            }
            SavedError::NotFound
            | SavedError::ShareNotFound
            | SavedError::FutureVersion { .. }
            | SavedError::Changed { .. }
            | SavedError::Length { .. }
            | SavedError::TooManyTrips(_)
            | SavedError::TooManyShares(_)
            | SavedError::TooManyTogether(_)
            | SavedError::CodeUnknown
            | SavedError::OwnCode => Code::BadUserInput,
        };
        Self::new(code, error.to_string())
    }
}

/// The client has more under way than its share.
impl From<Busy> for Failure {
    fn from(busy: Busy) -> Self {
        Self::new(Code::Busy, busy.to_string()).retry_after(1)
    }
}

impl From<RateLimited> for Failure {
    fn from(limited: RateLimited) -> Self {
        Self::new(Code::RateLimited, limited.to_string()).retry_after(limited.seconds)
    }
}

impl From<Denied> for Failure {
    fn from(denied: Denied) -> Self {
        Self::new(Code::Forbidden, denied.to_string())
    }
}

impl From<AccountError> for Failure {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::Ended => Self::new(Code::Unauthenticated, error.to_string()),
            AccountError::Denied(denied) => denied.into(),
            AccountError::Hash(error) => error.into(),
            AccountError::Store(ref store) if store.is_busy() => Busy.into(),
            AccountError::Store(ref store) => Self::away(store.is_outcome_unknown(), "accounts", &error),
            AccountError::Randomness(_) => Self::caused(Code::Internal, "no secret could be made", &error),
            AccountError::Vault(error) => error.into(),
            AccountError::Elsewhere | AccountError::Yourself | AccountError::LastAdministrator => {
                Self::new(Code::Forbidden, error.to_string())
            }
            AccountError::NotFound
            | AccountError::NoKey
            | AccountError::Taken
            | AccountError::Disabled
            | AccountError::Email
            | AccountError::Name
            | AccountError::Password(_)
            | AccountError::Place(_)
            | AccountError::NotGiven => Self::new(Code::BadUserInput, error.to_string()),
        }
    }
}

impl From<VaultError> for Failure {
    fn from(error: VaultError) -> Self {
        Self::caused(Code::Internal, "a secret of the account could not be read", &error)
    }
}

impl From<EditorialError> for Failure {
    fn from(error: EditorialError) -> Self {
        match error {
            EditorialError::Denied(denied) => denied.into(),
            EditorialError::Store(ref store) if store.is_outcome_unknown() => Self::away(true, "the drafts", &error),
            EditorialError::Spent(spent) => spent.into(),
            EditorialError::Store(ref cause) | EditorialError::NothingWritten(ref cause) if cause.is_busy() => Busy.into(),
            EditorialError::Store(_) | EditorialError::NothingWritten(_) => {
                Self::caused(Code::Unavailable, "the drafts cannot be reached now, and nothing was written; ask again", &error)
            }
            EditorialError::OutcomeUnknown(_) => {
                let message = "the drafts cannot be reached now; read the draft again to see whether this was done";
                Self::caused(Code::OutcomeUnknown, message, &error)
            }
            EditorialError::Randomness(_) => Self::caused(Code::Internal, "no identity could be drawn", &error),
            EditorialError::NotFound | EditorialError::NotPublished | EditorialError::NoRevision(_) => {
                Self::new(Code::NotFound, error.to_string())
            }
            EditorialError::DraftExists(_)
            | EditorialError::FutureVersion { .. }
            | EditorialError::NotAllowed { .. }
            | EditorialError::Merged
            | EditorialError::Problems(_)
            | EditorialError::SlugTaken
            | EditorialError::Comment { .. }
            | EditorialError::TooLarge { .. }
            | EditorialError::TooManySuggestions
            | EditorialError::NotInFuture
            | EditorialError::MergeTarget => Self::new(Code::BadUserInput, error.to_string()),
        }
    }
}

impl From<SessionError> for Failure {
    fn from(error: SessionError) -> Self {
        match error {
            SessionError::Unknown | SessionError::Ended | SessionError::Reused => Self::new(Code::Unauthenticated, error.to_string()),
            SessionError::Store(ref store) if store.is_busy() => Busy.into(),
            SessionError::Store(ref store) => Self::away(store.is_outcome_unknown(), "sessions", &error),
            SessionError::Token | SessionError::Randomness(_) => Self::caused(Code::Internal, "no token could be made", &error),
        }
    }
}
