//! Who asks, as the rooms decide by it.

use super::token::TokenError;
use crate::domain::ids::VisitorId;

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// Nobody in particular: no token was shown.
    Anyone,
    /// A visitor.
    Visitor(VisitorId),
    /// Somebody whose token does not hold: reads go on as for anyone, all else is refused with the reason.
    Refused(TokenError),
}
