//! The names of each document, word by word, and how a query covers them. Names spelt alike in several languages are kept once.
//!
//! A document's record is, for each name: one byte `words << 3 | language bits`, then three bytes a word, the lowest first:
//! `word << 1 | is stop word`. Names are read for many candidates of a search; a fixed width reads twice as fast as LEB128 and
//! takes no more room.

use super::weight::{CONTENT_WORD_UNITS, Match, NameCoverage, STOP_WORD_UNITS, name_bonus};

/// Longest name compared word by word; the words beyond are searched and do not count in the bonus.
pub(super) const MAX_NAME_WORDS: usize = 31;

/// Most words of a shard that names can tell apart.
pub(super) const MAX_WORDS: usize = 1 << 23;

/// Bytes of a word in a record.
const WIDTH: usize = 3;

/// Bit of a stored word that marks stop words.
const STOP: u32 = 1;

/// Names of all documents of a shard.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Names {
    /// Start of each document's record; one more than documents.
    starts: Vec<u32>,
    bytes: Vec<u8>,
    /// By document, what its shortest name has: a bound on the bonus that costs two bytes to read instead of the names.
    shortest: Vec<Shortest>,
}

/// The least that any name of a document has; nothing, where a name says a word twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Shortest {
    /// Words that are no stop words.
    pub(super) content: u8,
    /// Units of all words.
    pub(super) units: u8,
}

impl Shortest {
    fn of(names: &[Name]) -> Self {
        let each = names.iter().map(|name| {
            let stop = name.words.iter().filter(|word| **word & STOP != 0).count() as u32;
            let content = name.words.len() as u32 - stop;
            let mut words = name.words.clone();
            words.sort_unstable();
            let is_repeated = words.windows(2).any(|pair| pair[0] >> 1 == pair[1] >> 1);
            let units = content * CONTENT_WORD_UNITS + stop * STOP_WORD_UNITS;
            // At most 31 words of 4 units: 124.
            if is_repeated { Self::default() } else { Self { content: content as u8, units: units as u8 } }
        });
        each.reduce(|one, other| Self { content: one.content.min(other.content), units: one.units.min(other.units) }).unwrap_or_default()
    }
}

/// One name while it is written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Name {
    /// Languages, as bits.
    pub(super) languages: u8,
    /// Words, as numbers of the shard, `<< 1 | is stop word`.
    pub(super) words: Vec<u32>,
}

impl Name {
    /// Appends a word.
    pub(super) fn push(&mut self, word: u32, is_stop_word: bool) {
        if self.words.len() < MAX_NAME_WORDS {
            self.words.push(word << 1 | u32::from(is_stop_word));
        }
    }
}

impl Names {
    /// Appends the names of `document`; documents between the last one and it get none.
    pub(super) fn push(&mut self, document: u32, names: &[Name]) {
        self.starts.resize(document as usize + 1, self.bytes.len() as u32);
        self.shortest.resize(document as usize, Shortest::default());
        self.shortest.push(Shortest::of(names));
        for name in names {
            self.bytes.push((name.words.len() as u8) << 3 | name.languages);
            for &word in &name.words {
                self.bytes.extend_from_slice(&word.to_le_bytes()[..WIDTH]);
            }
        }
    }

    /// The same names with each word renumbered by `numbers`.
    pub(super) fn renumbered(mut self, numbers: &[u32]) -> Self {
        self.starts.push(self.bytes.len() as u32);
        let mut rest = self.bytes.as_mut_slice();
        while let Some((head, after)) = rest.split_first_mut() {
            let (words, next) = after.split_at_mut(usize::from(*head >> 3) * WIDTH);
            for bytes in words.chunks_exact_mut(WIDTH) {
                let word = read_word(bytes);
                let renumbered = numbers[(word >> 1) as usize] << 1 | word & STOP;
                bytes.copy_from_slice(&renumbered.to_le_bytes()[..WIDTH]);
            }
            rest = next;
        }
        self.bytes.shrink_to_fit();
        self.starts.shrink_to_fit();
        self.shortest.shrink_to_fit();
        self
    }

    /// How many documents there are, gaps included.
    pub(super) fn documents(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// Bytes on the heap.
    pub(super) fn heap_bytes(&self) -> usize {
        self.bytes.capacity() + self.starts.capacity() * size_of::<u32>() + self.shortest.capacity() * size_of::<Shortest>()
    }

    /// Has the records of several documents fetched from memory at once, where reading one after the other would wait for each.
    pub(super) fn fetch(&self, documents: impl Iterator<Item = u32>) {
        let first_byte = |document: u32| self.bytes.get(*self.starts.get(document as usize)? as usize);
        let sum = documents.filter_map(first_byte).fold(0, |sum: u8, byte| sum ^ byte);
        std::hint::black_box(sum);
    }

    /// What the shortest name of the document has.
    pub(super) fn shortest(&self, document: u32) -> Shortest {
        self.shortest.get(document as usize).copied().unwrap_or_default()
    }

    /// The highest bonus any name of the document gives; `matches` tells for a word and its languages which words of the query
    /// it matches (bits) and the factor of the best match.
    pub(super) fn best_bonus(&self, document: u32, query_words: u32, matches: impl Fn(u32, u8) -> (u16, u32)) -> u32 {
        let Some(&[start, end]) = self.starts.get(document as usize..document as usize + 2) else {
            return 0;
        };
        let mut rest = &self.bytes[start as usize..end as usize];
        let mut best = 0;
        while let Some((head, after)) = rest.split_first() {
            let (words, next) = after.split_at(usize::from(*head >> 3) * WIDTH);
            best = best.max(name_bonus(coverage(words, head & 7, query_words, &matches)));
            rest = next;
        }
        best
    }
}

#[inline]
fn read_word(bytes: &[u8]) -> u32 {
    u32::from(bytes[0]) | u32::from(bytes[1]) << 8 | u32::from(bytes[2]) << 16
}

/// How the query covers the name of these words in these languages.
#[inline]
fn coverage(words: &[u8], languages: u8, query_words: u32, matches: &impl Fn(u32, u8) -> (u16, u32)) -> NameCoverage {
    let mut coverage = NameCoverage::default();
    let (mut covered, mut previous, mut unmatched, mut content) = (0_u16, 0_u16, 0, 0);
    for word in words.chunks_exact(WIDTH).map(read_word) {
        let is_stop_word = word & STOP != 0;
        let units = if is_stop_word { STOP_WORD_UNITS } else { CONTENT_WORD_UNITS };
        coverage.units += units;
        let (bits, factor) = matches(word >> 1, languages);
        coverage.matched += units * factor;
        covered |= bits;
        if !is_stop_word || bits != 0 {
            content += 1;
            unmatched += u32::from(bits == 0);
            coverage.adjacent += u32::from(previous << 1 & bits != 0);
            previous = bits;
        }
    }
    coverage.covered = covered.count_ones();
    coverage.is_whole = content > 0 && unmatched == 0 && coverage.covered == query_words;
    coverage
}

/// What a word of a name matches: the query's words as bits, and the factor of the best match.
#[inline]
pub(super) fn add_match((bits, factor): (u16, u32), query_word: usize, kind: Match) -> (u16, u32) {
    (bits | 1 << query_word, factor.max(kind.factor()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_name_counts() {
        let mut names = Names::default();
        let name = |words: &[u32]| Name { languages: 1, words: words.iter().map(|word| word << 1).collect() };
        names.push(0, &[name(&[0, 1, 2]), name(&[0, 2])]);
        names.push(3, &[name(&[2, 0])]);
        let names = names.renumbered(&[500, 600, 700]);
        assert_eq!(names.documents(), 4);
        let matches = |word: u32, _: u8| match word {
            500 => (1, 16),
            700 => (2, 16),
            _ => (0, 0),
        };
        let whole = 192 * 16 * 2;
        assert_eq!(names.best_bonus(0, 2, matches), whole + 64);
        assert_eq!(names.best_bonus(3, 2, matches), whole);
        assert_eq!(names.best_bonus(1, 2, matches), 0);
        assert_eq!(names.best_bonus(9, 2, matches), 0);
    }
}
