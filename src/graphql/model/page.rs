//! What all connections have in common (Relay Cursor Connections).

use async_graphql::SimpleObject;

use crate::catalogue::page::{Fingerprint, Taken, encode};

/// Where a page stands in its list (Relay).
#[derive(SimpleObject, Clone)]
pub struct PageInfo {
    /// Whether records follow this page.
    has_next_page: bool,
    /// Whether records come before this page.
    has_previous_page: bool,
    /// Cursor of the first record; null for an empty page.
    start_cursor: Option<String>,
    /// Cursor of the last record; null for an empty page.
    end_cursor: Option<String>,
}

impl PageInfo {
    /// Of a page of a list that is only walked onwards, with its first and last cursor.
    pub fn forward(has_next_page: bool, [start_cursor, end_cursor]: [Option<String>; 2]) -> Self {
        Self { has_next_page, has_previous_page: false, start_cursor, end_cursor }
    }

    /// Of a page taken.
    pub fn of<T>(taken: &Taken<T>, fingerprint: Fingerprint) -> Self {
        Self {
            has_next_page: taken.has_next_page,
            has_previous_page: taken.has_previous_page,
            start_cursor: taken.entries.first().map(|(key, _)| encode(key, fingerprint)),
            end_cursor: taken.entries.last().map(|(key, _)| encode(key, fingerprint)),
        }
    }
}
