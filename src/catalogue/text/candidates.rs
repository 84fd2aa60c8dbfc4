//! The documents of one segment that hold the words of a query.

use super::expand::{Expansion, Expansions};
use super::names::add_match;
use super::segment::Segment;
use super::weight::{Contribution, Scope, highest_bonus_of_names, highest_name_bonus};

/// From how many postings a document on it is cheaper to gather in an array over all documents than to sort.
const DOCUMENTS_A_POSTING: usize = 8;

/// A document on its way to be a hit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Candidate {
    /// Its number in the index of its segment.
    pub(super) document: u32,
    /// Worth of the words found so far.
    pub(super) worth: u32,
    /// How many words were found.
    pub(super) found: u16,
    /// How many of them in names.
    pub(super) in_names: u16,
}

impl Candidate {
    fn add(&mut self, contribution: Contribution) {
        self.worth += contribution.worth();
        self.found += u16::from(!contribution.is_none());
        self.in_names += u16::from(contribution.is_in_name());
    }
}

/// The words of a query in one segment.
pub(super) struct SegmentQuery<'a> {
    segment: Segment<'a>,
    scope: Scope,
    /// By word of the query.
    words: Vec<&'a [Expansion]>,
    /// For names: most words of a name match nothing, and this tells so at once.
    filter: WordFilter,
    /// Whether each word of the query stands for one word of the segment.
    is_plain: bool,
}

/// A set of words that may answer yes for a word not in it: one bit for all words with the same low bits.
struct WordFilter([u64; 64]);

impl WordFilter {
    fn new(words: &[&[Expansion]]) -> Self {
        let mut bits = [0; 64];
        for expansion in words.iter().copied().flatten() {
            bits[(expansion.word >> 6 & 63) as usize] |= 1 << (expansion.word & 63);
        }
        Self(bits)
    }

    #[inline]
    fn may_hold(&self, word: u32) -> bool {
        self.0[(word >> 6 & 63) as usize] >> (word & 63) & 1 != 0
    }
}

impl<'a> SegmentQuery<'a> {
    /// The words of a query, each with its expansions, in the segment with this place among those searched.
    pub(super) fn new(segment: Segment<'a>, index: usize, scope: Scope, words: &'a [Expansions]) -> Self {
        let words: Vec<&[Expansion]> = words.iter().map(|expansions| expansions[index].as_slice()).collect();
        let is_plain = words.iter().all(|expansions| expansions.iter().all(|expansion| expansion.word == expansions[0].word));
        Self { segment, scope, filter: WordFilter::new(&words), words, is_plain }
    }

    /// Prepares for [`ShardQuery::score`] of these candidates.
    pub(super) fn fetch_names<'b>(&self, candidates: impl Iterator<Item = &'b Candidate>) {
        self.segment.index.names.fetch(candidates.filter(|candidate| candidate.in_names > 0).map(|candidate| candidate.document));
    }

    /// The score of the candidate cannot be higher.
    pub(super) fn highest_score(&self, candidate: &Candidate) -> u32 {
        let in_names = u32::from(candidate.in_names);
        let bonus = if self.is_plain {
            let shortest = self.segment.index.names.shortest(candidate.document);
            highest_bonus_of_names(in_names, u32::from(shortest.content), u32::from(shortest.units))
        } else {
            highest_name_bonus(in_names)
        };
        candidate.worth + bonus
    }

    /// The score of a candidate: its words and its best name.
    pub(super) fn score(&self, candidate: &Candidate) -> u32 {
        if candidate.in_names == 0 {
            return candidate.worth;
        }
        let matches = |number: u32, languages: u8| {
            let mut matched = (0, 0);
            if !self.filter.may_hold(number) {
                return matched;
            }
            for (index, expansions) in self.words.iter().enumerate() {
                let first = match expansions {
                    [first, ..] if first.word >= number => 0,
                    _ => expansions.partition_point(|expansion| expansion.word < number),
                };
                for expansion in expansions[first..].iter().take_while(|expansion| expansion.word == number) {
                    if expansion.kind.holds_in(languages) {
                        matched = add_match(matched, index, expansion.kind);
                    }
                }
            }
            matched
        };
        candidate.worth + self.segment.index.names.best_bonus(candidate.document, self.words.len() as u32, matches)
    }

    /// The documents that hold all words, rising.
    pub(super) fn with_all_words(&self) -> Vec<Candidate> {
        let mut order: Vec<(usize, &[Expansion])> = self.words.iter().map(|&word| (self.frequency(word), word)).collect();
        order.sort_by_key(|(frequency, _)| *frequency);
        let mut rarest_first = order.into_iter().map(|(_, word)| word);
        let mut candidates = rarest_first.next().map(|word| self.with_word(word)).unwrap_or_default();
        for word in rarest_first {
            if candidates.is_empty() {
                break;
            }
            self.narrow(&mut candidates, word);
        }
        candidates
    }

    /// The documents that hold any of the words, rising.
    pub(super) fn with_any_word(&self) -> Vec<Candidate> {
        let mut all: Vec<Candidate> = Vec::new();
        for word in &self.words {
            all.extend(self.with_word(word));
        }
        all.sort_by_key(|candidate| candidate.document);
        all.dedup_by(|next, kept| {
            let same = next.document == kept.document;
            if same {
                kept.worth += next.worth;
                kept.found += next.found;
                kept.in_names += next.in_names;
            }
            same
        });
        all
    }

    fn frequency(&self, word: &[Expansion]) -> usize {
        word.iter().map(|expansion| self.segment.index.frequency(expansion.word) as usize).sum()
    }

    /// The documents that hold one word, rising.
    fn with_word(&self, word: &[Expansion]) -> Vec<Candidate> {
        let frequency = self.frequency(word);
        let mut candidates: Vec<Candidate> = Vec::with_capacity(frequency.min(self.segment.index.documents()));
        let mut gather = |document, contribution: Contribution| {
            if !contribution.is_none() {
                let mut candidate = Candidate { document, ..Candidate::default() };
                candidate.add(contribution);
                candidates.push(candidate);
            }
        };
        if let [expansion] = word {
            self.each_posting(*expansion, &mut gather);
        } else if frequency * DOCUMENTS_A_POSTING > self.segment.index.documents() {
            let mut best = vec![Contribution::default(); self.segment.index.documents()];
            for &expansion in word {
                self.each_posting(expansion, |document, contribution| {
                    let best = &mut best[document as usize];
                    *best = best.or(contribution);
                });
            }
            for (document, contribution) in best.into_iter().enumerate() {
                gather(document as u32, contribution);
            }
        } else {
            let mut found: Vec<(u32, Contribution)> = Vec::with_capacity(frequency);
            for &expansion in word {
                self.each_posting(expansion, |document, contribution| found.push((document, contribution)));
            }
            found.sort_unstable_by_key(|(document, _)| *document);
            for same in found.chunk_by(|one, other| one.0 == other.0) {
                gather(same[0].0, same.iter().fold(Contribution::default(), |best, (_, contribution)| best.or(*contribution)));
            }
        }
        candidates
    }

    fn each_posting(&self, expansion: Expansion, mut found: impl FnMut(u32, Contribution)) {
        let contributions = self.scope.contributions(expansion.kind);
        for (document, payload) in self.segment.index.postings(expansion.word) {
            if !self.segment.gone.contains(document) {
                found(document, contributions[usize::from(payload)]);
            }
        }
    }

    /// Keeps the candidates that hold one more word.
    fn narrow(&self, candidates: &mut Vec<Candidate>, word: &[Expansion]) {
        let mut best = vec![Contribution::default(); candidates.len()];
        for expansion in word {
            let contributions = self.scope.contributions(expansion.kind);
            let mut postings = self.segment.index.postings(expansion.word);
            let mut index = 0;
            while index < candidates.len() {
                let Some((document, payload)) = postings.seek(candidates[index].document) else {
                    break;
                };
                index += candidates[index..].iter().take_while(|candidate| candidate.document < document).count();
                if candidates.get(index).is_some_and(|candidate| candidate.document == document) {
                    best[index] = best[index].or(contributions[usize::from(payload)]);
                    index += 1;
                }
            }
        }
        let mut contributions = best.into_iter();
        candidates.retain_mut(|candidate| {
            let contribution = contributions.next().unwrap_or_default();
            candidate.add(contribution);
            !contribution.is_none()
        });
    }
}
