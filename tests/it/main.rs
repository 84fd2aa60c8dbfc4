//! One test binary, a module a capability.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that fails here should stop here")]

mod opening_hours;
