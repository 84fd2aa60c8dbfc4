//! Full-text index of the snapshot.
//!
//! A snapshot is made of immutable shards (one a city), each with its own [`TextIndex`]. A search runs over several shards
//! and gives the same answer however the documents are divided among them: no score depends on how often a word occurs, and
//! every decision of the kind "nobody writes this word, so look for spelling mistakes" is taken over all shards together.
//! So an index changed shard by shard answers exactly like one built from nothing. The same holds within a shard: what changed
//! since its index was built is in a small index of its own, and documents of the first that are gone are passed over. Both are
//! [`Segment`]s.
//!
//! The way of a text: [`analyse`](mod@analyse) cuts it into words and folds them (case, accents, apostrophes), `build` gathers which word
//! occurs in which document, `index` is the finished value. The way of a query: `query` reads it, `expand` finds which
//! words of each segment it may mean (the same word, the same stem, a longer word, a misspelt one), `candidates` finds the
//! documents that hold all of them, `rank` puts the best first.
//!
//! | file | subject |
//! |---|---|
//! | `analyse` | text → words; languages; stop words |
//! | `stem` | words of one family → one stem |
//! | `weight` | the table of weights and all arithmetic of scores |
//! | `postings` | packed lists of documents |
//! | `names` | the names of each document, word by word |
//! | `build`, `index` | the builder and the finished index |
//! | `segment` | an index among those searched, and which of its documents are gone |
//! | `query`, `expand`, `candidates`, `rank` | the way of a query |

mod analyse;
mod build;
mod candidates;
mod expand;
mod index;
mod names;
mod postings;
mod query;
mod rank;
mod segment;
mod stem;
mod weight;

#[cfg(test)]
mod oracle;
#[cfg(test)]
mod tests;

pub use analyse::Language;
pub use build::{BuildError, TextIndexBuilder};
pub use index::TextIndex;
pub use query::{MAX_QUERY_CHARACTERS, MAX_QUERY_WORDS, TextError, TextQuery};
pub use rank::{Hit, MatchQuality, Matching, Ranking, Selection, Window, matching, search, suggest};
pub use segment::{Position, Segment};
pub use weight::{Field, Score};
