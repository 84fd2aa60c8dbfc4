//! Held against real files, which are not ours to copy into the repository: `./test --real-data DIR` names their folder.
//!
//! Whatever a rule needs is tested in `it`, on data of our own. Here we see that the rules also hold on the world as it is.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that fails here should stop here")]
#![allow(missing_docs, reason = "a test's name says what it proves")]

mod demo;
mod files;
mod opening_hours;
#[path = "../it/support/mod.rs"]
#[allow(dead_code, unused_imports, reason = "the support of all test binaries; each uses a part of it")]
mod support;
mod toptw;
mod valhalla;
