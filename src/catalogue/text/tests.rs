//! The index against the slow oracle on random documents, however they are divided; and the questions visitors ask.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::oracle::{Answer, Oracle, Texts};
use super::{BuildError, matching, search, suggest};
use super::{Field, Language, MatchQuality, Position, Score, Segment, Selection, TextIndex, TextIndexBuilder, TextQuery, Window};
use crate::catalogue::number_set::NumberSet;
use crate::domain::work_budget::WorkBudget;

const WORDS: [&str; 36] = [
    "Cachoeira",
    "cachoeiras",
    "cachoera",
    "Véu",
    "noiva",
    "NOIVAS",
    "mirante",
    "mirantes",
    "museu",
    "Museus",
    "água",
    "d'Água",
    "waterfall",
    "waterfalls",
    "veil",
    "bridal",
    "cascada",
    "cascadas",
    "do",
    "da",
    "the",
    "251",
    "2510",
    "lago",
    "lagoa",
    "cachorro",
    "cacho",
    "Pantanal",
    "pantaneiro",
    "bonito",
    "bonita",
    "trilha",
    "trilhas",
    "coração",
    "de",
    "s",
];
const FIELDS: [Field; 5] = [Field::Name, Field::Category, Field::City, Field::Summary, Field::Description];
const LANGUAGES: [Language; 4] = [Language::Portuguese, Language::English, Language::Spanish, Language::Other];

/// A shard in two segments, knowing the numbers of its documents in the whole; what is gone has none.
#[derive(PartialEq)]
struct Shard {
    base: TextIndex,
    gone: NumberSet,
    recent: TextIndex,
    numbers: Vec<Option<usize>>,
}

/// Documents divided among shards.
struct Divided {
    shards: Vec<Shard>,
}

fn index<'a>(documents: impl Iterator<Item = &'a Texts>) -> TextIndex {
    let mut builder = TextIndexBuilder::new();
    for (texts, document) in documents.zip(0..) {
        for (field, language, text) in texts {
            builder.add(document, *field, *language, text).unwrap();
        }
    }
    builder.build().unwrap()
}

impl Divided {
    fn new(documents: &[Texts], shard_of: impl Fn(usize) -> usize, shards: usize) -> Self {
        Self::changed(documents, &[], shard_of, shards, |_| false)
    }

    /// The same after changes: the `lost` were there and are gone, some have come since.
    fn changed(
        documents: &[Texts],
        lost: &[Texts],
        shard_of: impl Fn(usize) -> usize,
        shards: usize,
        has_come: impl Fn(usize) -> bool,
    ) -> Self {
        let of = |shard: usize| {
            let here = || (0..documents.len()).filter(|number| shard_of(*number) == shard);
            let (recent, first): (Vec<usize>, Vec<usize>) = here().partition(|number| has_come(*number));
            // What is gone stands between the others.
            let mut gone = lost.iter().skip(shard).step_by(shards);
            let mut base: Vec<(&Texts, Option<usize>)> = Vec::new();
            for number in first {
                base.extend(gone.next().map(|texts| (texts, None)));
                base.push((&documents[number], Some(number)));
            }
            base.extend(gone.map(|texts| (texts, None)));
            let mut set = NumberSet::default();
            base.iter().zip(0..).filter(|((_, number), _)| number.is_none()).for_each(|(_, document)| set.insert(document));
            Shard {
                base: index(base.iter().map(|(texts, _)| *texts)),
                gone: set,
                recent: index(recent.iter().map(|number| &documents[*number])),
                numbers: base.iter().map(|(_, number)| *number).chain(recent.iter().copied().map(Some)).collect(),
            }
        };
        Self { shards: (0..shards).map(of).collect() }
    }

    fn segments(&self) -> Vec<Segment<'_>> {
        const NONE: &NumberSet = &NumberSet::new();
        let mut segments = Vec::new();
        for (shard, own) in self.shards.iter().enumerate() {
            segments.push(Segment { shard, first: 0, index: &own.base, gone: &own.gone });
            segments.push(Segment { shard, first: own.base.documents() as u32, index: &own.recent, gone: NONE });
        }
        segments
    }

    /// Number of a document in the whole. None that is gone is ever asked for.
    fn number(&self, position: Position) -> usize {
        self.shards[position.shard].numbers[position.document as usize].unwrap()
    }

    /// All hits in order, read in pages of `limit`.
    fn search(&self, text: &str, limit: usize, accept: &dyn Fn(usize) -> bool) -> Answer {
        let (query, budget) = (TextQuery::parse(text).unwrap(), WorkBudget::unlimited());
        let selection =
            Selection { accept: |position| accept(self.number(position)), tie_break: |position| self.number(position), budget: &budget };
        let mut window = Window { limit, after: None };
        let mut documents = Vec::new();
        loop {
            let ranking = search(&self.segments(), &query, &selection, &window).unwrap();
            documents.extend(ranking.hits.iter().map(|hit| (hit.score.0, hit.key)));
            if ranking.hits.len() < limit {
                let of = query.words().len();
                let found = match ranking.quality {
                    MatchQuality::AllWords => of,
                    MatchQuality::SomeWords { found, .. } => found,
                    MatchQuality::Nothing => 0,
                };
                return Answer { found, of, documents };
            }
            window.after = ranking.hits.last().map(|hit| (hit.score, hit.key));
        }
    }

    fn matching(&self, text: &str, accept: &dyn Fn(usize) -> bool) -> Vec<usize> {
        let query = TextQuery::parse(text).unwrap();
        let found = matching(&self.segments(), &query, |position| accept(self.number(position)), &WorkBudget::unlimited()).unwrap();
        assert!(found.documents.iter().all(|documents| documents.is_sorted()));
        let positions = found
            .documents
            .iter()
            .enumerate()
            .flat_map(|(shard, documents)| documents.iter().map(move |&document| Position { shard, document }));
        let mut numbers: Vec<usize> = positions.map(|position| self.number(position)).collect();
        numbers.sort_unstable();
        numbers
    }

    fn suggest(&self, text: &str, limit: usize, accept: &dyn Fn(usize) -> bool) -> Vec<(u32, usize)> {
        let (query, budget) = (TextQuery::parse_prefix(text).unwrap(), WorkBudget::unlimited());
        let selection =
            Selection { accept: |position| accept(self.number(position)), tie_break: |position| self.number(position), budget: &budget };
        suggest(&self.segments(), &query, &selection, limit).unwrap().into_iter().map(|hit| (hit.score.0, hit.key)).collect()
    }
}

fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(&WORDS[..]), 1..5).prop_map(|words| words.join(" "))
}

fn documents() -> impl Strategy<Value = Vec<Texts>> {
    let line = (prop::sample::select(&FIELDS[..]), prop::sample::select(&LANGUAGES[..]), text());
    prop::collection::vec(prop::collection::vec(line, 1..6), 0..14)
}

/// A word of a query: one of the vocabulary, perhaps with mistakes in it or cut short.
fn query_word() -> impl Strategy<Value = String> {
    (prop::sample::select(&WORDS[..]), prop::collection::vec((0..6, any::<prop::sample::Index>()), 0..3)).prop_map(|(word, changes)| {
        let mut letters: Vec<char> = word.chars().collect();
        for (change, place) in changes {
            let place = place.index(letters.len());
            match change {
                0 if letters.len() > 1 => drop(letters.remove(place)),
                1 => letters.insert(place, 'e'),
                2 => letters[place] = 'o',
                3 if place > 0 => letters.swap(place - 1, place),
                4 => letters.truncate(place + 1),
                _ => {}
            }
        }
        letters.into_iter().collect()
    })
}

fn query() -> impl Strategy<Value = String> {
    let words = prop::collection::vec(query_word(), 1..4).prop_map(|words| words.join(" "));
    words.prop_filter("a query has a letter", |text| TextQuery::parse(text).is_ok())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, ..ProptestConfig::default() })]

    #[test]
    fn the_index_answers_as_the_oracle_however_documents_are_divided_and_whatever_is_gone(
        documents in documents(),
        text in query(),
        division in prop::collection::vec(0..4_usize, 14),
        refused in prop::collection::vec(prop::bool::weighted(0.2), 14),
        lost in documents(),
        has_come in prop::collection::vec(any::<bool>(), 14),
    ) {
        let accept = |number: usize| !refused[number];
        let oracle = Oracle::new(&documents);
        let expected = oracle.search(&text, &accept);
        let expected_suggestions = oracle.suggest(&text, &accept).documents;
        let whole = Divided::new(&documents, |_| 0, 1);
        let shards = Divided::new(&documents, |number| division[number], 4);
        let changed = Divided::changed(&documents, &lost, |_| 0, 1, |number| has_come[number]);
        let all = Divided::changed(&documents, &lost, |number| division[number], 4, |number| has_come[number]);
        for divided in [whole, shards, changed, all] {
            for limit in [100, 2] {
                prop_assert_eq!(&divided.search(&text, limit, &accept), &expected, "{}", &text);
            }
            let mut numbers: Vec<usize> = expected.documents.iter().map(|(_, number)| *number).collect();
            numbers.sort_unstable();
            prop_assert_eq!(divided.matching(&text, &accept), numbers);
            prop_assert_eq!(&divided.suggest(&text, 100, &accept), &expected_suggestions, "{}", &text);
            let first = expected_suggestions.len().min(2);
            prop_assert_eq!(&divided.suggest(&text, 2, &accept)[..], &expected_suggestions[..first]);
        }
    }
}

/// Names of places in Mato Grosso with a category in Portuguese, English and Spanish.
const PLACES: [([&str; 3], [&str; 3]); 8] = [
    (["Mirante do Véu de Noiva", "Bridal Veil Lookout Point", "Mirador del Velo de Novia"], ["Mirantes", "Viewpoints", "Miradores"]),
    (["Cachoeira Véu de Noiva", "Bridal Veil Falls", "Cascada Velo de Novia"], ["Cachoeiras", "Waterfalls", "Cascadas"]),
    (["Cachoeirinha", "Cachoeirinha Falls", "Cascada Cachoeirinha"], ["Cachoeiras", "Waterfalls", "Cascadas"]),
    (["Museu do Rio Cuiabá", "Cuiabá River Museum", "Museo del Río Cuiabá"], ["Museus", "Museums", "Museos"]),
    (["Museu Rondon", "Rondon Museum", "Museo Rondon"], ["Museus", "Museums", "Museos"]),
    (["Salto das Nuvens", "Salto das Nuvens", "Salto das Nuvens"], ["Cachoeiras", "Waterfalls", "Cascadas"]),
    (["Olho d'Água", "Olho d'Água Spring", "Manantial Olho d'Água"], ["Nascentes", "Springs", "Manantiales"]),
    (["Aquário Encantado", "Enchanted Aquarium", "Acuario Encantado"], ["Nascentes", "Springs", "Manantiales"]),
];

fn places() -> Divided {
    let texts = |(names, categories): &([&str; 3], [&str; 3])| -> Texts {
        let languages = || LANGUAGES.iter().copied();
        let named = languages().zip(names).map(|(language, name)| (Field::Name, language, (*name).to_owned()));
        named.chain(languages().zip(categories).map(|(language, name)| (Field::Category, language, (*name).to_owned()))).collect()
    };
    let documents: Vec<Texts> = PLACES.iter().map(texts).collect();
    Divided::new(&documents, |number| number % 3, 3)
}

#[test]
fn visitors_find_what_they_mean() {
    let places = places();
    for (text, first) in [
        ("cachoeira veu noiva", 1),
        ("cachoera veu noiva", 1),
        ("veu da noiva", 1),
        ("VÉU DE NOIVA", 1),
        ("véu de noiva cachoeira", 1),
        ("bridal veil", 1),
        ("bridal viel", 1),
        ("mirante veu de noiva", 0),
        ("museus", 4),
        ("museo rio", 3),
        ("museu cuiaba", 3),
        ("salto nuvem", 5),
        ("olho dagua", 6),
        ("olho d’agua", 6),
        ("aquarium", 7),
        ("encantada", 7),
        ("rondom", 4),
    ] {
        let answer = places.search(text, 10, &|_| true);
        assert_eq!(answer.documents.first().map(|(_, number)| *number), Some(first), "{text}: {answer:?}");
        assert_eq!(answer.found, answer.of, "{text}");
    }
    let waterfalls = [1, 2, 5].to_vec();
    for text in ["cachoeiras", "cachoeira", "waterfall", "cascadas"] {
        assert_eq!(places.matching(text, &|_| true), waterfalls, "{text}");
    }
}

#[test]
fn words_nobody_wrote_are_left_out_and_that_is_told() {
    let places = places();
    let (query, budget) = (TextQuery::parse("rondon xyzzy").unwrap(), WorkBudget::unlimited());
    let selection = Selection { accept: |_: Position| true, tie_break: |position: Position| position, budget: &budget };
    let ranking = search(&places.segments(), &query, &selection, &Window { limit: 5, after: None }).unwrap();
    assert_eq!(ranking.quality, MatchQuality::SomeWords { found: 1, of: 2 });
    assert!(ranking.quality.is_relaxed());
    assert_eq!(ranking.hits.len(), 1);
    let nothing = search(&places.segments(), &TextQuery::parse("xyzzy").unwrap(), &selection, &Window { limit: 5, after: None }).unwrap();
    assert_eq!((nothing.hits.len(), nothing.quality), (0, MatchQuality::Nothing));
    assert_eq!(search(&[], &query, &selection, &Window { limit: 5, after: None }).unwrap().quality, MatchQuality::Nothing);
}

#[test]
fn suggestions_complete_the_last_word() {
    let places = places();
    let first = |text: &str| places.suggest(text, 3, &|_| true).first().map(|(_, number)| *number);
    for (text, number) in [
        ("cach", 2),
        ("cachoeira v", 1),
        ("mirante do v", 0),
        ("véu de", 1),
        ("aqu", 7),
        ("akuar", 7),
        ("brid", 1),
        ("museu r", 4),
        ("olho d'", 6),
    ] {
        assert_eq!(first(text), Some(number), "{text}: {:?}", places.suggest(text, 3, &|_| true));
    }
    assert_eq!(first("xyz"), None);
}

#[test]
fn equal_texts_give_equal_indexes_and_order_is_kept() {
    let (one, two) = (places(), places());
    assert!(one.shards == two.shards);
    let mut builder = TextIndexBuilder::new();
    builder.add(3, Field::Name, Language::Portuguese, "Salto").unwrap();
    assert!(matches!(builder.add(2, Field::Name, Language::Portuguese, "Salto"), Err(BuildError::OutOfOrder { document: 2, last: 3 })));
    let index = builder.build().unwrap();
    assert_eq!((index.documents(), index.words()), (4, 1));
    assert!(index.heap_bytes() > 0);
    assert!(Score(2) > Score(1));
}
