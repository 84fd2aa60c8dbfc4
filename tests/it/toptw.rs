//! `roteiro toptw` as the benchmark calls it, on instances of our own: verified by the benchmark's rules, and small ones
//! against the best score there is.

mod exact;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::toptw::{Rules, Shape, file, made_up, peak_memory, run, solved};

const TIGHT: Shape = Shape { places: 100, clustered: true, window: 60 };
const LOOSE: Shape = Shape { places: 100, clustered: false, window: 500 };
/// As large as the largest of the benchmark.
const LARGE: Shape = Shape { places: 288, clustered: true, window: 200 };

#[test]
fn small_instances_are_solved_to_the_best_there_is() {
    for (seed, clustered, window, tours) in
        [(1, true, 120, 1), (2, false, 300, 1), (3, true, 250, 2), (4, false, 80, 2), (5, false, 400, 3)]
    {
        let text = made_up(Shape { places: 11, clustered, window }, seed);
        let folder = tempfile::tempdir().unwrap();
        for (decimals, ticks) in [("1", 10.0), ("2", 100.0)] {
            let rules = Rules::of(&text, ticks);
            let most = tours.to_string();
            let arguments = ["--decimals", decimals, "--tours", &most, "--time-limit", "100", "--seed", "1", "--iterations", "20000"];
            let answer = solved(&file(folder.path(), &text), &arguments);
            assert_eq!(answer["score"].as_u64(), Some(rules.score_of(&answer["tours"])), "seed {seed}");
            assert_eq!(answer["score"].as_u64(), Some(exact::best(&rules, tours)), "seed {seed}, {tours} tours");
        }
    }
}

#[test]
fn tours_are_feasible_and_as_good_as_they_say() {
    let folder = tempfile::tempdir().unwrap();
    for (shape, decimals, ticks, tours) in [(TIGHT, "1", 10.0, "2"), (LARGE, "2", 100.0, "1"), (LOOSE, "1", 10.0, "4")] {
        let text = made_up(shape, 7);
        let arguments = ["--decimals", decimals, "--tours", tours, "--time-limit", "20", "--seed", "1", "--iterations", "5000"];
        let answer = solved(&file(folder.path(), &text), &arguments);
        assert!(answer["tours"].as_array().unwrap().len() <= tours.parse::<usize>().unwrap());
        let score = answer["score"].as_u64().unwrap();
        assert_eq!(score, Rules::of(&text, ticks).score_of(&answer["tours"]), "{shape:?}");
        assert!(score > 0, "{shape:?}");
    }
}

#[test]
fn equal_seed_and_iterations_give_equal_tours() {
    let folder = tempfile::tempdir().unwrap();
    let instance = file(folder.path(), &made_up(LOOSE, 8));
    let arguments = ["--decimals", "1", "--tours", "3", "--time-limit", "30", "--seed", "7", "--iterations", "3000"];
    assert_eq!(solved(&instance, &arguments)["tours"], solved(&instance, &arguments)["tours"]);
}

#[test]
fn the_time_limit_is_kept_and_an_answer_is_there_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let instance = file(folder.path(), &made_up(LARGE, 9));
    let begun = Instant::now();
    let answer = solved(&instance, &["--decimals", "2", "--tours", "4", "--time-limit", "0.05", "--seed", "1"]);
    assert!(answer["score"].as_u64().unwrap() > 0);
    assert!(answer["elapsed_ms"].as_u64().unwrap() <= 2_000 && begun.elapsed() < Duration::from_secs(20));
}

#[test]
fn bad_files_end_with_status_2_and_a_message() {
    let folder = tempfile::tempdir().unwrap();
    let good = made_up(TIGHT, 10);
    let file = |name: &str, text: &str| -> PathBuf {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let half = &good[..good.len() / 2];
    let arguments = ["--decimals", "1", "--tours", "1", "--time-limit", "1", "--seed", "1"];
    for path in [
        file("half.txt", half),
        file("text.txt", &good.replacen("50.00", "fifty", 1)),
        file("empty.txt", ""),
        folder.path().join("none.txt"),
    ] {
        let output = run(&path, &arguments);
        assert_eq!(output.status.code(), Some(2), "{}", path.display());
        assert!(output.stdout.is_empty() && !output.stderr.is_empty(), "{}", path.display());
    }
    let output = run(&file("good.txt", &good), &["--decimals", "1", "--tours", "1", "--time-limit", "-1", "--seed", "1"]);
    assert_eq!(output.status.code(), Some(2));
}

/// A day of the benchmark as a day of a trip: its ends as hours of a day on which nothing else is asked for.
fn as_a_trip(instance: &roteiro::toptw::Instance, tours: usize) -> planner::Problem {
    use roteiro::domain::category::{CategoryKey, CategoryTree};
    use roteiro::domain::geo::Position;
    use roteiro::domain::ids::RecordId;
    use roteiro::travel::{Confidence, Matrix};
    use roteiro::trips::plan::answer::Subject;
    use roteiro::trips::plan::candidates::{Candidates, Choice};
    use roteiro::trips::plan::hours::DaySpan;
    use roteiro::trips::plan::request::{Pace, PlanRequest};
    use roteiro::trips::plan::solve::pose;

    let mut request = PlanRequest { pace: Pace::Intense, ..crate::trips::in_process::request("cuiaba", 1) };
    request.days = vec![request.days[0].clone(); tours];
    let home = instance.places[0];
    let origin = chrono::DateTime::UNIX_EPOCH;
    let at = |tick: u32| origin + chrono::Duration::seconds(i64::from(tick));
    let day = DaySpan { date: origin.date_naive(), zone: chrono_tz::UTC, origin, begin: at(home.open), end: at(home.close) };
    let options = instance.places.iter().enumerate().skip(1).map(|(number, place)| Choice {
        subject: Subject::PointOfInterest(RecordId(uuid::Uuid::from_u128(number as u128))),
        position: Position::new(0.0, 0.0).unwrap(),
        category: CategoryKey(0),
        seconds: place.duration,
        rest: 0,
        score: place.score,
        cents: 0,
        must_see: false,
        is_lunch: false,
        windows: vec![vec![planner::Window { open: place.open, close: place.close }]; tours],
        assumed_hours: vec![false; tours],
        routes: 0,
        warnings: Vec::new(),
    });
    let candidates = Candidates { options: options.collect(), ..Candidates::default() };
    // Start and end of each tour, then the places.
    let points: Vec<usize> = std::iter::repeat_n(0, 2 * tours).chain(1..instance.places.len()).collect();
    let seconds = points.iter().flat_map(|from| points.iter().map(|to| instance.travel(*from, *to))).collect::<Vec<_>>();
    let matrix = Matrix { metres: vec![0; seconds.len()], seconds, confidence: Confidence::Estimated };
    pose(&request, &vec![day; tours], &candidates, &CategoryTree::default(), vec![matrix]).unwrap().problem
}

/// A trip with all extensions idle is posed and searched as the command does it, and is worth what the command says.
#[test]
fn trips_are_searched_as_the_command_searches() {
    use roteiro::toptw::{Decimals, Instance};
    use roteiro::trips::plan::solve::{iterations, search};

    let folder = tempfile::tempdir().unwrap();
    for (shape, tours) in [(TIGHT, 2), (LOOSE, 1), (TIGHT, 3)] {
        let text = made_up(shape, 20 + tours as u64);
        let instance = file(folder.path(), &text);
        let posed = as_a_trip(&Instance::read(&text, Decimals::One).unwrap(), tours);
        for seed in [1, 7] {
            let (outcome, cut_short) = search(&posed, seed, &|| true);
            assert!(!cut_short);
            let (tours, seed, count) = (tours.to_string(), seed.to_string(), iterations(&posed).to_string());
            let arguments = ["--decimals", "1", "--tours", &tours, "--time-limit", "100", "--seed", &seed, "--iterations", &count];
            let answer = solved(&instance, &arguments);
            assert_eq!(answer["score"].as_u64(), Some(outcome.plan.objective.score), "{shape:?}, {tours} tours, seed {seed}");
            let visits = outcome.plan.order().into_iter().map(|tour| tour.into_iter().map(|visit| visit + 1).collect::<Vec<_>>());
            assert_eq!(answer["tours"], serde_json::json!(visits.collect::<Vec<_>>()));
            assert_eq!(answer["iterations"].as_u64(), Some(outcome.iterations));
        }
    }
}

/// A search nobody wants any more ends before its first iteration, and still has a plan.
#[test]
fn an_unwanted_search_ends_at_once() {
    use roteiro::toptw::{Decimals, Instance};

    let posed = as_a_trip(&Instance::read(&made_up(TIGHT, 11), Decimals::One).unwrap(), 2);
    let (outcome, cut_short) = roteiro::trips::plan::solve::search(&posed, 1, &|| false);
    assert!(cut_short);
    assert_eq!(outcome.iterations, 0);
    assert!(outcome.plan.objective.score > 0);
}

/// One JSON object with these four members and a line's end, and nothing else.
#[test]
fn nothing_but_the_answer_is_printed() {
    let arguments = ["--decimals", "1", "--tours", "1", "--time-limit", "30", "--seed", "1", "--iterations", "50"];
    let folder = tempfile::tempdir().unwrap();
    let output = run(&file(folder.path(), &made_up(TIGHT, 12)), &arguments);
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(text.lines().count(), 1, "{text}");
    let answer: serde_json::Map<String, Value> = serde_json::from_str(&text).unwrap();
    assert_eq!(answer.keys().collect::<Vec<_>>(), ["elapsed_ms", "iterations", "score", "tours"]);
    assert!(output.stderr.is_empty());
}

/// A name or a number of the file decides nothing: the same places in another order are worth the same.
#[test]
fn places_may_stand_in_any_order() {
    let text = made_up(Shape { places: 11, clustered: false, window: 300 }, 13);
    let lines: Vec<&str> = text.lines().collect();
    let others = lines[3..].iter().rev().enumerate().map(|(number, line)| {
        let rest = line.split_whitespace().skip(1).collect::<Vec<_>>().join(" ");
        format!("{} {rest}", number + 1)
    });
    let relabelled = [lines[..3].join("\n"), others.collect::<Vec<_>>().join("\n")].join("\n");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("anything.txt");
    std::fs::write(&path, relabelled).unwrap();
    let arguments = ["--decimals", "1", "--tours", "1", "--time-limit", "100", "--seed", "1", "--iterations", "20000"];
    assert_eq!(solved(&path, &arguments)["score"], solved(&file(folder.path(), &text), &arguments)["score"]);
}

/// An instance as large as the benchmark's takes less than 100 MB, as the system counts them.
#[test]
fn memory_is_bounded() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["--decimals", "2", "--tours", "4", "--time-limit", "60", "--seed", "1", "--iterations", "3000"];
    let kibibytes = peak_memory(&file(folder.path(), &made_up(LARGE, 14)), &arguments);
    assert!(kibibytes > 1_000 && kibibytes * 1_024 < 100_000_000, "{kibibytes} KiB");
}
