//! The text format of (team) orienteering problems with time windows as KU Leuven publishes them, read strictly: whatever is
//! cut short, misspelt or absurd is refused with its line.
//!
//! Line 1 is `k v N t` (N places), line 2 is not used, then come N + 1 lines `i x y d S f a … O C` with `a` numbers between
//! `a` and `O`: position, duration of the visit, score, and the window in which the visit must start. Place 0 is start and
//! end; its C is the end of the day. Travel time is the Euclidean distance rounded down to one or two decimals.

/// Decimals kept of a travel time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decimals {
    /// Tenths: Solomon's instances (`c*`, `r*`, `rc*`).
    One,
    /// Hundredths: Cordeau's (`pr*`).
    Two,
}

impl Decimals {
    /// Ticks a unit of time.
    pub const fn ticks(self) -> u32 {
        match self {
            Self::One => 10,
            Self::Two => 100,
        }
    }
}

/// Most places of an instance.
pub const MAX_PLACES: usize = 1_999;
/// Greatest coordinate, duration or time, in units of the file.
const MAX_NUMBER: i64 = 1_000_000;
/// Coordinates are kept in thousandths.
const MILLI: i64 = 1_000;

/// A place, times in ticks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Position in thousandths of the file's unit.
    pub x: i64,
    /// As `x`.
    pub y: i64,
    /// Duration of the visit.
    pub duration: u32,
    /// Score.
    pub score: u32,
    /// The visit starts at this time or later.
    pub open: u32,
    /// The visit starts at this time or earlier.
    pub close: u32,
}

/// An instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instance {
    /// Decimals of its travel times.
    pub decimals: Decimals,
    /// Place 0 and the places to visit.
    pub places: Vec<Place>,
}

/// Why a file was refused; lines count from 1.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InstanceError {
    /// The file ends early.
    #[error("line {line}: the file ends, {expected}")]
    CutShort {
        /// The line that is missing.
        line: usize,
        /// What should be there.
        expected: &'static str,
    },
    /// A field is no number of the kind wanted.
    #[error("line {line}: {field} is `{text}`, {wanted}")]
    Number {
        /// The line.
        line: usize,
        /// Which field.
        field: &'static str,
        /// What stands there, at most 40 characters.
        text: String,
        /// What should.
        wanted: &'static str,
    },
    /// A line has not the fields its count says.
    #[error("line {line}: {found} fields, {expected} expected")]
    Fields {
        /// The line.
        line: usize,
        /// Fields found.
        found: usize,
        /// Fields expected.
        expected: usize,
    },
    /// Places are not numbered 0, 1, 2…
    #[error("line {line}: place {found}, {expected} expected")]
    Order {
        /// The line.
        line: usize,
        /// The number found.
        found: u32,
        /// The number expected.
        expected: usize,
    },
    /// The number of places is none or too great.
    #[error("line {line}: {found} places, 1 to {max} allowed", max = MAX_PLACES)]
    Places {
        /// The line.
        line: usize,
        /// The number.
        found: u32,
    },
    /// A window closes before it opens.
    #[error("line {line}: the window closes before it opens")]
    Window {
        /// The line.
        line: usize,
    },
    /// Something follows the last place.
    #[error("line {line}: more than the {places} places the first line says")]
    TooMany {
        /// The line.
        line: usize,
        /// Places expected.
        places: usize,
    },
}

/// One line while it is read.
struct Line<'a> {
    number: usize,
    fields: Vec<&'a str>,
}

impl Instance {
    /// Reads a file's text.
    pub fn read(text: &str, decimals: Decimals) -> Result<Self, InstanceError> {
        let mut lines = (text.lines().enumerate())
            .map(|(index, line)| Line { number: index + 1, fields: line.split_ascii_whitespace().collect() })
            .filter(|line| !line.fields.is_empty());
        let end = text.lines().count() + 1;
        let cut = |expected| InstanceError::CutShort { line: end, expected };
        let head = lines.next().ok_or(cut("`k v N t` expected"))?;
        if head.fields.len() < 3 {
            return Err(InstanceError::Fields { line: head.number, found: head.fields.len(), expected: 4 });
        }
        let count = head.whole(2, "N")?;
        if count == 0 || count as usize > MAX_PLACES {
            return Err(InstanceError::Places { line: head.number, found: count });
        }
        let count = count as usize;
        lines.next().ok_or(cut("the second line expected"))?;
        let mut places = Vec::with_capacity(count + 1);
        for index in 0..=count {
            let line = lines.next().ok_or(cut("another place expected"))?;
            places.push(line.place(index, decimals)?);
        }
        match lines.next() {
            Some(line) => Err(InstanceError::TooMany { line: line.number, places: count }),
            None => Ok(Self { decimals, places }),
        }
    }

    /// Travel time between two places in ticks: the distance rounded down.
    pub fn travel(&self, from: usize, to: usize) -> u32 {
        let (from, to) = (&self.places[from], &self.places[to]);
        let (dx, dy) = (from.x.abs_diff(to.x), from.y.abs_diff(to.y));
        let square = dx * dx + dy * dy;
        let ticks = u64::from(self.decimals.ticks());
        let milli = (MILLI * MILLI) as u64;
        // floor(sqrt(floor(a / b))) = floor(sqrt(a / b)); the product is taken in 64 bits where it fits.
        let scaled = match square.checked_mul(ticks * ticks) {
            Some(product) => product / milli,
            None => (u128::from(square) * u128::from(ticks * ticks) / u128::from(milli)) as u64,
        };
        scaled.isqrt() as u32
    }
}

impl Line<'_> {
    fn place(&self, index: usize, decimals: Decimals) -> Result<Place, InstanceError> {
        let fields = |expected| InstanceError::Fields { line: self.number, found: self.fields.len(), expected };
        if self.fields.len() < 9 {
            return Err(fields(9));
        }
        let number = self.whole(0, "i")?;
        if number as usize != index {
            return Err(InstanceError::Order { line: self.number, found: number, expected: index });
        }
        let between = self.whole(6, "a")? as usize;
        if between > 64 || self.fields.len() != 9 + between {
            return Err(fields(9 + between.min(64)));
        }
        let ticks = i64::from(decimals.ticks());
        let place = Place {
            x: self.scaled(1, "x", MILLI, -MAX_NUMBER)?,
            y: self.scaled(2, "y", MILLI, -MAX_NUMBER)?,
            duration: self.scaled(3, "d", ticks, 0)? as u32,
            score: self.scaled(4, "S", 1, 0)? as u32,
            open: self.scaled(7 + between, "O", ticks, 0)? as u32,
            close: self.scaled(8 + between, "C", ticks, 0)? as u32,
        };
        if place.close < place.open {
            return Err(InstanceError::Window { line: self.number });
        }
        Ok(place)
    }

    fn whole(&self, index: usize, field: &'static str) -> Result<u32, InstanceError> {
        let text = self.fields[index];
        if text.len() <= 9 && text.bytes().all(|byte| byte.is_ascii_digit()) {
            return text.parse().map_err(|_| self.refused(index, field, "a whole number expected"));
        }
        Err(self.refused(index, field, "a whole number expected"))
    }

    /// The field times `scale`, exactly.
    fn scaled(&self, index: usize, field: &'static str, scale: i64, least: i64) -> Result<i64, InstanceError> {
        let text = self.fields[index];
        let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
        let plain = |part: &str| !part.is_empty() && part.len() <= 12 && part.bytes().all(|byte| byte.is_ascii_digit());
        if !plain(whole) || !plain(fraction) {
            return Err(self.refused(index, field, "a decimal number expected"));
        }
        let number = |part: &str| part.bytes().fold(0_i64, |sum, byte| sum * 10 + i64::from(byte - b'0'));
        let unit = 10_i64.pow(fraction.len() as u32);
        let (whole, fraction) = (number(whole), number(fraction));
        if whole > MAX_NUMBER || (whole == MAX_NUMBER && fraction > 0) || (negative && least >= 0 && whole + fraction > 0) {
            return Err(self.refused(index, field, "out of range"));
        }
        if fraction * scale % unit != 0 {
            return Err(self.refused(index, field, "more decimals than can be kept"));
        }
        let value = whole * scale + fraction * scale / unit;
        Ok(if negative { -value } else { value })
    }

    fn refused(&self, index: usize, field: &'static str, wanted: &'static str) -> InstanceError {
        InstanceError::Number { line: self.number, field, text: self.fields[index].chars().take(40).collect(), wanted }
    }
}
