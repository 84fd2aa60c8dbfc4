//! The tables of Roteiro as SeaORM rows: one file a table, nothing but columns. Meanings, units and rules live in the
//! domain types of the root package; nothing outside its `store` room sees a row.
//!
//! To add a table: one file here, one step in `migration/`, one repository file in `src/store/`.

pub mod account;
pub mod account_grant;
pub mod account_identity;
pub mod account_session;
pub mod api_key;
pub mod audit;
pub mod category;
pub mod category_text;
pub mod change;
pub mod change_counter;
pub mod city;
pub mod city_text;
pub mod clock_watch;
pub mod draft;
pub mod event;
pub mod event_text;
pub mod invitation;
pub mod job;
pub mod link;
pub mod media;
pub mod media_asset;
pub mod media_removal;
pub mod municipality;
pub mod pending_sign_in;
pub mod point_of_interest;
pub mod point_of_interest_text;
pub mod redirect;
pub mod revision;
pub mod route;
pub mod route_stop;
pub mod route_text;
pub mod sealing;
pub mod server_secret;
pub mod session;
pub mod sign_in_attempt;
pub mod signing_key;
pub mod suggestion;
pub mod transfer_code;
pub mod trip;
pub mod trip_share;
pub mod trip_version;
