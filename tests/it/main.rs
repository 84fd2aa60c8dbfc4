//! One test binary, a module a capability, over HTTP as a client sees it.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that fails here should stop here")]
#![allow(clippy::format_collect, reason = "a test may be slow to write what is quick to read")]
#![allow(missing_docs, reason = "a test's name says what it proves")]

mod accounts;
mod amplification;
mod arrows;
mod bad_input;
mod bounds;
mod characters;
mod demo;
mod dependencies;
mod drafts;
mod executed;
mod fair;
mod feed;
mod follow;
mod http_face;
mod http_graphql;
mod import;
mod import_together;
mod lists;
mod logs;
mod media;
mod opening_hours;
mod places;
mod prices;
mod program;
mod rights;
mod schema;
mod store;
mod support;
mod toptw;
mod trips;
mod visitors;
mod work;
