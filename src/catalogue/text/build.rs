//! The builder: gathers which word occurs in which document.
//!
//! The vocabulary is small beside the text, so each token is analysed once and remembered; after that a token costs one
//! look-up and no allocation.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use fst::MapBuilder;

use super::analyse::{Language, analyse, is_stop_word, tokens};
use super::index::TextIndex;
use super::names::{MAX_WORDS, Name, Names};
use super::postings::PostingsWriter;
use super::stem::stem;
use super::weight::{Field, languages, payload};

/// Why an index could not be built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// A text of an earlier document came after a later one.
    #[error("document {document} was added after document {last}")]
    OutOfOrder {
        /// The document added.
        document: u32,
        /// The document whose texts were being added.
        last: u32,
    },
    /// The shard has more different words than an index can number.
    #[error("more than {MAX_WORDS} different words in one shard")]
    TooManyWords,
    /// The dictionary could not be written.
    #[error("the dictionary of words could not be written")]
    Dictionary(#[from] fst::Error),
}

/// Collects the texts of one shard's documents. Documents are positions in the shard's own list (memory grows with the highest
/// one); all texts of a document are added before those of the next. Equal texts in equal order give equal indexes.
#[derive(Debug, Default)]
pub struct TextIndexBuilder {
    /// Token as written → its words in `token_words`.
    tokens: HashMap<Box<str>, Token, TokenHash>,
    token_words: Vec<u32>,
    /// Folded word → its number in `words`, in order of first occurrence.
    numbers: HashMap<Box<str>, u32>,
    words: Vec<Word>,
    names: Names,
    document: u32,
    document_names: Vec<Name>,
    /// The name being read.
    name: Name,
    has_documents: bool,
}

/// Hash of tokens: whole words multiplied and rotated, a few cycles a token. Which slot a token falls in never shows in the
/// index, and who may write texts is trusted not to seek out collisions.
type TokenHash = BuildHasherDefault<TokenHasher>;

#[derive(Default)]
struct TokenHasher(u64);

impl TokenHasher {
    fn mix(&mut self, word: u64) {
        // 2^64 divided by the golden ratio (Knuth, The Art of Computer Programming 3, §6.4).
        self.0 = (self.0.rotate_left(23) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}

impl Hasher for TokenHasher {
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.mix(u64::from_le_bytes(word));
        }
    }

    fn finish(&self) -> u64 {
        self.0 ^ self.0 >> 32
    }
}

/// Range of words of a token: first its parts, then the joined form if there is one.
#[derive(Clone, Copy, Debug)]
struct Token {
    start: u32,
    parts: u16,
    all: u16,
}

#[derive(Debug, Default)]
struct Word {
    postings: PostingsWriter,
    /// The document whose payload is being gathered, once there is a payload.
    document: u32,
    payload: u8,
    is_stop: bool,
    /// Payloads of all documents together.
    seen: u8,
    /// The same of the documents that have the word in a name.
    seen_in_names: u8,
}

impl Word {
    fn occurs(&mut self, document: u32, payload: u8) {
        if self.document != document {
            self.flush();
            self.document = document;
        }
        self.payload |= payload;
    }

    fn flush(&mut self) {
        if self.payload != 0 {
            self.postings.push(self.document, self.payload);
            self.seen |= self.payload;
            if self.payload & Field::Name.bit() != 0 {
                self.seen_in_names |= self.payload;
            }
            self.payload = 0;
        }
    }
}

impl TextIndexBuilder {
    /// A builder without documents.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a text of a document. A document may have several texts of one field and language (alternative names): each
    /// name counts as a whole.
    pub fn add(&mut self, document: u32, field: Field, language: Language, text: &str) -> Result<(), BuildError> {
        if document < self.document {
            return Err(BuildError::OutOfOrder { document, last: self.document });
        }
        if document != self.document || !self.has_documents {
            self.finish_document();
            self.document = document;
            self.has_documents = true;
        }
        let payload = payload(field, language.bit());
        let is_name = field == Field::Name;
        self.name.languages = language.bit();
        self.name.words.clear();
        for text in tokens(text) {
            let token = match self.tokens.get(text) {
                Some(token) => *token,
                None => self.learn(text)?,
            };
            let start = token.start as usize;
            for (place, &number) in self.token_words[start..start + usize::from(token.all)].iter().enumerate() {
                let word = &mut self.words[number as usize];
                if is_name || !word.is_stop {
                    word.occurs(document, payload);
                }
                if is_name && place < usize::from(token.parts) {
                    self.name.push(number, word.is_stop);
                }
            }
        }
        if is_name && !self.name.words.is_empty() {
            match self.document_names.iter_mut().find(|other| other.words == self.name.words) {
                Some(same) => same.languages |= self.name.languages,
                None => self.document_names.push(self.name.clone()),
            }
        }
        Ok(())
    }

    /// Analyses a token met for the first time.
    fn learn(&mut self, text: &str) -> Result<Token, BuildError> {
        let analysed = analyse(text);
        let start = self.token_words.len() as u32;
        let parts = analysed.parts.len() as u16;
        for word in analysed.parts.into_iter().chain(analysed.joined) {
            let next = self.words.len() as u32;
            let is_stop = is_stop_word(&word);
            let number = *self.numbers.entry(word.into_boxed_str()).or_insert(next);
            if number == next {
                self.words.push(Word { is_stop, ..Word::default() });
            }
            self.token_words.push(number);
        }
        let token = Token { start, parts, all: (self.token_words.len() as u32 - start) as u16 };
        if self.words.len() > MAX_WORDS {
            return Err(BuildError::TooManyWords);
        }
        self.tokens.insert(text.into(), token);
        Ok(token)
    }

    fn finish_document(&mut self) {
        if self.has_documents {
            self.names.push(self.document, &self.document_names);
            self.document_names.clear();
        }
    }

    /// The finished index.
    pub fn build(mut self) -> Result<TextIndex, BuildError> {
        self.finish_document();
        drop(self.tokens);
        let mut sorted: Vec<(Box<str>, u32)> = self.numbers.into_iter().collect();
        sorted.sort_unstable();
        for word in &mut self.words {
            word.flush();
        }
        // A token of a stop word in a description is learnt and occurs nowhere: such words are left out.
        sorted.retain(|(_, number)| self.words[*number as usize].seen != 0);
        let mut numbers = vec![0; self.words.len()];
        for (new, (_, old)) in sorted.iter().enumerate() {
            numbers[*old as usize] = new as u32;
        }
        let mut index = TextIndex::with_names(self.names.renumbered(&numbers));
        index.reserve(sorted.len(), self.words.iter().map(|word| word.postings.bytes()).sum());
        let mut words = MapBuilder::memory();
        let mut stems = Vec::new();
        for (new, (text, old)) in sorted.iter().enumerate() {
            let word = std::mem::take(&mut self.words[*old as usize]);
            words.insert(text.as_bytes(), new as u64)?;
            gather_stems(text, new as u32, word.seen, &mut stems);
            index.push_word(word.postings, word.seen_in_names);
        }
        index.set_words(words.into_map());
        index.set_stems(stems)?;
        index.finish();
        Ok(index)
    }
}

/// Notes the stems of a word in the languages it occurs in.
fn gather_stems(text: &str, word: u32, seen: u8, stems: &mut Vec<(Vec<u8>, u32)>) {
    for language in Language::STEMMED.into_iter().filter(|language| languages(seen) & language.bit() != 0) {
        stems.extend(stem(text, language).map(|stem| (TextIndex::stem_key(&stem, language), word)));
    }
}
