//! The reader refuses what is wrong with its line, and a small instance is solved as it should be.

use std::time::{Duration, Instant};

use super::{Decimals, Instance, InstanceError, Run, run};

const SMALL: &str =
    "4 10 2 1\n0 200\n 0 40.00 50.00 0.00 0.00 0 0 0 100\n 1 45.00 50.00 10.00 7.00 1 1 1 0 50\n 2 40.00 53.00 1.5 3 2 2 2 8 5 60\n";

fn refused(text: &str) -> InstanceError {
    match Instance::read(text, Decimals::One) {
        Err(error) => error,
        Ok(_) => panic!("taken: {text}"),
    }
}

#[test]
fn a_small_instance_is_read_and_solved() {
    let Ok(instance) = Instance::read(SMALL, Decimals::One) else { panic!("refused") };
    assert_eq!((instance.travel(0, 1), instance.travel(1, 2), instance.places[2].duration, instance.places[2].open), (50, 58, 15, 50));
    let how = Run { tours: 1, seed: 1, started: Instant::now(), time_limit: Duration::from_secs(5), iterations: Some(50) };
    let Ok(report) = run(&instance, &how) else { panic!("no problem") };
    // Both places are visited by the first plan: there is nothing to search for.
    assert_eq!((report.score, report.iterations), (10, 0));
    assert_eq!(run(&instance, &how).map(|again| again.tours), Ok(report.tours));
}

#[test]
fn distances_are_rounded_down_exactly() {
    let text = "5 1 1 4\n0 0\n0 -10.442 19.999 0 0 0 0 0 1000\n1 -29.730 64.136 2 12 4 1 15 354 509\n";
    let Ok(instance) = Instance::read(text, Decimals::Two) else { panic!("refused") };
    // The square of 48.16 is below 19.288^2 + 44.137^2, the square of 48.17 is above.
    assert_eq!(instance.travel(0, 1), 4_816);
}

#[test]
fn what_is_wrong_is_refused_with_its_line() {
    assert!(matches!(refused(""), InstanceError::CutShort { .. }));
    assert!(matches!(refused("4 10 2 1\n0 200\n"), InstanceError::CutShort { line: 3, .. }));
    let without_last = SMALL.trim_end().rsplit_once('\n').map_or("", |(head, _)| head);
    assert!(matches!(refused(without_last), InstanceError::CutShort { line: 5, .. }));
    assert!(matches!(refused(&format!("{SMALL}3 1 1 1 1 0 0 0 1\n")), InstanceError::TooMany { line: 6, places: 2 }));
    assert!(matches!(refused(&SMALL.replace("4 10 2 1", "4 10 0 1")), InstanceError::Places { line: 1, found: 0 }));
    assert!(matches!(refused(&SMALL.replace("4 10 2 1", "4 10 999999 1")), InstanceError::Places { line: 1, .. }));
    assert!(matches!(refused(&SMALL.replace("4 10 2 1", "4 10 two 1")), InstanceError::Number { line: 1, field: "N", .. }));
    assert!(matches!(refused(&SMALL.replace(" 2 40.00", " 3 40.00")), InstanceError::Order { line: 5, found: 3, expected: 2 }));
    assert!(matches!(refused(&SMALL.replace("2 2 2 8 5 60", "2 3 2 8 5 60")), InstanceError::Fields { line: 5, found: 11, expected: 12 }));
    assert!(matches!(refused(&SMALL.replace("5 60", "60 5")), InstanceError::Window { line: 5 }));
    for (wrong, field) in
        [("nan", "x"), ("inf", "x"), ("1e3", "x"), ("4,5", "x"), ("1.2345", "x"), ("2000000", "x"), ("--1", "x"), (".", "x")]
    {
        let error = refused(&SMALL.replace(" 45.00", &format!(" {wrong}")));
        assert!(matches!(&error, InstanceError::Number { line: 4, field: found, .. } if *found == field), "{wrong}: {error}");
    }
    assert!(matches!(refused(&SMALL.replace("10.00 7.00", "-10.00 7.00")), InstanceError::Number { line: 4, field: "d", .. }));
    assert!(matches!(refused(&SMALL.replace("10.00 7.00", "10.05 7.00")), InstanceError::Number { line: 4, field: "d", .. }));
    assert!(matches!(refused(&SMALL.replace("10.00 7.00", "10.00 7.50")), InstanceError::Number { line: 4, field: "S", .. }));
}
