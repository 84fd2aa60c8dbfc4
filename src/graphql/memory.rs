//! What a subscription remembers between its rounds: each round is answered from one state of the catalogue and ends; the next one
//! must know what was told before.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Fingerprints of what was told, by key.
#[derive(Clone, Debug, Default)]
pub struct Memory(Arc<Mutex<HashMap<String, u64>>>);

impl Memory {
    /// Whether this was never told under the key, or told otherwise; it is remembered as told.
    pub fn is_news(&self, key: &str, fingerprint: u64) -> bool {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if told.get(key) == Some(&fingerprint) {
            return false;
        }
        told.insert(key.to_owned(), fingerprint);
        true
    }
}
