//! What a subscription remembers between its rounds: each round is answered from one state of the catalogue and ends; the next one
//! must know what was told before.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What one subscription remembers.
#[derive(Clone, Debug, Default)]
pub struct Memory(Arc<Mutex<Remembered>>);

#[derive(Debug, Default)]
struct Remembered {
    /// Fingerprints of what was told, by key.
    told: HashMap<String, u64>,
    /// Where readers stand, by the field they read.
    positions: HashMap<String, String>,
    /// Whether there is more to tell of the state that was told last.
    goes_on: bool,
}

impl Memory {
    /// Whether this was never told under the key, or told otherwise; it is remembered as told.
    pub fn is_news(&self, key: &str, fingerprint: u64) -> bool {
        let mut remembered = self.lock();
        let told = &mut remembered.told;
        if told.get(key) == Some(&fingerprint) {
            return false;
        }
        told.insert(key.to_owned(), fingerprint);
        true
    }

    /// Where the reader of this field stands; nowhere yet, before the first round.
    pub fn position(&self, field: &str) -> Option<String> {
        self.lock().positions.get(field).cloned()
    }

    /// Notes where the reader of this field stands now, and whether there is more to tell at once.
    pub fn stand(&self, field: &str, position: String, goes_on: bool) {
        let mut remembered = self.lock();
        remembered.positions.insert(field.to_owned(), position);
        remembered.goes_on |= goes_on;
    }

    /// Whether the next round is to begin at once; asked once a round.
    pub fn goes_on(&self) -> bool {
        std::mem::take(&mut self.lock().goes_on)
    }

    fn lock(&self) -> MutexGuard<'_, Remembered> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
