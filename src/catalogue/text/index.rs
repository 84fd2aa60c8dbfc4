//! The finished index of one shard.

use std::fmt;

use fst::automaton::{Automaton, Str};
use fst::{IntoStreamer, Map, MapBuilder, Streamer};
use levenshtein_automata::{DFA, Distance};

use super::analyse::Language;
use super::names::Names;
use super::postings::{Postings, PostingsWriter, Skip};
use super::weight::{Match, languages};

/// Which words occur in which documents of one shard, and the documents' names. Immutable; built by
/// [`TextIndexBuilder`](super::TextIndexBuilder).
#[derive(Clone, Default)]
pub struct TextIndex {
    /// Folded word → its number, which is its place in the order of words.
    words: Map<Vec<u8>>,
    /// Language and stem → place in `stem_words`.
    stems: Map<Vec<u8>>,
    /// For each stem: how many words, then their numbers.
    stem_words: Vec<u32>,
    /// By word number.
    entries: Vec<Entry>,
    postings: Vec<u8>,
    skips: Vec<Skip>,
    pub(super) names: Names,
}

/// Where the postings of a word are; they end where those of the next begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Entry {
    postings: u64,
    skips: u32,
    documents: u32,
    /// Payloads of the documents that have the word in a name, together; 0 when there are none.
    seen_in_names: u8,
}

impl TextIndex {
    /// Number of distinct words.
    pub fn words(&self) -> usize {
        self.entries.len()
    }

    /// Number of documents: one more than the highest added.
    pub fn documents(&self) -> usize {
        self.names.documents()
    }

    /// Memory on the heap, in bytes.
    pub fn heap_bytes(&self) -> usize {
        self.words.as_fst().size()
            + self.stems.as_fst().size()
            + self.stem_words.capacity() * size_of::<u32>()
            + self.entries.capacity() * size_of::<Entry>()
            + self.postings.capacity()
            + self.skips.capacity() * size_of::<Skip>()
            + self.names.heap_bytes()
    }

    /// An index that knows the documents' names and no words yet.
    pub(super) fn with_names(names: Names) -> Self {
        Self { names, ..Self::default() }
    }

    /// Takes the dictionary of words.
    pub(super) fn set_words(&mut self, words: Map<Vec<u8>>) {
        self.words = words;
    }

    /// Makes room, so that growing does not double the memory.
    pub(super) fn reserve(&mut self, words: usize, postings: usize) {
        self.entries.reserve_exact(words);
        self.postings.reserve_exact(postings);
    }

    /// Appends the next word in order.
    pub(super) fn push_word(&mut self, writer: PostingsWriter, seen_in_names: u8) {
        let entry =
            Entry { postings: self.postings.len() as u64, skips: self.skips.len() as u32, documents: writer.count(), seen_in_names };
        let (bytes, skips) = writer.into_parts();
        self.entries.push(entry);
        self.postings.extend_from_slice(&bytes);
        self.skips.extend_from_slice(&skips);
    }

    /// Takes the stems with their words, in any order.
    pub(super) fn set_stems(&mut self, mut stems: Vec<(Vec<u8>, u32)>) -> Result<(), fst::Error> {
        stems.sort_unstable();
        let mut map = MapBuilder::memory();
        for family in stems.chunk_by(|one, other| one.0 == other.0) {
            map.insert(&family[0].0, self.stem_words.len() as u64)?;
            self.stem_words.push(family.len() as u32);
            self.stem_words.extend(family.iter().map(|(_, word)| word));
        }
        self.stems = map.into_map();
        Ok(())
    }

    /// Gives back memory that was kept for growth.
    pub(super) fn finish(&mut self) {
        self.entries.shrink_to_fit();
        self.stem_words.shrink_to_fit();
        self.postings.shrink_to_fit();
        self.skips.shrink_to_fit();
    }

    /// The key of a stem in the dictionary of stems.
    pub(super) fn stem_key(stem: &str, language: Language) -> Vec<u8> {
        let mut key = Vec::with_capacity(stem.len() + 1);
        key.push(language.bit());
        key.extend_from_slice(stem.as_bytes());
        key
    }

    /// The number of a folded word.
    pub(super) fn word(&self, text: &str) -> Option<u32> {
        self.words.get(text).map(|number| number as u32)
    }

    /// The words of a family that occur in texts of its language, by [`TextIndex::stem_key`].
    pub(super) fn family(&self, stem_key: &[u8]) -> &[u32] {
        let Some(start) = self.stems.get(stem_key) else {
            return &[];
        };
        let start = start as usize;
        &self.stem_words[start + 1..=start + self.stem_words[start] as usize]
    }

    /// The words that begin with `prefix`: a run of numbers.
    pub(super) fn beginning_with(&self, prefix: &str) -> std::ops::Range<u32> {
        let mut stream = self.words.search(Str::new(prefix).starts_with()).into_stream();
        let Some((_, first)) = stream.next() else {
            return 0..0;
        };
        // Behind the last word with the prefix stands the first word that is not less than the prefix raised by one.
        let mut bound = prefix.as_bytes().to_vec();
        while let Some(last) = bound.pop() {
            if last < u8::MAX {
                bound.push(last + 1);
                break;
            }
        }
        let end = self.words.range().ge(&bound).into_stream().next().map_or(self.entries.len() as u64, |(_, number)| number);
        first as u32..end as u32
    }

    /// The words `automaton` accepts, each with its distance.
    pub(super) fn similar(&self, automaton: &DFA, mut found: impl FnMut(u32, u8)) {
        let mut stream = self.words.search_with_state(automaton).into_stream();
        while let Some((_, number, state)) = stream.next() {
            if let Distance::Exact(distance) = automaton.distance(state) {
                found(number as u32, distance);
            }
        }
    }

    /// How many documents hold the word.
    pub(super) fn frequency(&self, word: u32) -> u32 {
        self.entries[word as usize].documents
    }

    /// Whether some document that has the word in a name has it so that `kind` holds.
    pub(super) fn is_in_names(&self, word: u32, kind: Match) -> bool {
        let seen = self.entries[word as usize].seen_in_names;
        seen != 0 && kind.holds_in(languages(seen))
    }

    /// The documents that hold the word.
    pub(super) fn postings(&self, word: u32) -> Postings<'_> {
        let word = word as usize;
        let entry = &self.entries[word];
        let (postings, skips) = self
            .entries
            .get(word + 1)
            .map_or((self.postings.len(), self.skips.len()), |next| (next.postings as usize, next.skips as usize));
        Postings::new(&self.postings[entry.postings as usize..postings], &self.skips[entry.skips as usize..skips])
    }
}

impl PartialEq for TextIndex {
    fn eq(&self, other: &Self) -> bool {
        self.words.as_fst().as_bytes() == other.words.as_fst().as_bytes()
            && self.stems.as_fst().as_bytes() == other.stems.as_fst().as_bytes()
            && (&self.stem_words, &self.entries, &self.postings) == (&other.stem_words, &other.entries, &other.postings)
            && (&self.skips, &self.names) == (&other.skips, &other.names)
    }
}

impl fmt::Debug for TextIndex {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("TextIndex")
            .field("documents", &self.documents())
            .field("words", &self.words())
            .field("heap_bytes", &self.heap_bytes())
            .finish()
    }
}
