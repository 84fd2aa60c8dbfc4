//! The best documents of several segments, and all that match.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::candidates::{Candidate, SegmentQuery};
use super::expand::{Expansion, Expansions, in_names, nearest, widest};
use super::query::TextQuery;
use super::segment::{Position, Segment};
use super::weight::{Scope, Score};
use crate::domain::work_budget::{Spent, WorkBudget};

/// What the caller knows of documents. Only documents that match are asked about, and in a search only those that may be among
/// the best; `tie_break` before `accept`, because it is the cheaper.
pub struct Selection<'a, A, T> {
    /// Whether a document may be shown. Decisions (are there documents with all words?) count these only.
    pub accept: A,
    /// Order among equal scores, lesser first: a key that no two documents share, and that stays the same from page to page.
    pub tie_break: T,
    /// What the search draws from.
    pub budget: &'a WorkBudget,
}

/// Which part of the ranking is wanted.
#[derive(Clone, Debug)]
pub struct Window<K> {
    /// At most this many hits.
    pub limit: usize,
    /// Only hits that come after this score and key.
    pub after: Option<(Score, K)>,
}

/// A document found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit<K> {
    /// The document.
    pub position: Position,
    /// How well it answers.
    pub score: Score,
    /// Its key among equal scores.
    pub key: K,
}

/// How far the documents found answer the query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MatchQuality {
    /// They hold all words, as typed or alike (same stem, completed, misspelt).
    AllWords,
    /// No document holds all; these hold the most.
    SomeWords {
        /// Words of the query each of them holds.
        found: usize,
        /// Words of the query.
        of: usize,
    },
    /// No document holds any word.
    Nothing,
}

impl MatchQuality {
    /// Whether words had to be left out to find anything.
    pub fn is_relaxed(self) -> bool {
        matches!(self, Self::SomeWords { .. })
    }
}

/// The best documents, best first: by score falling, then by the caller's key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ranking<K> {
    /// The hits.
    pub hits: Vec<Hit<K>>,
    /// How far they answer the query.
    pub quality: MatchQuality,
}

/// All documents that match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matching {
    /// By shard, the accepted documents that match, rising.
    pub documents: Vec<Vec<u32>>,
    /// How far they answer the query.
    pub quality: MatchQuality,
}

impl Matching {
    /// How many documents match.
    pub fn count(&self) -> usize {
        self.documents.iter().map(Vec::len).sum()
    }
}

/// The documents that answer a query, best first. Those with all words; when no accepted document has them all, those with
/// all words at the widest reading (completed, misspelt); when there are none either, those with the most words.
pub fn search<K: Ord>(
    segments: &[Segment<'_>],
    query: &TextQuery,
    selection: &Selection<'_, impl Fn(Position) -> bool, impl Fn(Position) -> K>,
    window: &Window<K>,
) -> Result<Ranking<K>, Spent> {
    let found = Found::new(segments, query, &selection.accept, selection.budget)?;
    selection.budget.draw(found.effort())?;
    let hits = best(segments, &found, selection, window);
    Ok(Ranking { hits, quality: found.quality })
}

/// All documents that [`search`] ranks, unranked: for filters and totals. The segments come in the order of their shards, and
/// those of a shard in the order of their documents.
pub fn matching(
    segments: &[Segment<'_>],
    query: &TextQuery,
    accept: impl Fn(Position) -> bool,
    budget: &WorkBudget,
) -> Result<Matching, Spent> {
    let found = Found::new(segments, query, &accept, budget)?;
    budget.draw(found.effort())?;
    let mut documents = vec![Vec::new(); segments.last().map_or(0, |last| last.shard + 1)];
    for (segment, candidates) in segments.iter().zip(&found.candidates) {
        let positions = candidates.iter().map(|candidate| segment.position(candidate.document));
        documents[segment.shard].extend(positions.filter(|position| accept(*position)).map(|position| position.document));
    }
    Ok(Matching { documents, quality: found.quality })
}

/// The documents one of whose names has the words typed so far ([`TextQuery::parse_prefix`]), best first; the last word may be unfinished. Words nobody
/// has in a name are taken for misspelt.
pub fn suggest<K: Ord>(
    segments: &[Segment<'_>],
    query: &TextQuery,
    selection: &Selection<'_, impl Fn(Position) -> bool, impl Fn(Position) -> K>,
    limit: usize,
) -> Result<Vec<Hit<K>>, Spent> {
    let budget = selection.budget;
    let words = query.words().iter().map(|word| in_names(segments, word, budget)).collect::<Result<_, _>>()?;
    let found = Found::with_all_words(segments, words, Scope::Names, budget)?;
    budget.draw(found.effort())?;
    Ok(best(segments, &found, selection, &Window { limit, after: None }))
}

/// Candidates of all segments, not yet filtered.
struct Found {
    words: Vec<Expansions>,
    scope: Scope,
    /// By segment.
    candidates: Vec<Vec<Candidate>>,
    quality: MatchQuality,
}

impl Found {
    fn new(segments: &[Segment<'_>], query: &TextQuery, accept: &impl Fn(Position) -> bool, budget: &WorkBudget) -> Result<Self, Spent> {
        let words = query.words().iter().map(|word| nearest(segments, word, budget)).collect::<Result<Vec<Expansions>, _>>()?;
        let strict = Self::with_all_words(segments, words, Scope::AllFields, budget)?;
        budget.draw(strict.effort())?;
        if strict.any(segments, accept, |_| true) {
            return Ok(strict);
        }
        let wide_words = query.words().iter().map(|word| widest(segments, word, budget)).collect::<Result<_, _>>()?;
        let wide = Self::with_all_words(segments, wide_words, Scope::AllFields, budget)?;
        budget.draw(wide.effort())?;
        if wide.any(segments, accept, |_| true) {
            return Ok(wide);
        }
        strict.with_most_words(segments, accept, budget)
    }

    /// Units of work of looking at every candidate.
    fn effort(&self) -> u64 {
        2 * self.candidates.iter().map(Vec::len).sum::<usize>() as u64
    }

    fn with_all_words(segments: &[Segment<'_>], words: Vec<Expansions>, scope: Scope, budget: &WorkBudget) -> Result<Self, Spent> {
        budget.draw(postings(segments, &words))?;
        let of_segment = |(index, segment): (usize, &Segment<'_>)| SegmentQuery::new(*segment, index, scope, &words).with_all_words();
        let candidates = segments.iter().enumerate().map(of_segment).collect();
        Ok(Self { words, scope, candidates, quality: MatchQuality::AllWords })
    }

    fn with_most_words(mut self, segments: &[Segment<'_>], accept: &impl Fn(Position) -> bool, budget: &WorkBudget) -> Result<Self, Spent> {
        // Gathered and sorted, and then looked through once for each number of words.
        budget.draw(postings(segments, &self.words).saturating_mul(4 + self.words.len() as u64))?;
        let of_segment =
            |(index, segment): (usize, &Segment<'_>)| SegmentQuery::new(*segment, index, self.scope, &self.words).with_any_word();
        self.candidates = segments.iter().enumerate().map(of_segment).collect();
        let of = self.words.len();
        let most = (1..=of).rev().find(|&found| self.any(segments, accept, |candidate| usize::from(candidate.found) == found));
        for candidates in &mut self.candidates {
            candidates.retain(|candidate| Some(usize::from(candidate.found)) == most);
        }
        self.quality = most.map_or(MatchQuality::Nothing, |found| MatchQuality::SomeWords { found, of });
        Ok(self)
    }

    /// Whether an accepted document is among the candidates that `which` picks.
    fn any(&self, segments: &[Segment<'_>], accept: &impl Fn(Position) -> bool, which: impl Fn(&Candidate) -> bool) -> bool {
        segments.iter().zip(&self.candidates).any(|(segment, candidates)| {
            let mut picked = candidates.iter().filter(|candidate| which(candidate));
            picked.any(|candidate| accept(segment.position(candidate.document)))
        })
    }
}

/// How many postings the words have in all segments.
fn postings(segments: &[Segment<'_>], words: &[Expansions]) -> u64 {
    let in_segment = |(segment, found): (&Segment<'_>, &Vec<Expansion>)| {
        found.iter().map(|expansion| 1 + u64::from(segment.index.frequency(expansion.word))).sum::<u64>()
    };
    words.iter().map(|by_segment| segments.iter().zip(by_segment).map(in_segment).sum::<u64>()).sum()
}

/// Order of hits: greater is worse.
type Rank<K> = (Reverse<Score>, K, Position);

/// How many candidates' names are fetched together.
const FETCHED_TOGETHER: usize = 32;

/// The best hits of the window. A candidate whose highest possible score cannot enter is passed over before its names are
/// read and the caller is asked.
fn best<K: Ord>(
    segments: &[Segment<'_>],
    found: &Found,
    selection: &Selection<'_, impl Fn(Position) -> bool, impl Fn(Position) -> K>,
    window: &Window<K>,
) -> Vec<Hit<K>> {
    let mut top = Top { heap: BinaryHeap::new(), window };
    if window.limit == 0 {
        return Vec::new();
    }
    let queries: Vec<SegmentQuery<'_>> =
        segments.iter().enumerate().map(|(index, segment)| SegmentQuery::new(*segment, index, found.scope, &found.words)).collect();
    let bounds: Vec<Vec<u32>> = queries
        .iter()
        .zip(&found.candidates)
        .map(|(query, candidates)| candidates.iter().map(|candidate| query.highest_score(candidate)).collect())
        .collect();
    let promising = promising(&bounds, window.limit);
    // Those that can be best come first: few of the others then have to be looked at.
    for is_promising in [true, false] {
        for (index, (query, candidates)) in queries.iter().zip(&found.candidates).enumerate() {
            let place = |candidate: &Candidate| segments[index].position(candidate.document);
            for (together, bounds) in candidates.chunks(FETCHED_TOGETHER).zip(bounds[index].chunks(FETCHED_TOGETHER)) {
                let may_enter = |top: &Top<'_, K>, (candidate, bound): &(&Candidate, &u32)| {
                    (**bound >= promising) == is_promising && top.may_enter_at(Score(**bound), || (selection.tie_break)(place(candidate)))
                };
                let with_bounds = || together.iter().zip(bounds);
                query.fetch_names(with_bounds().filter(|pair| may_enter(&top, pair)).map(|(candidate, _)| candidate));
                for pair in with_bounds() {
                    if !may_enter(&top, &pair) {
                        continue;
                    }
                    let score = Score(query.score(pair.0));
                    let is_before_window = window.after.as_ref().is_some_and(|(after, _)| score > *after);
                    if !is_before_window && top.may_enter(score) {
                        top.offer(score, place(pair.0), selection);
                    }
                }
            }
        }
    }
    let hits = top.heap.into_sorted_vec().into_iter();
    hits.map(|(Reverse(score), key, position)| Hit { position, score, key }).collect()
}

/// The bound that so many candidates as are wanted reach.
fn promising(bounds: &[Vec<u32>], wanted: usize) -> u32 {
    let mut all: Vec<u32> = bounds.concat();
    if all.len() <= wanted {
        return 0;
    }
    *all.select_nth_unstable_by(wanted - 1, |one, other| other.cmp(one)).1
}

/// The best hits so far, the worst of them on top.
struct Top<'a, K> {
    heap: BinaryHeap<Rank<K>>,
    window: &'a Window<K>,
}

impl<K: Ord> Top<'_, K> {
    /// The hit that must be beaten, once there are enough.
    fn worst(&self) -> Option<&Rank<K>> {
        self.heap.peek().filter(|_| self.heap.len() >= self.window.limit)
    }

    fn may_enter(&self, score: Score) -> bool {
        self.worst().is_none_or(|(Reverse(worst), ..)| score >= *worst)
    }

    /// The same for a score that is the highest possible: where it only equals the worst, the key decides.
    fn may_enter_at(&self, score: Score, key: impl FnOnce() -> K) -> bool {
        self.worst().is_none_or(|(Reverse(worst), worst_key, _)| score > *worst || (score == *worst && key() < *worst_key))
    }

    fn offer(&mut self, score: Score, position: Position, selection: &Selection<'_, impl Fn(Position) -> bool, impl Fn(Position) -> K>) {
        let key = (selection.tie_break)(position);
        let after = self.window.after.as_ref();
        let is_before_window = after.is_some_and(|(after, after_key)| score == *after && key <= *after_key);
        let is_worse = self.worst().is_some_and(|(Reverse(worst), worst_key, _)| score == *worst && key > *worst_key);
        if is_before_window || is_worse || !(selection.accept)(position) {
            return;
        }
        self.heap.push((Reverse(score), key, position));
        if self.heap.len() > self.window.limit {
            self.heap.pop();
        }
    }
}
