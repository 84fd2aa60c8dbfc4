//! Opening hours asked of us and of `opening_hours.js` over a year, and where the two differ.

use std::{collections::BTreeMap, sync::Arc};

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::America::Cuiaba;
use roteiro::domain::{
    holidays::{HolidayCalendar, Holidays},
    opening_hours::{OpenState, OpeningHours},
};

use super::hours_oracle::{self as oracle, State, Timeline};

/// The days that are told apart by the table of holidays.
pub const TABLE: &str = include_str!("../../../data/holidays.json");

/// What came of asking both about each value over a year.
#[derive(Default)]
pub struct Comparison {
    pub instants: usize,
    pub unread: Vec<String>,
    /// Values that only we read, or on which the reference contradicts itself.
    pub unjudged: Vec<String>,
    pub different: BTreeMap<String, String>,
    /// Values that neither reads.
    pub refused: Vec<String>,
}

/// Asks both about each value over 2026.
pub fn compare(values: &[String]) -> Comparison {
    let (from, to) = (minute(instant("2026-01-01T04:00:00Z")), minute(instant("2027-01-01T04:00:00Z")));
    let request = oracle::Request { values, zone: "America/Cuiaba", from, to };
    let holidays = holidays_by_law();
    let mut comparison = Comparison::default();
    for (index, (value, theirs)) in values.iter().zip(oracle::evaluate(&request)).enumerate() {
        let ours = OpeningHours::parse(value, Cuiaba, Arc::clone(&holidays), Some((-15.6, -56.1)));
        match (ours, theirs) {
            (Err(_), Ok(_)) => comparison.unread.push(value.clone()),
            (Ok(ours), Ok(theirs)) => {
                let (instants, first) = difference(&ours, &theirs, &request, index as i64);
                comparison.instants += instants;
                if let Some(first) = first.or_else(|| difference_by_days(&ours, &theirs)) {
                    comparison.different.insert(value.clone(), first);
                }
            }
            (Ok(_), Err(error)) => comparison.unjudged.push(format!("{value}: {}", error.lines().next().unwrap_or_default())),
            (Err(_), Err(_)) => comparison.refused.push(value.clone()),
        }
    }
    comparison
}

/// Asks every 37 minutes, from a different minute for each value, and around each of the reference's changes. Gives how
/// many instants were asked and the first difference.
fn difference(ours: &OpeningHours, theirs: &Timeline, request: &oracle::Request, shift: i64) -> (usize, Option<String>) {
    let sampled = (request.from + shift % 37..request.to).step_by(37);
    let around = theirs.iter().flat_map(|(change, _)| [change - 1, *change]).filter(|minute| *minute >= request.from);
    let mut asked = 0;
    let mut first = None;
    for minute in sampled.chain(around).filter(|minute| *minute < request.to) {
        let at = DateTime::from_timestamp(minute * 60 + 59, 0).unwrap();
        let expected = oracle::state_at(theirs, minute);
        asked += 1;
        if state(ours.is_open_at(at)) != expected && first.is_none() {
            first = Some(format!("at {}: {:?}, not {expected:?}", at.with_timezone(&Cuiaba), ours.is_open_at(at)));
        }
        if asked % 101 == 0 && first.is_none() {
            first = difference_in_change(ours, theirs, at);
        }
    }
    (asked, first)
}

/// Whether the next change and its state are the reference's, as far as its year reaches.
fn difference_in_change(ours: &OpeningHours, theirs: &Timeline, at: DateTime<Utc>) -> Option<String> {
    let next = theirs.iter().find(|(change, _)| *change > minute(at))?;
    let change = ours.state(at).next_change.map(|change| (minute(change.at), state(change.state)));
    (change != Some(*next)).then(|| format!("after {}: {change:?}, not {next:?}", at.with_timezone(&Cuiaba)))
}

/// Whether the days' intervals tell the same year.
fn difference_by_days(ours: &OpeningHours, theirs: &Timeline) -> Option<String> {
    let mut timeline = vec![(theirs[0].0, State::Closed)];
    for interval in ours.days(day(2026, 1, 1), day(2026, 12, 31)).unwrap().into_iter().flat_map(|day| day.intervals) {
        oracle::put(&mut timeline, minute(interval.start.to_utc()), state(interval.state));
        oracle::put(&mut timeline, minute(interval.end.to_utc()), State::Closed);
    }
    timeline.retain(|(change, _)| *change < minute(instant("2027-01-01T04:00:00Z")));
    (timeline != *theirs).then(|| "the days' intervals differ".to_owned())
}

/// Our answer in the reference's words.
pub fn state(state: OpenState) -> State {
    match state {
        OpenState::Open => State::Open,
        OpenState::Closed => State::Closed,
        OpenState::Unknown => State::Unknown,
    }
}

/// The holidays the reference knows for the state: those by national and state law.
pub fn holidays_by_law() -> Arc<Holidays> {
    let mut table: serde_json::Value = serde_json::from_str(TABLE).unwrap();
    let holidays = table["holidays"].as_array_mut().unwrap();
    holidays.retain(|holiday| holiday["optional"] != true && holiday["scope"]["municipality"].is_null());
    HolidayCalendar::from_json(&table.to_string()).unwrap().for_municipality(None)
}

pub fn instant(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// Minutes since the Unix epoch.
pub fn minute(at: DateTime<Utc>) -> i64 {
    at.timestamp().div_euclid(60)
}

pub fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}
