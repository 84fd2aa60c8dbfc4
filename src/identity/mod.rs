//! Who asks, and what they may do. Visitors are anonymous: a token proves that it is the same one as before, and nothing more is known.
//! Those who work on the catalogue have accounts ([`accounts`]), come in by password and code ([`sign_in`]) or because a provider vouches
//! ([`sign_in_with`]), and have rights by city ([`rights`]). Partners show a key ([`api_key`]).
//!
//! A visitor or an account holds an access token for a quarter of an hour ([`token`]) and a refresh token, which is exchanged for the
//! next pair ([`session`]). A request without a token comes from [`actor::Actor::Anyone`].

pub mod accounts;
pub mod actor;
pub mod amr;
pub mod api_key;
pub mod attempts;
pub mod audit;
mod eddsa;
pub mod oidc;
pub mod password;
pub mod rights;
pub mod secret;
pub mod session;
pub mod sign_in;
pub mod sign_in_with;
pub mod token;
pub mod totp;
