//! Who asks. Visitors are anonymous: a token proves that it is the same one as before, and nothing more is known.
//!
//! A visitor holds an access token for a quarter of an hour ([`token`]) and a refresh token, which is exchanged for the next pair
//! ([`session`]). A request without a token comes from [`actor::Actor::Anyone`].

pub mod accounts;
pub mod actor;
pub mod rights;
pub mod secret;
pub mod session;
pub mod token;
