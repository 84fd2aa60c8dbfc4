//! The table of weights and all arithmetic of scores. Scores are whole numbers that depend on the query and the one document
//! alone: no statistics of the collection enter, so the same document has the same score in every snapshot.
//!
//! *Words*: for each word of the query, the best of its matches in the document: factor of the match × sum of the weights of
//! the fields that hold the matched word. *Name*: the best of the document's names adds [`name_bonus`].

/// Where in a record a text stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Field {
    /// A name, in any language. Each name added is compared with the query as a whole.
    Name,
    /// Names of the category and of those above it.
    Category,
    /// Name of the city or municipality.
    City,
    /// The one-sentence text.
    Summary,
    /// The long text.
    Description,
}

/// Weight of each field: what one occurrence in it is worth. All fields but the name together (41) are worth less than a
/// name (64).
const FIELD_WEIGHTS: [(Field, u16); 5] =
    [(Field::Name, 64), (Field::Category, 16), (Field::City, 16), (Field::Summary, 6), (Field::Description, 3)];

/// A name counts up to 128 × 16 for each query word in it, half as much again when the query holds all its words: then it
/// stands above every document whose name holds more (128 × 16 + 41 × 16 < 192 × 16).
const PARTIAL_NAME: u32 = 128;
const WHOLE_NAME: u32 = 192;

/// Two neighbours of the query that are neighbours in the name too.
const ADJACENT_WORDS: u32 = 64;

/// Share of a word in the length of its name.
pub(super) const CONTENT_WORD_UNITS: u32 = 4;
/// Share of a stop word in the length of its name.
pub(super) const STOP_WORD_UNITS: u32 = 1;

impl Field {
    /// The bit of this field in a set of fields.
    pub(super) const fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// How well a document answers a query: more is better. Comparable between documents of one query only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Score(pub u32);

/// How a word of the query and a word of a document are alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Match(u8);

impl Match {
    /// The same folded word.
    pub(super) const EXACT: Self = Self(0);
    /// The document's word begins with the query's.
    pub(super) const PREFIX: Self = Self(1);
    /// One letter more, less, other, or two neighbours exchanged.
    pub(super) const ONE_TYPO: Self = Self(2);
    /// Two such mistakes.
    pub(super) const TWO_TYPOS: Self = Self(3);

    const FIRST_STEM: u8 = 4;
    const COUNT: usize = 11;

    /// The same stem in one of `languages` (a set of bits, not empty): counts where the word stands in a text of such a language.
    pub(super) const fn stem(languages: u8) -> Self {
        Self(Self::FIRST_STEM + (languages & 7) - 1)
    }

    /// What the match is worth, of 16.
    pub(super) const fn factor(self) -> u32 {
        match self.0 {
            0 => 16,
            1 => 10,
            2 => 8,
            3 => 5,
            _ => 13,
        }
    }

    /// Whether the match counts for a word in texts of `languages` (a set of bits).
    pub(super) const fn holds_in(self, languages: u8) -> bool {
        self.0 < Self::FIRST_STEM || (self.0 - Self::FIRST_STEM + 1) & languages != 0
    }
}

/// What one word of the query finds in one document: worth in the low 15 bits, whether it stands in a name in the highest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Contribution(u16);

impl Contribution {
    const IN_NAME: u16 = 0x8000;

    /// Whether the word was not found.
    pub(super) const fn is_none(self) -> bool {
        self.0 == 0
    }

    /// Worth of the word.
    pub(super) const fn worth(self) -> u32 {
        (self.0 & !Self::IN_NAME) as u32
    }

    /// Whether a name holds the word.
    pub(super) const fn is_in_name(self) -> bool {
        self.0 & Self::IN_NAME != 0
    }

    /// The better worth; in a name if either is.
    pub(super) fn or(self, other: Self) -> Self {
        let worth = (self.0 & !Self::IN_NAME).max(other.0 & !Self::IN_NAME);
        Self(worth | ((self.0 | other.0) & Self::IN_NAME))
    }
}

/// Contribution of a posting by its payload (fields in the low five bits, languages in the high three), a row a kind of match.
type Table = [[Contribution; 256]; Match::COUNT];

/// Where a query looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// In all fields.
    AllFields,
    /// In names.
    Names,
}

static ALL_FIELDS: Table = table(0x1f);
static NAMES: Table = table(Field::Name.bit());

impl Scope {
    /// Contributions of the postings of a word matched so.
    pub(super) fn contributions(self, kind: Match) -> &'static [Contribution; 256] {
        match self {
            Self::AllFields => &ALL_FIELDS[usize::from(kind.0)],
            Self::Names => &NAMES[usize::from(kind.0)],
        }
    }
}

const fn table(fields: u8) -> Table {
    let mut table = [[Contribution(0); 256]; Match::COUNT];
    let mut kind = 0;
    while kind < Match::COUNT {
        let mut payload = 0;
        while payload < 256 {
            table[kind][payload] = contribution(Match(kind as u8), payload as u8 & fields, languages(payload as u8));
            payload += 1;
        }
        kind += 1;
    }
    table
}

/// Languages stand above the five field bits of a payload.
const LANGUAGE_SHIFT: u32 = 5;

/// The payload of a posting: the fields and languages a word occurs in, as bits.
pub(super) const fn payload(field: Field, language_bit: u8) -> u8 {
    field.bit() | language_bit << LANGUAGE_SHIFT
}

/// The languages of a payload, as bits.
pub(super) const fn languages(payload: u8) -> u8 {
    payload >> LANGUAGE_SHIFT
}

const fn contribution(kind: Match, fields: u8, languages: u8) -> Contribution {
    if !kind.holds_in(languages) {
        return Contribution(0);
    }
    let mut sum = 0;
    let mut index = 0;
    while index < FIELD_WEIGHTS.len() {
        let (field, weight) = FIELD_WEIGHTS[index];
        if fields & field.bit() != 0 {
            sum += weight;
        }
        index += 1;
    }
    let in_name = if fields & Field::Name.bit() == 0 { 0 } else { Contribution::IN_NAME };
    Contribution((sum * kind.factor() as u16) | in_name)
}

/// How a query covers one name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct NameCoverage {
    /// Length of the name: [`CONTENT_WORD_UNITS`] and [`STOP_WORD_UNITS`] summed.
    pub(super) units: u32,
    /// The same sum over the matched words, each × the factor of its best match.
    pub(super) matched: u32,
    /// Words of the query that the name holds.
    pub(super) covered: u32,
    /// Neighbours of the query that are neighbours in the name.
    pub(super) adjacent: u32,
    /// Whether the query has every word of the name (stop words aside) and the name every word of the query.
    pub(super) is_whole: bool,
}

/// What a name adds to the score: its share covered by the query × the query's words in it, and the order of words.
pub(super) fn name_bonus(coverage: NameCoverage) -> u32 {
    if coverage.covered == 0 || coverage.units == 0 {
        return 0;
    }
    let each = if coverage.is_whole { WHOLE_NAME } else { PARTIAL_NAME };
    each * coverage.matched * coverage.covered / coverage.units + ADJACENT_WORDS * coverage.adjacent.min(coverage.covered - 1)
}

/// The most that [`name_bonus`] can give when names hold at most `covered` words of the query.
pub(super) fn highest_name_bonus(covered: u32) -> u32 {
    (WHOLE_NAME * Match::EXACT.factor() + ADJACENT_WORDS) * covered
}

/// The same, of a query each of whose words matches one word of the shard only, for names that say no word twice and have at
/// least so many words that are no stop words, and units: then no more of a name is matched than words of the query.
pub(super) fn highest_bonus_of_names(covered: u32, content: u32, units: u32) -> u32 {
    if content <= covered || units == 0 || covered == 0 {
        return highest_name_bonus(covered);
    }
    let matched = Match::EXACT.factor() * CONTENT_WORD_UNITS * covered;
    PARTIAL_NAME * matched * covered / units + ADJACENT_WORDS * (covered - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contributions_sum_fields_and_mind_languages() {
        let fields = Field::Name.bit() | Field::Description.bit();
        let english = Language::English.bit();
        let exact = Scope::AllFields.contributions(Match::EXACT)[usize::from(fields)];
        assert_eq!((exact.worth(), exact.is_in_name()), (67 * 16, true));
        let stem = Scope::AllFields.contributions(Match::stem(Language::Portuguese.bit()));
        assert!(stem[usize::from(fields | english << LANGUAGE_SHIFT)].is_none());
        assert_eq!(Scope::Names.contributions(Match::stem(english))[usize::from(fields | english << LANGUAGE_SHIFT)].worth(), 64 * 13);
        assert!(Scope::Names.contributions(Match::EXACT)[usize::from(Field::City.bit())].is_none());
    }

    #[test]
    fn a_whole_name_beats_a_longer_one_with_every_other_field() {
        let whole = NameCoverage { units: 8, matched: 8 * 16, covered: 2, adjacent: 1, is_whole: true };
        let longer = NameCoverage { units: 9, matched: 8 * 16, covered: 2, adjacent: 1, is_whole: false };
        assert!(name_bonus(whole) > name_bonus(longer) + 2 * 41 * 16);
        assert!(name_bonus(whole) <= highest_name_bonus(2));
        assert_eq!(name_bonus(NameCoverage::default()), 0);
    }

    use super::super::analyse::Language;
}
