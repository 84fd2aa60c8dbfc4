//! Public holidays: the table of `data/holidays.json` turned into the calendar of one municipality, which is what `PH`
//! in an `opening_hours` value means there. The table is ours: the list inside the `opening-hours` crate mixes in other
//! states' days (São Paulo's 9 July).
//!
//! To add a holiday, add a line with its source to the table; a new kind of rule is a variant of [`Rule`].

use std::{
    collections::{BTreeMap, HashMap},
    ops::RangeInclusive,
    sync::Arc,
};

use chrono::{Datelike, NaiveDate, Weekday};
use opening_hours::ContextHolidays;
use serde::Deserialize;

/// The years holidays are worked out for, and so the years opening hours are answered for.
pub const YEARS: RangeInclusive<i32> = 1990..=2100;

/// The table of holidays, ready to give each municipality its calendar.
#[derive(Clone, Debug)]
pub struct HolidayCalendar {
    state: u32,
    whole_state: Arc<Holidays>,
    national: Arc<Holidays>,
    /// Only the municipalities with days of their own.
    municipalities: HashMap<u32, Arc<Holidays>>,
}

/// The holidays of one place over [`YEARS`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Holidays {
    names: BTreeMap<NaiveDate, Arc<str>>,
    context: ContextHolidays,
}

/// Why a table of holidays was refused. The table is part of the build, so this names what to mend in it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HolidayError {
    /// Not JSON of the described shape.
    #[error("the holiday table cannot be read: {0}")]
    Format(#[from] serde_json::Error),
    /// A rule that names a day no year has.
    #[error("holiday {name:?}: its rule gives no date in {year}")]
    NoSuchDay {
        /// The entry's name.
        name: String,
        /// The first year without the day.
        year: i32,
    },
    /// A scope code that is no IBGE code of that kind, or lies in another state than the table's.
    #[error("holiday {name:?}: {code} is not an IBGE code of the table's state")]
    ForeignScope {
        /// The entry's name.
        name: String,
        /// The code as written.
        code: u32,
    },
}

impl HolidayCalendar {
    /// The table that comes with the binary.
    pub fn bundled() -> Result<Self, HolidayError> {
        Self::from_json(include_str!("../../data/holidays.json"))
    }

    /// Reads a table in the format described in `data/holidays.json` and works out [`YEARS`].
    pub fn from_json(json: &str) -> Result<Self, HolidayError> {
        let table: Table = serde_json::from_str(json)?;
        for entry in &table.holidays {
            entry.check(table.state)?;
        }
        let gather = |wanted: &dyn Fn(Scope) -> bool| -> Result<Arc<Holidays>, HolidayError> {
            let entries = table.holidays.iter().filter(|entry| wanted(entry.scope));
            Holidays::gather(entries).map(Arc::new)
        };
        let national = gather(&|scope| scope == Scope::National)?;
        let whole_state = gather(&|scope| !matches!(scope, Scope::Municipality(_)))?;
        let mut municipalities = HashMap::new();
        for entry in &table.holidays {
            if let Scope::Municipality(code) = entry.scope {
                let own = gather(&|scope| !matches!(scope, Scope::Municipality(other) if other != code))?;
                municipalities.insert(code, own);
            }
        }
        Ok(Self { state: table.state, whole_state, national, municipalities })
    }

    /// The holidays of a municipality by its seven-digit IBGE code: national, state and its own. `None` is a place whose
    /// municipality is not known: it is taken to lie in the table's state. Another state's code gets the national days.
    pub fn for_municipality(&self, ibge: Option<u32>) -> Arc<Holidays> {
        let holidays = match ibge {
            None => &self.whole_state,
            Some(code) if code / 100_000 != self.state => &self.national,
            Some(code) => self.municipalities.get(&code).unwrap_or(&self.whole_state),
        };
        Arc::clone(holidays)
    }
}

impl Holidays {
    fn gather<'a>(entries: impl Iterator<Item = &'a Entry>) -> Result<Self, HolidayError> {
        let mut names = BTreeMap::new();
        for entry in entries {
            let name: Arc<str> = entry.name.as_str().into();
            for year in YEARS.filter(|year| entry.holds_in(*year)) {
                let date = entry.rule.date_in(year).ok_or_else(|| HolidayError::NoSuchDay { name: entry.name.clone(), year })?;
                // Where two scopes name one day, the first line of the table gives the name.
                names.entry(date).or_insert_with(|| Arc::clone(&name));
            }
        }
        let context = ContextHolidays::new(Arc::new(names.keys().copied().collect()), Arc::default());
        Ok(Self { names, context })
    }

    /// The Brazilian Portuguese name of the holiday on this local date, if it is one.
    pub fn name_on(&self, date: NaiveDate) -> Option<&str> {
        self.names.get(&date).map(AsRef::as_ref)
    }

    /// The holidays as dates, ascending, with their names.
    pub fn iter(&self) -> impl Iterator<Item = (NaiveDate, &str)> {
        self.names.iter().map(|(date, name)| (*date, name.as_ref()))
    }

    /// The calendar in the form the `opening-hours` crate evaluates with. School holidays are empty: the state has no
    /// published calendar of them in our sources, so a rule for `SH` never applies.
    pub(super) fn context(&self) -> ContextHolidays {
        self.context.clone()
    }
}

/// Easter Sunday of a Gregorian year, by the anonymous Gregorian algorithm (Nature, 20 April 1876) in the form of
/// J. Meeus, *Astronomical Algorithms*, 1991, chapter 8, also known as Meeus/Jones/Butcher.
#[expect(clippy::many_single_char_names, reason = "the letters are the source's")]
pub fn easter(year: i32) -> Option<NaiveDate> {
    let (a, b, c) = (year % 19, year / 100, year % 100);
    let (d, e) = (b / 4, b % 4);
    let f = (b + 8) / 25;
    let g = (b - f + 1) / 3;
    let h = (19 * a + b - d - g + 15) % 30;
    let (i, k) = (c / 4, c % 4);
    let l = (32 + 2 * e + 2 * i - h - k) % 7;
    let m = (a + 11 * h + 22 * l) / 451;
    let month_and_day = h + l - 7 * m + 114;
    NaiveDate::from_ymd_opt(year, (month_and_day / 31) as u32, (month_and_day % 31 + 1) as u32)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    #[serde(rename = "about")]
    _about: Vec<String>,
    state: u32,
    holidays: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    rule: Rule,
    scope: Scope,
    from: Option<i32>,
    to: Option<i32>,
    years: Option<Years>,
    /// A ponto facultativo; it counts like the others, the mark is for the reader of the table and for the tests.
    #[serde(rename = "optional", default)]
    _optional: bool,
    #[serde(rename = "source")]
    _source: String,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Scope {
    National,
    State(u32),
    Municipality(u32),
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Years {
    Even,
}

#[derive(Deserialize)]
#[serde(untagged, deny_unknown_fields)]
enum Rule {
    Fixed { date: MonthDay },
    Easter { easter: i16 },
    Sunday { sunday: WhichSunday, month: u32 },
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase")]
enum WhichSunday {
    First,
    Last,
}

/// `MM-DD`.
#[derive(Deserialize)]
#[serde(try_from = "String")]
struct MonthDay {
    month: u32,
    day: u32,
}

impl TryFrom<String> for MonthDay {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let parts = text.split_once('-').and_then(|(month, day)| Some((month.parse().ok()?, day.parse().ok()?)));
        parts.map(|(month, day)| Self { month, day }).ok_or("a date is MM-DD")
    }
}

impl Entry {
    fn check(&self, state: u32) -> Result<(), HolidayError> {
        let foreign = match self.scope {
            Scope::State(code) if code != state => Some(code),
            Scope::Municipality(code) if code / 100_000 != state => Some(code),
            _ => None,
        };
        foreign.map_or(Ok(()), |code| Err(HolidayError::ForeignScope { name: self.name.clone(), code }))
    }

    fn holds_in(&self, year: i32) -> bool {
        self.from.is_none_or(|from| year >= from)
            && self.to.is_none_or(|to| year <= to)
            && (self.years != Some(Years::Even) || year % 2 == 0)
    }
}

impl Rule {
    fn date_in(&self, year: i32) -> Option<NaiveDate> {
        match self {
            Self::Fixed { date } => NaiveDate::from_ymd_opt(year, date.month, date.day),
            Self::Easter { easter: offset } => easter(year)?.checked_add_signed(chrono::TimeDelta::days((*offset).into())),
            Self::Sunday { sunday: WhichSunday::First, month } => NaiveDate::from_weekday_of_month_opt(year, *month, Weekday::Sun, 1),
            Self::Sunday { sunday: WhichSunday::Last, month } => {
                let next_month = NaiveDate::from_ymd_opt(year, *month, 1)?.checked_add_months(chrono::Months::new(1))?;
                let last_day = next_month.pred_opt()?;
                last_day.checked_sub_days(chrono::Days::new(last_day.weekday().num_days_from_sunday().into()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn easter_of_published_years() {
        // With the latest Easter there is (25 April) and a very early one.
        for (year, month, day) in [(1990, 4, 15), (2000, 4, 23), (2008, 3, 23), (2026, 4, 5), (2038, 4, 25), (2100, 3, 28)] {
            assert_eq!(easter(year), NaiveDate::from_ymd_opt(year, month, day));
        }
    }

    #[test]
    fn a_rule_without_a_day_names_its_entry() {
        let json = r#"{"about": [], "state": 51, "holidays": [
            {"name": "Nunca", "rule": {"date": "02-30"}, "scope": "national", "source": "none"}]}"#;
        let error = HolidayCalendar::from_json(json).unwrap_err().to_string();
        assert!(error.contains("Nunca"), "{error}");
    }

    #[test]
    fn a_municipality_of_another_state_is_refused() {
        let json = r#"{"about": [], "state": 51, "holidays": [
            {"name": "Paulistano", "rule": {"date": "01-25"}, "scope": {"municipality": 3550308}, "source": "none"}]}"#;
        assert!(matches!(HolidayCalendar::from_json(json), Err(HolidayError::ForeignScope { code: 3_550_308, .. })));
    }
}
