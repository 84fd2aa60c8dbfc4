//! Which words of each segment a word of the query may mean.
//!
//! Each step is tried in all segments before the next, so that what a word means does not depend on how documents are divided:
//! 1. the same folded word, and words of the same stem (by the language of the document's text);
//! 2. the last word of a query: words that begin with it;
//! 3. words at most one mistake away (4 to 7 letters) or two (8 and more): a letter more, less, other, or two exchanged.

use std::sync::LazyLock;

use levenshtein_automata::{DFA, LevenshteinAutomatonBuilder};

use super::index::TextIndex;
use super::query::QueryWord;
use super::segment::Segment;
use super::weight::{Match, Scope};
use crate::domain::work_budget::{Spent, WorkBudget};

/// Shortest beginning of a word that a search (not a suggestion) completes, in characters.
const MIN_SEARCH_PREFIX: usize = 2;
/// Shortest word that may be misspelt once, in characters.
const MIN_ONE_TYPO: usize = 4;
/// Shortest word that may be misspelt twice, in characters.
const MIN_TWO_TYPOS: usize = 8;

/// Units of work of looking a word up in a segment.
const LOOK_UP_EFFORT: u64 = 40;
/// Words of the vocabulary that an automaton walks past in a unit of work: most are left at their first letters.
const WORDS_A_UNIT: u64 = 8;

/// Tables of all automata for one and for two mistakes, an exchange of neighbours counting as one; made once, some milliseconds.
static ONE_TYPO: LazyLock<LevenshteinAutomatonBuilder> = LazyLock::new(|| LevenshteinAutomatonBuilder::new(1, true));
static TWO_TYPOS: LazyLock<LevenshteinAutomatonBuilder> = LazyLock::new(|| LevenshteinAutomatonBuilder::new(2, true));

/// A word of a segment that a word of the query may mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Expansion {
    /// Number of the word in its segment.
    pub(super) word: u32,
    /// How it is alike.
    pub(super) kind: Match,
}

/// The expansions of one word of the query, by segment; within a segment in order of words, a word more than once if it is alike
/// in more than one way.
pub(super) type Expansions = Vec<Vec<Expansion>>;

/// The meanings nearest to the word as typed: those of the first step that finds any.
pub(super) fn nearest(segments: &[Segment<'_>], word: &QueryWord, budget: &WorkBudget) -> Result<Expansions, Spent> {
    budget.draw(segments.len() as u64 * LOOK_UP_EFFORT)?;
    first_found([
        &mut || Ok(by_segment(segments, Scope::AllFields, |index, found| same_word_or_stem(index, word, found))),
        &mut || Ok(by_segment(segments, Scope::AllFields, |index, found| longer_words(index, word, MIN_SEARCH_PREFIX, found))),
        &mut || misspelt(segments, word, Misspelling::ANYWHERE, budget),
    ])
}

/// All meanings of the word, of all steps.
pub(super) fn widest(segments: &[Segment<'_>], word: &QueryWord, budget: &WorkBudget) -> Result<Expansions, Spent> {
    let mut all = misspelt(segments, word, Misspelling::ANYWHERE, budget)?;
    for (segment, found) in segments.iter().zip(&mut all) {
        same_word_or_stem(segment.index, word, found);
        longer_words(segment.index, word, MIN_SEARCH_PREFIX, found);
        found.sort_unstable();
    }
    Ok(all)
}

/// The meanings of a word within names, for suggestions: the last word is completed from its first letter on, whether or not
/// it is a word already.
pub(super) fn in_names(segments: &[Segment<'_>], word: &QueryWord, budget: &WorkBudget) -> Result<Expansions, Spent> {
    budget.draw(segments.len() as u64 * LOOK_UP_EFFORT)?;
    first_found([
        &mut || {
            Ok(by_segment(segments, Scope::Names, |index, found| {
                same_word_or_stem(index, word, found);
                longer_words(index, word, 1, found);
            }))
        },
        &mut || misspelt(segments, word, Misspelling { scope: Scope::Names, is_beginning: word.is_last }, budget),
    ])
}

fn first_found<const STEPS: usize>(steps: [&mut dyn FnMut() -> Result<Expansions, Spent>; STEPS]) -> Result<Expansions, Spent> {
    let mut expansions = Vec::new();
    for step in steps {
        expansions = step()?;
        if expansions.iter().any(|found| !found.is_empty()) {
            break;
        }
    }
    Ok(expansions)
}

fn by_segment(segments: &[Segment<'_>], scope: Scope, mut find: impl FnMut(&TextIndex, &mut Vec<Expansion>)) -> Expansions {
    let in_scope = |segment: &Segment<'_>| {
        let mut found = Vec::new();
        find(segment.index, &mut found);
        found.retain(|expansion: &Expansion| segment.has(expansion.word, expansion.kind, scope));
        found.sort_unstable();
        found
    };
    segments.iter().map(in_scope).collect()
}

fn same_word_or_stem(index: &TextIndex, word: &QueryWord, found: &mut Vec<Expansion>) {
    let same = index.word(&word.text);
    found.extend(same.map(|word| Expansion { word, kind: Match::EXACT }));
    for stem in &word.stems {
        let family = index.family(&stem.key).iter().filter(|&&relative| Some(relative) != same);
        found.extend(family.map(|&word| Expansion { word, kind: Match::stem(stem.language) }));
    }
}

fn longer_words(index: &TextIndex, word: &QueryWord, least: usize, found: &mut Vec<Expansion>) {
    if word.is_last && word.characters >= least {
        let longer = index.beginning_with(&word.text).filter(|&number| Some(number) != index.word(&word.text));
        found.extend(longer.map(|word| Expansion { word, kind: Match::PREFIX }));
    }
}

/// Where a word may be misspelt.
#[derive(Clone, Copy)]
struct Misspelling {
    scope: Scope,
    /// Whether the word may be the beginning of a longer one.
    is_beginning: bool,
}

impl Misspelling {
    /// A whole word of any field.
    const ANYWHERE: Self = Self { scope: Scope::AllFields, is_beginning: false };
}

/// Words spelt nearly like the word, or beginning nearly like it.
fn misspelt(
    segments: &[Segment<'_>],
    word: &QueryWord,
    Misspelling { scope, is_beginning }: Misspelling,
    budget: &WorkBudget,
) -> Result<Expansions, Spent> {
    let Some(automaton) = automaton(word, is_beginning) else {
        return Ok(vec![Vec::new(); segments.len()]);
    };
    let vocabulary: usize = segments.iter().map(|segment| segment.index.words()).sum();
    budget.draw(segments.len() as u64 * LOOK_UP_EFFORT + vocabulary as u64 / WORDS_A_UNIT)?;
    Ok(by_segment(segments, scope, |index, found| {
        index.similar(&automaton, |word, distance| {
            let kind = match distance {
                0 => return,
                1 => Match::ONE_TYPO,
                _ => Match::TWO_TYPOS,
            };
            found.push(Expansion { word, kind });
        });
    }))
}

/// Words with a digit (years, road numbers) are no spelling mistakes of each other.
fn automaton(word: &QueryWord, beginning: bool) -> Option<DFA> {
    if word.characters < MIN_ONE_TYPO || word.text.contains(char::is_numeric) {
        return None;
    }
    let builder = if word.characters < MIN_TWO_TYPOS { &ONE_TYPO } else { &TWO_TYPOS };
    Some(if beginning { builder.build_prefix_dfa(&word.text) } else { builder.build_dfa(&word.text) })
}
