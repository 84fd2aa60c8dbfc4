//! What the index must answer, worked out the slow way: every document is read for every query, with plain string operations.
//! Shares the stemmers and the list of stop words with the index and nothing else.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::analyse::{Language, is_stop_word};
use super::stem::stem;
use super::weight::Field;

/// The texts of a document.
pub(super) type Texts = Vec<(Field, Language, String)>;

const LANGUAGES: [Language; 3] = [Language::Portuguese, Language::English, Language::Spanish];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Alike {
    Exact,
    Stem(Language),
    Prefix,
    Typos(usize),
}

impl Alike {
    fn factor(self) -> u32 {
        match self {
            Self::Exact => 16,
            Self::Stem(_) => 13,
            Self::Prefix => 10,
            Self::Typos(1) => 8,
            Self::Typos(_) => 5,
        }
    }
}

struct Document {
    /// Word → where it stands.
    words: BTreeMap<String, (BTreeSet<u32>, Vec<Language>)>,
    names: Vec<(Vec<String>, Vec<Language>)>,
}

/// All documents, read.
pub(super) struct Oracle {
    documents: Vec<Document>,
}

/// How far the documents answer: words found, of how many, and the documents with their scores, best first.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) found: usize,
    pub(super) of: usize,
    pub(super) documents: Vec<(u32, usize)>,
}

fn weight(field: Field) -> u32 {
    match field {
        Field::Name => 64,
        Field::Category | Field::City => 16,
        Field::Summary => 6,
        Field::Description => 3,
    }
}

/// The folded words of a text, and those written together.
fn read(text: &str) -> (Vec<String>, Vec<String>) {
    let (mut parts, mut joined) = (Vec::new(), Vec::new());
    for token in text.to_lowercase().split(' ') {
        let plain = |character: char| match character {
            'á' | 'ã' | 'â' => 'a',
            'é' | 'ê' => 'e',
            'í' => 'i',
            'ó' | 'õ' | 'ô' => 'o',
            'ú' => 'u',
            'ç' => 'c',
            other => other,
        };
        let folded: String = token.chars().map(plain).filter(|character| character.is_alphanumeric() || *character == '\'').collect();
        let pieces: Vec<&str> = folded.split('\'').filter(|piece| !piece.is_empty()).collect();
        if pieces.len() > 1 {
            joined.push(pieces.concat());
        }
        parts.extend(pieces.iter().filter(|piece| pieces.len() == 1 || **piece != "d").map(ToString::to_string));
    }
    (parts, joined)
}

/// Optimal string alignment by the full table.
fn typos(one: &str, other: &str) -> usize {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let mut table = vec![vec![0; other.len() + 1]; one.len() + 1];
    for row in 0..=one.len() {
        for column in 0..=other.len() {
            table[row][column] = if row == 0 || column == 0 {
                row + column
            } else {
                let changed = table[row - 1][column - 1] + usize::from(one[row - 1] != other[column - 1]);
                let mut least = changed.min(table[row - 1][column] + 1).min(table[row][column - 1] + 1);
                if row > 1 && column > 1 && one[row - 1] == other[column - 2] && one[row - 2] == other[column - 1] {
                    least = least.min(table[row - 2][column - 2] + 1);
                }
                least
            };
        }
    }
    table[one.len()][other.len()]
}

/// The steps of the search for a word's meaning.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    SameOrStem,
    Longer,
    Misspelt,
    BeginningMisspelt,
}

impl Document {
    fn new(texts: &Texts) -> Self {
        let mut document = Self { words: BTreeMap::new(), names: Vec::new() };
        for (field, language, text) in texts {
            let (parts, joined) = read(text);
            for word in parts.iter().chain(&joined) {
                if *field == Field::Name || !is_stop_word(word) {
                    let (fields, languages) = document.words.entry(word.clone()).or_default();
                    fields.insert(weight(*field) * 100 + *field as u32);
                    languages.push(*language);
                }
            }
            if *field == Field::Name && !parts.is_empty() {
                match document.names.iter_mut().find(|(words, _)| *words == parts) {
                    Some((_, languages)) => languages.push(*language),
                    None => document.names.push((parts, vec![*language])),
                }
            }
        }
        document
    }

    /// Worth of a word of the query here, by the ways in which it may be alike; 0 when it is not found.
    fn worth(&self, word: &QueryWord, steps: &[Step], names_only: bool) -> u32 {
        let worth = |(own, (fields, languages)): (&String, &(BTreeSet<u32>, Vec<Language>))| {
            let weights: u32 = fields.iter().map(|field| field / 100).filter(|weight| !names_only || *weight == 64).sum();
            alike(word, own, steps, languages).iter().map(|alike| alike.factor() * weights).max().unwrap_or(0)
        };
        self.words.iter().map(worth).max().unwrap_or(0)
    }

    fn name_bonus(&self, query: &[(&QueryWord, Vec<Step>)]) -> u32 {
        let bonus = |(words, languages): &(Vec<String>, Vec<Language>)| {
            let (mut units, mut matched, mut adjacent, mut unmatched) = (0, 0, 0, 0);
            let mut covered = BTreeSet::new();
            let mut previous: Vec<usize> = Vec::new();
            for own in words {
                let is_stop_word = is_stop_word(own);
                let share = if is_stop_word { 1 } else { 4 };
                let mut found = Vec::new();
                let mut factor = 0;
                for (index, (word, steps)) in query.iter().enumerate() {
                    let ways = alike(word, own, steps, languages);
                    if let Some(best) = ways.iter().map(|alike| alike.factor()).max() {
                        found.push(index);
                        factor = factor.max(best);
                    }
                }
                units += share;
                matched += share * factor;
                covered.extend(found.iter().copied());
                if !is_stop_word || !found.is_empty() {
                    unmatched += u32::from(found.is_empty());
                    adjacent += u32::from(found.iter().any(|index| *index > 0 && previous.contains(&(index - 1))));
                    previous = found;
                }
            }
            let covered = covered.len() as u32;
            if covered == 0 {
                return 0;
            }
            let each = if unmatched == 0 && covered == query.len() as u32 { 192 } else { 128 };
            each * matched * covered / units + 64 * adjacent.min(covered - 1)
        };
        self.names.iter().map(bonus).max().unwrap_or(0)
    }
}

struct QueryWord {
    text: String,
    is_last: bool,
}

/// In which ways, among `steps`, a word of the query is like a word that stands in texts of `languages`.
fn alike(word: &QueryWord, own: &str, steps: &[Step], languages: &[Language]) -> Vec<Alike> {
    let mut ways = Vec::new();
    let letters = word.text.chars().count();
    let allowed = match letters {
        _ if word.text.contains(|character: char| character.is_ascii_digit()) => 0,
        0..4 => 0,
        4..8 => 1,
        _ => 2,
    };
    for step in steps {
        match step {
            Step::SameOrStem if word.text == own => ways.push(Alike::Exact),
            Step::SameOrStem => {
                let same = LANGUAGES.iter().filter(|language| languages.contains(language));
                ways.extend(same.filter(|language| stem(&word.text, **language) == stem(own, **language)).map(|one| Alike::Stem(*one)));
            }
            Step::Longer if word.is_last && own != word.text && own.starts_with(&word.text) => ways.push(Alike::Prefix),
            Step::Longer => {}
            Step::Misspelt => ways.extend(Some(typos(&word.text, own)).filter(|least| (1..=allowed).contains(least)).map(Alike::Typos)),
            Step::BeginningMisspelt => {
                let ends = own.char_indices().map(|(end, _)| end).chain([own.len()]);
                let least = ends.map(|end| typos(&word.text, &own[..end])).min().unwrap_or(letters);
                ways.extend(Some(least).filter(|least| (1..=allowed).contains(least)).map(Alike::Typos));
            }
        }
    }
    ways
}

impl Oracle {
    pub(super) fn new(documents: &[Texts]) -> Self {
        Self { documents: documents.iter().map(Document::new).collect() }
    }

    fn parse(text: &str, keep_last: bool) -> Vec<QueryWord> {
        let (all, _) = read(text);
        let only_stop_words = all.iter().all(|word| is_stop_word(word));
        let mut words: Vec<QueryWord> = Vec::new();
        for (index, word) in all.iter().enumerate() {
            let is_end = index + 1 == all.len();
            let is_kept = only_stop_words || !is_stop_word(word) || (keep_last && is_end);
            if is_kept && words.iter().all(|other| other.text != *word) {
                words.push(QueryWord { text: word.clone(), is_last: word == &all[all.len() - 1] });
            }
        }
        words
    }

    /// The first of `steps` by which any document has the word.
    fn first_step(&self, word: &QueryWord, steps: &[Vec<Step>], names_only: bool) -> Vec<Step> {
        let finds = |step: &&Vec<Step>| self.documents.iter().any(|document| document.worth(word, step, names_only) > 0);
        steps.iter().find(finds).cloned().unwrap_or_default()
    }

    fn with_words(&self, words: &[(&QueryWord, Vec<Step>)], found: usize, names_only: bool, accept: &dyn Fn(usize) -> bool) -> Answer {
        let mut documents = Vec::new();
        for (number, document) in self.documents.iter().enumerate().filter(|(number, _)| accept(*number)) {
            let worths: Vec<u32> = words.iter().map(|(word, steps)| document.worth(word, steps, names_only)).collect();
            if worths.iter().filter(|worth| **worth > 0).count() == found {
                documents.push((worths.iter().sum::<u32>() + document.name_bonus(words), number));
            }
        }
        documents.sort_by_key(|(score, number)| (Reverse(*score), *number));
        Answer { found, of: words.len(), documents }
    }

    pub(super) fn search(&self, text: &str, accept: &dyn Fn(usize) -> bool) -> Answer {
        let words = Self::parse(text, false);
        let longer = |word: &QueryWord| if word.text.chars().count() >= 2 { vec![Step::Longer] } else { Vec::new() };
        let strict: Vec<_> = words
            .iter()
            .map(|word| (word, self.first_step(word, &[vec![Step::SameOrStem], longer(word), vec![Step::Misspelt]], false)))
            .collect();
        let wide: Vec<_> = words.iter().map(|word| (word, [vec![Step::SameOrStem, Step::Misspelt], longer(word)].concat())).collect();
        let attempts = [(&strict, words.len()), (&wide, words.len())].into_iter();
        let relaxed = (1..words.len()).rev().map(|found| (&strict, found));
        let mut answers = attempts.chain(relaxed).map(|(words, found)| self.with_words(words, found, false, accept));
        answers.find(|answer| !answer.documents.is_empty()).unwrap_or(Answer { found: 0, of: words.len(), documents: Vec::new() })
    }

    pub(super) fn suggest(&self, text: &str, accept: &dyn Fn(usize) -> bool) -> Answer {
        let words = Self::parse(text, true);
        let steps = |word: &QueryWord| {
            let misspelt = if word.is_last { Step::BeginningMisspelt } else { Step::Misspelt };
            self.first_step(word, &[vec![Step::SameOrStem, Step::Longer], vec![misspelt]], true)
        };
        let words: Vec<_> = words.iter().map(|word| (word, steps(word))).collect();
        self.with_words(&words, words.len(), true, accept)
    }
}

#[test]
fn the_table_counts_typos() {
    for (one, other, count) in
        [("cachoera", "cachoeira", 1), ("noiav", "noiva", 1), ("", "abc", 3), ("ca", "abc", 3), ("museu", "museu", 0)]
    {
        assert_eq!(typos(one, other), count, "{one} {other}");
    }
}
