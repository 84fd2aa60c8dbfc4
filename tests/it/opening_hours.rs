//! Opening hours: asked what a visitor asks, and (in `reference`) compared with an independent evaluator.

mod reference;

use std::sync::{Arc, LazyLock};

use chrono::{DateTime, NaiveDate};
use chrono_tz::America::Cuiaba;
use proptest::prelude::*;
use roteiro::domain::{
    holidays::{HolidayCalendar, Holidays},
    opening_hours::{DayRangeError, MAX_LENGTH, MAX_RULES, OpenState, OpeningHours, OpeningHoursError},
};

use crate::support::hours_comparison::{TABLE, day, instant};

const CUIABA: u32 = 5_103_403;

#[test]
fn holidays_are_those_of_the_municipality() {
    let off = "24/7; PH off";
    let closed_in = |municipality, on: &str| {
        let hours = OpeningHours::parse(off, Cuiaba, holidays(municipality), None).unwrap();
        hours.is_open_at(instant(on)) == OpenState::Closed
    };
    for (on, in_cuiaba, in_caceres, in_sao_paulo) in [
        ("2026-01-01T16:00:00Z", true, true, true),    // New Year
        ("2026-04-08T16:00:00Z", true, false, false),  // Cuiaba's birthday
        ("2026-02-17T16:00:00Z", true, true, false),   // Carnival Tuesday
        ("2026-04-03T16:00:00Z", true, true, true),    // Good Friday
        ("2026-06-04T16:00:00Z", true, true, false),   // Corpus Christi
        ("2026-07-09T16:00:00Z", false, false, false), // a day of the state of Sao Paulo only, not in our table
        ("2026-10-04T16:00:00Z", true, true, true),    // general election
        ("2027-10-03T16:00:00Z", false, false, false), // no election in an odd year
        ("2026-11-20T16:00:00Z", true, true, true),    // national since 2024
        ("2022-11-20T16:00:00Z", true, true, false),   // the state's before
        ("2026-11-21T03:59:00Z", true, true, true),    // 23:59 of the holiday in Cuiaba
        ("2026-11-21T04:00:00Z", false, false, false),
    ] {
        let closed = [Some(CUIABA), Some(5_102_504), Some(3_550_308)].map(|municipality| closed_in(municipality, on));
        assert_eq!(closed, [in_cuiaba, in_caceres, in_sao_paulo], "{on}");
        assert_eq!(closed_in(None, on), in_caceres, "{on}: a place of the state whose municipality is not known");
    }
}

#[test]
fn the_answer_says_until_when_and_what_comes_next() {
    let museum = hours("Tu-Su 09:00-17:00; PH off");
    let thursday = museum.state(instant("2026-01-08T15:00:00Z"));
    assert_eq!((thursday.state, thursday.until), (OpenState::Open, Some(instant("2026-01-08T21:00:00Z"))));
    let sunday_night = museum.state(instant("2026-01-11T22:00:00Z"));
    let next = sunday_night.next_change.unwrap();
    assert_eq!((next.at, next.state), (instant("2026-01-13T13:00:00Z"), OpenState::Open), "Monday is skipped");

    let always = hours("24/7").state(instant("2026-01-08T15:00:00Z"));
    assert_eq!((always.state, always.until, always.next_change), (OpenState::Open, None, None));

    let asked = hours("Mo-Fr 08:00-18:00 \"com guia\"").state(instant("2026-01-08T15:00:00Z"));
    assert_eq!((asked.state, asked.until), (OpenState::Unknown, None));
    assert_eq!(asked.next_change.unwrap().at, instant("2026-01-08T22:00:00Z"));
    assert_eq!(asked.comment.as_deref(), Some("com guia"));
}

#[test]
fn days_carry_intervals_and_the_holiday() {
    let bar = hours("Fr-Sa 18:00-02:00; PH off");
    let days = bar.days(day(2026, 4, 3), day(2026, 4, 5)).unwrap();
    let told: Vec<_> = days
        .iter()
        .map(|day| {
            let times = day.intervals.iter().map(|interval| format!("{}-{}", interval.start.format("%H:%M"), interval.end.format("%H:%M")));
            (day.date.to_string(), times.collect::<Vec<_>>().join(","), day.holiday.as_deref())
        })
        .collect();
    let expected = [
        ("2026-04-03", "", Some("Paixão de Cristo")),
        ("2026-04-04", "00:00-02:00,18:00-00:00", None),
        ("2026-04-05", "00:00-02:00", None),
    ];
    // `off` takes the Friday itself; the hours after its midnight stay, as the reference implementation has it too.
    assert_eq!(told, expected.map(|(date, times, holiday)| (date.to_owned(), times.to_owned(), holiday)));
}

#[test]
fn clocks_put_back_and_forward_keep_instants_in_order() {
    // Cuiaba put its clocks forward at midnight of 2018-11-04 and back at midnight of 2018-02-18.
    let night = hours("22:00-03:00");
    let forward = night.state(instant("2018-11-04T03:00:00Z"));
    assert_eq!((forward.state, forward.until), (OpenState::Open, Some(instant("2018-11-04T06:00:00Z"))));
    let back = night.state(instant("2018-02-18T02:30:00Z"));
    assert_eq!((back.state, back.until), (OpenState::Open, Some(instant("2018-02-18T07:00:00Z"))));
    let day = &hours("00:00-01:00").days(day(2018, 11, 4), day(2018, 11, 4)).unwrap()[0];
    assert!(day.intervals.is_empty(), "the hour was skipped: {day:?}");
}

#[test]
fn what_lies_beyond_is_refused_or_unknown() {
    let open = hours("24/7; PH off");
    for far in ["9999-12-31T23:59:59Z", "+262142-12-31T23:59:59Z", "-262143-01-01T00:00:00Z", "1989-06-01T00:00:00Z"] {
        let opening = open.state(instant(far));
        assert_eq!((opening.state, opening.next_change, open.is_open_at(instant(far))), (OpenState::Unknown, None, OpenState::Unknown));
    }
    assert!(open.days(day(2028, 1, 1), day(2028, 12, 31)).is_ok_and(|days| days.len() == 366));
    let (first, last) = (day(2026, 1, 1), day(2027, 1, 2));
    assert_eq!(open.days(first, last), Err(DayRangeError::TooMany { days: 367 }));
    assert_eq!(open.days(last, first), Err(DayRangeError::Reversed { from: last, to: first }));
    assert_eq!(open.days(day(2100, 12, 1), day(9999, 1, 1)), Err(DayRangeError::OutsideYears { date: day(9999, 1, 1) }));
    assert_eq!(open.days(NaiveDate::MIN, NaiveDate::MAX), Err(DayRangeError::OutsideYears { date: NaiveDate::MIN }));
}

#[test]
fn what_is_no_value_is_refused_with_a_reason() {
    let parse = |raw: &str, position| OpeningHours::parse(raw, Cuiaba, holidays(None), position).map(|_| ()).unwrap_err();
    assert_eq!(parse(" ", None), OpeningHoursError::Empty);
    assert_eq!(parse(&"x".repeat(MAX_LENGTH + 1), None), OpeningHoursError::TooLong { characters: MAX_LENGTH + 1 });
    let many = ["Mo"; MAX_RULES + 1].join("; ");
    assert_eq!(parse(&many, None), OpeningHoursError::TooManyRules { rules: MAX_RULES + 1 });
    assert!(matches!(parse("aberto todo dia", None), OpeningHoursError::Syntax(_)));
    assert!(matches!(parse("24/7", Some((95.0, 0.0))), OpeningHoursError::Position { .. }));
    // Values that break assertions inside the crate.
    assert_eq!(parse("10:00-12:00/24:00", None), OpeningHoursError::Unworkable);
    assert_eq!(hours("(sunset+23:00)-30:00").is_open_at(instant("2026-01-08T15:00:00Z")), OpenState::Unknown);
}

/// Found by the property below.
#[test]
fn no_change_is_told_beyond_the_years_that_are_known() {
    let hours = OpeningHours::parse("Jan", Cuiaba, Arc::clone(&HOLIDAYS), None).unwrap();
    let opening = hours.state(DateTime::from_timestamp(68_418_960 * 60, 0).unwrap());
    assert_eq!((opening.state, opening.until, opening.next_change.is_none()), (OpenState::Closed, None, true));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2_000) })]

    /// Anything at all, and anything made of the words of the syntax, is answered or refused, never a panic.
    #[test]
    fn no_text_breaks_the_evaluation(anything in "\\PC{0,60}", parts in prop::collection::vec(prop::sample::select(WORDS), 0..16), minute in -30_000_000_i64..100_000_000) {
        for raw in [anything, parts.concat()] {
            let Ok(hours) = OpeningHours::parse(&raw, Cuiaba, Arc::clone(&HOLIDAYS), Some((-15.6, -56.1))) else { continue };
            let at = DateTime::from_timestamp(minute * 60, 0).unwrap();
            let opening = hours.state(at);
            prop_assert_eq!(opening.state, hours.is_open_at(at));
            if let Some(change) = opening.next_change {
                prop_assert!(change.at > at && change.state != opening.state);
                prop_assert_eq!(hours.is_open_at(change.at), change.state, "{} at {}", raw, change.at);
            }
        }
    }
}

static HOLIDAYS: LazyLock<Arc<Holidays>> = LazyLock::new(|| holidays(Some(CUIABA)));

const WORDS: &[&str] = &[
    "Mo",
    "Tu",
    "Fr",
    "Sa",
    "Su",
    "-",
    ",",
    ", ",
    "; ",
    " || ",
    " ",
    "08:00",
    "12:30",
    "18:00",
    "26:00",
    "00:00",
    "24:00",
    "+",
    "24/7",
    "PH",
    "SH",
    " off",
    " closed",
    " open",
    " unknown",
    "\"x\"",
    "\"",
    ":",
    "Jan",
    "Feb 29",
    "Dec 31",
    "2026",
    "2026-2030/2",
    "week 1",
    "week 52-2",
    "[1]",
    "[-1]",
    "[2,4]",
    "easter",
    " +1 day",
    " -3 days",
    "sunrise",
    "sunset",
    "(dusk+01:00)",
    "(dawn-05:00)",
    "/",
    "–",
    "(sunset+23:00)",
    "30",
    "é",
];

#[test]
fn the_longest_values_stay_bounded() {
    // No clock is read: a value that is not bounded would hang the suite.
    let crowded =
        ["Mo;", "PH,", "10:00-12:00,", "Mo-Su 22:00-03:00;", "\"a\"||", "week 1-53/2;", "(((((", "Jan 1-Dec 31,", "((sunset", ", , ,"];
    for part in crowded {
        let raw = part.repeat(MAX_LENGTH / part.len());
        for raw in [raw.clone(), raw.trim_end_matches([';', ',', '|']).to_owned()] {
            if let Ok(hours) = OpeningHours::parse(&raw, Cuiaba, holidays(None), None) {
                hours.state(instant("2026-01-08T15:00:00Z"));
            }
        }
    }
}

fn holidays(municipality: Option<u32>) -> Arc<Holidays> {
    HolidayCalendar::from_json(TABLE).unwrap().for_municipality(municipality)
}

fn hours(value: &str) -> OpeningHours {
    OpeningHours::parse(value, Cuiaba, holidays(Some(CUIABA)), None).unwrap_or_else(|error| panic!("{value}: {error}"))
}
