//! Every answer compared with the reference implementation's over a year: values as people write them, values for what the
//! syntax can say, and values made by chance.

use chrono::DateTime;
use chrono_tz::America::Cuiaba;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use roteiro::domain::opening_hours::OpeningHours;

use crate::support::hours_comparison::{compare, holidays_by_law, instant, minute, state};
use crate::support::hours_oracle as oracle;

/// Values on which we differ from `opening_hours.js`, with the reason. None of them is real. The table may only shrink.
const DIFFERENT: &[(&str, &str)] = &[(
    "easter -2 days-easter +1 day 08:00-20:00",
    "a range of days includes its last one (Jun 1-3 has three days); the reference leaves out a last day counted from Easter",
)];

/// Values against the specification's grammar that `opening_hours.js` reads all the same, by guessing what was meant: rules
/// without a separator, hours without minutes, dots for colons, day names of other languages. We answer unknown instead. The table
/// may only shrink.
const UNREAD: &[&str] = &[
    "Tu-Sa 09:00-12:00 Su 14:00-17:00",
    "Mo-We 07:00-11:00; Th07:00-10:00; Fr 07:00-11:00",
    "Mo-Sa 07:00-13:00 PH 08:00-12:00",
    "Mon - Sat 8am - 5pm, Sun 9am - 1pm",
    "Tu-Th 17-00; Fr-Su 16-02",
    "Tu-Su 08:30-16:30, PH 9-15",
    "We-Sa 18.30-23.30; Su 11.30-15.00",
    "Seg-Sex 08:00-18:00",
];

/// What neither reads: prose, and hours that are no hours.
const PROSE: &[&str] = &["sob consulta", "aberto na alta temporada", "terça a domingo, das 8h às 17h", "Mo-Fr 08:00-", "25:00-26:00 Mo"];

/// Values as town halls, museums, bakeries and bars write them.
const EVERYDAY: &[&str] = &[
    "24/7",
    "off",
    "08:00-17:30",
    "8:00-17:00",
    "06:00-00:00",
    "Mo-Su 17:00-02:00",
    "Mo-Fr 07:00-13:00",
    "Mo-Fr 00:00-24:00",
    "Tu-Su 09:00-17:00",
    "Su-Sa 05:30-23:30",
    "Sa 05:00-13:00",
    "Th 16:00-22:00; PH off",
    "Mo-Fr 08:00-11:30,13:00-17:30",
    "Mo-Fr 07:30-11:00, 13:00-17:00; Sa 07:30-11:30",
    "Mo-Fr 08:00-18:00;Sa 08:00-12:00",
    "Mo-Fr 08:00-18:00; Sa 08:00-12:00; Su off",
    "Mo-Fr 08:00-18:00; Sa 08:00-12:00; Su,PH off",
    "Mo-Fr 08:00-18:00; Sa 08:00-12:00; Su closed",
    "Mo off; Tu-Fr 13:00-19:00; Sa-Su 10:00-18:00",
    "Mo,We,Fr 06:00-10:00;Tu,Th 06:00-09:00,16:00-21:00;Sa,Su 07:00-12:00",
    "Mo,Tu,Th,Fr 07:00-11:00,13:00-17:00; We 07:00-11:00",
    "Mo-We, Fr 07:00-16:00; Th 07:00-19:00",
    "Mo 13:00-18:00; Tu-Fr 08:00-18:00; Sa 08:00-14:00",
    "Mo-Th 11:00-23:00; Fr-Sa 11:00-01:00; Su 11:00-16:00",
    "Mo-Th 11:00-23:00, Fr 11:00-24:00, Sa 12:00-24:00, Su 12:00-22:00",
    "Mo-Sa 19:00-03:00, Su 18:00-24:00",
    "Tu 18:00-02:00;We-Su 18:00-05:00",
    "Mo-Sa 11:00-14:30, Fr,Sa 19:00-23:00; Su off",
    "Mo-Fr 08:00-17:00; We 08:00-20:00; Sa 09:00-13:00",
    "Sa 09:00-15:00; Mo-Fr 09:00-18:00",
    "MO off; TU 11:00-15:00; WE 11:00-15:00; SA off",
    "09:00-12:00; 14:00-18:00; Su off",
    "Mo-Fr 09:00-17:00; 11:00-15:00",
    "Mo-Fr 08:00-16:00 || \"com hora marcada\"",
    "Oct-Mar 07:00-18:00; Apr-Sep 08:00-17:00; Dec 25 off",
    "Dec-Feb: Su-Sa 08:00-19:00; Mar-Nov: Su-Sa 08:00-17:00",
    "07:00-17:00; Jul,Jan 07:00-18:00; Oct 17-Nov 25 off",
    "Mo-Fr 8:00-18:00; Jan 2 - Jan 31 Mo-Fr 8:00-14:00; PH off",
    "Mo-Fr 08:00-19:00; Sa 08:00-13:00; PH off; 2026 Apr 01-02 08:00-12:00",
    "May-Sep Tu-Su 08:00-16:00; Oct-Apr We-Su 08:00-16:00",
];

/// Values for what everyday ones have little of: fallbacks, holidays, seasons, weeks, n-th weekdays, nights, open ends.
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
fn everyday_values_agree_with_the_reference_implementation_all_year() {
    let comparison = compare(&owned(EVERYDAY));
    assert!(comparison.instants > 500_000, "only {} answers were compared", comparison.instants);
    assert_eq!((comparison.unread, comparison.unjudged), (Vec::new(), Vec::new()));
    assert!(comparison.different.is_empty(), "{:#?}", comparison.different);
}

#[test]
fn values_made_by_chance_agree_with_the_reference_implementation_all_year() {
    let mut random = StdRng::seed_from_u64(11);
    let values: Vec<_> = (0..300).map(|_| made_by_chance(&mut random)).collect();
    let comparison = compare(&values);
    assert!(comparison.instants > 4_000_000, "only {} answers were compared", comparison.instants);
    assert_eq!((comparison.unread, comparison.unjudged), (Vec::new(), Vec::new()));
    assert!(comparison.different.is_empty(), "{:#?}", comparison.different);
}

#[test]
fn what_only_a_guess_can_read_is_unknown() {
    let comparison = compare(&[owned(UNREAD), owned(PROSE), owned(&["SH off"])].concat());
    assert_eq!(comparison.unread, UNREAD, "values that only the reference reads");
    assert_eq!(comparison.refused, PROSE, "values that nobody reads");
    assert_eq!(comparison.unjudged.len(), 1, "only `SH off` is without an oracle: {:#?}", comparison.unjudged);
}

#[test]
fn what_the_syntax_can_say_agrees_with_the_reference_implementation_all_year() {
    let comparison = compare(&owned(CRAFTED));
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

fn owned(values: &[&str]) -> Vec<String> {
    values.iter().map(|value| (*value).to_owned()).collect()
}

/// One to four rules of days and times in the syntax's everyday part, separated as people do.
fn made_by_chance(random: &mut StdRng) -> String {
    const DAYS: [&str; 7] = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"];
    let clock = |quarters: u32| format!("{:02}:{:02}", quarters / 4, quarters % 4 * 15);
    let days = |random: &mut StdRng| match random.random_range(0..4) {
        0 => DAYS.choose(random).map(|day| (*day).to_owned()).unwrap(),
        1 => DAYS.choose_multiple(random, 2).copied().collect::<Vec<_>>().join(","),
        _ => DAYS.choose_multiple(random, 2).copied().collect::<Vec<_>>().join("-"),
    };
    let times = |random: &mut StdRng| {
        let (open, break_at, again) = (random.random_range(20..44), random.random_range(44..50), random.random_range(50..60));
        match random.random_range(0..4) {
            0 => format!("{}-{},{}-{}", clock(open), clock(break_at), clock(again), clock(random.random_range(61..=96))),
            // Past midnight.
            1 => format!("{}-{}", clock(again), clock(random.random_range(1..20))),
            _ => format!("{}-{}", clock(open), clock(random.random_range(61..=96))),
        }
    };
    let mut rules = vec![format!("{} {}", days(random), times(random))];
    for _ in 0..random.random_range(0..3) {
        rules.push(if random.random_bool(0.15) { format!("{} off", days(random)) } else { format!("{} {}", days(random), times(random)) });
    }
    if random.random_bool(0.3) {
        rules.push((*["PH off", "PH 08:00-12:00", "Jan 1,Dec 25 off", "Jul 10:00-16:00"].choose(random).unwrap()).to_owned());
    }
    rules.join(["; ", ";"].choose(random).unwrap())
}
