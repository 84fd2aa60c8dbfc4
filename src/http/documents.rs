//! Documents read before, by their text, and whether they were found valid. Apps send the same few documents again and again; a server spends a
//! third of a small answer on reading them otherwise. Bounded by count and bytes: two generations, the older dropped whole.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::parser::types::ExecutableDocument;

use crate::graphql::executable::is_plain;
use crate::graphql::flat::repeats_objects;
use crate::graphql::nulls::FieldTypes;

/// Documents of a generation.
const MAX_DOCUMENTS: usize = 500;
/// Bytes of their texts; a parsed document takes some twenty times as many.
const MAX_BYTES: usize = 1024 * 1024;

/// A document that parses.
#[derive(Debug)]
pub struct Document {
    /// What it says.
    pub parsed: ExecutableDocument,
    /// Whether it asks for an object twice under one key, so that answers have to be merged.
    pub repeats_objects: bool,
    /// Whether it is executed as it is when no variable is left out.
    pub is_plain: bool,
    valid: AtomicBool,
}

impl Document {
    /// A document of which it is not known whether it is valid.
    pub fn new(parsed: ExecutableDocument, types: &FieldTypes) -> Self {
        let (repeats_objects, is_plain) = (repeats_objects(&parsed), is_plain(&parsed, types));
        Self { parsed, repeats_objects, is_plain, valid: AtomicBool::new(false) }
    }

    /// Whether it was found valid.
    pub fn is_valid(&self) -> bool {
        self.valid.load(Ordering::Relaxed)
    }

    /// Notes that it is valid.
    pub fn is_found_valid(&self) {
        self.valid.store(true, Ordering::Relaxed);
    }
}

/// The documents.
#[derive(Default)]
pub struct Documents(Mutex<Generations>);

#[derive(Default)]
struct Generations {
    young: HashMap<Box<str>, Arc<Document>>,
    old: HashMap<Box<str>, Arc<Document>>,
    bytes: usize,
}

impl Documents {
    /// The document of this text, when it was parsed before.
    pub fn get(&self, text: &str) -> Option<Arc<Document>> {
        let mut generations = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(document) = generations.young.get(text) {
            return Some(Arc::clone(document));
        }
        let (text, document) = generations.old.remove_entry(text)?;
        generations.insert(text, Arc::clone(&document));
        Some(document)
    }

    /// Keeps a document.
    pub fn insert(&self, text: &str, document: &Arc<Document>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(text.into(), Arc::clone(document));
    }
}

impl Generations {
    fn insert(&mut self, text: Box<str>, document: Arc<Document>) {
        if self.young.len() >= MAX_DOCUMENTS || self.bytes + text.len() > MAX_BYTES {
            self.old = std::mem::take(&mut self.young);
            self.bytes = 0;
        }
        self.bytes += text.len();
        self.young.insert(text, document);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_used_stays_and_the_rest_goes() {
        let documents = Documents::default();
        let document = Arc::new(Document::new(async_graphql::parser::parse_query("{ a }").unwrap(), &FieldTypes::default()));
        for number in 0..3 * MAX_DOCUMENTS {
            documents.insert(&format!("{{ a{number} }}"), &document);
            assert!(documents.get("{ a0 }").is_some());
        }
        assert!(documents.get("{ a1 }").is_none());
        let generations = documents.0.lock().unwrap();
        assert!(generations.young.len() + generations.old.len() <= 2 * MAX_DOCUMENTS);
    }
}
