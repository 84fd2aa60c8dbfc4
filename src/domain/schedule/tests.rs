use chrono::{Datelike, NaiveDate, TimeZone};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::*;

fn record(dtstart: Option<&str>, dtend: Option<&str>, rrule: Option<&str>, rdate: &[&str]) -> ScheduleRecord {
    let owned = |value: Option<&str>| value.map(ToOwned::to_owned);
    let rdate = rdate.iter().map(|&value| value.to_owned()).collect();
    ScheduleRecord { dtstart: owned(dtstart), dtend: owned(dtend), rrule: owned(rrule), rdate, exdate: Vec::new() }
}

fn schedule(dtstart: Option<&str>, dtend: Option<&str>, rrule: Option<&str>, rdate: &[&str]) -> Result<Schedule, ScheduleError> {
    Schedule::parse(record(dtstart, dtend, rrule, rdate), chrono_tz::America::Cuiaba)
}

fn ruled(dtstart: &str, rrule: &str) -> Result<Schedule, ScheduleError> {
    schedule(Some(dtstart), None, Some(rrule), &[])
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn between(schedule: &Schedule, from: &str, to: &str) -> Vec<Occurrence> {
    schedule.occurrences(at(from), at(to), &WorkBudget::unlimited()).unwrap()
}

#[test]
fn a_birthday_recurs_every_year_at_local_midnight() {
    let birthday = ruled("2025-04-08", "FREQ=YEARLY;BYMONTH=4;BYMONTHDAY=8").unwrap();
    let found = between(&birthday, "2026-01-01T00:00:00Z", "2028-01-01T00:00:00Z");
    assert_eq!(
        found.iter().map(|one| one.start.to_rfc3339()).collect::<Vec<_>>(),
        ["2026-04-08T04:00:00+00:00", "2027-04-08T04:00:00+00:00"]
    );
    assert_eq!(found[0].end, Some(at("2026-04-09T04:00:00Z")));
}

#[test]
fn what_began_before_the_window_and_goes_on_is_found() {
    let festival = schedule(Some("2025-08-06"), Some("2025-08-11"), None, &[]).unwrap();
    assert_eq!(between(&festival, "2025-08-10T12:00:00Z", "2025-08-10T13:00:00Z").len(), 1);
    assert_eq!(between(&festival, "2025-08-11T04:00:00Z", "2025-08-12T00:00:00Z").len(), 0);
    assert_eq!(between(&festival, "2025-08-01T00:00:00Z", "2025-08-06T04:00:00Z").len(), 0);
}

#[test]
fn shows_past_midnight_belong_to_the_evening_they_began() {
    let shows = schedule(Some("2026-02-14T21:30:00"), Some("2026-02-15T01:30:00"), Some("FREQ=DAILY;COUNT=4"), &[]).unwrap();
    let at_one = between(&shows, "2026-02-15T05:00:00Z", "2026-02-15T05:00:01Z");
    assert_eq!(at_one.len(), 1);
    assert_eq!(at_one[0].start, at("2026-02-15T01:30:00Z"));
    assert_eq!(between(&shows, "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z").len(), 4);
}

#[test]
fn sparse_dates_are_listed_once_and_an_unannounced_edition_never_occurs() {
    let sparse = schedule(Some("2022-07-01"), None, None, &["2022-07-02", "2022-07-08", "2022-07-02"]).unwrap();
    assert_eq!(between(&sparse, "2022-01-01T00:00:00Z", "2023-01-01T00:00:00Z").len(), 3);
    let unannounced = schedule(None, None, Some("FREQ=WEEKLY;BYDAY=TH"), &[]).unwrap();
    assert!(!unannounced.is_dated());
    assert!(between(&unannounced, "2022-01-01T00:00:00Z", "2032-01-01T00:00:00Z").is_empty());
}

#[test]
fn a_date_that_is_also_an_rdate_comes_once() {
    for rule in ["FREQ=DAILY", "FREQ=DAILY;COUNT=3", "FREQ=DAILY;UNTIL=20220703"] {
        let twice = schedule(Some("2022-07-01"), None, Some(rule), &["2022-07-02", "2022-07-02"]).unwrap();
        assert_eq!(between(&twice, "2022-07-01T00:00:00Z", "2022-07-04T04:00:00Z").len(), 3, "{rule}");
    }
}

#[test]
fn until_of_whole_days_is_a_date_and_its_day_is_included() {
    let until = ruled("2026-12-01", "FREQ=DAILY;UNTIL=20261220").unwrap();
    let found = between(&until, "2026-01-01T00:00:00Z", "2028-01-01T00:00:00Z");
    assert_eq!((found.len(), found[19].start), (20, at("2026-12-20T04:00:00Z")));
    let evenings = ruled("2026-12-01T20:00:00", "FREQ=DAILY;UNTIL=20261221T000000Z").unwrap();
    assert_eq!(between(&evenings, "2026-01-01T00:00:00Z", "2028-01-01T00:00:00Z").len(), 20);
    for bad in ["UNTIL=20261220", "UNTIL=20261220T000000", "UNTIL=2026-12-20", "UNTIL=", "UNTIL=20261220T000000Z;UNTIL=20261220T000000Z"] {
        let error = ruled("2026-12-01T20:00:00", &format!("FREQ=DAILY;{bad}")).unwrap_err();
        assert!(matches!(error, ScheduleError::Rule(_)), "{bad}: {error}");
    }
}

#[test]
fn whole_days_are_days_whatever_the_clocks_do() {
    // Cuiabá put its clocks forward at midnight of 15 October 2017, so that day began at 01:00.
    let days = schedule(Some("2017-10-14"), Some("2017-10-15"), Some("FREQ=DAILY;COUNT=4"), &[]).unwrap();
    let found = between(&days, "2017-10-01T00:00:00Z", "2017-11-01T00:00:00Z");
    let local = |instant: DateTime<Utc>| instant.with_timezone(&chrono_tz::America::Cuiaba).naive_local().to_string();
    let shown: Vec<_> = found.iter().map(|one| (local(one.start), local(one.end.unwrap()))).collect();
    let day = |start: &str, end: &str| (start.to_owned(), end.to_owned());
    assert_eq!(
        shown,
        [
            day("2017-10-14 00:00:00", "2017-10-15 01:00:00"),
            day("2017-10-15 01:00:00", "2017-10-16 00:00:00"),
            day("2017-10-16 00:00:00", "2017-10-17 00:00:00"),
            day("2017-10-17 00:00:00", "2017-10-18 00:00:00"),
        ]
    );
    // A series that begins on a day without midnight is not moved by it ever after.
    let begun = ruled("2017-10-15", "FREQ=WEEKLY").unwrap();
    assert_eq!(local(between(&begun, "2017-10-20T00:00:00Z", "2017-10-25T00:00:00Z")[0].start), "2017-10-22 00:00:00");
    // Half an hour is skipped at 02:00 on Lord Howe: 02:10 is read with the offset before, as 02:40.
    let zone = chrono_tz::Australia::Lord_Howe;
    let time = NaiveDate::from_ymd_opt(2026, 10, 4).unwrap().and_hms_opt(2, 10, 0).unwrap();
    assert_eq!(local::instant(time, zone).with_timezone(&zone).naive_local().to_string(), "2026-10-04 02:40:00");
}

#[test]
fn nonsense_is_refused_by_field() {
    assert!(matches!(schedule(Some("soon"), None, None, &[]), Err(ScheduleError::Instant { field: "dtstart", .. })));
    assert_eq!(schedule(Some("2025-01-02"), Some("2025-01-01"), None, &[]).unwrap_err(), ScheduleError::EndBeforeStart);
    assert_eq!(schedule(Some("2025-01-02"), Some("2025-01-03T00:00:00"), None, &[]).unwrap_err(), ScheduleError::Kind("dtend"));
    assert_eq!(ruled("2025-04-07", "FREQ=YEARLY;BYMONTH=4;BYMONTHDAY=8").unwrap_err(), ScheduleError::StartNotOnRule);
    assert_eq!(schedule(None, Some("2025-01-01"), None, &[]).unwrap_err(), ScheduleError::NoStart("dtend"));
}

#[test]
fn weeks_are_numbered_as_iso_8601_numbers_them() {
    let first = NaiveDate::from_ymd_opt(1990, 1, 1).unwrap();
    for number in [1, 2, 26, 51, 52, 53] {
        for wanted in [number, number - 53] {
            let fits = |date: NaiveDate| {
                let (week, year) = (date.iso_week().week().cast_signed(), date.iso_week().year());
                let weeks = NaiveDate::from_ymd_opt(year, 12, 28).unwrap().iso_week().week().cast_signed();
                week == wanted || week - weeks - 1 == wanted
            };
            let expected: Vec<_> = first.iter_days().take(40 * 365).filter(|date| wanted != 0 && fits(*date)).collect();
            let Some(start) = expected.first() else { continue };
            let weekly = ruled(&start.to_string(), &format!("FREQ=YEARLY;BYWEEKNO={wanted};BYDAY=MO,TU,WE,TH,FR,SA,SU")).unwrap();
            let end = first + Duration::days(40 * 365);
            let found = weekly.occurrences(
                start.and_time(NaiveTime::MIN).and_utc(),
                end.and_time(NaiveTime::MIN).and_utc(),
                &WorkBudget::unlimited(),
            );
            let found: Vec<_> =
                found.unwrap().iter().map(|one| one.start.with_timezone(&chrono_tz::America::Cuiaba).date_naive()).collect();
            assert_eq!(found, expected, "week {wanted}");
        }
    }
}

/// Minutes 0 to 59, as BYMINUTE and BYSECOND list them.
fn all(below: u32) -> String {
    (0..below).map(|value| value.to_string()).collect::<Vec<_>>().join(",")
}

#[test]
fn what_would_never_end_is_refused_by_field() {
    let start = "2020-01-01T00:00:00";
    let secondly = format!("FREQ=DAILY;BYHOUR={};BYMINUTE={1};BYSECOND={1}", all(24), all(60));
    let half_hourly = format!("FREQ=DAILY;BYHOUR={};BYMINUTE=0,30", all(24));
    assert!(ruled(start, &half_hourly).is_ok());
    for (field, refused) in [
        ("rrule", ruled(start, &secondly)),
        ("rrule", ruled(start, &format!("{half_hourly};BYSECOND=0,1"))),
        ("rrule", ruled(start, &format!("FREQ=YEARLY;BYHOUR={};BYMINUTE={};BYSETPOS=1", all(24), all(60)))),
        ("rdate", schedule(Some(start), None, Some(&half_hourly), &["2020-01-07T00:10:00"])),
        ("rrule", ruled(start, "FREQ=SECONDLY")),
        ("rrule", ruled(start, "FREQ=MINUTELY;INTERVAL=30")),
        ("rrule", ruled(start, "FREQ=HOURLY;COUNT=2")),
        ("rrule", ruled(start, "FREQ=DAILY;COUNT=5001")),
        ("rrule", ruled(start, "FREQ=DAILY;COUNT=4000000000")),
        ("rrule", ruled(start, "FREQ=DAILY;COUNT=40000000000")),
        ("rrule", ruled(start, "FREQ=DAILY;COUNT=0")),
        ("rrule", ruled(start, "FREQ=YEARLY;COUNT=100")),
        ("rrule", ruled(start, "FREQ=DAILY;UNTIL=20991231T000000Z")),
        ("rrule", ruled(start, "FREQ=DAILY;UNTIL=99991231T000000Z")),
        ("rrule", ruled(start, "FREQ=DAILY;UNTIL=20200101T000000Z;COUNT=1")),
        ("rrule", ruled(start, "FREQ=DAILY;UNTIL=20191231T000000Z")),
        ("rrule", ruled(start, "FREQ=DAILY;INTERVAL=0")),
        ("rrule", ruled(start, "FREQ=DAILY;INTERVAL=70000")),
        ("rrule", ruled(start, "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30")),
        ("rrule", ruled(start, "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30")),
        ("rrule", ruled(start, "FREQ=DAILY\nRRULE:FREQ=WEEKLY")),
        ("rrule", ruled(start, "FREQ=YEARLY;BYEASTER=0")),
        ("rrule", ruled(start, "FREQ=YEARLY;RSCALE=HEBREW")),
        ("rrule", ruled(start, &format!("FREQ=DAILY;{}", " ".repeat(5_000)))),
        ("rrule", schedule(None, None, Some(&secondly), &[])),
        ("rrule", schedule(None, None, Some("FREQ=SECONDLY"), &[])),
        ("dtstart", ruled("1900-01-01T00:00:00", "FREQ=DAILY")),
        ("dtstart", schedule(Some("+262142-12-31T23:59:59"), None, None, &[])),
        ("dtstart", schedule(Some("-9999-01-01"), None, None, &[])),
        ("dtstart", schedule(Some("2101-01-01"), None, None, &[])),
        ("dtend", schedule(Some(start), Some("+262142-12-31T23:59:59"), None, &[])),
        ("dtend", schedule(Some(start), Some("9999-12-31T23:59:59"), None, &[])),
        ("dtend", schedule(Some(start), Some("2099-12-31T23:59:59"), Some("FREQ=DAILY"), &[])),
        ("dtend", schedule(Some(start), Some("2099-12-31T23:59:59"), None, &["2021-01-01T00:00:00"])),
        ("rdate", schedule(Some("2020-01-01"), None, None, &["+262142-12-31"])),
    ] {
        assert_eq!(refused.map(|_| "taken").map_err(|error| error.field()), Err(field));
    }
    let dates = |count: i64| (0..count).map(|day| (NaiveDate::from_ymd_opt(2020, 1, 2).unwrap() + Duration::days(day)).to_string());
    let series = |count| ScheduleRecord { dtstart: Some("2020-01-01".into()), rdate: dates(count).collect(), ..ScheduleRecord::default() };
    assert!(Schedule::parse(series(4_999), Tz::UTC).is_ok());
    assert_eq!(Schedule::parse(series(5_000), Tz::UTC).unwrap_err(), ScheduleError::TooManyDates { field: "rdate" });
    let except = ScheduleRecord { exdate: dates(5_001).collect(), ..series(1) };
    assert_eq!(Schedule::parse(except, Tz::UTC).unwrap_err(), ScheduleError::TooManyDates { field: "exdate" });
}

#[test]
fn a_series_pays_for_what_is_looked_at_and_not_for_the_years_before() {
    let daily = ruled("1970-01-01T12:00:00", "FREQ=DAILY").unwrap();
    let budget = WorkBudget::new(1_000);
    let (from, to) = (at("2100-06-01T00:00:00Z"), at("2100-06-11T00:00:00Z"));
    assert_eq!(daily.occurrences(from, to, &budget).unwrap().len(), 10);
    assert!(budget.left() > 900, "{}", budget.left());
    assert_eq!(daily.occurrences(from, at("2100-12-31T00:00:00Z"), &WorkBudget::new(100)), Err(Spent));
    // A leap day that is a Sunday comes each 28 years.
    let rare = ruled("1976-02-29T12:00:00", "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=29;BYDAY=SU").unwrap();
    let budget = WorkBudget::new(50_000);
    let found = rare.occurrences(at("1970-01-02T00:00:00Z"), at("2100-12-31T00:00:00Z"), &budget).unwrap();
    assert_eq!(found.iter().map(|one| one.start.format("%Y").to_string()).collect::<Vec<_>>(), ["1976", "2004", "2032", "2060", "2088"]);
    for far in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC] {
        assert_eq!(daily.occurrence_at(far), None);
        assert_eq!(daily.occurrences(far, far, &WorkBudget::new(1_000)), Ok(Vec::new()));
    }
    let last = daily.first_occurrences(at("2100-12-30T00:00:00Z"), DateTime::<Utc>::MAX_UTC, 10, &WorkBudget::new(10_000)).unwrap();
    assert_eq!(last.len(), 2, "nothing takes place after the years that are known");
}

#[derive(Clone, Debug)]
struct AnyRule {
    text: String,
    start: NaiveDateTimeParts,
}

type NaiveDateTimeParts = (i32, u32, u32, u32);

fn list<T: ToString>(name: &str, values: &[T]) -> String {
    let values: Vec<String> = values.iter().map(ToString::to_string).collect();
    if values.is_empty() { String::new() } else { format!(";{name}={}", values.join(",")) }
}

/// Rules without an end that the crate reads as RFC 5545 does. It takes plain and numbered weekdays together for "and", begins the first
/// week of a weekly rule with BYSETPOS at DTSTART, and is wrong about weeks at the turn of a year; of these there are none here.
fn rules() -> impl Strategy<Value = AnyRule> {
    let weekdays = || subsequence(vec!["MO", "TU", "WE", "TH", "FR", "SA", "SU"], 0..4);
    let numbered = prop::collection::vec((select(vec![-4, -2, -1, 1, 2, 3, 5]), select(vec!["MO", "WE", "SA", "SU"])), 1..3)
        .prop_map(|days| days.into_iter().map(|(number, day)| format!("{number}{day}")).collect::<Vec<_>>());
    let months = prop_oneof![3 => Just(Vec::new()), 2 => subsequence((1..=12).collect::<Vec<i32>>(), 1..4)];
    let month_days = prop_oneof![2 => Just(Vec::new()), 1 => subsequence(vec![-31, -2, -1, 1, 13, 29, 30, 31], 1..4)];
    let year_days = prop_oneof![3 => Just(Vec::new()), 1 => subsequence(vec![-366, -100, -1, 1, 59, 60, 366], 1..4)];
    let weeks = prop_oneof![3 => Just(Vec::new()), 1 => subsequence(vec![2, 20, 40, 51], 1..4)];
    let times = (subsequence(vec![0, 8, 11, 14, 23], 0..3), subsequence(vec![0, 30], 0..2));
    let positions = prop_oneof![2 => Just(Vec::new()), 1 => subsequence(vec![-3, -1, 1, 2, 10], 1..3)];
    let days = (weekdays(), numbered, any::<bool>());
    let frame = (0..4_usize, 1..6_u32, select(vec!["MO", "SU", "TH"]), (1972..2030_i32, 1..13_u32, 1..29_u32, 0..24_u32));
    (frame, days, months, (month_days, year_days, weeks), times, positions).prop_map(
        |(
            (period, interval, week_start, start),
            (plain, numbered, is_numbered),
            months,
            (month_days, year_days, weeks),
            times,
            positions,
        )| {
            let frequency = ["DAILY", "WEEKLY", "MONTHLY", "YEARLY"][period];
            let (of_month, of_year) = (period != 1, period == 3);
            let has_weeks = of_year && !weeks.is_empty();
            let days = if is_numbered && period >= 2 && !has_weeks { numbered } else { plain.into_iter().map(ToOwned::to_owned).collect() };
            let mut text = format!("FREQ={frequency};INTERVAL={interval};WKST={week_start}");
            text += &list("BYDAY", &days);
            text += &list("BYMONTH", &months);
            text += &if of_month { list("BYMONTHDAY", &month_days) } else { String::new() };
            text += &if of_year { list("BYYEARDAY", &year_days) + &list("BYWEEKNO", &weeks) } else { String::new() };
            text += &(list("BYHOUR", &times.0) + &list("BYMINUTE", &times.1));
            let has_part = text.matches("BY").count() > 0;
            text += &if period >= 2 && has_part { list("BYSETPOS", &positions) } else { String::new() };
            AnyRule { text, start }
        },
    )
}

/// The dates of the crate's own walk from the first on, before `end`.
fn plain_walk(rule: &AnyRule, end: DateTime<Utc>) -> Option<(DateTime<Utc>, Vec<DateTime<Utc>>)> {
    let (year, month, day, hour) = rule.start;
    let build = |start: DateTime<Utc>| {
        let read: rrule::RRule<rrule::Unvalidated> = rule.text.parse().unwrap();
        read.build(start.with_timezone(&rrule::Tz::UTC)).unwrap()
    };
    let asked = Utc.with_ymd_and_hms(year, month, day, hour, 30, 0).unwrap();
    let first = build(asked).limit().into_iter().next()?.to_utc();
    if first >= end {
        return None;
    }
    let dates = build(first).limit().into_iter().map(|date| date.to_utc()).take_while(|date| *date < end).collect();
    Some((first, dates))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, ..ProptestConfig::default() })]

    #[test]
    fn a_window_holds_what_the_plain_walk_from_the_start_finds(
        rule in rules(),
        (offset, length) in (-100..4_000_i64, 1..900_i64),
    ) {
        let end = Utc.with_ymd_and_hms(2042, 1, 1, 0, 0, 0).unwrap();
        let Some((first, dates)) = plain_walk(&rule, end) else { return Ok(()) };
        let start = first.format("%Y-%m-%dT%H:%M:%S").to_string();
        let schedule = Schedule::parse(record(Some(&start), None, Some(&rule.text), &[]), Tz::UTC);
        let schedule = match schedule {
            Ok(schedule) => schedule,
            Err(error) => return Err(TestCaseError::fail(format!("{start} {} {error}", rule.text))),
        };
        let from = first + Duration::days(offset);
        let to = (from + Duration::days(length)).min(end);
        let found: Vec<_> = schedule.occurrences(from, to, &WorkBudget::unlimited()).unwrap().into_iter().map(|one| one.start).collect();
        let expected: Vec<_> = dates.iter().copied().filter(|date| (from..to).contains(date)).collect();
        prop_assert_eq!(&found, &expected, "{} {}", start, &rule.text);
        let few = schedule.first_occurrences(from, to, 3, &WorkBudget::unlimited()).unwrap();
        prop_assert_eq!(few.iter().map(|one| one.start).collect::<Vec<_>>(), expected.iter().copied().take(3).collect::<Vec<_>>());
        // The same rule, ended by COUNT, is expanded when it is read.
        let count = dates.len().min(40);
        let ended = Schedule::parse(record(Some(&start), None, Some(&format!("{};COUNT={count}", rule.text)), &[]), Tz::UTC).unwrap();
        let all = ended.occurrences(first, end, &WorkBudget::unlimited()).unwrap();
        prop_assert_eq!(all.iter().map(|one| one.start).collect::<Vec<_>>(), dates[..count].to_vec());
    }

    #[test]
    fn a_window_is_a_part_of_the_whole_in_every_zone(
        rule in rules(),
        zone in select(vec![chrono_tz::America::Cuiaba, chrono_tz::America::Sao_Paulo, chrono_tz::Australia::Lord_Howe, chrono_tz::Pacific::Apia]),
        all_day in any::<bool>(),
        (offset, length) in (-100..4_000_i64, 1..900_i64),
    ) {
        let end = Utc.with_ymd_and_hms(2042, 1, 1, 0, 0, 0).unwrap();
        let Some((first, _)) = plain_walk(&rule, end) else { return Ok(()) };
        let start = first.format(if all_day { "%Y-%m-%d" } else { "%Y-%m-%dT%H:%M:%S" }).to_string();
        // Without its hours a rule of positions picks other days, perhaps not the first.
        let Ok(schedule) = Schedule::parse(record(Some(&start), None, Some(&rule.text), &[]), zone) else { return Ok(()) };
        let whole = schedule.occurrences(first - Duration::days(2), end, &WorkBudget::unlimited()).unwrap();
        prop_assert!(whole.is_sorted_by(|one, other| one.start < other.start));
        let from = first + Duration::days(offset);
        let to = (from + Duration::days(length)).min(end);
        let found = schedule.occurrences(from, to, &WorkBudget::unlimited()).unwrap();
        let meets = |one: &&Occurrence| one.start < to && (one.start >= from || one.end.is_some_and(|end| end > from));
        prop_assert_eq!(found, whole.iter().filter(meets).copied().collect::<Vec<_>>());
        if let Some(one) = whole.first() {
            prop_assert_eq!(schedule.occurrence_at(one.start), Some(*one));
        }
    }
}
