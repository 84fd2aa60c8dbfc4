//! Who asks, as the rooms decide by it.

use super::token::TokenError;
use crate::domain::ids::{AccountId, PartnerId, VisitorId};

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// Nobody in particular: no token was shown.
    Anyone,
    /// A visitor.
    Visitor(VisitorId),
    /// Somebody who works on the catalogue. What they may do is asked when it matters (`accounts`), for a role may have been taken
    /// away since the token was given out.
    Account(AccountId),
    /// A partner, known by a key. Nothing is kept that is a partner's own; they read as anyone does.
    Partner(PartnerId),
    /// Somebody whose token or key does not hold: reads go on as for anyone, all else is refused with the reason.
    Refused(TokenError),
}
