//! Every answer compared with the reference implementation's: real values and made ones, over a year.

use std::{collections::BTreeMap, fs, path::Path, sync::Arc};

use chrono::{DateTime, Utc};
use chrono_tz::America::Cuiaba;
use roteiro::domain::{
    holidays::{HolidayCalendar, Holidays},
    opening_hours::{OpenState, OpeningHours},
};

use super::{
    TABLE, day, instant, minute,
    oracle::{self, State, Timeline},
};

/// Values on which we differ from `opening_hours.js`, with the reason. None of them is real. The table may only shrink.
const DIFFERENT: &[(&str, &str)] = &[(
    "easter -2 days-easter +1 day 08:00-20:00",
    "a range of days includes its last one (Jun 1-3 has three days); the reference leaves out a last day counted from Easter",
)];

/// Values against the specification's grammar that `opening_hours.js` reads all the same, by guessing what was meant: rules
/// without a separator, hours without minutes, dots for colons, English day names. We answer unknown instead. The table
/// may only shrink.
const UNREAD: &[&str] = &[
    "We-Fr 13:00-18:00 Sa 12:00-18:00",
    "Mo-Th 11:00-23:00; Fr11:00-24:00; Sa 12:00-24:00; Su 12:00-21:00",
    "Mo-Fr 08:00-19:00 Sa 09:00-19:00 Su 12:00-18:00",
    "Mon - Fri 11am - 11pm, Sat 12am - 11pm, Sun 2pm - 10pm",
    "Su-Th 15-00; Fr-Sa 15-02",
    "Mo-Fr 10:00-20:00, Sa 10-18, Su 12-18",
    "Tu-Th 11.00-23.00; Fr 11.00-01.00; Sa 13.00-01.00",
];

/// Values for what the real ones have little of: fallbacks, holidays, seasons, weeks, n-th weekdays, nights, open ends.
const CRAFTED: &[&str] = &[
    "24/7; PH off",
    "24/7 closed \"em obras\"",
    "Mo-Su 09:00-18:00; Dec 24 09:00-12:00; Dec 25,Jan 1 off",
    "Mo-Fr 08:00-18:00; PH off; Sa 08:00-12:00",
    "Mo-Sa 08:00-18:00; PH 09:00-12:00",
    "Mo-Sa,PH 08:00-18:00",
    "PH,Su off; Mo-Sa 08:00-18:00",
    "Tu-Su,PH 09:00-17:00; PH +1 day off",
    "Mo-Fr 18:00-02:00; PH off",
    "Fr-Sa 22:00-05:00; PH 20:00-23:00",
    "Fr 22:00-04:00; Sa 10:00-12:00",
    "Mo-Th 18:00-02:00; Fr-Sa 18:00-04:00; Su off",
    "Mo-Th 18:00-02:00, Fr-Sa 18:00-04:00",
    "Jun-Aug 07:00-18:00; Sep-May Sa-Su 08:00-17:00",
    "Jun 15-Sep 30: Mo-Fr 09:00-17:00",
    "Nov-Feb off; 08:00-17:00",
    "Oct 1-Jan 31 closed \"piracema\"; Mo-Su 06:00-18:00",
    "2026 Jun 10-20 08:00-22:00",
    "2025-2026 Mo-Fr 09:00-12:00",
    "2027+ 09:00-12:00",
    "Su[1] 09:00-12:00",
    "Sa[-1] 14:00-18:00; Sa[2] off",
    "Mo[2,4] 10:00-11:00",
    "week 1-26 Mo 10:00-12:00; week 27-53 Tu 10:00-12:00",
    "week 2-52/2 We 10:00-12:00",
    "easter -2 days-easter +1 day 08:00-20:00",
    "Mo-Su 10:00-12:00; easter off",
    "Mo-Fr 08:00-18:00 || unknown \"sob consulta\"",
    "Mo-Fr 10:00-18:00; Fr off || \"ligue\"",
    "10:00-12:00 || 11:00-13:00 || unknown \"z\"",
    "Mo-Fr 08:00-09:00 unknown || 08:00-10:00",
    "\"guia obrigatório\"",
    "Sa,Su 08:00-12:00 \"com guia\"",
    "Sa,Su 08:00-12:00 open \"com guia\"",
    "\"missa\": Su 07:00-08:00",
    "Mo-Fr 10:00-12:00, Sa 10:00-11:00 \"a\", Su 09:00-10:00 unknown",
    "Fr-Sa 18:00+",
    "Fr-Sa 22:00+; Su 11:00+",
    "Mo-Su 11:00-14:00,18:00+",
    "22:00-02:00+",
    "11:00+ off; 12:00-13:00",
    "20:00-02:00, Th 21:00+",
    "Mo-Th 10:00-12:00 || 09:00+",
    "Mo-Fr 08:00-11:30, 13:30-17:00; Sa , Su off",
    "Mo - Fr 08:00 - 17:00",
    "Mo-Fr 00:00-24:00; Sa 00:00-12:00",
    "Fr-Mo 10:00-26:00",
    "Mo-Su 22:00-22:00",
];

#[test]
fn every_real_value_agrees_with_the_reference_implementation_all_year() {
    let comparison = compare(&real_values());
    assert!(comparison.instants > 9_000_000, "only {} answers were compared", comparison.instants);
    assert_eq!(comparison.unread, UNREAD, "values that only the reference reads");
    assert_eq!(comparison.unjudged.len(), 1, "only `SH off` is without an oracle: {:#?}", comparison.unjudged);
    assert!(comparison.different.is_empty(), "{:#?}", comparison.different);
}

#[test]
fn what_the_syntax_can_say_agrees_with_the_reference_implementation_all_year() {
    let values: Vec<_> = CRAFTED.iter().map(|value| (*value).to_owned()).collect();
    let comparison = compare(&values);
    assert_eq!(comparison.unread, Vec::<String>::new(), "values that only the reference reads");
    assert_eq!(comparison.unjudged, Vec::<String>::new(), "values without an oracle");
    let reviewed: Vec<_> = DIFFERENT.iter().map(|(value, _)| *value).collect();
    assert_eq!(comparison.different.keys().collect::<Vec<_>>(), reviewed, "{:#?}", comparison.different);
}

#[test]
fn sun_events_of_the_place_agree_with_the_reference_implementation_to_two_minutes() {
    let values = ["sunrise-sunset", "Tu-Su (sunrise+01:00)-(sunset-00:30)", "sunset-02:00", "dawn-dusk; Mo off"].map(str::to_owned);
    let (from, to) = (minute(instant("2026-01-01T04:00:00Z")), minute(instant("2027-01-01T04:00:00Z")));
    let request = oracle::Request { values: &values, zone: "America/Cuiaba", from, to };
    for (value, theirs) in values.iter().zip(oracle::evaluate(&request)) {
        let theirs = theirs.unwrap_or_else(|error| panic!("{value}: {error}"));
        let ours = OpeningHours::parse(value, Cuiaba, holidays_by_law(), Some((-15.6, -56.1))).unwrap();
        for minute in (from + 2..to - 2).step_by(7) {
            let expected = [minute - 2, minute, minute + 2].map(|minute| oracle::state_at(&theirs, minute));
            let at = DateTime::from_timestamp(minute * 60, 0).unwrap();
            assert!(expected.contains(&state(ours.is_open_at(at))), "{value} at {at}: not {expected:?}");
        }
    }
}

/// What came of asking both about each value over a year.
#[derive(Default)]
struct Comparison {
    instants: usize,
    unread: Vec<String>,
    /// Values that only we read, or on which the reference contradicts itself.
    unjudged: Vec<String>,
    different: BTreeMap<String, String>,
}

fn compare(values: &[String]) -> Comparison {
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
            (Err(_), Err(_)) => {}
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

fn state(state: OpenState) -> State {
    match state {
        OpenState::Open => State::Open,
        OpenState::Closed => State::Closed,
        OpenState::Unknown => State::Unknown,
    }
}

/// The 657 values, which must not be copied into the repository.
fn real_values() -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/opening-hours/osm_values.txt");
    let text = fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("the real values are expected at ../shared/data beside the repository: {error}"));
    text.lines().map(|line| line.split_once('\t').expect("count and value").1.to_owned()).collect()
}

/// The holidays the reference knows for the state: those by national and state law.
fn holidays_by_law() -> Arc<Holidays> {
    let mut table: serde_json::Value = serde_json::from_str(TABLE).unwrap();
    let holidays = table["holidays"].as_array_mut().unwrap();
    holidays.retain(|holiday| holiday["optional"] != true && holiday["scope"]["municipality"].is_null());
    HolidayCalendar::from_json(&table.to_string()).unwrap().for_municipality(None)
}
